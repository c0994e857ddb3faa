//! What is left of secrets in the program's memory when it is over.
//!
//! A program that has ended gives its memory back, and one that becomes another
//! leaves it; but whoever holds it just before (a debugger, a core file, a
//! snapshot of the machine) sees what nobody wiped. Of what is passed on, the
//! command's environment is there by nature, once; what was written to a file
//! or to standard output is the system's.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::thread;

use crate::support::memory::scene::{
    DEEP, ESCAPED, FIRST, NEW, NUMBER, OTHER, SECOND, Scene, USER, Where,
};
use crate::support::memory::scene::{another_key, document, dotenv, large};

use crate::support::harness::record;
use crate::support::memory::probe::Held;
use crate::support::pty::pty;
use crate::support::{FakeAws, PROGRAM, Sandbox, full, place, programs, store, temporary};

/// Both stores, both versions of a record, a small and a large secret.
fn everywhere(run: impl Fn(&mut Scene)) {
    for (at, version, secret) in [
        (Where::Folder, 1, document()),
        (Where::Bucket, 2, document()),
        (Where::Folder, 2, large()),
        (Where::Bucket, 1, large()),
    ] {
        if let Some(mut scene) = Scene::new(at, version, secret) {
            run(&mut scene);
            scene.end();
        }
    }
}

/// The same with a small secret alone.
fn in_both(run: impl Fn(&mut Scene)) {
    for (at, version) in [(Where::Folder, 2), (Where::Bucket, 1)] {
        if let Some(mut scene) = Scene::new(at, version, document()) {
            run(&mut scene);
            scene.end();
        }
    }
}

#[test]
fn reading_a_secret_leaves_nothing_of_it() {
    everywhere(|scene| {
        scene.nothing_left("get s");
        scene.nothing_left("get s --output file");
    });
    in_both(|scene| {
        for field in ["user", "text", "n", "list", "deep", "/list/1"] {
            scene.nothing_left(&format!("get s --field {field}"));
        }
        scene.nothing_left("get s -vv");
    });
}

#[test]
fn rendering_a_template_leaves_nothing_of_its_values() {
    let template = "{{s}}\n{{s|json}}{{s|uri}}{{s#user}}{{s#text|json}}{{s#list}}{{s#deep|uri}}";
    everywhere(|scene| {
        for words in ["render t", "render t --output file"] {
            scene.nothing_left_by(words, 0, |run| run.file("t", template));
        }
    });
    in_both(|scene| {
        let words = "exec --template A=t -- true";
        let run = scene.run(words).file("t", template);
        scene.try_it(words, run, Held::AtCommand, 0, &[]);
        let failing = format!("{template}{{{{s#nope}}}}");
        scene.nothing_left_by("render t", 3, |run| run.file("t", &failing));
    });
}

#[test]
fn storing_a_secret_leaves_nothing_of_it() {
    everywhere(|scene| {
        let secret = if scene.is_large() {
            large()
        } else {
            document()
        };
        scene.nothing_left_by("put new file", 0, |run| run.file("file", &secret));
        scene.nothing_left_by("put s", 0, |run| run.stdin(&secret));
    });
}

#[test]
fn changing_a_field_leaves_nothing_of_it_nor_of_the_others() {
    everywhere(|scene| {
        scene.nothing_left_by("set s user", 0, |run| run.stdin(NEW));
    });
    in_both(|scene| {
        let array = format!("[\"{NEW}\", {{\"a\": \"\\u0041{NEW}\"}}]");
        scene.nothing_left_by("set s list --json", 0, |run| run.stdin(&array));
        scene.nothing_left_by("set s /deep/new file", 0, |run| run.file("file", NEW));
        scene.nothing_left("unset s user");
        scene.nothing_left("unset s /list/0");
    });
}

#[test]
fn editing_a_secret_leaves_nothing_of_it() {
    let Some(memory) = temporary::in_memory_or_skip() else {
        return;
    };
    in_both(|scene| {
        for editor in ["true", "sh change"] {
            scene.nothing_left_by("edit s", 0, |run| {
                let script = format!("sed -i s/{OTHER}/{NEW}/ \"$1\"");
                let run = run.file("change", script).env("EDITOR", editor);
                run.env("XDG_RUNTIME_DIR", memory.path())
            });
        }
    });
}

#[test]
fn comparing_secrets_leaves_nothing_of_either() {
    in_both(|scene| {
        let other = document()
            .replace(OTHER, NEW)
            .replace("\"n\": 7", "\"n\": 8");
        for words in ["diff s t", "diff s t --show", "diff s t --exit-code"] {
            let status = if words.ends_with("code") { 7 } else { 0 };
            scene.nothing_left_by(words, status, |run| run.secret("t", &other));
        }
    });
}

