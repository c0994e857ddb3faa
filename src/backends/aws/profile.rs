//! The chosen AWS profile: whether it is there, and whether its members can be used.
//!
//! If a profile does not exist, the SDK moves on to the next source, whose
//! credentials may be someone else's, and it panics on some values. No message
//! contains a value, since it may be a secret.

use std::fmt;
use std::path::{Path, PathBuf};

use aws_config::profile::{Profile, ProfileSet};

use super::profile_files::{self, Files};
use super::variables::{set, unfit, with_query, with_user_part};
use crate::base::{Error, OneLine, Result, similar};
use crate::config::{Origin, UserPart, user_part};

/// The profile that the SDK uses if none is chosen.
const DEFAULT: &str = "default";

/// How many profiles a hint lists.
const LISTED: usize = 8;

/// The members that lazycred or the SDK uses.
const MEMBERS: [&str; 30] = [
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
    "ec2_metadata_service_endpoint_mode",
];

/// Those sent verbatim in a header.
const IN_HEADERS: [&str; 2] = ["aws_access_key_id", "aws_session_token"];

/// Both files, and the profile chosen in them.
#[derive(Debug)]
pub(super) struct Profiles {
    pub(super) files: Files,
    name: String,
    named_by: NamedBy,
}

/// What chose the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NamedBy {
    /// A flag or the configuration.
    Caller,
    /// `AWS_PROFILE`.
    Variable,
    /// Nothing.
    Nobody,
}

/// A profile's members, empty ones left out. Shown, it is `the AWS profile` with its
/// name and file.
pub(super) struct Members<'a> {
    profile: &'a Profile,
    file: &'a Path,
}

/// Reads both files and chooses a profile: `name`, else by AWS's own rules. Fails if
/// a file cannot be used, or if a member in use has an unusable value.
pub(super) async fn load(name: Option<&str>) -> Result<Profiles> {
    let of_variable = || Some((set("AWS_PROFILE")?, NamedBy::Variable));
    let of_caller = name.map(|name| (name.to_owned(), NamedBy::Caller));
    let (name, named_by) = of_caller
        .or_else(of_variable)
        .unwrap_or_else(|| (DEFAULT.to_owned(), NamedBy::Nobody));
    let profiles = Profiles {
        files: profile_files::load(&name).await?,
        name,
        named_by,
    };
    profiles.check()?;
    profiles.check_services()?;
    Ok(profiles)
}

impl Profiles {
    /// The chosen profile's name, whether or not it exists.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a flag or the configuration chose it.
    pub(super) fn is_explicit(&self) -> bool {
        self.named_by == NamedBy::Caller
    }

