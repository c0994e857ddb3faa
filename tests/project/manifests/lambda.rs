//! Templates of Lambda's functions: what wraps a runtime, and what is one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::local_store::{self, DATA_HOME, RECORDS};
use crate::support::manifests::lambda::{Runtime, at_opt, with_layers};
use crate::support::manifests::read::{self, Variables, interpolated, string, variables};
use crate::support::manifests::start::{S3_PATH, filled_store, start_program};
use crate::support::{PROGRAM, Sandbox};

/// What Lambda calls an architecture, and what the release's files do.
const ARCHITECTURES: [(&str, &str); 2] = [("x86_64", "x86_64"), ("arm64", "aarch64")];

#[track_caller]
fn template(file: &str) -> Value {
    let [template] = &read::yaml(file)[..] else {
        panic!("one document");
    };
    template.clone()
}

/// The variables of a function, with the default of what the template asks for.
#[track_caller]
fn environment(template: &Value, function: &Value) -> Variables {
    let mut environment = function["Environment"]["Variables"].clone();
    let s3_path = string(&environment["LAZYCRED_S3_PATH"]["Fn::Sub"]);
    let default = |name: &str| {
        let parameter = &template["Parameters"][name];
        parameter["Default"].as_str().map(str::to_owned)
    };
    environment["LAZYCRED_S3_PATH"] = interpolated(&s3_path, default).into();
    variables(&environment)
}

/// The folder of a function's one layer, which is for the function's architecture.
#[track_caller]
fn layer(template: &Value, function: &Value) -> String {
    let architectures = &function["Architectures"];
    let layer = string(&function["Layers"][0]["Ref"]);
    let layer = &template["Resources"][&layer]["Properties"];
    assert_eq!(layer["CompatibleArchitectures"], *architectures);
    let content = string(&layer["ContentUri"]);
    let names = ARCHITECTURES
        .iter()
        .find(|(theirs, _)| json!([theirs]) == *architectures);
    let (_, ours) = names.expect("an architecture");
    assert_eq!(content, format!("layers/{ours}/"));
    content
}

#[test]
fn the_layers_start_a_runtime_with_the_secrets_of_the_function_on_each_architecture() {
    let store = filled_store();
    let Some(folder) = with_layers(&store) else {
        return;
    };
    let template = template("lambda/template.yaml");
    let mut variables = environment(&template, &template["Globals"]["Function"]);
    let wrapper = variables.remove("AWS_LAMBDA_EXEC_WRAPPER").unwrap();
    let wrapper = wrapper
        .strip_prefix("/opt/")
        .expect("a layer is unpacked at /opt");
    let functions = ["Web", "WebOnArm"].map(|name| &template["Resources"][name]["Properties"]);
    let mut architectures = Vec::new();
    for function in functions {
        architectures.push(string(&function["Architectures"][0]));
        let layer = folder.join(layer(&template, function));
        let program = layer.join(wrapper);
        let link = fs::read_link(&program).unwrap();
        assert_eq!(link, Path::new("lazycred"), "it would not be one at /opt");
        assert!(!layer.join("share").exists(), "a layer of programs alone");
        let runtime = ["/var/lang/bin/python3.13", "/var/runtime/bootstrap.py"];
        let runtime = runtime.map(str::to_owned);
        let started = start_program(&program, &runtime, &variables, &store);
        started.has_the_secrets_and(&[]);
        assert_eq!(started.arguments, ["/var/runtime/bootstrap.py"]);
    }
    assert_eq!(architectures, ARCHITECTURES.map(|(theirs, _)| theirs));
}

