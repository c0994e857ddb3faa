//! Secrets Manager, as far as peers use it: what is put is there, in one version.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::http::{Answer, Request};
use crate::kms::TYPE;

/// What is stored, by name.
#[derive(Default)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// What is asked for under an `X-Amz-Target`.
    pub fn answer(&mut self, operation: &str, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |member: &str| body[member].as_str().unwrap_or_default().to_owned();
        let found = match operation {
            "CreateSecret" => Ok(self.store(text("Name"), text("SecretString"))),
            "PutSecretValue" if self.0.contains_key(&text("SecretId")) => {
                Ok(self.store(text("SecretId"), text("SecretString")))
            }
            "GetSecretValue" => self.value(&text("SecretId")).ok_or(()),
            "BatchGetSecretValue" => Ok(self.values(&body["SecretIdList"])),
            _ => Err(()),
        };
        match found {
            Ok(document) => Answer::new(200, TYPE, document.to_string()),
            Err(()) => {
                let document = json!({"__type": "ResourceNotFoundException", "Message": "no"});
                Answer::new(400, TYPE, document.to_string())
            }
        }
    }

    fn store(&mut self, name: String, value: String) -> Value {
        let document = json!({"ARN": arn(&name), "Name": name, "VersionId": VERSION});
        self.0.insert(name, value);
        document
    }

    fn value(&self, name: &str) -> Option<Value> {
        let value = self.0.get(name)?;
        Some(json!({
            "ARN": arn(name), "Name": name, "VersionId": VERSION, "SecretString": value,
            "VersionStages": ["AWSCURRENT"], "CreatedDate": 1_767_225_600.0,
        }))
    }

    fn values(&self, names: &Value) -> Value {
        let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
        let found = names.iter().filter_map(Value::as_str);
        let found: Vec<Value> = found.filter_map(|name| self.value(name)).collect();
        json!({"SecretValues": found, "Errors": []})
    }
}

const VERSION: &str = "00000000-0000-4000-8000-000000000001";

fn arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:us-east-1:111122223333:secret:{name}-AbCdEf")
}
