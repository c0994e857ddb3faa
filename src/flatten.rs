//! A secret's JSON object becomes variables, by rules that are total.
//!
//! Every leaf gives one variable, or an error; two leaves never give the same
//! one. Knows names and JSON, and neither stores nor the environment. Errors
//! name JSON paths, never values.

use std::collections::HashMap;
use std::fmt;

use serde_json::value::RawValue;

use crate::json::{self, JsonError, Node};
use crate::name::{OneLine, VarName};
use crate::reference::pointer;
use crate::rules::{Arrays, Case, Null, Rules};
use crate::secret::Secret;

/// One variable that a secret gives.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The variable's name.
    pub variable: VarName,
    /// Its value.
    pub value: Secret,
    /// The JSON pointer of the field it comes from; empty for a whole secret.
    pub path: String,
}

/// Why a secret cannot become variables, by JSON path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FlattenError {
    Json(JsonError),
    Collision {
        variable: VarName,
        first: String,
        second: String,
    },
    Nul {
        path: String,
    },
    Null {
        path: String,
    },
    /// A field without a name.
    Nameless {
        path: String,
    },
    /// Nothing at all to name a variable after.
    NoName,
}

impl From<JsonError> for FlattenError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for FlattenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Collision {
                variable,
                first,
                second,
            } => write!(
                f,
                "the fields `{}` and `{}` both give the variable `{variable}`",
                OneLine(first),
                OneLine(second)
            ),
            Self::Nul { path } if path.is_empty() => {
                f.write_str("it holds a NUL, which no variable can")
            }
            Self::Nul { path } => write!(
                f,
                "the field `{}` holds a NUL, which no variable can",
                OneLine(path)
            ),
            Self::Null { path } => write!(f, "the field `{}` is null", OneLine(path)),
            Self::Nameless { path } => write!(f, "the field `{}` has no name", OneLine(path)),
            Self::NoName => f.write_str("nothing names its variable"),
        }
    }
}

/// Flattens an object below `names`, the names that already stand on the way.
pub(crate) fn flatten(
    object: &RawValue,
    rules: &Rules,
    names: &[&str],
    path: &str,
) -> Result<Vec<Leaf>, FlattenError> {
    let mut walk = Walk::new(rules);
    let name = (!names.is_empty()).then(|| names.join(&rules.separator));
    walk.value(object, name.as_deref(), path, 0)?;
    Ok(walk.leaves)
}

/// What pairs of a name and a value give, as a flat object would.
pub(crate) fn flat(
    pairs: impl IntoIterator<Item = (String, Secret)>,
    rules: &Rules,
) -> Result<Vec<Leaf>, FlattenError> {
    let mut walk = Walk::new(rules);
    for (name, value) in pairs {
        walk.leaf(&name, value, &pointer("", &name))?;
    }
    Ok(walk.leaves)
}

/// The name of a variable: the prefix, the path, then the case.
pub(crate) fn variable(rules: &Rules, name: &str) -> Result<VarName, FlattenError> {
    let case = |c: char| match rules.case {
        Case::Upper => c.to_ascii_uppercase(),
        Case::Keep => c,
        Case::Lower => c.to_ascii_lowercase(),
    };
    VarName::nearest(&format!("{}{name}", rules.prefix), case).ok_or(FlattenError::NoName)
}

struct Walk<'a> {
    rules: &'a Rules,
    leaves: Vec<Leaf>,
    taken: HashMap<VarName, String>,
}

impl<'a> Walk<'a> {
    fn new(rules: &'a Rules) -> Self {
        Self {
            rules,
            leaves: Vec::new(),
            taken: HashMap::new(),
        }
    }

    fn value(
        &mut self,
        raw: &RawValue,
        name: Option<&str>,
        path: &str,
        depth: usize,
    ) -> Result<(), FlattenError> {
        let node = json::node(raw, path)?;
        if depth >= json::MAX_DEPTH && matches!(node, Node::Object(_) | Node::Array(_)) {
            return Err(JsonError::TooDeep { path: path.into() }.into());
        }
        let text = match node {
            Node::Object(members) => {
                for (field, value) in members {
                    named(&field, path)?;
                    self.below(value, name, &field, path, depth)?;
                }
                return Ok(());
            }
            Node::Array(items) if self.rules.arrays == Arrays::Index => {
                for (at, value) in items.into_iter().enumerate() {
                    self.below(value, name, &at.to_string(), path, depth)?;
                }
                return Ok(());
            }
            Node::Array(_) => {
                let text = json::compact(raw, path, depth)?;
                all_named(raw, path)?;
                text
            }
            Node::Text(text) => text,
            Node::Number(text) => text.to_owned(),
            Node::Bool(value) => value.to_string(),
            Node::Null => match self.rules.null {
                Null::Omit => return Ok(()),
                Null::Empty => String::new(),
                Null::Error => return Err(FlattenError::Null { path: path.into() }),
            },
        };
        self.leaf(name.unwrap_or_default(), Secret::from(text), path)
    }

    fn below(
        &mut self,
        value: &RawValue,
        name: Option<&str>,
        step: &str,
        path: &str,
        depth: usize,
    ) -> Result<(), FlattenError> {
        let path = pointer(path, step);
        let name = match name {
            Some(name) => format!("{name}{}{step}", self.rules.separator),
            None => step.to_owned(),
        };
        self.value(value, Some(&name), &path, depth + 1)
    }

