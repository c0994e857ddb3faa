//! A stand-in for KMS: it separates wrapping keys and contexts as KMS does, but
//! encrypts nothing, so that a test needs no crypto.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::base::base64::{self, Alphabet};
use crate::base::test_support::{hear, server};

/// What an alias stands for: an ARN, or the code of a refusal.
pub(super) type Aliases = BTreeMap<&'static str, Result<String, &'static str>>;

pub(super) struct Fake {
    pub(super) endpoint: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    pub(super) fn new(aliases: Aliases) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let port = server(move |_, stream| drop(serve(stream, &aliases, &log)));
        let endpoint = format!("http://127.0.0.1:{port}");
        Self { endpoint, requests }
    }

    /// The requests since the last call.
    pub(super) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

fn serve(
    mut stream: TcpStream,
    aliases: &Aliases,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let Some((head, body)) = hear(&mut stream) else {
        return Ok(());
    };
    let target = |line: &str| Some(line.split_once("TrentService.")?.1.to_owned());
    let operation = head.lines().find_map(target).unwrap_or_default();
    let request: Value = serde_json::from_slice(&body).unwrap();
    let (told, answer) = answer(&operation, &request, aliases);
    log.lock().unwrap().push(told);
    let (status, body) = match answer {
        Ok(body) => ("200 OK", body),
        Err(code) => ("400 Bad Request", json!({"__type": code, "message": "no"})),
    };
    let body = body.to_string();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A result, or an error code.
type Outcome<T> = Result<T, &'static str>;

fn answer(operation: &str, request: &Value, aliases: &Aliases) -> (String, Outcome<Value>) {
    let key = |member: &str| request[member].as_str().unwrap_or("-").to_owned();
    match operation {
        "Encrypt" => {
            let answer = find(aliases, &key("KeyId")).map(|arn| {
                let context = &request["EncryptionContext"];
                let blob = wrapped(&arn, context, &request["Plaintext"]);
                match key("KeyId").as_str() {
                    "alias/mute" => json!({"CiphertextBlob": blob}),
                    _ => json!({"CiphertextBlob": blob, "KeyId": arn}),
                }
            });
            (format!("Encrypt {}", key("KeyId")), answer)
        }
        "Decrypt" => {
            let context = &request["EncryptionContext"];
            let answer = unwrapped(request, &key("KeyId"), context, aliases);
            let answer =
                answer.map(|(arn, plaintext)| json!({"KeyId": arn, "Plaintext": plaintext}));
            (format!("Decrypt {}", key("KeyId")), answer)
        }
        "ReEncrypt" => {
            let before = &request["SourceEncryptionContext"];
            let answer = unwrapped(request, &key("SourceKeyId"), before, aliases);
            let answer = answer.and_then(|(source, plaintext)| {
                let arn = find(aliases, &key("DestinationKeyId"))?;
                let after = &request["DestinationEncryptionContext"];
                let blob = wrapped(&arn, after, &plaintext);
                Ok(json!({"CiphertextBlob": blob, "SourceKeyId": source, "KeyId": arn}))
            });
            let told = format!(
                "ReEncrypt {} {}",
                key("SourceKeyId"),
                key("DestinationKeyId")
            );
            (told, answer)
        }
        other => (other.to_owned(), Err("UnknownOperationException")),
    }
}

fn find(aliases: &Aliases, alias: &str) -> Outcome<String> {
    aliases
        .get(alias)
        .cloned()
        .unwrap_or(Err("NotFoundException"))
}

/// A context as KMS compares it: a missing one is empty.
fn bound(context: &Value) -> Value {
    match context {
        Value::Null => json!({}),
        context => context.clone(),
    }
}

/// The ciphertext is the arguments in plain JSON.
pub(super) fn wrapped(arn: &str, context: &Value, plaintext: &Value) -> String {
    base64::encode(
        json!([arn, bound(context), plaintext])
            .to_string()
            .as_bytes(),
    )
}

fn unwrapped(
    request: &Value,
    key_id: &str,
    context: &Value,
    aliases: &Aliases,
) -> Outcome<(String, Value)> {
    let named = match key_id {
        "-" => None,
        alias => Some(find(aliases, alias)?),
    };
    let blob = request["CiphertextBlob"].as_str().unwrap();
    let blob = base64::decode(blob.as_bytes(), Alphabet::Standard).unwrap();
    let parts: Option<(String, Value, Value)> = serde_json::from_slice(&blob).ok();
    let (arn, wrapped_with, plaintext) = parts.ok_or("InvalidCiphertextException")?;
    if named.is_some_and(|named| named != arn) {
        return Err("IncorrectKeyException");
    }
    if wrapped_with != bound(context) {
        return Err("InvalidCiphertextException");
    }
    Ok((arn, plaintext))
}
