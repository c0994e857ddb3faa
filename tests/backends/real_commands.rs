//! Every command that asks AWS does so under AWS's own names, with checksums
//! and buckets in the hosts' names, which no other endpoint is sent.

use crate::support::fake_aws::ACCOUNT;
use crate::support::network::{Asked, Imds, Network};

/// A network where a machine's role may do everything, and versions are kept.
fn network() -> Option<Network> {
    let network = Network::start()?;
    network.imds(Imds::V2);
    network.aws.versioning(true);
    Some(network)
}

/// All hosts that were asked, each once.
fn hosts(network: &Network) -> Vec<String> {
    let asked = network.asked().into_iter();
    let mut hosts: Vec<String> = asked.map(|asked| asked.host).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

const METADATA: &str = "169.254.169.254";
const S3: &str = "acme-secrets.s3.us-east-1.amazonaws.com";
const KMS: &str = "kms.us-east-1.amazonaws.com";
const STS: &str = "sts.us-east-1.amazonaws.com";

#[test]
fn every_command_works_under_aws_own_names() {
    let Some(network) = network() else { return };
    network.aws.wrapping_key("new", ACCOUNT, "us-east-1");
    for (line, stdin, stdout) in [
        ("put web", r#"{"USER": "u"}"#, ""),
        ("set web PASS", "hunter2-hunter2", ""),
        ("get web --field PASS", "", "hunter2-hunter2"),
        ("export web --format dotenv --only USER", "", "USER='u'\n"),
        ("cp web copy", "", ""),
        ("mv copy moved", "", ""),
        ("diff web moved --exit-code", "", ""),
        ("list", "", "moved\nweb\n"),
        ("unset moved PASS", "", ""),
        ("get moved", "", r#"{"USER": "u"}"#),
        ("rollback moved --to 2", "", ""),
        ("rekey --to new", "", ""),
        ("upgrade --yes --to new", "", ""),
        ("rm moved", "", ""),
        ("list", "", "web\n"),
    ] {
        network.forget();
        let line = line.replace("--to 2", &format!("--to {}", older(&network)));
        let run = network.run(["--quiet"].into_iter().chain(line.split(' ')));
        let run = if stdin.is_empty() {
            run
        } else {
            run.stdin(stdin)
        };
        let run = if stdout.is_empty() {
            run.any_stdout()
        } else {
            run.stdout(stdout)
        };
        run.may_leak().ok();
        let asked = hosts(&network);
        let known = [METADATA, S3, KMS, STS];
        assert!(
            asked.iter().all(|host| known.contains(&&**host)),
            "{line}: {asked:?}"
        );
        assert!(asked.iter().any(|host| host == S3), "{line}: {asked:?}");
    }
}

/// The version of `moved` before its last one, or nothing yet.
fn older(network: &Network) -> String {
    let versions = network.aws.versions("acme-secrets/prod/moved");
    let older = versions.iter().rev().nth(1);
    older.map(|version| version.id.clone()).unwrap_or_default()
}

#[test]
fn a_program_is_started_with_twenty_secrets_by_one_look_for_credentials() {
    let Some(network) = network() else { return };
    let names: Vec<String> = (0..20).map(|number| format!("s{number}")).collect();
    let mut run = network.run(
        ["exec"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .chain(["--", "env"]),
    );
    for name in &names {
        run = run.secret(name, "hunter2-hunter2");
    }
    let outcome = run.may_leak().gives();
    for number in 0..20 {
        let line = format!("S{number}=hunter2-hunter2\n");
        assert!(outcome.text().contains(&line), "{outcome}");
    }
    let asked = network.asked();
    let of = |host: &str| asked.iter().filter(|asked| asked.host == host).count();
    // On a machine that has no time some are sent again; the benchmarks count them.
    assert_eq!(of(METADATA), 3);
    assert!(of(S3) >= 20 && of(KMS) >= 20, "{} {}", of(S3), of(KMS));
}

#[test]
fn doctor_finds_a_machines_bucket_and_wrapping_key_and_names_its_role() {
    let Some(network) = network() else { return };
    let run = network
        .run("doctor --write")
        .secret("web", "hunter2-hunter2");
    let outcome = run.any_stderr().any_stdout().outcome();
    assert_eq!(outcome.status, 0, "{outcome}");
    let asked = hosts(&network);
    for host in [METADATA, S3, KMS, STS] {
        assert!(asked.iter().any(|asked| asked == host), "{asked:?}");
    }
}

#[test]
fn init_makes_bucket_and_wrapping_key_under_aws_own_names() {
    let Some(network) = network() else { return };
    let init =
        "init --create --yes --s3-path fresh-secrets/prod/ --key-alias fresh --region us-east-1";
    network.run(init).any_stderr().ok();
    let made = network.told();
    let line = |what: &str| made.iter().any(|line| line.starts_with(what));
    assert!(line("CreateBucket "), "{made:?}");
    assert!(line(&format!("CreateKey {KMS} by FROMIMDS")), "{made:?}");
    let put = network.run("--quiet put web --s3-path fresh-secrets/prod/ --key-alias fresh");
    put.stdin("hunter2-hunter2").ok();
    assert!(network.aws.object("fresh-secrets/prod/web").is_some());
}

#[test]
fn who_is_asking_is_looked_up_at_the_regions_sts_if_a_record_needs_it() {
    let Some(network) = network() else { return };
    let run = network.run("get web").secret("web", "x").stdout("x");
    run.unset("LAZYCRED_KEY_ALIAS").ok();
    let told = network.told();
    let asked = format!("GetCallerIdentity {STS} by FROMIMDS");
    assert_eq!(told.last(), Some(&asked), "{told:?}");
}

/// What AWS is sent and another server is not, whatever a record's size.
#[test]
fn a_record_is_sent_to_s3_with_its_checksum() {
    let Some(network) = network() else { return };
    for size in [1, 1 << 20] {
        network.forget();
        let put = network.run("--quiet put web").stdin("x".repeat(size));
        put.ok();
        let asked = network.asked();
        let put: Vec<&Asked> = asked
            .iter()
            .filter(|asked| asked.request.operation == "PutObject")
            .collect();
        let [put] = put[..] else { panic!("{asked:?}") };
        let headers = &put.request.headers;
        let names = headers.iter().map(|(name, _)| &**name);
        let checks = names.filter(|name| name.starts_with("x-amz-checksum-"));
        let trailer = put.request.header("x-amz-trailer").unwrap_or_default();
        assert!(
            checks.count() > 0 || trailer.starts_with("x-amz-checksum-"),
            "{headers:?}"
        );
        network.run("get web").stdout("x".repeat(size)).ok();
    }
}

/// The proxy leads there, and knows no more than where.
#[test]
fn a_large_record_goes_both_ways_through_the_proxy() {
    let Some(network) = network() else { return };
    let proxy = network.proxy();
    let large = "hunter2-".repeat(1 << 16);
    let put = network.run("--quiet put web").stdin(&large);
    put.env("HTTPS_PROXY", &proxy).ok();
    let get = network.run("get web").stdout(&large);
    get.env("HTTPS_PROXY", &proxy).ok();
    let asked = network.asked();
    let direct = asked.iter().filter(|asked| !asked.proxied);
    let mut direct: Vec<&str> = direct.map(|asked| &*asked.host).collect();
    direct.sort_unstable();
    direct.dedup();
    assert_eq!(
        direct,
        [
            METADATA,
            "acme-secrets.s3.us-east-1.amazonaws.com:443",
            "kms.us-east-1.amazonaws.com:443"
        ]
    );
}
