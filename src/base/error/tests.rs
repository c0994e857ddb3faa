//! Every error has its status, its sentence and its remedy.

use super::*;
use crate::base::name::ObjectPath;

fn place() -> Place {
    Place {
        name: "db".parse().unwrap(),
        path: ObjectPath::new("s3://acme/", "prod/db"),
    }
}

#[test]
fn every_variant_has_its_status_and_sentence() {
    let io = || io::Error::from(io::ErrorKind::NotFound);
    let table: [(Error, u8, &str); 13] = [
        (
            Error::Unfit { findings: 2 },
            1,
            "a get or a put would fail; findings that say so: 2",
        ),
        (Error::usage("no"), 2, "no"),
        (
            Error::Missing {
                place: place(),
                version: None,
            },
            3,
            "no secret named `db` (s3://acme/prod/db)",
        ),
        (
            Error::Missing {
                place: place(),
                version: Some("v1".into()),
            },
            3,
            "no version `v1` of `db` (s3://acme/prod/db)",
        ),
        (
            Error::MissingField {
                place: place(),
                field: "/a".into(),
                there: "it has no fields".into(),
            },
            3,
            "no field `/a` in `db` (s3://acme/prod/db)",
        ),
        (
            Error::damaged(&place(), "torn"),
            4,
            "cannot open `db` (s3://acme/prod/db): torn",
        ),
        (
            Error::shape(&place(), "flat"),
            5,
            "cannot use `db` (s3://acme/prod/db): flat",
        ),
        (
            Error::Conflict {
                action: "store",
                place: place(),
                message: "taken".into(),
            },
            6,
            "cannot store `db` (s3://acme/prod/db): taken",
        ),
        (
            Error::aws(Operation::Read, None, "a\nb"),
            1,
            "cannot read: a\\nb",
        ),
        (
            Error::io("read `x`", io()),
            1,
            "cannot read `x`: entity not found",
        ),
        (
            Error::TimedOut {
                action: "read `db`".into(),
                seconds: 30.0,
            },
            1,
            "gave up after 30 s, while trying to read `db`",
        ),
        (
            Error::Kept {
                file: "/run/x".into(),
                cause: Box::new(Error::usage("no")),
            },
            2,
            "no; what was typed is kept in `/run/x`",
        ),
        (
            Error::Several(vec![Error::damaged(&place(), "a"), Error::usage("b")]),
            4,
            "cannot open `db` (s3://acme/prod/db): a; b",
        ),
    ];
    for (error, status, sentence) in table {
        assert_eq!(
            (error.exit_code(), error.to_string()),
            (status, sentence.into())
        );
    }
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
