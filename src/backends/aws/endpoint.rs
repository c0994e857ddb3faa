//! Endpoints other than AWS's own: from variables and profiles, checked to be
//! usable URLs.

use std::env::VarError;

use aws_smithy_types::endpoint::Endpoint;
use aws_types::os_shim_internal::Env;
use aws_types::service_config::ServiceConfigKey;

use super::Aws;
use super::known::Known;
use super::profile_files::config_path;
use super::variables::{with_query, with_user_part};
use crate::backends::http::{is_proxied, leads_somewhere};
use crate::base::{Error, OneLine, Result};
use crate::config::{Config, StoreAddress, UserPart, proxy_url, user_part, without_secrets};

/// A variable, and the member of a profile with the same meaning.
pub(super) type Names = (&'static str, &'static str);

/// What says where a service is.
pub(super) const ENDPOINT: Names = ("AWS_ENDPOINT_URL", "endpoint_url");

/// The variable that makes the SDK ignore endpoints that variables or profiles set.
const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

impl Aws {
    /// The endpoint that a variable or a profile sets for a service.
    ///
    /// Shape: `S3`, `KMS` or `STS` gives `http://127.0.0.1:5000`.
    pub(crate) fn endpoint(&self, service: &str) -> Option<String> {
        match self.known(service) {
            Some(known) => known.endpoint.clone(),
            None => self.find_endpoint(service),
        }
    }

    fn known(&self, service: &str) -> Option<&Known> {
        self.endpoints.iter().find(|known| known.service == service)
    }

    fn find_endpoint(&self, service: &str) -> Option<String> {
        let of_service = || self.setting(service, "AWS_ENDPOINT_URL", "endpoint_url");
        let given = |endpoint: &String| !endpoint.is_empty();
        let of_all = || self.sdk.endpoint_url().map(str::to_owned);
        of_service().filter(given).or_else(of_all).filter(given)
    }

    /// What sets a service's endpoint: the name of a variable, or of a profile in
    /// words. `None` if it is AWS's own.
    pub(crate) fn endpoint_source(&self, service: &str) -> Option<String> {
        if let Some(known) = self.known(service) {
            return known.source.clone();
        }
        self.endpoint(service)?;
        self.source_of_endpoint(service)
    }

    /// The same for an endpoint that is set.
    fn source_of_endpoint(&self, service: &str) -> Option<String> {
        let in_profile = || {
            let profile = self.profile.as_deref()?;
            Some(format!("the AWS profile `{}`", OneLine(profile)))
        };
        variable_of(service, ENDPOINT.0).or_else(in_profile)
    }

    /// A setting from a variable, else from the profile; one for this service
    /// alone takes precedence.
    pub(super) fn setting(
        &self,
        service: &str,
        variable: &str,
        of_profile: &str,
    ) -> Option<String> {
        // Without profiles, the variables are all that the SDK would look at, which takes
        // it long.
        let may_be_ignored = variable == ENDPOINT.0 && is_set(IGNORE);
        if !self.has_profiles && !may_be_ignored {
            return variables_of(service, variable).find_map(|name| Env::real().get(&name).ok());
        }
        let wanted = ServiceConfigKey::builder()
            .service_id(service)
            .env(variable)
            .profile(of_profile)
            .build();
        self.sdk.service_config()?.load_config(wanted.ok()?)
    }

    /// Refuses an empty endpoint of a service that the SDK itself asks for
    /// credentials: it would parse the empty text as a URL, and panic.
    pub(super) fn check_endpoints_of_credentials(&self, services: &[&str]) -> Result<()> {
        for service in services {
            let endpoint = self.setting(service, "AWS_ENDPOINT_URL", "endpoint_url");
            if endpoint.is_some_and(|endpoint| endpoint.is_empty()) {
                return Err(Error::usage_hint(
                    format!("the endpoint of {service} is empty, but the credentials need it"),
                    "unset AWS_ENDPOINT_URL and its service-specific form, or set it to a URL",
                ));
            }
        }
        Ok(())
    }

    /// All endpoints. Refuses one that is not a usable URL, and names its service: the
    /// SDK's own error would show the whole request.
    pub(super) fn check_endpoints(&self) -> Result<Vec<Known>> {
        let mut all = Vec::with_capacity(5);
        for service in ["S3", "KMS", "STS", "SSO", "SSO OIDC"] {
            let endpoint = self.endpoint(service);
            if let Some(endpoint) = &endpoint {
                check(service, endpoint, &self.place(service))?;
            }
            all.push(Known {
                service,
                source: endpoint
                    .as_ref()
                    .and_then(|_| self.source_of_endpoint(service)),
                endpoint,
            });
        }
        Ok(all)
    }

    /// Where the profile's endpoint of one service is, as the end of a phrase; empty if
    /// a variable gives it. That of all services has been checked with the profile.
    fn place(&self, service: &str) -> String {
        let of_profile = |profile: &String| {
            let file = config_path();
            format!(
                " in `services` of the AWS profile `{}`, in `{}`,",
                OneLine(profile),
                OneLine(file.to_string_lossy())
            )
        };
        let by_profile = self.profile.as_ref();
        let by_profile = by_profile.filter(|_| variable_of(service, ENDPOINT.0).is_none());
        by_profile.map(of_profile).unwrap_or_default()
    }

