//! Where AWS credentials come from: the SDK's chain, through our own client.

use crate::support::fake_aws::record;
use crate::support::{ALIAS, Answer, BUCKET, FakeAws, Fault, Moto, Sandbox};

/// A server that gives credentials, and the record that they are for; it says
/// which access key id a request was signed with.
fn server() -> FakeAws {
    FakeAws::holding(record(b"x"), |request, _| {
        let signed = request.header("authorization").unwrap_or_default();
        if request.path.contains("/credentials") {
            return Some(Answer::credentials("FROMROLE"));
        }
        let is_other = !signed.contains("Credential=FROM");
        is_other.then(|| Answer::s3(403, "InvalidAccessKeyId", signed))
    })
}

fn without_credentials(server: &FakeAws) -> Sandbox {
    let mut sandbox = Sandbox::new();
    for (name, value) in [
        ("AWS_ENDPOINT_URL", server.url().as_str()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
        ("LAZYCRED_S3_PATH", "acme/"),
        ("LAZYCRED_KEY_ALIAS", "acme"),
    ] {
        sandbox.set(name, value);
    }
    sandbox
}

#[test]
fn a_profile_gives_credentials_and_the_region() {
    let server = server();
    let sandbox = without_credentials(&server);
    sandbox.write(".aws/config", "[profile ci]\nregion = eu-west-1\n[profile tool]\nregion = eu-west-1\ncredential_process = /bin/echo {\"Version\":1,\"AccessKeyId\":\"FROMTOOL\",\"SecretAccessKey\":\"s\"}\n");
    sandbox.write(
        ".aws/credentials",
        "[ci]\naws_access_key_id = FROMFILE\naws_secret_access_key = s\n",
    );
    sandbox.run("get s --profile ci").stdout("x").ok();
    let run = sandbox.run(["get", "s"]);
    run.env("AWS_PROFILE", "ci").stdout("x").ok();
    let script = sandbox.write(
        "tool.sh",
        "echo '{\"Version\": 1, \"AccessKeyId\": \"FROMTOOL\", \"SecretAccessKey\": \"s\"}'\n",
    );
    sandbox.write(
        ".aws/config",
        format!(
            "[profile tool]\nregion = eu-west-1\ncredential_process = /bin/sh {}\n",
            script.display()
        ),
    );
    sandbox.run("get s --profile tool").stdout("x").ok();
}

#[test]
fn an_empty_endpoint_of_sts_or_sso_is_one_clear_line() {
    let server = server();
    let mut sandbox = without_credentials(&server);
    sandbox.set("AWS_ENDPOINT_URL", "");
    sandbox.set("AWS_ENDPOINT_URL_S3", server.url());
    sandbox.set("AWS_ENDPOINT_URL_KMS", server.url());
    sandbox.set("AWS_REGION", "us-east-1");
    sandbox.write(".aws/config", "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n[profile sso]\nsso_start_url = https://acme.test/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r\n");
    sandbox.write(
        ".aws/credentials",
        "[keys]\naws_access_key_id = FROMFILE\naws_secret_access_key = s\n",
    );
    let refused = |profile: &str, service: &str| {
        sandbox
            .run(["get", "s", "--profile", profile])
            .stderr(&format!("lazycred: error: the endpoint of {service} is empty, but the credentials need it\nlazycred: hint: unset AWS_ENDPOINT_URL and its service-specific form, or set it to a URL\n"))
    };
    refused("role", "STS").status(2);
    refused("sso", "SSO")
        .env("AWS_ENDPOINT_URL_STS", server.url())
        .status(2);
    sandbox
        .run(["get", "s"])
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere")
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
        .stderr_has("the endpoint of STS is empty, but the credentials need it")
        .status(2);
    let read = |profile: &str| sandbox.run(["get", "s", "--profile", profile]).stdout("x");
    read("keys").ok();
    let by_variables = sandbox.run(["get", "s"]).stdout("x");
    let by_variables = by_variables.env("AWS_ACCESS_KEY_ID", "FROMVARIABLES");
    by_variables.env("AWS_SECRET_ACCESS_KEY", "s").ok();
}

/// Attempts are counted by what the server was asked.
#[test]
fn a_profile_does_not_say_how_often_a_request_is_tried() {
    for (attempts, asked) in [(None, 3), (Some("2"), 2)] {
        let fake = FakeAws::start();
        fake.fault("GetObject", Fault::Error(500, "InternalError", "later"));
        let mut sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/"), ALIAS);
        sandbox.set("AWS_MAX_ATTEMPTS", attempts.unwrap_or_default());
        let settings = "max_attempts = 1\nretry_mode = adaptive\n";
        sandbox.write(
            ".aws/config",
            format!("[default]\n{settings}[profile ci]\n{settings}aws_access_key_id = AK\naws_secret_access_key = s\n"),
        );
        sandbox.run(["get", "s", "--profile", "ci"]).fails(1);
        assert_eq!(fake.operations(), vec!["GetObject"; asked]);
        sandbox.run(["get", "s"]).fails(1);
        assert_eq!(fake.operations().len(), 2 * asked);
    }
}

#[test]
fn a_home_configuration_may_name_the_profile() {
    let server = server();
    let sandbox = without_credentials(&server);
    sandbox.write(
        ".aws/credentials",
        "[ci]\naws_access_key_id = FROMFILE\naws_secret_access_key = s\n",
    );
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "acme/", "key_alias": "acme", "region": "us-east-1", "profile": "ci"}"#,
    );
    sandbox.run(["--quiet", "get", "s"]).stdout("x").ok();
}

