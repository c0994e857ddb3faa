//! Where credentials come from, with AWS under its own names and addresses: who
//! is asked, how often, and with whose signature.

use crate::support::fake_aws::{Answer, plain_kms, record};
use crate::support::full;
use crate::support::network::{
    Asked, IMDS, IMDS_6, Imds, Network, POD_TOKEN, SSO_CACHE, SSO_CACHE_OF_START, SSO_START, Said,
    WEB_TOKEN, sso_cache,
};

const TOKEN: &str = "PUT 169.254.169.254/latest/api/token";
const ROLE: &str = "GET 169.254.169.254/latest/meta-data/iam/security-credentials/";
const MACHINE: &str = "GET 169.254.169.254/latest/meta-data/iam/security-credentials/machine";
const SSO: &str = "GET portal.sso.us-east-1.amazonaws.com/federation/credentials";

/// A profile of an SSO session.
const SESSION: &str = "[profile p]\nsso_session = acme\nsso_account_id = 123456789012\nsso_role_name = reader\n\
    [sso-session acme]\nsso_region = us-east-1\nsso_start_url = https://acme.awsapps.com/start\n";

/// A network that has a secret `s`, and a machine whose role nobody should need.
fn network() -> Option<Network> {
    let network = Network::start()?;
    network.imds(Imds::V2);
    network.answer(one_record);
    Some(network)
}

/// The same record everywhere, so that no test has to store one first.
fn one_record(asked: &Asked) -> Option<Said> {
    let request = &asked.request;
    match &*request.operation {
        "GetObject" => Some(Answer::new(200, record(b"x")).into()),
        "Decrypt" => Some(plain_kms(request).into()),
        _ => None,
    }
}

/// It reads the secret after these requests, as whoever has this access key id.
#[track_caller]
fn reads(network: &Network, variables: &[(&str, &str)], before: &[&str], id: &str) {
    network.forget();
    let mut run = network.run("get s").stdout("x");
    for (name, value) in variables {
        run = run.env(name, value);
    }
    run.ok();
    let mut expected: Vec<String> = before.iter().map(|&line| line.to_owned()).collect();
    for what in [
        "GetObject acme-secrets.s3.us-east-1.amazonaws.com/prod/s",
        "Decrypt kms.us-east-1.amazonaws.com",
    ] {
        expected.push(format!("{what} by {id}"));
    }
    assert_eq!(network.told(), expected);
}

fn assumed(role: &str) -> String {
    format!("role_arn = arn:aws:iam::123456789012:role/{role}\n")
}

