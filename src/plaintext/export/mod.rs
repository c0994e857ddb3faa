//! Writes variables in formats that other programs read.
//!
//! Pure. Quotes by the rules of each format's parsers. A name or value that a format
//! cannot represent, or that its parsers would read differently, is an error that
//! names the variable; it is never changed.

mod dotenv;
mod exported;
mod github;
mod shell;
mod yaml;

pub use github::{Step, masks};

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use exported::{Cannot, put};

use crate::base::{Error, OneLine, Result, Secret, SecretName, base64};
use crate::plaintext::json;
use crate::plaintext::vars::{LARGEST_ENTRY, Var};

/// The format, by what reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A POSIX shell, with `eval` or `.`.
    Shell,
    /// Programs that read `.env`.
    Dotenv,
    /// A JSON object.
    Json,
    /// A YAML mapping.
    Yaml,
    /// A GitHub Actions step, through `$GITHUB_ENV` or `$GITHUB_OUTPUT`.
    Github,
    /// `docker run --env-file`.
    Docker,
    /// `EnvironmentFile=` of a systemd unit.
    Systemd,
    /// A Kubernetes `Secret`.
    K8s,
}

/// The limit on all values of a Kubernetes Secret together, in bytes.
const K8S_ROOM: usize = 1024 * 1024;

/// The longest name in a Kubernetes Secret.
const K8S_NAME: usize = 253;

/// Writes variables in a format. `step` says what a GitHub Actions step passes on;
/// `random` delimits its values.
///
/// # Errors
///
/// [`Error::Environment`] for each variable that the format cannot represent.
///
/// # Examples
///
/// ```
/// use lazycred::export::{Export, Step, write};
/// let client = lazycred::blocking::Client::in_memory()?;
/// let name: lazycred::SecretName = "token".parse()?;
/// client.put(&name, "hunter2")?;
/// let variables: Vec<_> = client.load(["token"])?.iter().cloned().collect();
/// let text = write(Export::Dotenv, &variables, (Step::Variables, ""), &name)?;
/// assert_eq!(text.as_bytes(), b"TOKEN='hunter2'\n");
/// # Ok::<(), lazycred::Error>(())
/// ```
pub fn write(
    format: Export,
    variables: &[Var],
    (step, random): (Step, &str),
    first: &SecretName,
) -> Result<Secret> {
    // The most it can need, so that it never reallocates and leaves no copy.
    let size = |variable: &Var| {
        let value = variable.value.as_ref().map_or(0, Secret::len);
        variable.name.as_str().len() + 6 * value + 2 * random.len() + 32
    };
    let room = variables.iter().map(size).sum::<usize>() + first.as_str().len() + 256;
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    let set: Vec<(&Var, &[u8])> = variables
        .iter()
        .filter_map(|variable| Some((variable, variable.value.as_ref()?.as_bytes())))
        .collect();
    let all = set.iter().map(|(_, value)| value.len()).sum();
    let cannot = |variable, why| cannot(variable, why, others(format, variable, all));
    let (mut errors, mut outputs) = (Vec::new(), BTreeSet::new());
    match format {
        Export::Json | Export::Yaml if set.is_empty() => out.extend_from_slice(b"{}\n"),
        Export::Json => out.extend_from_slice(b"{\n"),
        Export::K8s => {
            let large = k8s_room(&set, all);
            errors.extend(large.map(|(variable, why)| cannot(variable, why)));
            out.extend_from_slice(manifest(first, set.is_empty()).as_bytes());
        }
        Export::Shell => {
            for variable in variables.iter().filter(|one| one.value.is_none()) {
                errors.extend(shell::name(variable).err().map(|why| cannot(variable, why)));
                out.extend_from_slice(format!("unset {}\n", variable.name).as_bytes());
            }
        }
        _ => {}
    }
    let last = set.len();
    for (at, (variable, value)) in set.into_iter().enumerate() {
        let end = if at + 1 == last { "\n}\n" } else { ",\n" };
        let written = github::alike(step, variable.name.as_str(), &mut outputs)
            .and_then(|()| one(format, variable, value, (step, random), end, &mut out));
        errors.extend(written.err().map(|why| cannot(variable, why)));
    }
    Error::several(errors).map(|()| Secret::from(out))
}

