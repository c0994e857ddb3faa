//! Whatever a server answers, and each command that stores something: it is
//! stored and known to be, or it is not and that is said.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::support::fake_aws::{ALIAS, FakeAws, Fault, Order, Request};
use crate::support::harness::{self, Outcome, S3_PATH, Sandbox};
use crate::support::kills::{self, Killed as _, Scene, Work};
use crate::support::temporary;

const PLACE: &str = "acme-secrets/prod/db";

/// Runs a command on a fake that does wrong, and gives what it came to.
fn run(work: &Work, format: u8, wrong: impl FnOnce(&FakeAws)) -> (Outcome, Now) {
    let aws = FakeAws::start();
    let scene = Scene::aws(work, format, &aws);
    let before = records(work, &aws);
    aws.forget();
    wrong(&aws);
    let outcome = scene.run(&[]).outcome();
    let operations = aws.operations();
    let stored = records(work, &aws) != before;
    let now = Now {
        what: format!("{:?} {format}: {outcome:?}", work.args),
        stored,
        operations,
    };
    if outcome.status == 0 {
        let last = work.stages.len() - 1;
        assert_eq!(scene.stage(&now.what), last, "{}", now.what);
    }
    (outcome, now)
}

/// What is there after a run.
struct Now {
    what: String,
    /// Whether anything is otherwise than before.
    stored: bool,
    operations: Vec<String>,
}

impl Now {
    fn count(&self, operation: &str) -> usize {
        let asked = self.operations.iter();
        asked.filter(|asked| *asked == operation).count()
    }
}

fn records(work: &Work, aws: &FakeAws) -> Vec<Option<Vec<u8>>> {
    let names = work.stages.iter().copied().flatten();
    let place = |name: &str| format!("{S3_PATH}{name}");
    names.map(|(name, _)| aws.object(&place(name))).collect()
}

fn each(check: impl Fn(&Work, u8)) {
    for work in kills::writers() {
        for &format in work.formats {
            check(work, format);
        }
    }
}

/// One order, made anew for each run.
fn orders(faults: &[Fault], order: impl Fn(Fault) -> Order) -> Vec<(String, Order)> {
    let named = |fault: &Fault| (fault.to_string(), order(fault.clone()));
    faults.iter().map(named).collect()
}

const BUSY: Fault = Fault::Error(409, "ConditionalRequestConflict", "again");
const FAILED: Fault = Fault::Error(500, "InternalError", "We encountered an internal error");
const NO_CONDITIONS: Fault = Fault::Error(501, "NotImplemented", "If-Match");

#[test]
fn what_was_stored_is_known_to_be_whatever_was_answered() {
    let done = [
        Fault::Lost,
        Fault::LostByReset,
        Fault::DoneThenError(500, "InternalError", "no"),
        Fault::DoneThenError(503, "ServiceUnavailable", "no"),
        // As for a request that a proxy had sent twice.
        Fault::DoneThenError(412, "PreconditionFailed", "no"),
        BUSY,
    ];
    each(|work, format| {
        for (fault, order) in orders(&done, Fault::once) {
            let (outcome, now) = run(work, format, |aws| aws.fault("PutObject", order));
            assert_eq!(outcome.status, 0, "{fault}: {}", now.what);
            assert!(now.stored, "{fault}: {}", now.what);
        }
    });
}

/// What answers the request that was done already, as one that is sent again meets it.
const TWICE: [Fault; 3] = [
    Fault::Lost,
    Fault::LostByReset,
    Fault::DoneThenError(500, "InternalError", "no"),
];