/// A runtime in Bash, in place of a program in Go or Rust: it takes one event, and
/// answers with variables.
const SERVER: &str = r#"#!/bin/bash
set -eu
host=${AWS_LAMBDA_RUNTIME_API%:*} port=${AWS_LAMBDA_RUNTIME_API#*:}
api=/2018-06-01/runtime/invocation
exec 3<>"/dev/tcp/$host/$port"
printf 'GET %s/next HTTP/1.1\r\n\r\n' "$api" >&3
id=$(tr -d '\r' <&3 | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p')
answer="$LOG_LEVEL $DB_HOST $DB_PASSWORD ${LAZYCRED_SECRETS-no list}"
exec 3<>"/dev/tcp/$host/$port"
printf 'POST %s/%s/response HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s' "$api" "$id" ${#answer} "$answer" >&3
cat <&3 >/dev/null
"#;

#[test]
fn an_os_only_runtime_is_started_by_its_bootstrap_and_answers_with_the_secrets() {
    let store = filled_store();
    let Some(folder) = with_layers(&store) else {
        return;
    };
    let template = template("lambda/os-only.yaml");
    let function = &template["Resources"]["Web"]["Properties"];
    assert_eq!(function["Runtime"], "provided.al2023");
    let variables = environment(&template, function);
    assert!(
        !variables.contains_key("AWS_LAMBDA_EXEC_WRAPPER"),
        "it is ignored there"
    );
    let layer = folder.join(layer(&template, function));
    let code = string(&function["CodeUri"]);
    let task = folder.join(&code);
    store.program(task.join("server"), SERVER);
    let bootstrap = read::path("lambda").join(code).join("bootstrap");
    let text = fs::read_to_string(&bootstrap).unwrap();
    store.program(task.join("bootstrap"), text);
    let Some(mut run) = at_opt(&layer, &task.join("bootstrap"), &store) else {
        return;
    };
    let runtime = Runtime::with_event("{}");
    for (name, value) in variables {
        run = run.env(name, value);
    }
    run = of_the_store(run, &store)
        .env("LAMBDA_TASK_ROOT", &task)
        .env("AWS_LAMBDA_RUNTIME_API", &runtime.address);
    run.ok();
    assert_eq!(runtime.answer(), "info db.internal hunter2 no list");
}

#[test]
fn a_secret_overrides_lambdas_own_credentials_unless_the_function_leaves_them_out() {
    let store = filled_store();
    let secret = r#"{"AWS_REGION": "eu-west-9", "AWS_ACCESS_KEY_ID": "AKIA", "TOKEN": "hunter2"}"#;
    let put = store.run("--quiet put other").stdin(secret);
    of_the_store(put, &store).ok();
    let wrapper = store.home().join("lazycred-exec");
    symlink(PROGRAM, &wrapper).unwrap();
    let page = fs::read_to_string(read::path("../docs/lambda.md")).unwrap();
    let (_, advice) = page.split_once("`LAZYCRED_OPTIONS: ").unwrap();
    let (advice, _) = advice.split_once('`').unwrap();
    for (options, expected) in [
        ("--timeout 8", "eu-west-9 AKIA hunter2\n"),
        (advice, "us-east-1 ASIA hunter2\n"),
    ] {
        let tells = "echo $AWS_REGION $AWS_ACCESS_KEY_ID $TOKEN";
        let run = store.run(["/bin/sh", "-c", tells]).program(&wrapper);
        of_the_store(run, &store)
            .env("LAZYCRED_SECRETS", "other")
            .env("LAZYCRED_OPTIONS", options)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "ASIA")
            .env("AWS_SECRET_ACCESS_KEY", "of Lambda")
            .stdout(expected)
            .ok();
    }
}

fn of_the_store(mut run: crate::support::Run, store: &Sandbox) -> crate::support::Run {
    let (records, data_home) = (store.home().join(RECORDS), store.home().join(DATA_HOME));
    for (name, value) in local_store::settings(&records, &data_home) {
        run = run.env(name, value);
    }
    run
}

#[test]
fn an_image_of_a_function_starts_awss_entrypoint_through_lazycred() {
    let file = read::text("lambda/Dockerfile");
    let line = |name: &str| {
        let mut lines = file.lines().filter_map(|line| line.split_once(' '));
        let (_, words) = lines.find(|(it, _)| *it == name).unwrap();
        serde_json::from_str::<Vec<String>>(words).unwrap()
    };
    let store = filled_store();
    let all = [line("ENTRYPOINT"), line("CMD")].concat();
    assert_eq!(
        all[1], "/lambda-entrypoint.sh",
        "what AWS's base image starts"
    );
    let variables: Variables = [
        ("LAZYCRED_S3_PATH", S3_PATH),
        ("LAZYCRED_SECRETS", "common web"),
        ("DB_PASSWORD", "lazycred:db_credentials#password"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let started = crate::support::manifests::start::start(&all, &variables, &store);
    started.has_the_secrets_and(&[]);
    assert_eq!(started.arguments, ["index.handler"]);
}
