//! Tells where each value of the configuration comes from, as `resolve` decides.

use std::time::Duration;

use super::Config;
use super::file::Settings;
use super::resolve::{CONFIG, Flags, KEY_ALIAS, REGIONS, S3_PATH, find, settings, shown};
use super::variables::Variables;
use crate::base::Result;

/// A value and its source.
#[derive(Debug, PartialEq, Eq)]
pub struct Sourced {
    /// The member's name, such as `s3_path`.
    pub name: &'static str,
    /// As text.
    pub value: String,
    /// A flag, a file or a variable.
    pub source: String,
}

/// The configured values, each with its source.
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
        Some(found) => (settings(found)?, shown(found)),
        None => (Settings::default(), String::new()),
    };
    let file = match () {
        () if flags.config.is_some() => format!("`{file}` (--config)"),
        () if variables.path(CONFIG).is_some() => format!("`{file}` ({CONFIG})"),
        () => format!("`{file}`"),
    };
    let of_file = settings.s3_path.is_some() || settings.key_alias.is_some();
    let pair: &[&str] = if of_file { &[] } else { &[S3_PATH, KEY_ALIAS] };
    let rows = [
        (
            "s3_path",
            "--s3-path",
            &flags.s3_path,
            &settings.s3_path,
            pair.get(..1),
        ),
        (
            "key_alias",
            "--key-alias",
            &flags.key_alias,
            &settings.key_alias,
            pair.get(1..),
        ),
        (
            "region",
            "--region",
            &flags.region,
            &settings.region,
            Some(&REGIONS[..]),
        ),
        (
            "profile",
            "--profile",
            &flags.profile,
            &settings.profile,
            Some(&["AWS_PROFILE"][..]),
        ),
    ];
    let sourced = |name, value: &str, source: &str| Sourced {
        name,
        value: value.to_owned(),
        source: source.to_owned(),
    };
    let mut origins = Vec::new();
    for (name, flag, of_flag, in_file, of_variables) in rows {
        let by_flag = of_flag.as_deref().map(|value| (value, flag));
        let by_file = in_file.as_deref().map(|value| (value, &*file));
        let mut of_variables = of_variables.unwrap_or_default().iter();
        let by_variable = of_variables.find_map(|name| Some((variables.text(name)?, *name)));
        let value = by_flag.or(by_file).or(by_variable);
        origins.extend(value.map(|(value, source)| sourced(name, value, source)));
    }
    let others = others(&settings).into_iter();
    origins.extend(others.filter_map(|(name, value)| Some(sourced(name, &value?, &file))));
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

/// The members that only a file sets, in the file's notation.
fn others(settings: &Settings) -> [(&'static str, Option<String>); 9] {
    let number = |version: Option<u8>| version.map(|version| version.to_string());
    let list = |items: Vec<String>| (!items.is_empty()).then(|| items.join(", "));
    let keys = settings.keys.iter().map(ToString::to_string);
    [
        ("bucket_region", settings.bucket_region.clone()),
        ("account", settings.account.clone()),
        ("sse", settings.sse.as_ref().map(ToString::to_string)),
        ("format", number(settings.format)),
        ("min_format", number(settings.min_format)),
        ("pin_key", settings.pin_key.then(|| "true".to_owned())),
        ("keys", list(keys.collect())),
        ("key_accounts", list(settings.key_accounts.clone())),
        ("max_age", settings.max_age.map(hours)),
    ]
}

/// An age in the notation of `max_age`: in whole days if possible, else in hours.
pub(crate) fn hours(age: Duration) -> String {
    match age.as_secs() / 3600 {
        hours if hours.is_multiple_of(24) => format!("{}d", hours / 24),
        hours => format!("{hours}h"),
    }
}