#[test]
fn key_variables_are_used_and_nobody_is_asked() {
    let Some(network) = network() else { return };
    let pair = [
        ("AWS_ACCESS_KEY_ID", "FROMVARIABLES"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    reads(&network, &pair, &[], "FROMVARIABLES");
    let with_token = [&pair[..], &[("AWS_SESSION_TOKEN", "hunter2-token")]].concat();
    reads(&network, &with_token, &[], "FROMVARIABLES");
    for asked in network.asked() {
        let token = asked.request.header("x-amz-security-token");
        assert_eq!(token, Some("hunter2-token"), "{asked}");
    }
}

#[test]
fn a_profiles_keys_are_used_and_nobody_is_asked() {
    let Some(network) = network() else { return };
    let keys = |id: &str| format!("aws_access_key_id = {id}\naws_secret_access_key = s\n");
    let file = format!("[default]\n{}[ci]\n{}", keys("FROMDEFAULT"), keys("FROMCI"));
    network.sandbox.write(".aws/credentials", file);
    reads(&network, &[], &[], "FROMDEFAULT");
    reads(&network, &[("AWS_PROFILE", "ci")], &[], "FROMCI");
}

#[test]
fn an_sso_session_is_asked_for_its_roles_credentials() {
    let Some(network) = network() else { return };
    let profile = [("AWS_PROFILE", "p")];
    network.sandbox.write(".aws/config", SESSION);
    network
        .sandbox
        .write(SSO_CACHE, sso_cache("2999-01-01T00:00:00Z"));
    reads(&network, &profile, &[SSO], "FROMSSO");
    let asked = &network.asked()[0].request;
    assert_eq!(asked.query("account_id"), Some("123456789012"));
    assert_eq!(asked.query("role_name"), Some("reader"));

    // Without a session's name, as older profiles are.
    let old = format!(
        "[profile p]\nsso_start_url = {SSO_START}\nsso_region = us-east-1\n\
         sso_account_id = 123456789012\nsso_role_name = reader\n"
    );
    network.sandbox.write(".aws/config", old);
    network
        .sandbox
        .write(SSO_CACHE_OF_START, sso_cache("2999-01-01T00:00:00Z"));
    reads(&network, &profile, &[SSO], "FROMSSO");
}

#[test]
fn an_sso_session_whose_token_has_expired_is_renewed_where_it_can_be() {
    let Some(network) = network() else { return };
    network.sandbox.write(".aws/config", SESSION);
    network
        .sandbox
        .write(SSO_CACHE, sso_cache("2020-01-01T00:00:00Z"));
    let renewed = "POST oidc.us-east-1.amazonaws.com/token";
    reads(
        &network,
        &[("AWS_PROFILE", "p")],
        &[renewed, SSO],
        "FROMSSO",
    );
}

#[test]
fn a_session_is_asked_in_its_own_region() {
    let Some(network) = network() else { return };
    let elsewhere = SESSION.replace("us-east-1", "eu-west-1");
    network.sandbox.write(".aws/config", elsewhere);
    network
        .sandbox
        .write(SSO_CACHE, sso_cache("2999-01-01T00:00:00Z"));
    let asked = SSO.replace("us-east-1", "eu-west-1");
    reads(&network, &[("AWS_PROFILE", "p")], &[&asked], "FROMSSO");
}

#[test]
fn a_web_identity_assumes_its_role_at_the_regions_sts() {
    let Some(network) = network() else { return };
    let token = network.sandbox.write("token", WEB_TOKEN);
    let token = token.to_str().unwrap();
    let asked = ["AssumeRoleWithWebIdentity sts.us-east-1.amazonaws.com"];
    let variables = [
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/reader"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token),
        ("AWS_ROLE_SESSION_NAME", "web-7"),
    ];
    reads(&network, &variables, &asked, "reader");
    let name = network.asked()[0].request.form("RoleSessionName");
    assert_eq!(name.as_deref(), Some("web-7"));

    let profile = format!(
        "[profile p]\n{}web_identity_token_file = {token}\n",
        assumed("pod")
    );
    network.sandbox.write(".aws/config", profile);
    reads(&network, &[("AWS_PROFILE", "p")], &asked, "pod");
}

#[test]
fn a_containers_role_is_asked_for_at_its_relative_address() {
    let Some(network) = network() else { return };
    network.ecs(&[]);
    let variable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    let asked = ["GET 169.254.170.2/v2/credentials/1f2e"];
    reads(
        &network,
        &[(variable, "/v2/credentials/1f2e")],
        &asked,
        "FROMECS",
    );
}

#[test]
fn a_pods_identity_is_asked_for_with_the_token_of_its_file() {
    let Some(network) = network() else { return };
    network.eks(&[]);
    let token = network.sandbox.write("token", POD_TOKEN);
    let variables = [
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.170.23/v1/credentials",
        ),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            token.to_str().unwrap(),
        ),
    ];
    let asked = ["GET 169.254.170.23/v1/credentials"];
    reads(&network, &variables, &asked, "FROMEKS");
}

#[test]
fn machines_and_pods_are_asked_at_their_ipv6_addresses_too() {
    let Some(network) = network() else { return };
    if !network.has_ipv6() {
        return full::skip("IPv6", "this machine has none");
    }
    network.eks(&[]);
    let of_6 = [TOKEN, ROLE, MACHINE].map(|line| line.replace(IMDS, &format!("[{IMDS_6}]")));
    let of_6: Vec<&str> = of_6.iter().map(String::as_str).collect();
    // A proxy that is not there: it holds for neither.
    let proxy = ("HTTPS_PROXY", "http://198.51.100.81:1");
    let direct = ("NO_PROXY", "amazonaws.com");
    let mode = ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6");
    reads(&network, &[mode, proxy, direct], &of_6, "FROMIMDS");
    let token = network.sandbox.write("token", POD_TOKEN);
    let token = (
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        token.to_str().unwrap(),
    );
    let place = "http://[fd00:ec2::23]/v1/credentials";
    let place = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", place);
    let asked = ["GET [fd00:ec2::23]/v1/credentials"];
    reads(&network, &[place, token, proxy, direct], &asked, "FROMEKS");
}

#[test]
fn a_machines_role_is_asked_for_with_a_token_once_for_s3_and_kms() {
    let Some(network) = network() else { return };
    reads(&network, &[], &[TOKEN, ROLE, MACHINE], "FROMIMDS");
}

