//! What is shown of AWS's own settings before anything is asked.

use std::fmt::Write as _;

use super::Aws;
use super::errors::of_refusal;
use super::plan::{Base, Plan};
use super::variables::{CONTAINER, ID, SECRET, set};
use crate::base::{Error, OneLine, Result};
use crate::config::without_secrets;

impl Plan {
    /// Where the credentials come from, in words; `None` if there is no source.
    pub(super) fn source(&self) -> Option<String> {
        let mut words = match &self.base {
            Base::Variables => format!("{ID} and {SECRET}"),
            Base::Static { of, .. } => of.clone(),
            Base::Process { profile, .. } => of_member("credential_process", profile),
            Base::Login { profile } => of_member("login_session", profile),
            Base::Sso { profile } => {
                format!(
                    "IAM Identity Center, by the AWS profile `{}`",
                    OneLine(profile)
                )
            }
            Base::WebIdentity(token) => format!(
                "the web identity in `{}`, from {}, as {}",
                OneLine(token.file.to_string_lossy()),
                token.named_by,
                OneLine(&token.role)
            ),
            Base::Container => container(),
            Base::Instance(metadata) => metadata.shown(),
            Base::Nowhere(_) => return None,
        };
        for role in &self.roles {
            let (arn, profile) = (OneLine(&role.arn), OneLine(&role.profile));
            let _ = write!(
                words,
                ", which assumes {arn} of the AWS profile `{profile}`"
            );
        }
        Some(words)
    }
}

fn of_member(member: &str, profile: &str) -> String {
    format!("`{member}` of the AWS profile `{}`", OneLine(profile))
}

fn container() -> String {
    let [relative, full] = CONTAINER;
    let (named_by, url) = match set(relative) {
        Some(path) => (relative, format!("http://169.254.170.2{path}")),
        None => (full, set(full).unwrap_or_default()),
    };
    let url = OneLine(without_secrets(&url));
    format!("the container's role, asked for at `{url}`, from {named_by}")
}

impl Aws {
    /// Where the credentials come from, in words; `None` if nothing gives any.
    pub(crate) fn credentials_source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The services that are asked for credentials.
    pub(crate) fn credential_services(&self) -> &'static [&'static str] {
        self.credential_services
    }

    /// The proxy and what names it, in words, without a user name or password.
    pub(crate) fn proxy(&self) -> Option<String> {
        let network = self.clients.network();
        let proxy = network.https_proxy.as_deref().map(str::trim);
        let proxy = proxy.filter(|proxy| !proxy.is_empty())?;
        let (shown, named_by) = (OneLine(without_secrets(proxy)), network.proxy_variable());
        Some(format!("`{shown}`, from {named_by}"))
    }

    /// The certificates to trust and what names them, in words; `None` if nothing
    /// does. Fails if they cannot be used.
    pub(crate) fn certificates(&self) -> Result<Option<String>> {
        let network = self.clients.network();
        self.clients
            .check_trust()
            .map_err(|refusal| Error::usage_hint(refusal.to_string(), of_refusal(&refusal)))?;
        let files = [
            &network.ca_bundle,
            &network.ssl_cert_file,
            &network.ssl_cert_dir,
        ];
        let file = files.into_iter().flatten().next();
        Ok(file.zip(network.trust_named_by()).map(|(file, named_by)| {
            format!("`{}`, from {named_by}", OneLine(file.to_string_lossy()))
        }))
    }
}
