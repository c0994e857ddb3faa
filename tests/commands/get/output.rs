//! `get --output`: whole or not at all, of its owner alone, and nothing beside it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use crate::support::{PROGRAM, Sandbox, full};

const STRACE: &str = "/usr/bin/strace";
const SECRET: &str = "hunter2-secret";

/// What a folder holds, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries.map(|e| name(e).into_string().unwrap()).collect();
    names.sort();
    names
}

fn scene(old: Option<&str>) -> (Sandbox, std::path::PathBuf) {
    let sandbox = Sandbox::local();
    sandbox.put("db", SECRET);
    let folder = sandbox.home().join("out");
    fs::create_dir(&folder).unwrap();
    if let Some(old) = old {
        fs::write(folder.join("f"), old).unwrap();
    }
    (sandbox, folder)
}

/// Runs `get` with calls that fail or bring a signal.
#[track_caller]
fn traced(sandbox: &Sandbox, injects: &[&str]) -> i32 {
    let mut args = vec!["-f", "-qq", "-o", "/dev/null"];
    for inject in injects {
        args.extend(["-e", inject]);
    }
    args.extend([PROGRAM, "get", "db", "--output", "out/f"]);
    sandbox.run(args).program(STRACE).outcome().status
}

#[test]
fn it_is_its_owners_alone_whatever_was_there_and_whatever_the_umask() {
    for old in [None, Some("old")] {
        for umask in ["000", "077", "377"] {
            let (sandbox, folder) = scene(old);
            let get = sandbox.run(["get", "db", "--output", "out/f"]);
            get.after(&format!("umask {umask}")).ok();
            assert_eq!(fs::read(folder.join("f")).unwrap(), SECRET.as_bytes());
            assert_eq!(folder.join("f").metadata().unwrap().mode() & 0o7777, 0o600);
            assert_eq!(names(&folder), ["f"]);
        }
    }
}

#[test]
fn a_link_is_replaced_and_not_followed_and_a_hard_link_keeps_what_it_had() {
    let (sandbox, folder) = scene(Some("old"));
    fs::set_permissions(folder.join("f"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::hard_link(folder.join("f"), sandbox.home().join("other")).unwrap();
    sandbox.write("target", "precious");
    for target in [
        None,
        Some("../target"),
        Some("nowhere"),
        Some("/etc/hostname"),
    ] {
        if let Some(target) = target {
            fs::remove_file(folder.join("f")).unwrap();
            symlink(target, folder.join("f")).unwrap();
        }
        sandbox.run(["get", "db", "--output", "out/f"]).ok();
        assert!(folder.join("f").symlink_metadata().unwrap().is_file());
        assert_eq!(names(&folder), ["f"]);
    }
    assert_eq!(sandbox.read("target").unwrap(), b"precious");
    assert_eq!(sandbox.read("other").unwrap(), b"old");
}

#[test]
fn an_interrupted_one_leaves_what_was_there_or_the_whole_and_nothing_beside_it() {
    if !Path::new(STRACE).exists() {
        full::skip("signals and failures amid --output", "there is no strace");
        return;
    }
    for old in [None, Some("old")] {
        for call in ["fchmod", "fsync", "linkat", "?renameat,renameat2"] {
            for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3)] {
                for named in [None, Some("inject=linkat:error=EPERM")] {
                    if named.is_some() && call == "linkat" {
                        continue;
                    }
                    let (sandbox, folder) = scene(old);
                    let trace = format!("trace=linkat,{call}");
                    let inject = format!("inject={call}:signal={signal}:when=1");
                    let injects = [&[&*trace, &*inject][..], named.as_slice()].concat();
                    let status = traced(&sandbox, &injects);
                    let now = fs::read_to_string(folder.join("f")).ok();
                    let left = names(&folder);
                    let about = format!("{call} {signal} {named:?} {status} {left:?} {now:?}");
                    let whole = now.as_deref() == Some(SECRET);
                    assert!(whole || now.as_deref() == old, "{about}");
                    assert!(left.iter().all(|name| name == "f"), "{about}");
                    // Where nothing was there, it is not renamed.
                    assert!(status == 128 + number || status == 0 && whole, "{about}");
                }
            }
        }
    }
}

#[test]
fn where_files_cannot_be_without_names_they_are_whole_all_the_same() {
    if !Path::new(STRACE).exists() {
        full::skip("signals and failures amid --output", "there is no strace");
        return;
    }
    for old in [None, Some("old")] {
        let (sandbox, folder) = scene(old);
        let status = traced(&sandbox, &["trace=linkat", "inject=linkat:error=ENOENT"]);
        assert_eq!(status, 0);
        assert_eq!(fs::read(folder.join("f")).unwrap(), SECRET.as_bytes());
        assert_eq!(folder.join("f").metadata().unwrap().mode() & 0o7777, 0o600);
        assert_eq!(names(&folder), ["f"]);
    }
}

#[test]
fn a_path_that_only_a_folder_can_have_is_written_to_by_nobody() {
    let (sandbox, folder) = scene(Some("old"));
    for path in [
        "out/f/",
        "out/f/.",
        "out/f/..",
        "out/new/",
        "out/new//",
        "out/new/.",
        "out/../new/",
    ] {
        let outcome = sandbox.run(["get", "db", "--output", path]).fails(2);
        let said = format!("lazycred: error: `{path}` is ");
        assert!(outcome.stderr.starts_with(&said), "{path}: {outcome}");
    }
    assert_eq!(fs::read_to_string(folder.join("f")).unwrap(), "old");
    assert_eq!(names(&folder), ["f"]);
    assert!(!sandbox.home().join("new").exists());
}