#[test]
fn exporting_a_secret_leaves_nothing_of_it() {
    in_both(|scene| {
        for format in ["shell", "json", "yaml", "github", "k8s"] {
            scene.nothing_left_by(&format!("export s --format {format}"), 0, |run| {
                run.file("env", "")
                    .env("GITHUB_ACTIONS", "true")
                    .env("GITHUB_ENV", "env")
            });
        }
        for format in ["dotenv", "docker", "systemd"] {
            scene.nothing_left(&format!("export s --format {format} --except TEXT"));
        }
    });
    everywhere(|scene| scene.nothing_left("export s --format json --arrays index"));
}

#[test]
fn a_command_is_given_its_variables_once_and_nothing_else() {
    everywhere(|scene| {
        scene.passed_on("exec A=s#user --file B=s#list -- true", &[USER]);
        scene.passed_on(
            "exec s --only DEEP_* --only LIST -- true",
            &[DEEP, FIRST, SECOND],
        );
        scene.passed_on(
            "exec s --except lon? --case keep --arrays index -- true",
            &[
                USER, ESCAPED[0], ESCAPED[1], NUMBER, FIRST, SECOND, DEEP, OTHER,
            ],
        );
    });
    in_both(|scene| {
        let words = "exec s#/deep t#/list -- true";
        let run = scene.run(words).secret("t", document());
        scene.try_it(words, run, Held::AtCommand, 0, &[DEEP, FIRST, SECOND]);
        scene.passed_on("exec --file B=s -- true", &[]);
        scene.passed_on("exec --set A=1{{s#user|json}}2 -- true", &[USER]);
        scene.nothing_left("exec --set A={{s#user|uri}}{{s}} --dry-run");
        scene.nothing_left("exec s --dry-run");
        scene.nothing_left("exec s --dry-run --json");
        scene.nothing_left_by("exec s -- ./no-script", 127, |run| run);
        let lines = format!("A={NEW}\nB=\"{OTHER}\\n\"\nC=lazycred:s#user\n");
        let words = "exec --env-file f.env --require-file f.env -- true";
        let run = scene.run(words).file("f.env", &lines);
        scene.try_it(words, run, Held::AtCommand, 0, &[USER, NEW, OTHER]);
        let words = "exec s --dry-run --env-file f.env --require D";
        scene.nothing_left_by(words, 125, |run| run.file("f.env", &lines));
    });
}

#[test]
fn importing_secrets_leaves_nothing_of_them() {
    let yaml = format!(
        "a: {USER}\nb: \"{}\\n{}\"\nc: [{FIRST}, \"{NUMBER}\"]\n",
        ESCAPED[0], ESCAPED[1]
    );
    in_both(|scene| {
        for (file, text) in [
            ("f.json", document()),
            ("f.env", dotenv()),
            ("f.yaml", yaml.clone()),
        ] {
            scene.nothing_left_by(&format!("import {file}"), 0, |run| run.file(file, &text));
            let words = format!("import {file} --as s --replace");
            scene.nothing_left_by(&words, 0, |run| run.file(file, &text));
        }
    });
}

#[test]
fn moving_and_wrapping_records_leaves_no_data_key() {
    in_both(|scene| {
        for words in [
            "cp s t",
            "mv s t",
            "upgrade --yes",
            "rekey --dry-run",
            "doctor --write",
        ] {
            scene.nothing_left(words);
        }
    });
    if let Some(mut scene) = Scene::new(Where::Folder, 1, document()) {
        let sandbox = Sandbox::apart();
        sandbox.write(sandbox.local_wrapping_key_file("b"), another_key());
        let words = "rekey --to local:b";
        let run = scene.run(words).sandbox(&sandbox);
        scene.try_it(words, run, Held::AtEnd, 0, &[]);
        scene.end();
    }
    if let Some(mut scene) = Scene::new(Where::Bucket, 2, document()) {
        let aws = FakeAws::start();
        let version = store(&aws, &place("old"), document(), 2);
        store(&aws, &place("old"), document(), 2);
        let words = format!("rollback old --to {version}");
        let run = scene.run(&words).aws(&aws);
        scene.try_it(&words, run, Held::AtEnd, 0, &[]);
        scene.end();
    }
}

#[test]
fn a_command_that_fails_leaves_nothing_either() {
    in_both(|scene| {
        let broken = document().replacen("}\n", "", 1);
        for (words, status) in [
            ("get s --field nothing", 3),
            ("get s --field /user/x", 5),
            ("exec A=s#nothing -- true", 125),
            ("set s /user/x", 5),
            ("set s list --json", 5),
            ("put s --if-version 1", 6),
            ("get s --max-size 10", 4),
        ] {
            scene.nothing_left_by(words, status, |run| run.stdin(&broken));
        }
        scene.nothing_left_by("exec t -- true", 125, |run| run.secret("t", &broken));
        scene.nothing_left_by("import f.json", 2, |run| run.file("f.json", &broken));
    });
}

