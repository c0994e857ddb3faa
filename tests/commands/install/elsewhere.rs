//! Installed as another user, in other file systems, and from an image of nothing else.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use super::{DONE, is_installed, names};
use crate::support::containers::Root;
use crate::support::{PROGRAM, Run, Sandbox, full};

/// A run of this script in mounts of its own, where `/tmp` is memory; `None` after
/// [`full::or_skip`].
#[track_caller]
fn apart(sandbox: &Sandbox, script: &str) -> Option<Run> {
    let unshare = full::tool("unshare")?;
    let user: &[&str] = if nix::unistd::geteuid().is_root() {
        &[]
    } else {
        &["--user", "--map-root-user"]
    };
    let run = |script: &str| {
        let args = [user, &["--mount", "--", "sh", "-ec", script]].concat();
        sandbox.run(args).program(&unshare)
    };
    let tried = run("mount -t tmpfs none /tmp").outcome();
    if tried.status != 0 {
        full::or_skip("mounts of our own", tried.stderr.trim());
        return None;
    }
    Some(run(script))
}

#[test]
fn a_full_disk_gives_one_clear_line_and_leaves_what_was_there() {
    let sandbox = Sandbox::new();
    let script = format!(
        "mkdir small; mount -t tmpfs -o size=64k none small; cd small; echo old >lazycred\n\
         for args in . new '--prefix .' '--prefix new/usr'; do \
         '{PROGRAM}' install $args && exit 9; ls -A; cat lazycred; done"
    );
    let Some(run) = apart(&sandbox, &script) else {
        return;
    };
    let outcome = run.stdout("lazycred\nold\n".repeat(4)).any_stderr().ok();
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{outcome}");
    for line in lines {
        let starts = line.starts_with("lazycred: error: cannot install `");
        assert!(starts && line.contains("No space left on device"), "{line}");
    }
}

#[test]
fn a_mount_where_nothing_runs_is_told() {
    let sandbox = Sandbox::new();
    let script = format!(
        "mkdir out; mount -t tmpfs -o noexec none out; '{PROGRAM}' install out; ls out; \
         '{PROGRAM}' install out --quiet"
    );
    let Some(run) = apart(&sandbox, &script) else {
        return;
    };
    let warning = "lazycred: warning: out is mounted noexec: no program runs from there\n";
    run.stdout("lazycred\nlazycred-exec\n")
        .stderr(format!("{DONE}{warning}"))
        .ok();
}

#[test]
fn a_disk_that_is_read_only_is_told() {
    let sandbox = Sandbox::new();
    let script = format!(
        "mkdir out; mount -t tmpfs -o ro none out; '{PROGRAM}' install out || '{PROGRAM}' install out/new"
    );
    let Some(run) = apart(&sandbox, &script) else {
        return;
    };
    let outcome = run.any_stderr().status(1);
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{outcome}");
    assert!(
        lines
            .iter()
            .all(|line| line.contains("Read-only file system")),
        "{outcome}"
    );
}

#[test]
fn without_proc_it_installs_the_file_that_was_started() {
    let sandbox = Sandbox::new();
    let script = format!(
        "mount -t tmpfs none /proc; cp '{PROGRAM}' mine; PATH=. mine install out; \
         exec 3<mine; rm mine; echo"
    );
    let Some(run) = apart(&sandbox, &script) else {
        return;
    };
    run.stdout("\n").stderr(DONE).ok();
    is_installed(&sandbox.home().join("out"));
}

#[test]
fn a_program_that_a_loader_runs_does_not_install_the_loader() {
    let loader = "/lib64/ld-linux-x86-64.so.2";
    if !Path::new(loader).exists() {
        return full::skip("install under a loader", "there is no such loader");
    }
    let sandbox = Sandbox::new();
    let run = sandbox.run([PROGRAM, "install", "out"]).program(loader);
    run.stderr_has("would be installed").status(2);
    assert!(!sandbox.home().join("out").exists());
}

#[test]
fn an_ordinary_user_installs_though_nobody_may_look_into_the_process() {
    const NOBODY: u32 = 65534;
    let sandbox = Sandbox::new();
    let out = sandbox.home().join("out");
    fs::create_dir(&out).unwrap();
    if !nix::unistd::geteuid().is_root() {
        sandbox.run("install out").stderr(DONE).ok();
        return is_installed(&out);
    }
    let Some(setpriv) = full::tool("setpriv") else {
        return;
    };
    chown(&out, Some(NOBODY), Some(NOBODY)).unwrap();
    for folder in sandbox.home().ancestors().take(2) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let as_nobody = |words: &[&str]| {
        let id = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        let args = [&id[..], words].concat();
        sandbox.run(args).program(&setpriv)
    };
    let tried = as_nobody(&[PROGRAM, "--version"]).outcome();
    if tried.status != 0 {
        return full::skip("install as nobody", "nobody may come to this folder");
    }
    as_nobody(&[PROGRAM, "install", "out"]).stderr(DONE).ok();
    is_installed(&out);
    let refused = as_nobody(&[PROGRAM, "install", "elsewhere"]);
    let said = "cannot make the folder `elsewhere`: Permission denied";
    refused.stderr_has(said).status(1);
    fs::create_dir(sandbox.home().join("mine")).unwrap();
    let refused = as_nobody(&[PROGRAM, "install", "mine"]);
    refused
        .stderr_has("cannot install `mine/lazycred`: ")
        .status(1);
    assert_eq!(names(&sandbox.home().join("mine")), [""; 0]);
}

#[test]
fn an_init_container_of_nothing_but_the_program_installs_it_in_a_volume() {
    let Some(root) = Root::new() else { return };
    let said = "installed lazycred and lazycred-exec in /shared\n";
    root.run("/lazycred install /shared").stderr(said).ok();
    let version = format!("lazycred {}\n", env!("CARGO_PKG_VERSION"));
    let installed = root.run("/shared/lazycred --version");
    installed.stdout(&version).ok();
    // Under this name all arguments are the command's, whose secrets the environment names.
    let exec = root.run("/shared/lazycred-exec /server exit 7");
    exec.stderr_has("no secret given").status(125);
    let again = root.run("/shared/lazycred install --prefix /shared/usr");
    again.any_stderr().ok();
    let below = root.run("/shared/usr/bin/lazycred --version");
    below.stdout(version).ok();
}
