//! How it ends: the command's own status and signal, and lazycred's where there is no
//! command. And which file is the command.

use std::fs;
use std::os::unix::fs::symlink;

use nix::sys::signal::Signal;

use super::{Point, Scene, show};

pub const POINTS: [Point; 24] = [
    ("the process's number", |scene| {
        let running = scene.exec(["sh", "-c", "echo $$"]).any_stdout().spawn();
        let pid = running.pid();
        assert_eq!(running.wait().text().trim(), pid.to_string());
        Ok(())
    }),
    ("every status", |scene| {
        for status in [0, 1, 2, 3, 7, 64, 124, 128, 200, 255] {
            ends(scene, status);
        }
        Ok(())
    }),
    ("a status that lazycred has too", |scene| {
        for status in [125, 126, 127] {
            ends(scene, status);
        }
        Ok(())
    }),
    ("SIGTERM", |scene| ends_by(scene, Signal::SIGTERM)),
    ("SIGKILL", |scene| ends_by(scene, Signal::SIGKILL)),
    ("SIGINT", |scene| ends_by(scene, Signal::SIGINT)),
    ("SIGHUP", |scene| ends_by(scene, Signal::SIGHUP)),
    ("SIGPIPE", |scene| ends_by(scene, Signal::SIGPIPE)),
    ("SIGSEGV and SIGABRT", |scene| {
        ends_by(scene, Signal::SIGSEGV)?;
        ends_by(scene, Signal::SIGABRT)
    }),
    ("a signal from outside, and a stop", |scene| {
        let mut running = scene
            .exec(["sh", "-c", "echo up; sleep 60 & wait"])
            .any_stdout()
            .spawn();
        running.wait_for_stdout("up\n");
        let state = |pid: u32| fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        running.send(Signal::SIGSTOP);
        while !state(running.pid()).contains(") T ") {
            std::thread::yield_now();
        }
        running.send(Signal::SIGCONT);
        running.send(Signal::SIGUSR1);
        running.ended_by(Signal::SIGUSR1);
        Ok(())
    }),
    ("126: what may not be run", |scene| {
        scene.sandbox.write("data", "text");
        refuses(
            scene,
            &["./data"],
            126,
            "cannot run `./data`: permission denied",
        );
        refuses(scene, &["/etc"], 126, "cannot run `/etc`: it is a folder");
        refuses(
            scene,
            &["./data/x"],
            126,
            "cannot run `./data/x`: not a directory",
        );
        Ok(())
    }),
    ("126: what is no program", |scene| {
        scene.sandbox.program("script", "echo > ran\n");
        let said = "cannot run `./script`: it is neither a program nor a script with a `#!` line";
        refuses(scene, &["./script"], 126, said);
        Ok(())
    }),
    ("126: a script whose interpreter is not there", |scene| {
        scene.sandbox.program("script", "#!/no/such/interpreter\n");
        refuses(
            scene,
            &["./script"],
            126,
            "cannot run `./script`: its interpreter does not exist",
        );
        Ok(())
    }),
    ("127: what is not there", |scene| {
        refuses(scene, &["./nope"], 127, "cannot run `./nope`: no such file");
        refuses(
            scene,
            &["no-such-command"],
            127,
            "cannot run `no-such-command`: not found on PATH",
        );
        refuses(scene, &[""], 127, "cannot run ``: not found on PATH");
        Ok(())
    }),
    ("125: what was refused or is not there", |scene| {
        scene.sandbox.put(
            "bad",
            r#"{"ld_preload": "/x", "bash_env": "/x", "path": "/x"}"#,
        );
        for secret in ["bad", "nope"] {
            scene.run(["exec", secret, "--", "touch", "ran"]).fails(125);
            assert!(scene.sandbox.read("ran").is_none());
        }
        Ok(())
    }),
    ("E2BIG: variables, each of which fits", |scene| {
        let names = (10..60).map(|at| format!("v{at}"));
        let fields = names.map(|name| (name, "x".repeat(100_000).into()));
        let fields: serde_json::Map<String, serde_json::Value> = fields.collect();
        scene
            .sandbox
            .put("many", serde_json::Value::from(fields).to_string());
        let refused = scene.run("exec many -- touch ran").fails(125);
        let said = refused.stderr.contains("more than the") && refused.stderr.contains("largest: ");
        assert!(said, "{refused}");
        assert!(scene.sandbox.read("ran").is_none());
        Ok(())
    }),
    ("E2BIG: a variable", |scene| {
        scene.sandbox.put("big", "x".repeat(131_072 - "BIG=".len()));
        let refused = scene.run("exec big -- touch ran").fails(125);
        assert!(refused.stderr.contains("too large: `BIG`"), "{refused}");
        assert!(scene.sandbox.read("ran").is_none());
        Ok(())
    }),
    ("E2BIG: all of them together", |scene| {
        let long = "x".repeat(100_000);
        // With a stack of 4 MiB they have one; lazycred itself has fewer than its command.
        let script = "ulimit -s 4096; exec \"$LC\" exec big s -- touch ran \"$@\"";
        let words = ["-c", script, "sh"].into_iter().chain([long.as_str(); 9]);
        scene.sandbox.put("big", "x".repeat(130_000));
        let run = scene
            .sandbox
            .run(words.collect::<Vec<_>>())
            .program("/bin/sh");
        let refused = run
            .env("LC", &scene.program)
            .env("OWN", "x".repeat(50_000))
            .fails(125);
        assert!(refused.stderr.contains("more than the"), "{refused}");
        assert!(scene.sandbox.read("ran").is_none());
        Ok(())
    }),
    (
        "PATH: relative entries, `.` and empty ones do not count",
        |scene| {
            scene.sandbox.program("bin/tool", "#!/bin/sh\necho evil\n");
            scene.sandbox.program("tool", "#!/bin/sh\necho evil\n");
            for path in [
                "bin",
                ".",
                "",
                ":/usr/bin",
                "/usr/bin:",
                "./bin:/bin",
                "bin:.:/usr/bin",
            ] {
                let run = scene.exec(["tool"]).env("PATH", path);
                run.stderr_has("not found on PATH").status(127);
            }
            Ok(())
        },
    ),
    ("PATH: in its order, and only what may be run", |scene| {
        let folder = |name: &str| scene.sandbox.home().join(name).display().to_string();
        scene.sandbox.write("none/tool", "");
        fs::create_dir_all(scene.sandbox.home().join("folder/tool")).unwrap();
        scene
            .sandbox
            .program("first/tool", "#!/bin/sh\necho first\n");
        scene
            .sandbox
            .program("second/tool", "#!/bin/sh\necho second\n");
        let path = ["none", "folder", "first", "second"].map(folder).join(":");
        let shown = scene.exec(["tool"]).env("PATH", path);
        shown.stdout("first\n").ok();
        let run = scene.exec(["tool"]).env("PATH", folder("none"));
        run.stderr_has("permission denied").status(126);
        Ok(())
    }),
    ("PATH: the usual folders where there is none", |scene| {
        scene
            .exec(["/bin/echo", "here"])
            .unset("PATH")
            .stdout("here\n")
            .ok();
        scene.exec(["true"]).unset("PATH").ok();
        Ok(())
    }),
    ("PATH: a secret does not choose the program", |scene| {
        scene.sandbox.program("evil/id", "#!/bin/sh\necho evil\n");
        let folder = scene.sandbox.home().join("evil").display().to_string();
        scene.sandbox.put("path", folder);
        let shown = scene.run("exec PATH=path -- id -u").gives();
        assert_ne!(shown.text(), "evil\n");
        Ok(())
    }),
    (
        "a path with a `/`, and a link, are taken as they are",
        |scene| {
            scene
                .sandbox
                .program("sub/tool", "#!/bin/sh\necho \"$0\"\n");
            symlink("sub/tool", scene.sandbox.home().join("link")).unwrap();
            scene
                .exec(["sub/tool"])
                .env("PATH", "/nowhere")
                .stdout("sub/tool\n")
                .ok();
            scene
                .exec(["./link"])
                .env("PATH", "/nowhere")
                .stdout("./link\n")
                .ok();
            Ok(())
        },
    ),
    ("no shell is between", |scene| {
        scene
            .exec(["echo", "$HOME", "`id`", ";", "touch", "ran"])
            .stdout("$HOME `id` ; touch ran\n")
            .ok();
        assert!(scene.sandbox.read("ran").is_none());
        Ok(())
    }),
];

#[track_caller]
fn ends(scene: &Scene, status: i32) {
    scene
        .exec(["sh", "-c", &format!("exit {status}")])
        .status(status);
}

#[track_caller]
#[allow(clippy::unnecessary_wraps, reason = "a point may lack something")]
fn ends_by(scene: &Scene, signal: Signal) -> Result<(), String> {
    let name = signal.as_str().trim_start_matches("SIG");
    let script = format!("ulimit -c 0; kill -{name} $$");
    scene.exec(["sh", "-c", &script]).ended_by(signal);
    Ok(())
}

#[track_caller]
fn refuses(scene: &Scene, command: &[&str], status: i32, said: &str) {
    let said = format!("lazycred: error: {said}\n");
    scene.exec(command).stderr(said).status(status);
    assert!(scene.sandbox.read("ran").is_none());
}

#[test]
fn it_ends_as_the_command_ends_and_runs_the_file_that_was_meant() {
    show(&POINTS);
}
