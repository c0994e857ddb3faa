//! The sources of a region, endpoints, the network's settings and credentials, which
//! are not in our configuration: variables and profiles that the AWS SDK reads.

use super::report::{Report, Status};
use crate::config::{StoreAddress, profile};
use crate::setup::{Setup, is_plain};
use crate::{Config, Variables, WrappingKeyId};

/// Regions that are not in the configuration.
pub(super) fn regions(report: &mut Report, config: &Config, setup: &Setup, variables: &Variables) {
    let of_arn = config.wrapping_key().and_then(WrappingKeyId::region);
    if let Some(region) = of_arn {
        let detail = format!("`{region}` for KMS, from the ARN in `key_alias`");
        report.ok("region", &detail);
    }
    let region = setup
        .bucket_region()
        .filter(|region| Some(*region) != of_arn);
    if let (None, Some(region)) = (config.region(), region) {
        let source = of_profile(config, variables);
        report.ok("region", &format!("`{region}`, from {source}"));
    }
}

/// Endpoints other than AWS's, one finding each.
pub(super) fn endpoints(
    report: &mut Report,
    config: &Config,
    setup: &Setup,
    variables: &Variables,
) {
    let in_s3 = matches!(config.store(), StoreAddress::S3 { .. });
    let local = config.wrapping_key().and_then(WrappingKeyId::local_name);
    let mut found: Vec<(String, String, Vec<&str>)> = Vec::new();
    let asks_sso = setup.credential_services().contains(&"SSO");
    for (service, used) in [
        ("S3", in_s3),
        ("KMS", local.is_none()),
        ("STS", true),
        ("SSO", asks_sso),
        ("SSO OIDC", asks_sso),
    ] {
        let Some(url) = setup.endpoint(service).filter(|_| used) else {
            continue;
        };
        let source = setup.endpoint_source(service).unwrap_or_default();
        match found.iter_mut().find(|it| it.0 == url && it.1 == source) {
            Some((_, _, services)) => services.push(service),
            None => found.push((url, source, vec![service])),
        }
    }
    for (url, source, services) in found {
        let detail = format!("`{url}` for {}, from {source}", services.join(", "));
        if is_plain(&url) && variables.text("LAZYCRED_ALLOW_HTTP") == Some("1") {
            let remedy = "use https://, and unset LAZYCRED_ALLOW_HTTP";
            report.problem("endpoint", Status::Warning, &detail, remedy);
        } else {
            report.ok("endpoint", &detail);
        }
    }
}

/// The proxy, and the certificates to trust. Where something is asked, those that
/// cannot be used are told by what needs them.
pub(super) fn network(report: &mut Report, setup: &Setup, offline: bool) {
    if let Some(proxy) = setup.proxy() {
        report.ok("proxy", &proxy);
    }
    match setup.certificates() {
        Ok(Some(file)) => report.ok("certificates", &file),
        Err(error) if offline => report.failed("certificates", Status::Error, &error),
        Ok(None) | Err(_) => {}
    }
}

/// Where credentials come from.
pub(super) fn credentials(report: &mut Report, setup: &Setup) {
    match setup.credentials_source() {
        Some(source) => report.ok("credentials", source),
        None => report.problem(
            "credentials",
            Status::Warning,
            "there are none",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose --profile, or run where a role provides them",
        ),
    }
}

fn of_profile(config: &Config, variables: &Variables) -> String {
    format!("the AWS profile `{}`", profile(config, variables))
}
