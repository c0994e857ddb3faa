//! The part of a bucket's policy that requires TLS: writing it, and recognizing it.

use serde_json::{Value, json};

use super::{Policy, Statement, both};

impl Policy {
    /// The part of a bucket's policy that is the same for any bucket: TLS only.
    pub(crate) fn tls_only(partition: &str, bucket: &str) -> Self {
        let both = both(partition, bucket);
        Self::new(vec![
            Statement::deny("DenyPlainHttp", json!("s3:*"), &both)
                .when(json!({"Bool": {"aws:SecureTransport": "false"}})),
            Statement::deny("DenyOldTls", json!("s3:*"), &both)
                .when(json!({"NumericLessThan": {"s3:TlsVersion": 1.2}})),
        ])
    }

    /// A bucket's policy with the TLS requirement added; `None` if it is not a policy.
    pub(crate) fn with_tls(document: &str, partition: &str, bucket: &str) -> Option<String> {
        let mut policy: Value = serde_json::from_str(document).ok()?;
        let statements = policy.get_mut("Statement")?;
        if !statements.is_array() {
            *statements = json!([statements.take()]);
        }
        let more = json!(Self::tls_only(partition, bucket).statement);
        let more = more.as_array().cloned().unwrap_or_default();
        statements.as_array_mut()?.extend(more);
        Some(policy.to_string())
    }
}

/// Whether a bucket's policy denies all access without TLS.
pub(crate) fn demands_tls(document: &str) -> bool {
    let policy: Value = serde_json::from_str(document).unwrap_or_default();
    let is_or_has = |value: &Value, wanted: &[&str]| match value {
        Value::Array(items) => items
            .iter()
            .any(|item| item.as_str().is_some_and(|text| wanted.contains(&text))),
        one => one.as_str().is_some_and(|text| wanted.contains(&text)),
    };
    let demands = |statement: &Value| {
        let everybody = match &statement["Principal"] {
            Value::Object(who) => who.get("AWS").is_some_and(|who| is_or_has(who, &["*"])),
            who => is_or_has(who, &["*"]),
        };
        let conditions = statement["Condition"].as_object();
        let alone = conditions.is_some_and(|all| {
            all.len() == 1
                && all
                    .values()
                    .all(|one| one.as_object().is_some_and(|one| one.len() == 1))
        });
        let insecure = &statement["Condition"]["Bool"]["aws:SecureTransport"];
        let resources = &statement["Resource"];
        let objects = match resources {
            Value::Array(items) => items.iter().any(is_of_objects),
            one => is_of_objects(one),
        };
        statement["Effect"] == "Deny"
            && everybody
            && is_or_has(&statement["Action"], &["s3:*", "*"])
            && objects
            && alone
            && (insecure == false || is_or_has(insecure, &["false"]))
    };
    match &policy["Statement"] {
        Value::Array(statements) => statements.iter().any(demands),
        one => demands(one),
    }
}

fn is_of_objects(resource: &Value) -> bool {
    resource
        .as_str()
        .is_some_and(|text| text == "*" || text.ends_with("/*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_deny_of_everything_without_tls_demands_it() {
        let ours = Policy::tls_only("aws", "b").text();
        assert!(demands_tls(&ours));
        for (from, to) in [
            ("\"Deny\"", "\"Allow\""),
            ("\"false\"", "\"true\""),
            ("\"s3:*\"", "\"s3:GetObject\""),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x"),
            ("\"Principal\": \"*\"", "\"Principal\": {\"AWS\": \"1\"}"),
        ] {
            assert!(ours.contains(from), "{from}");
            assert!(!demands_tls(&ours.replace(from, to)), "{to}");
        }
        assert!(!demands_tls("") && !demands_tls("{}"));
        let other = r#"{"Version": "2012-10-17", "Statement": {"Sid": "Theirs"}}"#;
        assert!(!demands_tls(other));
        let both = Policy::with_tls(other, "aws", "b").unwrap();
        assert!(demands_tls(&both) && both.contains("Theirs"), "{both}");
    }
}
