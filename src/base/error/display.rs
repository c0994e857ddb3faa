//! Each error's sentence: what failed, on what, and why.

use std::fmt;

use super::Error;
use crate::base::text::OneLine;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { message, .. }
            | Self::Environment { message, .. }
            | Self::Command { message, .. }
            | Self::NoVersion { message, .. } => f.write_str(message),
            Self::Missing { place, version } => match version {
                None => write!(f, "no secret named {place}"),
                Some(version) => write!(f, "no version `{}` of {place}", OneLine(version)),
            },
            Self::MissingField { place, field, .. } => {
                write!(f, "no field `{}` in {place}", OneLine(field))
            }
            Self::Damaged { place, message, .. } => write!(f, "cannot open {place}: {message}"),
            Self::NoRecord { place, message, .. } => {
                write!(f, "cannot open {place}: it is not a record: {message}")
            }
            Self::Shape { place, message, .. } => write!(f, "cannot use {place}: {message}"),
            Self::Conflict {
                action,
                place,
                message,
                ..
            } => write!(f, "cannot {action} {place}: {message}"),
            Self::Aws {
                operation,
                place: Some(place),
                cause,
                ..
            } => write!(f, "cannot {operation} {place}: {}", OneLine(cause)),
            Self::Aws {
                operation, cause, ..
            } => write!(f, "cannot {operation}: {}", OneLine(cause)),
            Self::Io { action, source, .. } => write!(f, "cannot {action}: {source}"),
            Self::TimedOut {
                action,
                seconds,
                last,
                waiting,
                ..
            } => {
                write!(f, "timed out after {seconds} s trying to {action}")?;
                match (last, waiting) {
                    (Some(last), _) => write!(f, "; {last}"),
                    (None, Some(waiting)) => {
                        write!(f, ": still waiting for {}", OneLine(waiting))
                    }
                    (None, None) => Ok(()),
                }
            }
            Self::Kept { file, cause, .. } => {
                let file = file.display().to_string();
                write!(f, "{cause}; your edit is kept in `{}`", OneLine(file))
            }
            Self::At { spot, cause } => write!(f, "{}: {cause}", OneLine(spot)),
            Self::Unfit { findings } => {
                write!(f, "a get or a put would fail; problems found: {findings}")
            }
            Self::Unproven => f.write_str(
                "not proven: lazycred doctor NAME would show whether that secret can be read",
            ),
            Self::Several(errors) => {
                for (index, error) in errors.iter().enumerate() {
                    let joint = if index == 0 { "" } else { "; " };
                    write!(f, "{joint}{error}")?;
                }
                Ok(())
            }
        }
    }
}