    /// The profile, if the user named it.
    pub(super) fn named_profile(&self) -> Option<Members<'_>> {
        let profile = self.members(&self.name);
        profile.filter(|_| self.named_by != NamedBy::Nobody)
    }

    /// The profile that `AWS_PROFILE` names, if it has a role.
    pub(super) fn ignored_role(&self) -> Option<&str> {
        let profile = self.named_profile()?;
        profile.get("role_arn").map(|_| self.name())
    }

    /// Whether it has a role, and a source of credentials to assume that with.
    pub(super) fn has_role(&self) -> bool {
        self.member("role_arn").is_some() && self.member("web_identity_token_file").is_none()
    }

    /// Whether the credentials file itself has a profile's access key id.
    pub(super) fn keeps_keys(&self, name: &str) -> bool {
        let secret = self.files.secret.as_ref();
        let id = secret.and_then(|set| set.get_profile(name)?.get("aws_access_key_id"));
        id.is_some_and(|id| !id.is_empty())
    }

    /// The profile that `AWS_DEFAULT_PROFILE` names, if nothing chose one.
    pub(super) fn overlooked(&self) -> Option<String> {
        let name = set("AWS_DEFAULT_PROFILE").filter(|name| name != DEFAULT);
        name.filter(|_| self.named_by == NamedBy::Nobody)
    }

    fn get(&self, name: &str) -> Option<&Profile> {
        self.files.set.as_ref()?.get_profile(name)
    }

    /// A profile's members, if it exists.
    pub(super) fn members(&self, name: &str) -> Option<Members<'_>> {
        let secret = self.files.secret.as_ref();
        let in_secret = secret.and_then(|set| set.get_profile(name)).is_some();
        Some(Members {
            profile: self.get(name)?,
            file: &self.files.paths[usize::from(in_secret)],
        })
    }

    /// A member of the chosen profile.
    pub(super) fn member(&self, member: &str) -> Option<&str> {
        let value = self.get(&self.name)?.get(member);
        value.filter(|value| !value.is_empty())
    }

    /// The chosen profile, then each `source_profile` in turn.
    fn chain(&self) -> Vec<&Profile> {
        let mut chain: Vec<&Profile> = Vec::new();
        let mut next = Some(self.name());
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
        let path = self.get(&self.name)?.get("ca_bundle")?;
        let below = path.strip_prefix("~/");
        let at_home = below.and_then(|below| Some(Path::new(&set("HOME")?).join(below)));
        (!path.is_empty()).then(|| at_home.unwrap_or_else(|| path.into()))
    }

    /// Where the chosen profile says that the instance's metadata (IMDS) is.
    pub(super) fn metadata_endpoint(&self) -> Option<Origin> {
        let profile = self.get(&self.name)?;
        let endpoint = profile.get("ec2_metadata_service_endpoint")?;
        Origin::of(&endpoint.parse().ok()?).ok()
    }

    /// Refuses a profile that the user named and neither file contains.
    pub(super) fn check_named(&self) -> Result<()> {
        let by = match self.named_by {
            NamedBy::Caller => "--profile or `profile`",
            NamedBy::Variable => "AWS_PROFILE",
            NamedBy::Nobody => return Ok(()),
        };
        if self.get(&self.name).is_some() {
            return Ok(());
        }
        let name = OneLine(&self.name);
        let message = format!(
            "no AWS profile `{name}`, which {by} names, in {}",
            self.places()
        );
        Err(Error::usage_hint(message, self.others(&self.name)))
    }

    /// The error for a `source_profile` that neither file contains.
    pub(super) fn no_source(&self, by: &str, name: &str) -> Error {
        let message = format!(
            "no AWS profile `{}`, the `source_profile` of `{}`, in {}",
            OneLine(name),
            OneLine(by),
            self.places()
        );
        Error::usage_hint(message, self.others(name))
    }

    /// Where profiles are.
    fn places(&self) -> String {
        let paths = self.files.paths.iter();
        let paths = paths.filter(|path| !path.as_os_str().is_empty());
        let shown = paths.map(|path| format!("`{}`", OneLine(path.to_string_lossy())));
        match shown.collect::<Vec<_>>().join(" or ") {
            none if none.is_empty() => "any file, since HOME is not set".to_owned(),
            places => places,
        }
    }

    /// What there is instead of a profile, as a hint.
    fn others(&self, name: &str) -> String {
        let all = self.files.set.iter().flat_map(ProfileSet::profiles);
        let mut all: Vec<&str> = all.collect();
        all.sort_unstable();
        let close = similar(name, all.iter().copied());
        let close = close.first().filter(|_| all.len() > 1);
        let meant = close.map(|close| format!("did you mean `{}`? ", OneLine(close)));
        let meant = meant.unwrap_or_default();
        let more = if all.len() > LISTED { ", …" } else { "" };
        all.truncate(LISTED);
        let listed: Vec<String> = all
            .iter()
            .map(|name| format!("`{}`", OneLine(name)))
            .collect();
        match listed.join(", ") {
            none if none.is_empty() => {
                "neither file has a profile; `[profile NAME]` starts one in the first".to_owned()
            }
            listed => {
                format!(
                    "{meant}there are {listed}{more}; in the first file `[profile NAME]` starts one"
                )
            }
        }
    }

    /// Whether the configuration file has an SSO session of this name.
    pub(super) fn has_session(&self, name: &str) -> bool {
        let set = self.files.set.as_ref();
        set.is_some_and(|set| set.sso_session(name).is_some())
    }

    /// A member of an SSO session.
    pub(super) fn of_session(&self, name: &str, member: &str) -> Option<&str> {
        let value = self.files.set.as_ref()?.sso_session(name)?.get(member);
        value.filter(|value| !value.is_empty())
    }

    /// Refuses `services` of the chosen profile that are not there.
    fn check_services(&self) -> Result<()> {
        let Some(name) = self.member("services") else {
            return Ok(());
        };
        let is_ignored = set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            .or_else(|| Some(self.member("ignore_configured_endpoint_urls")?.to_owned()))
            .is_some_and(|word| word.eq_ignore_ascii_case("true"));
        if is_ignored || self.files.services.iter().any(|known| known == name) {
            return Ok(());
        }
        let file = OneLine(self.files.paths[0].to_string_lossy());
        Err(Error::usage_hint(
            format!(
                "`services` of the AWS profile `{}` names the section `[services {}]`, which is not in `{file}`",
                OneLine(&self.name),
                OneLine(name)
            ),
            "add the section, or remove `services` from the profile",
        ))
    }

    /// Checks every member in use.
    fn check(&self) -> Result<()> {
        for profile in self.chain() {
            let what = format!("the AWS profile `{}`", OneLine(profile.name()));
            let session = profile.get("sso_session");
            let session = session.and_then(|name| self.files.set.as_ref()?.sso_session(name));
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
            let secret = self.files.secret.as_ref();
            let of_secret = secret.and_then(|set| set.get_profile(profile.name())?.get(member));
            let file = &self.files.paths[usize::from(of_secret == Some(value))];
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
}

impl<'a> Members<'a> {
    pub(super) fn name(&self) -> &'a str {
        self.profile.name()
    }

    pub(super) fn get(&self, member: &str) -> Option<&'a str> {
        let value = self.profile.get(member);
        value.filter(|value| !value.is_empty())
    }

    /// The same without its file.
    pub(super) fn in_short(&self) -> String {
        format!("the AWS profile `{}`", OneLine(self.name()))
    }
}

impl fmt::Display for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, in `{}`",
            self.in_short(),
            OneLine(self.file.to_string_lossy())
        )
    }
}
