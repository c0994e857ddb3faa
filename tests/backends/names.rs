//! Names and addresses in bad networks: slow nameservers, dead addresses.

use std::time::{Duration, Instant};

use crate::support::fake_aws::Fault;
use crate::support::harness::SECRET_ACCESS_KEY;
use crate::support::network::{AWS, Nameserver, Network};

const S3: &str = "acme-secrets.s3.us-east-1.amazonaws.com";
const KMS: &str = "kms.us-east-1.amazonaws.com";

/// With credentials in variables, and one attempt of each request.
pub fn network() -> Option<Network> {
    let mut network = Network::start()?;
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_MAX_ATTEMPTS", "1"),
    ] {
        network.sandbox.set(name, value);
    }
    Some(network)
}

/// Fetches a secret.
fn gets(network: &Network, arguments: &str) {
    let run = network.run(arguments).secret("web", "hunter2");
    run.stdout("hunter2").ok();
}

/// Both services have these addresses.
fn resolve(network: &Network, addresses: &[&str]) {
    network.resolves(S3, addresses);
    network.resolves(KMS, addresses);
}

fn questions(network: &Network, asked: &str) -> usize {
    let all = network.questions();
    all.iter().filter(|one| one.starts_with(asked)).count()
}

#[test]
fn a_nameserver_that_is_slower_than_a_connection_may_be_is_waited_for() {
    let Some(network) = network() else { return };
    let late = Nameserver::Late(Duration::from_millis(3600));
    network.nameservers(&[late]);
    gets(&network, "get web");
    // Once in all, though the system's resolver is asked twice at most.
    let asked = questions(&network, &format!("A {S3} "));
    assert!((1..=2).contains(&asked), "{:?}", network.questions());
}

#[test]
fn the_second_nameserver_answers_where_the_first_is_dead() {
    let Some(network) = network() else { return };
    network.nameservers(&[Nameserver::Silent, Nameserver::Answers]);
    gets(&network, "get web");
    assert_eq!(questions(&network, &format!("A {S3} of nameserver 1")), 1);
}

#[test]
fn a_nameserver_that_says_nothing_of_ipv6_delays_neither_secret_nor_command() {
    let Some(network) = network() else { return };
    network.nameservers(&[Nameserver::SilentForAaaa]);
    let begun = Instant::now();
    let run = network.run("exec web --timeout 4 -- printenv A");
    run.secret("web", r#"{"a": "hunter2"}"#)
        .stdout("hunter2\n")
        .ok();
    // The system's resolver waits for ten seconds.
    assert!(begun.elapsed() < Duration::from_secs(8));
    assert!(questions(&network, "AAAA ") > 0);

    // What was found that way is no other rule's exception.
    network.resolves("s3.acme.test", &["198.51.100.10"]);
    network
        .run("get web --timeout 4")
        .env("AWS_ENDPOINT_URL_S3", "http://s3.acme.test")
        .stderr_has("plain http to `s3.acme.test`, which is 198.51.100.10, is refused")
        .status(1);
}

#[test]
fn a_name_is_looked_up_once_for_all_connections_and_attempts() {
    let Some(network) = network() else { return };
    network.aws.fault("GetObject", Fault::Close.times(2));
    let run = network.run("get web").env("AWS_MAX_ATTEMPTS", "3");
    run.secret("web", "hunter2").stdout("hunter2").ok();
    for name in [S3, KMS] {
        for kind in ["A", "AAAA"] {
            let asked = format!("{kind} {name} of nameserver 0");
            assert_eq!(questions(&network, &asked), 1, "{asked}");
        }
    }
    assert_eq!(questions(&network, ""), 4);
}

#[test]
fn each_way_of_not_finding_a_name_has_its_words_and_its_next_step() {
    let Some(network) = network() else { return };
    let region = "check the spelling of the region";
    let nameservers = "check the network and the nameservers in /etc/resolv.conf";
    let says = |why: &str, hint: &str| {
        let outcome = network.run("get web").any_stderr().status(1);
        let said = format!("cannot connect to {S3}:443: {why}\nlazycred: hint: {hint}");
        assert!(outcome.stderr.contains(&said), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.lines().count(), 2, "{}", outcome.stderr);
        assert!(outcome.stderr.len() < 900, "{}", outcome.stderr);
    };
    network.nameservers(&[Nameserver::Denies]);
    says(&format!("the name `{S3}` does not exist"), region);
    network.nameservers(&[Nameserver::Fails]);
    let nobody = format!("no nameserver could look up `{S3}`");
    says(&nobody, nameservers);
    network.nameservers(&[Nameserver::Answers]);
    resolve(&network, &[]);
    says(&format!("the name `{S3}` has no address"), region);
    // Nobody at all, as in a container without a network.
    network.resolv_conf("");
    says(&nobody, nameservers);
    network.nameservers(&[Nameserver::Silent]);
    network.resolv_conf("nameserver 198.51.100.53\noptions timeout:1 attempts:1\n");
    says(&nobody, nameservers);
}

#[test]
fn dead_addresses_leave_time_for_the_one_that_lives() {
    let Some(network) = network() else { return };
    let dead: Vec<String> = (1..=8).map(|last| format!("203.0.113.{last}")).collect();
    for address in &dead {
        network.drops(&format!("{address}:443"));
    }
    let dead: Vec<&str> = dead.iter().map(String::as_str).collect();
    for addresses in [
        vec![dead[0], AWS],
        vec![dead[0], dead[1], AWS, "203.0.113.40"],
        [&dead[..], &[AWS]].concat(),
        // No route, refused, and dropped.
        vec!["2a00::1", "2a00::2", "2001:db8::9", dead[0], AWS],
        vec!["10.9.9.9", "203.0.113.40", AWS],
    ] {
        resolve(&network, &addresses);
        gets(&network, "get web");
    }
}

#[test]
fn of_very_many_addresses_sixteen_are_dialled() {
    let Some(network) = network() else { return };
    let refusing: Vec<String> = (100..120).map(|last| format!("203.0.113.{last}")).collect();
    let refusing: Vec<&str> = refusing.iter().map(String::as_str).collect();
    resolve(&network, &[&refusing[..15], &[AWS]].concat());
    gets(&network, "get web");
    resolve(&network, &[&refusing[..16], &[AWS]].concat());
    let run = network.run("get web");
    run.stderr_has("Connection refused (os error 111)")
        .status(1);
}

#[test]
fn addresses_that_all_fail_are_told_by_their_causes() {
    let Some(network) = network() else { return };
    network.drops("203.0.113.1:443");
    for (addresses, why) in [
        (&["203.0.113.40"][..], "Connection refused (os error 111)\n"),
        (
            &["203.0.113.40", "203.0.113.41"],
            "Connection refused (os error 111)\n",
        ),
        (&["10.9.9.9"], "Network is unreachable (os error 101)\n"),
        (
            &["10.9.9.9", "203.0.113.40"],
            "203.0.113.40: Connection refused (os error 111)",
        ),
        (&["203.0.113.1"], "no response within 3 s\n"),
    ] {
        resolve(&network, addresses);
        let outcome = network.run("get web").any_stderr().status(1);
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
        let begins = format!("cannot connect to {S3}:443: ");
        assert!(outcome.stderr.contains(&begins), "{}", outcome.stderr);
    }
}
