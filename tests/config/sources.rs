//! Where the configuration comes from, and what is refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::harness::Sandbox;

const LOCAL: &str = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev"}"#;

/// Two folders with a store each; says which one a run reads.
fn two_stores() -> Sandbox {
    let sandbox = Sandbox::local();
    fs::create_dir_all(sandbox.home().join("project/src")).unwrap();
    sandbox.put("s", "home");
    sandbox.write("project/.lazycred", LOCAL);
    let project = sandbox.home().join("project/secrets");
    let s3_path = format!("file:{}", project.display());
    sandbox
        .run(["--quiet", "put", "s", "--s3-path", &s3_path])
        .stdin("project")
        // The folder's name.
        .may_leak()
        .ok();
    sandbox
}

#[test]
fn the_first_file_on_the_way_up_is_used_and_home_is_the_last() {
    let sandbox = two_stores();
    for (folder, expected) in [
        ("project/src", "project"),
        ("project", "project"),
        (".", "home"),
        ("/", "home"),
    ] {
        sandbox.run(["get", "s"]).cwd(folder).stdout(expected).ok();
    }
}

#[test]
fn flags_stand_above_a_named_file_above_the_walk_above_variables() {
    let sandbox = two_stores();
    let project = sandbox.home().join("project/.lazycred");
    sandbox
        .run(["get", "s"])
        .env("LAZYCRED_CONFIG", "project/.lazycred")
        .stdout("project")
        .ok();
    let run = sandbox.run(["--config", project.to_str().unwrap(), "get", "s"]);
    run.stdout("project").ok();
    sandbox.prints("get s --s3-path file:project/secrets", "project");
    let home = sandbox.home().display().to_string();
    sandbox
        .run(["get", "s"]).cwd("project")
        .env("LAZYCRED_S3_PATH", "file:elsewhere")
        .stdout("project")
        .stderr(&format!("lazycred: warning: using `{home}/project/.lazycred`; ignoring LAZYCRED_S3_PATH, which differs\n"))
        .ok();
    // So it does where the file is the home folder's, on the way up or the last.
    for folder in [".", "/"] {
        sandbox
            .run(["get", "s"]).cwd(folder)
            .env("LAZYCRED_S3_PATH", "file:elsewhere")
            .env("LAZYCRED_KEY_ALIAS", "other")
            .stdout("home")
            .stderr(&format!(
                "lazycred: warning: using `{home}/.lazycred`; ignoring LAZYCRED_S3_PATH, which differs\n\
                 lazycred: warning: using `{home}/.lazycred`; ignoring LAZYCRED_KEY_ALIAS, which differs\n"
            ))
            .ok();
    }
    // A file that was named is meant.
    sandbox
        .run(["get", "s"])
        .env("LAZYCRED_CONFIG", sandbox.home().join(".lazycred"))
        .env("LAZYCRED_S3_PATH", "file:elsewhere")
        .stdout("home")
        .ok();
    fs::remove_file(sandbox.home().join(".lazycred")).unwrap();
    sandbox
        .run(["get", "s"])
        .env("LAZYCRED_S3_PATH", "file:secrets")
        .env("LAZYCRED_KEY_ALIAS", "local:dev")
        .stdout("home")
        .ok();
}

