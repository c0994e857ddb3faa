//! Explains where each value of the configuration came from.
//!
//! Follows `resolve`, and decides nothing.

use std::time::Duration;

use super::Config;
use super::file::Settings;
use super::resolve::{CONFIG, Flags, KEY_ALIAS, S3_PATH, find, shown};
use super::variables::Variables;
use crate::base::Result;

/// A value and its source.
#[derive(Debug, PartialEq, Eq)]
pub struct Sourced {
    /// As in the file: `s3_path`.
    pub name: &'static str,
    /// As text.
    pub value: String,
    /// A flag, a file or a variable.
    pub source: String,
}

/// The values that the sources give, each with its source.
///
/// # Errors
///
/// [`Error::Usage`](crate::Error::Usage) if a file is not valid.
///
/// # Examples
///
/// ```
/// use lazycred::config::{Flags, Variables, origins};
/// let flags = Flags {
///     s3_path: Some("acme-secrets/prod/".into()),
///     ..Flags::default()
/// };
/// let origins = origins(&flags, &Variables::new([], "/nowhere"))?;
/// assert_eq!((origins[0].name, &*origins[0].source), ("s3_path", "--s3-path"));
/// # Ok::<(), lazycred::Error>(())
/// ```
pub fn origins(flags: &Flags, variables: &Variables) -> Result<Vec<Sourced>> {
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
    ];
    let mut origins = Vec::new();
    for (name, flag, of_file, of_variables) in rows {
        let flag = flag.and_then(|(flag, value)| Some((flag, value.as_deref()?)));
        let of_file = of_file.map(|value| (file.as_str(), value));
        let of_variable = of_variables
            .into_iter()
            .find_map(|(variable, value)| Some((variable, value?)));
        if let Some((source, value)) = flag.or(of_file).or(of_variable) {
            origins.push(Sourced {
                name,
                value: value.to_owned(),
                source: source.to_owned(),
            });
        }
    }
    let others = others(&settings).into_iter();
    origins.extend(others.filter_map(|(name, value)| {
        let (value, source) = (value?, file.clone());
        Some(Sourced {
            name,
            value,
            source,
        })
    }));
    Ok(origins)
}

/// The AWS profile, as the SDK chooses it.
///
/// # Examples
///
/// ```
/// use lazycred::config::{Config, Variables, profile};
/// let config = Config::new("acme-secrets/prod/")?;
/// let variables = Variables::new([("AWS_PROFILE".into(), "acme".into())], "/nowhere");
/// assert_eq!(profile(&config, &variables), "acme");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[must_use]
pub fn profile<'a>(config: &'a Config, variables: &'a Variables) -> &'a str {
    let chosen = config.profile.as_deref();
    let name = chosen.or_else(|| variables.text("AWS_PROFILE"));
    name.unwrap_or("default")
}

/// The members that only a file gives, as a file writes them.
fn others(settings: &Settings) -> [(&'static str, Option<String>); 8] {
    let number = |version: Option<u8>| version.map(|version| version.to_string());
    let list = |items: Vec<String>| (!items.is_empty()).then(|| items.join(", "));
    let keys = settings.keys.iter().map(ToString::to_string);
    [
        ("bucket_region", settings.bucket_region.clone()),
        ("account", settings.account.clone()),
        ("format", number(settings.format)),
        ("min_format", number(settings.min_format)),
        ("pin_key", settings.pin_key.then(|| "true".to_owned())),
        ("keys", list(keys.collect())),
        ("key_accounts", list(settings.key_accounts.clone())),
        ("max_age", settings.max_age.map(hours)),
    ]
}

/// An age as `max_age` writes it: whole days where it is that, else hours.
pub(crate) fn hours(age: Duration) -> String {
    match age.as_secs() / 3600 {
        hours if hours.is_multiple_of(24) => format!("{}d", hours / 24),
        hours => format!("{hours}h"),
    }
}
