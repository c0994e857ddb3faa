//! Turns a secret's bytes into the variables that a reference asks for.
//!
//! Decides by the format whether a secret is an object or text, finds fields, and
//! names the variables that `flatten` does not. Pure: no store and no environment.

use serde_json::value::RawValue;

use crate::base::{Error, FieldPath, Place, Reference, Result, Secret, Target, VarName};
use crate::plaintext::detect::{is_utf16, json_of};
use crate::plaintext::dotenv;
use crate::plaintext::flatten::{self, Flat, FlattenError, Leaf};
use crate::plaintext::json::{self, Node};
use crate::plaintext::pick::{self, PickError};
use crate::plaintext::rules::{Format, Null, Rules};
use crate::plaintext::vars::Var;

/// The variables of one reference.
#[derive(Debug)]
pub(crate) struct Shaped {
    pub(crate) vars: Vec<Var>,
    /// Variables that the filter excludes, or that are null.
    pub(crate) left_out: Vec<VarName>,
}

/// Makes the variables of one reference from the bytes of its secret.
pub(crate) fn shape(
    reference: &Reference,
    place: &Place,
    secret: &Secret,
    rules: &Rules,
) -> Result<Shaped> {
    let prefixed;
    let rules = match &reference.target {
        Target::Prefixed(prefix) => {
            prefixed = Rules {
                prefix: format!("{}{prefix}", rules.prefix),
                ..rules.clone()
            };
            &prefixed
        }
        _ => rules,
    };
    let flat = match (&reference.target, &reference.field) {
        (Target::Named(variable), _) => {
            let (value, path) = value(reference, place, secret, rules)?;
            Flat::one(variable.clone(), value, &path)
        }
        (_, None) => whole(place, secret, rules)?,
        (_, Some(field)) => field_leaves(place, secret, field, rules)?,
    };
    let named = matches!(reference.target, Target::Named(_));
    let var = |leaf: Leaf| Var {
        name: leaf.variable,
        value: leaf.value,
        reference: reference.as_str().to_owned(),
        path: leaf.path,
        named,
    };
    Ok(Shaped {
        vars: flat.leaves.into_iter().map(var).collect(),
        left_out: flat.left_out,
    })
}

/// The one value of a reference, as `VAR=REFERENCE` gives it whatever the
/// reference's own target, and its JSON pointer; no value for an omitted null.
pub(crate) fn value(
    reference: &Reference,
    place: &Place,
    secret: &Secret,
    rules: &Rules,
) -> Result<(Option<Secret>, String)> {
    let (value, path) = bare(reference, place, secret, rules)?;
    let bytes = value.as_ref().map_or(&b""[..], Secret::as_bytes);
    if bytes.contains(&0) {
        return Err(refused(place, &FlattenError::Nul { path }));
    }
    Ok((value, path))
}

/// The same even if it contains NULs, which no variable can hold.
fn bare(
    reference: &Reference,
    place: &Place,
    secret: &Secret,
    rules: &Rules,
) -> Result<(Option<Secret>, String)> {
    let Some(field) = &reference.field else {
        let bytes = match object(place, secret, rules)? {
            Some(_) => json_of(secret.as_bytes()).unwrap_or_default(),
            None => secret.as_bytes(),
        };
        return Ok((Some(Secret::from(line_of(bytes))), String::new()));
    };
    with_field(place, secret, field, |raw, path| {
        Ok((value_of(raw, path, field, rules)?, path.to_owned()))
    })
}

/// Whether a value may contain NULs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nuls {
    Allowed,
    Refused,
}

/// The one value where null is an error unless the rules make it empty.
pub(crate) fn present(
    reference: &Reference,
    place: &Place,
    secret: &Secret,
    rules: &Rules,
    nuls: Nuls,
) -> Result<Secret> {
    let omitted;
    let rules = match rules.null {
        Null::Error => {
            omitted = Rules {
                null: Null::Omit,
                ..rules.clone()
            };
            &omitted
        }
        _ => rules,
    };
    let (value, path) = match nuls {
        Nuls::Allowed => bare(reference, place, secret, rules)?,
        Nuls::Refused => value(reference, place, secret, rules)?,
    };
    value.ok_or_else(|| is_null(place, path))
}

