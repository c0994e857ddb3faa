//! What variables say of the network: the proxy, and certificates to trust.

use super::resolve::Variables;
use crate::error::{Error, Result};
use crate::http::{Network, UserPart, unusable_proxy, user_part};

/// Where credentials and metadata are served: never through a proxy.
const METADATA_HOSTS: [&str; 5] = [
    "169.254.169.254",
    "fd00:ec2::254",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::23",
];

/// Reads them.
///
/// # Errors
///
/// [`Error::Usage`] that names the variable, and none of its value: a proxy's
/// URL has a password.
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
    if let Some((name, proxy)) = https_proxy
        && let Some(why) = unusable_proxy(proxy)
    {
        return Err(Error::usage_hint(
            format!("the variable {name} {why}"),
            "the URL of a proxy is http://HOST:PORT or http://USER:PASSWORD@HOST:PORT",
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
    let mut direct_hosts: Vec<String> = METADATA_HOSTS.map(str::to_owned).into();
    for name in [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    ] {
        let url: Option<hyper::Uri> = variables.text(name).and_then(|url| url.parse().ok());
        direct_hosts.extend(url.and_then(|url| url.host().map(str::to_owned)));
    }
    let owned = |(_, text): (&str, &str)| text.to_owned();
    Ok(Network {
        https_proxy: https_proxy.map(owned),
        no_proxy: either(variables, ["NO_PROXY", "no_proxy"])?.map(owned),
        ca_bundle: variables.path(certificates[0]),
        ssl_cert_file: variables.path(certificates[1]),
        ssl_cert_dir: variables.path(certificates[2]),
        allow_http: variables.text("LAZYCRED_ALLOW_HTTP") == Some("1"),
        direct_hosts,
    })
}

/// The first of two variables that is set, and its text.
fn either<'a>(
    variables: &'a Variables,
    names: [&'static str; 2],
) -> Result<Option<(&'static str, &'a str)>> {
    for name in names {
        // Not as a setting, whose error would show it.
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
