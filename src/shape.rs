//! What a reference becomes: a secret's bytes in, variables out.
//!
//! Decides whether a secret is a JSON object or text, picks fields, and names
//! what `flatten` does not. Pure: it knows no store and no environment.

use serde_json::value::RawValue;

use crate::dotenv;
use crate::error::{Error, Result};
use crate::flatten::{self, FlattenError, Leaf};
use crate::json::{self, Node, PickError};
use crate::name::{Place, VarName};
use crate::reference::{FieldPath, Reference, Target};
use crate::rules::{Format, Null, Rules};
use crate::secret::Secret;
use crate::vars::Var;

/// The variables of one reference, from the bytes of its secret.
pub(crate) fn shape(
    reference: &Reference,
    place: &Place,
    secret: &Secret,
    rules: &Rules,
) -> Result<Vec<Var>> {
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
    let found = match (&reference.field, &reference.target) {
        (None, Target::Named(variable)) => named_whole(place, secret, variable, rules)?,
        (None, _) => whole(place, secret, rules)?,
        (Some(field), Target::Named(variable)) => {
            named_field(place, secret, field, variable, rules)?
        }
        (Some(field), _) => field_leaves(place, secret, field, rules)?,
    };
    let named = matches!(reference.target, Target::Named(_));
    Ok(found
        .into_iter()
        .map(|(name, value, path)| Var {
            name,
            value,
            reference: reference.as_str().to_owned(),
            path,
            named,
        })
        .collect())
}

/// One field's text, as `get --field` prints it: a string's text, else compact JSON.
pub(crate) fn field_text(place: &Place, secret: &Secret, field: &FieldPath) -> Result<Secret> {
    with_field(place, secret, field, |raw, path| {
        match json::node(raw, path)? {
            Node::Text(text) => Ok(Secret::from(text)),
            _ => Ok(Secret::from(json::compact(raw, path, field.steps().len())?)),
        }
    })
}

/// What a file of a reference holds: the secret's bytes, or a field as
/// `get --field` prints it; `None` for a null that gives no variable.
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

type Found = (VarName, Option<Secret>, String);

fn whole(place: &Place, secret: &Secret, rules: &Rules) -> Result<Vec<Found>> {
    let leaves = if is_object(place, secret, rules)? {
        flatten::flatten(document(place, secret)?, rules, &[], "")
    } else if rules.format == Format::Dotenv {
        let pairs = dotenv::parse(secret.as_bytes())
            .map_err(|error| Error::shape(place, format!("it is not in dotenv form: {error}")))?;
        let pairs = pairs.into_iter().map(|pair| (pair.name, pair.value));
        flatten::flat(pairs, rules)
    } else {
        return text(place, secret, rules);
    };
    let leaves = leaves.map_err(|error| refused(place, &error))?;
    Ok(leaves.into_iter().map(found).collect())
}

/// One variable, named after the secret.
fn text(place: &Place, secret: &Secret, rules: &Rules) -> Result<Vec<Found>> {
    let name = place.name.last_segment();
    let variable = flatten::variable(rules, name).map_err(|error| match name {
        "" => hinted(refused(place, &error), "`VAR=NAME` names it"),
        _ => refused(place, &error),
    })?;
    if !rules.filter.wants(variable.as_str()) {
        return Ok(Vec::new());
    }
    Ok(vec![(
        variable,
        Some(text_of(place, secret)?),
        String::new(),
    )])
}

/// Whether a whole secret is taken as a JSON object.
fn is_object(place: &Place, secret: &Secret, rules: &Rules) -> Result<bool> {
    let looks = json::looks_like_object(secret.as_bytes());
    match rules.format {
        Format::Auto => Ok(looks),
        Format::Dotenv | Format::Text => Ok(false),
        Format::Json if looks => Ok(true),
        Format::Json => Err(Error::shape(place, "it is not a JSON object")),
    }
}

