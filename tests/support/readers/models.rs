//! Readers whose rules are written down again, or that are crates.

use saphyr::LoadableYamlNode as _;

use super::{Answer, Pairs};

/// Where the reader of `EnvironmentFile=` is in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    BeforeName,
    Name,
    BeforeValue,
    Bare,
    BareEscape,
    Single,
    Double,
    DoubleEscape,
    Comment,
    CommentEscape,
}

/// Source: `parse_env_file_internal` in `src/basic/env-file.c`,
/// `env_assignment_is_valid` in `src/basic/env-util.c` and `unichar_is_valid` in
/// `src/basic/utf8.c` of <https://github.com/systemd/systemd>. What it would only
/// warn of and leave out is an error here.
pub(super) fn systemd(text: &[u8]) -> Answer {
    let mut pairs = Pairs::new();
    let (mut name, mut value) = (Vec::new(), Vec::new());
    // How long the bare value is without the blanks at its end.
    let mut solid = 0;
    let mut at = At::BeforeName;
    for byte in text.iter().copied().chain([b'\n']) {
        let ends = matches!(byte, b'\n' | b'\r');
        let blank = ends || matches!(byte, b' ' | b'\t');
        match (at, byte) {
            (_, 0) => return Err("a NUL".to_owned()),
            (At::BeforeName, b'#' | b';') => at = At::Comment,
            (At::BeforeName, _) if blank => {}
            (At::BeforeName, _) => (at, name) = (At::Name, vec![byte]),
            (At::Name, _) if ends => return Err("a line without `=`".to_owned()),
            (At::Name, b'=') => (at, solid) = (At::BeforeValue, 0),
            (At::Name, _) => name.push(byte),
            (At::BeforeValue | At::Bare, _) if ends => {
                if at == At::Bare {
                    value.truncate(solid);
                }
                let name = std::mem::take(&mut name).trim_ascii_end().to_vec();
                pairs.push((name, std::mem::take(&mut value)));
                at = At::BeforeName;
            }
            (At::BeforeValue, b'\'') => at = At::Single,
            (At::BeforeValue, b'"') => at = At::Double,
            (At::BeforeValue | At::Bare, b'\\') => at = At::BareEscape,
            (At::BeforeValue, _) if blank => {}
            (At::BeforeValue | At::Bare | At::BareEscape, _) => {
                if at != At::BareEscape || !ends {
                    value.push(byte);
                }
                if at == At::BareEscape || !blank {
                    solid = value.len();
                }
                at = At::Bare;
            }
            (At::Single, b'\'') | (At::Double, b'"') => at = At::BeforeValue,
            (At::Double, b'\\') => at = At::DoubleEscape,
            (At::DoubleEscape, _) => {
                at = At::Double;
                match byte {
                    b'\n' => {}
                    b'"' | b'\\' | b'`' | b'$' => value.push(byte),
                    _ => value.extend([b'\\', byte]),
                }
            }
            (At::Single | At::Double, _) => value.push(byte),
            (At::Comment, b'\\') => at = At::CommentEscape,
            (At::Comment, _) if ends => at = At::BeforeName,
            (At::Comment | At::CommentEscape, _) => at = At::Comment,
        }
    }
    if at != At::BeforeName {
        return Err("a quote that is not closed".to_owned());
    }
    for (name, value) in &pairs {
        let text = std::str::from_utf8(value).map_err(|error| error.to_string())?;
        let is_control = |c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n');
        let is_none = |c: char| {
            let code = u32::from(c);
            code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
        };
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        if text.contains(is_control) || text.contains(is_none) || !name.iter().all(is_name) {
            return Err("no valid assignment".to_owned());
        }
    }
    Ok(pairs)
}

/// Source: `pkg/kvfile/kvfile.go` of <https://github.com/docker/cli>, whose
/// scanner gives up on a line of 64 KiB.
pub(super) fn docker(text: &[u8]) -> Answer {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut pairs = Pairs::new();
    for line in text.split(|byte| *byte == b'\n') {
        if line.len() >= 64 * 1024 {
            return Err("token too long".to_owned());
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = std::str::from_utf8(line).map_err(|error| error.to_string())?;
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').ok_or("no value")?;
        if name.is_empty() || name.contains([' ', '\t']) {
            return Err("a name with blanks".to_owned());
        }
        pairs.push((name.into(), value.into()));
    }
    Ok(pairs)
}

pub(super) fn serde_json(text: &[u8]) -> Answer {
    let read: Result<std::collections::BTreeMap<String, String>, _> = serde_json::from_slice(text);
    let pair = |(name, value): (String, String)| (name.into(), value.into());
    read.map(|all| all.into_iter().map(pair).collect())
        .map_err(|error| error.to_string())
}

pub(super) fn saphyr(text: &[u8]) -> Answer {
    let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
    let documents = saphyr::Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    let mapping = documents.first().and_then(|first| first.as_mapping());
    let of = |node: &saphyr::Yaml| node.as_str().map(|text| text.as_bytes().to_vec());
    let pair = |(name, value)| Some((of(name)?, of(value)?));
    let pairs = mapping.ok_or("no mapping")?.iter().map(pair);
    pairs
        .collect::<Option<_>>()
        .ok_or_else(|| "no string".to_owned())
}
