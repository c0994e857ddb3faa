//! A firewall that wants the first message of TLS in one packet, as some do.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::names::network;
use crate::support::fake_aws::FakeAws;
use crate::support::firewall::{Firewall, Rule};
use crate::support::network::Kind;
use crate::support::tls::{answering, loopback, serving};
use crate::support::{Outcome, Run, Sandbox, place, store};

const TOLD: &str = "did not respond to a TLS handshake with post-quantum key exchange";

/// S3 and KMS behind a firewall each.
struct Network {
    aws: FakeAws,
    s3: Firewall,
    kms: Firewall,
    sandbox: Sandbox,
}

impl Network {
    fn new(rule: Rule, once: bool) -> Self {
        let (config, authority) = loopback();
        let aws = FakeAws::start();
        store(&aws, &place("web"), br#"{"A": "b"}"#, 1);
        let [s3, kms] = [0, 1].map(|_| Firewall::before(serving(&aws, &config, once), rule));
        let mut sandbox = Sandbox::apart();
        let url = |firewall: &Firewall| format!("https://127.0.0.1:{}", firewall.port);
        sandbox.set("AWS_ENDPOINT_URL_S3", url(&s3));
        sandbox.set("AWS_ENDPOINT_URL_KMS", url(&kms));
        sandbox.set("AWS_CA_BUNDLE", sandbox.write("authority.pem", authority));
        Self {
            aws,
            s3,
            kms,
            sandbox,
        }
    }

    fn run(&self, arguments: &str) -> Run {
        self.aws.run(arguments).sandbox(&self.sandbox)
    }

    /// First messages to S3 with and without the share, then to KMS.
    fn seen(&self) -> [[usize; 2]; 2] {
        [self.s3.seen(), self.kms.seen()]
    }
}

fn told(outcome: &Outcome) -> usize {
    outcome.stderr.matches(TOLD).count()
}

#[test]
fn a_run_behind_it_does_without_post_quantum_key_exchange_and_tells_it_with_v() {
    for rule in [Rule::Reset, Rule::Close, Rule::Drop] {
        let network = Network::new(rule, false);
        let outcome = network.run("-v exec web -- printenv A").outcome();
        assert_eq!(outcome.text(), "b\n", "{rule:?} {outcome}");
        assert_eq!(told(&outcome), 1, "{rule:?} {outcome}");
        assert_eq!(network.seen(), [[1, 1], [1, 1]], "{rule:?}");
        assert_eq!(outcome.operations(), ["GetObject", "Decrypt"]);
        if rule == Rule::Reset {
            network.run("exec web -- printenv A").stdout("b\n").ok();
        }
    }
}

#[test]
fn where_there_is_none_nothing_is_tried_twice() {
    let network = Network::new(Rule::Pass, false);
    let outcome = network.run("-v exec web -- printenv A").outcome();
    assert_eq!((&*outcome.text(), told(&outcome)), ("b\n", 0), "{outcome}");
    assert_eq!(network.seen(), [[1, 0], [1, 0]]);
}

#[test]
fn it_is_remembered_until_the_run_ends() {
    let network = Network::new(Rule::Reset, true);
    let run = network.run("-v set web A").stdin("c");
    // These servers hang up without a word, which may be in the middle of a request.
    let outcome = run.env("AWS_MAX_ATTEMPTS", "3").outcome();
    assert_eq!((outcome.status, told(&outcome)), (0, 1), "{outcome}");
    // S3 is asked for the record, given the new one, and asked for it again.
    let [s3, kms] = network.seen();
    assert_eq!(s3[0], 1);
    assert!(s3[1] >= 3, "{s3:?}");
    assert!(kms[0] <= 1, "{kms:?}");
    let before = s3;
    network.run("get web --field A").stdout("c").ok();
    assert_eq!(network.s3.seen(), [before[0] + 1, before[1] + 1]);
}

#[test]
fn a_server_that_is_only_slow_keeps_post_quantum_key_exchange() {
    let network = Network::new(Rule::Delay(Duration::from_millis(1300)), false);
    let outcome = network.run("-v get web --field A").outcome();
    assert_eq!((&*outcome.text(), told(&outcome)), ("b", 0), "{outcome}");
    let [s3, _] = network.seen();
    assert_eq!(s3, [1, 1]);
}

#[test]
fn it_is_passed_through_a_proxy_too() {
    for rule in [Rule::Reset, Rule::Drop] {
        let network = Network::new(Rule::Pass, false);
        let proxy = Firewall::behind_proxy(rule);
        let run = network.run("-v exec web -- printenv A");
        let run = run.env("HTTPS_PROXY", format!("http://127.0.0.1:{}", proxy.port));
        let outcome = run.outcome();
        assert_eq!((&*outcome.text(), told(&outcome)), ("b\n", 1), "{outcome}");
        assert_eq!(proxy.seen(), [2, 2]);
    }
}

#[test]
fn it_is_passed_on_the_way_to_a_proxy_that_speaks_tls_too() {
    for rule in [Rule::Reset, Rule::Drop] {
        let Some(network) = network() else { return };
        network.resolves("proxy.acme.test", &["127.0.0.1"]);
        network.listen("127.0.0.1:443", Kind::Tls);
        let firewall = network.inside(|| Firewall::before(443, rule));
        let url = format!("https://proxy.acme.test:{}", firewall.port);
        let run = network.run("-v get web").env("HTTPS_PROXY", url);
        let run = run.secret("web", "x").stdout("x").any_stderr();
        let outcome = run.ok();
        assert_eq!(told(&outcome), 1, "{rule:?} {outcome}");
        assert_eq!(firewall.seen(), [2, 2], "{rule:?} {outcome}");
    }
}

#[test]
fn post_quantum_key_exchange_is_kept_where_no_other_handshake_succeeds_either() {
    // handshake_failure
    let (server, _) = answering(&[21, 3, 3, 0, 2, 2, 40]);
    let firewall = Firewall::before(server, Rule::Reset);
    let url = format!("https://127.0.0.1:{}", firewall.port);
    let sandbox = Sandbox::aws(&url, "acme/", "acme");
    let run = sandbox.run("-v list").env("AWS_MAX_ATTEMPTS", "2");
    let outcome = run.any_stderr().status(1);
    assert_eq!(told(&outcome), 0, "{outcome}");
    assert_eq!(firewall.seen(), [2, 2], "{outcome}");
}

#[test]
fn a_server_that_begins_to_answer_is_not_given_up_because_a_second_try_fails() {
    let network = Network::new(Rule::Hesitate, false);
    let run = network.run("-v exec web -- printenv A");
    let outcome = run.env("AWS_MAX_ATTEMPTS", "1").outcome();
    assert_eq!((&*outcome.text(), told(&outcome)), ("b\n", 0), "{outcome}");
    assert_eq!(network.seen(), [[1, 1], [1, 1]], "{outcome}");
}

#[test]
fn an_error_names_both_tries() {
    for (rule, why) in [
        (
            Rule::ResetAll,
            "Connection reset by peer (os error 104), also without post-quantum key exchange",
        ),
        (
            Rule::ResetThenDrop,
            "Connection reset by peer (os error 104); \
             without post-quantum key exchange: no response",
        ),
    ] {
        let network = Network::new(rule, false);
        let run = network.run("get web").stderr_has(why).any_stdout();
        let outcome = run.env("AWS_MAX_ATTEMPTS", "1").outcome();
        assert!(outcome.stderr.contains(why), "{outcome}");
        assert_ne!(outcome.status, 0);
        assert_eq!(network.s3.seen(), [1, 1], "{rule:?}");
    }
}

#[test]
fn a_server_that_answers_at_all_is_not_asked_twice() {
    // handshake_failure, a part of a record, plain HTTP.
    let answers: [&'static [u8]; 3] = [
        &[21, 3, 3, 0, 2, 2, 40],
        &[22],
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ];
    for answer in answers {
        let (port, count) = answering(answer);
        let sandbox = Sandbox::aws(&format!("https://127.0.0.1:{port}"), "acme/", "acme");
        let outcome = sandbox.run("list").outcome();
        assert_ne!(outcome.status, 0);
        assert_eq!(count.load(Ordering::Relaxed), 1, "{outcome}");
    }
    // Nor does another attempt change what a server speaks.
    let (port, count) = answering(answers[2]);
    let sandbox = Sandbox::aws(&format!("https://127.0.0.1:{port}"), "acme/", "acme");
    let outcome = sandbox.run("list").env("AWS_MAX_ATTEMPTS", "3").outcome();
    assert_eq!(count.load(Ordering::Relaxed), 1, "{outcome}");
}
