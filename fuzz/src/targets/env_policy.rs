//! The names that no secret may give, and variables as other programs read them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{choice, is_safe_error};
use crate::base::base64::{self, Alphabet};
use crate::base::{Secret, VarName};
use crate::launch::refused::{REFUSED_NAMES, REFUSED_PREFIXES, is_refused, none_refused, refuses};
use crate::plaintext::dotenv;
use crate::plaintext::export::{Export, Step, masks, write};
use crate::plaintext::vars::Var;

/// What delimits values of a GitHub Actions step.
const RANDOM: &str = "ghadelimiter_0123456789abcdef";

/// A refused name is refused whatever its value, and every format gives back the name and
/// the value, or an error.
pub fn env_policy(input: &[u8]) {
    let (chosen, rest) = choice(input);
    let split = rest.iter().position(|byte| *byte == b'=');
    let (name, value) = match split {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, &b""[..]),
    };
    let name = String::from_utf8_lossy(name);
    policy(&name, value);
    // No secret becomes a variable with a NUL.
    if value.contains(&0) {
        return;
    }
    if let Ok(name) = name.parse::<VarName>() {
        let variable = |name: VarName, value: &[u8]| Var {
            reference: format!("{name}=db"),
            name,
            value: Some(Secret::from(value)),
            path: String::new(),
            named: chosen & 8 == 8,
        };
        let other = "OTHER_ONE".parse().expect("a name");
        let variables = [variable(name, value), variable(other, b"it's $1")];
        let count = if variables[0].name == variables[1].name {
            1
        } else {
            2
        };
        exported(chosen, &variables[..count]);
    }
}

fn policy(name: &str, value: &[u8]) {
    let is_listed = REFUSED_NAMES.contains(&name)
        || REFUSED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix));
    let refused = is_refused(name, value);
    if name == "ENV" {
        assert!(refused || !value.contains(&b'/') && !value.contains(&b'$'));
    } else {
        assert_eq!(refused, is_listed);
    }
    let secret = Secret::from(value);
    assert_eq!(refuses(true, &[], name, Some(&secret)), refused);
    assert!(!refuses(false, &[], name, Some(&secret)));
    if let Ok(allowed) = name.parse::<VarName>() {
        assert!(!refuses(true, &[allowed], name, Some(&secret)));
        let refused = none_refused([(name.as_ref(), "db")].into_iter());
        is_safe_error(&refused.expect_err("a refused name"));
    }
}

fn exported(chosen: usize, variables: &[Var]) {
    let formats = [
        Export::Shell,
        Export::Dotenv,
        Export::Json,
        Export::Yaml,
        Export::Github,
        Export::Docker,
        Export::Systemd,
        Export::K8s,
    ];
    let format = formats[chosen & 7];
    let step = [Step::Variables, Step::Outputs][chosen >> 4 & 1];
    let first = "db".parse().expect("a name");
    let written = match write(format, variables, (step, RANDOM), &first) {
        Ok(written) => written,
        Err(error) => return is_safe_error(&error),
    };
    let expected: BTreeMap<String, Vec<u8>> = variables
        .iter()
        .map(|one| {
            let value = one.value.as_ref().expect("a value").as_bytes();
            (one.name.as_str().to_owned(), value.to_vec())
        })
        .collect();
    let text = written.as_bytes();
    let read = match format {
        Export::Shell => shell(text),
        Export::Dotenv => dotenv::parse(text)
            .expect("dotenv")
            .into_iter()
            .map(|pair| (pair.name, pair.value.as_bytes().to_vec()))
            .collect(),
        Export::Json => json(text),
        Export::Yaml => yaml(text),
        Export::Github => github(text),
        Export::Docker => lines(text, b"=", |value| value.to_vec()),
        Export::Systemd => systemd(text),
        Export::K8s => {
            let data = text
                .windows(7)
                .position(|seen| seen == b"\ndata:\n")
                .expect("data");
            lines(&text[data + 7..], b": ", |value| {
                base64::decode(&value[1..value.len() - 1], Alphabet::Standard).expect("base64")
            })
        }
    };
    assert_eq!(read, expected);
    let masked = masks(variables);
    for line in masked.as_bytes().split(|byte| *byte == b'\n') {
        assert!(line.is_empty() || line.starts_with(b"::add-mask::"));
    }
}

