//! A bucket that is not where it was looked for.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::fake_aws::{Answer, Elsewhere, FakeAws, record};
use crate::support::harness::{SECRET_ACCESS_KEY, Sandbox};
use crate::support::network::Network;
use crate::support::{BUCKET, Outcome};

/// Where the bucket is.
const THERE: &str = "eu-west-1";

const REGION_HEADER: &str = "x-amz-bucket-region";

fn sandbox(server: &FakeAws) -> Sandbox {
    Sandbox::aws(&server.url(), "acme/prod/", "acme")
}

/// Turns S3's requests away unless they are signed for [`THERE`]; HEAD of the bucket
/// is answered by the second.
fn elsewhere(turned_away: Answer, head: Answer) -> FakeAws {
    let stored = record(br#"{"a": "b"}"#);
    FakeAws::holding(stored, move |request, operation| match operation {
        "HeadBucket" => Some(head.clone()),
        _ if request.service != "s3" || request.region == THERE => None,
        _ => Some(turned_away.clone()),
    })
}

/// Operations and the regions that they were signed for.
fn told(server: &FakeAws) -> Vec<String> {
    let asked = server.requests().into_iter();
    asked
        .map(|request| format!("{} {}", request.operation, request.region))
        .collect()
}

fn unnamed() -> [Answer; 4] {
    let malformed = "the region is wrong";
    [
        Answer::s3(301, "PermanentRedirect", "elsewhere"),
        Answer::s3(307, "TemporaryRedirect", "elsewhere"),
        Answer::s3(400, "AuthorizationHeaderMalformed", malformed),
        Answer::s3(400, "IllegalLocationConstraintException", malformed),
    ]
}

#[test]
fn a_region_that_an_answer_names_is_gone_to_at_once() {
    let in_body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>no</Message><Region>eu-west-1</Region></Error>";
    let named = unnamed().map(|answer| answer.header(REGION_HEADER, THERE));
    for answer in named.into_iter().chain([Answer::new(400, in_body)]) {
        let server = elsewhere(answer, Answer::empty(500));
        sandbox(&server).run("get s --field a").stdout("b").ok();
        assert_eq!(
            told(&server),
            [
                "GetObject us-east-1",
                "GetObject eu-west-1",
                "Decrypt us-east-1"
            ]
        );
    }
}

#[test]
fn where_no_answer_names_the_region_the_bucket_itself_is_asked() {
    let heads = [
        Answer::empty(200).header(REGION_HEADER, THERE),
        Answer::empty(301).header(REGION_HEADER, THERE),
        Answer::empty(400).header(REGION_HEADER, THERE),
        Answer::empty(403).header(REGION_HEADER, THERE),
    ];
    for (answer, head) in unnamed().into_iter().zip(heads) {
        let server = elsewhere(answer, head);
        let run = sandbox(&server).run("-v get s --field a");
        let said = "\"bucket_region\": \"eu-west-1\" in the configuration file saves";
        run.stdout("b").stderr_has(said).ok();
        assert_eq!(
            told(&server),
            [
                "GetObject us-east-1",
                "HeadBucket us-east-1",
                "GetObject eu-west-1",
                "Decrypt us-east-1"
            ]
        );
    }
}

#[test]
fn all_later_requests_of_a_run_go_to_the_region_that_was_found() {
    let [answer, ..] = unnamed();
    let server = elsewhere(answer, Answer::empty(403).header(REGION_HEADER, THERE));
    let run = sandbox(&server).run("set s a").stdin("c");
    run.any_stdout().any_stderr().outcome();
    let told = told(&server);
    assert_eq!(
        told[..3],
        [
            "GetObject us-east-1",
            "HeadBucket us-east-1",
            "GetObject eu-west-1"
        ]
    );
    let asked = server.requests();
    let in_s3 = asked.iter().filter(|request| request.service == "s3");
    let later: Vec<_> = in_s3.skip(2).collect();
    let put = later.iter().any(|request| request.operation == "PutObject");
    assert!(
        put && later.iter().all(|request| request.region == THERE),
        "{told:?}"
    );
}

#[test]
fn a_region_that_nothing_names_is_asked_for_once_and_the_hint_says_what_to_set() {
    for head in [
        Answer::empty(404),
        Answer::empty(403),
        Answer::empty(200),
        Answer::empty(403).header(REGION_HEADER, "evil.example/"),
    ] {
        for answer in unnamed() {
            let server = elsewhere(answer, head.clone());
            let run = sandbox(&server).run("exec s A=t#a B=u#a -- touch ran");
            let outcome = run.fails(125);
            let hint = "hint: the bucket seems to be in another region: set `bucket_region`; `aws s3api head-bucket --bucket acme` shows it\n";
            assert!(outcome.stderr.contains(hint), "{}", outcome.stderr);
            let operations = server.operations();
            let heads = operations.iter().filter(|name| *name == "HeadBucket");
            assert_eq!((heads.count(), operations.len()), (1, 4), "{operations:?}");
        }
    }
}

#[test]
fn the_region_that_was_asked_is_not_asked_twice() {
    for answer in unnamed() {
        let same = answer.header(REGION_HEADER, "us-east-1");
        let server = elsewhere(same, Answer::empty(500));
        let run = sandbox(&server).run("get s");
        let hint = "lazycred: hint: S3 names us-east-1 as the bucket's region, but turns requests there away: check AWS_ENDPOINT_URL_S3 and `bucket_region`, and if the bucket is new, try again in an hour\n";
        run.stderr_has(hint).status(1);
        assert_eq!(told(&server), ["GetObject us-east-1"]);
    }
    // S3 names the region in other answers as well.
    let other = Answer::s3(400, "InvalidRequest", "no").header(REGION_HEADER, "us-east-1");
    let server = elsewhere(other, Answer::empty(500));
    let run = sandbox(&server).run("get s");
    run.stderr_has("InvalidRequest: no").status(1);
    assert_eq!(told(&server), ["GetObject us-east-1"]);
}

#[test]
fn a_second_answer_of_another_region_is_not_followed() {
    let server = FakeAws::scripted(|request, _| {
        let next = format!("{}-x", request.region);
        let answer = Answer::s3(301, "PermanentRedirect", "elsewhere");
        Some(answer.header(REGION_HEADER, next))
    });
    let run = sandbox(&server).run("get s");
    run.stderr_has("hint: S3 names us-east-1-x-x as the bucket's region")
        .status(1);
    assert_eq!(
        told(&server),
        ["GetObject us-east-1", "GetObject us-east-1-x"]
    );
}

#[test]
fn the_owner_is_demanded_of_the_bucket_wherever_it_is() {
    let [answer, ..] = unnamed();
    let server = elsewhere(answer, Answer::empty(403).header(REGION_HEADER, THERE));
    let sandbox = sandbox(&server);
    let config = r#"{"s3_path": "acme/prod/", "key_alias": "acme", "account": "111122223333"}"#;
    sandbox.write("lazycred.json", config);
    for command in [
        "--config lazycred.json get s",
        "--config lazycred.json doctor --write",
    ] {
        sandbox.run(command).any_stdout().any_stderr().outcome();
    }
    let asked = server.requests();
    let in_s3 = asked.iter().filter(|request| request.service == "s3");
    let mut operations = std::collections::BTreeSet::new();
    for request in in_s3 {
        let owner = request.header("x-amz-expected-bucket-owner");
        assert_eq!(owner, Some("111122223333"), "{request}");
        operations.insert(request.operation.clone());
    }
    assert!(
        operations.contains("HeadBucket") && operations.len() > 4,
        "{operations:?}"
    );
}

/// What `init --create` says where HEAD of the bucket is answered so.
fn looked(head: &Answer) -> (Outcome, FakeAws) {
    let server = elsewhere(Answer::empty(500), head.clone());
    let run = sandbox(&server)
        .run("init --create --timeout 2")
        .any_stdout();
    (run.any_stderr().outcome(), server)
}

#[test]
fn a_refusal_without_a_word_is_of_another_region_only_if_it_names_one() {
    let id = |answer: Answer| answer.header("x-amz-request-id", "1");
    for head in [
        Answer::empty(400),
        id(Answer::empty(400)),
        id(Answer::empty(400)).header(REGION_HEADER, "us-east-1"),
    ] {
        let (outcome, _) = looked(&head);
        let said =
            "HTTP 400\nlazycred: hint: S3 gives no reason here: the credentials may have expired";
        assert!(outcome.stderr.contains(said), "{outcome}");
    }
    let moved = id(Answer::empty(301));
    let (outcome, _) = looked(&moved);
    let said = "hint: the bucket seems to be in another region: set `bucket_region`";
    assert!(outcome.stderr.contains(said), "{outcome}");
}

#[test]
fn a_page_in_place_of_the_bucket_is_neither_a_refusal_nor_the_bucket() {
    for status in [200, 403, 404, 302] {
        let page = Answer::empty(status).header("content-type", "text/html; charset=utf-8");
        let (outcome, server) = looked(&page);
        let said = format!(
            ": HTTP {status} and a web page instead of an answer\nlazycred: hint: a proxy or firewall answered in place of S3"
        );
        assert!(outcome.stderr.contains(&said), "{outcome}");
        assert!(!server.operations().contains(&"CreateBucket".to_owned()));
    }
    // S3 may call anything HTML.
    let page = Answer::empty(403).header("content-type", "text/html");
    let (outcome, _) = looked(&page.header("x-amz-request-id", "1"));
    assert!(
        outcome.stderr.contains("S3 denies access to it"),
        "{outcome}"
    );
}

#[test]
fn a_bucket_that_is_too_busy_to_be_looked_at_is_looked_at_again() {
    let busy = Answer::empty(503).header("x-amz-request-id", "1");
    let tries = AtomicUsize::new(0);
    let server = FakeAws::holding(record(b"x"), move |_, operation| match operation {
        "HeadBucket" if tries.fetch_add(1, Ordering::Relaxed) < 2 => Some(busy.clone()),
        "HeadBucket" => Some(Answer::empty(403).header("x-amz-request-id", "1")),
        _ => None,
    });
    let run = sandbox(&server).run("init --create");
    let run = run.env("AWS_MAX_ATTEMPTS", "1").any_stdout();
    run.stderr_has("S3 denies access to it").status(1);
    let told = server.operations();
    let heads = told.iter().filter(|name| *name == "HeadBucket");
    assert_eq!(heads.count(), 3);
}

#[test]
fn a_bucket_is_followed_to_its_regions_own_name() {
    let Some(mut network) = Network::start() else {
        return;
    };
    network.sandbox.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    network
        .sandbox
        .set("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY);
    for elsewhere in [Elsewhere::Redirect, Elsewhere::Malformed] {
        {
            let mut state = network.aws.state();
            let bucket = state.bucket(BUCKET);
            (bucket.region, bucket.elsewhere) = (THERE.to_owned(), elsewhere);
        }
        network.forget();
        let run = network
            .run("get web --field a")
            .secret("web", r#"{"a": "b"}"#);
        run.stdout("b").ok();
        let get = |region: &str| {
            format!("GetObject {BUCKET}.s3.{region}.amazonaws.com/prod/web by AKIDEXAMPLE")
        };
        let decrypt = "Decrypt kms.us-east-1.amazonaws.com by AKIDEXAMPLE".to_owned();
        let told = network.told();
        assert_eq!(told, [get("us-east-1"), get(THERE), decrypt]);
    }
    // With `bucket_region`, that round trip is saved.
    let config = format!(
        r#"{{"s3_path": "{BUCKET}/prod/", "key_alias": "acme", "bucket_region": "{THERE}"}}"#
    );
    network.sandbox.write("lazycred.json", config);
    network.forget();
    let run = network.run("--config lazycred.json get web --field a");
    run.stdout("b").ok();
    assert_eq!(network.told().len(), 2);
}
