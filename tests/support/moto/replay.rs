//! What moto answered when the golden records were made, told again.
//!
//! For `GetObject` and `Decrypt`, so that reading is tested without Python.
//! Whatever was not recorded panics in the fake, which fails the test.

use std::collections::HashMap;
use std::fs;

use serde_json::Value;

use crate::support::fake_aws::{Answer, FakeAws, Request};
use crate::support::fixtures;

/// A server for S3 and KMS.
pub fn start() -> FakeAws {
    let recorded = Recorded::load();
    FakeAws::scripted(move |request, _| {
        let answer = recorded.answer(request);
        Some(answer.unwrap_or_else(|| panic!("not recorded: {request}")))
    })
}

struct Recorded {
    objects: HashMap<String, Answer>,
    decrypts: HashMap<String, Answer>,
    /// The accepted values of `KeyId`; null means none.
    key_ids: Vec<Value>,
}

impl Recorded {
    fn load() -> Self {
        let folder = fixtures::folder();
        let document = fs::read(folder.join("exchanges.json")).expect("exchanges.json");
        let document: Value = serde_json::from_slice(&document).expect("exchanges.json is JSON");
        let list = |name: &str| document[name].as_array().expect("a list").clone();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let answers = |operation: &str, member: &str| {
            let answer = |exchange: Value| {
                let body = match exchange["body_file"].as_str() {
                    Some(file) => fs::read(folder.join(file)).expect("a recorded body"),
                    None => text(&exchange["body"]).into_bytes(),
                };
                let status = exchange["status"].as_u64().expect("a status");
                let mut answer = Answer::new(u16::try_from(status).expect("a status"), body);
                for (name, value) in exchange["headers"].as_object().into_iter().flatten() {
                    answer = answer.header(name, text(value));
                }
                (text(&exchange[member]), answer)
            };
            list(operation).into_iter().map(answer).collect()
        };
        Self {
            objects: answers("get_object", "path"),
            decrypts: answers("decrypt", "CiphertextBlob"),
            key_ids: list("decrypt_key_ids"),
        }
    }

    fn answer(&self, request: &Request) -> Option<Answer> {
        let body = request.json();
        let has = |name: &str| request.header(name).is_some();
        let answer = match &*request.operation {
            "Decrypt" => {
                let context = body["EncryptionContext"].as_object();
                let no_context = context.is_none_or(serde_json::Map::is_empty);
                let known = no_context && self.key_ids.contains(&body["KeyId"]);
                let wrapped = body["CiphertextBlob"].as_str().filter(|_| known)?;
                self.decrypts.get(wrapped)
            }
            "GetObject" if ["range", "if-none-match", "if-match"].into_iter().any(has) => None,
            "GetObject" if request.query.iter().any(|(name, _)| name != "x-id") => None,
            "GetObject" => self.objects.get(&request.path),
            _ => None,
        };
        answer.cloned()
    }
}
