//! Arguments, variables and streams: bytes stay what they are.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use super::{Point, Scene, show};
use crate::support::full;
use crate::support::pty::pty;

/// Bytes that are no text in any encoding.
const RAW: &[u8] = b"\xff\xfe\x01 '\"\n\xc3";

pub const POINTS: [Point; 22] = [
    ("arguments that are no UTF-8", |scene| {
        shows_words(scene, &[OsStr::from_bytes(RAW)])
    }),
    ("empty arguments", |scene| {
        shows_words(scene, &["", "a", "", ""].map(OsStr::new))
    }),
    ("blanks, newlines and quotes", |scene| {
        shows_words(
            scene,
            &["a b", "\n", "'", "\"$HOME\"", "*", "\\"].map(OsStr::new),
        )
    }),
    ("options that lazycred has too", |scene| {
        let words = "--help -v -- exec --only X --version -h --timeout 1";
        shows_words(scene, &words.split(' ').map(OsStr::new).collect::<Vec<_>>())
    }),
    ("five thousand arguments", |scene| {
        let words: Vec<OsString> = (0..5000).map(|at| format!("w{at}").into()).collect();
        shows_words(
            scene,
            &words.iter().map(OsString::as_os_str).collect::<Vec<_>>(),
        )
    }),
    ("the longest argument that there is", |scene| {
        shows_words(scene, &[OsStr::new(&"x".repeat(131_071))])
    }),
    ("the command's own name for itself", |scene| {
        let own = scene.exec("cat /proc/self/cmdline").gives().stdout;
        assert_eq!(own, b"cat\0/proc/self/cmdline\0");
        let own = scene.exec("/bin/cat /proc/self/cmdline").gives().stdout;
        assert_eq!(own, b"/bin/cat\0/proc/self/cmdline\0");
        Ok(())
    }),
    ("values that are no UTF-8", |scene| {
        let seen = scene
            .exec("printenv RAW")
            .env("RAW", OsStr::from_bytes(RAW));
        assert_eq!(seen.gives().stdout, [RAW, b"\n"].concat());
        Ok(())
    }),
    ("names that no shell has", |scene| {
        let names = ["a b", "x-y", "1X", "a\nb", "%", "é"];
        let run = scene.exec("env -0");
        let run = names.iter().fold(run, |run, name| run.env(*name, "v"));
        let run = run.env(OsStr::from_bytes(b"\xff"), "v");
        let seen = run.gives().variables();
        let others = names
            .iter()
            .map(|name| name.as_bytes())
            .chain([&b"\xff"[..]]);
        for name in others {
            assert!(
                seen[OsStr::from_bytes(name)] == "v",
                "{}",
                name.escape_ascii()
            );
        }
        Ok(())
    }),
    ("empty values, and newlines in others", |scene| {
        let seen = scene
            .exec("env -0")
            .env("EMPTY", "")
            .env("LINES", "a\n\nb\n");
        let seen = seen.gives().variables();
        assert_eq!(seen[OsStr::new("EMPTY")], "");
        assert_eq!(seen[OsStr::new("LINES")], "a\n\nb\n");
        Ok(())
    }),
    ("nothing but the secret is added", |scene| {
        let bare = scene
            .sandbox
            .run("-0")
            .program("/usr/bin/env")
            .gives()
            .variables();
        let mut through = scene.exec("env -0").gives().variables();
        assert_eq!(through.remove(OsStr::new("S")), Some("x".into()));
        assert_eq!(through, bare);
        Ok(())
    }),
    ("the largest variable that there is", |scene| {
        let value = "x".repeat(131_071 - "BIG=".len());
        let seen = scene.exec("env -0").env("BIG", &value).gives().variables();
        assert!(seen[OsStr::new("BIG")] == *value);
        scene.sandbox.put("big", &value);
        let seen = scene.run("exec big -- env -0").gives().variables();
        assert!(seen[OsStr::new("BIG")] == *value);
        Ok(())
    }),
    (
        "a name that the caller has twice, and what is no variable",
        |scene| {
            let python = full::find("python3").ok_or("python3 is not installed")?;
            let script = "import ctypes, os\n\
            words = [os.environb[b'LC'], b'exec', b's', b'--', b'/usr/bin/env', b'-0']\n\
            given = [b'A=1', b'no-equals', b'A=2'] + [k + b'=' + v for k, v in os.environb.items()]\n\
            array = lambda all: (ctypes.c_char_p * (len(all) + 1))(*all, None)\n\
            ctypes.CDLL(None).execve(words[0], array(words), array(given))\n";
            scene.sandbox.write("twice.py", script);
            let run = scene.sandbox.run("twice.py").program(python);
            // It fails by itself if a name stands twice.
            let seen = run.env("LC", &scene.program).gives().variables();
            assert!(["1", "2"].iter().any(|one| seen[OsStr::new("A")] == *one));
            assert!(!seen.keys().any(|name| name == "no-equals"));
            Ok(())
        },
    ),
    ("a name that the caller has, and a secret", |scene| {
        let shown = scene.exec("printenv S").env("S", "the caller's").gives();
        assert_eq!(shown.text(), "x\n");
        let args = "exec s --no-override -- printenv S";
        let shown = scene.run(args).env("S", "the caller's").gives();
        assert_eq!(shown.text(), "the caller's\n");
        Ok(())
    }),
    ("a name that two secrets have", |scene| {
        scene.sandbox.put("a/v", "first");
        scene.sandbox.put("b/v", "second");
        let outcome = scene
            .run("exec a/v b/v -- env -0")
            .any_stdout()
            .any_stderr()
            .ok();
        assert_eq!(outcome.variables()[OsStr::new("V")], "second");
        Ok(())
    }),
    ("a name that one secret has twice", |scene| {
        scene.sandbox.put("d", r#"{"a-b": "1", "a.b": "2"}"#);
        let refused = scene.run("exec d -- touch ran").fails(125);
        assert!(refused.stderr.contains("`A_B`"), "{refused}");
        assert!(scene.sandbox.read("ran").is_none());
        Ok(())
    }),
    ("a NUL in a value", |scene| {
        for secret in [&b"a\0b"[..], br#"{"a": "x\u0000y"}"#] {
            scene.sandbox.put("nul", secret);
            let refused = scene.run("exec nul -- touch ran").fails(125);
            assert!(refused.stderr.contains("NUL"), "{refused}");
            assert!(scene.sandbox.read("ran").is_none());
        }
        Ok(())
    }),
    ("standard input at its offset", |scene| {
        scene.sandbox.write("input", "abcdef");
        let script = "(head -c 3 >/dev/null; exec \"$LC\" exec s -- cat) < input";
        scene.shell(script).stdout("def").ok();
        Ok(())
    }),
    ("standard input that is a pipe", |scene| {
        let script = "(printf abc; sleep 0.1; printf def) | (head -c 2 >/dev/null; exec \"$LC\" exec s -- cat)";
        let outcome = scene.shell(script).gives();
        assert!(outcome.text().ends_with("def"), "{outcome}");
        Ok(())
    }),
    ("a descriptor's contents", |scene| {
        scene.sandbox.write("seven", "0123456789");
        let script = "exec 7< seven; dd bs=1 count=4 <&7 >/dev/null 2>&1; exec \"$LC\" exec s -- sh -c 'cat <&7'";
        scene.shell(script).stdout("456789").ok();
        Ok(())
    }),
    (
        "a lock that a descriptor holds, for as long as the command runs",
        |scene| {
            // The shell that took it becomes the command, so nobody else holds it.
            let script = "sh -c 'exec 9>lock; flock 9; exec \"$LC\" exec s -- sleep 60' & command=$!\n\
            until [ \"$(cat /proc/$command/comm)\" = sleep ]; do sleep 0.01; done\n\
            flock -n lock true || echo held; kill $command; wait $command; flock -n lock echo free";
            scene.shell(script).stdout("held\nfree\n").any_stderr().ok();
            Ok(())
        },
    ),
    (
        "the terminal, its settings, and who is in front of it",
        |scene| at_terminal(scene),
    ),
];

#[track_caller]
#[allow(clippy::unnecessary_wraps, reason = "a point may lack something")]
fn shows_words(scene: &Scene, words: &[&OsStr]) -> Result<(), String> {
    let all: Vec<&OsStr> = ["printf", "%s|"]
        .map(OsStr::new)
        .into_iter()
        .chain(words.iter().copied())
        .collect();
    let expected: Vec<u8> = words
        .iter()
        .flat_map(|word| [word.as_bytes(), b"|"].concat())
        .collect();
    let shown = scene.exec(all).gives();
    assert!(shown.stdout == expected, "{} bytes", shown.stdout.len());
    Ok(())
}

fn at_terminal(scene: &Scene) -> Result<(), String> {
    full::find("setsid").ok_or("setsid is not installed")?;
    let tell = "tty; stty -g; [ $(cut -d' ' -f8 /proc/$$/stat) = $(cut -d' ' -f5 /proc/$$/stat) ] && echo in front\n\
        cut -d' ' -f7 /proc/$$/stat; : < /dev/tty && echo opened\n";
    scene.sandbox.write("tell", tell);
    // Whoever leads the session is in front: both are started in its place.
    let mut told = BTreeMap::new();
    for (file, words) in [
        ("bare", "sh tell"),
        ("through", "\"$LC\" exec s -- sh tell"),
    ] {
        let pty = pty();
        let mut typed = &pty.master;
        typed
            .write_all(b"nothing that is read\n")
            .map_err(|error| error.to_string())?;
        let script = format!("stty -echo; exec {words} > {file}");
        let run = scene.shell(script).in_own_session().terminal(pty.slave);
        let running = run.spawn();
        let outcome = running.wait();
        assert_eq!(outcome.status, 0, "{outcome}");
        let text = String::from_utf8(scene.sandbox.read(file).unwrap()).unwrap();
        // Two terminals have two names and numbers.
        let lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert!(lines[0].starts_with("/dev/pts/"), "{text}");
        assert_eq!(lines.len(), 5, "{text}");
        assert_eq!((&*lines[2], &*lines[4]), ("in front", "opened"), "{text}");
        assert_ne!(lines[3], "0", "it has a controlling terminal");
        told.insert(file, lines[1].clone());
    }
    assert_eq!(told["through"], told["bare"], "the terminal's settings");
    Ok(())
}

#[test]
fn arguments_variables_and_streams_reach_the_command_as_they_are() {
    show(&POINTS);
}
