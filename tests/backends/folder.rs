//! A store in a folder, and a wrapping key in a file: whose they are, how long
//! anybody waits for them, and what they can hold.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, Instant};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::Value;

use crate::support::harness::Sandbox;

/// Long enough for a loaded machine, and shorter than any wait that is meant.
const AT_ONCE: Duration = Duration::from_secs(6);

#[test]
fn a_lock_that_somebody_holds_is_waited_for_as_long_as_the_timeout_says() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let lock = sandbox.home().join("secrets/.lazycred/lock");
    let held = File::open(&lock).unwrap();
    held.lock().unwrap();
    for command in [
        "put a",
        "rm a",
        "set a f",
        "cp a b",
        "mv a b",
        "rekey --all",
    ] {
        let begun = Instant::now();
        let run = sandbox.run(&format!("--timeout 0.5 {command}"));
        let run = run.stdin(r#"{"f": 1}"#).any_stdout();
        let outcome = run.any_stderr().outcome();
        let shape = command.starts_with("set");
        assert!(
            shape || outcome.stderr.contains("timed out after 0.5 s"),
            "{outcome}"
        );
        assert!(outcome.status == 1 || shape, "{command:?}: {outcome}");
        assert!(begun.elapsed() < AT_ONCE, "{command:?}");
    }
    // Reading asks nobody.
    sandbox.run(["get", "a"]).stdout("x").ok();
    sandbox.run(["list"]).stdout("a\n").ok();
    sandbox.run(["history", "a"]).any_stdout().ok();
    let waiting = sandbox.run(["put", "a"]).stdin("y").any_stderr();
    let mut waiting = waiting.spawn();
    std::thread::sleep(Duration::from_millis(200));
    assert!(waiting.is_running());
    drop(held);
    waiting.status(0);
}

#[test]
fn everything_created_is_private_to_its_owner_whatever_the_umask() {
    for umask in ["000", "022", "777"] {
        let sandbox = Sandbox::new();
        let first = sandbox.run(["--quiet", "init", "--local"]);
        first.after(&format!("umask {umask}")).ok();
        let wrapping_key = fs::read(sandbox.local_wrapping_key_file("dev"));
        assert_eq!(wrapping_key.unwrap().len(), 44);
        for secret in ["1", "2"] {
            let put = sandbox.run(["--quiet", "put", "web/prod/db"]).stdin(secret);
            put.after(&format!("umask {umask}")).ok();
        }
        let remove = sandbox.run(["--quiet", "rm", "web/prod/db"]);
        remove.after(&format!("umask {umask}")).ok();
        sandbox.put("web/prod/db", "3");
        let config = sandbox.home().join(".lazycred");
        assert_eq!(config.metadata().unwrap().mode() & 0o777, 0o644);
        let mut folders = vec![
            sandbox.home().join("secrets"),
            sandbox.home().join(".local"),
        ];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            assert_eq!(
                folder.metadata().unwrap().mode() & 0o777,
                0o700,
                "{folder:?}"
            );
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let mode = path.metadata().unwrap().mode() & 0o777;
                assert_eq!(mode, 0o600, "{path:?} with umask {umask}");
                seen += 1;
            }
        }
        assert!(
            seen >= 6,
            "a record, two versions, a removal, the lock, the wrapping key"
        );
    }
}

#[test]
fn a_lock_that_others_could_open_is_closed_to_them() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let lock = sandbox.home().join("secrets/.lazycred/lock");
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
    sandbox.put("a", "y");
    assert_eq!(lock.metadata().unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_lock_that_is_not_a_plain_file_is_reported_with_a_remedy() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let lock = sandbox.home().join("secrets/.lazycred/lock");
    let copy = sandbox.home().join("copy");
    let kinds: [&dyn Fn(); 4] = [
        &|| fs::hard_link(&lock, &copy).unwrap(),
        &|| mkfifo(&lock, Mode::S_IRWXU).unwrap(),
        &|| {
            std::os::unix::net::UnixListener::bind(&lock).unwrap();
        },
        &|| fs::create_dir(&lock).unwrap(),
    ];
    for kind in kinds {
        kind();
        let put = sandbox.run(["put", "a"]).stdin("y");
        put.stderr(format!(
            "lazycred: error: cannot lock the folder of `a` (file://{home}/secrets/a): \
             `{lock}` is not a regular file, or has a second hard link\n\
             lazycred: hint: remove it: lazycred keeps nothing in it and creates it again\n",
            home = sandbox.home().display(),
            lock = lock.display(),
        ))
        .status(2);
        sandbox.run(["get", "a"]).stdout("x").ok();
        fs::remove_file(&lock)
            .or_else(|_| fs::remove_dir(&lock))
            .unwrap();
    }
    sandbox.put("a", "y");
}

