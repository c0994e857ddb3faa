//! AWS under its own names and addresses: nothing says where anything is.

use crate::support::network::{Imds, Nameserver, Network};

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
    let Some(mut network) = Network::start() else {
        return;
    };
    network.sandbox.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    network.sandbox.set("AWS_SECRET_ACCESS_KEY", "s");
    let large = "hunter2-".repeat(1 << 16);
    let put = network.run("--quiet put web").stdin(&large);
    put.ok();
    network.run("get web").stdout(&large).ok();
    network.run("list").stdout("web\n").ok();
    network.run("--quiet rm web").ok();
    network.run("list").stdout("").ok();
}

#[test]
fn a_region_of_china_is_asked_under_its_own_names() {
    let Some(network) = Network::start() else {
        return;
    };
    let outcome = network
        .run("get web")
        .env("AWS_REGION", "cn-north-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "s")
        .outcome();
    let told = network.told();
    let get = "GetObject acme-secrets.s3.cn-north-1.amazonaws.com.cn/prod/web by AKIDEXAMPLE";
    assert_eq!(told[0], get, "{told:?} {outcome}");
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