/// The JSON of a reference's one value: a string for what is not JSON. Text stays
/// text where the rules say that secrets are text.
pub(crate) fn json(
    reference: &Reference,
    place: &Place,
    secret: &Secret,
    rules: &Rules,
) -> Result<Secret> {
    if let Some(field) = &reference.field {
        let (written, path) = with_field(place, secret, field, |raw, path| {
            let written = match json::node(raw, path)? {
                Node::Null if rules.null == Null::Empty => Some(Secret::from("\"\"")),
                Node::Null => None,
                _ => Some(Secret::from(json::compact(raw, path, field.steps().len())?)),
            };
            Ok((written, path.to_owned()))
        })?;
        return written.ok_or_else(|| is_null(place, path));
    }
    let text = present(reference, place, secret, rules, Nuls::Allowed)?;
    if rules.format != Format::Text && json::unmarked(text.as_bytes()).is_ok() {
        return Ok(text);
    }
    let utf8 = str::from_utf8(text.as_bytes());
    let utf8 = utf8.map_err(|_| Error::shape(place, "it is not UTF-8, so it has no JSON"))?;
    Ok(json::quoted_secret(utf8))
}

fn is_null(place: &Place, path: String) -> Error {
    refused(place, &FlattenError::Null { path }).hinted("`--null empty` puts nothing in its place")
}

/// A field as `get --field` prints it: the text of a string, else compact JSON.
pub(crate) fn field_text(place: &Place, secret: &Secret, field: &FieldPath) -> Result<Secret> {
    with_field(place, secret, field, |raw, path| {
        match json::node(raw, path)? {
            Node::Text(text) => Ok(Secret::from(text)),
            _ => Ok(Secret::from(json::compact(raw, path, field.steps().len())?)),
        }
    })
}

/// The content of a `--file`: the secret's bytes, or a field as `get --field`
/// prints it. `None` for a null that becomes no variable.
pub(crate) fn file_bytes(
    reference: &Reference,
    place: &Place,
    secret: &Secret,
    rules: &Rules,
) -> Result<Option<Secret>> {
    let Some(field) = &reference.field else {
        return Ok(Some(secret.clone()));
    };
    with_field(place, secret, field, |raw, path| {
        value_of(raw, path, field, rules)
    })
}

fn whole(place: &Place, secret: &Secret, rules: &Rules) -> Result<Flat> {
    let flat = if let Some(json) = object(place, secret, rules)? {
        flatten::flatten(json, rules, None, "")
    } else if rules.format == Format::Dotenv {
        let pairs = dotenv::parse(secret.as_bytes())
            .map_err(|error| Error::shape(place, format!("it is not in dotenv format: {error}")))?;
        let pairs = pairs.into_iter().map(|pair| (pair.name, pair.value));
        flatten::flat(pairs, rules)
    } else {
        return text(place, secret, rules);
    };
    flat.map_err(|error| refused(place, &error))
}

/// A text secret as one variable, named after the secret.
fn text(place: &Place, secret: &Secret, rules: &Rules) -> Result<Flat> {
    let name = place.name.last_segment();
    let variable = flatten::variable(rules, name).map_err(|error| match name {
        "" => refused(place, &error).hinted("name the variable with `VAR=NAME`"),
        _ => refused(place, &error),
    })?;
    if rules.filter.wants(variable.as_str()) {
        let value = text_of(place, secret.as_bytes())?;
        return Ok(Flat::one(variable, Some(value), ""));
    }
    Ok(Flat {
        leaves: Vec::new(),
        left_out: vec![variable],
    })
}

