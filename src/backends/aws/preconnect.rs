//! Opens connections to S3, KMS and STS before the first request, and closes them
//! after the last.
//!
//! TCP and TLS take at least two round trips and need only a host, so they run
//! while credentials are resolved and the record is fetched. Endpoints come from
//! the SDK's own resolvers, with the parameters that its clients use.

use aws_config::SdkConfig;
use aws_smithy_types::endpoint::Endpoint;
use aws_types::service_config::ServiceConfigKey;

use super::Aws;
use super::partition::resolved;
use crate::backends::http::Clients;

impl Aws {
    /// Opens connections for requests to a bucket in `region`.
    pub(crate) fn dial_s3(&self, bucket: &str, region: Option<&str>, connections: usize) {
        self.dial(self.s3_endpoint(bucket, region), connections);
    }

    /// Opens connections for requests to KMS.
    pub(crate) fn dial_kms(&self, connections: usize) {
        self.dial(self.kms_endpoint(), connections);
    }

    /// Closes connections whose buffers may hold data exchanged with KMS.
    pub(crate) fn hang_up(&self) {
        self.clients.hang_up();
    }

    /// Does nothing without an endpoint; the request will say why there is none.
    fn dial(&self, endpoint: Option<Endpoint>, connections: usize) {
        if let Some(endpoint) = endpoint {
            self.clients.dial_ahead(endpoint.url(), connections);
        }
    }

    pub(super) fn s3_endpoint(&self, bucket: &str, region: Option<&str>) -> Option<Endpoint> {
        let endpoint = self.endpoint_of_s3();
        let params = aws_sdk_s3::config::endpoint::Params::builder()
            .bucket(bucket)
            .set_region(region.map(str::to_owned))
            .set_use_fips(self.sdk.use_fips())
            .set_use_dual_stack(self.sdk.use_dual_stack())
            .force_path_style(self.uses_path_style())
            .set_endpoint(endpoint);
        resolved!(aws_sdk_s3, params)
    }

    pub(super) fn kms_endpoint(&self) -> Option<Endpoint> {
        let params = aws_sdk_kms::config::endpoint::Params::builder()
            .set_region(self.wrapping_region.clone())
            .set_use_fips(self.sdk.use_fips())
            .set_use_dual_stack(self.sdk.use_dual_stack())
            .set_endpoint(self.endpoint("KMS"));
        resolved!(aws_sdk_kms, params)
    }
}

/// STS, where roles are assumed.
#[derive(Debug, Clone)]
pub(super) struct Sts {
    /// Configures its client.
    pub(super) sdk: SdkConfig,
    clients: Clients,
}

impl Sts {
    pub(super) fn new(sdk: &SdkConfig, clients: &Clients) -> Self {
        Self {
            sdk: sdk.clone(),
            clients: clients.clone(),
        }
    }

    /// Opens a connection for a request, unless one waits for it.
    pub(super) fn dial_ahead(&self) {
        if let Some(endpoint) = sts_endpoint(&self.sdk) {
            self.clients.dial_ahead(endpoint.url(), 1);
        }
    }
}

/// Where a client of STS with this configuration sends its requests.
fn sts_endpoint(sdk: &SdkConfig) -> Option<Endpoint> {
    let of_service = ServiceConfigKey::builder()
        .service_id("STS")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let of_service = of_service.ok().and_then(|wanted| {
        let config = sdk.service_config()?;
        config.load_config(wanted)
    });
    let endpoint = of_service.or_else(|| sdk.endpoint_url().map(str::to_owned));
    let params = aws_sdk_sts::config::endpoint::Params::builder()
        .set_region(sdk.region().map(ToString::to_string))
        .set_use_fips(sdk.use_fips())
        .set_use_dual_stack(sdk.use_dual_stack())
        .set_endpoint(endpoint);
    resolved!(aws_sdk_sts, params)
}

#[cfg(test)]
mod tests {
    use aws_types::service_config::LoadServiceConfig;

    use super::*;
    use crate::backends::aws::tests::Notes;
    use crate::base::test_support::run;

    /// Services and their own endpoints.
    type Single = &'static [(&'static str, &'static str)];

    /// The endpoints that variables and profiles set for single services.
    #[derive(Debug)]
    struct Endpoints(Single);

    impl LoadServiceConfig for Endpoints {
        fn load_config(&self, wanted: ServiceConfigKey<'_>) -> Option<String> {
            let of = |(service, _): &&(&str, &str)| {
                *service == wanted.service_id() && wanted.env() == "AWS_ENDPOINT_URL"
            };
            self.0.iter().find(of).map(|(_, url)| (*url).to_owned())
        }
    }

    fn host(url: &str) -> String {
        url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn what_is_dialled_is_where_the_requests_go() {
        let endpoints: [(Option<&str>, Single); 4] = [
            (None, &[]),
            (Some("https://localhost:4566"), &[]),
            (
                None,
                &[
                    ("S3", "https://s3.test:9000/sub"),
                    ("KMS", "http://[::1]:1"),
                    ("STS", "https://sts.test:8443"),
                ],
            ),
            (Some("https://all.test"), &[("KMS", "https://kms.test")]),
        ];
        let buckets = [
            "acme-secrets",
            "acme.secrets",
            "eFart",
            "acme--use1-az4--x-s3",
            "arn:aws:s3:us-east-1:123456789012:accesspoint:acme",
        ];
        let mut seen = 0;
        for region in [
            "us-east-1",
            "eu-west-3",
            "cn-north-1",
            "us-gov-west-1",
            "mars-north-7",
        ] {
            for (all, single) in endpoints {
                for (fips, dual_stack) in [(false, false), (true, false), (false, true)] {
                    let notes = Notes::of(|request| vec![host(request.uri())]);
                    let mut sdk = SdkConfig::builder()
                        .use_fips(fips)
                        .use_dual_stack(dual_stack)
                        .service_config(Endpoints(single));
                    sdk.set_endpoint_url(all.map(str::to_owned));
                    let aws = notes.aws(region, sdk);
                    for bucket in buckets {
                        let request = aws.s3(None).get_object().bucket(bucket).key("k");
                        run(request.send()).unwrap_err();
                        let endpoint = aws.s3_endpoint(bucket, Some(region));
                        seen += compare(endpoint, &notes, bucket);
                    }
                    run(aws.kms().list_keys().send()).unwrap_err();
                    seen += compare(aws.kms_endpoint(), &notes, "KMS");
                    let asking = aws
                        .sdk
                        .clone()
                        .into_builder()
                        .http_client(aws.clients.services.clone());
                    let sts = aws_sdk_sts::Client::new(&asking.build());
                    run(sts.get_caller_identity().send()).unwrap_err();
                    seen += compare(sts_endpoint(&aws.sdk), &notes, "STS");
                }
            }
        }
        assert!(seen > 150, "{seen}");
    }

    /// The first request goes to the host that is dialled, if any.
    fn compare(endpoint: Option<Endpoint>, notes: &Notes, what: &str) -> usize {
        let first = notes.take().into_iter().next();
        assert_eq!(
            endpoint.map(|endpoint| host(endpoint.url())),
            first,
            "{what}"
        );
        usize::from(first.is_some())
    }
}
