//! KMS (JSON 1.1): its operations, and when it refuses them.
//!
//! The order is AWS's: the wrapping key that is named must be there, the caller
//! must be allowed to use it, it must be enabled, and only then is the
//! ciphertext looked at. Which ciphertexts there are is known to `wrapping_key`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::request::Request;
use super::state::State;
use super::wrapping_key::{Context, Kms, Status, WrappingKey};
use crate::support::http::Answer;

/// The most that KMS wraps.
const LARGEST: usize = 4096;

const NOT_OURS: &str = "The ciphertext refers to a customer master key that does not exist, \
    does not exist in this region, or you are not allowed to access.";
const NOT_THE_ONE: &str =
    "The key ID in the request does not identify a CMK that can perform this operation.";

/// An error as KMS answers with it.
#[derive(Debug)]
struct Refusal(&'static str, String);

type Outcome = Result<Value, Refusal>;

/// Performs a request.
pub fn answer(state: &mut State, request: &Request) -> Answer {
    let asked = Asked {
        body: request.json(),
        operation: request.operation.clone(),
        region: request.region.clone(),
        caller: state.caller.clone(),
    };
    match asked.dispatch(&mut state.kms) {
        Ok(body) => Answer::empty(200).body("application/x-amz-json-1.1", body.to_string()),
        Err(Refusal(code, message)) => error(400, code, &message),
    }
}

/// The operations that are known.
pub const OPERATIONS: [&str; 9] = [
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
    "DescribeKey",
    "GetKeyRotationStatus",
    "EnableKeyRotation",
    "ListAliases",
    "CreateKey",
    "CreateAlias",
];

/// An error; one without a message says nothing more than its code.
pub fn error(status: u16, code: &str, message: &str) -> Answer {
    let mut body = json!({"__type": code});
    if !message.is_empty() {
        body["message"] = message.into();
    }
    Answer::empty(status)
        .header("x-amzn-errortype", code)
        .body("application/x-amz-json-1.1", body.to_string())
}

struct Asked {
    body: Value,
    operation: String,
    region: String,
    caller: String,
}

impl Asked {
    fn dispatch(&self, kms: &mut Kms) -> Outcome {
        match &*self.operation {
            "Encrypt" => self.encrypt(kms),
            "Decrypt" => self.decrypt(kms),
            "ReEncrypt" => self.re_encrypt(kms),
            "CreateKey" => {
                let arn = kms.create(&self.caller, &self.region);
                let description = self.body["Description"].as_str().unwrap_or_default();
                description.clone_into(&mut kms.key(&arn).description);
                Ok(json!({"KeyMetadata": describe(&kms.key(&arn).clone())}))
            }
            "CreateAlias" => self.create_alias(kms),
            "ListAliases" => Ok(self.list_aliases(kms)),
            _ => self.about(kms),
        }
    }

    fn encrypt(&self, kms: &mut Kms) -> Outcome {
        let key = self.named(kms, "KeyId", "Encrypt")?;
        let key = usable(key)?.clone();
        let plaintext = self.bytes("Plaintext")?;
        if plaintext.is_empty() || plaintext.len() > LARGEST {
            let message = "1 validation error detected: Value at 'plaintext' failed to satisfy \
                constraint: Member must have length less than or equal to 4096";
            return Err(Refusal("ValidationException", message.into()));
        }
        let blob = kms.wrap(&key.arn, &plaintext, self.context("EncryptionContext"));
        Ok(json!({
            "CiphertextBlob": STANDARD.encode(blob),
            "KeyId": key.arn,
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }

    fn decrypt(&self, kms: &Kms) -> Outcome {
        let (arn, plaintext) = self.open(kms, "KeyId", "EncryptionContext", "Decrypt")?;
        Ok(json!({
            "Plaintext": STANDARD.encode(plaintext),
            "KeyId": arn,
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }

    fn re_encrypt(&self, kms: &mut Kms) -> Outcome {
        let (context, action) = ("SourceEncryptionContext", "ReEncryptFrom");
        let (source, plaintext) = self.open(kms, "SourceKeyId", context, action)?;
        let destination = self.named(kms, "DestinationKeyId", "ReEncryptTo")?;
        let destination = usable(destination)?.arn.clone();
        let context = self.context("DestinationEncryptionContext");
        let blob = kms.wrap(&destination, &plaintext, context);
        Ok(json!({
            "CiphertextBlob": STANDARD.encode(blob),
            "SourceKeyId": source,
            "KeyId": destination,
            "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }

    /// The ARN of a ciphertext's wrapping key, and its plaintext.
    fn open(
        &self,
        kms: &Kms,
        key_member: &str,
        context_member: &str,
        action: &str,
    ) -> Result<(String, Vec<u8>), Refusal> {
        let named = match self.body[key_member].as_str() {
            Some(_) => Some(usable(self.named(kms, key_member, action)?)?),
            None => None,
        };
        let damaged = || Refusal("InvalidCiphertextException", String::new());
        let blob = self.bytes("CiphertextBlob")?;
        let wrapped = kms.look_into(&blob).ok_or_else(damaged)?;
        let not_ours = || Refusal("AccessDeniedException", NOT_OURS.into());
        let key = kms.of_arn(&wrapped.arn).ok_or_else(not_ours)?;
        match named {
            Some(named) if named.arn != key.arn => {
                return Err(Refusal("IncorrectKeyException", NOT_THE_ONE.into()));
            }
            Some(_) => {}
            None => {
                if key.region != self.region || self.allow(key, action).is_err() {
                    return Err(not_ours());
                }
                usable(key)?;
            }
        }
        if wrapped.context != self.context(context_member) {
            return Err(damaged());
        }
        Ok((key.arn.clone(), wrapped.plaintext.clone()))
    }

    fn about(&self, kms: &mut Kms) -> Outcome {
        let arn = self.named(kms, "KeyId", &self.operation)?.arn.clone();
        let key = kms.of_arn_mut(&arn).expect("it was just found");
        Ok(match &*self.operation {
            "DescribeKey" => json!({"KeyMetadata": describe(key)}),
            "EnableKeyRotation" => {
                key.rotated = true;
                Value::Null
            }
            _ => json!({"KeyRotationEnabled": key.rotated, "KeyId": key.arn}),
        })
    }

    fn create_alias(&self, kms: &mut Kms) -> Outcome {
        let arn = self.named(kms, "TargetKeyId", "CreateAlias")?.arn.clone();
        let name = self.body["AliasName"].as_str().unwrap_or_default();
        if kms.aliases().contains_key(&self.arn(name)) {
            let message = format!("An alias with the name {} already exists", self.arn(name));
            return Err(Refusal("AlreadyExistsException", message));
        }
        kms.point(name.strip_prefix("alias/").unwrap_or(name), &arn);
        Ok(Value::Null)
    }

    fn list_aliases(&self, kms: &Kms) -> Value {
        let start = self.arn("alias/");
        let ours = kms
            .aliases()
            .iter()
            .filter(|(alias, _)| alias.starts_with(&start));
        let entry = |(alias, arn): (&String, &String)| {
            let name = alias.split_once(":alias/").map_or("", |(_, name)| name);
            let id = arn.rsplit('/').next();
            json!({"AliasName": format!("alias/{name}"), "AliasArn": alias, "TargetKeyId": id})
        };
        json!({"Aliases": ours.map(entry).collect::<Vec<_>>(), "Truncated": false})
    }

    /// The wrapping key that the request names, if the caller may do this with it.
    fn named<'a>(
        &self,
        kms: &'a Kms,
        member: &str,
        action: &str,
    ) -> Result<&'a WrappingKey, Refusal> {
        let name = self.body[member].as_str().unwrap_or_default();
        let arn = match name {
            _ if name.starts_with("arn:") => name.to_owned(),
            _ if name.starts_with("alias/") => self.arn(name),
            _ => self.arn(&format!("key/{name}")),
        };
        let not_found = |message| Refusal("NotFoundException", message);
        if arn.split(':').nth(3) != Some(&self.region) {
            return Err(not_found(format!("Invalid arn {}", self.region)));
        }
        let target = match kms.aliases().get(&arn) {
            Some(target) => target,
            None if arn.contains(":alias/") => {
                return Err(not_found(format!("Alias {arn} is not found.")));
            }
            None => &arn,
        };
        let key = kms.of_arn(target);
        let key = key.ok_or_else(|| not_found(format!("Key '{arn}' does not exist")))?;
        self.allow(key, action)?;
        Ok(key)
    }

    fn allow(&self, key: &WrappingKey, action: &str) -> Result<(), Refusal> {
        let home = key.account == self.caller || key.open_to.contains(&self.caller);
        if home && !key.denied.iter().any(|denied| denied == action) {
            return Ok(());
        }
        Err(Refusal(
            "AccessDeniedException",
            format!(
                "User: arn:aws:iam::{}:user/tester is not authorized to perform: kms:{action} on \
                 resource: {} because no identity-based policy allows the kms:{action} action",
                self.caller, key.arn
            ),
        ))
    }

    fn arn(&self, resource: &str) -> String {
        format!("arn:aws:kms:{}:{}:{resource}", self.region, self.caller)
    }

    fn bytes(&self, member: &str) -> Result<Vec<u8>, Refusal> {
        let text = self.body[member].as_str().unwrap_or_default();
        let bytes = STANDARD.decode(text);
        bytes.map_err(|_| Refusal("SerializationException", format!("{member} is not base64")))
    }

    fn context(&self, member: &str) -> Context {
        serde_json::from_value(self.body[member].clone()).unwrap_or_default()
    }
}

fn usable(key: &WrappingKey) -> Result<&WrappingKey, Refusal> {
    match key.status {
        Status::Enabled => Ok(key),
        Status::Disabled => Err(Refusal(
            "DisabledException",
            format!("{} is disabled.", key.arn),
        )),
        Status::PendingDeletion => {
            let message = format!("{} is pending deletion.", key.arn);
            Err(Refusal("KMSInvalidStateException", message))
        }
    }
}

fn describe(key: &WrappingKey) -> Value {
    let status = match key.status {
        Status::Enabled => "Enabled",
        Status::Disabled => "Disabled",
        Status::PendingDeletion => "PendingDeletion",
    };
    json!({
        "AWSAccountId": key.account,
        "KeyId": key.id(),
        "Arn": key.arn,
        "Description": key.description,
        "Enabled": key.status == Status::Enabled,
        "KeyState": status,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyManager": "CUSTOMER",
        "Origin": "AWS_KMS",
        "MultiRegion": false,
    })
}
