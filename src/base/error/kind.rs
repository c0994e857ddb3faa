//! Words for errors, for programs that tell them apart.

use super::Error;

impl Error {
    /// Which kind of error it is: one word per variant, that stays the same from one
    /// version to the next.
    ///
    /// Shape: `usage`, `missing`, `no_version`, `missing_field`, `damaged`, `no_record`,
    /// `shape`, `conflict`, `aws`, `io`, `timed_out`, `command`, `environment`, `unfit`,
    /// `unproven` or `several`. [`Error::At`] and [`Error::Kept`] are of the kind of
    /// their cause, as they have its [`exit_code`](Error::exit_code).
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// assert_eq!(client.get("db").unwrap_err().kind(), "missing");
    /// assert_eq!(client.render("{{db}}").unwrap_err().kind(), "missing");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Usage { .. } => "usage",
            Self::Missing { .. } => "missing",
            Self::NoVersion { .. } => "no_version",
            Self::MissingField { .. } => "missing_field",
            Self::Damaged { .. } => "damaged",
            Self::NoRecord { .. } => "no_record",
            Self::Shape { .. } => "shape",
            Self::Conflict { .. } => "conflict",
            Self::Aws { .. } => "aws",
            Self::Io { .. } => "io",
            Self::TimedOut { .. } => "timed_out",
            Self::Command { .. } => "command",
            Self::Environment { .. } => "environment",
            Self::Kept { cause, .. } | Self::At { cause, .. } => cause.kind(),
            Self::Unfit { .. } => "unfit",
            Self::Unproven => "unproven",
            Self::Several(_) => "several",
        }
    }

    /// The code of AWS's last response, as in [`Error::Aws`], if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(lazycred::Error::usage("no editor is named").code(), None);
    /// ```
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self.innermost() {
            Self::Aws { code, .. } => code.as_deref(),
            _ => None,
        }
    }
}
