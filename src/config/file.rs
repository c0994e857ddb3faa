//! The form of `.lazycred`: a JSON object of settings.
//!
//! Knows members and their types, not where the file was found, but for one
//! thing: what a file that anybody could have put in the way may not say.

use std::fmt;
use std::path::{Component, Path};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::Deserialize;
use serde_json::Value;

use super::wrapping_key::is_account;
use super::{StoreAddress, WrappingKeyId};
use crate::error::{Error, Result};
use crate::name::OneLine;

/// The name of the file that the walk looks for.
pub(crate) const FILE_NAME: &str = ".lazycred";

/// What a file says, each member checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) s3_path: Option<String>,
    pub(super) key_alias: Option<String>,
    pub(super) region: Option<String>,
    pub(super) bucket_region: Option<String>,
    pub(super) account: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) key_accounts: Vec<String>,
    pub(super) pin_key: bool,
    pub(super) format: Option<u8>,
    pub(super) min_format: Option<u8>,
    /// Members that this program does not know.
    pub(super) unknown: Vec<String>,
    /// Members that are known, and that this version does not act on.
    pub(super) idle: Vec<&'static str>,
}

/// How far a file is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Named by the user, or in the home folder.
    Chosen,
    /// Found on the way up, where anybody may have put it.
    Found,
}

impl Settings {
    /// Reads a file's text; `shown` is what messages call it.
    pub(super) fn parse(text: &[u8], shown: &str, trust: Trust) -> Result<Self> {
        let Members(members) = serde_json::from_slice(text).map_err(|error| {
            Error::usage_hint(
                format!(
                    "`{shown}` is not a JSON object, at line {}, column {}",
                    error.line(),
                    error.column()
                ),
                r#"it looks like {"s3_path": "BUCKET/PREFIX", "key_alias": "ALIAS", "region": "REGION"}"#,
            )
        })?;
        let mut settings = Self::default();
        for (name, value) in members {
            settings
                .member(&name, value)
                .map_err(|wanted| Error::usage(format!("`{shown}`: `{name}` must be {wanted}")))?;
        }
        settings.check(shown, trust)?;
        Ok(settings)
    }

    fn member(&mut self, name: &str, value: Value) -> Result<(), &'static str> {
        match name {
            "s3_path" => self.s3_path = Some(text(value)?),
            "key_alias" => self.key_alias = Some(text(value)?),
            "region" => self.region = Some(text(value)?),
            "bucket_region" => self.bucket_region = Some(text(value)?),
            "profile" => self.profile = Some(text(value)?),
            "account" => self.account = Some(account(value)?),
            "key_accounts" => {
                let wanted = "a list of AWS accounts, each a string of 12 digits";
                self.key_accounts = list(value, account).ok_or(wanted)?;
            }
            "keys" => {
                let id = |value| text(value).ok()?.parse::<WrappingKeyId>().ok().ok_or("").ok();
                list(value, |value| id(value).ok_or("")).ok_or("a list of wrapping keys")?;
            }
            "pin_key" => self.pin_key = value.as_bool().ok_or("true or false")?,
            "cache" => {
                if value.as_bool().ok_or("true or false")? {
                    self.idle.push("cache");
                }
            }
            "format" => self.format = Some(version(&value)?),
            "min_format" => self.min_format = Some(version(&value)?),
            "max_age" => {
                let wanted = "a number of days or hours, as in \"90d\" or \"12h\"";
                let text = text(value).map_err(|_| wanted)?;
                let digits = text.strip_suffix(['d', 'h']).ok_or(wanted)?;
                digits.parse::<u32>().map_err(|_| wanted)?;
            }
            _ => self.unknown.push(name.to_owned()),
        }
        Ok(())
    }

    fn check(&self, shown: &str, trust: Trust) -> Result<()> {
        let bad = |error: Error| match error {
            Error::Usage { message, hint } => Error::Usage {
                message: format!("`{shown}`: {message}"),
                hint,
            },
            other => other,
        };
        let address = self.s3_path.as_deref().map(StoreAddress::parse);
        let address = address.transpose().map_err(bad)?;
        let wrapping_key = self.key_alias.as_deref().map(str::parse::<WrappingKeyId>);
        let wrapping_key = wrapping_key.transpose().map_err(bad)?;
        if self.pin_key && self.key_alias.is_none() {
            return Err(Error::usage(format!("`{shown}`: `pin_key` needs a `key_alias`")));
        }
        if trust == Trust::Chosen {
            return Ok(());
        }
        let refused = if wrapping_key.is_some_and(|id| id.is_arn()) {
            "an ARN as `key_alias`"
        } else if matches!(&address, Some(StoreAddress::Folder(folder)) if leaves(folder)) {
            "a `file:` path that is absolute or has `..`"
        } else if self.unsafe_member.is_some() {
            self.unsafe_member.unwrap_or_default()
        } else {
            return Ok(());
        };
        Err(Error::usage_hint(
            format!("`{shown}` was found on the way up, where {refused} is not accepted"),
            format!("LAZYCRED_CONFIG={shown} accepts it, if you trust it"),
        ))
    }
}

fn leaves(folder: &Path) -> bool {
    folder
        .components()
        .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
}

fn text(value: Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text),
        _ => Err("a string that is not empty"),
    }
}
