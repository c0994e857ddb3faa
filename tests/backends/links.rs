//! Links in a folder of records: nothing outside is touched, whoever put them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use crate::support::files::files_below;
use crate::support::harness::Sandbox;

/// Somebody else's checkout, whose file names a folder, and things outside it.
fn checkout(folder: &str) -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("a", "hunter2");
    let record = sandbox.read("secrets/a").unwrap();
    let text = format!(r#"{{"s3_path": "file:{folder}", "key_alias": "local:dev"}}"#);
    sandbox.write("checkout/.lazycred", text);
    for name in ["keep", "new-0123456789abcdef", "new-x", "a", "lock"] {
        sandbox.write(format!("victim/{name}"), &record);
    }
    sandbox.write("victim/empty/below/x", "");
    fs::remove_file(sandbox.home().join("victim/empty/below/x")).unwrap();
    sandbox
}

/// All that is outside the checkout: bytes, modes, and folders too.
fn outside(sandbox: &Sandbox) -> BTreeMap<String, (u32, Vec<u8>)> {
    let root = sandbox.home().join("victim");
    let mut all = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let about = path.symlink_metadata().unwrap();
            let bytes = if about.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            all.insert(name, (about.mode(), bytes));
        }
    }
    all
}

fn link(sandbox: &Sandbox, at: &str, to: &str) {
    let at = sandbox.home().join("checkout").join(at);
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    symlink(sandbox.home().join(to), at).unwrap();
}

/// Everything that a command could do there; says which of them went well.
#[track_caller]
fn try_all(sandbox: &Sandbox, folder: &Path, arguments: &[&str]) -> Vec<String> {
    let before = outside(sandbox);
    let mut done = Vec::new();
    for line in [
        "put a",
        "put a/keep",
        "put empty",
        "put empty/below",
        "rm a",
        "rm a/keep",
        "rm keep",
        "get a",
        "get a/keep",
        "get keep",
        "mv keep b",
        "cp keep c",
        "history a",
        "list",
        "rekey --all",
        "upgrade --yes",
        "doctor --write",
    ] {
        let words = line.split(' ').chain(arguments.iter().copied());
        let run = sandbox.run(words).cwd(folder).stdin("changed");
        let outcome = run.any_stdout().any_stderr().may_leak().outcome();
        assert!((0..=6).contains(&outcome.status), "{line}: {outcome}");
        assert_eq!(outside(sandbox), before, "{line}: {outcome}");
        if outcome.status == 0 {
            done.push(line.to_owned());
        }
    }
    done
}

#[test]
fn a_link_in_a_checkout_leads_no_command_out_of_it() {
    for (folder, at, to) in [
        ("s/", "s/.lazycred", "victim"),
        ("s/", "s/.lazycred/versions", "victim"),
        ("s/", "s/.lazycred/lock", "victim/lock"),
        ("s/", "s/.lazycred/lock", "victim/not-there"),
        ("s/", "s/.lazycred/new-0123456789abcdef", "victim/keep"),
        ("s/", "s/.lazycred/versions/a.d", "victim"),
        ("s", "s", "victim"),
        ("s/", "s/a", "victim"),
        ("s/", "s/a", "victim/keep"),
        ("s/", "s/a", "victim/not-there"),
        ("s/", "s/empty", "victim/empty"),
        ("deep/er/s/", "deep", "victim"),
        ("deep/er/s/", "deep/er/s", "victim/empty"),
    ] {
        let sandbox = checkout(folder);
        link(&sandbox, at, to);
        let done = try_all(&sandbox, &sandbox.home().join("checkout"), &[]);
        // Nor is anything outside read: only what was put there just now is.
        if at == "s" || at.starts_with("deep") {
            assert_eq!(done, [""; 0], "{at} -> {to}");
        }
        let refused = sandbox.run(["get", "a"]).cwd("checkout").any_stdout();
        let outcome = refused.any_stderr().may_leak().outcome();
        assert_ne!(outcome.text(), "hunter2", "{at} -> {to}");
    }
}

