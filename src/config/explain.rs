//! Where each value of the configuration came from, for people.
//!
//! Follows `resolve`, and decides nothing.

use super::file::Settings;
use super::resolve::{CONFIG, KEY_ALIAS, S3_PATH, find, shown};
use super::{Flags, Variables};
use crate::error::Result;

/// A value, and what gave it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// As in the file: `s3_path`.
    pub(crate) name: &'static str,
    pub(crate) value: String,
    /// A flag, a file or a variable.
    pub(crate) source: String,
}

/// The values that the sources give, each with its source.
///
/// # Errors
///
/// [`Error::Usage`](crate::Error::Usage) if a file is not valid.
pub(crate) fn origins(flags: &Flags, variables: &Variables) -> Result<Vec<Origin>> {
    let found = find(flags, variables)?;
    let (settings, file) = match &found {
        Some(found) => {
            let file = shown(found);
            (Settings::parse(&found.text, &file, found.trust)?, file)
        }
        None => (Settings::default(), String::new()),
    };
    let file = match () {
        () if flags.config.is_some() => format!("`{file}` (--config)"),
        () if variables.path(CONFIG).is_some() => format!("`{file}` ({CONFIG})"),
        () => format!("`{file}`"),
    };
    let of_file = settings.s3_path.is_some() || settings.key_alias.is_some();
    let variable = |name| variables.text(name).filter(|_| !of_file);
    let anywhere = |name| variables.text(name);
    let number = |version: Option<u8>| version.map(|version| version.to_string());
    let (format, least) = (number(settings.format), number(settings.min_format));
    let rows = [
        (
            "s3_path",
            Some(("--s3-path", &flags.s3_path)),
            settings.s3_path.as_deref(),
            vec![(S3_PATH, variable(S3_PATH))],
        ),
        (
            "key_alias",
            Some(("--key-alias", &flags.key_alias)),
            settings.key_alias.as_deref(),
            vec![(KEY_ALIAS, variable(KEY_ALIAS))],
        ),
        (
            "region",
            Some(("--region", &flags.region)),
            settings.region.as_deref(),
            ["AWS_REGION", "AWS_DEFAULT_REGION"]
                .map(|name| (name, anywhere(name)))
                .into(),
        ),
        (
            "profile",
            Some(("--profile", &flags.profile)),
            settings.profile.as_deref(),
            vec![("AWS_PROFILE", anywhere("AWS_PROFILE"))],
        ),
        (
            "bucket_region",
            None,
            settings.bucket_region.as_deref(),
            Vec::new(),
        ),
        ("account", None, settings.account.as_deref(), Vec::new()),
        ("format", None, format.as_deref(), Vec::new()),
        ("min_format", None, least.as_deref(), Vec::new()),
    ];
    let mut origins = Vec::new();
    for (name, flag, of_file, of_variables) in rows {
        let flag = flag.and_then(|(flag, value)| Some((flag, value.as_deref()?)));
        let of_file = of_file.map(|value| (file.as_str(), value));
        let of_variable = of_variables
            .into_iter()
            .find_map(|(variable, value)| Some((variable, value?)));
        if let Some((source, value)) = flag.or(of_file).or(of_variable) {
            origins.push(Origin {
                name,
                value: value.to_owned(),
                source: source.to_owned(),
            });
        }
    }
    Ok(origins)
}
