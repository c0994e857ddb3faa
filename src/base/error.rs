//! Everything that can go wrong, one variant per thing a user can act on.
//!
//! Variants carry names, never values: any of these may be printed or logged.
//! The sentence is in `Display`, the remedy in [`Error::hint`], and the status
//! in [`Error::exit_code`]; only the command line turns them into output.

mod chain;
mod constructors;
mod display;
mod kept;
mod kind;
mod last;
mod operation;
pub(crate) mod throttling;

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

pub(crate) use chain::chain;
pub use last::LastResponse;
pub use operation::Operation;

use crate::base::name::{NameError, Place, SecretName};
use crate::base::version;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The codes with which S3 and KMS report a missing permission.
const DENIED: [&str; 2] = ["AccessDenied", "AccessDeniedException"];

/// Everything that can go wrong.
///
/// Shape: `Display` is one line without a full stop; [`Error::hint`] says what to
/// do next, if anything helps.
///
/// # Examples
///
/// ```
/// let error: lazycred::Error = "".parse::<lazycred::SecretName>().unwrap_err().into();
/// assert_eq!(error.to_string(), "a secret's name cannot be empty");
/// assert_eq!(error.exit_code(), 2);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Wrong usage or configuration.
    Usage {
        /// What is wrong, and where.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// No record is stored under this name.
    Missing {
        /// The secret.
        place: Place,
        /// The requested version.
        version: Option<String>,
    },
    /// There is no such version to read: it is a removal, there is none before the
    /// current one, or it was given by its beginning and could not be looked up.
    NoVersion {
        /// The secret.
        place: Place,
        /// What there is not.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The secret has no such field.
    MissingField {
        /// The secret.
        place: Place,
        /// The requested field.
        field: String,
        /// The fields that exist instead.
        there: String,
    },
    /// The record is damaged, fails authentication, or must not be opened here.
    Damaged {
        /// The record.
        place: Place,
        /// What is wrong with it.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The stored bytes are not a record.
    NoRecord {
        /// Where they are stored.
        place: Place,
        /// Why they are not one.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The secret cannot become variables, or has no fields to pick from.
    Shape {
        /// The secret.
        place: Place,
        /// Why not, by JSON path and never by value.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Somebody else wrote in the meantime, or the name is taken.
    Conflict {
        /// What was attempted: `store` or `remove`.
        action: &'static str,
        /// The record.
        place: Place,
        /// What was found.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// AWS refused a request, or could not be reached.
    Aws {
        /// What was being done.
        operation: Operation,
        /// The record it was for.
        place: Option<Place>,
        /// The code of the last response, such as `AccessDeniedException`, or its
        /// status if it has no code, such as `HTTP 403`. A status of 429 stands for
        /// any code that does not say the same.
        code: Option<String>,
        /// The message of the response, or why there was none.
        cause: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A file or a stream failed.
    Io {
        /// What was being done, and to what.
        action: String,
        /// The system's error.
        source: io::Error,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The time limit was reached.
    TimedOut {
        /// What was being done.
        action: String,
        /// The limit, in seconds.
        seconds: f64,
        /// What the last attempt came to, if one had failed and AWS was still asked.
        last: Option<LastResponse>,
        /// What was still waited for, if no attempt had failed.
        waiting: Option<String>,
        /// What to do about that.
        hint: Option<String>,
    },
    /// The command cannot be started.
    Command {
        /// Why, with the command's name.
        message: String,
        /// 126: found, but not runnable; 127: not found.
        status: u8,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The variables cannot be passed to the command.
    Environment {
        /// Which of them, and why.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// An edited text could not be stored, and is kept in a file.
    Kept {
        /// The secret that was edited.
        name: SecretName,
        /// The file.
        file: PathBuf,
        /// Why the text could not be stored.
        cause: Box<Error>,
    },
    /// What failed where a template or a file says so.
    At {
        /// Where: the template or file, and the line.
        spot: String,
        /// What failed.
        cause: Box<Error>,
    },
    /// `doctor` found problems that make a get or a put fail.
    Unfit {
        /// How many; each has been reported.
        findings: usize,
    },
    /// `doctor` opened no secret, and was permitted nothing that it asked for.
    Unproven,
    /// Several references failed; each is reported.
    Several(Vec<Error>),
}

impl Error {
    /// Edits the cause or the hint of [`Error::Aws`]; any other error is unchanged.
    pub(crate) fn reworded(mut self, words: impl FnOnce(&mut String, &mut Option<String>)) -> Self {
        if let Self::Aws { cause, hint, .. } = &mut self {
            words(cause, hint);
        }
        self
    }

    /// For a lost response, or one that time ran out for: only `command` shows whether
    /// the request was `done`.
    pub(crate) fn in_doubt(mut self, done: &str, command: &str, place: &Place) -> Self {
        let (words, hint) = match &mut self {
            Self::Aws { cause, hint, .. } => (cause, hint),
            Self::TimedOut {
                last: None,
                action,
                waiting,
                hint,
                ..
            } => (waiting.as_mut().unwrap_or(action), hint),
            _ => return self,
        };
        *words = format!("{words}; it may still have been {done}");
        *hint = Some(format!(
            "check with `lazycred {command} {}` before retrying",
            place.name.argument()
        ));
        self
    }

    /// The same error without where a template or a file asks for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::Error;
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let error = client.render("{{db}}").unwrap_err();
    /// assert!(matches!(error, Error::At { .. }));
    /// assert!(matches!(error.innermost(), Error::Missing { .. }));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn innermost(&self) -> &Self {
        let mut error = self;
        while let Self::At { cause, .. } = error {
            error = cause;
        }
        error
    }

    /// The code with which AWS throttled the request.
    fn throttling_code(&self) -> Option<&str> {
        let code = match self.innermost() {
            Self::TimedOut { last, .. } => last.as_ref()?.code.as_deref(),
            _ => self.code(),
        };
        code.filter(|code| throttling::is_throttling(code))
    }

    /// Whether AWS throttled the request, until the time limit if there is one, so
    /// that it may succeed later.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!lazycred::Error::usage("no editor is named").is_throttled());
    /// ```
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.throttling_code().is_some()
    }

    /// Whether a permission is missing.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!lazycred::Error::usage("no editor is named").is_denied());
    /// ```
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.code().is_some_and(|code| DENIED.contains(&code))
    }

    /// The exit status outside `exec`, where every failure of ours is 125.
    ///
    /// Shape: 1 AWS, network and I/O; 2 usage and configuration; 3 not found;
    /// 4 damaged; 5 not flattenable; 6 conflict; 126 and 127 for a command.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// assert_eq!(client.get("db").unwrap_err().exit_code(), 3);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Aws { .. }
            | Self::Io { .. }
            | Self::TimedOut { .. }
            | Self::Unfit { .. }
            | Self::Unproven => 1,
            Self::Usage { .. } => 2,
            Self::Missing { .. } | Self::NoVersion { .. } | Self::MissingField { .. } => 3,
            Self::Damaged { .. } | Self::NoRecord { .. } => 4,
            Self::Shape { .. } | Self::Environment { .. } => 5,
            Self::Conflict { .. } => 6,
            Self::Command { status, .. } => *status,
            Self::Kept { cause, .. } | Self::At { cause, .. } => cause.exit_code(),
            Self::Several(errors) => errors.first().map_or(1, Self::exit_code),
        }
    }

    /// What to do next, if anything helps.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// let error = client.get("db").unwrap_err();
    /// assert!(error.hint().unwrap().contains("lazycred put db"));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self.innermost() {
            Self::Usage { hint, .. }
            | Self::Damaged { hint, .. }
            | Self::NoRecord { hint, .. }
            | Self::NoVersion { hint, .. }
            | Self::Shape { hint, .. }
            | Self::Conflict { hint, .. }
            | Self::Environment { hint, .. }
            | Self::Io { hint, .. }
            | Self::Command { hint, .. }
            | Self::Aws { hint, .. } => hint.clone(),
            Self::Missing {
                place,
                version: None,
            } => Some(format!(
                "`lazycred list` shows the names; `lazycred put {} FILE` stores it",
                place.name.argument()
            )),
            Self::Missing {
                place,
                version: Some(version),
            } => {
                let shown = format!("`lazycred history {}` shows", place.name.argument());
                Some(if version::may_begin_one(version) || version == "null" {
                    format!("{shown} its versions")
                } else {
                    let fewest = version::FEWEST;
                    format!(
                        "{shown} its versions; {fewest} or more of the first characters of one are enough"
                    )
                })
            }
            Self::MissingField { there, .. } => Some(there.clone()),
            Self::TimedOut { hint, .. } => {
                let throttled = self.throttling_code().and_then(throttling::hint);
                let other = "`-v` shows each attempt; --timeout SECONDS allows more time";
                let hint = hint.as_deref().or(throttled);
                Some(hint.unwrap_or(other).to_owned())
            }
            Self::Unproven => Some(
                "name a secret that these credentials may read, or let them list the names".into(),
            ),
            Self::Kept { name, file, cause } => Some(kept::hint(name, file, cause)),
            _ => None,
        }
    }
}

impl From<NameError> for Error {
    fn from(error: NameError) -> Self {
        Self::usage(error.to_string())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
