//! The AWS profile: read once, checked, and passed to the SDK unchanged.
//!
//! If a profile does not exist, the SDK moves on to the next source, whose
//! credentials may be someone else's, and it panics on some values. No message
//! contains a value, since it may be a secret.

#![expect(
    deprecated,
    reason = "the replacements are in a crate that is not a dependency"
)]

use std::io;
use std::path::{Path, PathBuf};

use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
use aws_config::profile::{self, Profile, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

use super::variables::{unfit, with_query, with_user_part};
use crate::base::{Error, OneLine, Result};
use crate::config::small_file;
use crate::config::{Origin, UserPart, user_part};

/// The profile that the SDK uses if none is chosen.
const DEFAULT: &str = "default";

/// The size limit of a file of profiles, in bytes.
const LARGEST: usize = 4 << 20;

/// The members that lazycred or the SDK uses.
const MEMBERS: [&str; 29] = [
    "region",
    "endpoint_url",
    "services",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_account_id",
    "role_arn",
    "source_profile",
    "credential_source",
    "external_id",
    "role_session_name",
    "web_identity_token_file",
    "credential_process",
    "login_session",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_region",
    "sso_start_url",
    "ca_bundle",
    "sdk_ua_app_id",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "ignore_configured_endpoint_urls",
    "request_checksum_calculation",
    "response_checksum_validation",
    "mfa_serial",
    "ec2_metadata_service_endpoint",
];

/// Those sent verbatim in a header.
const IN_HEADERS: [&str; 2] = ["aws_access_key_id", "aws_session_token"];

/// Both files, and the profile chosen in them.
#[derive(Debug)]
pub(super) struct Profiles {
    pub(super) files: ProfileFiles,
    /// `None` if they are empty, or if the SDK cannot parse them and will say so.
    set: Option<ProfileSet>,
    /// The credentials file alone, to tell which file a value comes from.
    secret: Option<ProfileSet>,
    paths: [PathBuf; 2],
}

/// A role, assumed with the preceding credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) external_id: Option<String>,
    pub(super) session_name: Option<String>,
}

/// The source at the end of a profile's chain, unless it is left to the SDK.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Base {
    Process {
        profile: String,
        command: String,
        account: Option<String>,
    },
    Login {
        profile: String,
    },
}

