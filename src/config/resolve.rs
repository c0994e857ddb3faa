//! The sources of the configuration, in order of precedence.
//!
//! Flags override a file, and a file overrides variables. `s3_path` and
//! `key_alias` come from one source together, so that two projects never mix;
//! a flag overrides only its own member.

use std::path::Path;

use super::environments::{ChosenEnvironment, InForce, chosen, in_force};
use super::find::{self, By, Found};
use super::flags::Flags;
use super::refuse::{SHOWN, refuse_control, refuse_no_region};
use super::settings::{Settings, from_source, meant};
use super::variables::Variables;
use super::{
    ATTEMPTS, AccessPoint, Caching, Config, Formats, StoreAddress, WrappingKeyId, network,
};
use crate::base::{Error, OneLine, Result};

pub(super) const CONFIG: &str = "LAZYCRED_CONFIG";
pub(super) const S3_PATH: &str = "LAZYCRED_S3_PATH";
pub(super) const KEY_ALIAS: &str = "LAZYCRED_KEY_ALIAS";
pub(super) const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// `s3_path` and `key_alias` from one source.
struct Pair<'a> {
    s3_path: Option<&'a str>,
    key_alias: Option<&'a str>,
    /// The base of a relative folder.
    base: &'a Path,
}

impl Config {
    /// The configuration that the command line would use with these variables and
    /// this working directory.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is none, or if it is not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Config, Variables};
    /// let variables = [("LAZYCRED_S3_PATH".into(), "acme-secrets/dev/".into())];
    /// let variables = Variables::new(variables, "/nowhere/in/particular");
    /// assert!(Config::from_variables(&variables).is_ok());
    /// ```
    pub fn from_variables(variables: &Variables) -> Result<Self> {
        resolve(&Flags::default(), variables)
    }

    /// The same, with flags above every other source.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is none, or if it is not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Config, Flags, Variables};
    /// let variables = [("LAZYCRED_S3_PATH".into(), "acme-secrets/dev/".into())];
    /// let variables = Variables::new(variables, "/nowhere/in/particular");
    /// let flags = Flags { s3_path: Some("acme-secrets/prod/".into()), ..Flags::default() };
    /// assert!(Config::resolve(&flags, &variables).is_ok());
    /// ```
    pub fn resolve(flags: &Flags, variables: &Variables) -> Result<Self> {
        resolve(flags, variables)
    }
}

fn resolve(flags: &Flags, variables: &Variables) -> Result<Config> {
    flags.check()?;
    let found = find(flags, variables)?;
    let chosen = chosen(flags, variables)?;
    resolve_with(flags, variables, found.as_ref(), chosen)
}

/// The same with the file that was found, if any, and the environment that was chosen.
pub(super) fn resolve_with(
    flags: &Flags,
    variables: &Variables,
    found: Option<&Found>,
    chosen: Option<ChosenEnvironment>,
) -> Result<Config> {
    let in_force = in_force(flags, variables, found, chosen)?;
    if let Some(found) = found {
        warn_of(&in_force, &found.place());
    }
    let pair = pair(found, &in_force, variables)?;
    let store = store(flags, variables, (found, &in_force), &pair)?;
    warn_of_store(&in_force, &store);
    let wrapping_key = wrapping_key(flags, &pair)?;
    let settings = &in_force.settings;
    if settings.pins() && wrapping_key.is_none() {
        return Err(Error::usage("`pin_key` needs a `key_alias` to pin"));
    }
    let local = wrapping_key
        .as_ref()
        .and_then(WrappingKeyId::local_name)
        .is_some();
    let hosted = !local || matches!(store, StoreAddress::S3 { .. });
    let region = region(flags, variables, &in_force, hosted)?;
    let attempts = if hosted {
        attempts(variables)?
    } else {
        ATTEMPTS
    };
    let least = settings.min_format.unwrap_or(1);
    let walk = found.filter(|found| found.by == By::Walk);
    let in_file = flags.s3_path.is_none() && settings.s3_path.is_some();
    let no_links_below = walk
        .filter(|_| in_file)
        .and_then(|found| found.path.parent())
        .map(Path::to_owned);
    let formats = Formats {
        write: settings.format.unwrap_or(1).max(least),
        least,
        max_age: settings.max_age,
    };
    let environment = in_force.environment().map(str::to_owned);
    let pin_wrapping_key = settings.pins();
    let settings = in_force.settings;
    Ok(Config {
        file: found.map(Found::place),
        environment,
        store,
        no_links_below,
        by_walk: walk.is_some(),
        wrapping_key,
        region,
        bucket_region: settings.bucket_region,
        account: settings.account.clone().filter(|_| walk.is_none()),
        bucket_owner: settings.account,
        sse: settings.sse,
        key_accounts: settings.key_accounts.unwrap_or_default(),
        pin_wrapping_key,
        more_wrapping_keys: settings.keys.unwrap_or_default(),
        formats,
        profile: flags.profile.clone().or(settings.profile),
        network: if hosted {
            network::of(variables)?
        } else {
            network::Network::default()
        },
        attempts,
        data_home: variables.data_home(),
        caching: if settings.cache == Some(true) {
            Caching::Confirmed
        } else {
            Caching::Off
        },
        cache_home: variables.cache_home(),
        ..Config::new("none/")?
    })
}

