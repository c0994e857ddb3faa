//! Accepts names and references as text or already parsed.

use std::convert::Infallible;
use std::str::FromStr;

use crate::base::{Error, FieldPath, Reference, Result, SecretName, VarName};

/// What a caller has as what it stands for.
pub(crate) fn parse<T>(from: impl TryInto<T, Error: Into<Error>>) -> Result<T> {
    from.try_into().map_err(Into::into)
}

macro_rules! parsed_from_text {
    ($($parsed:ty),*) => {$(
        impl TryFrom<&str> for $parsed {
            type Error = <Self as FromStr>::Err;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<&String> for $parsed {
            type Error = <Self as FromStr>::Err;

            fn try_from(text: &String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $parsed {
            type Error = <Self as FromStr>::Err;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<&$parsed> for $parsed {
            fn from(parsed: &$parsed) -> Self {
                parsed.clone()
            }
        }
    )*};
}

parsed_from_text!(SecretName, VarName, FieldPath, Reference);

impl From<SecretName> for Reference {
    fn from(name: SecretName) -> Self {
        Self::whole(name)
    }
}

impl From<&SecretName> for Reference {
    fn from(name: &SecretName) -> Self {
        Self::whole(name.clone())
    }
}

/// What is parsed already fails no more.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
