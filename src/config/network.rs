//! The network's settings: the proxy, and certificates to trust.

use std::fmt;
use std::path::PathBuf;

use super::origin::Origin;
use super::user_part::{UserPart, user_part};
use super::variables::Variables;
use crate::base::{Error, OneLine, Result};

/// The network's settings.
#[derive(Clone, Default)]
pub struct Network {
    /// `HTTPS_PROXY`: `http://user:password@host:port`, `https://…`, or only `host:port`.
    pub https_proxy: Option<String>,
    /// `NO_PROXY`: domains, addresses and networks, separated by commas.
    pub no_proxy: Option<String>,
    /// `AWS_CA_BUNDLE`, else `ca_bundle` of the AWS profile: a PEM file that replaces
    /// all other trust roots.
    pub ca_bundle: Option<PathBuf>,
    /// The AWS profile that names the bundle, if it is not the variable.
    pub(crate) ca_bundle_profile: Option<String>,
    /// `SSL_CERT_FILE`: a PEM file that replaces the compiled-in trust roots.
    pub ssl_cert_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`: folders of PEM files, separated by colons, likewise.
    pub ssl_cert_dir: Option<PathBuf>,
    /// `LAZYCRED_ALLOW_HTTP=1`: plain http also to addresses other than loopback.
    pub allow_http: bool,
    /// Where variables and profiles say that credentials are served.
    pub(crate) credential_endpoints: Vec<Origin>,
    /// The variable that the proxy comes from, if it is not `HTTPS_PROXY`.
    pub(crate) proxy_variable: Option<&'static str>,
    /// Whether there is a variable `ALL_PROXY`, which AWS's own tools do not read either.
    pub(crate) has_all_proxy: bool,
}

impl Network {
    /// What to call the setting of the proxy.
    pub(crate) fn proxy_variable(&self) -> &'static str {
        self.proxy_variable.unwrap_or("HTTPS_PROXY")
    }
}

/// Shows no proxy, whose URL may contain a password.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("allow_http", &self.allow_http)
            .finish_non_exhaustive()
    }
}

impl Network {
    /// What names the trust roots, if anything does.
    pub(crate) fn trust_named_by(&self) -> Option<String> {
        if self.ca_bundle.is_some() {
            return Some(match &self.ca_bundle_profile {
                None => "AWS_CA_BUNDLE".into(),
                Some(profile) => format!("`ca_bundle` of the AWS profile `{}`", OneLine(profile)),
            });
        }
        let named = match (&self.ssl_cert_file, &self.ssl_cert_dir) {
            (None, None) => return None,
            (Some(_), None) => "SSL_CERT_FILE",
            (None, Some(_)) => "SSL_CERT_DIR",
            (Some(_), Some(_)) => "SSL_CERT_FILE or SSL_CERT_DIR",
        };
        Some(named.into())
    }
}

/// Reads them from variables. An error names the variable but does not show its value,
/// which may contain a password.
pub(super) fn of(variables: &Variables) -> Result<Network> {
    let https_proxy = either(variables, ["HTTPS_PROXY", "https_proxy"])?;
    if let Some((name, _)) = https_proxy.filter(|(_, url)| user_part(url) == UserPart::Ambiguous) {
        return Err(Error::usage_hint(
            format!(
                "the variable {name} has a user name or password that programs parse differently"
            ),
            "in the user name and the password, write `@` as %40, `#` as %23, `/` as %2F, `?` as %3F",
        ));
    }
    let certificates = ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"];
    for name in certificates {
        let is_control =
            |value: &std::ffi::OsStr| value.as_encoded_bytes().iter().any(u8::is_ascii_control);
        if variables.value(name).is_some_and(is_control) {
            return Err(controlled(name));
        }
    }
    let endpoints = [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    ];
    let endpoint = |name| Origin::of(&variables.text(name)?.parse().ok()?).ok();
    let owned = |(_, text): (&str, &str)| text.to_owned();
    Ok(Network {
        https_proxy: https_proxy.map(owned),
        proxy_variable: https_proxy.map(|(name, _)| name),
        has_all_proxy: either(variables, ["ALL_PROXY", "all_proxy"]).is_ok_and(|set| set.is_some()),
        no_proxy: either(variables, ["NO_PROXY", "no_proxy"])?.map(owned),
        ca_bundle: variables.path(certificates[0]),
        ca_bundle_profile: None,
        ssl_cert_file: variables.path(certificates[1]),
        ssl_cert_dir: variables.path(certificates[2]),
        allow_http: variables.text("LAZYCRED_ALLOW_HTTP") == Some("1"),
        credential_endpoints: endpoints.into_iter().filter_map(endpoint).collect(),
    })
}

/// Why a proxy is not a URL at all, as the end of a sentence.
pub(crate) const NO_PROXY_URL: &str = "is not the URL of a proxy";

/// The URL of a proxy, whose scheme may be missing; or why it cannot be used, as the
/// end of a sentence that does not show it.
pub(crate) fn proxy_url(proxy: &str) -> Result<String, &'static str> {
    let url = match proxy.split_once("://") {
        Some((scheme, _))
            if ["http", "https"]
                .iter()
                .any(|kind| scheme.eq_ignore_ascii_case(kind)) =>
        {
            proxy.to_owned()
        }
        None => format!("http://{proxy}"),
        Some(_) => {
            return Err(
                "names a proxy of a kind other than http:// and https://, which is not supported",
            );
        }
    };
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    // Colons in an address's brackets do not start a port.
    let after_host = place.rsplit(']').next().unwrap_or_default();
    let is_port = |port: &str| {
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        digits && port.parse::<u16>().is_ok_and(|port| port != 0)
    };
    match after_host.rsplit_once(':') {
        Some((_, port)) if !is_port(port) => {
            return Err("has a port that is not a number from 1 to 65535");
        }
        _ => {}
    }
    let uri: Option<hyper::Uri> = url.parse().ok();
    if uri.is_some_and(|uri| Origin::of(&uri).is_ok()) {
        Ok(url)
    } else {
        Err(NO_PROXY_URL)
    }
}

/// The first of two variables that is set, and its text.
fn either<'a>(
    variables: &'a Variables,
    names: [&'static str; 2],
) -> Result<Option<(&'static str, &'a str)>> {
    for name in names {
        // Not read as a setting, whose error would show the value.
        let Some(value) = variables.value(name) else {
            continue;
        };
        let text = value
            .to_str()
            .ok_or_else(|| Error::usage(format!("the variable {name} is not UTF-8")))?;
        if text.contains(char::is_control) {
            return Err(controlled(name));
        }
        return Ok(Some((name, text)));
    }
    Ok(None)
}

fn controlled(name: &str) -> Error {
    Error::usage(format!("the variable {name} contains a control character"))
}
