//! `init -e NAME`: environments do not share a store unawares, and the file that one is
//! added to loses nothing.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use crate::support::Sandbox;

fn text(sandbox: &Sandbox, file: &str) -> String {
    String::from_utf8(sandbox.read(file).unwrap_or_default()).unwrap()
}

#[test]
fn each_environment_of_a_local_store_has_a_folder_of_its_own() {
    let sandbox = Sandbox::apart();
    sandbox.run("--quiet init --local").ok();
    let names = ["prod", "Prüf_1.2-a"];
    for name in names {
        let init = ["init", "--local", "-e", name];
        let init = sandbox.run(init).any_stderr().ok();
        assert!(!init.stderr.contains("warning"), "{init}");
    }
    sandbox.put("db", "own");
    for name in names {
        let put = sandbox.run(["put", "db", "--quiet", "-e", name]);
        put.stdin(name).ok();
    }
    sandbox.run("get db").stdout("own").ok();
    for name in names {
        sandbox.run(["get", "db", "-e", name]).stdout(name).ok();
        assert!(sandbox.read(format!("secrets-{name}/db")).is_some());
    }
    // None is listed among another's names.
    sandbox.run("list").stdout("db\n").ok();
    // A name that no folder should have is told where to say one.
    let before = text(&sandbox, ".lazycred");
    for name in ["a/b", "..\\", "a b", "$HOME", "~/x", &"x".repeat(101)] {
        let init = sandbox.run(["init", "--local", "-e", name]);
        init.stderr_has("no folder is named after environment `")
            .stderr_has("hint: name its folder with --s3-path file:FOLDER/\n")
            .status(2);
    }
    assert_eq!(text(&sandbox, ".lazycred"), before);
}

#[test]
fn two_environments_share_a_store_only_if_the_user_says_so() {
    let sandbox = Sandbox::apart();
    let before = r#"{"s3_path": "file:secrets-b/", "environments": {"x": {"s3_path": "file:./secrets-a/"}, "y": {"s3_path": "acme/y/"}}}"#;
    sandbox.write(".lazycred", before);
    for (name, other) in [
        ("a", "environment `x` of `.lazycred`"),
        ("b", "`.lazycred` itself"),
    ] {
        sandbox
            .run(["init", "--local", "-e", name])
            .stderr(format!(
                "lazycred: error: `file:secrets-{name}/` holds the secrets of {other} already\n\
                 lazycred: hint: name another folder for environment `{name}` with --s3-path file:FOLDER/\n"
            ))
            .status(2);
    }
    assert_eq!(text(&sandbox, ".lazycred"), before);
    assert!(!sandbox.local_wrapping_key_file("dev").exists());
    // A link to the folder is the folder.
    fs::create_dir(sandbox.work().join("secrets-a")).unwrap();
    symlink("secrets-a", sandbox.work().join("secrets-c")).unwrap();
    sandbox.refuses(
        "init --local -e c",
        2,
        "holds the secrets of environment `x`",
    );
    let work = sandbox.work().to_owned();
    let absolute = work.join("secrets-a").display().to_string();
    for (name, file, store) in [
        ("c", ".lazycred", "file:secrets-a"),
        ("d", ".lazycred", "acme/y/"),
        ("e", "other.json", &*absolute),
    ] {
        sandbox.write("other.json", before);
        let store = if store.starts_with('/') {
            format!("file:{store}")
        } else {
            store.to_owned()
        };
        let init = sandbox.run([
            "init",
            "-e",
            name,
            "--config",
            file,
            "--s3-path",
            &store,
            "--key-alias",
            "local:dev",
        ]);
        let init = init.any_stderr().ok();
        let of = if store.contains("acme") { "y" } else { "x" };
        let said = format!(
            "lazycred: warning: environment `{name}` and environment `{of}` of `{file}` share `{store}`, so a put in one replaces the other's secret\n"
        );
        assert!(init.stderr.contains(&said), "{init}");
        assert!(
            init.stderr
                .contains(&format!("added environment {name} to ")),
            "{init}"
        );
    }
}

#[test]
fn a_file_keeps_its_permissions_when_an_environment_is_added() {
    for mode in [0o600, 0o640, 0o664, 0o444] {
        let sandbox = Sandbox::apart();
        let file = sandbox.write(".lazycred", "{}");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        sandbox.run("--quiet init --local -e dev").ok();
        assert!(text(&sandbox, ".lazycred").contains("\"dev\""));
        let now = file.metadata().unwrap().mode() & 0o777;
        assert_eq!(now, mode, "{now:o} {mode:o}");
    }
}

#[test]
fn what_an_editor_saves_while_init_waits_is_kept() {
    let sandbox = Sandbox::apart();
    let file = sandbox.write(".lazycred", "{}");
    let folder = fs::File::open(sandbox.work()).unwrap();
    folder.lock().unwrap();
    let init = sandbox.run("--quiet init --local -e dev").spawn();
    // It has read the file once it has the folder open.
    let open = format!("/proc/{}/fd", init.pid());
    let has_folder = || {
        let links = fs::read_dir(&open).unwrap();
        let mut links = links.filter_map(|link| fs::read_link(link.unwrap().path()).ok());
        links.any(|link| link == sandbox.work())
    };
    while !has_folder() {
        std::thread::yield_now();
    }
    fs::write(&file, r#"{"region": "eu-west-1"}"#).unwrap();
    folder.unlock().unwrap();
    assert_eq!(init.wait().status, 0);
    let expected = r#"{"region": "eu-west-1", "environments": {"dev": {"s3_path": "file:secrets-dev/", "key_alias": "local:dev"}}}"#;
    assert_eq!(text(&sandbox, ".lazycred"), expected);
}
