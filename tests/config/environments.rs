//! Environments: which one is chosen, and what it says instead of the file.

use std::fs;

use crate::support::moto::Original;
use crate::support::{BUCKET, FakeAws, Moto, Sandbox};

const OWN: &str = "of-the-file's-own-store";
const PROD: &str = "of-the-store-of-prod";

/// Two stores in one file: the file's own, and that of `prod`.
fn two() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("s", OWN);
    let text = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "environments": {
        "prod": {"s3_path": "file:prod/", "key_alias": "local:dev"}, "same": {}}}"#;
    sandbox.write(".lazycred", text);
    let put = sandbox.run("--quiet -e prod put s");
    put.stdin(PROD).ok();
    sandbox
}

fn shown(sandbox: &Sandbox) -> String {
    sandbox.home().join(".lazycred").display().to_string()
}

#[test]
fn a_flag_chooses_an_environment_before_or_after_the_commands_name_and_else_a_variable() {
    let sandbox = two();
    for line in [
        "-e prod get s",
        "get s -e prod",
        "get -e prod s",
        "get s -eprod",
        "--environment prod get s",
        "get --environment=prod s",
    ] {
        sandbox.run(line).stdout(PROD).ok();
    }
    let by_variable = |line: &str, name: &str| sandbox.run(line).env("LAZYCRED_ENVIRONMENT", name);
    by_variable("get s", "prod").stdout(PROD).ok();
    // The flag counts, and an empty variable is none.
    by_variable("get s -e same", "prod").stdout(OWN).ok();
    by_variable("get s -e prod", "nope").stdout(PROD).ok();
    by_variable("get s", "").stdout(OWN).ok();
    sandbox.run("get s").stdout(OWN).ok();
    // What is to be pasted does not depend on the variable.
    let undo = "saved s (replaced; undo: lazycred rollback s -e prod)\n";
    by_variable("put s", "prod").stdin(PROD).stderr(undo).ok();
    let hint = "lazycred: hint: `lazycred list -e prod` shows";
    by_variable("get nope", "prod").stderr_has(hint).status(3);
    let config = sandbox.home().join(".lazycred");
    let named = sandbox.run("get s -e prod").cwd("/");
    named.env("LAZYCRED_CONFIG", config).stdout(PROD).ok();
    let exec = sandbox.run("exec -e prod s -- printenv S");
    exec.stdout(format!("{PROD}\n")).ok();
}

#[test]
fn the_options_of_lazycred_exec_and_its_variables_choose_one_too() {
    let sandbox = two();
    let run = || {
        let run = sandbox.run("printenv S").arg0("lazycred-exec");
        run.env("LAZYCRED_SECRETS", "s")
    };
    let prod = format!("{PROD}\n");
    for options in ["-e prod", "--environment=prod", "-eprod"] {
        run().env("LAZYCRED_OPTIONS", options).stdout(&prod).ok();
    }
    run().env("LAZYCRED_ENVIRONMENT", "prod").stdout(&prod).ok();
    run().stdout(format!("{OWN}\n")).ok();
    let wrong = run()
        .env("LAZYCRED_OPTIONS", "-e prdo")
        .stderr_has("has no environment `prdo`");
    wrong.status(125);
}

const MANY: &str = r#"{"s3_path": "own/", "key_alias": "own", "region": "eu-west-1", "bucket_region": "eu-west-2",
    "account": "111111111111", "sse": "AES256", "format": 2, "min_format": 2, "keys": ["a", "b"],
    "key_accounts": ["222222222222"], "max_age": "1d", "environments": {
        "none": {},
        "store": {"s3_path": "other/"},
        "alias": {"key_alias": "other"},
        "both": {"s3_path": "other/", "key_alias": "other", "account": "333333333333", "bucket_region": "us-east-2"},
        "some": {"region": "us-east-1", "keys": ["c"], "key_accounts": [], "format": 1, "min_format": 1,
                 "sse": "aws:kms", "max_age": "2d", "account": "444444444444"}}}"#;

