//! AWS under its own names and addresses: nothing says where anything is.

use crate::support::fake_aws::{Answer, plain_kms, record};
use crate::support::network::{Imds, Kind, Nameserver, Network, WEB_TOKEN};
use crate::support::{BUCKET, full};

/// A network where nobody has to be asked for credentials.
fn with_keys() -> Option<Network> {
    let mut network = Network::start()?;
    network.sandbox.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    network.sandbox.set("AWS_SECRET_ACCESS_KEY", "s");
    Some(network)
}

#[test]
fn a_machines_role_reads_a_secret_over_tls_from_the_buckets_own_name() {
    let Some(network) = Network::start() else {
        return;
    };
    network.imds(Imds::V2);
    let run = network.run("get web").secret("web", "hunter2-hunter2");
    run.stdout("hunter2-hunter2").ok();
    assert_eq!(
        network.told(),
        [
            "PUT 169.254.169.254/latest/api/token",
            "GET 169.254.169.254/latest/meta-data/iam/security-credentials/",
            "GET 169.254.169.254/latest/meta-data/iam/security-credentials/machine",
            "GetObject acme-secrets.s3.us-east-1.amazonaws.com/prod/web by FROMIMDS",
            "Decrypt kms.us-east-1.amazonaws.com by FROMIMDS",
        ]
    );
    let aws = network.dialled();
    let aws = aws.iter().filter(|place| place.ends_with(":443"));
    assert_eq!(aws.count(), 2, "one each for S3 and KMS");
}

#[test]
fn a_secret_is_stored_and_removed_under_aws_own_names() {
    let Some(network) = with_keys() else { return };
    let large = "hunter2-".repeat(1 << 16);
    let put = network.run("--quiet put web").stdin(&large);
    put.ok();
    network.run("get web").stdout(&large).ok();
    network.run("list").stdout("web\n").ok();
    network.run("--quiet rm web").ok();
    network.run("list").stdout("").ok();
}

/// The same record everywhere, so that a bucket is in every region.
fn one_record(network: &Network) {
    network.answer(|asked| match &*asked.request.operation {
        "GetObject" => Some(Answer::new(200, record(b"x")).into()),
        "Decrypt" => Some(plain_kms(&asked.request).into()),
        _ => None,
    });
}

