//! A proxy holds for AWS's services, and never where credentials are at hand.

use crate::support::fake_aws::{Answer, plain_kms, record};
use crate::support::network::{Imds, Network, POD_TOKEN, SSO_CACHE, WEB_TOKEN, sso_cache};

/// A network with a proxy that all runs are told of; no name leads anywhere but
/// through it.
fn network() -> Option<Network> {
    let mut network = Network::start()?;
    let proxy = network.proxy();
    network.sandbox.set("HTTPS_PROXY", proxy);
    network.imds(Imds::V2);
    network.answer(|asked| match &*asked.request.operation {
        "GetObject" => Some(Answer::new(200, record(b"x")).into()),
        "Decrypt" => Some(plain_kms(&asked.request).into()),
        _ => None,
    });
    Some(network)
}

/// What is asked without the proxy, and what through it, in their order.
#[track_caller]
fn reads(network: &Network, variables: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    network.forget();
    let mut run = network.run("get s").stdout("x");
    for (name, value) in variables {
        run = run.env(name, value);
    }
    run.ok();
    let told = network.asked().into_iter();
    let told = told.filter(|asked| asked.request.method != "CONNECT");
    let (through, direct): (Vec<_>, Vec<_>) = told.partition(|asked| asked.proxied);
    let hosts = |all: Vec<crate::support::network::Asked>| {
        let mut hosts: Vec<String> = all.into_iter().map(|asked| asked.host).collect();
        hosts.dedup();
        hosts
    };
    (hosts(direct), hosts(through))
}

const S3: &str = "acme-secrets.s3.us-east-1.amazonaws.com";
const KMS: &str = "kms.us-east-1.amazonaws.com";
const STS: &str = "sts.us-east-1.amazonaws.com";

#[test]
fn s3_kms_sts_and_sso_are_asked_through_the_proxy_and_metadata_never() {
    let Some(network) = network() else { return };
    network.ecs(&[]);
    network.eks(&[]);
    let pod = network.sandbox.write("pod", POD_TOKEN);
    let web = network.sandbox.write("web", WEB_TOKEN);
    network
        .sandbox
        .write(SSO_CACHE, sso_cache("2020-01-01T00:00:00Z"));
    network.sandbox.write(
        ".aws/config",
        "[profile sso]\nsso_session = acme\nsso_account_id = 123456789012\nsso_role_name = r\n\
         [sso-session acme]\nsso_region = us-east-1\nsso_start_url = https://acme.awsapps.com/start\n\
         [profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Ec2InstanceMetadata\n",
    );
    let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
    let web = ("AWS_WEB_IDENTITY_TOKEN_FILE", web.to_str().unwrap());
    let container = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2");
    let pods = "http://169.254.170.23/v1/credentials";
    let pods = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", pods);
    let pod = (
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        pod.to_str().unwrap(),
    );
    let oidc = "oidc.us-east-1.amazonaws.com";
    let portal = "portal.sso.us-east-1.amazonaws.com";
    for (variables, direct, through) in [
        (&[][..], &["169.254.169.254"][..], &[S3, KMS][..]),
        (&[container], &["169.254.170.2"], &[S3, KMS]),
        (&[pods, pod], &["169.254.170.23"], &[S3, KMS]),
        (&[role, web], &[], &[STS, S3, KMS]),
        (
            &[("AWS_PROFILE", "role")],
            &["169.254.169.254"],
            &[STS, S3, KMS],
        ),
        (&[("AWS_PROFILE", "sso")], &[], &[oidc, portal, S3, KMS]),
    ] {
        let (directly, by_proxy) = reads(&network, variables);
        assert_eq!(directly, direct, "{variables:?}");
        assert_eq!(by_proxy, through, "{variables:?}");
    }
}

#[test]
fn names_in_no_proxy_are_asked_directly() {
    let Some(network) = network() else { return };
    for (exceptions, through) in [
        ("", &[S3, KMS][..]),
        ("kms.us-east-1.amazonaws.com", &[S3]),
        (".s3.us-east-1.amazonaws.com", &[KMS]),
        ("acme.test, amazonaws.com", &[]),
        ("*", &[]),
    ] {
        for name in ["NO_PROXY", "no_proxy"] {
            let (directly, by_proxy) = reads(&network, &[(name, exceptions)]);
            assert_eq!(by_proxy, through, "{name}={exceptions}");
            let direct = [S3, KMS].iter().filter(|host| !through.contains(host));
            let direct: Vec<&str> = ["169.254.169.254"]
                .into_iter()
                .chain(direct.copied())
                .collect();
            assert_eq!(directly, direct, "{name}={exceptions}");
        }
    }
}

/// The proxy looks names up, so that a machine without a nameserver works.
#[test]
fn no_name_of_aws_is_looked_up_where_the_proxy_is_used() {
    let Some(network) = network() else { return };
    network.resolv_conf("");
    reads(&network, &[]);
    assert!(network.questions().is_empty(), "{:?}", network.questions());
    let through = network.dialled();
    let place = |place: &&String| !place.starts_with("169.254.");
    let through: Vec<_> = through.iter().filter(place).collect();
    assert_eq!(through, ["198.51.100.80:3128"; 2]);
}
