//! The format of `.lazycred`: a JSON object of settings.
//!
//! Knows members and their types. What a file found by the walk may not give is in
//! `refuse`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::address::StoreAddress;
use super::sse::{ALLOWED, Sse};
use super::wrapping_key::{WrappingKeyId, is_account};
use crate::base::{Error, OneLine, Result};

/// The name of the file that the walk looks for.
pub const FILE_NAME: &str = ".lazycred";

/// A file's settings, each of them checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) s3_path: Option<String>,
    pub(super) key_alias: Option<String>,
    pub(super) region: Option<String>,
    pub(super) bucket_region: Option<String>,
    pub(super) account: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) key_accounts: Vec<String>,
    pub(super) keys: Vec<WrappingKeyId>,
    pub(super) pin_key: bool,
    pub(super) format: Option<u8>,
    pub(super) min_format: Option<u8>,
    pub(super) max_age: Option<Duration>,
    pub(super) cache: bool,
    pub(super) sse: Option<Sse>,
    /// Members that lazycred does not know.
    pub(super) unknown: Vec<String>,
}

impl Settings {
    /// Reads a file's text; messages name it by its path.
    pub(super) fn parse(text: &[u8], path: &str) -> Result<Self> {
        let shown = OneLine(path);
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        if is_utf_16(text) {
            return Err(Error::usage_hint(
                format!("`{shown}` is UTF-16, but must be UTF-8"),
                "save it as UTF-8, as in `iconv -f UTF-16 -t UTF-8`",
            ));
        }
        let members: BTreeMap<String, Value> = serde_json::from_slice(text).map_err(|error| {
            Error::usage_hint(
                format!(
                    "`{shown}` is not a JSON object, at line {}, column {}",
                    error.line(),
                    error.column()
                ),
                r#"write it as {"s3_path": "BUCKET/PREFIX", "key_alias": "ALIAS", "region": "REGION"}"#,
            )
        })?;
        let mut settings = Self::default();
        for (name, value) in members {
            settings
                .member(&name, value)
                .map_err(|wanted| Error::usage(format!("`{shown}`: `{name}` must be {wanted}")))?;
        }
        settings.check(&format!("`{shown}`"))?;
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
                let id = |value| text(value)?.parse().map_err(|_| "");
                self.keys =
                    list(value, id).ok_or("a list of wrapping keys, each as in `key_alias`")?;
            }
            "pin_key" => self.pin_key = value.as_bool().ok_or("true or false")?,
            "cache" => self.cache = value.as_bool().ok_or("true or false")?,
            "sse" => {
                let text = text(value).map_err(|_| ALLOWED)?;
                self.sse = Some(Sse::parse(&text).ok_or(ALLOWED)?);
            }
            "format" => self.format = Some(version(&value)?),
            "min_format" => self.min_format = Some(version(&value)?),
            "max_age" => {
                let wanted = "a number of days or hours, as in \"90d\" or \"12h\"";
                let text = text(value).map_err(|_| wanted)?;
                self.max_age = Some(age(&text).ok_or(wanted)?);
            }
            "$schema" => {}
            _ => self.unknown.push(name.to_owned()),
        }
        Ok(())
    }

    fn check(&self, file: &str) -> Result<()> {
        let bad = |error| from_source(file, error);
        self.address().transpose().map_err(bad)?;
        self.wrapping_key().transpose().map_err(bad)?;
        if self.pin_key && !self.keys.is_empty() {
            return Err(bad(Error::usage_hint(
                "`pin_key` and `keys` cannot be combined",
                "`pin_key` allows `key_alias` alone, `keys` allows others: remove one of them",
            )));
        }
        Ok(())
    }

    pub(super) fn address(&self) -> Option<Result<StoreAddress>> {
        self.s3_path.as_deref().map(StoreAddress::parse)
    }

    pub(super) fn wrapping_key(&self) -> Option<Result<WrappingKeyId>> {
        self.key_alias.as_deref().map(str::parse)
    }
}

/// The error for an invalid setting, with its source.
pub(super) fn from_source(source: &str, error: Error) -> Error {
    match error {
        Error::Usage { message, hint } => Error::Usage {
            message: format!("{source}: {message}"),
            hint,
        },
        other => other,
    }
}

/// Whether text is UTF-16, which some editors save.
fn is_utf_16(text: &[u8]) -> bool {
    let marked = text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF");
    marked || text.starts_with(b"{\0") || text.starts_with(b"\0{")
}

fn text(value: Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) if text.contains(char::is_control) => {
            Err("text without control characters")
        }
        Value::String(text) if !text.is_empty() => Ok(text),
        _ => Err("a string that is not empty"),
    }
}