/// What is in force under each of them: `E` from the environment, `F` from the file.
const IN_FORCE: &str = "
    none: s3_path own/ F, key_alias own F, region eu-west-1 F, bucket_region eu-west-2 F, account 111111111111 F, \
        sse AES256 F, format 2 F, min_format 2 F, keys alias/a+alias/b F, key_accounts 222222222222 F, max_age 1d F
    store: s3_path other/ E, region eu-west-1 F, sse AES256 F, format 2 F, min_format 2 F, max_age 1d F
    both: s3_path other/ E, key_alias other E, region eu-west-1 F, bucket_region us-east-2 E, account 333333333333 E, \
        sse AES256 F, format 2 F, min_format 2 F, max_age 1d F
    some: s3_path own/ F, key_alias own F, region us-east-1 E, bucket_region eu-west-2 F, account 444444444444 E, \
        sse aws:kms E, format 1 E, min_format 1 E, keys alias/c E, max_age 2d E";

/// Each line of `doctor` under the configuration [`MANY`].
fn doctor(sandbox: &Sandbox, more: &str) -> Vec<String> {
    let run = sandbox.run(&*format!("doctor --offline --config c.json {more}"));
    let run = run.env("AWS_EC2_METADATA_DISABLED", "true");
    let run = run.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    let run = run.env("AWS_SECRET_ACCESS_KEY", "x").may_leak();
    run.any_stdout().any_stderr().outcome().lines()
}

#[test]
fn each_member_comes_from_the_environment_or_else_from_the_file() {
    let sandbox = Sandbox::apart();
    let file = sandbox.write("c.json", MANY).display().to_string();
    let by_file = format!("`, from `{file}` (--config)");
    for row in IN_FORCE.lines().filter(|row| !row.is_empty()) {
        let (environment, expected) = row.trim().split_once(": ").unwrap();
        let by_environment = format!("{by_file}, environment `{environment}`");
        let lines = doctor(&sandbox, &format!("-e {environment}"));
        let first = format!("ok      environment: `{environment}`, from --environment");
        assert_eq!(lines[0], first);
        let told = lines.iter().filter_map(|line| {
            let line = line.strip_prefix("ok      ")?;
            let of_environment = line.strip_suffix(&by_environment);
            let of_environment = of_environment.map(|line| format!("{line} E"));
            of_environment.or_else(|| Some(format!("{} F", line.strip_suffix(&by_file)?)))
        });
        let told: Vec<String> = told
            .map(|line| line.replacen(": `", " ", 1).replace(", ", "+"))
            .collect();
        assert_eq!(told.join(", "), expected, "{environment}");
    }
}

#[test]
fn flags_stand_before_an_environment_and_an_alias_alone_has_no_store() {
    let sandbox = Sandbox::apart();
    let file = sandbox.write("c.json", MANY).display().to_string();
    let lines = doctor(&sandbox, "-e both --region ap-south-1");
    let region = "ok      region: `ap-south-1`, from --region".to_owned();
    assert!(lines.contains(&region), "{lines:?}");
    sandbox
        .run("list --config c.json -e alias")
        .stderr(format!(
            "lazycred: error: `{file}`, environment `alias` has a `key_alias`, but no `s3_path`\n\
             lazycred: hint: add \"s3_path\": \"BUCKET/PREFIX/\" to environment `alias`, or pass --s3-path\n"
        ))
        .status(2);
    let lines = doctor(&sandbox, "-e alias --s3-path flag/");
    let expected = [
        "ok      s3_path: `flag/`, from --s3-path".to_owned(),
        format!("ok      key_alias: `other`, from `{file}` (--config), environment `alias`"),
    ];
    assert_eq!(lines[1..3], expected);
}

