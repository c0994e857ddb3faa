//! Short flags do what the long ones do.

use crate::support::{ALIAS, FakeAws, Sandbox};

#[test]
fn short_flags_are_the_long_ones() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"user": "app", "port": 1}"#);
    sandbox.prints("get db -f user", "app");
    sandbox.prints("get -fuser db", "app");
    sandbox.run("get db -f user -o out.txt").ok();
    assert_eq!(sandbox.read("out.txt").unwrap(), b"app");
    sandbox
        .run("get db -o -")
        .stdout(r#"{"user": "app", "port": 1}"#)
        .ok();
    sandbox.prints("export db -f dotenv --only USER", "USER='app'\n");
    let told = sandbox.run("exec db --dry-run --only USER").gives().text();
    sandbox.prints("exec db -n --only USER", &told);
    for args in ["-q put db", "put -q db", "put db -q"] {
        sandbox.run(args).stdin("{}").ok();
    }
}

#[test]
fn y_answers_the_questions() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::aws(&aws.url(), "acme-secrets/prod/", ALIAS);
    sandbox.put("db", "{}");
    sandbox.run("upgrade -y").any_stdout().any_stderr().ok();
    assert!(aws.operations().contains(&"ReEncrypt".to_owned()));
    sandbox
        .run("init --create -y")
        .any_stdout()
        .any_stderr()
        .ok();
}
