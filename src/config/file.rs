//! The format of `.lazycred`: a JSON object of settings, and of environments with
//! settings of their own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::member::CONTROL;
use super::settings::{Settings, Wrong, example};
use crate::base::{Error, OneLine, Result};

/// The name of the file that the walk looks for.
pub const FILE_NAME: &str = ".lazycred";

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    /// At its top.
    pub(super) own: Settings,
    pub(super) environments: BTreeMap<String, Environment>,
}

/// An environment of a file, checked for its form only.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) settings: Settings,
    /// The names of its members.
    pub(super) given: Vec<String>,
}

impl File {
    /// Reads a file's text; messages name it by its place, which is safe to print.
    pub(super) fn parse(text: &[u8], place: &str) -> Result<Self> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        if is_utf_16(text) {
            return Err(Error::usage_hint(
                format!("{place} is UTF-16, but must be UTF-8"),
                "save it as UTF-8, as in `iconv -f UTF-16 -t UTF-8`",
            ));
        }
        let mut members: BTreeMap<String, Value> = serde_json::from_slice(text).map_err(|error| {
            Error::usage_hint(
                format!(
                    "{place} is not a JSON object, at line {}, column {}",
                    error.line(),
                    error.column()
                ),
                r#"write it as {"s3_path": "BUCKET/PREFIX/", "key_alias": "ALIAS", "region": "REGION"}"#,
            )
        })?;
        let environments = members.remove("environments");
        let own = Settings::of(members).map_err(|(name, wanted)| {
            with_example(&name, format!("{place}: `{name}` must be {wanted}"))
        })?;
        let environments = environments.map(|value| environments_of(value, place));
        Ok(Self {
            own,
            environments: environments.transpose()?.unwrap_or_default(),
        })
    }
}

/// The hint for environments of another form.
const ENVIRONMENTS: &str =
    r#"write it as {"prod": {"s3_path": "BUCKET/PREFIX/", "key_alias": "ALIAS"}}"#;

/// The error for a member, with an example of it if there is one.
fn with_example(member: &str, message: String) -> Error {
    let only_a_letter_is_wrong = message.ends_with(CONTROL);
    match example(member).filter(|_| !only_a_letter_is_wrong) {
        Some(example) => Error::usage_hint(message, format!("write it as {example}")),
        None => Error::usage(message),
    }
}

fn environments_of(value: Value, place: &str) -> Result<BTreeMap<String, Environment>> {
    let Value::Object(environments) = value else {
        return Err(Error::usage_hint(
            format!("{place}: `environments` must be an object of objects"),
            ENVIRONMENTS,
        ));
    };
    let read = |(name, value): (String, Value)| {
        if name.is_empty() || name.contains(char::is_control) {
            let name = OneLine(name);
            let wanted = "text that is not empty, without control characters";
            return Err(Error::usage_hint(
                format!("{place}: the name of environment `{name}` must be {wanted}"),
                ENVIRONMENTS,
            ));
        }
        let Value::Object(members) = value else {
            let name = OneLine(name);
            return Err(Error::usage_hint(
                format!("{place}: environment `{name}` must be an object of settings"),
                ENVIRONMENTS,
            ));
        };
        let given = members.keys().cloned().collect();
        let settings = Settings::of(members.into_iter().collect());
        let settings = settings.map_err(|(member, wanted): Wrong| {
            let name = OneLine(&name);
            let message = format!("{place}: `{member}` of environment `{name}` must be {wanted}");
            with_example(&member, message)
        })?;
        Ok((name, Environment { settings, given }))
    };
    environments.into_iter().map(read).collect()
}

/// Whether text is UTF-16, which some editors save.
fn is_utf_16(text: &[u8]) -> bool {
    let marked = text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF");
    marked || text.starts_with(b"{\0") || text.starts_with(b"\0{")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File> {
        let file = File::parse(text.as_bytes(), "`/p/.lazycred`")?;
        file.own.check("`/p/.lazycred`")?;
        file.own.check_together("`/p/.lazycred`")?;
        Ok(file)
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
            {"environments": null}       | : `environments` must be an object of objects
            {"environments": []}         | : `environments` must be an object of objects
            {"environments": {"a": []}}  | : environment `a` must be an object of settings
            {"environments": {"": {}}}   | : the name of environment `` must be text that is not empty, without control characters
            {"environments": {"a\u0007": {}}} | : the name of environment `a\u{7}` must be text that is not empty, without control characters
            {"environments": {"a": {"region": 5}}} | : `region` of environment `a` must be a string that is not empty
            {"environments": {"a": {"environments": {}}}} | : `environments` of environment `a` must be at the top of the file, not in an environment
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
    fn an_environment_that_nobody_chose_is_checked_for_its_form_only() {
        let text = r#"{"environments": {"a": {"s3_path": "bucket", "key_alias": "a b", "$schema": 1, "x": 2},
            "b": {"region": "r"}, "b": {"format": 2}}}"#;
        let file = parse(text).unwrap();
        let given: Vec<_> = file
            .environments
            .values()
            .map(|it| it.given.join(" "))
            .collect();
        assert_eq!(given, ["$schema key_alias s3_path x", "format"]);
        let [a, b] = ["a", "b"].map(|name| &file.environments[name].settings);
        assert_eq!((&*a.unknown, &b.region), (&["x".to_owned()][..], &None));
    }
}
