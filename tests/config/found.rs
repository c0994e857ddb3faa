//! Which file is found, whose it may be, and what it may not say.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::geteuid;

use crate::support::full;
use crate::support::harness::{PROGRAM, Sandbox};

const LOCAL: &str = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev"}"#;

fn mode(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_at_home_that_others_could_have_planted_is_refused_with_a_line_for_a_shell() {
    let sandbox = Sandbox::local();
    let home = sandbox.home().join("it's my home");
    let file = sandbox.write("it's my home/.lazycred", LOCAL);
    let everybody: &dyn Fn() = &|| mode(&file, 0o666);
    let somebody: &dyn Fn() = &|| chown(&file, Some(12345), None).unwrap();
    let link: &dyn Fn() = &|| {
        fs::rename(&file, home.join("real")).unwrap();
        std::os::unix::fs::symlink("real", &file).unwrap();
        std::os::unix::fs::lchown(&file, Some(12345), None).unwrap();
    };
    let mut plants = vec![(everybody, "it is world-writable")];
    if geteuid().is_root() {
        let why = "it belongs to user 12345, who is neither you nor root";
        plants.extend([(somebody, why), (link, why)]);
    }
    for (plant, why) in plants {
        fs::remove_file(&file).unwrap();
        fs::write(&file, LOCAL).unwrap();
        mode(&file, 0o644);
        let list = |folder: &Path| sandbox.run(["list"]).env("HOME", &home).cwd(folder);
        list(Path::new("/")).ok();
        plant();
        let shown = file.display().to_string();
        let quoted = shown.replace('\'', "'\\''");
        let chmod = format!("read it, then: chmod o-w '{quoted}'; or ");
        let chmod = if why.ends_with("writable") {
            &*chmod
        } else {
            ""
        };
        for folder in [Path::new("/"), &home] {
            // Root takes what belongs to whom the working folder belongs to.
            list(folder)
                .stderr(format!(
                    "lazycred: error: `{shown}` could have been planted: {why}\n\
                     lazycred: hint: {chmod}to trust it: LAZYCRED_CONFIG='{quoted}'\n"
                ))
                .status(2);
        }
        let named = sandbox.run(["list"]).env("HOME", &home).cwd("/");
        named.env("LAZYCRED_CONFIG", &file).ok();
    }
}

#[test]
fn sensitive_settings_are_refused_from_a_found_file_but_accepted_from_home() {
    let sandbox = Sandbox::local();
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let elsewhere = sandbox.home().join("elsewhere").display().to_string();
    let outside = "a `file:` path that is absolute or has `..`";
    let accounts = r#""key_accounts": ["111122223333"]"#;
    for (text, what) in [
        (format!(r#""key_alias": "{arn}""#), "an ARN as `key_alias`"),
        (format!(r#""s3_path": "file:{elsewhere}""#), outside),
        (r#""s3_path": "file:a/../../b""#.into(), outside),
        (r#""s3_path": "file:..""#.into(), outside),
        (accounts.into(), "`key_accounts`"),
        (r#""keys": ["local:other"]"#.into(), "`keys`"),
        (r#""profile": "p""#.into(), "`profile`"),
    ] {
        let mut members = vec![
            r#""s3_path": "file:secrets""#,
            r#""key_alias": "local:dev""#,
        ];
        members.retain(|member| member.split(':').next() != text.split(':').next());
        let text = format!("{{{}, {text}}}", members.join(", "));
        let file = sandbox.write("it's/.lazycred", &text);
        let shown = file.display().to_string();
        let quoted = shown.replace('\'', "'\\''");
        sandbox
            .run(["list"])
            .cwd("it's")
            .stderr(format!(
                "lazycred: error: `{shown}` was found by searching; {what} is accepted only from a file that you name\n\
                 lazycred: hint: to trust it: LAZYCRED_CONFIG='{quoted}'\n"
            ))
            .status(2);
        let refused = "found by searching";
        for run in [
            sandbox
                .run(["list"])
                .cwd("it's")
                .env("HOME", sandbox.home().join("it's")),
            sandbox.run(["list"]).env("LAZYCRED_CONFIG", &file),
        ] {
            let offline = run.env("AWS_EC2_METADATA_DISABLED", "true").any_stderr();
            let outcome = offline.outcome();
            assert!(!outcome.stderr.contains(refused), "{outcome}");
        }
    }
}

#[test]
fn flags_that_say_all_look_for_no_file() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let planted = sandbox.write("there/.lazycred", "not JSON");
    mode(&planted, 0o666);
    let flags = ["--s3-path", "file:../secrets", "--key-alias", "local:dev"];
    let run = |arguments: &[&'static str]| sandbox.run(arguments).cwd("there");
    let all: Vec<&'static str> = ["get", "a"].into_iter().chain(flags).collect();
    run(&all).stdout("x").ok();
    run(&all[..4]).fails(2);
    let named = run(&["get", "a"]).env("LAZYCRED_CONFIG", sandbox.home().join(".lazycred"));
    named.stdout("x").ok();
}

/// Runs a script as a user who is not root, in a folder of its own, which is
/// TMPDIR too; `None` where that user may not come to the program.
pub fn as_nobody(script: &str) -> Option<(String, String)> {
    let sandbox = Sandbox::new();
    for folder in sandbox.home().ancestors().take(2) {
        mode(folder, 0o755);
    }
    let theirs = sandbox.write("theirs/.keep", "");
    let theirs = theirs.parent().unwrap();
    mode(theirs, 0o777);
    let start = |script: &str| {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", script])
            .env_clear()
            .env("L", PROGRAM)
            .env("TMPDIR", theirs)
            .current_dir("/");
        if geteuid().is_root() {
            shell.uid(65534).gid(65534);
        }
        shell.output().unwrap()
    };
    if !start("$L --version").status.success() {
        full::skip("as an ordinary user", "nobody may come to this folder");
        return None;
    }
    let seen = start(script);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Some((text(seen.stdout), text(seen.stderr)))
}

#[test]
fn an_unsearchable_folder_counts_as_having_no_file() {
    let script = "
        t=$(mktemp -d) && mkdir -p $t/a/b $t/home $t/s && cd $t/a/b || exit 1
        export LAZYCRED_S3_PATH=file:$t/s LAZYCRED_KEY_ALIAS=local:dev HOME=$t/home
        echo '{' > .lazycred
        chmod 0 $t/home
        chmod 0 $t/a/b && $L list && echo one
        chmod 700 $t/a/b && chmod 0 .lazycred
        $L list 2>/dev/null || echo $?
        rm .lazycred && cd $t/a && chmod 0 $t
        $L list 2>&1 | grep -c 'cannot list'
        chmod 700 $t && chmod 700 $t/home && rm -r $t";
    let Some((out, err)) = as_nobody(script) else {
        return;
    };
    // A file that is there and may not be read is an error still.
    assert_eq!((&*out, &*err), ("one\n2\n1\n", ""));
}

#[test]
fn a_byte_order_mark_is_skipped_and_utf_16_is_called_by_its_name() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let file = sandbox.write(".lazycred", format!("\u{feff}{LOCAL}"));
    sandbox.run(["get", "a"]).stdout("x").ok();
    let marked = format!("\u{feff}{LOCAL}");
    let coded = |text: &str, code: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(code).collect()
    };
    for bytes in [LOCAL, &marked]
        .into_iter()
        .flat_map(|text| [coded(text, u16::to_le_bytes), coded(text, u16::to_be_bytes)])
    {
        fs::write(&file, bytes).unwrap();
        sandbox
            .run(["get", "a"])
            .stderr(format!(
                "lazycred: error: `{}` is UTF-16, but must be UTF-8\n\
                 lazycred: hint: save it as UTF-8, as in `iconv -f UTF-16 -t UTF-8`\n",
                file.display()
            ))
            .status(2);
    }
}

#[test]
fn a_working_folder_that_is_gone_stops_nobody_who_needs_none() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let script = format!("mkdir gone && cd gone && rmdir ../gone && '{PROGRAM}' get a");
    let run = |script: &str| sandbox.shell(script);
    run(&script).stdout("x").ok();
    let flags = "--s3-path file:here --key-alias local:dev";
    let put = format!("{} put a", script.strip_suffix(" get a").unwrap());
    let put = format!("{put} {flags}").replace("gone", "gone2");
    run(&put).stdin("y").fails(1);
    assert_eq!(sandbox.read("here/a"), None);
    let said = "no configuration: no `.lazycred` in the home folder (the working directory is gone), and LAZYCRED_S3_PATH is not set\n";
    let script = script.replace("gone", "gone3");
    run(&script)
        .env("HOME", "/nowhere")
        .stderr_has(said)
        .status(2);
}

#[test]
fn on_a_runner_without_a_configuration_its_variables_are_named() {
    let sandbox = Sandbox::new();
    for (name, value, is_runner) in [
        ("GITHUB_ACTIONS", "true", true),
        ("CI", "true", true),
        ("CI", "false", false),
        ("CI", "", false),
    ] {
        let told = sandbox.run("exec db -- true").env(name, value);
        let told = told.fails(125).stderr;
        let names_them = told.contains("hint: set LAZYCRED_S3_PATH=BUCKET/PREFIX/ and AWS_REGION");
        assert_eq!(names_them, is_runner, "{told}");
        assert_eq!(told.contains("init --local"), !is_runner, "{told}");
    }
}
