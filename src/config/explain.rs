//! Tells where each value of the configuration comes from, as `resolve` decides.

use std::time::Duration;

use super::Config;
use super::environments::{chosen, in_force};
use super::file::File;
use super::flags::Flags;
use super::resolve::{CONFIG, KEY_ALIAS, REGIONS, S3_PATH, find};
use super::settings::Settings;
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
    let chosen = chosen(flags, variables)?;
    let in_force = in_force(flags, variables, found.as_ref(), chosen)?;
    let settings = &in_force.settings;
    let named = match () {
        () if flags.config.is_some() => " (--config)".to_owned(),
        () if variables.path(CONFIG).is_some() => format!(" ({CONFIG})"),
        () => String::new(),
    };
    let of_file = |member: &str| in_force.place_by(member, &named);
    let has_pair = settings.s3_path.is_some() || settings.key_alias.is_some();
    let pair: &[&str] = if has_pair { &[] } else { &[S3_PATH, KEY_ALIAS] };
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
    let chosen = chosen.map(|chosen| sourced("environment", chosen.name, chosen.source));
    let mut origins: Vec<Sourced> = chosen.into_iter().collect();
    for (name, flag, of_flag, in_file, of_variables) in rows {
        let by_flag = of_flag.as_deref().map(|value| (value, flag.to_owned()));
        let by_file = in_file.as_deref().map(|value| (value, of_file(name)));
        let mut of_variables = of_variables.unwrap_or_default().iter();
        let by_variable =
            of_variables.find_map(|name| Some((variables.text(name)?, (*name).to_owned())));
        let value = by_flag.or(by_file).or(by_variable);
        origins.extend(value.map(|(value, source)| sourced(name, value, &source)));
    }
    let others = others(settings).into_iter();
    let others = others.filter_map(|(name, value)| Some(sourced(name, &value?, &of_file(name))));
    origins.extend(others);
    Ok(origins)
}

/// The environments of the configuration file, whichever is chosen.
///
/// # Errors
///
/// [`Error::Usage`](crate::Error::Usage) if the file is not valid.
///
/// # Examples
///
/// ```
/// use lazycred::config::{Flags, Variables, environments};
/// let flags = Flags {
///     s3_path: Some("file:secrets/".into()),
///     key_alias: Some("local:dev".into()),
///     ..Flags::default()
/// };
/// // The flags name no file, and none is looked for.
/// assert_eq!(environments(&flags, &Variables::new([], "/nowhere"))?, [""; 0]);
/// # Ok::<(), lazycred::Error>(())
/// ```
pub fn environments(flags: &Flags, variables: &Variables) -> Result<Vec<String>> {
    let Some(found) = find(flags, variables)? else {
        return Ok(Vec::new());
    };
    let file = File::parse(&found.text, &found.place())?;
    Ok(file.environments.into_keys().collect())
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
    let keys = settings.keys.iter().flatten().map(ToString::to_string);
    let accounts = settings.key_accounts.iter().flatten().cloned();
    [
        ("bucket_region", settings.bucket_region.clone()),
        ("account", settings.account.clone()),
        ("sse", settings.sse.as_ref().map(ToString::to_string)),
        ("format", number(settings.format)),
        ("min_format", number(settings.min_format)),
        ("pin_key", settings.pins().then(|| "true".to_owned())),
        ("keys", list(keys.collect())),
        ("key_accounts", list(accounts.collect())),
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