    fn leaf(&mut self, name: &str, value: Secret, path: &str) -> Result<(), FlattenError> {
        let variable = variable(self.rules, name)?;
        if let Some(first) = self.taken.insert(variable.clone(), path.to_owned()) {
            let second = path.to_owned();
            return Err(FlattenError::Collision {
                variable,
                first,
                second,
            });
        }
        if !self.rules.filter.wants(variable.as_str()) {
            return Ok(());
        }
        if value.as_bytes().contains(&0) {
            return Err(FlattenError::Nul { path: path.into() });
        }
        self.leaves.push(Leaf {
            variable,
            value,
            path: path.to_owned(),
        });
        Ok(())
    }
}

fn named(field: &str, path: &str) -> Result<(), FlattenError> {
    if field.is_empty() {
        let path = pointer(path, field);
        return Err(FlattenError::Nameless { path });
    }
    Ok(())
}

/// Refuses a field without a name in a value that becomes one text, too.
fn all_named(raw: &RawValue, path: &str) -> Result<(), FlattenError> {
    match json::node(raw, path)? {
        Node::Object(members) => members.into_iter().try_for_each(|(field, value)| {
            named(&field, path)?;
            all_named(value, &pointer(path, &field))
        }),
        Node::Array(items) => {
            let mut items = items.into_iter().enumerate();
            items.try_for_each(|(at, value)| all_named(value, &pointer(path, &at.to_string())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str, rules: &Rules) -> Result<Vec<(String, String)>, FlattenError> {
        Ok(flatten(json::document(text.as_bytes())?, rules, &[], "")?
            .into_iter()
            .map(|leaf| {
                let value = String::from_utf8(leaf.value.as_bytes().to_vec()).unwrap();
                (leaf.variable.to_string(), value)
            })
            .collect())
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected
            .iter()
            .map(|&(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    }

    #[test]
    fn every_kind_of_json_has_its_rule() {
        for (text, expected) in [
            (r#"{"db":{"port":5432}}"#, &[("DB_PORT", "5432")][..]),
            ("{}", &[]),
            (r#"{"a":{}}"#, &[]),
            (r#"{"a":"{\"b\":1}"}"#, &[("A", "{\"b\":1}")]),
            (
                r#"{"a":1.10,"b":1e400,"c":1E+5,"d":-0.0,"e":12345678901234567890}"#,
                &[
                    ("A", "1.10"),
                    ("B", "1e400"),
                    ("C", "1E+5"),
                    ("D", "-0.0"),
                    ("E", "12345678901234567890"),
                ],
            ),
            (
                r#"{"t":true,"f":false,"n":null}"#,
                &[("T", "true"), ("F", "false")],
            ),
            (r#"{"h":[ "a", 1.0 ]}"#, &[("H", r#"["a",1.0]"#)]),
            (r#"{"x-y":{"1st":"é\n"}}"#, &[("X_Y_1ST", "é\n")]),
            (r#"{"1":"a"}"#, &[("_1", "a")]),
        ] {
            assert_eq!(
                flat(text, &Rules::default()).unwrap(),
                pairs(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn the_rules_can_be_changed() {
        let text = r#"{"a":{"b":[1,[2]],"N":null}}"#;
        let rules = Rules {
            prefix: "9p-".into(),
            separator: "__".into(),
            case: Case::Keep,
            arrays: Arrays::Index,
            null: Null::Empty,
            ..Rules::default()
        };
        let expected = [
            ("_9p_a__b__0", "1"),
            ("_9p_a__b__1__0", "2"),
            ("_9p_a__N", ""),
        ];
        assert_eq!(flat(text, &rules).unwrap(), pairs(&expected));
        let rules = Rules {
            case: Case::Lower,
            null: Null::Error,
            ..Rules::default()
        };
        assert_eq!(flat(r#"{"A":1}"#, &rules).unwrap(), pairs(&[("a", "1")]));
        assert_eq!(
            flat(text, &rules),
            Err(FlattenError::Null {
                path: "/a/N".into()
            })
        );
    }

    #[test]
    fn two_fields_never_give_one_variable() {
        let error = flat(r#"{"a":{"b":1},"A_B":2}"#, &Rules::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the fields `/a/b` and `/A_B` both give the variable `A_B`"
        );
    }

    #[test]
    fn what_cannot_be_a_variable_is_named_by_its_path() {
        let nul = flat(r#"{"a":{"b":"x\u0000"}}"#, &Rules::default()).unwrap_err();
        assert_eq!(
            nul,
            FlattenError::Nul {
                path: "/a/b".into()
            }
        );
        for (text, path) in [
            (r#"{"a":{"":1}}"#, "/a/"),
            (r#"{"":null}"#, "/"),
            (r#"{"a":[0,{"b":{"":1}}]}"#, "/a/1/b/"),
        ] {
            let path = path.to_owned();
            let nameless = flat(text, &Rules::default()).unwrap_err();
            assert_eq!(nameless, FlattenError::Nameless { path });
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(65), "}".repeat(65));
        assert!(matches!(
            flat(&deep, &Rules::default()),
            Err(FlattenError::Json(JsonError::TooDeep { .. }))
        ));
        let fits = format!("{}1{}", "{\"a\":".repeat(64), "}".repeat(64));
        assert!(flat(&fits, &Rules::default()).is_ok());
    }
}
