//! Finds the row of the table for a failed request, and fills in what is known.

use super::permission::{kind, permission};
use super::table::{At, Row, TABLE};
use crate::base::{Operation, text::shell_word, throttling};
use crate::config::arn_parts;

/// The service that an operation is a request to: `S3`, `KMS` or `STS`.
pub(in crate::backends::aws) fn service(operation: Operation) -> &'static str {
    match operation {
        Operation::Identify => "STS",
        Operation::Wrap
        | Operation::Unwrap
        | Operation::Rewrap
        | Operation::LookAtWrappingKey
        | Operation::UseWrappingKey
        | Operation::AskRotation
        | Operation::MakeWrappingKey
        | Operation::PointAlias
        | Operation::Rotate => "KMS",
        _ => "S3",
    }
}

/// What is known about a failed request, apart from its response.
#[derive(Debug, Clone)]
pub(super) struct Facts<'a> {
    pub(super) operation: Operation,
    /// Where the request went.
    pub(super) region: Option<&'a str>,
    /// The profile that a flag or the configuration chose.
    pub(super) profile: Option<&'a str>,
    pub(super) bucket: Option<&'a str>,
    /// How to get fresh credentials, as the end of a hint.
    pub(super) renewal: Option<&'a str>,
    /// The record's path in the bucket.
    pub(super) path: Option<&'a str>,
    /// How wrong this machine's clock is, if it is.
    pub(super) clock: Option<String>,
}

impl Facts<'_> {
    /// What to do about a response with this code and these words.
    pub(super) fn hint(&self, code: &str, words: &str) -> String {
        if let Some(hint) = throttling::hint(code) {
            return hint.to_owned();
        }
        let lower = words.to_ascii_lowercase();
        let row = TABLE.iter().find(|row| self.fits(row, code, &lower));
        row.map_or_else(String::new, |row| self.fill(row.hint, words))
    }

    fn fits(&self, row: &Row, code: &str, words: &str) -> bool {
        let is_code = |known: &&str| match known.strip_suffix('*') {
            Some(start) => code.starts_with(start),
            None => code == *known,
        };
        let is_there = match row.at {
            At::Any => true,
            At::WrongClock => self.clock.is_some(),
            At::S3 => service(self.operation) == "S3",
            At::Kms => service(self.operation) == "KMS",
            At::Only(operations) => operations.contains(&self.operation),
            At::InPolicy => kind(self.operation).is_some(),
        };
        is_there
            && (row.codes.is_empty() || row.codes.iter().any(is_code))
            && words.contains(row.words)
    }

    /// Replaces what stands in braces; each is a word for a shell where a command
    /// takes it.
    fn fill(&self, hint: &str, words: &str) -> String {
        let mut filled = String::new();
        let mut rest = hint;
        while let Some((before, after)) = rest.split_once('{')
            && let Some((name, after)) = after.split_once('}')
        {
            filled += before;
            filled += &self.fact(name, words);
            rest = after;
        }
        filled + rest
    }

    fn fact(&self, name: &str, words: &str) -> String {
        let allowed = permission(self.operation);
        let word = |known: Option<&str>, other: &str| known.map_or(other.to_owned(), shell_word);
        match name {
            "service" => service(self.operation).to_owned(),
            "renewal" => self.renewal.unwrap_or("get fresh ones").to_owned(),
            "clock" => self.clock.clone().unwrap_or_default(),
            "region" => self.region.unwrap_or("in use").to_owned(),
            "bucket" => word(self.bucket, "BUCKET"),
            "path" => word(self.path, "PATH"),
            "kind" => kind(self.operation).unwrap_or("KIND").to_owned(),
            "arn" => arn_in(words).unwrap_or("KEY_ID").to_owned(),
            "action" => {
                let named = action_in(words).filter(|_| self.operation != Operation::Rewrap);
                let named = named.or(allowed.map(|(action, _)| action));
                named.unwrap_or("the action").to_owned()
            }
            "on" => allowed.map_or("it", |(_, on)| on.words()).to_owned(),
            "flags" => {
                let region = self.region.map(|region| format!(" --region {region}"));
                let profile = self.profile.map(shell_word);
                let profile = profile.map(|profile| format!(" --profile {profile}"));
                format!(
                    "{}{}",
                    region.unwrap_or_default(),
                    profile.unwrap_or_default()
                )
            }
            other => format!("{{{other}}}"),
        }
    }
}

/// The IAM action that AWS's words name: `… is not authorized to perform: s3:GetObject on …`.
fn action_in(words: &str) -> Option<&str> {
    let (_, rest) = words.split_once("is not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?;
    let (service, name) = action.split_once(':')?;
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    (action.len() <= 64 && is_word(service) && is_word(name)).then_some(action)
}

/// The wrapping key's ARN in KMS's words: `arn:aws:kms:… is disabled.`
fn arn_in(words: &str) -> Option<&str> {
    let start = words.find("arn:")?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_:/".contains(c);
    let end = words[start..].find(|c| !is_part(c));
    let arn = &words[start..][..end.unwrap_or(words.len() - start)];
    (arn.len() <= 160).then(|| arn_parts(arn)).flatten()?;
    Some(arn)
}
