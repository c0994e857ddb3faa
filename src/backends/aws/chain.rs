//! Where the credentials come from, settled before any client is made.
//!
//! What the user named is binding: a profile, a `source_profile`, or a variable that
//! cannot be used is an error, never a reason to try the next source. The order of
//! the sources is that of AWS's own command line, as is that within a profile: a
//! profile chosen by flag or configuration comes before the variables, any other's
//! role before a web identity of variables, and its other sources after that.
//!
//! Source: `botocore.credentials.create_credential_resolver`.

use super::instance;
use super::plan::{Base, Plan, TokenOf, session_name};
use super::profile::Profiles;
use super::variables::{ID, ROLE, SECRET, TOKEN_FILE, has_keys, names_a_container, set};
use crate::base::{Error, OneLine, Result, shell_word};

/// Settles where the credentials come from.
pub(super) fn choose(profiles: &Profiles) -> Result<Plan> {
    profiles.check_named()?;
    if let Some(name) = profiles.overlooked() {
        let word = shell_word(&name);
        tracing::warn!("AWS_DEFAULT_PROFILE is not used; AWS_PROFILE={word} chooses that profile");
    }
    if !profiles.is_explicit() && has_keys()? {
        if let Some(name) = profiles.ignored_role() {
            tracing::warn!(
                "the role of the AWS profile `{}` is not assumed, since {ID} and {SECRET} are set; --profile chooses it",
                OneLine(name)
            );
        }
        return Ok(Plan::of(Base::Variables));
    }
    if let Some(identity) = web_identity_before(profiles) {
        return Ok(Plan::of(identity));
    }
    if let Some(plan) = profiles.plan()? {
        return Ok(plan);
    }
    let mut base = without_profile(profiles)?;
    let empty = profiles.named_profile();
    if let Some(empty) = &empty {
        let instead = match &base {
            Base::Container => "the container",
            Base::Instance(_) => "the instance",
            _ => {
                return Err(Error::usage_hint(
                    format!("{empty}, holds no credentials"),
                    "add a pair of keys, `credential_process`, `sso_session` or `role_arn` to it, or choose another with --profile",
                ));
            }
        };
        tracing::warn!("{empty}, holds no credentials; those of {instead} are used");
    }
    if let Base::Instance(metadata) = &mut base {
        metadata.before = match empty {
            Some(empty) => format!("no credentials: {} holds none, and ", empty.in_short()),
            None => "no credentials: there are no access-key variables, profile, web identity or container role, and ".to_owned(),
        };
    }
    Ok(Plan::of(base))
}

/// The web identity of variables, where it comes before the profile's own source.
fn web_identity_before(profiles: &Profiles) -> Option<Base> {
    if profiles.is_explicit() || profiles.has_role() {
        return None;
    }
    let identity = of_variables(set(TOKEN_FILE)?, set(ROLE)?);
    if let Some(profile) = profiles.named_profile() {
        let what = match profiles.plan() {
            Ok(None) => "holds no credentials; those of the web identity are used".to_owned(),
            _ => format!(
                "is not used for credentials, since {TOKEN_FILE} and {ROLE} are set; --profile chooses it"
            ),
        };
        tracing::warn!("{profile}, {what}");
    }
    Some(identity)
}

fn of_variables(file: String, role: String) -> Base {
    Base::WebIdentity(TokenOf {
        file: file.into(),
        named_by: TOKEN_FILE.to_owned(),
        role,
        session_name: set("AWS_ROLE_SESSION_NAME")
            .unwrap_or_else(|| session_name("web-identity-token")),
    })
}

/// The sources after the profile.
fn without_profile(profiles: &Profiles) -> Result<Base> {
    let token_file = set(TOKEN_FILE).filter(|_| !profiles.is_explicit());
    if let Some(file) = token_file {
        let Some(role) = set(ROLE) else {
            return Err(Error::usage_hint(
                format!("{TOKEN_FILE} is set, but {ROLE} is missing or empty"),
                format!("set both, or unset {TOKEN_FILE} to use another source of credentials"),
            ));
        };
        return Ok(of_variables(file, role));
    }
    if names_a_container()? {
        return Ok(Base::Container);
    }
    if !instance::is_allowed() {
        let looked_at = "no access-key variables, profile, web identity or container role, and AWS_EC2_METADATA_DISABLED is set";
        return Ok(Base::Nowhere(looked_at.to_owned()));
    }
    Ok(Base::Instance(instance::metadata(profiles)?))
}
