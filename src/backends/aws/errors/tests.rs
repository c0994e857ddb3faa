//! Rows of the table that depend on more than a code, and what there is to do
//! without a response.

use super::table::TABLE;
use super::*;

fn facts(operation: Operation) -> Facts<'static> {
    Facts {
        operation,
        region: Some("eu-west-1"),
        profile: None,
        renewal: None,
        bucket: Some("acme"),
        path: Some("prod/my db"),
        clock: None,
    }
}

#[test]
fn a_clock_that_is_known_to_be_wrong_is_to_blame() {
    let clock = "this machine's clock is 20 minutes behind AWS's";
    // A code, whether the clock is known to be wrong, and what the hint contains.
    let table = "\
        RequestTimeTooSkewed        | wrong | 20 minutes behind
        RequestTimeTooSkewed        |       | this machine's clock is wrong
        RequestExpired              | wrong | 20 minutes behind
        RequestExpired              |       | the credentials have expired
        RequestInTheFuture          | wrong | 20 minutes behind
        AuthFailure                 | wrong | 20 minutes behind
        HTTP 403                    | wrong | 20 minutes behind
        ExpiredTokenException       | wrong | the credentials have expired
        SignatureDoesNotMatch       | wrong | 20 minutes behind
        SignatureDoesNotMatch       |       | does not belong to this access key id
        InvalidSignatureException   | wrong | 20 minutes behind
        InvalidSignatureException   |       | or this machine's clock is wrong";
    for row in table.lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let clock = (cells[1] == "wrong").then(|| clock.to_owned());
        let facts = Facts {
            clock,
            ..facts(Operation::Read)
        };
        let said = facts.hint(cells[0], cells[0]);
        assert!(said.contains(cells[2]), "{row}: {said}");
    }
}

#[test]
fn a_missing_permission_is_named_by_its_operation() {
    use Operation::{List, MakeBucket, Read, Rewrap, Store, Unwrap};
    let (denied, by_kms) = ("AccessDenied", "AccessDeniedException");
    let reading = "allow s3:GetObject on it; without s3:ListBucket";
    let rewrapping = "allow kms:ReEncryptFrom and kms:ReEncryptTo on";
    for (operation, code, expected) in [
        (Read, denied, reading),
        (Read, "HTTP 403", reading),
        (List, denied, "allow s3:ListBucket on the bucket;"),
        (Store, denied, "allow s3:PutObject on the bucket's objects;"),
        (Unwrap, by_kms, "allow kms:Decrypt on the wrapping key;"),
        (Rewrap, by_kms, rewrapping),
        (
            Store,
            "HTTP 403",
            "allow s3:PutObject on the bucket's objects;",
        ),
        (MakeBucket, denied, "allow s3:CreateBucket on the bucket"),
    ] {
        let said = facts(operation).hint(code, code);
        assert!(said.starts_with(expected), "{operation:?} {code}: {said}");
    }
}

#[test]
fn what_stands_in_braces_is_filled_in() {
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let facts = Facts {
        profile: Some("a b"),
        ..facts(Operation::Unwrap)
    };
    let said = facts.hint(
        "DisabledException",
        &format!("DisabledException: {arn} is disabled."),
    );
    let flags = "--region eu-west-1 --profile 'a b'";
    assert_eq!(said, format!("`aws kms enable-key --key-id {arn} {flags}`"));
    for hostile in [
        "arn:aws:kms:;reboot:",
        "arn:aws:kms:eu-west-1:1:key/$(reboot)",
        "arn:",
    ] {
        let said = facts.hint("DisabledException", hostile);
        assert_eq!(
            said,
            format!("`aws kms enable-key --key-id KEY_ID {flags}`")
        );
    }
    let named = "User: arn:aws:iam::1:user/x is not authorized to perform: ";
    for (words, action) in [("kms:Other on", "kms:Other"), ("`rm`:x on", "kms:Decrypt")] {
        let said = facts.hint("AccessDeniedException", &format!("{named}{words}"));
        assert!(said.starts_with(&format!("allow {action} on")), "{said}");
    }
}

#[test]
fn every_row_can_be_read_and_filled_in() {
    let facts = facts(Operation::Wrap);
    let known = [
        "service", "clock", "renewal", "region", "bucket", "path", "kind", "arn", "action", "on",
        "flags",
    ];
    for row in TABLE {
        for part in row.hint.split('{').skip(1) {
            let (name, _) = part.split_once('}').expect("a brace is closed");
            assert!(known.contains(&name), "{}", row.hint);
        }
        assert!(
            row.hint.len() < 260 && !row.hint.ends_with('.'),
            "{}",
            row.hint
        );
        assert_eq!(row.words, row.words.to_ascii_lowercase());
    }
    assert!(TABLE.last().is_some_and(|row| row.codes.is_empty()));
    assert!(!facts.hint("NoSuchCode", "").is_empty());
}

#[test]
fn each_reason_for_no_answer_has_its_hint() {
    let (host, address) = ("s3.test".to_owned(), None);
    let (path, reason) = ("/roots".into(), String::new());
    let plain = Refusal::PlainHttp { host, address };
    let large = Refusal::BodyTooLarge { limit: 1 };
    let named_by = "AWS_CA_BUNDLE".into();
    let roots = Refusal::TrustRoots {
        path,
        named_by,
        reason,
    };
    let reason = String::new();
    let proxy = Refusal::Proxy { reason };
    let refused = Happened::Refused;
    for (happened, expected) in [
        (
            refused(&plain),
            "use https://, or set LAZYCRED_ALLOW_HTTP=1",
        ),
        (refused(&large), "--max-size BYTES"),
        (
            refused(&roots),
            "AWS_CA_BUNDLE, `ca_bundle` of an AWS profile and SSL_CERT_FILE",
        ),
        (refused(&proxy), "use http://HOST:PORT"),
        (
            Happened::NoSuchHost,
            "check the spelling of the region; if AWS is not reachable",
        ),
        (Happened::NoAnswer, "if AWS is not reachable directly"),
    ] {
        let said = hint(&happened, None);
        assert!(said.starts_with(expected), "{said}");
    }
}
