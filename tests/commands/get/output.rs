//! `get --output`: whole or not at all, of its owner alone, and nothing beside it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use crate::support::{PROGRAM, Sandbox, full};

const STRACE: &str = "/usr/bin/strace";
const SECRET: &str = "hunter2-secret";

/// The names in a folder, sorted.
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
fn an_output_file_is_private_under_any_umask() {
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
fn output_replaces_a_link_without_following_it_and_leaves_hard_links_alone() {
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
fn an_interrupted_output_leaves_the_old_file_or_the_whole_new_one() {
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
fn output_is_atomic_even_without_unnamed_temporary_files() {
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
fn an_output_path_that_can_only_be_a_folder_is_refused() {
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
