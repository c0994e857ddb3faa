//! That a bucket is reached by TLS and not otherwise.
//!
//! Makes that part of a policy, and finds it in one that is there.

use serde_json::json;

use super::{Policy, Statement, both};

impl Policy {
    /// The part of a bucket's policy that holds for any bucket: nothing but TLS.
    pub(crate) fn tls_only(partition: &str, bucket: &str) -> Self {
        let both = both(partition, bucket);
        Self::new(vec![
            Statement::deny("DenyPlainHttp", json!("s3:*"), &both)
                .when(json!({"Bool": {"aws:SecureTransport": "false"}})),
            Statement::deny("DenyOldTls", json!("s3:*"), &both)
                .when(json!({"NumericLessThan": {"s3:TlsVersion": 1.2}})),
        ])
    }
}
