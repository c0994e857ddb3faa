//! What stands in a pair of braces: its grammar, and the text that it becomes.

use zeroize::Zeroizing;

use crate::base::{Error, OneLine, Place, Reference, Result, Secret, Target, is_hidden};
use crate::plaintext::references::{self, Nuls};
use crate::plaintext::rules::Rules;

/// The longest text in braces that an error repeats, in bytes.
const SHOWN: usize = 200;

/// The hint for what is no reference.
const GRAMMAR: &str =
    "braces hold NAME[@VERSION][#FIELD], and `|uri` or `|json` after it if wanted; `{{{{` is `{{`";

/// A reference in braces.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) reference: Reference,
    encoding: Encoding,
    pub(super) line: usize,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Uri,
    Json,
}

impl Value {
    /// The text in its place.
    pub(super) fn text(&self, place: &Place, secret: &Secret, rules: &Rules) -> Result<Secret> {
        let plain = |nuls| references::present(&self.reference, place, secret, rules, nuls);
        match self.encoding {
            Encoding::Plain => plain(Nuls::Refused),
            Encoding::Uri => Ok(percent_encoded(plain(Nuls::Allowed)?.as_bytes())),
            Encoding::Json => references::json(&self.reference, place, secret, rules),
        }
    }
}

/// What stands in a pair of braces.
pub(super) fn value(inside: &[u8], line: usize) -> Result<Value> {
    let wrong = |what: &str| wrong(None, what);
    let inside = str::from_utf8(inside).map_err(|_| wrong("what is in the braces is not UTF-8"))?;
    let inside = inside.trim_matches([' ', '\t']);
    if inside.is_empty() {
        return Err(wrong("there is nothing in the braces"));
    }
    if inside.contains(|c: char| c.is_control() || is_hidden(c)) {
        return Err(wrong(
            "a control character or a line end is in the braces, or `}}` is missing",
        ));
    }
    if inside.contains(char::is_whitespace) {
        return Err(wrong("`{{…}}` contains a space"));
    }
    if inside.contains(['{', '}']) {
        return Err(wrong("a single brace is inside the double ones"));
    }
    let shown = (inside.len() <= SHOWN).then_some(inside);
    let wrong = |what: &str| self::wrong(shown, what);
    let (typed, encoding) = match inside.split_once('|') {
        None => (inside, Encoding::Plain),
        Some((typed, "uri")) => (typed, Encoding::Uri),
        Some((typed, "json")) => (typed, Encoding::Json),
        Some(_) => return Err(wrong("after `|` only `uri` or `json` may follow")),
    };
    let reference: Reference = match typed.parse() {
        Ok(reference) => reference,
        Err(_) if shown.is_none() => return Err(wrong("what is in the braces is no reference")),
        Err(error) => return Err(error.hinted(GRAMMAR)),
    };
    if reference.target != Target::Fields {
        return Err(wrong("a reference in braces names no variable"));
    }
    Ok(Value {
        reference,
        encoding,
        line,
    })
}

/// The error for what is no reference; shows it if it nearly is one.
fn wrong(inside: Option<&str>, what: &str) -> Error {
    let message = match inside {
        Some(inside) => format!("`{{{{{}}}}}`: {what}", OneLine(inside)),
        None => what.to_owned(),
    };
    Error::usage_hint(message, GRAMMAR)
}

/// The error for braces that end nowhere.
pub(super) fn unclosed() -> Error {
    wrong(None, "`{{` is not closed by `}}`")
}

/// Every byte but unreserved ones as `%XX`, as in RFC 3986.
fn percent_encoded(bytes: &[u8]) -> Secret {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let stays = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let encoded = bytes.iter().filter(|byte| !stays(byte)).count();
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + 2 * encoded));
    for byte in bytes {
        if stays(byte) {
            out.push(*byte);
        } else {
            let digit = |nibble: u8| DIGITS[usize::from(nibble)];
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    Secret::from(out)
}