#[test]
fn a_wrapping_key_file_of_the_wrong_type_or_size_fails_at_once() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let file = sandbox.local_wrapping_key_file("dev");
    let good = fs::read(&file).unwrap();
    let kinds: [(&str, &dyn Fn()); 6] = [
        ("it is not a regular file", &|| {
            mkfifo(&file, Mode::S_IRWXU).unwrap();
        }),
        ("it is not a regular file", &|| {
            symlink("/dev/zero", &file).unwrap();
        }),
        ("it is not a regular file", &|| {
            fs::create_dir(&file).unwrap();
        }),
        ("it is larger than 4096 bytes", &|| {
            fs::write(&file, vec![b'A'; 1 << 20]).unwrap();
        }),
        ("it must contain exactly 44 characters", &|| {
            fs::write(&file, &good[1..]).unwrap();
        }),
        ("it must contain exactly 44 characters", &|| {
            fs::write(&file, [0xff; 44]).unwrap();
        }),
    ];
    for (said, make) in kinds {
        if file.is_dir() {
            fs::remove_dir(&file).unwrap();
        } else {
            fs::remove_file(&file).unwrap();
        }
        make();
        for command in ["get a", "put b", "init --local"] {
            let begun = Instant::now();
            let outcome = sandbox.run(command).stdin("x").any_stderr().outcome();
            assert!(outcome.stderr.contains(said), "{command:?}: {outcome}");
            assert!(matches!(outcome.status, 1 | 2), "{outcome}");
            assert!(begun.elapsed() < AT_ONCE, "{said}");
        }
    }
    // A link to the real file is a choice of the user's.
    fs::remove_file(&file).unwrap();
    sandbox.write("elsewhere.key", &good);
    symlink(sandbox.home().join("elsewhere.key"), &file).unwrap();
    sandbox.run(["get", "a"]).stdout("x").ok();
}

#[test]
fn a_name_too_long_to_be_kept_is_refused_before_anything_is_stored() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let before = sandbox.files();
    let long = |bytes: usize| "n".repeat(bytes);
    for name in [
        long(241),
        long(254),
        long(255),
        long(1000),
        format!("x/{}/y", long(241)),
        "é".repeat(121),
    ] {
        for command in [
            &["put", &name][..],
            &["cp", "a", &name],
            &["mv", "a", &name],
        ] {
            let run = sandbox.run(command).stdin("x");
            let refused = run.stderr_has("cannot be stored in a folder: a part of it is");
            refused
                .stderr_has("may be at most 240 bytes long")
                .status(2);
        }
        let json = format!(r#"{{"first": "x", "{name}": "x"}}"#);
        sandbox.write("import.json", json);
        sandbox.run(["import", "import.json"]).fails(2);
        fs::remove_file(sandbox.home().join("import.json")).unwrap();
        let files = sandbox.files().into_iter();
        assert_eq!(files.collect::<Vec<_>>(), before, "{name}");
    }
    for name in [
        long(240),
        format!("{0}/{0}/{0}", long(240)),
        "é".repeat(120),
    ] {
        sandbox.put(&name, "1");
        sandbox.put(&name, "2");
        let history = sandbox.run(["history", &name, "--json"]).gives().text();
        let history: Value = serde_json::from_str(&history).unwrap();
        let first = history[1]["version"].as_str().unwrap();
        let back = ["--quiet", "rollback", &name, "--to", first];
        sandbox.run(back).ok();
        sandbox.run(["get", &name]).stdout("1").ok();
        sandbox.run(["--quiet", "rm", &name]).ok();
        sandbox.run(["get", &name]).fails(3);
    }
}

#[test]
fn a_record_whose_name_is_too_long_to_be_kept_is_not_lost_by_its_removal() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let record = sandbox.read("secrets/a").unwrap();
    let name = "n".repeat(254);
    let file = sandbox.write(format!("secrets/{name}"), record);
    sandbox.run(["get", &name]).stdout("x").ok();
    let remove = sandbox.run(["rm", &name]);
    remove
        .stderr_has("a part of its name is too long")
        .stderr_has("hint: copy the file to a shorter name, and delete the original")
        .status(2);
    assert!(file.exists());
}