#[test]
fn a_container_role_gives_credentials() {
    let server = server();
    let sandbox = without_credentials(&server);
    sandbox
        .run(["get", "s"])
        .env("AWS_REGION", "us-east-1")
        .env(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("{}/credentials", server.url()),
        )
        .stdout("x")
        .ok();
}

#[test]
fn an_instance_role_gives_credentials_by_a_token() {
    let server = FakeAws::holding(record(b"x"), |request, _| {
        let token = request.header("x-aws-ec2-metadata-token");
        Some(match &*request.path {
            path if !path.starts_with("/latest") => return None,
            "/latest/api/token" => Answer::new(200, "imds-token")
                .header("x-aws-ec2-metadata-token-ttl-seconds", "21600"),
            _ if token != Some("imds-token") => Answer::new(401, ""),
            "/latest/meta-data/iam/security-credentials/" => Answer::new(200, "web"),
            "/latest/meta-data/iam/security-credentials/web" => Answer::credentials("FROMROLE"),
            _ => Answer::new(404, ""),
        })
    });
    let sandbox = without_credentials(&server);
    sandbox
        .run(["get", "s"])
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url())
        .stdout("x")
        .ok();
}

#[test]
fn a_web_identity_gives_credentials() {
    let Some(moto) = Moto::shared() else { return };
    moto.fresh_wrapping_key("credentials");
    let s3_path = format!("{}/", moto.fresh_bucket());
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, "credentials");
    sandbox.put("s", "x");
    let token = sandbox.write("token", "a.web.identity");
    sandbox
        .run(["get", "s"])
        .unset("AWS_ACCESS_KEY_ID")
        .unset("AWS_SECRET_ACCESS_KEY")
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/reader")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token)
        .stdout("x")
        .ok();
}

#[test]
fn a_setting_of_aws_that_makes_no_sense_is_refused_and_an_empty_one_counts_as_none() {
    let fake = FakeAws::start();
    let mut sandbox = Sandbox::aws(&fake.url(), &format!("{BUCKET}/prod/"), ALIAS);
    sandbox.put("s", "x");
    for (name, value) in [
        ("AWS_ENDPOINT_URL_KMS", "localhost:4566"),
        ("AWS_ENDPOINT_URL_S3", "localhost"),
        ("AWS_ENDPOINT_URL_STS", "http://"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_MAX_ATTEMPTS", "many"),
    ] {
        let put = sandbox.run(["put", "s"]).stdin("y").env(name, value);
        let said = format!("`{value}`");
        put.stderr_has(&said).status(2);
    }
    sandbox.write(".aws/config", "[default]\nretry_mode = legacy\n");
    sandbox.set("AWS_MAX_ATTEMPTS", "");
    sandbox.set("AWS_ENDPOINT_URL_KMS", "");
    sandbox.run(["get", "s"]).stdout("x").ok();
}