#[test]
fn an_invalid_file_is_an_error_and_never_a_reason_to_look_further() {
    let sandbox = two_stores();
    for (text, said) in [
        ("{", "is not a JSON object, at line 1, column 1"),
        (
            r#"{"s3_path": 5}"#,
            "`s3_path` must be a string that is not empty",
        ),
        (r#"{"region": "r"}"#, "has no `s3_path`"),
        (
            r#"{"s3_path": "file:../x", "key_alias": "local:dev"}"#,
            "was found by searching; a `file:` path that is absolute or has `..` is accepted only from a file that you name",
        ),
        (
            r#"{"s3_path": "b/", "profile": "p"}"#,
            "`profile` is accepted only from a file that you name",
        ),
    ] {
        sandbox.write("project/.lazycred", text);
        let run = sandbox.run(["get", "s"]);
        run.cwd("project").stderr_has(said).status(2);
    }
}

#[test]
fn a_member_of_the_wrong_type_is_an_error_that_names_it() {
    let sandbox = Sandbox::local();
    for (member, wrong) in [
        ("s3_path", &["5", "null", "\"\"", "[\"file:secrets/\"]"][..]),
        ("key_alias", &["5", "null", "\"\"", "{}"]),
        ("region", &["5", "null", "false"]),
        ("bucket_region", &["5", "[]"]),
        ("profile", &["5", "true"]),
        ("account", &["123456789012", "\"12\"", "null"]),
        (
            "key_accounts",
            &["\"123456789012\"", "[123456789012]", "{}"],
        ),
        ("keys", &["\"acme\"", "[5]", "null"]),
        ("format", &["\"2\"", "2.0", "3", "true", "null"]),
        ("min_format", &["\"1\"", "0", "[]"]),
        ("pin_key", &["\"yes\"", "1", "null"]),
        ("max_age", &["90", "\"90\"", "null"]),
    ] {
        for value in wrong {
            let mut text: Value = json!({"s3_path": "file:secrets/", "key_alias": "local:dev"});
            text[member] = serde_json::from_str(value).unwrap();
            let file = sandbox.write(".lazycred", text.to_string());
            let outcome = sandbox.run(["list"]).outcome();
            let said = format!("lazycred: error: `{}`: `{member}` must be ", file.display());
            assert!(outcome.stderr.starts_with(&said), "{}", outcome.stderr);
            assert_eq!(outcome.status, 2, "{member}: {value}");
        }
    }
}

#[test]
fn a_path_that_is_a_url_is_refused_and_the_hint_leaves_the_scheme_out() {
    let sandbox = Sandbox::local();
    let refused = |run: crate::support::harness::Run, place: &str| {
        run.stderr(&format!(
            "lazycred: error: {place}`s3_path` is `s3://bucket/prefix/`, but must not be a URL\n\
             lazycred: hint: remove `s3://`: `bucket/prefix/`\n",
        ))
        .status(2);
    };
    let flag = ["list", "--s3-path", "s3://bucket/prefix/"];
    refused(sandbox.run(flag), "");
    let flag = ["init", "--s3-path", "s3://bucket/prefix/"];
    refused(sandbox.run(flag), "");
    let file = sandbox.write(
        ".lazycred",
        r#"{"s3_path": "s3://bucket/prefix/", "key_alias": "k"}"#,
    );
    refused(sandbox.run(["list"]), &format!("`{}`: ", file.display()));
}

#[test]
fn what_can_be_no_region_is_refused_wherever_it_stands_but_not_where_none_is_needed() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    let local = sandbox.run(["get", "s", "--region", "eu west"]);
    local.env("AWS_MAX_ATTEMPTS", "x").stdout("x").ok();
    sandbox.write(".lazycred", r#"{"s3_path": "b/", "key_alias": "k"}"#);
    let refused = |run: crate::support::harness::Run, source: &str| {
        run.stderr(format!(
            "lazycred: error: `eu west`, from {source}, is not a valid region\n\
             lazycred: hint: use letters, digits and `-`, as in `eu-west-1`\n",
        ))
        .status(2);
    };
    refused(sandbox.run(["list", "--region", "eu west"]), "--region");
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        refused(sandbox.run(["list"]).env(name, "eu west"), name);
    }
    for member in ["region", "bucket_region"] {
        let text = format!("{{\"s3_path\": \"b/\", \"{member}\": \"eu west\"}}");
        let file = sandbox.write(".lazycred", text);
        let source = format!("`{member}` in `{}`", file.display());
        refused(sandbox.run(["list"]), &source);
    }
    sandbox.run(["get", "s", "--region", ""]).fails(2);
}

