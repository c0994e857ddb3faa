//! Version 2: exactly eight members, and the seven pairs of context that its data
//! key is bound to.
//!
//! Strict, so that no two programs read a record differently. The path in the context
//! is the one that was fetched, never one from the record.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::context::Context;
use super::created::Created;
use super::fault::V2Fault;
use super::members::{OF_VERSION_2, RawMembers, around, text};
use crate::base::base64::{self, Alphabet};
use crate::base::hash::{is_hex, sha256};
use crate::record::fernet;

/// The last generation: the largest integer that every JSON reader keeps exact.
pub(crate) const LAST_GENERATION: u64 = (1 << 53) - 1;

/// The longest name of a secret, in bytes, and the longest tool.
const LONGEST_NAME: usize = 512;
const LONGEST_TOOL: usize = 64;

/// A record that opens only at its own path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct V2<'a> {
    pub(crate) head: Head,
    pub(crate) token: Token<'a>,
    /// The data key, wrapped with the context.
    pub(crate) wrapped: Vec<u8>,
}

/// A canonical Fernet token, and the SHA-256 of its characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    text: Cow<'a, str>,
    hash: String,
}

impl<'a> Token<'a> {
    /// Parses a token in any spelling; `None` if it does not have the form of one.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        fernet::canonical(text).map(Self::hashed)
    }

    /// Wraps a token that was just sealed, and so is canonical.
    pub(crate) fn sealed(text: String) -> Self {
        Self::hashed(text.into())
    }

    /// Parses a token in its canonical spelling only.
    fn exactly(text: Cow<'a, str>) -> Option<Self> {
        match fernet::canonical(&text)? {
            Cow::Borrowed(_) => Some(Self::hashed(text)),
            Cow::Owned(_) => None,
        }
    }

    fn hashed(text: Cow<'a, str>) -> Self {
        let hash = sha256(text.as_bytes());
        Self { text, hash }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> Cow<'a, str> {
        self.text
    }
}

/// What a record says about itself; the data key is bound to all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The number of writes to this name, from 1.
    pub(crate) generation: u64,
    pub(crate) created: Created,
    pub(crate) kind: Kind,
    /// The program that wrote it, such as `lazycred/1.0.0`.
    pub(crate) tool: String,
}

/// The type of a secret: the member `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Text,
    Bytes,
}

