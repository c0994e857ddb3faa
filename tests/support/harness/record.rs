//! Makes records without the program under test: Fernet by its crate, the rest
//! by hand, after docs/format.md.
//!
//! Whoever wraps the data key is told by the caller.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use fernet::Fernet;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::fake_aws::Context;

/// What version 2 has beside the secret.
#[derive(Debug, Clone)]
pub struct About {
    /// `s3://BUCKET/PATH`, or `file://NAME`.
    pub path: String,
    pub generation: u64,
    /// `2026-01-01T00:00:00Z`
    pub created: String,
    pub kind: String,
    pub tool: String,
}

impl About {
    /// The first generation, by another program.
    pub fn new(path: impl Into<String>, secret: &[u8]) -> Self {
        let text = std::str::from_utf8(secret);
        let kind = match text.map(serde_json::from_str::<serde::de::IgnoredAny>) {
            Ok(Ok(_)) => "application/json",
            Ok(Err(_)) => "text/plain",
            Err(_) => "application/octet-stream",
        };
        Self {
            path: path.into(),
            generation: 1,
            created: "2026-01-01T00:00:00Z".to_owned(),
            kind: kind.to_owned(),
            tool: "harness/1".to_owned(),
        }
    }

    /// The seven pairs that are bound to the wrapped data key.
    pub fn context(&self, token: &str) -> Context {
        let hash = format!("{:x}", Sha256::digest(token));
        let pairs = [
            ("v", "2".to_owned()),
            ("path", self.path.clone()),
            ("gen", self.generation.to_string()),
            ("created", self.created.clone()),
            ("type", self.kind.clone()),
            ("tool", self.tool.clone()),
            ("token-sha256", hash),
        ];
        let pairs = pairs.into_iter();
        pairs
            .map(|(name, value)| (format!("lazycred:{name}"), value))
            .collect()
    }
}

/// A record of version 1.
pub fn version_1(secret: &[u8], wrap: impl FnOnce(&[u8], &Context) -> Vec<u8>) -> Vec<u8> {
    let data_key = Fernet::generate_key();
    let token = seal(&data_key, secret);
    let wrapped = STANDARD.encode(wrap(data_key.as_bytes(), &Context::new()));
    format!(r#"{{"data": "{token}", "key": "{wrapped}"}}"#).into_bytes()
}

/// A record of version 2.
pub fn version_2(
    about: &About,
    secret: &[u8],
    wrap: impl FnOnce(&[u8], &Context) -> Vec<u8>,
) -> Vec<u8> {
    let data_key = Fernet::generate_key();
    let token = seal(&data_key, secret);
    let context = about.context(&token);
    let record = json!({
        "lazycred": 2,
        "gen": about.generation,
        "created": about.created,
        "type": about.kind,
        "tool": about.tool,
        "token_sha256": context["lazycred:token-sha256"],
        "wrapped_key": STANDARD.encode(wrap(data_key.as_bytes(), &context)),
        "token": token,
    });
    record.to_string().into_bytes()
}

/// The secret in a record of either version, opened with the data key that
/// `unwrap` gives.
///
/// # Panics
///
/// If it is none.
#[track_caller]
pub fn open(record: &[u8], unwrap: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let record: serde_json::Value = serde_json::from_slice(record).expect("JSON");
    let member = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| record[name].as_str());
        found.unwrap_or_else(|| panic!("no {names:?}")).to_owned()
    };
    let wrapped = STANDARD.decode(member(["key", "wrapped_key"]));
    let data_key = String::from_utf8(unwrap(&wrapped.expect("base64"))).expect("44 characters");
    let fernet = Fernet::new(&data_key).expect("a data key");
    let token = member(["data", "token"]);
    fernet.decrypt(&token).expect("a token of this data key")
}

/// A wrapped data key as `local:NAME` makes it.
pub fn wrap_locally(name: &str, file: &str, data_key: &[u8], context: &Context) -> Vec<u8> {
    let data_key = std::str::from_utf8(data_key).expect("44 characters");
    let inner = if context.is_empty() {
        data_key.to_owned()
    } else {
        json!({"context": context, "key": data_key}).to_string()
    };
    let token = seal(file.trim(), inner.as_bytes());
    format!("lazycred-local:{name}:{token}").into_bytes()
}

/// A data key out of what `wrap_locally` makes.
pub fn unwrap_locally(file: &str, wrapped: &[u8]) -> Vec<u8> {
    let wrapped = std::str::from_utf8(wrapped).expect("text");
    let token = wrapped.rsplit(':').next().unwrap_or_default();
    let fernet = Fernet::new(file.trim()).expect("a wrapping key");
    let inner = fernet.decrypt(token).expect("a token of this wrapping key");
    let bound: Option<serde_json::Value> = serde_json::from_slice(&inner).ok();
    match bound.as_ref().and_then(|bound| bound["key"].as_str()) {
        Some(data_key) => data_key.as_bytes().to_vec(),
        None => inner,
    }
}

fn seal(data_key: &str, secret: &[u8]) -> String {
    let fernet = Fernet::new(data_key).expect("32 bytes of URL-safe base64");
    fernet.encrypt(secret)
}

/// A wrapping key's file: 44 characters that are always the same.
pub fn local_wrapping_key() -> String {
    URL_SAFE.encode(Sha256::digest("a local wrapping key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::fixtures;

    #[test]
    fn a_record_of_either_version_opens_again() {
        let file = local_wrapping_key();
        let wrap =
            |data_key: &[u8], context: &Context| wrap_locally("dev", &file, data_key, context);
        let unwrap = |wrapped: &[u8]| unwrap_locally(&file, wrapped);
        let first = version_1(b"hunter2", wrap);
        assert_eq!(open(&first, unwrap), b"hunter2");
        let second = version_2(&About::new("file://web", b""), b"", wrap);
        assert_eq!(open(&second, unwrap), b"");
    }

    #[test]
    fn the_golden_records_open_here_too() {
        for golden in fixtures::golden() {
            let Some(plaintext) = golden.plaintext else {
                continue;
            };
            let opened = open(&golden.record, |wrapped| {
                assert_eq!(Some(wrapped), golden.wrapped.as_deref());
                golden.data_key.unwrap().into_bytes()
            });
            assert_eq!(opened, plaintext, "{}", golden.name);
        }
    }
}
