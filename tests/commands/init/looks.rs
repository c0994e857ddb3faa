//! `init` looks at the file's place before it makes anything.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::create::changes;
use crate::config::found::as_nobody;
use crate::support::{FakeAws, Sandbox};

const LOCAL: &str = "{\"s3_path\": \"file:secrets/\", \"key_alias\": \"local:dev\"}\n";
const IN_AWS: [&str; 6] = [
    "--s3-path",
    "fresh/p/",
    "--key-alias",
    "new",
    "--region",
    "us-east-1",
];

/// What is put in the file's place, and what is said of it.
type Obstacle = (fn(&Path), &'static str);

const OBSTACLES: [Obstacle; 6] = [
    (
        |file| fs::write(file, "{\"s3_path\": \"theirs/\"}").unwrap(),
        "already exists with different contents",
    ),
    (
        |file| fs::write(file, "no JSON").unwrap(),
        "already exists with different contents",
    ),
    (
        |file| symlink("nowhere", file).unwrap(),
        "is a link to a file that does not exist",
    ),
    (|file| symlink(file, file).unwrap(), "cannot read `"),
    (|file| fs::create_dir(file).unwrap(), "is a folder"),
    (
        |file| mkfifo(file, Mode::S_IRWXU).unwrap(),
        "is not a regular file",
    ),
];

#[test]
fn nothing_is_made_where_something_else_is_in_the_files_place() {
    for file in [".lazycred", "other.json"] {
        for (obstacle, said) in OBSTACLES {
            let fake = FakeAws::start();
            let sandbox = Sandbox::aws(&fake.url(), "", "");
            obstacle(&sandbox.work().join(file));
            let before = sandbox.files();
            let config = ["--config", file];
            let config = if file == ".lazycred" {
                &config[..0]
            } else {
                &config
            };
            let local = [config, &["init", "--local"]].concat();
            let create = [config, &["init", "--create", "--yes"], &IN_AWS].concat();
            for args in [local, create] {
                let refused = sandbox.run(&args[..]).stderr_has(said).status(2);
                let lines = refused.stderr.lines().count();
                assert_eq!(lines, 2, "an error and a hint: {refused}");
                assert_eq!(sandbox.files(), before);
                assert!(!sandbox.local_wrapping_key_file("dev").exists());
            }
            assert_eq!(fake.operations(), [""; 0], "{said}");
        }
    }
}

#[test]
fn a_file_with_the_same_settings_is_success_however_it_is_written() {
    let sandbox = Sandbox::new();
    let text = "\u{feff}{\r\n  \"key_alias\": \"local:dev\",\r\n  \"$schema\": \"x\",\r\n  \"s3_path\": \"file:secrets/\"\r\n}";
    sandbox.write(".lazycred", text);
    let init = sandbox
        .run("init --local")
        .stderr_has("\n.lazycred is already there, with these settings\n");
    init.ok();
    assert_eq!(sandbox.read(".lazycred").unwrap(), text.as_bytes());
    assert!(sandbox.local_wrapping_key_file("dev").exists());
    sandbox.put("s", "x");
    // One member more is another setting.
    sandbox.refuses(
        "init --local --format 2",
        2,
        "already exists with different",
    );
    sandbox.refuses(
        "init --local --region eu-west-1",
        2,
        "already exists with different",
    );
    // A link to such a file is one.
    fs::rename(
        sandbox.work().join(".lazycred"),
        sandbox.work().join("real"),
    )
    .unwrap();
    symlink("real", sandbox.work().join(".lazycred")).unwrap();
    sandbox.run("--quiet init --local").ok();
}

#[test]
fn with_the_same_settings_create_makes_what_is_missing() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "fresh/p/", "new");
    let init = [&["--quiet", "init"][..], &IN_AWS].concat();
    sandbox.run(&init[..]).ok();
    assert_eq!(
        fake.operations(),
        [""; 0],
        "without --create, AWS is not asked"
    );
    let create = [&init[..], &["--create"]].concat();
    sandbox.run(&create[..]).ok();
    assert_eq!(changes(&fake).len(), 7);
    sandbox.run(&create[..]).ok();
    assert_eq!(changes(&fake).len(), 7);
}

#[test]
fn a_file_that_would_be_refused_as_planted_is_not_taken_for_ours() {
    let sandbox = Sandbox::new();
    let file = sandbox.write(".lazycred", LOCAL);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    sandbox.refuses(
        "init --local",
        2,
        "could have been planted: it is world-writable",
    );
    assert!(!sandbox.local_wrapping_key_file("dev").exists());
}

#[test]
fn config_names_the_file_to_write() {
    let sandbox = Sandbox::new();
    sandbox.refuses(
        "--config conf/a.json init --local",
        2,
        "hint: create it with `mkdir -p ",
    );
    assert!(!sandbox.local_wrapping_key_file("dev").exists());
    fs::create_dir(sandbox.work().join("conf")).unwrap();
    let file = sandbox.work().join("conf/a.json");
    for config in [
        "conf/a.json",
        "./conf/../conf/a.json",
        file.to_str().unwrap(),
    ] {
        fs::remove_file(&file).ok();
        let init = ["--quiet", "init", "--config", config, "--local"];
        sandbox.run(&init[..]).ok();
        assert_eq!(fs::read_to_string(&file).unwrap(), LOCAL);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    }
    let named = |args| sandbox.run(args).env("LAZYCRED_CONFIG", &file);
    named("--quiet put s").stdin("x").ok();
    assert!(sandbox.read("conf/secrets/s").is_some(), "beside the file");
    let before = sandbox.files();
    for (config, said) in [
        ("conf", "`conf` is a folder"),
        ("conf/new/", "`conf/new/` names a folder"),
        ("..", "`..` is a folder"),
        (
            "a\nb",
            "--config is `a\\nb`, which contains a control character",
        ),
    ] {
        let init = ["init", "--local", "--config", config];
        sandbox.run(&init[..]).stderr_has(said).status(2);
        assert_eq!(sandbox.files(), before);
    }
    sandbox.refuses(
        "--config conf/a.json/b init --local",
        2,
        "cannot read `conf/a.json/b`: Not a directory",
    );
}