fn one(
    format: Export,
    variable: &Var,
    value: &[u8],
    (step, random): (Step, &str),
    end: &str,
    out: &mut Vec<u8>,
) -> std::result::Result<(), Cannot> {
    let name = variable.name.as_str();
    let for_a_process = match format {
        Export::Shell | Export::Dotenv | Export::Systemd => true,
        Export::Github => step == Step::Variables,
        _ => false,
    };
    if for_a_process && name.len() + value.len() + 2 > LARGEST_ENTRY {
        return Err((
            "is over 128 KiB",
            "Linux passes no variable that long to a program",
        ));
    }
    match format {
        Export::Shell => {
            shell::name(variable)?;
            put(out, &[b"export ", name.as_bytes(), b"='"]);
            escape(value, b"'", b"'\\'", out);
            out.extend_from_slice(b"'\n");
        }
        Export::Dotenv => dotenv::write(variable, text(value)?, out)?,
        Export::Json => {
            let quoted = Zeroizing::new(json::quoted(text(value)?));
            let name = format!("  \"{name}\": ");
            put(out, &[name.as_bytes(), quoted.as_bytes(), end.as_bytes()]);
        }
        Export::Yaml => yaml::write(name, text(value)?, out)?,
        Export::Github => github::write(step, name, text(value)?, random, out)?,
        Export::Docker => {
            let text = text(value)?;
            if text.contains('\n') || text.ends_with('\r') {
                return Err((
                    "contains a line ending",
                    "docker reads one line per variable",
                ));
            }
            if name.len() + 1 + value.len() >= 64 * 1024 {
                return Err(("is over 64 KiB", "docker reads no line that long"));
            }
            put(out, &[name.as_bytes(), b"=", value, b"\n"]);
        }
        Export::Systemd => {
            let text = text(value)?;
            if text.contains(|c: char| c.is_ascii_control() && c != '\t' && c != '\n') {
                let why = "systemd accepts only tab and newline";
                return Err(("contains a control character", why));
            }
            if text.contains(is_noncharacter) {
                let why = "systemd rejects it";
                return Err(("contains a Unicode noncharacter", why));
            }
            put(out, &[name.as_bytes(), b"=\""]);
            escape(value, b"\"\\`$", b"\\", out);
            out.extend_from_slice(b"\"\n");
        }
        Export::K8s => {
            if name.len() > K8S_NAME {
                return Err((
                    "has a name over 253 bytes",
                    "the limit in Kubernetes is 253",
                ));
            }
            let encoded = Zeroizing::new(base64::encode(value));
            let name = format!("  \"{name}\": \"");
            put(out, &[name.as_bytes(), encoded.as_bytes(), b"\"\n"]);
        }
    }
    Ok(())
}

/// Whether it is one of Unicode's 66 noncharacters.
fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

/// The largest variable, if all together exceed the limit of a Kubernetes Secret.
fn k8s_room<'a>(set: &[(&'a Var, &[u8])], all: usize) -> Option<(&'a Var, Cannot)> {
    let (largest, _) = set.iter().max_by_key(|(_, value)| value.len())?;
    let why = "the limit of a Kubernetes Secret is 1 MiB for all values together";
    (all > K8S_ROOM).then_some((
        *largest,
        ("is the largest value, and the Secret is too large", why),
    ))
}

/// Copies a value, with `before` in front of each special byte.
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

fn text(value: &[u8]) -> std::result::Result<&str, Cannot> {
    let none = ("is not UTF-8", "its parsers accept only UTF-8");
    std::str::from_utf8(value).map_err(|_| none)
}

/// Other formats that can represent a variable, for the end of a hint; `all` is the size of all values.
fn others(format: Export, variable: &Var, all: usize) -> &'static str {
    let value = variable.value.as_ref().map_or(&b""[..], Secret::as_bytes);
    let json = format != Export::Json && str::from_utf8(value).is_ok();
    let k8s = format != Export::K8s && variable.name.as_str().len() <= K8S_NAME && all <= K8S_ROOM;
    match (json, k8s) {
        (true, true) => ", or use --format json or k8s",
        (true, false) => ", or use --format json",
        (false, true) => ", or use --format k8s",
        (false, false) => "",
    }
}

fn cannot(variable: &Var, (what, why): Cannot, others: &str) -> Error {
    let (name, reference) = (&variable.name, OneLine(&variable.reference));
    let own = format!("{name}=");
    let given = variable.reference.strip_prefix(&own);
    let given = OneLine(given.unwrap_or(&variable.reference));
    let hint = match variable.named {
        true if what.starts_with("has a name") => {
            format!("rename it with `OTHER={given}`")
        }
        true => format!("omit `{reference}`{others}"),
        false if (what, why) == shell::OWN => {
            format!("rename it with --prefix P_, or omit it with --except {name}")
        }
        false => format!("omit it with --except {name}{others}"),
    };
    Error::Environment {
        message: format!(
            "cannot export `{name}` of `{reference}` in this format: it {what}: {why}"
        ),
        hint: Some(hint),
    }
}
