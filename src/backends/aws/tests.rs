//! What requests would be, where nothing is sent.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::*;

/// Notes something of each request, and lets none out.
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

    /// What was noted since this was asked.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.noted.lock().unwrap())
    }

    /// AWS in a region, with credentials of no account.
    pub(super) fn aws(&self, region: &str, sdk: aws_types::sdk_config::Builder) -> Aws {
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let mut clients = http::clients(crate::config::Network::default(), ENVELOPE);
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
            partition: None,
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

/// The headers of a get and of a put that speak of checksums.
async fn of_checksums(endpoint: Option<&str>) -> [Vec<String>; 2] {
    let names = |request: &HttpRequest| {
        let names = request.headers().iter().map(|(name, _)| name.to_owned());
        names.collect()
    };
    let notes = Notes::of(names);
    let mut sdk = SdkConfig::builder();
    sdk.set_endpoint_url(endpoint.map(str::to_owned));
    let aws = notes.aws("us-east-1", sdk);
    let s3 = aws.s3(None);
    let seen = || {
        let mut names = notes.take();
        names.retain(|name| name.contains("checksum") || name.contains("trailer"));
        names
    };
    let get = s3.get_object().bucket("acme").key("k");
    get.send().await.unwrap_err();
    let of_get = seen();
    let put = s3.put_object().bucket("acme").key("k");
    let put = put.body(ByteStream::from_static(b"record"));
    put.send().await.unwrap_err();
    [of_get, seen()]
}

#[test]
fn checksums_are_sent_to_aws_and_to_no_other_server() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let [get, put] = of_checksums(None).await;
        assert_eq!(get, ["x-amz-checksum-mode"]);
        assert!(
            put.iter().any(|name| name == "x-amz-checksum-crc32"),
            "{put:?}"
        );
        for endpoint in ["http://127.0.0.1:9000", "https://s3.test"] {
            assert_eq!(
                of_checksums(Some(endpoint)).await,
                [vec![], vec![]] as [Vec<String>; 2]
            );
        }
    });
}
