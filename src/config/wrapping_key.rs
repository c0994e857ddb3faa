//! The name of a wrapping key, in each form that a configuration may use.

use std::fmt;
use std::str::FromStr;

use crate::base::{Error, OneLine};

/// Which key wraps data keys.
///
/// Shape: `acme` or `alias/acme`, a key id (a UUID, or `mrk-` and 32 hex
/// digits), an ARN of either, or `local:dev` for a key file on this machine.
///
/// # Examples
///
/// ```
/// let id: lazycred::WrappingKeyId = "acme".parse()?;
/// assert_eq!(id.to_string(), "alias/acme");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappingKeyId(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Alias(String),
    Id(String),
    Arn {
        text: String,
        region: String,
        account: String,
    },
    Local(String),
}

impl WrappingKeyId {
    /// The account of an ARN.
    pub(crate) fn account(&self) -> Option<&str> {
        match &self.0 {
            Form::Arn { account, .. } => Some(account),
            _ => None,
        }
    }

    /// The region of an ARN.
    ///
    /// # Examples
    ///
    /// ```
    /// let id: lazycred::WrappingKeyId = "arn:aws:kms:eu-west-1:111122223333:alias/acme".parse()?;
    /// assert_eq!(id.region(), Some("eu-west-1"));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        match &self.0 {
            Form::Arn { region, .. } => Some(region),
            _ => None,
        }
    }

    pub(crate) fn is_arn(&self) -> bool {
        matches!(self.0, Form::Arn { .. })
    }

    /// The name behind `local:`.
    ///
    /// # Examples
    ///
    /// ```
    /// let id: lazycred::WrappingKeyId = "local:dev".parse()?;
    /// assert_eq!(id.local_name(), Some("dev"));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn local_name(&self) -> Option<&str> {
        match &self.0 {
            Form::Local(name) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for WrappingKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Alias(name) => write!(f, "alias/{name}"),
            Form::Id(text) | Form::Arn { text, .. } => f.write_str(text),
            Form::Local(name) => write!(f, "local:{name}"),
        }
    }
}

/// Whether a text can be NAME in `local:NAME`.
pub(crate) fn is_local_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.bytes().all(plain)
}

impl FromStr for WrappingKeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::usage_hint(
                format!("`{}` is not a valid `key_alias`", OneLine(text)),
                "use an alias of letters, digits, `/`, `_` and `-`, a key id, an ARN, or `local:NAME`",
            )
        };
        if let Some(name) = text.strip_prefix("local:") {
            return if is_local_name(name) {
                Ok(Self(Form::Local(name.to_owned())))
            } else {
                Err(wrong())
            };
        }
        if text.starts_with("arn:") {
            // Messages show it as it is.
            let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
            let (region, account) = arn_parts(text).filter(|_| plain).ok_or_else(wrong)?;
            return Ok(Self(Form::Arn {
                text: text.to_owned(),
                region: region.to_owned(),
                account: account.to_owned(),
            }));
        }
        if is_key_id(text) {
            return Ok(Self(Form::Id(text.to_owned())));
        }
        let alias = text.strip_prefix("alias/").unwrap_or(text);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-');
        if alias.is_empty() || !alias.chars().all(plain) {
            return Err(wrong());
        }
        Ok(Self(Form::Alias(alias.to_owned())))
    }
}

/// Region and account of `arn:PARTITION:kms:REGION:ACCOUNT:key/…` or `…:alias/…`.
pub(crate) fn arn_parts(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let ("arn", _, "kms", region, account, resource) = (
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
    ) else {
        return None;
    };
    let known = resource.starts_with("key/") || resource.starts_with("alias/");
    (known && !region.is_empty() && is_account(account)).then_some((region, account))
}

/// Whether text is an AWS account: 12 digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A UUID, or `mrk-` and 32 hex digits.
fn is_key_id(text: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(rest) = text.strip_prefix("mrk-") {
        return rest.len() == 32 && hex(rest);
    }
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| hex(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_told_apart() {
        let uuid = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let mrk = "mrk-1234abcd12ab34cd56ef1234567890ab";
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        for (text, shown, account, region) in [
            ("eFart-key", "alias/eFart-key", None, None),
            ("alias/a/b_c", "alias/a/b_c", None, None),
            (uuid, uuid, None, None),
            (mrk, mrk, None, None),
            ("mrk-12", "alias/mrk-12", None, None),
            (arn, arn, Some("111122223333"), Some("eu-west-1")),
            ("local:dev_1", "local:dev_1", None, None),
        ] {
            let id: WrappingKeyId = text.parse().unwrap();
            assert_eq!(
                (id.to_string().as_str(), id.account(), id.region()),
                (shown, account, region)
            );
            assert_eq!(id.is_arn(), account.is_some());
        }
        let bad = "|alias/|a b|local:|local:a/b|local:..|arn:aws:s3:::b|arn:aws:kms:r:12:key/x";
        for bad in bad.split('|') {
            let error = bad.parse::<WrappingKeyId>().unwrap_err();
            assert_eq!(error.exit_code(), 2, "{bad}");
        }
    }

    #[test]
    fn an_arn_has_no_blank_and_no_hidden_or_foreign_character() {
        for c in ['\0', ' ', '\n', '\u{7f}', '\u{202e}', 'é'] {
            for text in [
                format!("arn:a{c}ws:kms:eu-west-1:111122223333:alias/acme"),
                format!("arn:aws:kms:eu{c}-west-1:111122223333:alias/acme"),
                format!("arn:aws:kms:eu-west-1:111122223333:alias/acme{c}"),
            ] {
                let error = text.parse::<WrappingKeyId>().unwrap_err();
                let hidden = error.to_string().contains(crate::base::is_hidden);
                assert!(!hidden, "{text:?}");
            }
        }
    }
}
