//! A configuration that the calling program gives itself, instead of a file.

use super::Config;
use super::file::FILE_NAME;
use super::find::{By, Found};
use super::flags::Flags;
use super::resolve::resolve_with;
use super::variables::Variables;
use crate::base::Result;

impl Config {
    /// The configuration that these members say, as those of one `.lazycred` that the
    /// user named; no file is looked for.
    ///
    /// Shape: the JSON object of such a file, with an `s3_path` and without
    /// `environments`. A relative `file:` folder is below the working directory. Of the
    /// variables, `AWS_*` and the home folder hold as they do beside a file, and
    /// `LAZYCRED_*` do not. Messages name it `the configuration given`.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::Error::Usage) if it has no `s3_path`, or is not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Config, Variables};
    /// let variables = Variables::new([("AWS_REGION".into(), "eu-west-1".into())], "/srv");
    /// let members = r#"{"s3_path": "acme-secrets/prod/", "key_alias": "acme", "format": 2}"#;
    /// let config = Config::from_members(members, &variables)?;
    /// assert_eq!(config.region(), Some("eu-west-1"));
    ///
    /// let error = Config::from_members(r#"{"key_alias": "acme"}"#, &variables).unwrap_err();
    /// assert_eq!(error.to_string(), "the configuration given has no `s3_path`");
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn from_members(members: &str, variables: &Variables) -> Result<Self> {
        let given = Found {
            // Where it would be as a file, for relative folders.
            path: variables.working_directory.join(FILE_NAME),
            text: members.as_bytes().to_vec(),
            by: By::Caller,
        };
        resolve_with(&Flags::default(), variables, Some(&given), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::StoreAddress;

    const VARIABLES: [(&str, &str); 5] = [
        ("LAZYCRED_S3_PATH", "other/"),
        ("LAZYCRED_KEY_ALIAS", "other"),
        ("LAZYCRED_CONFIG", "/nowhere/config.json"),
        ("LAZYCRED_ENVIRONMENT", "prod\r"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ];

    fn of(members: &str) -> Result<Config> {
        let variables = VARIABLES.map(|(name, value)| (name.into(), value.into()));
        Config::from_members(members, &Variables::new(variables, "/srv/app"))
    }

    #[test]
    fn members_are_all_that_is_configured_and_are_trusted_as_a_named_file_is() {
        let config = of(r#"{"s3_path": "acme/prod/"}"#).unwrap();
        assert_eq!(config.wrapping_key(), None);
        assert_eq!(config.region(), Some("eu-west-1"));
        let all = r#"{"s3_path": "file:../records/", "key_alias": "arn:aws:kms:eu-west-2:111122223333:key/0",
            "region": "eu-west-2", "account": "111122223333", "key_accounts": ["444455556666"],
            "keys": ["old"], "profile": "acme", "min_format": 2, "cache": true}"#;
        let config = of(all).unwrap();
        let folder = StoreAddress::Folder("/srv/app/../records".into());
        assert_eq!(config.store(), &folder);
        assert!(!config.was_found() && config.no_links_below.is_none());
        assert_eq!(config.account.as_deref(), Some("111122223333"));
        assert_eq!(config.profile.as_deref(), Some("acme"));
        assert_eq!(config.formats.write, 2);
        assert_eq!(config.where_to_add(), "the configuration given");
        assert!(config.with_stale_if_error().is_ok());
    }

    #[test]
    fn a_message_names_the_member_and_no_file() {
        for (members, message, hint) in [
            (
                "[]",
                " is not a JSON object, at line 1, column 0",
                "write it as {",
            ),
            (
                "{}",
                " has no `s3_path`",
                "add \"s3_path\": \"BUCKET/PREFIX/\"",
            ),
            (
                r#"{"s3_path": "b"}"#,
                ": `s3_path` is `b`, without a `/` after the bucket",
                "",
            ),
            (
                r#"{"s3_path": "b/", "key_alias": "a b"}"#,
                ": `a b` is not a valid `key_alias`",
                "",
            ),
            (
                r#"{"s3_path": "b/", "format": 3}"#,
                ": `format` must be 1 or 2",
                "write it as \"format\": 2",
            ),
            (
                r#"{"s3_path": "b/", "environments": {"prod": {}}}"#,
                " has `environments`, which only a file can have",
                "give the members of one of them",
            ),
            (
                r#"{"s3_path": "b/", "key_alias": "k", "pin_key": true, "keys": ["l"]}"#,
                ": `pin_key` and `keys` cannot be combined",
                "",
            ),
        ] {
            let error = of(members).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the configuration given{message}")
            );
            let said = error.hint().unwrap_or_default();
            assert!(said.starts_with(hint) && !said.contains("--"), "{said}");
        }
        let error = of(r#"{"s3_path": "b/", "region": "eu west"}"#).unwrap_err();
        let message = "`eu west`, from `region` in the configuration given, is not a valid region";
        assert_eq!(error.to_string(), message);
    }
}
