//! `exec`: the inherited environment and the filters.

use crate::support::{FakeAws, Sandbox, fake_aws::record};

#[test]
fn filters_hold_for_names_out_of_secrets_and_for_no_other() {
    let mut sandbox = Sandbox::local();
    sandbox.put("s", r#"{"a": "1", "b": "2", "c": "\u0000", "ld_x": "3"}"#);
    sandbox.set("KEPT", "inherited");
    let exec = "exec --only A --only B --except B --prefix= s TYPED=s#b -- env";
    let mut lines = sandbox.run(exec).gives().lines();
    lines.retain(|line| !line.starts_with("HOME=") && !line.starts_with("PATH="));
    let expected = ["A=1", "KEPT=inherited", "TYPED=2"];
    assert_eq!(lines, expected, "what is filtered away is not checked");
    let prefixed = "exec --pristine --only P_A --prefix P_ s -- /usr/bin/env";
    let seen = sandbox.run(prefixed).gives().lines();
    assert_eq!(seen, ["P_A=1"], "the final name is what is matched");
}

#[test]
fn path_is_looked_up_before_it_is_dropped() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    sandbox.run("exec --pristine s -- env").stdout("S=x\n").ok();
}

#[test]
fn a_null_unsets_what_is_inherited_and_a_file_of_null_too() {
    let mut sandbox = Sandbox::local();
    sandbox.put("s", r#"{"none": null}"#);
    sandbox.set("V", "inherited");
    let run = |options: &[&str]| {
        let args = [
            &["exec"],
            options,
            &["--", "sh", "-c", "echo \"${V-unset}\""],
        ]
        .concat();
        sandbox.run(args).gives().text()
    };
    assert_eq!(run(&["V=s#none"]), "unset\n");
    assert_eq!(run(&["--file", "V=s#none"]), "unset\n");
    assert_eq!(run(&["V=s#none", "--null", "empty"]), "\n");
    assert_eq!(run(&["V=s#none", "--no-override"]), "inherited\n");
}

#[test]
fn an_environment_that_is_too_large_names_its_largest_variables() {
    let sandbox = Sandbox::local();
    let fields: Vec<String> = (10..80)
        .map(|n| format!("\"v{n}\": \"{}\"", "x".repeat(100_000 + n)))
        .collect();
    sandbox.put("s", format!("{{{}}}", fields.join(", ")));
    sandbox
        .run(["exec", "s", "--", "true"])
        .stderr_has("; largest: `V79` (100084), `V78` (100083), `V77` (100082)\n")
        .stderr_has("hint: `--file VAR=REFERENCE` passes a secret as a file of any size")
        .status(125);
}

#[test]
fn the_largest_environment_the_system_accepts_works_and_one_byte_more_is_our_error() {
    let sandbox = Sandbox::local();
    // A quarter of the stack's limit, for each string with its NUL, the
    // program's path twice, and a pointer to each argument and variable.
    let limit = 4 * 1024 * 1024 / 4;
    let others = 2 * "/bin/true\0".len() + (1 + 9) * size_of::<usize>();
    let filler = limit - others - 8 * (125_000 + "V0=\0".len()) - "F=\0".len();
    let status = |filler: usize| {
        let mut fields = serde_json::Map::new();
        for n in 0..8 {
            fields.insert(format!("v{n}"), "x".repeat(125_000).into());
        }
        fields.insert("f".to_owned(), "x".repeat(filler).into());
        sandbox.put("s", serde_json::Value::from(fields).to_string());
        let script = format!(
            "ulimit -s 4096; exec {} exec --pristine s -- /bin/true",
            crate::support::PROGRAM
        );
        sandbox.shell(&script).outcome()
    };
    assert_eq!(status(filler).status, 0);
    let over = status(filler + 1);
    assert_eq!(over.status, 125);
    let said = format!("take {} bytes, more than the {limit} that", limit + 1);
    assert!(over.stderr.contains(&said), "{over}");
}

#[test]
fn a_record_larger_than_the_limit_is_not_read() {
    let server = FakeAws::holding(record(&vec![b'x'; 300_000]), |_, _| None);
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    sandbox
        .run(["get", "s", "--max-size", "1000"])
        .stderr_has("hint: --max-size BYTES allows larger secrets")
        .status(4);
    assert_eq!(server.operations(), ["GetObject"]);
}

#[test]
fn every_failing_reference_is_reported_and_nothing_runs() {
    let sandbox = Sandbox::local();
    sandbox.put("good", "x");
    let outcome = sandbox
        .run(["exec", "one", "good", "two", "one#x", "--", "touch", "ran"])
        .outcome();
    let lines = outcome.stderr.lines();
    let errors: Vec<_> = lines.filter(|line| line.contains("error:")).collect();
    assert_eq!((outcome.status, errors.len()), (125, 2), "{outcome}");
    assert!(errors[0].contains("`one`") && errors[1].contains("`two`"));
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_start_without_a_secret_or_a_command_is_an_error() {
    let sandbox = Sandbox::local();
    for args in [
        &["exec", "--", "env"][..],
        &["exec", "x"],
        &["exec", "x", "--nope", "--", "env"],
        &["--region", "get", "-v", "exec"],
        &["--region=x", "exec", "--nope"],
        &["--region"],
        &["get", "exec", "--nope"],
    ] {
        let is_exec = args[0] != "get" && args.contains(&"exec");
        let expected = if is_exec { 125 } else { 2 };
        sandbox.run(args).any_stderr().status(expected);
    }
}
