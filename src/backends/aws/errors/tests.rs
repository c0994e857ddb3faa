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
        (Read, "HTTP 429", "spread the requests, or raise --timeout"),
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

#[test]
fn what_the_chain_says_of_credentials_becomes_what_to_do() {
    let text = |text: &str| CredentialsError::not_loaded(text.to_owned());
    let profile = "tool".to_owned();
    let what = "printed nothing".to_owned();
    let process = CredentialsFault::Process { profile, what };
    let profile = "web".to_owned();
    let login = CredentialsFault::Login { profile };
    let (part, what) = ("session token", "is too long".to_owned());
    let unfit = CredentialsFault::Unfit { part, what };
    let of_sso = CredentialsError::provider_error(TokenError::not_loaded("expired"));
    let taken = "profile file credentials provider initialization error already taken";
    let nowhere = "no providers in chain provided credentials";
    // What the error says, and what its hint contains.
    let said = [
        "the `credential_process` of the AWS profile `tool` printed nothing",
        "the AWS profile `web` uses `login_session`",
        "the session token of the credentials is too long",
        "the SSO token of the AWS profile `prod` cannot be used",
        "the AWS profile `prod` cannot be used",
        "no credentials found",
    ];
    let remedies = [
        "`aws configure get credential_process --profile tool`",
        "aws configure export-credentials",
        "get fresh credentials from their source",
        "`aws sso login --profile prod`",
        "`aws configure list-profiles`",
        "--http-put-response-hop-limit 2",
    ];
    for (error, row) in [
        (process.into(), 0),
        (login.into(), 1),
        (unfit.into(), 2),
        (of_sso, 3),
        (text("profile `x` was not defined: no"), 4),
        (CredentialsError::unhandled(taken), 4),
        (text(nowhere), 5),
    ] {
        let (fault, hint) = classified(error, true);
        assert!(fault.starts_with(said[row]), "{fault}");
        assert!(hint.contains(remedies[row]), "{hint}");
    }
    let (fault, hint) = classified(text(nowhere), false);
    assert!(fault.starts_with(said[5]), "{fault}");
    assert!(hint.contains("or run where a role provides them") && !hint.contains("hop"));
}

/// An error of the SDK's chain in our own words, and its hint.
fn classified(error: CredentialsError, metadata: bool) -> (String, String) {
    let error = no_credentials(error, "prod", metadata);
    let fault = links(&error).find_map(|link| link.downcast_ref());
    let fault: &CredentialsFault = fault.expect("it is classified");
    let hint = said(Operation::Read, &Happened::Credentials(fault));
    (fault.to_string(), hint)
}