#[test]
fn what_undoes_a_change_names_the_environment_of_its_flag() {
    let sandbox = two();
    let put = sandbox.run("put s -e prod").stdin("of-another-day");
    let undo = "lazycred rollback s -e prod";
    let said = format!("saved s (replaced; undo: {undo})\n");
    put.stderr(said).ok();
    let undo = undo.strip_prefix("lazycred ").unwrap();
    sandbox.run(&*format!("--quiet {undo}")).ok();
    sandbox.run("get s -e prod").stdout(PROD).ok();
    sandbox.run("get s").stdout(OWN).ok();
}

#[test]
fn false_of_an_environment_replaces_true_of_the_file() {
    let sandbox = Sandbox::local();
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "cache": true, "pin_key": true, "environments": {
            "off": {"cache": false, "pin_key": false, "keys": ["local:old"]}, "on": {}, "keys": {"keys": ["local:old"]},
            "empty": {"keys": []}}}"#,
    );
    sandbox.put("s", OWN);
    for environment in ["on", "empty"] {
        let get = format!("get s --stale-if-error -e {environment}");
        sandbox.run(&*get).stdout(OWN).ok();
    }
    let file = shown(&sandbox);
    sandbox
        .run("get s --stale-if-error -e off")
        .stderr(format!(
            "lazycred: error: --stale-if-error needs the cache, which is off\n\
             lazycred: hint: add \"cache\": true to environment `off` of `{file}`\n",
        ))
        .status(2);
    sandbox.run("get s -e off").stdout(OWN).ok();
    // What the environment allows and the file pins is a contradiction as well.
    let said = format!(
        "lazycred: error: `{}`, environment `keys`: `pin_key` and `keys` cannot be combined\n\
         lazycred: hint: `pin_key` allows `key_alias` alone, `keys` allows others: remove one of them\n",
        shown(&sandbox)
    );
    sandbox.run("get s -e keys").stderr(said).status(2);
}

#[test]
fn the_format_of_an_environment_is_the_one_that_is_written() {
    let sandbox = Sandbox::local();
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "environments": {
            "new": {"format": 2, "min_format": 2, "max_age": "90d"}, "old": {"min_format": 1},
            "aged": {"max_age": "90d", "sse": "AES256"}}}"#,
    );
    let version = |name: &str| {
        let record = sandbox.read(format!("secrets/{name}")).unwrap();
        let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
        record["lazycred"].as_u64()
    };
    sandbox.run("--quiet put a -e new").stdin(OWN).ok();
    sandbox.run("--quiet put b -e old").stdin(OWN).ok();
    assert_eq!((version("a"), version("b")), (Some(2), None));
    sandbox.refuses("get b -e new", 4, "version 1");
    let place = format!(
        "lazycred: warning: `{}`, environment `aged`",
        shown(&sandbox)
    );
    sandbox
        .run("list -e aged")
        .stdout("a\nb\n")
        .stderr(format!(
            "{place}: `max_age` applies to version 2 records only, and version 1 records bypass it: add \"min_format\": 2\n\
             {place}: ignoring `sse`, which is for S3: the store is a folder\n"
        ))
        .ok();
}

#[test]
fn messages_about_another_source_name_the_environment() {
    let sandbox = two();
    let file = shown(&sandbox);
    let run = sandbox
        .run("get s -e prod")
        .env("LAZYCRED_S3_PATH", "file:elsewhere");
    run.stdout(PROD)
        .stderr(format!(
            "lazycred: warning: using `{file}`, environment `prod`; ignoring LAZYCRED_S3_PATH, which differs\n"
        ))
        .ok();
    // One that says neither leaves the file's own in force.
    let run = sandbox
        .run("get s -e same")
        .env("LAZYCRED_KEY_ALIAS", "local:x");
    run.stdout(OWN)
        .stderr(format!(
            "lazycred: warning: using `{file}`; ignoring LAZYCRED_KEY_ALIAS, which differs\n"
        ))
        .ok();
    let same = sandbox
        .run("get s -e prod")
        .env("LAZYCRED_S3_PATH", "file:prod/");
    same.stdout(PROD).ok();
}