#[test]
fn a_folder_or_file_of_somebody_else_stops_it_before_the_wrapping_key() {
    let script = "
        t=$(mktemp -d) && mkdir $t/home $t/p && cd $t/p && export HOME=$t/home || exit 1
        chmod 555 $t/p && $L init --local; echo $?
        chmod 755 $t/p && echo '{}' > .lazycred && chmod 0 .lazycred
        $L init --local; echo $?
        ls -A $t/home
        chmod 700 .lazycred && rm -r $t";
    let Some((out, err)) = as_nobody(script) else {
        return;
    };
    assert_eq!(out, "1\n2\n", "{err}");
    let lines: Vec<&str> = err.lines().collect();
    let denied = "Permission denied (os error 13)";
    let expected = [
        &format!("lazycred: error: cannot write `.lazycred`: {denied}"),
        &format!("lazycred: error: cannot read `.lazycred`: {denied}"),
        "lazycred: hint: name another file with --config FILE",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn without_a_folder_for_the_wrapping_key_nothing_is_made() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "", "");
    let create = "init --create --s3-path fresh/ --key-alias local:dev";
    for init in ["init --local", create] {
        let init = sandbox.run(init).unset("HOME");
        init.stderr_has("hint: set HOME or XDG_DATA_HOME\n")
            .status(2);
    }
    assert_eq!((fake.operations(), sandbox.files()), (vec![], vec![]));
}

#[test]
fn the_format_of_new_records_is_written_too() {
    let sandbox = Sandbox::new();
    sandbox.run("--quiet init --local --format 2").ok();
    let text = "{\"s3_path\": \"file:secrets/\", \"key_alias\": \"local:dev\", \"format\": 2}\n";
    assert_eq!(sandbox.read(".lazycred").unwrap(), text.as_bytes());
    sandbox.put("s", "x");
    let record = String::from_utf8(sandbox.read("secrets/s").unwrap()).unwrap();
    assert!(
        record.contains("\"lazycred\":2") || record.contains("\"lazycred\": 2"),
        "{record}"
    );
    for other in ["0", "3", "two", ""] {
        sandbox
            .run(&["init", "--local", "--format", other][..])
            .fails(2);
    }
    let fake = FakeAws::start();
    let existing = Sandbox::aws(&fake.url(), "fresh/", "new");
    existing.refuses(
        "init --create --format 2",
        2,
        "hint: pass --s3-path, --key-alias and --region too, and a file is written",
    );
    for (format, says) in [("", "no \"format\""), (", \"format\": 1", "\"format\": 1")] {
        let text = format!("{{\"s3_path\": \"fresh/\", \"key_alias\": \"new\"{format}}}");
        existing.write(".lazycred", text);
        let hint = format!(
            "{says}, and init changes no existing settings\nlazycred: hint: set \"format\": 2 in it\n"
        );
        existing.refuses("init --create --format 2", 2, &hint);
    }
    assert_eq!(fake.operations(), [""; 0]);
    existing.write(
        ".lazycred",
        r#"{"s3_path": "fresh/", "key_alias": "new", "format": 2}"#,
    );
    existing.run("--quiet init --create --format 2").ok();
    assert!(fake.state().kms.key("new").rotated);
}

#[test]
fn a_file_that_it_hides_or_that_counts_instead_is_named() {
    let sandbox = Sandbox::apart();
    let init = |folder: &str| {
        sandbox
            .run("init --local")
            .cwd(folder)
            .env("XDG_DATA_HOME", sandbox.root())
    };
    fs::create_dir_all(sandbox.work().join("a/b")).unwrap();
    let warning = "lazycred: warning: `.lazycred` ";
    // Nothing is hidden yet.
    let first = init("a").any_stderr().ok();
    assert!(!first.stderr.contains("warning"), "{first}");
    let hidden = sandbox.work().join("a/.lazycred");
    let said = format!(
        "{warning}applies here and below instead of `{}`\n",
        hidden.display()
    );
    init("a/b").stderr_has(&said).ok();
    let at_home = sandbox.home().join(".lazycred");
    fs::write(&at_home, LOCAL).unwrap();
    let said = format!(
        "{warning}applies here and below instead of `{}`\n",
        at_home.display()
    );
    init("").stderr_has(&said).ok();
    // In the home folder, that is the file itself.
    let home = sandbox.home().to_owned();
    let at_home = sandbox.run("init --local").cwd(home).any_stderr().ok();
    assert!(!at_home.stderr.contains("warning"), "{at_home}");
    let named = sandbox.run("init --local").env("LAZYCRED_CONFIG", "c.json");
    let said = format!("{warning}does not apply until it is unset\n");
    let said = said.replace(
        "`.lazycred` ",
        "LAZYCRED_CONFIG names `c.json`, so `.lazycred` ",
    );
    named.stderr_has(&said).ok();
    let itself = sandbox
        .run("init --local")
        .env("LAZYCRED_CONFIG", ".lazycred");
    let itself = itself.any_stderr().ok();
    assert!(!itself.stderr.contains("LAZYCRED_CONFIG"), "{itself}");
}
