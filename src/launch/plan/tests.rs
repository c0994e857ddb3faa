//! What plans refuse, and what they pass on.

use super::*;

#[test]
fn the_first_of_a_duplicate_variable_counts_and_no_value_is_shown() {
    let environment = [("A", "hunter2"), ("A", "lazycred:db")];
    let mut plan = Plan::new(environment.map(|(name, value)| (name.into(), value.into())));
    plan.mark(&["*"]).unwrap();
    assert_eq!(plan.references().count(), 0);
    assert!(!format!("{plan:?}").contains("hunter2"));
}

#[test]
fn a_plan_that_only_a_command_can_follow_gives_no_variables() {
    let client = crate::client::blocking::Client::in_memory().unwrap();
    client.put("db", r#"{"user": "app"}"#).unwrap();
    let mut plan = Plan::new([("A".into(), "lazycred:db#user".into())]);
    plan.mark(&["*"]).unwrap();
    let variables = client.block_on(async |client| plan.variables(client).await);
    assert_eq!(variables.unwrap_err().exit_code(), 2);
}

#[test]
fn a_file_in_memory_is_inherited_by_nothing_but_the_command() {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    use std::os::fd::BorrowedFd;
    let client = crate::client::blocking::Client::in_memory().unwrap();
    client.put("cert", "hunter2").unwrap();
    let mut plan = Plan::new([]);
    plan.files
        .push(("CERT".parse().unwrap(), "cert".parse().unwrap()));
    let environ = client.block_on(async |client| plan.environ(client).await);
    let environ = environ.unwrap();
    let is_inherited = |file: BorrowedFd| {
        let flags = fcntl(file, FcntlArg::F_GETFD).unwrap();
        !FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC)
    };
    let inherited = |environ: &Environ| environ.files().any(is_inherited);
    assert!(!inherited(&environ));
    environ.pass_on_files(true).unwrap();
    assert!(inherited(&environ));
    environ.pass_on_files(false).unwrap();
    assert!(!inherited(&environ));
}

#[test]
fn a_name_that_would_set_another_variable_is_refused() {
    let client = crate::client::blocking::Client::in_memory().unwrap();
    client.put("db", "x").unwrap();
    for name in ["", "A=B"] {
        let mut plan = Plan::new([]);
        plan.marked.push((name.into(), "db".parse().unwrap()));
        let environ = client.block_on(async |client| plan.environ(client).await);
        let error = environ.unwrap().check().unwrap_err();
        assert!(error.to_string().contains("is not a variable's name"));
    }
}

#[test]
fn what_fetches_can_be_spawned_on_other_threads() {
    fn spawnable<T: Send>(_: &T) {}
    let client = Client::in_memory();
    spawnable(&Plan::new([]).variables(&client));
    spawnable(&Plan::new([]).environ(&client));
}

#[test]
fn a_text_with_a_nul_becomes_a_file_but_no_variable() {
    let client = crate::client::blocking::Client::in_memory().unwrap();
    client.put("db", "x").unwrap();
    let template = || Template::parse("T", b"hunter2\0{{db}}").unwrap();
    let mut plan = Plan::new([]);
    plan.templates.push(("F".parse().unwrap(), template()));
    let environ = client.block_on(async |client| plan.environ(client).await);
    let sizes: Vec<_> = environ.as_ref().unwrap().changes().collect();
    assert_eq!(sizes[0].1.bytes, Some(9));
    let mut plan = Plan::new([]);
    plan.sets.push(("V".parse().unwrap(), template()));
    assert!(!format!("{plan:?}").contains("hunter2"));
    let environ = client.block_on(async |client| plan.environ(client).await);
    let error = environ.unwrap_err().to_string();
    assert_eq!(
        error,
        "the text for `V` contains a NUL, which no variable can hold"
    );
}

#[test]
fn every_variable_is_given_out_byte_for_byte_whatever_is_in_its_name_and_value() {
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let client = crate::client::blocking::Client::in_memory().unwrap();
    client
        .put(
            "db",
            r#"{"url": "a=b=c", "empty": "", "host": "new", "lines": "a\nb"}"#,
        )
        .unwrap();
    let raw = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let inherited = [
        ("=C:".into(), "C:\\x".into()),
        (raw(b"\xffX"), raw(b"\xfe=\xff")),
        ("HOST".into(), "old".into()),
        ("NONE".into(), OsString::new()),
        ("EQUALS".into(), "=".into()),
    ];
    let mut plan = Plan::new(inherited);
    plan.listed.push("db".parse().unwrap());
    let environ = client.block_on(async |client| plan.environ(client).await);
    let environ = environ.unwrap();
    environ.check().unwrap();
    let given: Vec<(&[u8], &[u8])> = environ
        .variables()
        .map(|(name, value)| (name.as_bytes(), value))
        .collect();
    let expected: [(&[u8], &[u8]); 8] = [
        (b"=C:", b"C:\\x"),
        (b"EMPTY", b""),
        (b"EQUALS", b"="),
        (b"HOST", b"new"),
        (b"LINES", b"a\nb"),
        (b"NONE", b""),
        (b"URL", b"a=b=c"),
        (b"\xffX", b"\xfe=\xff"),
    ];
    assert_eq!(given, expected);
}
