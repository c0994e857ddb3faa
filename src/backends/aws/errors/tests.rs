//! Each row of the table.

use super::*;

fn said(operation: Operation, happened: &Happened<'_>) -> String {
    hint(operation, happened).unwrap_or_default()
}

#[test]
fn each_answer_of_aws_has_its_hint() {
    use Operation::{Read, Unwrap};
    let behind = Some("this machine's clock is 20 minutes behind AWS's");
    for (operation, code, clock, expected) in [
        (Read, "RequestTimeTooSkewed", behind, "20 minutes behind"),
        (
            Read,
            "RequestTimeTooSkewed",
            None,
            "this machine's clock is wrong",
        ),
        (Read, "RequestExpired", behind, "20 minutes behind"),
        (Read, "RequestExpired", None, "the credentials have expired"),
        (Read, "RequestInTheFuture", behind, "20 minutes behind"),
        (Unwrap, "AuthFailure", behind, "20 minutes behind"),
        (Read, "ExpiredToken", None, "the credentials have expired"),
        (
            Unwrap,
            "ExpiredTokenException",
            behind,
            "the credentials have expired",
        ),
        (
            Read,
            "InvalidAccessKeyId",
            None,
            "AWS does not know these credentials",
        ),
        (
            Unwrap,
            "UnrecognizedClientException",
            None,
            "AWS does not know",
        ),
        (Unwrap, "InvalidClientTokenId", None, "AWS does not know"),
        (Read, "InvalidToken", None, "AWS does not know"),
        (Read, "SignatureDoesNotMatch", behind, "20 minutes behind"),
        (
            Read,
            "SignatureDoesNotMatch",
            None,
            "does not belong to this access key id",
        ),
        (
            Unwrap,
            "InvalidSignatureException",
            behind,
            "20 minutes behind",
        ),
        (
            Unwrap,
            "InvalidSignatureException",
            None,
            "or this machine's clock is wrong",
        ),
    ] {
        let clock = clock.map(str::to_owned);
        let said = said(operation, &Happened::Answer { code, clock });
        assert!(said.contains(expected), "{operation:?} {code}: {said}");
    }
}

#[test]
fn a_missing_permission_is_named_by_its_operation() {
    use Operation::{List, MakeBucket, Read, Rewrap, Store, Unwrap};
    for (operation, code, expected) in [
        (
            Read,
            "AccessDenied",
            "s3:GetObject reads it; without s3:ListBucket",
        ),
        (
            Read,
            "HTTP 403",
            "s3:GetObject reads it; without s3:ListBucket",
        ),
        (List, "AccessDenied", "allow s3:ListBucket on the bucket;"),
        (
            Store,
            "AccessDenied",
            "allow s3:PutObject on the bucket's objects;",
        ),
        (
            Unwrap,
            "AccessDeniedException",
            "allow kms:Decrypt on the wrapping key;",
        ),
        (
            Rewrap,
            "AccessDeniedException",
            "allow kms:ReEncryptFrom and kms:ReEncryptTo on",
        ),
    ] {
        let said = said(operation, &Happened::Answer { code, clock: None });
        assert!(said.contains(expected), "{operation:?} {code}: {said}");
    }
    for (operation, code) in [
        (Store, "HTTP 403"),
        (MakeBucket, "AccessDenied"),
        (Read, "InternalError"),
        (Read, "HTTP 429"),
    ] {
        let happened = Happened::Answer { code, clock: None };
        assert_eq!(said(operation, &happened), "", "{code}");
    }
}

#[test]
fn each_reason_for_no_answer_has_its_hint() {
    let (host, address) = ("s3.test".to_owned(), None);
    let (path, reason) = ("/roots".into(), String::new());
    for (happened, expected) in [
        (
            Happened::Refused(&Refusal::PlainHttp { host, address }),
            "use https://, or set LAZYCRED_ALLOW_HTTP=1",
        ),
        (
            Happened::Refused(&Refusal::BodyTooLarge { limit: 1 }),
            "--max-size BYTES",
        ),
        (
            Happened::Refused(&Refusal::TrustRoots { path, reason }),
            "AWS_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR",
        ),
        (
            Happened::NoSuchHost,
            "check the spelling of the region; if AWS is not reachable",
        ),
        (
            Happened::UntrustedCertificate,
            "if a proxy signs its own certificates here, AWS_CA_BUNDLE=FILE",
        ),
        (Happened::NoAnswer, "if AWS is not reachable directly"),
    ] {
        let said = said(Operation::Read, &happened);
        assert!(said.starts_with(expected), "{said}");
    }
    let reason = String::new();
    let proxy = Refusal::Proxy { reason };
    assert_eq!(said(Operation::Read, &Happened::Refused(&proxy)), "");
}

#[test]
fn what_the_chain_says_of_credentials_becomes_what_to_do() {
    let text = |text: &str| CredentialsError::not_loaded(text.to_owned());
    let process = CredentialsFault::Process {
        profile: "tool".into(),
        what: "printed nothing".into(),
    };
    let login = CredentialsFault::Login {
        profile: "web".into(),
    };
    let unfit = CredentialsFault::Unfit {
        part: "session token",
        what: "is too long".into(),
    };
    let of_sso = CredentialsError::provider_error(TokenError::not_loaded("expired"));
    for (error, metadata, sentence, remedy) in [
        (
            process.into(),
            true,
            "the `credential_process` of the AWS profile `tool` printed nothing",
            "`aws configure get credential_process --profile tool`",
        ),
        (
            login.into(),
            true,
            "the AWS profile `web` uses `login_session`",
            "aws configure export-credentials",
        ),
        (
            unfit.into(),
            true,
            "the session token of the credentials is too long",
            "get fresh credentials from their source",
        ),
        (
            of_sso,
            true,
            "the SSO token of the AWS profile `prod` cannot be used",
            "`aws sso login --profile prod`",
        ),
        (
            text("profile `x` was not defined: no"),
            true,
            "the AWS profile `prod` cannot be used",
            "`aws configure list-profiles`",
        ),
        (
            CredentialsError::unhandled(
                "profile file credentials provider initialization error already taken",
            ),
            true,
            "the AWS profile `prod` cannot be used",
            "`aws configure list-profiles`",
        ),
        (
            text("no providers in chain provided credentials"),
            true,
            "no credentials found",
            "--http-put-response-hop-limit 2",
        ),
        (
            text("no providers in chain provided credentials"),
            false,
            "no credentials found",
            "or run where a role provides them",
        ),
    ] {
        let error = no_credentials(error, "prod", metadata);
        let fault = links(&error).find_map(|link| link.downcast_ref());
        let fault: &CredentialsFault = fault.expect("it is classified");
        assert!(fault.to_string().starts_with(sentence), "{fault}");
        let said = said(Operation::Read, &Happened::Credentials(fault));
        assert!(said.contains(remedy), "{said}");
        assert!(metadata || !said.contains("hop"), "{said}");
    }
}
