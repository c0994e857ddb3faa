//! Each fault, and what to do about it.

use super::*;

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
    (fault.to_string(), fault.hint())
}
