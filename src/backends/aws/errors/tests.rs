//! Each row of the table.

use super::*;

fn said(operation: Operation, happened: &Happened<'_>) -> String {
    hint(operation, happened).unwrap_or_default()
}

#[test]
fn each_answer_of_aws_has_its_hint() {
    use Operation::Read;
    let clock = "this machine's clock is 20 minutes behind AWS's";
    // A code, whether the clock is known to be wrong, and what the hint contains.
    let table = "\
        RequestTimeTooSkewed        | wrong | 20 minutes behind
        RequestTimeTooSkewed        |       | this machine's clock is wrong
        RequestExpired              | wrong | 20 minutes behind
        RequestExpired              |       | the credentials have expired
        RequestInTheFuture          | wrong | 20 minutes behind
        AuthFailure                 | wrong | 20 minutes behind
        ExpiredToken                |       | the credentials have expired
        ExpiredTokenException       | wrong | the credentials have expired
        InvalidAccessKeyId          |       | AWS does not know these credentials
        UnrecognizedClientException |       | AWS does not know
        InvalidClientTokenId        |       | AWS does not know
        InvalidToken                |       | AWS does not know
        SignatureDoesNotMatch       | wrong | 20 minutes behind
        SignatureDoesNotMatch       |       | does not belong to this access key id
        InvalidSignatureException   | wrong | 20 minutes behind
        InvalidSignatureException   |       | or this machine's clock is wrong";
    for row in table.lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let clock = (cells[1] == "wrong").then(|| clock.to_owned());
        let code = cells[0];
        let said = said(Read, &Happened::Answer { code, clock });
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
        (Store, "HTTP 403", ""),
        (MakeBucket, denied, ""),
        (Read, "InternalError", ""),
        (Read, "HTTP 429", ""),
    ] {
        let said = said(operation, &Happened::Answer { code, clock: None });
        assert!(said.contains(expected), "{operation:?} {code}: {said}");
        assert_eq!(said.is_empty(), expected.is_empty(), "{said}");
    }
}

#[test]
fn each_reason_for_no_answer_has_its_hint() {
    let (host, address) = ("s3.test".to_owned(), None);
    let (path, reason) = ("/roots".into(), String::new());
    let plain = Refusal::PlainHttp { host, address };
    let large = Refusal::BodyTooLarge { limit: 1 };
    let roots = Refusal::TrustRoots { path, reason };
    let reason = String::new();
    let proxy = Refusal::Proxy { reason };
    let by_proxy = "if a proxy here signs its own certificates, set AWS_CA_BUNDLE";
    let refused = Happened::Refused;
    for (happened, expected) in [
        (
            refused(&plain),
            "use https://, or set LAZYCRED_ALLOW_HTTP=1",
        ),
        (refused(&large), "--max-size BYTES"),
        (
            refused(&roots),
            "AWS_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR",
        ),
        (refused(&proxy), ""),
        (
            Happened::NoSuchHost,
            "check the spelling of the region; if AWS is not reachable",
        ),
        (Happened::UntrustedCertificate, by_proxy),
        (Happened::NoAnswer, "if AWS is not reachable directly"),
    ] {
        let said = said(Operation::Read, &happened);
        assert!(said.starts_with(expected), "{said}");
        assert_eq!(said.is_empty(), expected.is_empty(), "{said}");
    }
}