#[test]
fn a_command_that_does_not_start_leaves_nothing_though_all_was_fetched() {
    everywhere(|scene| {
        let sandbox = Sandbox::apart();
        sandbox.program("script", "no program, and no shell is tried\n");
        sandbox.program("lost", "#!/no/such/interpreter\n");
        for command in ["./script", "./lost"] {
            let words = format!("exec s --except LON? -- {command}");
            let run = scene.run(&words).sandbox(&sandbox);
            scene.try_it(&words, run, Held::AtEnd, 126, &[]);
        }
    });
}

#[test]
fn nothing_is_left_of_what_came_over_tls() {
    for version in [1, 2] {
        let Some(mut scene) = Scene::new(Where::Bucket, version, document()) else {
            return;
        };
        let aws = FakeAws::start();
        let (url, authority) = crate::support::tls::in_front_of(&aws);
        let sandbox = Sandbox::apart();
        let bundle = sandbox.write("authority.pem", authority);
        let run = |scene: &Scene, words: &str| {
            let run = scene.run(words).aws(&aws).sandbox(&sandbox);
            run.env("AWS_ENDPOINT_URL", &url)
                .env("AWS_CA_BUNDLE", &bundle)
        };
        for words in ["get s", "put t file", "cp s u"] {
            let run = run(&scene, words).file("file", document());
            scene.try_it(words, run, Held::AtEnd, 0, &[]);
        }
        let words = "exec A=s#user -- true";
        let run = run(&scene, words);
        scene.try_it(words, run, Held::AtCommand, 0, &[USER]);
        scene.end();
    }
}

#[test]
fn nothing_is_left_of_what_is_typed_at_a_prompt() {
    if !Path::new("/usr/bin/setsid").exists() {
        return full::or_skip("setsid", "it is not at /usr/bin");
    }
    in_both(|scene| {
        for words in ["set s user", "put new"] {
            let pty = pty();
            let mut terminal = pty.master;
            terminal.write_all(format!("{NEW}\n").as_bytes()).unwrap();
            // What is shown is read, so that nothing waits for it.
            let reading = thread::spawn(move || terminal.read_to_end(&mut Vec::new()));
            // The prompt is for who has the terminal for a session of its own.
            let all: Vec<&str> = ["--ctty", PROGRAM]
                .into_iter()
                .chain(words.split(' '))
                .collect();
            let run = scene.run_of(all).program("/usr/bin/setsid");
            scene.try_it(words, run.terminal(pty.slave), Held::AtEnd, 0, &[]);
            // It ends with an error once nobody has the other end.
            reading.join().unwrap().ok();
        }
    });
}

#[test]
fn nothing_is_left_of_a_record_that_is_at_hand() {
    let Some(mut scene) = Scene::new(Where::Bucket, 2, document()) else {
        return;
    };
    let (aws, sandbox) = (FakeAws::start(), Sandbox::apart());
    sandbox.write(".lazycred", "{\"cache\": true}");
    store(&aws, &place("kept"), document(), 2);
    for words in ["get kept", "get kept", "get kept --field list"] {
        let run = scene.run(words).aws(&aws).sandbox(&sandbox);
        scene.try_it(words, run, Held::AtEnd, 0, &[]);
    }
    scene.end();
}

#[test]
fn nothing_is_left_of_a_data_key_that_opens_nothing() {
    let Some(mut scene) = Scene::new(Where::Folder, 1, document()) else {
        return;
    };
    let file = record::local_wrapping_key();
    let wrong = another_key();
    let sealed = record::version_1(document().as_bytes(), |_, context| {
        record::wrap_locally("dev", &file, wrong.as_bytes(), context)
    });
    for (words, status) in [("get t", 4), ("exec t -- true", 125), ("set t user", 4)] {
        scene.nothing_left_by(words, status, |run| {
            run.record("secrets/t", &sealed).stdin(NEW)
        });
    }
    scene.end();
}

#[test]
fn an_optimised_program_leaves_nothing_either_however_deep_its_stack_was() {
    for program in programs::others() {
        for (at, version) in [(Where::Folder, 2), (Where::Bucket, 1)] {
            let Some(scene) = Scene::new(at, version, document()) else {
                return;
            };
            let mut scene = scene.of(program.clone());
            for words in [
                "get s",
                "get s --field text",
                "get s --output file",
                "export s --format json",
                "render t",
                "cp s u",
                "mv s u",
                "unset s user",
                "upgrade --yes",
                "rekey --dry-run",
                "doctor --write",
                "exec s --dry-run",
            ] {
                scene.nothing_left_by(words, 0, |run| run.file("t", "{{s}}{{s#text|json}}"));
            }
            scene.nothing_left_by("set s user", 0, |run| run.stdin(NEW));
            scene.nothing_left_by("exec s -- ./no-script", 127, |run| run);
            scene.passed_on("exec A=s#user -- true", &[USER]);
            scene.all_used_stack_is_wiped();
            // These wipe from within deeper calls too, and so further down.
            for words in ["put new f.json", "import f.json"] {
                scene.nothing_left_by(words, 0, |run| run.file("f.json", document()));
            }
            scene.end();
        }
    }
}
