//! AWS's kinds of endpoints, and the paths of others.

use crate::support::fake_aws::{Answer, FakeAws};
use crate::support::harness::{SECRET_ACCESS_KEY, Sandbox};
use crate::support::network::Network;

/// A profile with a pair of keys, to which a member is added.
const PROFILE: &str = "[profile p]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\n";

const FIPS: (&str, &str) = ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
const DUAL_STACK: (&str, &str) = ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");

#[test]
fn a_kind_of_endpoint_that_is_chosen_holds_for_s3_and_kms() {
    let Some(mut network) = Network::start() else {
        return;
    };
    network.sandbox.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    network
        .sandbox
        .set("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY);
    for (names, kms, s3) in [
        (
            FIPS,
            "kms-fips.us-east-1.amazonaws.com",
            "s3-fips.us-east-1.amazonaws.com",
        ),
        (
            DUAL_STACK,
            "kms.us-east-1.api.aws",
            "s3.dualstack.us-east-1.amazonaws.com",
        ),
    ] {
        let (variable, member) = names;
        for value in ["true", "TRUE"] {
            let config = format!("{PROFILE}{member} = {value}\n");
            network.sandbox.write(".aws/config", config);
            for (variable, value) in [(variable, value), ("AWS_PROFILE", "p")] {
                network.forget();
                let get = network.run("--timeout 5 get web").env(variable, value);
                get.any_stdout().any_stderr().outcome();
                let policy = network.run("policy reader").env(variable, value);
                policy.any_stdout().ok();
                let told = network.told();
                let get = format!("GetObject acme-secrets.{s3}/prod/web by AKIDEXAMPLE");
                let describe = format!("DescribeKey {kms} by AKIDEXAMPLE");
                assert_eq!((&told[0], told.last()), (&get, Some(&describe)), "{told:?}");
            }
        }
    }
}

#[test]
fn a_kind_of_endpoint_that_is_neither_on_nor_off_is_refused() {
    let server = FakeAws::start();
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    for (variable, member) in [FIPS, DUAL_STACK] {
        for value in ["1", "yes", "on"] {
            let said = format!(
                "is `{value}`, which is neither true nor false\nlazycred: hint: set it to one of them, or unset it\n"
            );
            let run = sandbox.run("get s").env(variable, value);
            run.stderr(format!("lazycred: error: the variable {variable} {said}"))
                .status(2);
            let config = format!("{PROFILE}{member} = {value}\n");
            sandbox.write(".aws/config", config);
            let run = sandbox.run("get s --profile p");
            run.stderr(format!(
                "lazycred: error: `{member}` of the AWS profile `p` {said}"
            ))
            .status(2);
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_kind_of_aws_own_endpoints_beside_another_endpoint_is_refused() {
    let server = FakeAws::start();
    let sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    for (variable, _) in [FIPS, DUAL_STACK] {
        let said = format!(
            "lazycred: error: the variable {variable} chooses among AWS's own endpoints, but the variable"
        );
        let hint = "lazycred: hint: unset one of them\n";
        for (name, service) in [
            ("AWS_ENDPOINT_URL", "S3"),
            ("AWS_ENDPOINT_URL_S3", "S3"),
            ("AWS_ENDPOINT_URL_KMS", "KMS"),
        ] {
            let run = sandbox
                .run("get s")
                .unset("AWS_ENDPOINT_URL")
                .env(variable, "true");
            run.env(name, server.url())
                .stderr(format!("{said} {name} says where {service} is\n{hint}"))
                .status(2);
        }
        let off = sandbox.run("list").env(variable, "false");
        off.any_stdout().any_stderr().outcome();
    }
}

#[test]
fn an_endpoints_path_is_kept_for_sts_too() {
    let server = FakeAws::scripted(|_, _| Some(Answer::caller("123456789012")));
    let url = server.url();
    for path in ["", "/", "/base", "/base/", "/base/path", "/base/path/"] {
        let all = format!("{url}{path}");
        let services =
            format!("[profile p]\nservices = own\n[services own]\nsts =\n  endpoint_url = {all}\n");
        let one = format!("[profile p]\nendpoint_url = {all}\n");
        for (variables, config) in [
            (&["AWS_ENDPOINT_URL"][..], "[profile p]\n"),
            (&["AWS_ENDPOINT_URL_STS"], "[profile p]\n"),
            (&[], &one),
            (&[], &services),
        ] {
            let mut sandbox = Sandbox::aws("", "acme/prod/", "acme");
            sandbox.write(".aws/config", config);
            sandbox.set("AWS_PROFILE", "p");
            let mut run = sandbox.run("policy bucket").unset("AWS_ENDPOINT_URL");
            for name in variables {
                run = run.env(*name, &all);
            }
            run.any_stdout().ok();
            let [asked] = &server.requests()[..] else {
                panic!("{:?}", server.told());
            };
            let base = path.trim_end_matches('/');
            assert_eq!(
                asked.start,
                format!("POST {base}/ HTTP/1.1"),
                "{path} {config}"
            );
            server.forget();
        }
    }
}