/// KMS's region. What only AWS needs is not checked without it.
fn region(
    flags: &Flags,
    variables: &Variables,
    in_force: &InForce,
    hosted: bool,
) -> Result<Option<String>> {
    let settings = &in_force.settings;
    let of_file = |name: &str| format!("`{name}` in {}", in_force.place(name));
    let [first, second] = REGIONS;
    let mut regions = [
        (flags.region.as_deref(), "--region".to_owned()),
        (settings.region.as_deref(), of_file("region")),
        (variables.setting(first)?, first.to_owned()),
        (variables.setting(second)?, second.to_owned()),
    ]
    .into_iter();
    let region = regions.find_map(|(region, source)| Some((region?, source)));
    let bucket_region = settings.bucket_region.as_deref();
    let bucket_region = bucket_region.map(|region| (region, of_file("bucket_region")));
    for (region, source) in region.iter().chain(&bucket_region).filter(|_| hosted) {
        refuse_no_region(region, source)?;
    }
    Ok(region.map(|(region, _)| region.to_owned()))
}

/// The store's address.
fn store(
    flags: &Flags,
    variables: &Variables,
    (found, in_force): (Option<&Found>, &InForce),
    pair: &Pair,
) -> Result<StoreAddress> {
    let mut store = match (&flags.s3_path, pair.s3_path) {
        (Some(s3_path), _) => StoreAddress::parse(s3_path)?.within(&variables.working_directory),
        (None, Some(s3_path)) => {
            let address =
                StoreAddress::parse(s3_path).map_err(|error| from_source(S3_PATH, error))?;
            address.within(pair.base)
        }
        (None, None) if found.is_some() => return Err(in_force.without_store()),
        (None, None) => return Err(nothing(pair.key_alias, variables)),
    };
    if let StoreAddress::Folder(folder) = &mut store {
        *folder = folder.components().collect();
    }
    Ok(store)
}

/// The wrapping key, if one is configured.
fn wrapping_key(flags: &Flags, pair: &Pair) -> Result<Option<WrappingKeyId>> {
    if let Some(key_alias) = &flags.key_alias {
        return key_alias.parse().map(Some);
    }
    let parsed = pair.key_alias.map(str::parse).transpose();
    parsed.map_err(|error| from_source(KEY_ALIAS, error))
}

/// The most unknown members that are named.
const UNKNOWN: usize = 5;

/// Warns of settings that are allowed, but hardly intended.
fn warn_of(in_force: &InForce, place: &str) {
    let settings = &in_force.settings;
    let (told, untold) = settings
        .unknown
        .split_at(settings.unknown.len().min(UNKNOWN));
    for name in told {
        let meant = match meant(name) {
            Some(known) => format!(": did you mean `{known}`?"),
            None => String::new(),
        };
        let name = OneLine(name);
        tracing::warn!("{place}: ignoring the unknown member `{name}`{meant}");
    }
    if !untold.is_empty() {
        let more = untold.len();
        tracing::warn!("{place}: ignoring {more} more members that are unknown");
    }
    if settings.max_age.is_some() && settings.min_format != Some(2) {
        let place = in_force.place("max_age");
        tracing::warn!(
            "{place}: `max_age` applies to version 2 records only, and version 1 records bypass it: add \"min_format\": 2"
        );
    }
}