/// Runs a command whose first such request is done, but not told, so that it is sent
/// again and refused; gives how often it was sent, and the versions that it made.
fn sent_again(scene: &Scene, aws: &FakeAws, work: &Work, order: Option<Order>) -> [usize; 2] {
    let versions = || {
        let names: BTreeSet<_> = work.stages.iter().copied().flatten().collect();
        let places = names.iter().map(|(name, _)| harness::place(name));
        let places: BTreeSet<String> = places.collect();
        let versions = places.iter().map(|place| aws.versions(place).len());
        versions.sum::<usize>()
    };
    let before = versions();
    aws.forget();
    if let Some(order) = order {
        aws.fault("PutObject", order);
    }
    let outcome = scene.run(&[]).env("AWS_MAX_ATTEMPTS", "3").outcome();
    assert_eq!(outcome.status, 0, "{:?}: {outcome:?}", work.args);
    let puts = aws.requests().into_iter();
    let puts: Vec<_> = puts
        .filter(|asked| asked.operation == "PutObject")
        .collect();
    // The same bytes on the same condition, which no longer holds.
    let conditions = ["if-match", "if-none-match"];
    let told = |put: &Request| conditions.map(|name| put.header(name).map(str::to_owned));
    for pair in puts.windows(2).filter(|pair| pair[0].body == pair[1].body) {
        assert_eq!(told(&pair[0]), told(&pair[1]));
        assert_ne!(told(&pair[0]), [None, None]);
    }
    [puts.len(), versions() - before]
}

#[test]
fn a_write_that_is_done_and_then_refused_as_no_longer_current_is_a_success_and_done_once() {
    let (variants, commands) = (Cell::new(0), RefCell::new(BTreeSet::new()));
    each(|work, format| {
        let aws = FakeAws::start();
        let scene = Scene::aws(work, format, &aws);
        let whole = sent_again(&scene, &aws, work, None);
        for fault in TWICE {
            let aws = FakeAws::start();
            let scene = Scene::aws(work, format, &aws);
            let order = Some(fault.clone().once());
            let [sent, made] = sent_again(&scene, &aws, work, order);
            let what = format!("{:?} {format}: {fault}", work.args);
            assert_eq!([sent, made], [whole[0] + 1, whole[1]], "{what}");
            assert_eq!(scene.stage(&what) + 1, work.stages.len(), "{what}");
            variants.set(variants.get() + 1);
        }
        commands.borrow_mut().insert(work.args[0]);
    });
    let edits = usize::from(temporary::in_memory().is_ok());
    assert!(commands.borrow().len() >= 9 + edits, "{commands:?}");
    assert!(variants.get() >= 60, "{variants:?}");
}

#[test]
fn a_removal_that_is_done_and_then_refused_is_a_success() {
    for args in ["rm db", "mv db web/db"] {
        for fault in TWICE {
            let aws = FakeAws::start();
            harness::store(&aws, PLACE, "hunter-old", 2);
            aws.fault("DeleteObject", fault.clone().once());
            let sandbox = Sandbox::aws(&aws.url(), S3_PATH, ALIAS);
            let run = sandbox.run(args).env("AWS_MAX_ATTEMPTS", "3");
            run.any_stdout().any_stderr().ok();
            let sent = aws.operations();
            let sent = sent.iter().filter(|asked| *asked == "DeleteObject");
            assert_eq!(sent.count(), 2, "{args}: {fault}");
            assert_eq!(aws.object(PLACE), None, "{args}: {fault}");
        }
    }
}

#[test]
fn what_was_not_stored_is_an_error_that_names_the_cause_and_nothing_has_changed() {
    let refused = [
        (Fault::Denied, "AccessDenied: User: arn:aws:iam::"),
        (FAILED, "InternalError: We encountered an internal error"),
        (
            Fault::Error(404, "NoSuchBucket", "none"),
            "NoSuchBucket: none",
        ),
        (Fault::Close, "cannot store "),
        (
            NO_CONDITIONS,
            "the server does not support the condition If-",
        ),
    ];
    each(|work, format| {
        for (fault, said) in &refused {
            let order = fault.clone();
            let (outcome, now) = run(work, format, |aws| aws.fault("PutObject", order));
            assert_eq!(outcome.status, 1, "{fault}: {}", now.what);
            assert!(outcome.stderr.contains(said), "{fault}: {}", now.what);
            assert!(!now.stored, "{fault}: {}", now.what);
        }
    });
}

