//! Journeys: what somebody types over a day or a year, and each screen then.
//!
//! A document is a script: `support::console` says how it is read. Here is what
//! is there before the first command. A document may have prose between its
//! `console` blocks, which are one session. Colours are compared elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::console::follow;
use crate::support::fake_aws::Context;
use crate::support::fixtures::{self, golden};
use crate::support::harness::SECRET_ACCESS_KEY;
use crate::support::{ACCOUNT, FakeAws, Sandbox};

/// A home with a folder store and these secrets.
pub fn local(secrets: &[(&str, &str)]) -> Option<Sandbox> {
    let sandbox = Sandbox::short()?;
    let run = |arguments: &[&str]| sandbox.run(arguments).cwd(sandbox.home());
    run(&["--quiet", "init", "--local"]).ok();
    for (name, secret) in secrets {
        run(&["--quiet", "put", name]).stdin(secret).may_leak().ok();
    }
    Some(sandbox)
}

/// A home with credentials for a fake.
pub fn with_credentials(fake: &FakeAws) -> Option<Sandbox> {
    let mut sandbox = Sandbox::short()?;
    for (name, value) in [
        ("AWS_ENDPOINT_URL", fake.url().as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ] {
        sandbox.set(name, value);
    }
    Some(sandbox)
}

/// A home with the configuration of 0.2.3, and a bucket with records of it.
pub fn of_the_original() -> Option<(FakeAws, Sandbox)> {
    let fake = FakeAws::start();
    fake.make_bucket("golden", "us-east-1");
    fake.wrapping_key(&fixtures::key_alias(), ACCOUNT, "us-east-1");
    fake.wrapping_key("acme-2026", ACCOUNT, "us-east-1");
    for golden in golden() {
        let (Some(data_key), "json-nested" | "dotenv" | "no-newline") =
            (golden.data_key, golden.name.as_str())
        else {
            continue;
        };
        // As the original wrote it, but for which KMS has wrapped the data key.
        let mut record: serde_json::Value = serde_json::from_slice(&golden.record).unwrap();
        let alias = fixtures::key_alias();
        let wrapped = fake.wrap(&alias, data_key.as_bytes(), &Context::new());
        record["key"] = STANDARD.encode(wrapped).into();
        let place = format!("{}{}", fixtures::s3_path(), golden.name);
        fake.put_object(&place, record.to_string().as_bytes());
    }
    let mut sandbox = with_credentials(&fake)?;
    sandbox.set("AWS_REGION", "us-east-1");
    let file = format!(
        "{{\"s3_path\": \"{}\", \"key_alias\": \"{}\"}}\n",
        fixtures::s3_path(),
        fixtures::key_alias()
    );
    sandbox.write(sandbox.home().join(".lazycred"), file);
    Some((fake, sandbox))
}

#[test]
fn someone_without_a_network_keeps_secrets_on_a_laptop() {
    let Some(sandbox) = Sandbox::short() else {
        return;
    };
    follow("tests/journeys/laptop.md", &sandbox);
}

#[test]
fn someone_with_an_aws_account_sets_everything_up() {
    let fake = FakeAws::start();
    let Some(sandbox) = with_credentials(&fake) else {
        return;
    };
    follow("tests/journeys/aws.md", &sandbox);
}

#[test]
fn someone_who_builds_an_image_starts_its_command_with_secrets() {
    let Some(sandbox) = local(&[
        ("web", r#"{"user": "app", "host": "web.internal"}"#),
        ("db", r#"{"password": "hunter2"}"#),
        (
            "cert",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        ),
    ]) else {
        return;
    };
    let image = "FROM debian:stable-slim\n\
        COPY lazycred /usr/local/bin/\n\
        RUN ln -s lazycred /usr/local/bin/lazycred-exec\n\
        ENTRYPOINT [\"lazycred-exec\"]\n\
        CMD [\"env\"]\n";
    sandbox.write(sandbox.home().join("image/Dockerfile"), image);
    follow("tests/journeys/docker.md", &sandbox);
}

#[test]
fn a_job_without_a_terminal_gets_secrets_or_stops() {
    let Some(sandbox) = local(&[("deploy", r#"{"user": "ci", "token": "hunter2-of-ci"}"#)]) else {
        return;
    };
    follow("tests/journeys/ci.md", &sandbox);
}

#[test]
fn someone_who_had_the_python_package_moves_over() {
    let Some((_fake, sandbox)) = of_the_original() else {
        return;
    };
    let env = "# of the application\nexport DB_HOST=db.internal\nDB_PASSWORD='p$ss word'\nEMPTY=\n";
    sandbox.write(sandbox.home().join("app/.env"), env);
    follow("tests/journeys/migration.md", &sandbox);
}

#[test]
fn someone_makes_every_mistake_there_is_in_a_year() {
    let Some(sandbox) = local(&[
        (
            "db",
            r#"{"host": "db.internal", "port": 5432, "password": "hunter2"}"#,
        ),
        ("token", "hunter2-token"),
    ]) else {
        return;
    };
    let profile = "[profile work]\nsso_session = work\nsso_account_id = 111122223333\n\
        sso_role_name = Reader\nregion = us-east-1\n\
        [sso-session work]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\n";
    sandbox.write(sandbox.home().join(".aws/config"), profile);
    follow("tests/journeys/year.md", &sandbox);
}