/// Reads both files and chooses a profile: `name`, else by AWS's own rules. Fails if
/// a file is not UTF-8 or too large, or if a member in use has an unusable value.
pub(super) async fn load(name: Option<&str>) -> Result<Profiles> {
    let paths = [
        path("AWS_CONFIG_FILE", ".aws/config"),
        path("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    ];
    let [config, secret] = [read(&paths[0])?, read(&paths[1])?];
    let of_secret = (!secret.is_empty()).then(|| {
        ProfileFiles::builder()
            .with_contents(ProfileFileKind::Credentials, secret.clone())
            .build()
    });
    // Even empty files take the SDK surprisingly long to read.
    let nothing = name.is_none() && config.is_empty() && secret.is_empty();
    let files = ProfileFiles::builder()
        .with_contents(ProfileFileKind::Config, config)
        .with_contents(ProfileFileKind::Credentials, secret)
        .build();
    let profiles = Profiles {
        set: if nothing {
            None
        } else {
            parsed(&files, name).await
        },
        secret: match of_secret {
            Some(files) => parsed(&files, name).await,
            None => None,
        },
        files,
        paths,
    };
    profiles.check()?;
    Ok(profiles)
}

async fn parsed(files: &ProfileFiles, name: Option<&str>) -> Option<ProfileSet> {
    let chosen = name.map(|name| name.to_owned().into());
    let loaded = profile::load(&Fs::real(), &Env::real(), files, chosen).await;
    loaded.ok()
}

/// The path of a file: from a variable, else in the home folder, else empty. The
/// working directory is never searched.
fn path(variable: &str, at_home: &str) -> PathBuf {
    let variables = Env::real();
    let set = |name| variables.get(name).ok().filter(|text| !text.is_empty());
    let home = || set("HOME").map(PathBuf::from);
    match set(variable) {
        None => home().map(|home| home.join(at_home)),
        Some(path) => match Path::new(&path).strip_prefix("~") {
            Ok(below) => home().map(|home| home.join(below)),
            Err(_) => Some(path.into()),
        },
    }
    .unwrap_or_default()
}

/// A file's text; empty if the file does not exist.
fn read(path: &Path) -> Result<String> {
    let shown = OneLine(path.display().to_string());
    let wrong = |what: &str| Err(Error::usage(format!("the AWS file `{shown}` {what}")));
    match small_file::open(path).and_then(|file| small_file::read(&file, LARGEST)) {
        Ok(bytes) => String::from_utf8(bytes.to_vec()).or_else(|_| wrong("is not UTF-8")),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(String::new()),
            io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => {
                tracing::warn!("the AWS file `{shown}` cannot be read and is ignored: {error}");
                Ok(String::new())
            }
            _ => wrong(&format!("cannot be read: {error}")),
        },
    }
}

impl Profiles {
    fn selected(&self) -> &str {
        self.set
            .as_ref()
            .map_or(DEFAULT, ProfileSet::selected_profile)
    }

    /// The chosen profile's name, whether or not it exists.
    pub(super) fn name(&self) -> String {
        let of_variable = || Env::real().get("AWS_PROFILE").ok();
        let chosen = self.set.as_ref().map(|set| set.selected_profile().into());
        chosen
            .or_else(of_variable)
            .unwrap_or_else(|| DEFAULT.into())
    }

    fn get(&self, name: &str) -> Option<&Profile> {
        self.set.as_ref()?.get_profile(name)
    }

    /// The chosen profile, then each `source_profile` in turn.
    fn chain(&self) -> Vec<&Profile> {
        let mut chain: Vec<&Profile> = Vec::new();
        let mut next = Some(self.selected());
        while let Some(profile) = next.and_then(|name| self.get(name)) {
            if chain.iter().any(|seen| seen.name() == profile.name()) {
                break;
            }
            chain.push(profile);
            next = profile.get("source_profile");
        }
        chain
    }

    /// The file of trust roots that the chosen profile names, in the home folder if it
    /// starts with `~/`. Those of a `source_profile` do not count.
    pub(super) fn ca_bundle(&self) -> Option<PathBuf> {
        let path = self.get(self.selected())?.get("ca_bundle")?;
        let below = path.strip_prefix("~/");
        let at_home =
            below.and_then(|below| Some(Path::new(&Env::real().get("HOME").ok()?).join(below)));
        (!path.is_empty()).then(|| at_home.unwrap_or_else(|| path.into()))
    }

    /// Where the chosen profile says that the instance's metadata (IMDS) is.
    pub(super) fn metadata_endpoint(&self) -> Option<Origin> {
        let profile = self.get(self.selected())?;
        let endpoint = profile.get("ec2_metadata_service_endpoint")?;
        Origin::of(&endpoint.parse().ok()?).ok()
    }

    /// Refuses a chosen profile that neither file contains.
    pub(super) fn check_chosen(&self, name: &str) -> Result<()> {
        if self.set.is_none() || name == DEFAULT || self.get(name).is_some() {
            return Ok(());
        }
        Err(Error::usage_hint(
            format!("no AWS profile `{}`", OneLine(name)),
            "use --profile or `profile` to name one in `~/.aws/config` or `~/.aws/credentials`",
        ))
    }

    /// Checks every member in use.
    fn check(&self) -> Result<()> {
        for profile in self.chain() {
            let what = format!("the AWS profile `{}`", OneLine(profile.name()));
            let session = profile.get("sso_session");
            let session = session.and_then(|name| self.set.as_ref()?.sso_session(name));
            for member in MEMBERS {
                if let Some(value) = profile.get(member) {
                    self.fits(profile, member, value, &what)?;
                }
                if let Some(value) = session.and_then(|session| session.get(member)) {
                    self.fits(
                        profile,
                        member,
                        value,
                        &format!("the `sso_session` of {what}"),
                    )?;
                }
            }
        }
        Ok(())
    }

    fn fits(&self, profile: &Profile, member: &str, value: &str, of: &str) -> Result<()> {
        let whole = || {
            let secret = self.secret.as_ref();
            let of_secret = secret.and_then(|set| set.get_profile(profile.name())?.get(member));
            let file = &self.paths[usize::from(of_secret == Some(value))];
            let file = OneLine(file.display().to_string());
            format!("`{member}` of {of}, in `{file}`,")
        };
        if let Some(what) = unfit(value, IN_HEADERS.contains(&member)) {
            return Err(Error::usage(format!("{} {what}", whole())));
        }
        let region = matches!(member, "region" | "sso_region");
        if region && !value.is_empty() && !crate::config::is_region(value) {
            return Err(Error::usage_hint(
                format!("{} is not a valid region", whole()),
                "use letters, digits and `-`, as in `eu-west-1`",
            ));
        }
        let is_url = matches!(member, "endpoint_url" | "ec2_metadata_service_endpoint");
        if is_url && user_part(value) != UserPart::None {
            return Err(with_user_part(&whole()));
        }
        if member == "endpoint_url" && value.contains(['?', '#']) {
            return Err(with_query(&whole()));
        }
        Ok(())
    }

    /// The source of credentials, and the roles to assume with them in turn; `None`
    /// if that is left to the SDK.
    ///
    /// Source: the SDK's own rules, in `aws_config::profile::credentials`.
    pub(super) fn credentials(&self) -> Option<(Base, Vec<Role>)> {
        let mut roles = Vec::new();
        let mut name = self.selected();
        let mut seen: Vec<&str> = Vec::new();
        loop {
            let profile = self.get(name)?;
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
            let has = |member| profile.get(member).is_some();
            let is_static = has("aws_access_key_id") && has("aws_secret_access_key");
            if seen.len() > 1 && is_static {
                return None;
            }
            if has("web_identity_token_file") || has("credential_source") {
                return None;
            }
            if let Some(arn) = profile.get("role_arn") {
                let text = |member| profile.get(member).map(str::to_owned);
                roles.push(Role {
                    arn: arn.to_owned(),
                    external_id: text("external_id"),
                    session_name: text("role_session_name"),
                });
                let source = profile.get("source_profile")?;
                if source != name {
                    name = source;
                    continue;
                }
            }
            roles.reverse();
            return Some((base(profile)?, roles));
        }
    }
}

fn base(profile: &Profile) -> Option<Base> {
    let of_sso = [
        "sso_session",
        "sso_start_url",
        "sso_region",
        "sso_account_id",
        "sso_role_name",
    ];
    if of_sso.iter().any(|member| profile.get(member).is_some()) {
        return None;
    }
    let name = profile.name().to_owned();
    if profile.get("login_session").is_some() {
        return Some(Base::Login { profile: name });
    }
    Some(Base::Process {
        profile: name,
        command: profile.get("credential_process")?.to_owned(),
        account: profile.get("aws_account_id").map(str::to_owned),
    })
}