#[test]
fn an_unknown_member_is_a_warning_that_quiet_drops() {
    let sandbox = two_stores();
    let file = sandbox.write(
        ".lazycred",
        r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "colour": 1}"#,
    );
    sandbox
        .run(["get", "s"])
        .stdout("home")
        .stderr(&format!(
            "lazycred: warning: `{}`: ignoring the unknown member `colour`\n",
            file.display()
        ))
        .ok();
    sandbox.run(["--quiet", "get", "s"]).stdout("home").ok();
    // One that was misspelt is told what it may have been, in an environment too.
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "pin_kye": true,
            "environments": {"prod": {"key_alais": "local:x"}}}"#,
    );
    let file = file.display();
    sandbox
        .run("get s")
        .stdout("home")
        .stderr(format!(
            "lazycred: warning: `{file}`: ignoring the unknown member `pin_kye`: did you mean `pin_key`?\n\
             lazycred: warning: `{file}`: ignoring the unknown member `environments.prod.key_alais`: did you mean `key_alias`?\n",
        ))
        .ok();
}

#[test]
fn a_file_that_others_could_have_planted_is_refused_with_the_line_that_accepts_it() {
    let sandbox = two_stores();
    let file = sandbox.home().join("project/.lazycred");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let outcome = sandbox.run(["get", "s"]).cwd("project").fails(2);
    let hint = format!(
        "lazycred: hint: read it, then: chmod o-w {0}; or to trust it: LAZYCRED_CONFIG={0}\n",
        file.display()
    );
    assert!(
        outcome.stderr.contains("could have been planted") && outcome.stderr.ends_with(&hint),
        "{outcome}"
    );
    let run = sandbox.run(["get", "s"]);
    run.env("LAZYCRED_CONFIG", &file).stdout("project").ok();
    sandbox.shell(&format!("chmod o-w {}", file.display())).ok();
    let run = sandbox.run(["get", "s"]).cwd("project");
    run.stdout("project").ok();
}

#[test]
fn a_log_variable_does_what_the_flag_does() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    let exec = sandbox.run(["exec", "s", "--", "printenv", "S"]);
    exec.env("S", "old").stdout("x\n").ok();
    for run in [
        sandbox.run(["exec", "s", "-v", "--", "printenv", "S"]),
        sandbox
            .run(["exec", "s", "--", "printenv", "S"])
            .env("LAZYCRED_LOG", "info"),
    ] {
        run.env("S", "old")
            .stdout("x\n")
            .stderr("lazycred: info: inherited variable S is overridden by `s`\n")
            .ok();
    }
}

#[test]
fn root_accepts_the_owner_of_the_working_folder_and_the_user_behind_sudo() {
    use std::os::unix::fs::{MetadataExt, chown};
    let sandbox = two_stores();
    if sandbox.home().metadata().unwrap().uid() != 0 {
        return;
    }
    let project = sandbox.home().join("project");
    let file = project.join(".lazycred");
    let status = |folder: &str, sudo: Option<&str>| {
        let run = sandbox.run(["get", "s"]).cwd(folder);
        match sudo {
            Some(uid) => run.env("SUDO_UID", uid),
            None => run,
        }
        .outcome()
        .status
    };
    chown(&file, Some(1234), None).unwrap();
    assert_eq!(
        status("project", None),
        2,
        "somebody else's file in a folder of root's"
    );
    assert_eq!(status("project", Some("1234")), 0);
    assert_eq!(status("project", Some("1235")), 2);
    chown(&project, Some(1234), None).unwrap();
    assert_eq!(status("project", None), 0, "a bind mount, a checkout");
    assert_eq!(
        status("project/src", None),
        2,
        "the file is not in the working folder"
    );
}

#[test]
fn a_link_that_leads_nowhere_does_not_let_another_file_count() {
    let sandbox = two_stores();
    std::os::unix::fs::symlink("nowhere", sandbox.home().join("project/src/.lazycred")).unwrap();
    sandbox
        .run(["get", "s"])
        .cwd("project/src")
        .stderr_has("project/src/.lazycred` cannot be read")
        .status(2);
}

#[test]
fn a_home_behind_a_link_is_the_home_all_the_same() {
    let sandbox = two_stores();
    let secrets = sandbox.home().join("secrets");
    let text = format!(
        r#"{{"s3_path": "file:{}", "key_alias": "local:dev"}}"#,
        secrets.display()
    );
    sandbox.write(".lazycred", text);
    let link = sandbox.home().join("project/home");
    std::os::unix::fs::symlink(sandbox.home(), &link).unwrap();
    let run = sandbox.run(["get", "s"]);
    run.env("HOME", &link).stdout("home").ok();
}
