//! Everything that can go wrong, one variant per thing a user can act on.
//!
//! Variants carry names, never values: any of these may be printed or logged.
//! The sentence is in `Display`, the remedy in [`Error::hint`], and the status
//! in [`Error::exit_code`]; only the command line turns them into output.

mod chain;
mod display;
mod operation;

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

pub(crate) use chain::chain;
pub use operation::Operation;

use crate::base::name::{NameError, Place};

/// The result of anything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The codes of throttling answers of S3, KMS and STS.
const THROTTLING: [&str; 8] = [
    "HTTP 429",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
];

/// The codes of S3 and KMS for a missing permission.
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
    /// A wrong call, or a wrong configuration.
    Usage {
        /// What is wrong, and where it was read.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// No record is stored under this name.
    Missing {
        /// The secret.
        place: Place,
        /// The version that was asked for.
        version: Option<String>,
    },
    /// The secret has no such field.
    MissingField {
        /// The secret.
        place: Place,
        /// The field, as it was asked for.
        field: String,
        /// The fields that exist in its place.
        there: String,
    },
    /// The record is damaged, fails authentication, or is not ours to open.
    Damaged {
        /// The record.
        place: Place,
        /// What is wrong with it.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// What is stored there is not a record.
    NoRecord {
        /// Where it is stored.
        place: Place,
        /// Why it is not one.
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
    /// Somebody else wrote meanwhile, or the name is taken.
    Conflict {
        /// What was to be done: `store` or `remove`.
        action: &'static str,
        /// The record.
        place: Place,
        /// What was found.
        message: String,
    },
    /// AWS refused a request, or could not be reached.
    Aws {
        /// What was being done.
        operation: Operation,
        /// The record it was for.
        place: Option<Place>,
        /// The answer's code, where there is an answer: `AccessDeniedException`,
        /// or its status if it has no code: `HTTP 429`. Of several answers it is
        /// the last one's.
        code: Option<String>,
        /// The answer in words, or why there is none.
        cause: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A file or a stream failed.
    Io {
        /// What was being done, and to what.
        action: String,
        /// The system's answer.
        source: io::Error,
    },
    /// The time limit was reached.
    TimedOut {
        /// What was being done.
        action: String,
        /// The limit, in seconds.
        seconds: f64,
    },
    /// The command cannot be started.
    Command {
        /// Why, with the command's name.
        message: String,
        /// 126: found, but not runnable; 127: not found.
        status: u8,
    },
    /// The command cannot be given its variables.
    Environment {
        /// Which of them, and why.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// What was typed could not be stored, and is kept in a file.
    Kept {
        /// The file that it is in.
        file: PathBuf,
        /// Why it could not be stored.
        cause: Box<Error>,
    },
    /// `doctor` found a problem that a get or a put would fail on.
    Unfit {
        /// How many findings say so; each has been reported.
        findings: usize,
    },
    /// Several references failed; each is reported.
    Several(Vec<Error>),
}

impl Error {
    /// A wrong call or configuration, with nothing to add.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = lazycred::Error::usage("no editor is named");
    /// assert_eq!((error.exit_code(), error.hint()), (2, None));
    /// ```
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: None,
        }
    }

    /// A wrong call or configuration, and the remedy.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = lazycred::Error::usage_hint("no editor is named", "set EDITOR");
    /// assert_eq!(error.hint().as_deref(), Some("set EDITOR"));
    /// ```
    pub fn usage_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// A failure of AWS without an error answer.
    pub(crate) fn aws(
        operation: Operation,
        place: Option<&Place>,
        cause: impl Into<String>,
    ) -> Self {
        Self::Aws {
            operation,
            place: place.cloned(),
            code: None,
            cause: cause.into(),
            hint: None,
        }
    }

    pub(crate) fn damaged(place: &Place, message: impl Into<String>) -> Self {
        Self::Damaged {
            place: place.clone(),
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn shape(place: &Place, message: impl Into<String>) -> Self {
        Self::Shape {
            place: place.clone(),
            message: message.into(),
            hint: None,
        }
    }

    /// Changes the cause or the hint of a failure of AWS; any other error stays.
    pub(crate) fn reworded(mut self, words: impl FnOnce(&mut String, &mut Option<String>)) -> Self {
        if let Self::Aws { cause, hint, .. } = &mut self {
            words(cause, hint);
        }
        self
    }

    /// The answer was lost: only `command` can show whether it was `done`.
    pub(crate) fn in_doubt(self, done: &str, command: &str) -> Self {
        self.reworded(|cause, hint| {
            *cause = format!("{cause}; it may have been {done} all the same");
            *hint = Some(format!(
                "check with `lazycred {command}` before you try again"
            ));
        })
    }

    /// The answer's code, where AWS answered with one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Aws { code, .. } => code.as_deref(),
            _ => None,
        }
    }

    /// Whether AWS throttled the request: the same one may succeed later.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!lazycred::Error::usage("no editor is named").is_throttled());
    /// ```
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.code().is_some_and(|code| THROTTLING.contains(&code))
    }

    /// Whether AWS says that a permission is missing.
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

    /// A failure of the system: what was being done, and to what.
    ///
    /// # Examples
    ///
    /// ```
    /// let missing = std::fs::read("/nowhere").unwrap_err();
    /// let error = lazycred::Error::io("read `/nowhere`", missing);
    /// assert!(error.to_string().starts_with("cannot read `/nowhere`: "));
    /// ```
    pub fn io(action: impl Into<String>, source: io::Error) -> Self {
        Self::Io {
            action: action.into(),
            source,
        }
    }

    /// All errors as one, if there are any.
    ///
    /// # Errors
    ///
    /// The only one, or [`Error::Several`].
    ///
    /// # Examples
    ///
    /// ```
    /// let error = lazycred::Error::usage("no editor is named");
    /// assert!(lazycred::Error::several(vec![error]).is_err());
    /// assert!(lazycred::Error::several(Vec::new()).is_ok());
    /// ```
    pub fn several(mut errors: Vec<Self>) -> Result<()> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }

    /// The exit status outside `exec`, where every failure of ours is 125.
    ///
    /// Shape: 1 AWS, network and I/O; 2 usage and configuration; 3 not found;
    /// 4 damaged; 5 not flattenable; 6 conflict; 126 and 127 for a command.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Aws { .. } | Self::Io { .. } | Self::TimedOut { .. } | Self::Unfit { .. } => 1,
            Self::Usage { .. } => 2,
            Self::Missing { .. } | Self::MissingField { .. } => 3,
            Self::Damaged { .. } | Self::NoRecord { .. } => 4,
            Self::Shape { .. } | Self::Environment { .. } => 5,
            Self::Conflict { .. } => 6,
            Self::Command { status, .. } => *status,
            Self::Kept { cause, .. } => cause.exit_code(),
            Self::Several(errors) => errors.first().map_or(1, Self::exit_code),
        }
    }

    /// What to do next, if anything helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. }
            | Self::Damaged { hint, .. }
            | Self::NoRecord { hint, .. }
            | Self::Shape { hint, .. }
            | Self::Environment { hint, .. }
            | Self::Aws { hint, .. } => hint.clone(),
            Self::Missing {
                place,
                version: None,
            } => Some(format!(
                "`lazycred put {} FILE` stores it, if the name is right",
                place.name.argument()
            )),
            Self::MissingField { there, .. } => Some(there.clone()),
            Self::Kept { cause, .. } => cause.hint().or(Some(
                "`lazycred put NAME FILE` stores it from there; remove it afterwards".into(),
            )),
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
