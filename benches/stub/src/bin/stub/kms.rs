//! KMS without a wrapping key: a ciphertext is a document that names one.
//!
//! Each alias is there and points to a wrapping key of its own, so that a
//! record can be re-wrapped from any to any.

use std::hash::{DefaultHasher, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::http::{Answer, Request};

const ACCOUNT: &str = "111122223333";
pub const TYPE: &str = "application/x-amz-json-1.1";

/// What is asked for under an `X-Amz-Target`.
pub fn answer(operation: &str, request: &Request) -> Answer {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let outcome = match operation {
        "Encrypt" => encrypt(&body),
        "Decrypt" => decrypt(&body),
        "ReEncrypt" => re_encrypt(&body),
        "DescribeKey" => Ok(json!({"KeyMetadata": {
            "KeyId": arn(&body["KeyId"]).rsplit('/').next(), "Arn": arn(&body["KeyId"]),
            "AWSAccountId": ACCOUNT, "Enabled": true, "KeyState": "Enabled",
        }})),
        _ => Err("UnknownOperationException"),
    };
    match outcome {
        Ok(document) => Answer::new(200, TYPE, document.to_string()),
        Err(code) => Answer::new(400, TYPE, json!({"__type": code}).to_string()),
    }
}

/// `GetCallerIdentity`, which is STS's.
pub fn caller() -> Answer {
    let document = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:user/bench</Arn>\
         <UserId>AIDA</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>\
         </GetCallerIdentityResponse>"
    );
    Answer::new(200, "text/xml", document)
}

fn encrypt(body: &Value) -> Result<Value, &'static str> {
    let key = arn(&body["KeyId"]);
    let blob = wrap(&key, &body["Plaintext"], &body["EncryptionContext"]);
    Ok(json!({"CiphertextBlob": blob, "KeyId": key, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}))
}

fn decrypt(body: &Value) -> Result<Value, &'static str> {
    let (key, plaintext) = unwrap(body, "KeyId", "EncryptionContext")?;
    Ok(json!({"Plaintext": plaintext, "KeyId": key, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}))
}

fn re_encrypt(body: &Value) -> Result<Value, &'static str> {
    let (source, plaintext) = unwrap(body, "SourceKeyId", "SourceEncryptionContext")?;
    let key = arn(&body["DestinationKeyId"]);
    let blob = wrap(&key, &plaintext, &body["DestinationEncryptionContext"]);
    Ok(json!({
        "CiphertextBlob": blob, "SourceKeyId": source, "KeyId": key,
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

/// The ciphertext, about as long as what KMS gives.
fn wrap(key: &str, plaintext: &Value, context: &Value) -> String {
    STANDARD.encode(json!([key, plaintext, context]).to_string())
}

fn unwrap(body: &Value, named: &str, context: &str) -> Result<(Value, Value), &'static str> {
    let damaged = "InvalidCiphertextException";
    let blob = body["CiphertextBlob"].as_str().unwrap_or_default();
    let blob = STANDARD.decode(blob).map_err(|_| damaged)?;
    let [key, plaintext, bound]: [Value; 3] = serde_json::from_slice(&blob).map_err(|_| damaged)?;
    if body[named].is_string() && key != arn(&body[named]) {
        return Err("IncorrectKeyException");
    }
    if bound != body[context] {
        return Err(damaged);
    }
    Ok((key, plaintext))
}

/// The ARN of the wrapping key that a request names by ARN, alias or id.
fn arn(named: &Value) -> String {
    let named = named.as_str().unwrap_or_default();
    if named.contains(":key/") {
        return named.to_owned();
    }
    let mut hasher = DefaultHasher::new();
    hasher.write(named.as_bytes());
    let id = hasher.finish() & 0xffff_ffff_ffff;
    format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-4000-8000-{id:012x}")
}