    /// Refuses a proxy that cannot be used, if requests to S3 or KMS would go through
    /// it.
    pub(super) fn check_proxy(&self, config: &Config) -> Result<()> {
        let network = &config.network;
        let proxy = network.https_proxy.as_deref().map(str::trim);
        let proxy = proxy.filter(|proxy| !proxy.is_empty());
        let Some(Err(why)) = proxy.map(proxy_url) else {
            return Ok(());
        };
        let s3 = match &config.store {
            StoreAddress::S3 { bucket, .. } => self.s3_endpoint(bucket, self.bucket_region()),
            StoreAddress::Folder(_) => None,
        };
        let wrapping_key = config.wrapping_key.as_ref();
        let is_local = wrapping_key.is_some_and(|id| id.local_name().is_some());
        let kms = self.kms_endpoint().filter(|_| !is_local);
        let is_used = |endpoint: &Endpoint| is_proxied(endpoint.url(), network);
        if ![s3, kms].iter().flatten().any(is_used) {
            return Ok(());
        }
        Err(Error::usage_hint(
            format!("the variable {} {why}", network.proxy_variable()),
            "use http://HOST:PORT, https://HOST:PORT or http://USER:PASSWORD@HOST:PORT",
        ))
    }

    /// Whether S3's requests name the bucket in the path: at any endpoint but AWS's own,
    /// unless an access point stands for the bucket, which only has host names.
    pub(super) fn uses_path_style(&self) -> bool {
        !self.is_access_point && self.endpoint("S3").is_some()
    }

    /// The endpoint of S3. Its path ends with `/`; otherwise the SDK would append
    /// the bucket's name to it directly.
    pub(super) fn endpoint_of_s3(&self) -> Option<String> {
        self.endpoint("S3").map(|mut endpoint| {
            let url: Option<hyper::Uri> = endpoint.parse().ok();
            let path = url.as_ref().map_or("/", hyper::Uri::path);
            if !path.ends_with('/') && endpoint.ends_with(path) {
                endpoint.push('/');
            }
            endpoint
        })
    }

    /// What gives a setting of a service, for messages: a variable, else the profile.
    pub(super) fn source_of(&self, service: &str, (variable, of_profile): Names) -> String {
        match variable_of(service, variable) {
            Some(name) => format!("the variable {name}"),
            None => format!(
                "`{of_profile}` of the AWS profile `{}`",
                OneLine(self.profile.as_deref().unwrap_or_default())
            ),
        }
    }
}

/// The variable that gives a setting of a service, for this service alone or for all.
fn variable_of(service: &str, variable: &str) -> Option<String> {
    let has_text = |name: &String| Env::real().get(name).is_ok_and(|value| !value.is_empty());
    variables_of(service, variable).find(has_text)
}

/// The variables that may give a setting of a service: for it alone, and for all.
fn variables_of(service: &str, variable: &str) -> impl Iterator<Item = String> {
    let of_service = format!("{variable}_{}", service.replace(' ', "_"));
    [of_service, variable.to_owned()].into_iter()
}

fn is_set(name: &str) -> bool {
    !matches!(Env::real().get(name), Err(VarError::NotPresent))
}

fn check(service: &str, endpoint: &str, place: &str) -> Result<()> {
    let what = format!("the endpoint of {service}{place}");
    if user_part(endpoint) != UserPart::None {
        return Err(with_user_part(&what));
    }
    let shown = OneLine(without_secrets(endpoint));
    if endpoint.contains(['?', '#']) {
        return Err(with_query(&format!(
            "{}, `{shown}`,",
            what.trim_end_matches(',')
        )));
    }
    if leads_somewhere(endpoint) {
        return Ok(());
    }
    Err(Error::usage_hint(
        format!("the endpoint of {service}, `{shown}`, is not a usable URL"),
        "AWS_ENDPOINT_URL, its service-specific form, or a profile's `endpoint_url` must be http://HOST or https://HOST; a port must be from 1 to 65535",
    ))
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::primitives::Blob;

    use super::*;
    use crate::backends::aws::cause;
    use crate::base::test_support::run;

    #[test]
    fn a_request_that_cannot_be_made_is_not_shown() {
        for endpoint in ["localhost", "http://", "http://a b/", " "] {
            let aws = Aws::at(endpoint.to_owned());
            let request = aws.kms().encrypt().key_id("alias/acme");
            let data_key = Blob::new(*b"hunter2-hunter2");
            let error = run(request.plaintext(data_key).send()).unwrap_err();
            let said = cause(&error);
            assert!(
                !said.contains("Plaintext") && !said.contains("aHVudGVy"),
                "{said}"
            );
            assert_eq!(aws.check_endpoints().unwrap_err().exit_code(), 2);
        }
    }

    #[test]
    fn an_empty_endpoint_is_none() {
        let aws = Aws::at(String::new());
        assert_eq!(aws.endpoint("KMS"), None);
        aws.check_endpoints().unwrap();
    }
}