fn named_whole(
    place: &Place,
    secret: &Secret,
    variable: &VarName,
    rules: &Rules,
) -> Result<Vec<Found>> {
    if is_object(place, secret, rules)? {
        document(place, secret)?;
    }
    let value = text_of(place, secret)?;
    Ok(vec![(variable.clone(), Some(value), String::new())])
}

fn named_field(
    place: &Place,
    secret: &Secret,
    field: &FieldPath,
    variable: &VarName,
    rules: &Rules,
) -> Result<Vec<Found>> {
    with_field(place, secret, field, |raw, path| {
        let value = value_of(raw, path, field, rules)?;
        if value
            .as_ref()
            .is_some_and(|value| value.as_bytes().contains(&0))
        {
            return Err(FlattenError::Nul { path: path.into() });
        }
        Ok(vec![(variable.clone(), value, path.to_owned())])
    })
}

/// A field as one value; `None` for a null that gives none.
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

fn field_leaves(
    place: &Place,
    secret: &Secret,
    field: &FieldPath,
    rules: &Rules,
) -> Result<Vec<Found>> {
    let last = field.steps().last().expect("a field path has a step");
    with_field(place, secret, field, |raw, path| {
        let whole_object = matches!(json::node(raw, path)?, Node::Object(_));
        let names = if whole_object {
            &[][..]
        } else {
            &[last.as_str()][..]
        };
        let leaves = flatten::flatten(raw, rules, names, path)?;
        Ok(leaves.into_iter().map(found).collect())
    })
}

fn found(leaf: Leaf) -> Found {
    (leaf.variable, Some(leaf.value), leaf.path)
}

/// A text secret's value: its bytes, less exactly one trailing newline.
fn text_of(place: &Place, secret: &Secret) -> Result<Secret> {
    let bytes = secret.as_bytes();
    let text = bytes
        .strip_suffix(b"\r\n")
        .or_else(|| bytes.strip_suffix(b"\n"))
        .unwrap_or(bytes);
    if text.contains(&0) {
        return Err(refused(
            place,
            &FlattenError::Nul {
                path: String::new(),
            },
        ));
    }
    Ok(Secret::from(text))
}

fn document<'a>(place: &Place, secret: &'a Secret) -> Result<&'a RawValue> {
    json::document(secret.as_bytes()).map_err(|error| {
        hinted(
            refused(place, &error.into()),
            "a secret that starts with `{` must be a JSON object; `--format text` passes it as it is",
        )
    })
}

/// Picks a field and hands it on; errors come back with the secret's name.
fn with_field<T>(
    place: &Place,
    secret: &Secret,
    field: &FieldPath,
    then: impl FnOnce(&RawValue, &str) -> Result<T, FlattenError>,
) -> Result<T> {
    let not_fields = |path: &str| {
        let what = if path.is_empty() {
            "it".to_owned()
        } else {
            format!("`{path}`")
        };
        Error::shape(
            place,
            format!("{what} is neither object nor array, so it has no fields"),
        )
    };
    let root = match json::document(secret.as_bytes()) {
        Ok(root) => root,
        Err(_) if !json::looks_like_object(secret.as_bytes()) => return Err(not_fields("")),
        Err(error) => return Err(refused(place, &error.into())),
    };
    let (raw, path) = json::pick(root, field.steps()).map_err(|error| match error {
        PickError::Missing { there } => Error::MissingField {
            place: place.clone(),
            field: field.as_str().to_owned(),
            there,
        },
        PickError::NotFields { path } => not_fields(&path),
        PickError::Json(error) => refused(place, &error.into()),
    })?;
    then(raw, &path).map_err(|error| refused(place, &error))
}

fn refused(place: &Place, error: &FlattenError) -> Error {
    Error::shape(place, error.to_string())
}