impl Kind {
    /// JSON if all of it is valid JSON, else text if it is UTF-8.
    pub(crate) fn of(secret: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(secret) else {
            return Self::Bytes;
        };
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Self::Json,
            Err(_) => Self::Text,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain",
            Self::Bytes => "application/octet-stream",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Json, Self::Text, Self::Bytes]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

impl Head {
    /// The head of a new record.
    pub(crate) fn new(generation: u64, kind: Kind) -> Self {
        Self {
            generation,
            created: Created::now(),
            kind,
            tool: concat!("lazycred/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// The context of a data key: this head, the token, and the record's path.
    pub(crate) fn context(&self, path: &str, token: &Token) -> Context {
        let pairs = [
            ("v", "2".to_owned()),
            ("path", path.to_owned()),
            ("gen", self.generation.to_string()),
            ("created", self.created.to_string()),
            ("type", self.kind.as_str().to_owned()),
            ("tool", self.tool.clone()),
            ("token-sha256", token.hash.clone()),
        ];
        let named = |(name, value)| (format!("lazycred:{name}"), value);
        pairs.into_iter().map(named).collect()
    }
}

impl<'a> V2<'a> {
    /// Reads members, and checks all of them.
    pub(super) fn of(members: &RawMembers<'a>) -> Result<Self, V2Fault> {
        if let Some(name) = members.twice {
            return Err(V2Fault::Twice { name });
        }
        if let Some(name) = &members.unknown {
            return Err(V2Fault::Unknown { name: name.clone() });
        }
        for name in ["data", "key"] {
            if members.get(name).is_some() {
                return Err(V2Fault::Unknown { name: name.into() });
            }
        }
        let raw = |name| members.get(name).ok_or(V2Fault::Missing { name });
        for &name in OF_VERSION_2 {
            raw(name)?;
        }
        let form = |name, wanted| V2Fault::Form { name, wanted };
        let text = |name, wanted| {
            let text: Option<Cow<'a, str>> = members.get(name).and_then(text);
            text.ok_or(form(name, wanted))
        };
        let wanted = "an integer from 1 to 9007199254740991";
        let generation = raw("gen").map(generation)?.ok_or(form("gen", wanted))?;
        let wanted = "a time as in 2026-08-22T14:03:11Z";
        let created = Created::parse(&text("created", wanted)?).ok_or(form("created", wanted))?;
        let wanted = "application/json, text/plain or application/octet-stream";
        let kind = Kind::parse(&text("type", wanted)?).ok_or(form("type", wanted))?;
        let wanted = "1 to 64 characters of printable ASCII";
        let tool = text("tool", wanted)?.into_owned();
        if !is_tool(&tool) {
            return Err(form("tool", wanted));
        }
        let wanted = "a Fernet token in canonical base64";
        let token = text("token", wanted)?;
        let token = Token::exactly(token).ok_or(form("token", wanted))?;
        let wanted = "canonical base64 of one byte or more";
        let wrapped = text("wrapped_key", wanted)?;
        let wrapped = canonical(&wrapped).ok_or(form("wrapped_key", wanted))?;
        let wanted = "64 lower-case hexadecimal digits";
        let claimed = text("token_sha256", wanted)?;
        if !is_hex(&claimed, 64) {
            return Err(form("token_sha256", wanted));
        }
        if *claimed != token.hash {
            return Err(V2Fault::Hash);
        }
        let head = Head {
            generation,
            created,
            kind,
            tool,
        };
        Ok(Self {
            head,
            token,
            wrapped,
        })
    }

    /// The context of its data key at `path`.
    pub(crate) fn context(&self, path: &str) -> Context {
        self.head.context(path, &self.token)
    }

    /// The document, in the token's own buffer if it owns one.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let document = Document {
            lazycred: 2,
            generation: self.head.generation,
            created: &self.head.created.to_string(),
            kind: self.head.kind.as_str(),
            tool: &self.head.tool,
            token_sha256: &self.token.hash,
            wrapped_key: &base64::encode(&self.wrapped),
            token: "",
        };
        let document = serde_json::to_string(&document);
        let document = document.expect("text and integers are always JSON");
        // Base64 needs no escapes, and the token is the last member.
        let (before, after) = document.split_at(document.len() - r#""}"#.len());
        around(self.token.text, before, after)
    }
}

/// The members in the order of writing.
#[derive(Serialize)]
struct Document<'a> {
    lazycred: u8,
    #[serde(rename = "gen")]
    generation: u64,
    created: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    tool: &'a str,
    token_sha256: &'a str,
    wrapped_key: &'a str,
    token: &'a str,
}

/// Whether a record of version 2 may have this name, which appears in logs and
/// policies: letters, digits and `._/-`, and no segment that is empty, `.` or `..`.
pub(crate) fn is_bindable(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    name.len() <= LONGEST_NAME
        && name.chars().all(plain)
        && name
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Parses plain digits: `7`, not `7.0` or `7e0`.
fn generation(raw: &RawValue) -> Option<u64> {
    let digits = raw.get().bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.then(|| raw.get().parse().ok())??;
    (1..=LAST_GENERATION).contains(&number).then_some(number)
}

fn is_tool(text: &str) -> bool {
    let printable = |byte: u8| (b' '..=b'~').contains(&byte);
    (1..=LONGEST_TOOL).contains(&text.len()) && text.bytes().all(printable)
}

fn canonical(text: &str) -> Option<Vec<u8>> {
    let bytes = base64::decode(text.as_bytes(), Alphabet::Standard)?;
    (!bytes.is_empty() && base64::encode(&bytes) == text).then_some(bytes)
}
