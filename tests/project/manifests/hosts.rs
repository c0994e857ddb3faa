//! Manifests of what starts a command itself: systemd, GitHub.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;

use crate::support::harness::{PROGRAM, Sandbox};
use crate::support::local_store::{self, DATA_HOME, RECORDS};
use crate::support::manifests::read::{self, variables};
use crate::support::manifests::start::{COMMAND, S3_PATH, Started, filled_store, start};
use crate::support::manifests::unit::{Unit, complaints};
use crate::support::runner::Runner;

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
fn the_github_steps_have_their_secrets_and_no_other_and_the_log_shows_none() {
    let [workflow] = &read::yaml("github/deploy.yaml")[..] else {
        panic!("one document");
    };
    assert_eq!(workflow["permissions"]["id-token"], "write");
    let job = &workflow["jobs"]["deploy"];
    let store = filled_store();
    let bin = store.home().join("bin");
    fs::create_dir(&bin).unwrap();
    symlink(PROGRAM, bin.join("lazycred")).unwrap();
    for script in ["deploy.sh", "smoke-test.sh"] {
        let text = format!("#!/bin/sh\necho \"$DB_PASSWORD $@\"\n'{COMMAND}' $@ >{script}.told\n");
        store.program(script, text);
    }
    let mut of_job = variables(&job["env"]);
    assert_eq!(of_job["LAZYCRED_S3_PATH"], S3_PATH);
    let (records, data_home) = (store.home().join(RECORDS), store.home().join(DATA_HOME));
    let settings = local_store::settings(&records, &data_home);
    of_job.extend(settings.map(|(name, value)| (name.to_owned(), value)));
    let path = format!("{}:/usr/bin:/bin", bin.display());
    of_job.insert("PATH".to_owned(), path);
    let mut runner = Runner::new(&store, of_job);
    let steps = job["steps"].as_array().unwrap().iter();
    let (install, runs): (Vec<_>, Vec<_>) = steps
        .filter_map(|step| step["run"].as_str())
        .partition(|run| run.starts_with("cargo "));
    assert_eq!(install, ["cargo install --locked lazycred"]);
    for run in runs {
        assert_eq!(runner.step(run), 0, "{run}: {}", runner.log);
    }
    let told = |script: &str| {
        let told = fs::read_to_string(store.home().join(format!("{script}.told")));
        Started::read(&told.unwrap())
    };
    let of_runner = ["GITHUB_ACTIONS", "GITHUB_ENV", "SHLVL"];
    let deploy = told("deploy.sh");
    deploy.has_the_secrets_and(&of_runner);
    assert_eq!(deploy.arguments, ["--wait"]);
    let test = told("smoke-test.sh").variables;
    assert_eq!(
        (&*test["DB_USER"], &*test["DB_PASSWORD"]),
        ("app", "hunter2")
    );
    assert!(!test.contains_key("API_TOKEN"));
    // The first step's command showed what nobody had hidden yet.
    assert_eq!(runner.log.matches("hunter2").count(), 1, "{}", runner.log);
    assert!(runner.log.ends_with("*** \n\n\n"), "{:?}", runner.log);
}
