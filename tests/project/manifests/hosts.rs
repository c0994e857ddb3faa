//! Manifests of what starts a command itself: systemd.

use std::path::Path;

use serde_json::json;

use crate::support::harness::{PROGRAM, Sandbox};
use crate::support::local_store::RECORDS;
use crate::support::manifests::read;
use crate::support::manifests::start::{filled_store, start};
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