fn account(value: Value) -> Result<String, &'static str> {
    let wanted = "an AWS account, a string of 12 digits";
    let text = text(value).map_err(|_| wanted)?;
    is_account(&text).then_some(text).ok_or(wanted)
}

fn list<T>(value: Value, item: impl Fn(Value) -> Result<T, &'static str>) -> Option<Vec<T>> {
    match value {
        Value::Array(items) => items.into_iter().map(|value| item(value).ok()).collect(),
        _ => None,
    }
}

fn version(value: &Value) -> Result<u8, &'static str> {
    match value.as_u64() {
        Some(1) => Ok(1),
        Some(2) => Ok(2),
        _ => Err("1 or 2"),
    }
}

/// `90d` or `12h`.
fn age(text: &str) -> Option<Duration> {
    let (digits, hours) = match text.strip_suffix('d') {
        Some(digits) => (digits, 24),
        None => (text.strip_suffix('h')?, 1),
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = digits.parse().ok().filter(|number| plain && *number > 0)?;
    Some(Duration::from_secs(u64::from(number) * hours * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings> {
        Settings::parse(text.as_bytes(), "/p/.lazycred")
    }

    #[test]
    fn every_member_is_read() {
        let text = r#"{"s3_path": "b/", "key_alias": "k", "region": "r", "bucket_region": "q",
            "account": "111122223333", "format": 2, "min_format": 1, "pin_key": false,
            "keys": ["alias/old"], "max_age": "90d", "profile": "p",
            "key_accounts": ["444455556666"], "cache": true, "sse": "AES256", "extra": [1], "region": "s"}"#;
        let settings = parse(text).unwrap();
        let expected = Settings {
            s3_path: Some("b/".into()),
            key_alias: Some("k".into()),
            region: Some("s".into()),
            bucket_region: Some("q".into()),
            account: Some("111122223333".into()),
            profile: Some("p".into()),
            key_accounts: vec!["444455556666".into()],
            keys: vec!["old".parse().unwrap()],
            pin_key: false,
            format: Some(2),
            min_format: Some(1),
            max_age: Some(Duration::from_hours(90 * 24)),
            cache: true,
            sse: Some(Sse::Aes256),
            unknown: vec!["extra".into()],
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn a_member_of_the_wrong_type_is_named() {
        let table = r#"
            []                           | is not a JSON object, at line 1, column 0
            {                            | is not a JSON object, at line 1, column 1
            {"s3_path": 5}               | : `s3_path` must be a string that is not empty
            {"region": ""}               | : `region` must be a string that is not empty
            {"region": "eu-west-1\r"}    | : `region` must be text without control characters
            {"account": 111122223333}    | : `account` must be an AWS account, a string of 12 digits
            {"format": 3}                | : `format` must be 1 or 2
            {"pin_key": "yes"}           | : `pin_key` must be true or false
            {"cache": 1}                 | : `cache` must be true or false
            {"sse": "aes256"} | : `sse` must be `AES256`, `aws:kms` or `aws:kms:KEY`, in which KEY is an id, `alias/NAME` or an ARN of a KMS key
            {"sse": true} | : `sse` must be `AES256`, `aws:kms` or `aws:kms:KEY`, in which KEY is an id, `alias/NAME` or an ARN of a KMS key
            {"max_age": "3w"} | : `max_age` must be a number of days or hours, as in "90d" or "12h"
            {"keys": ["a b"]} | : `keys` must be a list of wrapping keys, each as in `key_alias`
            {"key_accounts": ["1"]} | : `key_accounts` must be a list of AWS accounts, each a string of 12 digits
            {"s3_path": "bucket"}        | : `s3_path` is `bucket`, without a `/` after the bucket
            {"key_alias": "a b"}         | : `a b` is not a valid `key_alias`
            {"pin_key": true, "key_alias": "k", "keys": ["old"]} | : `pin_key` and `keys` cannot be combined
        "#;
        let rows = table.lines().filter_map(|row| row.split_once(" | "));
        for (text, said) in rows.chain([("{\0\"\0", "is UTF-16, but must be UTF-8")]) {
            let error = parse(text.trim()).unwrap_err();
            let space = if said.starts_with(':') { "" } else { " " };
            let message = format!("`/p/.lazycred`{space}{said}");
            assert_eq!((error.to_string(), error.exit_code()), (message, 2));
        }
    }

    #[test]
    fn an_age_is_whole_days_or_hours_and_never_none() {
        for (text, hours) in [("90d", Some(2160)), ("12h", Some(12)), ("1d", Some(24))] {
            let age = age(text).map(|age| age.as_secs() / 3600);
            assert_eq!(age, hours, "{text}");
        }
        for bad in "|d|0d|+1d|-1d|1.5d|1|1D|1 d|99999999999d".split('|') {
            assert_eq!(age(bad), None, "{bad}");
        }
    }
}