#[test]
fn nothing_is_sent_before_the_data_key_is_wrapped() {
    each(|work, format| {
        for fault in [
            Fault::Denied,
            Fault::Error(400, "DisabledException", "is disabled"),
            Fault::Error(500, "KMSInternalException", "no"),
            Fault::Body(b"{}".into()),
            Fault::Close,
        ] {
            let order = fault.clone();
            let (outcome, now) = run(work, format, |aws| aws.fault("kms", order));
            assert!([1, 4].contains(&outcome.status), "{fault}: {}", now.what);
            assert_eq!(now.count("PutObject"), 0, "{fault}: {}", now.what);
            assert!(!now.stored, "{fault}: {}", now.what);
        }
    });
}

#[test]
fn a_server_that_keeps_other_bytes_than_it_was_given_is_found_out() {
    each(|work, format| {
        let other = Fault::received(|bytes| [&bytes[..], b" "].concat());
        let (outcome, now) = run(work, format, |aws| aws.fault("PutObject", other));
        assert_eq!(outcome.status, 1, "{}", now.what);
        let said = "the store reported success, but it returned different bytes";
        assert!(outcome.stderr.contains(said), "{}", now.what);
        assert_eq!(now.count("DeleteObject"), 0, "{}", now.what);
    });
}

/// Writes other bytes of the same record just before the command does.
fn overtake(aws: &FakeAws, name: &str) {
    let place = format!("{S3_PATH}{name}");
    aws.before("PutObject", move |state| {
        let theirs = state.object(&place).unwrap();
        state.put_object(&place, &[&theirs[..], b"\n"].concat());
    });
}

#[test]
fn an_overtaken_write_is_retried_and_only_edit_reports_a_conflict() {
    each(|work, format| {
        let name = match *work.args {
            ["cp", _, to, ..] => to,
            ["import" | "rekey" | "upgrade", ..] => "a",
            [_, name, ..] => name,
            _ => "",
        };
        let there = work.before.iter().any(|(before, _)| *before == name);
        if !there || work.args[0] == "mv" {
            return;
        }
        let (outcome, now) = run(work, format, |aws| overtake(aws, name));
        let (status, least) = match work.args[0] {
            "edit" => (6, 1),
            _ => (0, 2),
        };
        assert_eq!(outcome.status, status, "{}", now.what);
        assert!(now.count("PutObject") >= least, "{}", now.what);
    });
}

#[test]
fn a_record_that_may_not_be_read_back_is_a_warning_after_two_looks() {
    each(|work, format| {
        let many = ["mv", "rekey", "upgrade", "import"];
        if many.contains(&work.args[0]) {
            return;
        }
        let (_, whole) = run(work, format, |_| {});
        let last = whole.count("GetObject");
        let (outcome, now) = run(work, format, |aws| {
            // With the version that was stored, and without.
            aws.fault("GetObject", Fault::Denied.at(last));
            aws.fault("GetObject", Fault::Denied.at(last));
        });
        assert_eq!(outcome.status, 0, "{}", now.what);
        let said = "was stored, but could not be read back: ";
        assert!(outcome.stderr.contains(said), "{}", now.what);
        assert_eq!(now.count("GetObject"), last + 1, "{}", now.what);
    });
}

#[test]
fn a_lost_answer_that_cannot_be_settled_says_that_it_may_have_been_stored() {
    each(|work, format| {
        if ["rekey", "upgrade", "import"].contains(&work.args[0]) {
            return;
        }
        let (_, whole) = run(work, format, |_| {});
        let put = whole.operations.iter().position(|told| told == "PutObject");
        let earlier = whole.operations[..put.unwrap()].iter();
        let looks = earlier.filter(|told| *told == "GetObject").count();
        let (outcome, now) = run(work, format, |aws| {
            aws.fault("PutObject", Fault::Lost.once());
            aws.fault("GetObject", Fault::Close.at(looks + 1));
        });
        assert_eq!(outcome.status, 1, "{}", now.what);
        let said = "may still have been stored";
        assert!(outcome.stderr.contains(said), "{}", now.what);
    });
}