#[test]
fn the_link_that_is_refused_is_named_with_what_to_do() {
    let sandbox = checkout("s/");
    link(&sandbox, "s", "victim");
    let path = sandbox.home().join("checkout/s");
    let hint = "lazycred: hint: replace the link with the real file or folder, if you trust where it leads\n";
    for (arguments, doing) in [
        (
            &["get", "a"][..],
            format!("read `a` (file://{}/a)", path.display()),
        ),
        (&["list"], format!("list `{}/`", path.display())),
    ] {
        let refused = format!(
            "`{}` is a symbolic link, which is not followed",
            path.display()
        );
        sandbox
            .run(arguments)
            .cwd("checkout")
            .stderr(format!(
                "lazycred: error: cannot {doing}: {refused}\n{hint}"
            ))
            .status(2);
    }
}

#[test]
fn a_folder_that_the_user_named_may_be_a_link_and_is_read_through_links_but_written_through_none() {
    let sandbox = checkout("s/");
    fs::create_dir_all(sandbox.home().join("checkout/real")).unwrap();
    link(&sandbox, "s", "checkout/real");
    let s3_path = format!("file:{}", sandbox.home().join("checkout/s").display());
    let named = ["--s3-path", &s3_path, "--key-alias", "local:dev"];
    let run = |arguments: &[&str]| sandbox.run(arguments.iter().chain(&named));
    run(&["--quiet", "put", "b"]).stdin("x").ok();
    run(&["get", "b"]).stdout("x").ok();
    link(&sandbox, "real/a", "victim/keep");
    run(&["get", "a"]).stdout("hunter2").ok();
    run(&["list"]).stdout("a\nb\n").ok();
    let done = try_all(&sandbox, sandbox.home(), &named);
    assert!(!done.contains(&"put a".to_owned()) && !done.contains(&"rm a".to_owned()));
    for at in ["real/empty", "real/c"] {
        fs::remove_file(sandbox.home().join("checkout").join(at)).ok();
    }
    link(&sandbox, "real/empty", "victim/empty");
    try_all(&sandbox, sandbox.home(), &named);
}

#[test]
fn a_hard_linked_lock_keeps_its_mode_and_is_refused() {
    let sandbox = checkout("s/");
    fs::create_dir_all(sandbox.home().join("checkout/s/.lazycred")).unwrap();
    let victim = sandbox.home().join("victim/lock");
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o644)).unwrap();
    let lock = sandbox.home().join("checkout/s/.lazycred/lock");
    fs::hard_link(&victim, &lock).unwrap();
    let put = sandbox.run(["put", "q"]).cwd("checkout").stdin("x");
    put.stderr_has("is not a regular file, or has a second hard link")
        .status(2);
    assert_eq!(victim.metadata().unwrap().mode() & 0o777, 0o644);
}

#[test]
fn only_leftover_temporary_files_are_swept() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let own = "secrets/.lazycred";
    let swept = ["new-0123456789abcdef", "new-Ab3dEf"];
    let kept = [
        "new-",
        "new-notes.txt",
        "new-012345678",
        "notes",
        "new-0123456789abcde/x",
    ];
    for name in swept.iter().chain(&kept) {
        sandbox.write(format!("{own}/{name}"), "x");
    }
    sandbox.put("a", "y");
    // Nor do folders that a killed writer left without a record occupy a name.
    fs::create_dir_all(sandbox.home().join("secrets/web/below")).unwrap();
    sandbox.put("web", "z");
    sandbox.run(["get", "web"]).stdout("z").ok();
    let left = files_below(&sandbox.home().join(own));
    let left: Vec<_> = left.iter().map(|path| path.display().to_string()).collect();
    let is_left = |name: &str| {
        left.iter()
            .any(|path| path.ends_with(&format!("{own}/{name}")))
    };
    assert!(kept.iter().all(|name| is_left(name)), "{left:?}");
    assert!(!swept.iter().any(|name| is_left(name)), "{left:?}");
}