#[test]
fn what_to_set_after_a_rekey_is_said_with_its_environment() {
    let sandbox = two();
    sandbox
        .run("--quiet init --local --key-alias local:new --config other.json")
        .ok();
    let file = shown(&sandbox);
    let rekey = sandbox.run("rekey s --to local:new -e prod");
    let said = format!("set \"key_alias\": \"local:new\" in `{file}`, environment `prod`\n");
    rekey.stderr_has(&said).ok();
    // Where it is the file's own, that is the place.
    let rekey = sandbox.run("rekey s --to local:new -e same");
    let said = format!("set \"key_alias\": \"local:new\" in `{file}`\n");
    rekey.stderr_has(&said).ok();
}

#[test]
fn a_hint_names_the_environment_that_a_member_is_to_be_added_to() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::aws(&aws.url(), "", "");
    let text = format!(
        r#"{{"s3_path": "b/", "key_alias": "k", "environments": {{"prod": {{"s3_path": "{BUCKET}/"}}}}}}"#
    );
    sandbox.write(".lazycred", text);
    let put = sandbox.run("put s -e prod").stdin(OWN);
    let file = shown(&sandbox);
    let hint = format!(
        "hint: pass --key-alias ALIAS, or add \"key_alias\" to environment `prod` of `{file}`\n"
    );
    put.stderr_has(&hint).status(2);
    sandbox
        .run("policy reader -e prod")
        .stderr_has(&hint)
        .status(2);
    let lacks = sandbox
        .run("list -e prod")
        .unset("AWS_REGION")
        .unset("AWS_DEFAULT_REGION");
    let hint = format!(
        "hint: pass --region REGION, or add \"region\" to environment `prod` of `{file}`\n"
    );
    lacks.stderr_has(&hint).status(2);
    // A file by another name is called by it.
    let other = sandbox.write("conf/other.json", format!(r#"{{"s3_path": "{BUCKET}/"}}"#));
    let hint = format!("or add \"key_alias\" to `{}`\n", other.display());
    let put = sandbox.run("put s --config conf/other.json").stdin(OWN);
    put.stderr_has(&hint).status(2);
}

#[test]
fn lazycred_0_2_3_reads_the_same_file_by_its_top_level_members() {
    let (Some(moto), Some(original)) = (Moto::shared(), Original::shared()) else {
        return;
    };
    moto.fresh_wrapping_key("environments");
    let bucket = moto.fresh_bucket();
    let sandbox = Sandbox::aws(&moto.endpoint(), "", "");
    let text = format!(
        r#"{{"s3_path": "{bucket}/own/", "key_alias": "environments", "region": "us-east-1", "environments": {{
            "prod": {{"s3_path": "{bucket}/prod/", "key_alias": "environments"}}}}}}"#
    );
    sandbox.write(".lazycred", text);
    for (put, secret) in [("--quiet put s", OWN), ("--quiet put s -e prod", PROD)] {
        sandbox.run(put).stdin(secret).ok();
    }
    sandbox.run("get s -e prod").stdout(PROD).ok();
    let got = original.get_in(moto, sandbox.work(), "s").unwrap();
    assert_eq!(got.as_deref(), Some(OWN.as_bytes()));
}

#[test]
fn an_environment_of_a_file_elsewhere_keeps_its_folder_beside_that_file() {
    let sandbox = two();
    fs::create_dir_all(sandbox.home().join("a/b")).unwrap();
    sandbox.run("get s -e prod").cwd("a/b").stdout(PROD).ok();
    let by_flag = sandbox
        .run("get s -e prod --s3-path file:../../secrets/")
        .cwd("a/b");
    by_flag.stdout(OWN).ok();
}
