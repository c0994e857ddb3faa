//! What requests say of checksums, where nothing is sent.

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

/// Notes the names of headers, and lets no request out.
#[derive(Debug, Clone, Default)]
struct Headers(Arc<Mutex<Vec<String>>>);

impl HttpClient for Headers {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Headers {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let names = request.headers().iter().map(|(name, _)| name.to_owned());
        self.0.lock().unwrap().extend(names);
        HttpConnectorFuture::ready(Err(ConnectorError::other("noted".into(), None)))
    }
}

/// The headers of a get and of a put that speak of checksums.
async fn of_checksums(endpoint: Option<&str>) -> [Vec<String>; 2] {
    let headers = Headers::default();
    let mut clients = http::clients(http::Network::default(), ENVELOPE);
    clients.services = SharedHttpClient::new(headers.clone());
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    sdk.set_endpoint_url(endpoint.map(str::to_owned));
    let aws = Aws {
        sdk: sdk.build(),
        clients,
        bucket_region: Some("us-east-1".to_owned()),
        wrapping_region: None,
    };
    let s3 = aws.s3(None);
    let seen = || {
        let mut names = std::mem::take(&mut *headers.0.lock().unwrap());
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
