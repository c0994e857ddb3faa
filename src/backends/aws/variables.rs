//! AWS's own variables, checked before the SDK reads them: it panics on some values,
//! and silently ignores others.
//!
//! No message contains a value, since it may be a secret.

use std::env::VarError;

use aws_types::os_shim_internal::Env;

use crate::base::{Error, Result};
use crate::config::{UserPart, user_part};

/// The size limit of a setting or credential, in bytes: no service accepts more.
pub(super) const LONGEST: usize = 16 * 1024;

/// All variables that the SDK reads for the services in use.
const NAMES: [&str; 44] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ACCOUNT_ID",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_KMS",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_MAX_ATTEMPTS",
    "AWS_NEW_RETRIES_2026",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    "AWS_DISABLE_CLOCK_SKEW_CORRECTION",
    "AWS_RETRY_MODE",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_RESPONSE_CHECKSUM_VALIDATION",
    "AWS_SDK_UA_APP_ID",
    "AWS_EXECUTION_ENV",
    "AWS_AUTH_SCHEME_PREFERENCE",
    "AWS_SIGV4A_SIGNING_REGION_SET",
    "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
    "AWS_DISABLE_REQUEST_COMPRESSION",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
];

pub(super) const ID: &str = "AWS_ACCESS_KEY_ID";
pub(super) const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
pub(super) const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
pub(super) const ROLE: &str = "AWS_ROLE_ARN";

/// The variables that lead to a container's credentials.
pub(super) const CONTAINER: [&str; 2] = [
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// A variable, unless it is blank.
pub(super) fn set(name: &str) -> Option<String> {
    let value = Env::real().get(name).ok();
    value.filter(|value| !value.trim().is_empty())
}

/// Those sent verbatim in a header.
const IN_HEADERS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_EXECUTION_ENV",
];

/// Those that are URLs.
const URLS: [&str; 3] = [
    "AWS_ENDPOINT_URL",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
];

/// Refuses unusable values, naming the variable.
pub(super) fn check() -> Result<()> {
    let variables = Env::real();
    for name in NAMES {
        let value = match variables.get(name) {
            Ok(value) => value,
            Err(VarError::NotPresent) => continue,
            Err(VarError::NotUnicode(_)) => {
                return Err(Error::usage(format!("the variable {name} is not UTF-8")));
            }
        };
        if let Some(what) = unfit(&value, IN_HEADERS.contains(&name)) {
            return Err(Error::usage(format!("the variable {name} {what}")));
        }
        if URLS.iter().any(|url| name.starts_with(url)) && user_part(&value) != UserPart::None {
            return Err(with_user_part(&format!("the variable {name}")));
        }
        if name.starts_with("AWS_ENDPOINT_URL") && value.contains(['?', '#']) {
            return Err(with_query(&format!("the variable {name}")));
        }
    }
    Ok(())
}

/// Whether both key variables are there. Half of the pair is refused.
pub(super) fn has_keys() -> Result<bool> {
    let secret = || set("SECRET_ACCESS_KEY").filter(|_| set(ID).is_some());
    let missing = match (set(ID), set(SECRET).or_else(secret)) {
        (Some(_), Some(_)) => return Ok(true),
        (None, None) => return Ok(false),
        (Some(_), None) => (ID, SECRET),
        (None, Some(_)) => (SECRET, ID),
    };
    let (given, missing) = missing;
    Err(Error::usage_hint(
        format!("{given} is set, but {missing} is missing or empty"),
        format!("set both, or unset {given} to use another source of credentials"),
    ))
}

/// Whether a container's credentials are offered. Refuses an empty variable beside the
/// one that offers them, since the SDK would take the empty one.
pub(super) fn names_a_container() -> Result<bool> {
    let [relative, full] = CONTAINER;
    let is_set = set(relative).is_some();
    if is_set || set(full).is_none() {
        return Ok(is_set);
    }
    if Env::real().get(relative).is_ok() {
        return Err(Error::usage_hint(
            format!("{full} is set, but {relative} is empty and stands before it"),
            format!("unset {relative}"),
        ));
    }
    Ok(true)
}

/// The error for an endpoint with a user name or password, which signed requests
/// cannot use.
pub(super) fn with_user_part(what: &str) -> Error {
    Error::usage_hint(
        format!("{what} has a user name before the `@`, which requests cannot use"),
        "remove it; in a path, write `@` as %40",
    )
}

/// The error for an endpoint with a query or a fragment: requests would drop it, and
/// the SDK would log it.
pub(super) fn with_query(what: &str) -> Error {
    Error::usage_hint(
        format!("{what} has a `?` or `#`, which requests cannot use"),
        "remove it and everything after it",
    )
}

/// Why a value is unusable, as the end of a sentence.
pub(super) fn unfit(value: &str, in_header: bool) -> Option<String> {
    if value.len() > LONGEST {
        let length = value.len();
        return Some(format!("is {length} bytes long; the limit is {LONGEST}"));
    }
    if let Some((at, control)) = value.chars().enumerate().find(|(_, c)| c.is_control()) {
        let code = u32::from(control);
        let at = if at + 1 == value.chars().count() {
            "at its end".to_owned()
        } else {
            format!("at character {}", at + 1)
        };
        return Some(format!("contains a control character, U+{code:04X}, {at}"));
    }
    (in_header && !value.is_ascii()).then(|| "contains a non-ASCII character".to_owned())
}
