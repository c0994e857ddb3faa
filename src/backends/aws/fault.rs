//! Faults of credentials: what is wrong with them, and what to do about it.
//!
//! Each source of credentials words its own. No message contains a credential.

use std::error::Error;
use std::fmt;
use std::iter::successors;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::base::chain;

/// Why there are no usable credentials.
#[derive(Debug)]
pub(super) struct CredentialsFault {
    message: String,
    hint: String,
}

impl CredentialsFault {
    /// Shape: `the AWS profile `prod` has no usable SSO session`, and
    /// `` `aws sso login --profile prod` starts one ``.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self { message, hint }
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> String {
        self.hint.clone()
    }
}

impl fmt::Display for CredentialsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for CredentialsFault {}

impl From<CredentialsFault> for CredentialsError {
    fn from(fault: CredentialsFault) -> Self {
        Self::provider_error(fault)
    }
}

/// Whoever gives credentials cannot be reached. What to do about it depends on the
/// cause, as for any other request.
#[derive(Debug)]
struct Unreached {
    /// What is asked for, as the end of a sentence.
    what: String,
    error: CredentialsError,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot get {}", self.what)
    }
}

impl Error for Unreached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let mut links = links(&self.error);
        links.find(|link| link.is::<ConnectorError>())?.source()
    }
}

/// An error as it is, if it needs no further words: a fault, or a failure of the
/// network while asking for `what`. Else the error itself, for whoever knows more.
pub(super) fn worded(
    error: CredentialsError,
    what: impl FnOnce() -> String,
) -> Result<CredentialsError, CredentialsError> {
    if is_worded(&error) {
        return Ok(error);
    }
    if links(&error).any(<dyn Error>::is::<ConnectorError>) {
        let what = what();
        return Ok(CredentialsError::provider_error(Unreached { what, error }));
    }
    Err(error)
}

/// What an error says, without the SDK's own words before it.
pub(super) fn said(error: &CredentialsError) -> String {
    let said = error.source().map(chain).unwrap_or_default();
    let plain = said.strip_prefix("service error: ").unwrap_or(&said);
    plain.to_owned()
}

/// What is said of an answer, without a parser's own words.
pub(super) fn readable(said: &str) -> &str {
    const OF_PARSER: [&str; 5] = [
        "Error at offset ",
        "Expected one of ",
        "invalid JSON",
        "parse JSON",
        "unexpected end of stream",
    ];
    if OF_PARSER.iter().any(|words| said.contains(words)) {
        return "its answer is not JSON as expected";
    }
    said
}

fn is_worded(error: &CredentialsError) -> bool {
    links(error).any(|link| link.is::<CredentialsFault>() || link.is::<Unreached>())
}

/// Whether an error is that whoever gives credentials cannot be reached.
pub(super) fn is_unreached(error: &(dyn Error + 'static)) -> bool {
    links(error).any(<dyn Error>::is::<Unreached>)
}

/// An error and its causes, outermost first.
pub(super) fn links<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |link| (*link).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_in_its_own_words_alone() {
        let fault = CredentialsFault::new("the token is empty", "write one");
        assert_eq!(fault.hint(), "write one");
        let error = worded(fault.into(), || "nothing".into()).unwrap();
        let told = links(&error).find_map(|link| link.downcast_ref::<CredentialsFault>());
        assert_eq!(told.unwrap().to_string(), "the token is empty");
        assert!(worded(CredentialsError::not_loaded("x"), || "nothing".into()).is_err());
    }

    #[test]
    fn a_failure_of_the_network_keeps_its_cause_and_none_of_the_layers_between() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let failed = ConnectorError::io(refused.into());
        let error = CredentialsError::provider_error(failed);
        let error = worded(error, || "the role `r`".into()).unwrap();
        let said = chain(error.source().unwrap());
        assert_eq!(said, "cannot get the role `r`: connection refused");
    }
}