/// A whole secret as a JSON object; `None` if it has another form.
fn object<'a>(place: &Place, secret: &'a Secret, rules: &Rules) -> Result<Option<&'a RawValue>> {
    if rules.format != Format::Text && is_utf16(secret.as_bytes()) {
        return Err(utf_16(place));
    }
    let json = json_of(secret.as_bytes());
    match rules.format {
        Format::Auto => json.map(|json| document(place, json)).transpose(),
        Format::Dotenv | Format::Text => Ok(None),
        Format::Json => {
            let not = || Error::shape(place, "it is not a JSON object");
            document(place, json.ok_or_else(not)?).map(Some)
        }
    }
}

fn utf_16(place: &Place) -> Error {
    Error::shape(place, "it is UTF-16, not UTF-8").hinted(
        "convert it with `iconv -f UTF-16 -t UTF-8`, or use `--format text` to pass its bytes unchanged",
    )
}

/// A field as one value; `None` for a null that becomes no variable.
fn value_of(
    raw: &RawValue,
    path: &str,
    field: &FieldPath,
    rules: &Rules,
) -> Result<Option<Secret>, FlattenError> {
    Ok(match json::node(raw, path)? {
        Node::Text(text) => Some(Secret::from(text)),
        Node::Null => match rules.null {
            Null::Omit => None,
            Null::Empty => Some(Secret::default()),
            Null::Error => return Err(FlattenError::Null { path: path.into() }),
        },
        _ => Some(Secret::from(json::compact(raw, path, field.steps().len())?)),
    })
}

fn field_leaves(place: &Place, secret: &Secret, field: &FieldPath, rules: &Rules) -> Result<Flat> {
    let last = field.steps().last().expect("a field path has a step");
    with_field(place, secret, field, |raw, path| {
        let is_object = matches!(json::node(raw, path)?, Node::Object(_));
        let step = (!is_object).then_some(last.as_str());
        flatten::flatten(raw, rules, step, path)
    })
}

/// The value of a text secret, if a variable can hold it.
fn text_of(place: &Place, bytes: &[u8]) -> Result<Secret> {
    let text = line_of(bytes);
    if text.contains(&0) {
        let path = String::new();
        return Err(refused(place, &FlattenError::Nul { path }));
    }
    Ok(Secret::from(text))
}

/// Bytes without one trailing newline.
fn line_of(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_suffix(b"\r\n")
        .or_else(|| bytes.strip_suffix(b"\n"))
        .unwrap_or(bytes)
}

fn document<'a>(place: &Place, json: &'a [u8]) -> Result<&'a RawValue> {
    json::unmarked(json).map_err(|error| {
        refused(place, &error.into()).hinted(
            "a secret that starts with `{` must be a JSON object; use `--format text` to pass it unchanged",
        )
    })
}

/// Calls `then` with a field; adds the secret's name to errors.
fn with_field<T>(
    place: &Place,
    secret: &Secret,
    field: &FieldPath,
    then: impl FnOnce(&RawValue, &str) -> Result<T, FlattenError>,
) -> Result<T> {
    if is_utf16(secret.as_bytes()) {
        return Err(utf_16(place));
    }
    let object = json_of(secret.as_bytes());
    let root = json::unmarked(object.unwrap_or(secret.as_bytes()));
    let root = root.map_err(|error| match object {
        Some(_) => PickError::Json(error),
        None => PickError::no_fields(""),
    });
    let picked = root.and_then(|root| pick::pick(root, field.steps()));
    let (raw, path) = picked.map_err(|error| pick::not_picked(place, field, error))?;
    then(raw, &path).map_err(|error| refused(place, &error))
}

fn refused(place: &Place, error: &FlattenError) -> Error {
    let refused = Error::shape(place, error.to_string());
    match error {
        FlattenError::LongName { .. } | FlattenError::ManyNames => refused.hinted(
            "use `VAR=NAME#FIELD` to name one field's variable, or `--file VAR=NAME` to pass the whole secret as a file",
        ),
        FlattenError::Nul { .. } => refused
            .hinted("no variable can hold a NUL: `exec --file VAR=REFERENCE` passes it as a file"),
        _ => refused,
    }
}

#[cfg(test)]
mod tests;
