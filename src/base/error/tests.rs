//! Sentences, statuses and what an answer's code means.

use super::*;

fn place() -> Place {
    crate::base::test_support::place("s3://acme/", "prod/", "db")
}

#[test]
fn several_errors_are_one_sentence_with_the_status_of_the_first() {
    let all = Error::Several(vec![Error::damaged(&place(), "a"), Error::usage("b")]);
    assert_eq!(all.exit_code(), 4);
    assert_eq!(
        all.to_string(),
        "cannot open `db` (s3://acme/prod/db): a; b"
    );
}

#[test]
fn an_answer_of_aws_stays_on_one_line() {
    let error = Error::aws(Operation::Read, None, "a\nb");
    assert_eq!(error.to_string(), "cannot read: a\\nb");
}

#[test]
fn a_chain_says_each_cause_once() {
    let inner = io::Error::other("refused");
    let outer = io::Error::other(inner);
    assert_eq!(chain(&outer), "refused");
}

#[test]
fn what_an_answer_means_is_told_by_its_code_and_not_by_its_words() {
    let with = |code: Option<&str>, cause: &str| Error::Aws {
        operation: Operation::Rewrap,
        place: Some(place()),
        code: code.map(str::to_owned),
        cause: cause.into(),
        hint: None,
    };
    let joined =
        "alias/acme: IncorrectKeyException; the wrapping key that the record names: slower";
    assert!(with(Some("ThrottlingException"), joined).is_throttled());
    assert!(with(Some("AccessDeniedException"), joined).is_denied());
    let words = "ThrottlingException: AccessDenied";
    for error in [with(None, words), with(Some("InternalError"), words)] {
        assert!(!error.is_throttled() && !error.is_denied());
    }
}

#[test]
fn a_kind_is_that_of_the_cause_and_goes_with_one_status() {
    let place = place();
    let (message, hint) = (String::new, None);
    let at = |error: Error| error.at("line 1").at("file");
    let kept = |error| Error::Kept {
        name: place.name.clone(),
        file: "/tmp/x".into(),
        cause: Box::new(error),
    };
    let missing = || Error::Missing {
        place: place.clone(),
        version: None,
    };
    let denied = || Error::Aws {
        operation: Operation::Read,
        place: None,
        code: Some("AccessDenied".into()),
        cause: message(),
        hint: None,
    };
    for (error, kind, status) in [
        (Error::usage(""), "usage", 2),
        (at(missing()), "missing", 3),
        (kept(at(Error::shape(&place, ""))), "shape", 5),
        (
            Error::Environment {
                message: message(),
                hint,
            },
            "environment",
            5,
        ),
        (Error::taken(place.clone(), &[]), "conflict", 6),
        (at(denied()), "aws", 1),
        (Error::Several(vec![missing(), denied()]), "several", 3),
    ] {
        assert_eq!((error.kind(), error.exit_code()), (kind, status));
    }
    assert_eq!(kept(at(denied())).innermost().code(), None);
    assert_eq!(at(denied()).code(), Some("AccessDenied"));
}
