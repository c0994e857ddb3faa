//! Settings as a configuration file gives them, at its top or in an environment.
//!
//! Knows members and their types, and how those of an environment stand before the
//! file's. What a file found by the walk may not give is in `refuse`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::address::StoreAddress;
use super::member::{account, age, list, text, version};
use super::sse::{ALLOWED, Sse};
use super::wrapping_key::WrappingKeyId;
use crate::base::{Error, Result, similar};

/// Settings, each of them checked; `None` where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) s3_path: Option<String>,
    pub(super) key_alias: Option<String>,
    pub(super) region: Option<String>,
    pub(super) bucket_region: Option<String>,
    pub(super) account: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) key_accounts: Option<Vec<String>>,
    pub(super) keys: Option<Vec<WrappingKeyId>>,
    pub(super) pin_key: Option<bool>,
    pub(super) format: Option<u8>,
    pub(super) min_format: Option<u8>,
    pub(super) max_age: Option<Duration>,
    pub(super) cache: Option<bool>,
    pub(super) sse: Option<Sse>,
    /// Members that lazycred does not know.
    pub(super) unknown: Vec<String>,
}

/// The members, each as it may be written.
const MEMBERS: [(&str, &str); 14] = [
    ("s3_path", r#""acme-secrets/prod/""#),
    ("key_alias", r#""acme""#),
    ("region", r#""eu-west-1""#),
    ("bucket_region", r#""eu-west-1""#),
    ("account", r#""123456789012""#),
    ("profile", r#""acme""#),
    ("key_accounts", r#"["123456789012"]"#),
    ("keys", r#"["acme-2026"]"#),
    ("pin_key", "true"),
    ("format", "2"),
    ("min_format", "2"),
    ("max_age", r#""90d""#),
    ("cache", "true"),
    ("sse", r#""aws:kms""#),
];

/// How a member may be written.
pub(super) fn example(member: &str) -> Option<String> {
    let known = MEMBERS.iter().find(|(name, _)| *name == member);
    known.map(|(name, value)| format!("\"{name}\": {value}"))
}

/// The member that was meant by an unknown one, perhaps of an environment.
pub(super) fn meant(unknown: &str) -> Option<&'static str> {
    let name = unknown.rsplit('.').next().unwrap_or(unknown);
    let known = MEMBERS.iter().map(|(name, _)| *name);
    similar(name, known.chain(["environments"]))
        .first()
        .copied()
}

/// A member of the wrong type, and what it must be.
pub(super) type Wrong = (String, &'static str);

impl Settings {
    /// Reads members, each by itself.
    pub(super) fn of(members: BTreeMap<String, Value>) -> Result<Self, Wrong> {
        let mut settings = Self::default();
        for (name, value) in members {
            let read = settings.member(&name, value);
            read.map_err(|wanted| (name, wanted))?;
        }
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
                self.key_accounts = Some(list(value, account).ok_or(wanted)?);
            }
            "keys" => {
                let id = |value| text(value)?.parse().map_err(|_| "");
                let wanted = "a list of wrapping keys, each as in `key_alias`";
                self.keys = Some(list(value, id).ok_or(wanted)?);
            }
            "pin_key" => self.pin_key = Some(value.as_bool().ok_or("true or false")?),
            "cache" => self.cache = Some(value.as_bool().ok_or("true or false")?),
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
            "environments" => return Err("at the top of the file, not in an environment"),
            "$schema" => {}
            _ => self.unknown.push(name.to_owned()),
        }
        Ok(())
    }

    /// Checks what each of them says by itself.
    pub(super) fn check(&self, place: &str) -> Result<()> {
        let bad = |error| from_source(place, error);
        self.address().transpose().map_err(bad)?;
        self.wrapping_key().transpose().map_err(bad)?;
        Ok(())
    }

    /// Checks what they say together, once all of them are known.
    pub(super) fn check_together(&self, place: &str) -> Result<()> {
        if self.pins() && self.keys.iter().flatten().next().is_some() {
            let error = Error::usage_hint(
                "`pin_key` and `keys` cannot be combined",
                "`pin_key` allows `key_alias` alone, `keys` allows others: remove one of them",
            );
            return Err(from_source(place, error));
        }
        Ok(())
    }

    /// These of an environment, and the file's where they say nothing. What belongs to
    /// the file's own store and wrapping key does not go with another.
    pub(super) fn before(self, mut file: Self) -> Self {
        if self.s3_path.is_some() || self.key_alias.is_some() {
            file.s3_path = None;
            file.key_alias = None;
            file.bucket_region = None;
            file.account = None;
            file.key_accounts = None;
            file.keys = None;
        }
        Self {
            s3_path: self.s3_path.or(file.s3_path),
            key_alias: self.key_alias.or(file.key_alias),
            region: self.region.or(file.region),
            bucket_region: self.bucket_region.or(file.bucket_region),
            account: self.account.or(file.account),
            profile: self.profile.or(file.profile),
            key_accounts: self.key_accounts.or(file.key_accounts),
            keys: self.keys.or(file.keys),
            pin_key: self.pin_key.or(file.pin_key),
            format: self.format.or(file.format),
            min_format: self.min_format.or(file.min_format),
            max_age: self.max_age.or(file.max_age),
            cache: self.cache.or(file.cache),
            sse: self.sse.or(file.sse),
            unknown: [file.unknown, self.unknown].concat(),
        }
    }

    /// The same, without members that only say what holds without them.
    pub(super) fn plain(self) -> Self {
        Self {
            pin_key: self.pin_key.filter(|pins| *pins),
            cache: self.cache.filter(|caches| *caches),
            keys: self.keys.filter(|keys| !keys.is_empty()),
            key_accounts: self.key_accounts.filter(|accounts| !accounts.is_empty()),
            ..self
        }
    }

    /// Whether only the configured wrapping key may open version 1.
    pub(super) fn pins(&self) -> bool {
        self.pin_key.unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        Settings::of(serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn every_member_is_read() {
        let text = r#"{"s3_path": "b/", "key_alias": "k", "region": "r", "bucket_region": "q",
            "account": "111122223333", "format": 2, "min_format": 1, "pin_key": false,
            "keys": ["alias/old"], "max_age": "90d", "profile": "p",
            "key_accounts": ["444455556666"], "cache": true, "sse": "AES256", "extra": [1], "region": "s"}"#;
        let expected = Settings {
            s3_path: Some("b/".into()),
            key_alias: Some("k".into()),
            region: Some("s".into()),
            bucket_region: Some("q".into()),
            account: Some("111122223333".into()),
            profile: Some("p".into()),
            key_accounts: Some(vec!["444455556666".into()]),
            keys: Some(vec!["old".parse().unwrap()]),
            pin_key: Some(false),
            format: Some(2),
            min_format: Some(1),
            max_age: Some(Duration::from_hours(90 * 24)),
            cache: Some(true),
            sse: Some(Sse::Aes256),
            unknown: vec!["extra".into()],
        };
        assert_eq!(settings(text), expected);
    }

    #[test]
    fn an_environment_replaces_single_members_and_takes_nothing_of_another_store() {
        let file = r#"{"s3_path": "b/", "key_alias": "k", "region": "r", "bucket_region": "q",
            "account": "111122223333", "key_accounts": ["444455556666"], "keys": ["old"],
            "format": 2, "min_format": 2, "max_age": "1d", "pin_key": true, "profile": "p",
            "cache": true, "sse": "AES256"}"#;
        let common = r#""region": "r", "format": 2, "min_format": 2, "max_age": "1d",
            "pin_key": true, "profile": "p", "cache": true, "sse": "AES256""#;
        for own in [r#""s3_path": "c/""#, r#""key_alias": "l""#] {
            let merged = settings(&format!("{{{own}}}")).before(settings(file));
            assert_eq!(merged, settings(&format!("{{{own}, {common}}}")));
        }
        for (own, changed) in [
            (r#"{"region": "s"}"#, ("\"r\"", "\"s\"")),
            (
                r#"{"format": 1}"#,
                ("\"format\": 2, \"min", "\"format\": 1, \"min"),
            ),
            (
                r#"{"cache": false}"#,
                ("\"cache\": true", "\"cache\": false"),
            ),
            (
                r#"{"pin_key": false}"#,
                ("\"pin_key\": true", "\"pin_key\": false"),
            ),
            (r#"{"keys": []}"#, ("[\"old\"]", "[]")),
            (
                r#"{"account": "111122224444"}"#,
                ("111122223333", "111122224444"),
            ),
            ("{}", ("x", "x")),
        ] {
            let expected = settings(&file.replace(changed.0, changed.1));
            assert_eq!(settings(own).before(settings(file)), expected, "{own}");
        }
    }
}