/// Warns of settings that do not apply to this store.
fn warn_of_store(in_force: &InForce, store: &StoreAddress) {
    let settings = &in_force.settings;
    match store {
        StoreAddress::Folder(_) if settings.sse.is_some() => {
            let place = in_force.place("sse");
            tracing::warn!("{place}: ignoring `sse`, which is for S3: the store is a folder");
        }
        StoreAddress::S3 { bucket, .. } => {
            let region = AccessPoint::of(bucket).map(|point| point.region);
            let other = settings.bucket_region.as_deref();
            if let (Some(region), Some(other)) = (region, other)
                && region != other
            {
                let place = in_force.place("bucket_region");
                tracing::warn!(
                    "{place}: ignoring `bucket_region`, which is `{other}`: the access point is in {region}"
                );
            }
        }
        StoreAddress::Folder(_) => {}
    }
}

pub(super) fn find(flags: &Flags, variables: &Variables) -> Result<Option<Found>> {
    let named = |path: &Path, source| {
        refuse_control(source, &path.to_string_lossy())?;
        find::named(&variables.working_directory, path, source).map(Some)
    };
    match (&flags.config, variables.path(CONFIG)) {
        (Some(path), _) => named(path, "--config"),
        (None, Some(path)) => named(&path, CONFIG),
        (None, None) if flags.say_all() => Ok(None),
        (None, None) => find::walk(variables),
    }
}

fn pair<'a>(
    found: Option<&'a Found>,
    in_force: &'a InForce,
    variables: &'a Variables,
) -> Result<Pair<'a>> {
    let settings: &Settings = &in_force.settings;
    if let Some(found) = found.filter(|found| found.by == By::Caller) {
        return Ok(Pair {
            s3_path: settings.s3_path.as_deref(),
            key_alias: settings.key_alias.as_deref(),
            base: base(found),
        });
    }
    let s3_path = variables.setting(S3_PATH)?;
    let key_alias = variables.setting(KEY_ALIAS)?;
    let (Some(found), true) = (
        found,
        settings.s3_path.is_some() || settings.key_alias.is_some(),
    ) else {
        return Ok(Pair {
            s3_path,
            key_alias,
            base: &variables.working_directory,
        });
    };
    let other = |value: Option<&str>, of_file: Option<&str>| value.is_some() && value != of_file;
    for (name, differs) in [
        (S3_PATH, other(s3_path, settings.s3_path.as_deref())),
        (KEY_ALIAS, other(key_alias, settings.key_alias.as_deref())),
    ] {
        if differs && found.by != By::Name {
            let place = in_force.place_of_pair();
            tracing::warn!("using {place}; ignoring {name}, which differs");
        }
    }
    Ok(Pair {
        s3_path: settings.s3_path.as_deref(),
        key_alias: settings.key_alias.as_deref(),
        base: base(found),
    })
}

/// The base of a relative folder that a file names.
fn base(found: &Found) -> &Path {
    found.path.parent().unwrap_or(Path::new("/"))
}

fn nothing(key_alias: Option<&str>, variables: &Variables) -> Error {
    if key_alias.is_some() {
        let message = format!("{KEY_ALIAS} is set, but {S3_PATH} is not");
        return Error::usage_hint(message, format!("set {S3_PATH}=BUCKET/PREFIX/ too"));
    }
    let nothing = variables.nothing_found();
    let is_runner = |name| variables.text(name) == Some("true");
    let message = format!("no configuration: {nothing}, and {S3_PATH} is not set");
    let first = if is_runner("GITHUB_ACTIONS") || is_runner("CI") {
        "set LAZYCRED_S3_PATH=BUCKET/PREFIX/ and AWS_REGION for the job, or put {"
    } else {
        "run `lazycred init --local` to start without AWS, or put {"
    };
    let members = r#""s3_path": "BUCKET/PREFIX/", "key_alias": "ALIAS", "region": "REGION""#;
    Error::usage_hint(message, format!("{first}{members}}} in `.lazycred`"))
}

fn attempts(variables: &Variables) -> Result<u32> {
    const NAME: &str = "AWS_MAX_ATTEMPTS";
    let Some(text) = variables.setting(NAME)? else {
        return Ok(ATTEMPTS);
    };
    let given = text.parse().ok().filter(|&attempts| attempts > 0);
    given.ok_or_else(|| {
        let text: String = text.chars().take(SHOWN).collect();
        Error::usage(format!(
            "the variable {NAME} is `{}`, but must be a positive number",
            OneLine(text)
        ))
    })
}
