//! Manifests of what starts a command itself: systemd, Lambda.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::harness::{PROGRAM, Sandbox};
use crate::support::local_store::RECORDS;
use crate::support::manifests::read::{self, interpolated, string, variables};
use crate::support::manifests::start::{filled_store, start, start_program};
use crate::support::manifests::unit::{Unit, complaints};

#[test]
fn the_systemd_unit_starts_its_server_with_its_secrets() {
    let unit = Unit::parse(&read::text("systemd/web.service"));
    let variables = unit.environment(Path::new("/nowhere"));
    let started = start(&unit.exec_start(), &variables, &filled_store());
    started.has_the_secrets_and(&["AWS_REGION"]);
    assert_eq!(started.arguments, ["--port", "8080"]);
}

#[test]
fn the_systemd_unit_with_credentials_takes_its_configuration_from_them() {
    let store = filled_store();
    let unit = Unit::parse(&read::text("systemd/web-with-credentials.service"));
    let id = |setting: &str| {
        let (id, path) = unit.only(setting).split_once(':').expect("ID:PATH");
        assert!(path.starts_with('/'), "{path}");
        id.to_owned()
    };
    let s3_path = format!("file:{}", store.home().join(RECORDS).display());
    let config = json!({"s3_path": s3_path, "key_alias": "local:dev"}).to_string();
    let config = store.write(&format!("credentials/{}", id("LoadCredential")), config);
    let credentials = config.parent().unwrap();
    let aws = credentials.join(id("LoadCredentialEncrypted"));
    let variables = unit.environment(credentials);
    assert_eq!(Path::new(&variables["LAZYCRED_CONFIG"]), config);
    assert_eq!(Path::new(&variables["AWS_SHARED_CREDENTIALS_FILE"]), aws);
    let started = start(&unit.exec_start(), &variables, &store);
    started.has_the_secrets_and(&["AWS_SHARED_CREDENTIALS_FILE", "LAZYCRED_CONFIG"]);
    assert_eq!(started.arguments, ["--port", "8080"]);
}

#[test]
fn systemd_accepts_the_units() {
    let sandbox = Sandbox::new();
    for name in ["web.service", "web-with-credentials.service"] {
        let text = read::text(&format!("systemd/{name}"));
        let here = text.replace("/usr/bin/lazycred", &format!("\"{PROGRAM}\""));
        assert_ne!(text, here);
        let said = complaints(&sandbox.write(name, here));
        assert_eq!(said.as_deref().unwrap_or_default(), "");
    }
}

#[test]
fn the_lambda_layer_starts_the_runtime_with_the_secrets_of_the_function() {
    let store = filled_store();
    let [template] = &read::yaml("lambda/template.yaml")[..] else {
        panic!("one document");
    };
    let resources = &template["Resources"];
    let function = &resources["Web"]["Properties"];
    let mut environment = function["Environment"]["Variables"].clone();
    let s3_path = string(&environment["LAZYCRED_S3_PATH"]["Fn::Sub"]);
    let default = |name: &str| {
        let parameter = &template["Parameters"][name];
        parameter["Default"].as_str().map(str::to_owned)
    };
    environment["LAZYCRED_S3_PATH"] = interpolated(&s3_path, default).into();
    let mut variables = variables(&environment);

    let script = read::path("lambda/layer.sh");
    store.run([PROGRAM]).program(script).ok();
    let layer = string(&function["Layers"][0]["Ref"]);
    let content = string(&resources[&layer]["Properties"]["ContentUri"]);
    let wrapper = variables.remove("AWS_LAMBDA_EXEC_WRAPPER").unwrap();
    let wrapper = wrapper
        .strip_prefix("/opt/")
        .expect("a layer is unpacked at /opt");
    let program = store.home().join(content).join(wrapper);
    let link = fs::read_link(&program).unwrap();
    assert_eq!(
        link,
        Path::new("bin/lazycred"),
        "it would not be one at /opt"
    );
    let runtime = ["/var/lang/bin/python3.13", "/var/runtime/bootstrap.py"];
    let runtime = runtime.map(str::to_owned);
    let started = start_program(&program, &runtime, &variables, &store);
    started.has_the_secrets_and(&[]);
    assert_eq!(started.arguments, ["/var/runtime/bootstrap.py"]);
}
