//! Variables as other programs read them from a file.
//!
//! Pure. Each format is quoted by its reader's own rules; a value that a format
//! cannot hold, or that its readers would not read alike, is an error that
//! names the variable, and never a value that comes out otherwise.

use zeroize::Zeroizing;

use crate::base64;
use crate::error::{Error, Result};
use crate::json;
use crate::name::{OneLine, SecretName, VarName};
use crate::secret::Secret;

/// What reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A POSIX shell, by `eval` or `.`.
    Shell,
    /// Programs that read `.env`.
    Dotenv,
    /// An object.
    Json,
    /// A mapping.
    Yaml,
    /// `$GITHUB_ENV` of a step on GitHub Actions.
    Github,
    /// `docker run --env-file`.
    Docker,
    /// `EnvironmentFile=` of a unit.
    Systemd,
    /// A Kubernetes `Secret`.
    K8s,
}

/// One variable on its way out.
#[derive(Debug)]
pub(crate) struct Exported {
    pub(crate) name: VarName,
    /// `None` for a variable that is not to be set.
    pub(crate) value: Option<Secret>,
    /// The reference that gave it, as it was typed.
    pub(crate) reference: String,
}

/// The text of a file. `random` is what no value holds by chance.
///
/// # Errors
///
/// [`Error::Environment`] for a value that the format cannot hold.
pub(crate) fn write(
    format: Export,
    variables: &[Exported],
    random: &str,
    first: &SecretName,
) -> Result<Secret> {
    // All that it can grow to, so that no copy of a part stays behind.
    let size = |variable: &Exported| {
        let value = variable.value.as_ref().map_or(0, Secret::len);
        variable.name.as_str().len() + 6 * value + 2 * random.len() + 32
    };
    let room = variables.iter().map(size).sum::<usize>() + first.as_str().len() + 256;
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    let set: Vec<(&Exported, &[u8])> = variables
        .iter()
        .filter_map(|variable| Some((variable, variable.value.as_ref()?.as_bytes())))
        .collect();
    match format {
        Export::Json | Export::Yaml if set.is_empty() => out.extend_from_slice(b"{}\n"),
        Export::Json => out.extend_from_slice(b"{\n"),
        Export::K8s => out.extend_from_slice(manifest(first, set.is_empty()).as_bytes()),
        Export::Shell => {
            for variable in variables.iter().filter(|one| one.value.is_none()) {
                out.extend_from_slice(format!("unset {}\n", variable.name).as_bytes());
            }
        }
        _ => {}
    }
    let last = set.len();
    for (at, (variable, value)) in set.into_iter().enumerate() {
        let end = if at + 1 == last { "\n}\n" } else { ",\n" };
        one(format, variable, value, random, end, &mut out)?;
    }
    Ok(Secret::from(out))
}

fn one(
    format: Export,
    variable: &Exported,
    value: &[u8],
    random: &str,
    end: &str,
    out: &mut Vec<u8>,
) -> Result<()> {
    let name = variable.name.as_str();
    let mut line = |parts: &[&[u8]]| parts.iter().for_each(|part| out.extend_from_slice(part));
    let text = || text(variable, value);
    match format {
        Export::Shell => {
            line(&[b"export ", name.as_bytes(), b"='"]);
            escape(value, b"'", b"'\\'", out);
            out.extend_from_slice(b"'\n");
        }
        Export::Dotenv => {
            let text = text()?;
            line(&[name.as_bytes(), b"="]);
            dotenv(variable, text, out)?;
        }
        Export::Json => {
            let quoted = Zeroizing::new(json::quoted(text()?));
            let name = format!("  \"{name}\": ");
            line(&[name.as_bytes(), quoted.as_bytes(), end.as_bytes()]);
        }
        Export::Yaml => {
            let text = text()?;
            line(&[b"\"", name.as_bytes(), b"\": \""]);
            text.chars().for_each(|c| yaml(c, out));
            out.extend_from_slice(b"\"\n");
        }
        Export::Github => {
            let text = text()?;
            if text.contains(random) {
                return Err(cannot(variable, "holds the delimiter", "again"));
            }
            let head = format!("{name}<<{random}\n");
            let tail = format!("\n{random}\n");
            line(&[head.as_bytes(), value, tail.as_bytes()]);
        }
        Export::Docker => {
            let text = text()?;
            if text.contains('\n') || text.ends_with('\r') {
                return Err(cannot(variable, "holds a newline", "one line a variable"));
            }
            line(&[name.as_bytes(), b"=", value, b"\n"]);
        }
        Export::Systemd => {
            let control = |c: char| c.is_control() && c != '\t' && c != '\n';
            if text()?.contains(control) {
                let why = "systemd takes none but tab and newline";
                return Err(cannot(variable, "holds a control character", why));
            }
            line(&[name.as_bytes(), b"=\""]);
            escape(value, b"\"\\`$", b"\\", out);
            out.extend_from_slice(b"\"\n");
        }
        Export::K8s => {
            let encoded = Zeroizing::new(base64::encode(value));
            line(&[b"  ", name.as_bytes(), b": \"", encoded.as_bytes(), b"\"\n"]);
        }
    }
    Ok(())
}