#[test]
fn a_role_is_assumed_by_whoever_its_profile_names() {
    let Some(network) = network() else { return };
    network.ecs(&[]);
    let keys = "aws_access_key_id = FROMFILE\naws_secret_access_key = s\n";
    network
        .sandbox
        .write(".aws/credentials", format!("[keys]\n{keys}"));
    let tool = r#"{"Version": 1, "AccessKeyId": "FROMTOOL", "SecretAccessKey": "s"}"#;
    let tool = network
        .sandbox
        .program("tool.sh", format!("#!/bin/sh\necho '{tool}'\n"));
    let machine: &[&str] = &[TOKEN, ROLE, MACHINE];
    let container: &[&str] = &["GET 169.254.170.2/v2"];
    for (source, before, by) in [
        ("source_profile = keys\n", &[][..], "FROMFILE"),
        (
            "credential_source = Ec2InstanceMetadata\n",
            machine,
            "FROMIMDS",
        ),
        ("credential_source = EcsContainer\n", container, "FROMECS"),
        ("source_profile = tool\n", &[], "FROMTOOL"),
    ] {
        let role = assumed("reader");
        let tool = tool.display();
        network.sandbox.write(
            ".aws/config",
            format!("[profile tool]\ncredential_process = {tool}\n[profile p]\n{role}{source}"),
        );
        let variables = [
            ("AWS_PROFILE", "p"),
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2"),
        ];
        let assumes = format!("AssumeRole sts.us-east-1.amazonaws.com by {by}");
        let before = [before, &[&assumes]].concat();
        reads(&network, &variables, &before, "reader");
    }
}

#[test]
fn roles_are_assumed_in_their_order() {
    let Some(network) = network() else { return };
    let chain = format!(
        "[profile a]\n{}credential_source = Ec2InstanceMetadata\nexternal_id = acme-7\n\
         [profile b]\n{}source_profile = a\nrole_session_name = ci\n",
        assumed("first"),
        assumed("second")
    );
    network.sandbox.write(".aws/config", chain);
    let first = "AssumeRole sts.us-east-1.amazonaws.com by FROMIMDS";
    let second = "AssumeRole sts.us-east-1.amazonaws.com by first";
    let before = [TOKEN, ROLE, MACHINE, first, second];
    reads(&network, &[("AWS_PROFILE", "b")], &before, "second");
    let asked = network.asked();
    let member = |at: usize, name: &str| asked[at].request.form(name);
    assert_eq!(member(3, "ExternalId").as_deref(), Some("acme-7"));
    assert_eq!(member(4, "RoleSessionName").as_deref(), Some("ci"));
}

#[test]
fn a_tool_gives_credentials_and_nobody_is_asked() {
    let Some(network) = network() else { return };
    let tool = r#"{"Version": 1, "AccessKeyId": "FROMTOOL", "SecretAccessKey": "s"}"#;
    network.sandbox.write("it.json", tool);
    network.sandbox.write(
        ".aws/config",
        "[default]\ncredential_process = cat it.json\n",
    );
    reads(&network, &[], &[], "FROMTOOL");
}

/// Without a token they are at hand for whatever the machine can be made to ask.
#[test]
fn a_machine_that_gives_no_token_is_not_asked_without_one() {
    let Some(network) = network() else { return };
    for status in [403, 404, 405] {
        network.forget();
        network.imds(Imds::V1(status));
        network.run("get s").fails(1);
        assert_eq!(network.told(), [TOKEN], "{status}");
    }
}

#[test]
fn a_machine_whose_answers_do_not_come_this_far_is_asked_once() {
    let Some(network) = network() else { return };
    network.imds(Imds::NoToken);
    network.run("get s").fails(1);
    assert_eq!(network.told(), [TOKEN]);
}

#[test]
fn a_machine_without_a_role_is_asked_for_it_once() {
    let Some(network) = network() else { return };
    network.imds(Imds::NoRole);
    network.run("get s").fails(1);
    assert_eq!(network.told(), [TOKEN, ROLE]);
}

#[test]
fn metadata_that_drops_packets_or_is_not_there_ends_the_search() {
    for drops in [true, false] {
        let Some(network) = Network::start() else {
            return;
        };
        if drops {
            network.drops("169.254.169.254:80");
        }
        network.run("get s").fails(1);
        assert_eq!(network.told(), [""; 0]);
    }
}

#[test]
fn metadata_is_not_asked_where_it_is_disabled() {
    let Some(network) = network() else { return };
    let run = network.run("get s");
    run.env("AWS_EC2_METADATA_DISABLED", "true").fails(1);
    let asked = network.dialled();
    let place = |place: &String| place.starts_with("169.254.");
    assert!(!asked.iter().any(place), "{asked:?}");
}

#[test]
fn a_container_that_fails_for_a_moment_is_asked_again() {
    let Some(network) = network() else { return };
    network.ecs(&[500, 503]);
    let variable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    let asked = ["GET 169.254.170.2/v2"; 3];
    reads(&network, &[(variable, "/v2")], &asked, "FROMECS");
}