type Read = BTreeMap<String, Vec<u8>>;

fn name(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("a name")
}

/// Splits each line at the first `between`.
fn lines(text: &[u8], between: &[u8], value: impl Fn(&[u8]) -> Vec<u8>) -> Read {
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let pair = |line: &[u8]| {
        let mut ends = line.windows(between.len());
        let at = ends.position(|seen| seen == between).expect("a name");
        let name = name(line[..at].trim_ascii()).trim_matches('"').to_owned();
        (name, value(&line[at + between.len()..]))
    };
    lines.map(pair).collect()
}

/// Reads what stands between quotes, up to the one that ends it, and says where.
fn quoted(
    text: &[u8],
    unescape: impl Fn(&[u8], &mut Vec<u8>) -> Option<usize>,
) -> (Vec<u8>, usize) {
    let (mut value, mut at) = (Vec::new(), 0);
    while let Some(taken) = unescape(&text[at..], &mut value) {
        at += taken;
    }
    (value, at)
}

/// Reads `BEFORE NAME BETWEEN quoted` and a line's end, again and again.
fn each(
    mut text: &[u8],
    (before, between): (&[u8], &[u8]),
    unescape: impl Fn(&[u8], &mut Vec<u8>) -> Option<usize>,
) -> Read {
    let mut read = Read::new();
    while !text.is_empty() {
        text = text
            .strip_prefix(before)
            .expect("what stands before a name");
        let at = text.windows(between.len()).position(|seen| seen == between);
        let at = at.expect("what stands between a name and its value");
        let name = name(&text[..at]);
        let (value, end) = quoted(&text[at + between.len()..], &unescape);
        text = &text[at + between.len() + end..];
        text = text[1..].strip_prefix(b"\n").expect("a line's end");
        read.insert(name, value);
    }
    read
}

fn shell(text: &[u8]) -> Read {
    each(text, (b"export ", b"='"), |rest, value| {
        let taken = if rest.starts_with(b"'\\''") { 4 } else { 1 };
        if rest[0] == b'\'' && taken == 1 {
            return None;
        }
        value.push(rest[0]);
        Some(taken)
    })
}

fn systemd(text: &[u8]) -> Read {
    each(text, (b"", b"=\""), |rest, value| {
        let at = match rest[0] {
            b'"' => return None,
            b'\\' => 1,
            _ => 0,
        };
        value.push(rest[at]);
        Some(at + 1)
    })
}

fn yaml(text: &[u8]) -> Read {
    each(text, (b"\"", b"\": \""), |rest, value| {
        if rest[0] == b'"' {
            return None;
        }
        if rest[0] != b'\\' {
            assert!(
                rest[0] >= b' ' && rest[0] != 0x7f,
                "a bare control character"
            );
            value.push(rest[0]);
            return Some(1);
        }
        let digits = match rest[1] {
            b'x' => 2,
            b'u' => 4,
            b'n' => return plain(value, b'\n'),
            b't' => return plain(value, b'\t'),
            b'"' | b'\\' => return plain(value, rest[1]),
            other => panic!("the escape {other}"),
        };
        let code = str::from_utf8(&rest[2..2 + digits]).expect("digits");
        let code = u32::from_str_radix(code, 16).expect("digits");
        let c = char::from_u32(code).expect("a character");
        value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        Some(2 + digits)
    })
}

fn plain(value: &mut Vec<u8>, byte: u8) -> Option<usize> {
    value.push(byte);
    Some(2)
}

fn json(text: &[u8]) -> Read {
    let read: BTreeMap<String, Value> = serde_json::from_slice(text).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").as_bytes().to_vec();
    read.iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

fn github(mut text: &[u8]) -> Read {
    let (head, tail) = (format!("<<{RANDOM}\n"), format!("\n{RANDOM}\n"));
    let find = |text: &[u8], what: &str| {
        let mut seen = text.windows(what.len());
        seen.position(|seen| seen == what.as_bytes())
            .expect("a delimiter")
    };
    let mut read = Read::new();
    while !text.is_empty() {
        let (start, name) = (find(text, &head), name(&text[..find(text, &head)]));
        text = &text[start + head.len()..];
        let end = find(text, &tail);
        read.insert(name, text[..end].to_vec());
        text = &text[end + tail.len()..];
    }
    read
}