/// The lines of a value, as the commands that have GitHub Actions hide them.
pub(crate) fn masks(variables: &[Exported]) -> Secret {
    let size = |variable: &Exported| variable.value.as_ref().map_or(0, |value| 20 * value.len());
    let room = variables.iter().map(size).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    for value in variables.iter().filter_map(|one| one.value.as_ref()) {
        let lines = value.as_bytes().split(|byte| matches!(byte, b'\n' | b'\r'));
        // White space alone would hide everything, and is refused.
        for line in lines.filter(|line| !line.trim_ascii().is_empty()) {
            out.extend_from_slice(b"::add-mask::");
            for byte in line {
                match byte {
                    b'%' => out.extend_from_slice(b"%25"),
                    byte => out.push(*byte),
                }
            }
            out.push(b'\n');
        }
    }
    Secret::from(out)
}

/// Quotes so that a shell, dotenvy and python-dotenv read the same.
fn dotenv(variable: &Exported, text: &str, out: &mut Vec<u8>) -> Result<()> {
    let escaped = text.contains("\\\\");
    if text.contains('\r') {
        let why = "some readers drop it";
        return Err(cannot(variable, "holds a carriage return", why));
    }
    if text.ends_with('\\') {
        let why = "some readers take the quote behind it for a part of the value";
        return Err(cannot(variable, "ends with a backslash", why));
    }
    let quote: &[u8] = if !text.contains('\'') && !escaped {
        out.push(b'\'');
        out.extend_from_slice(text.as_bytes());
        b"'\n"
    } else if text.contains(['$', '`']) {
        let what = "needs double quotes and holds `$` or a backquote";
        return Err(cannot(variable, what, "some readers would expand it"));
    } else {
        out.push(b'"');
        escape(text.as_bytes(), b"\"\\", b"\\", out);
        b"\"\n"
    };
    out.extend_from_slice(quote);
    Ok(())
}

/// One character within double quotes, so that versions 1.1 and 1.2 read it alike.
///
/// Source: YAML 1.2.2, <https://yaml.org/spec/1.2.2/#57-escaped-characters>.
fn yaml(c: char, out: &mut Vec<u8>) {
    let plain = match c {
        '"' | '\\' => false,
        ' '..='~' | '\u{a0}'..='\u{d7ff}' => !matches!(c, '\u{2028}' | '\u{2029}'),
        '\u{e000}'..='\u{fffd}' => c != '\u{feff}',
        c => c >= '\u{10000}',
    };
    let code = u32::from(c);
    let escape = match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        c if plain => c.to_string(),
        _ if code < 0x100 => format!("\\x{code:02x}"),
        _ => format!("\\u{code:04x}"),
    };
    out.extend_from_slice(Zeroizing::new(escape).as_bytes());
}

/// Puts something before each byte that needs it.
fn escape(value: &[u8], special: &[u8], before: &[u8], out: &mut Vec<u8>) {
    for byte in value {
        if special.contains(byte) {
            out.extend_from_slice(before);
        }
        out.push(*byte);
    }
}

/// The head of a manifest, named after the first secret.
fn manifest(first: &SecretName, empty: bool) -> String {
    let plain = |c: char| {
        let c = c.to_ascii_lowercase();
        let may = c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if may { c } else { '-' }
    };
    let name: String = first.as_str().chars().map(plain).take(253).collect();
    let name = match name.trim_matches('-') {
        "" => "lazycred",
        name => name,
    };
    let data = if empty { "data: {}" } else { "data:" };
    format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"{name}\"\ntype: Opaque\n{data}\n")
}

fn text<'a>(variable: &Exported, value: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(value)
        .map_err(|_| cannot(variable, "is not UTF-8", "its readers take nothing else"))
}

fn cannot(variable: &Exported, what: &str, why: &str) -> Error {
    Error::Environment {
        message: format!(
            "`{}` of `{}` {what}, which this format cannot hold: {why}",
            variable.name,
            OneLine(&variable.reference)
        ),
        hint: Some(format!(
            "--except {} leaves it out; --format shell and k8s hold any value",
            variable.name
        )),
    }
}
