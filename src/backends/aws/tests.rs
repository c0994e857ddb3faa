//! What requests would be, without sending any.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::*;
use crate::base::test_support::run;
use crate::config::Network;

/// Notes something about each request, and sends none.
#[derive(Debug, Clone)]
pub(super) struct Notes {
    of: fn(&HttpRequest) -> Vec<String>,
    noted: Arc<Mutex<Vec<String>>>,
}

impl Notes {
    pub(super) fn of(of: fn(&HttpRequest) -> Vec<String>) -> Self {
        let noted = Arc::default();
        Self { of, noted }
    }

    /// What was noted since the last call.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.noted.lock().unwrap())
    }

    /// AWS in a region, with credentials of no account.
    pub(super) fn aws(&self, region: &str, sdk: aws_types::sdk_config::Builder) -> Aws {
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let mut clients = http::clients(Network::default(), ENVELOPE);
        clients.services = SharedHttpClient::new(self.clone());
        Aws {
            sdk: sdk
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(region.to_owned()))
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .build(),
            clients,
            bucket_region: Some(region.to_owned()),
            wrapping_region: Some(region.to_owned()),
            is_access_point: false,
            partition: None,
            retries: Retries {
                attempts: 1,
                limit: Duration::ZERO,
                throttles: Throttles::default(),
            },
            bucket: None,
            chosen: None,
            profile: None,
            has_profiles: true,
            endpoints: Vec::new(),
            renewal: None,
            source: None,
            credential_services: &[],
        }
    }
}

impl HttpClient for Notes {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Notes {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.noted.lock().unwrap().extend((self.of)(&request));
        HttpConnectorFuture::ready(Err(ConnectorError::other("noted".into(), None)))
    }
}

#[test]
fn clients_share_nothing_that_is_remembered_of_retries() {
    let aws = Notes::of(|_| Vec::new()).aws("eu-west-1", SdkConfig::builder());
    let (s3, kms, sts) = (aws.s3(None), aws.kms(), aws.sts());
    let own = unshared();
    assert_eq!(s3.config().retry_partition(), Some(&own));
    assert_eq!(kms.config().retry_partition(), Some(&own));
    assert_eq!(sts.config().retry_partition(), Some(&own));
}

#[test]
fn checksums_are_sent_to_aws() {
    let names = |request: &HttpRequest| {
        let names = request.headers().iter().map(|(name, _)| name.to_owned());
        names.filter(|name| name.contains("checksum")).collect()
    };
    let notes = Notes::of(names);
    let s3 = notes.aws("us-east-1", SdkConfig::builder()).s3(None);
    let get = s3.get_object().bucket("acme").key("k");
    run(get.send()).unwrap_err();
    assert_eq!(notes.take(), ["x-amz-checksum-mode"]);
    let put = s3.put_object().bucket("acme").key("k");
    let put = put.body(ByteStream::from_static(b"record"));
    run(put.send()).unwrap_err();
    let of_put = notes.take();
    let crc = "x-amz-checksum-crc32".to_owned();
    assert!(of_put.contains(&crc), "{of_put:?}");
}

#[test]
fn what_is_given_is_all_that_counts() {
    let config = Config::new("acme/").unwrap();
    let config = config.with_credentials("id", "hunter2", Some("hunter3".into()));
    let clients = http::clients(Network::default(), 1);
    let alone = Aws::given(&config, clients.clone()).unwrap_err();
    assert_eq!(alone.exit_code(), 2);
    let arn = "arn:aws:kms:eu-central-1:111122223333:key/1";
    let config = config.with_region("eu-west-1").with_wrapping_key(arn);
    let aws = Aws::given(&config.unwrap(), clients).unwrap();
    assert!(aws.sdk.service_config().is_none());
    for service in ["S3", "KMS", "STS"] {
        assert_eq!(aws.endpoint(service), None, "{service}");
    }
    assert_eq!(aws.bucket_region(), Some("eu-west-1"));
    assert_eq!(aws.wrapping_region(), Some("eu-central-1"));
}