fn hinted(error: Error, remedy: &str) -> Error {
    match error {
        Error::Shape { place, message, .. } => Error::Shape {
            place,
            message,
            hint: Some(remedy.to_owned()),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ObjectPath;
    use crate::rules::Arrays;

    fn shaped(typed: &str, secret: &[u8], rules: &Rules) -> Result<Vec<(String, Option<String>)>> {
        let reference: Reference = typed.parse().unwrap();
        let path = ObjectPath::new("memory://", reference.name.as_str());
        let place = Place {
            name: reference.name.clone(),
            path,
        };
        let vars = shape(&reference, &place, &Secret::from(secret), rules)?;
        Ok(vars
            .into_iter()
            .map(|var| {
                let value = var
                    .value
                    .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
                (var.name.to_string(), value)
            })
            .collect())
    }

    fn one(name: &str, value: &str) -> Vec<(String, Option<String>)> {
        vec![(name.to_owned(), Some(value.to_owned()))]
    }

    const JSON: &[u8] = br#"{"db":{"port":1.0,"null":null},"hosts":["a", 2],"s":"x\n"} "#;

    #[test]
    fn a_text_secret_is_one_variable_less_one_newline() {
        let rules = Rules::default();
        for (secret, expected) in [
            (&b"abc"[..], "abc"),
            (b"abc\n", "abc"),
            (b"abc\r\n", "abc"),
            (b"abc\n\n", "abc\n"),
            (b"", ""),
            (b"\n", ""),
            (b"\"abc\"", "\"abc\""),
            (b"[1, 2]\n", "[1, 2]"),
            (b"true", "true"),
            (b"x{", "x{"),
        ] {
            assert_eq!(
                shaped("web/api-token", secret, &rules).unwrap(),
                one("API_TOKEN", expected)
            );
        }
    }

    #[test]
    fn a_typo_in_json_is_an_error_and_never_text() {
        for secret in [&b"{\"a\":1"[..], b" \n{a}", b"{\xff}", b"{} x"] {
            for typed in ["db", "V=db", "db#a"] {
                assert_eq!(
                    shaped(typed, secret, &Rules::default())
                        .unwrap_err()
                        .exit_code(),
                    5
                );
            }
        }
    }

    #[test]
    fn a_field_is_named_after_its_last_step() {
        let rules = Rules::default();
        for (typed, expected) in [
            ("x#s", one("S", "x\n")),
            ("x#/db/port", one("PORT", "1.0")),
            ("x#db", one("PORT", "1.0")),
            ("x#hosts", one("HOSTS", r#"["a",2]"#)),
            ("x#/hosts/1", one("_1", "2")),
            ("P_+=x#db", one("P_PORT", "1.0")),
            ("V=x#db", one("V", r#"{"port":1.0,"null":null}"#)),
            ("v=x#s", one("v", "x\n")),
            ("x#/db/null", vec![]),
            ("V=x#/db/null", vec![("V".to_owned(), None)]),
            ("V=x", one("V", std::str::from_utf8(JSON).unwrap())),
        ] {
            assert_eq!(shaped(typed, JSON, &rules).unwrap(), expected, "{typed}");
        }
        let rules = Rules {
            arrays: Arrays::Index,
            null: Null::Empty,
            ..rules
        };
        let both = [one("HOSTS_0", "a"), one("HOSTS_1", "2")].concat();
        assert_eq!(shaped("x#hosts", JSON, &rules).unwrap(), both);
        assert_eq!(shaped("V=x#/db/null", JSON, &rules).unwrap(), one("V", ""));
    }

    #[test]
    fn fields_that_are_not_there_have_their_statuses() {
        for (typed, secret, status) in [
            ("x#nope", JSON, 3),
            ("x#/db/nope", JSON, 3),
            ("x#/s/a", JSON, 5),
            ("x#a", b"text", 5),
            ("x#a", b"\"text\"", 5),
            ("x#a", br#"{"a":1,"a":2}"#, 5),
            ("x#0", b"[7]", 0),
        ] {
            let status_of =
                shaped(typed, secret, &Rules::default()).map_or_else(|e| e.exit_code(), |_| 0);
            assert_eq!(status_of, status, "{typed}");
        }
    }
}
