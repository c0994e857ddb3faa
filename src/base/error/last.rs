//! What the last attempt came to, for an error at the time limit.

use std::fmt;

use crate::base::text::OneLine;

/// What the last attempt before a time limit came to: AWS's response, or why
/// there was none.
///
/// Shape: `Display` is a clause: `the last response was SlowDown: reduce your rate`.
///
/// # Examples
///
/// ```
/// let last = lazycred::LastResponse {
///     code: Some("SlowDown".into()),
///     cause: "SlowDown: reduce your rate".into(),
/// };
/// assert_eq!(last.to_string(), "the last response was SlowDown: reduce your rate");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastResponse {
    /// The response's code, as in [`Error::Aws`](crate::Error::Aws); `None` if
    /// there was no response.
    pub code: Option<String>,
    /// The message of the response, or why there was none.
    pub cause: String,
}

impl fmt::Display for LastResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = match self.code {
            Some(_) => "the last response was",
            None => "the last attempt failed:",
        };
        write!(f, "{start} {}", OneLine(&self.cause))
    }
}