#[test]
fn a_removal_shows_in_the_history_with_its_own_version() {
    let sandbox = Sandbox::local();
    sandbox.put("web/db", "1");
    let history = || -> Vec<Value> {
        let text = sandbox.run(["history", "web/db", "--json"]).gives().text();
        serde_json::from_str(&text).unwrap()
    };
    sandbox.run(["--quiet", "rm", "web/db"]).ok();
    sandbox.put("web/db", "2");
    sandbox.run(["--quiet", "rm", "web/db"]).ok();
    let listed = history();
    let deleted: Vec<_> = listed
        .iter()
        .map(|it| it["deleted"].as_bool().unwrap())
        .collect();
    assert_eq!(deleted, [true, false, true, false]);
    assert!(listed.iter().all(|it| it["current"] == false));
    let version = |at: usize| listed[at]["version"].as_str().unwrap();
    assert_ne!(version(0), version(2));
    for at in [0, 2] {
        assert_eq!(listed[at]["size"], 0);
        let get = ["get", "web/db", "--version", version(at)];
        sandbox.run(get).fails(3);
        let back = ["rollback", "web/db", "--to", version(at)];
        sandbox.run(back).fails(3);
    }
    sandbox.prints(["get", "web/db", "--version", version(3)], "1");
    sandbox
        .run(["--quiet", "rollback", "web/db", "--to", version(1)])
        .ok();
    sandbox.run(["get", "web/db"]).stdout("2").ok();
    let listed = history();
    assert_eq!((listed.len(), &listed[0]["current"]), (5, &true.into()));
    // Plain lines say so too.
    let lines = sandbox.run(["history", "web/db"]).gives().lines();
    let ends: Vec<bool> = lines
        .iter()
        .map(|line| line.ends_with("\tremoved"))
        .collect();
    assert_eq!(ends, [false, true, false, true, false]);
}

#[test]
fn a_removal_that_fails_leaves_no_entry() {
    let sandbox = Sandbox::local();
    sandbox.put("web/db", "1");
    let folder = sandbox.home().join("secrets/web");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    let removed = sandbox.run(["rm", "web/db"]).any_stderr().outcome();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).ok();
    let lines = sandbox.run(["history", "web/db"]).gives().lines();
    let marked = lines.iter().any(|line| line.ends_with("removed"));
    // Root may do it all the same.
    assert_eq!(marked, removed.status == 0, "{lines:?}");
}

#[test]
fn doctor_warns_of_a_wrapping_key_that_others_may_read() {
    let sandbox = Sandbox::local();
    let file = sandbox.local_wrapping_key_file("dev");
    for mode in [0o640, 0o604, 0o602] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let remedy = format!("remedy: `chmod 600 {}`", file.display());
        let doctor = sandbox.run(["doctor"]);
        let run = doctor.stdout_has("warning wrapping key: other users may read or change");
        run.stdout_has(&remedy).ok();
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    sandbox
        .run(["doctor"])
        .stdout_has("ok      wrapping key")
        .ok();
    fs::remove_file(&file).unwrap();
    let doctor = |said: &str| {
        let said = format!("error   wrapping key: `{}` {said}\n", file.display());
        sandbox.run(["doctor"]).stdout_has(&said).fails(1);
    };
    doctor("does not exist");
    mkfifo(&file, Mode::S_IRWXU).unwrap();
    doctor("is not a regular file");
}

#[test]
fn a_name_of_100_000_characters_is_refused_by_its_longest_part_or_a_name_as_any() {
    let sandbox = Sandbox::local();
    let name = "n".repeat(100_000);
    for arguments in [["get", &name], ["history", &name], ["rm", &name]] {
        let outcome = sandbox.run(arguments).any_stderr().status(3);
        let why = "lazycred: error: no secret named `nnn";
        assert!(outcome.stderr.starts_with(why), "{outcome}");
    }
    let put = sandbox.run(["put", &name]).stdin("x").any_stderr();
    let outcome = put.status(2);
    let why = "a part of it is 100000 bytes long\n";
    assert!(outcome.stderr.contains(why), "{outcome}");
    assert_eq!(sandbox.run("list").outcome().text(), "");

    let name = vec!["n".repeat(200); 400].join("/");
    sandbox.run(["put", &name]).stdin("x").any_stderr().ok();
    sandbox.prints(["get", &name], "x");
    sandbox.prints("list", format!("{name}\n"));
    sandbox.run(["rm", &name]).any_stderr().ok();
    assert_eq!(sandbox.run("list").outcome().text(), "");
}