#[test]
fn an_unreadable_record_is_replaced_but_never_modified() {
    each(|work, format| {
        let order = Fault::Denied;
        let aws = FakeAws::start();
        let scene = Scene::aws(work, format, &aws);
        let before = records(work, &aws);
        aws.forget();
        aws.fault("GetObject", order);
        let outcome = scene.run(&[]).outcome();
        let what = format!("{:?} {format}: {outcome:?}", work.args);
        let replaces = work.args[0] == "put";
        assert_eq!(outcome.status, i32::from(!replaces), "{what}");
        assert_eq!(records(work, &aws) != before, replaces, "{what}");
    });
}

#[test]
fn a_writer_that_may_not_read_never_replaces_a_record_of_version_2() {
    for (more, there, status, said) in [
        (&[][..], false, 0, "could not be read back"),
        (&["--if-absent"], false, 0, "could not be read back"),
        (&[], true, 1, "the record may have been stored"),
        (&["--if-absent"], true, 6, "you may not read it"),
        (&["--if-version", "v"], true, 1, "AccessDenied"),
    ] {
        let aws = FakeAws::start();
        if there {
            harness::store(&aws, PLACE, "hunter-old", 2);
        }
        let before = aws.object(PLACE);
        aws.fault("GetObject", Fault::Denied);
        let sandbox = Sandbox::aws(&aws.url(), S3_PATH, ALIAS);
        let config = serde_json::json!({"s3_path": S3_PATH, "key_alias": ALIAS, "format": 2});
        sandbox.write(".lazycred", config.to_string());
        let put = sandbox.run([&["put", "db"][..], more].concat());
        let run = put.stdin("hunter-new").any_stdout();
        run.stderr_has(said).status(status);
        assert_eq!(aws.object(PLACE) == before, there, "{more:?} {there}");
    }
}

/// The faults of a removal, the status, and whether it is removed.
fn removals() -> Vec<(String, Order, i32, bool)> {
    let once = [
        Fault::Lost,
        Fault::LostByReset,
        Fault::DoneThenError(500, "InternalError", "no"),
        Fault::DoneThenError(412, "PreconditionFailed", "no"),
        BUSY,
        // It is asked what is there, and then removed without the condition.
        NO_CONDITIONS,
    ];
    let ever = [
        (Fault::Denied, 1),
        (FAILED, 1),
        (Fault::Close, 1),
        (NO_CONDITIONS, 1),
        (Fault::Error(412, "PreconditionFailed", "no"), 6),
        (Fault::Error(404, "NoSuchKey", "no"), 6),
        (Fault::Error(404, "NoSuchBucket", "no"), 1),
    ];
    let once = orders(&once, Fault::once).into_iter();
    let once = once.map(|(name, order)| (name, order, 0, true));
    let ever = ever.into_iter().map(|(fault, status)| {
        let name = format!("ever {fault}");
        (name, Order::from(fault), status, false)
    });
    once.chain(ever).collect()
}

#[test]
fn what_is_removed_is_known_to_be_and_what_is_not_stays() {
    for args in ["rm db", "mv db web/db"] {
        for (fault, order, status, removed) in removals() {
            let aws = FakeAws::start();
            harness::store(&aws, PLACE, "hunter-old", 2);
            aws.fault("DeleteObject", order);
            let sandbox = Sandbox::aws(&aws.url(), S3_PATH, ALIAS);
            sandbox.run(args).any_stdout().any_stderr().status(status);
            assert_eq!(aws.object(PLACE).is_none(), removed, "{args:?} {fault}");
            let there = aws.object("acme-secrets/prod/web/db").is_some();
            assert_eq!(there, args.starts_with("mv"), "{args:?} {fault}");
        }
    }
}