#[test]
fn every_partition_is_asked_under_its_own_names() {
    let Some(mut network) = Network::start() else {
        return;
    };
    one_record(&network);
    let token = network.sandbox.write("token", WEB_TOKEN);
    network.sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", token);
    network.sandbox.set("AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
    for (region, suffix) in [
        ("eu-central-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("us-gov-west-1", "amazonaws.com"),
        ("us-iso-east-1", "c2s.ic.gov"),
        ("us-isob-east-1", "sc2s.sgov.gov"),
        ("eusc-de-east-1", "amazonaws.eu"),
    ] {
        network.forget();
        let run = network.run("get web").env("AWS_REGION", region);
        run.stdout("x").ok();
        let expected = [
            format!("AssumeRoleWithWebIdentity sts.{region}.{suffix}"),
            format!("GetObject acme-secrets.s3.{region}.{suffix}/prod/web by r"),
            format!("Decrypt kms.{region}.{suffix} by r"),
        ];
        assert_eq!(network.told(), expected);
    }
}

#[test]
fn a_bucket_with_dots_in_its_name_is_asked_for_where_its_certificate_holds() {
    let Some(network) = with_keys() else { return };
    one_record(&network);
    let run = network
        .run("get web")
        .env("LAZYCRED_S3_PATH", "acme.secrets/");
    run.stdout("x").ok();
    let asked = "GetObject s3.us-east-1.amazonaws.com/acme.secrets/web by AKIDEXAMPLE";
    assert_eq!(network.told()[0], asked);
}

#[test]
fn names_of_fips_and_of_dual_stack_are_asked_for_where_they_are_wanted() {
    let Some(network) = with_keys() else { return };
    one_record(&network);
    for (variable, s3, kms) in [
        (
            "AWS_USE_FIPS_ENDPOINT",
            "s3-fips.us-east-1.amazonaws.com",
            "kms-fips.us-east-1.amazonaws.com",
        ),
        (
            "AWS_USE_DUALSTACK_ENDPOINT",
            "s3.dualstack.us-east-1.amazonaws.com",
            "kms.us-east-1.api.aws",
        ),
    ] {
        let member = variable.trim_start_matches("AWS_").to_ascii_lowercase();
        let profile = format!("[profile p]\n{member} = true\n");
        network.sandbox.write(".aws/config", profile);
        // The profile is that of the region alone: keys come before it.
        for (name, value) in [(variable, "true"), ("AWS_PROFILE", "p")] {
            network.forget();
            network
                .run("get web")
                .env(name, value)
                .any_stderr()
                .stdout("x")
                .ok();
            let expected = [
                format!("GetObject acme-secrets.{s3}/prod/web by AKIDEXAMPLE"),
                format!("Decrypt {kms} by AKIDEXAMPLE"),
            ];
            assert_eq!(network.told(), expected, "{name}");
        }
    }
}

#[test]
fn a_name_with_an_ipv6_address_alone_is_reached_by_it() {
    let Some(network) = with_keys() else { return };
    if !network.has_ipv6() {
        return full::skip("IPv6", "this machine has none");
    }
    one_record(&network);
    network.listen("[2001:db8::10]:443", Kind::Tls);
    let bucket = "acme-secrets.s3.us-east-1.amazonaws.com";
    for name in [bucket, "kms.us-east-1.amazonaws.com"] {
        network.resolves(name, &["2001:db8::10"]);
    }
    network.run("get web").stdout("x").ok();
    assert_eq!(network.dialled(), ["[2001:db8::10]:443"; 2]);
}

#[test]
fn an_access_point_is_asked_under_its_own_name() {
    let Some(network) = with_keys() else { return };
    one_record(&network);
    let arn = "arn:aws:s3:us-east-1:123456789012:accesspoint:web";
    let path = format!("{arn}/prod/");
    let run = network.run("get web").env("LAZYCRED_S3_PATH", path);
    run.stdout("x").ok();
    let host = "web-123456789012.s3-accesspoint.us-east-1.amazonaws.com";
    let asked = format!("GetObject {host}/prod/web by AKIDEXAMPLE");
    assert_eq!(network.told()[0], asked);
}

#[test]
fn a_bucket_of_another_region_is_asked_once_more_under_that_regions_name() {
    let Some(network) = with_keys() else { return };
    network.aws.state().bucket(BUCKET).region = "eu-west-1".to_owned();
    let run = network.run("get web").secret("web", "hunter2-hunter2");
    run.stdout("hunter2-hunter2").ok();
    assert_eq!(
        network.told(),
        [
            "GetObject acme-secrets.s3.us-east-1.amazonaws.com/prod/web by AKIDEXAMPLE",
            "GetObject acme-secrets.s3.eu-west-1.amazonaws.com/prod/web by AKIDEXAMPLE",
            "Decrypt kms.us-east-1.amazonaws.com by AKIDEXAMPLE",
        ]
    );
}

#[test]
fn the_second_nameserver_is_asked_where_the_first_fails() {
    let Some(network) = Network::start() else {
        return;
    };
    network.nameservers(&[Nameserver::Fails, Nameserver::Answers]);
    network.imds(Imds::V2);
    network.run("get web").secret("web", "x").stdout("x").ok();
    let questions = network.questions();
    let asked = |number: usize| {
        let question = format!("A kms.us-east-1.amazonaws.com of nameserver {number}");
        questions.contains(&question)
    };
    assert!(asked(0) && asked(1), "{questions:?}");
}

#[test]
fn a_name_in_etc_hosts_is_not_looked_up() {
    let Some(network) = with_keys() else { return };
    one_record(&network);
    let hosts =
        "198.51.100.10 acme-secrets.s3.us-east-1.amazonaws.com kms.us-east-1.amazonaws.com\n";
    network.hosts(hosts);
    network.run("get web").stdout("x").ok();
    assert_eq!(network.questions(), [""; 0]);
}

#[test]
fn an_address_that_drops_packets_is_given_up_at_the_timeout() {
    let Some(network) = Network::start() else {
        return;
    };
    network.drops("203.0.113.1:443");
    network.resolves("kms.us-east-1.amazonaws.com", &["203.0.113.1"]);
    network.imds(Imds::V2);
    let run = network.run("--timeout 1 get web").secret("web", "x");
    run.stderr_has("1 s").status(1);
}
