//! Flattens a JSON object into variables.
//!
//! Each leaf becomes one variable or an error, and no two leaves become the same
//! variable. Knows nothing of stores or the environment. Errors contain JSON
//! pointers, never values.

use std::collections::HashMap;
use std::fmt;

use serde_json::value::RawValue;

use crate::base::{Brief, Secret, VarName, pointer, push_step};
use crate::plaintext::json::{self, JsonError, Node};
use crate::plaintext::rules::{Arrays, Case, Null, Rules};

/// The longest name of a variable, in bytes.
const MAX_NAME: usize = 4_096;

/// The limit on all variable names of one secret together, in bytes. Without it, a
/// long name above many fields would take quadratic time and memory.
const MAX_NAMES: usize = 16 << 20;

/// One variable of a secret.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    /// The variable's name.
    pub(crate) variable: VarName,
    /// Its value; `None` for a null that unsets it.
    pub(crate) value: Option<Secret>,
    /// The JSON pointer of its field; empty for a whole secret.
    pub(crate) path: String,
}

/// The variables of a secret.
#[derive(Debug, Default)]
pub(crate) struct Flat {
    pub(crate) leaves: Vec<Leaf>,
    /// Variables that the filter excludes, or that are null. Empty without a filter.
    pub(crate) left_out: Vec<VarName>,
}

impl Flat {
    /// A single variable.
    pub(crate) fn one(variable: VarName, value: Option<Secret>, path: &str) -> Self {
        let path = path.to_owned();
        Self {
            leaves: vec![Leaf {
                variable,
                value,
                path,
            }],
            left_out: Vec::new(),
        }
    }
}

/// Why a secret cannot become variables, with the JSON pointer of the field.
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
    /// An empty variable name.
    NoName,
    LongName {
        path: String,
        bytes: usize,
    },
    /// All names together exceed [`MAX_NAMES`].
    ManyNames,
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
                "the fields `{}` and `{}` both become the variable `{}`",
                Brief(first),
                Brief(second),
                Brief(variable.as_str())
            ),
            Self::Nul { path } if path.is_empty() => {
                f.write_str("it contains a NUL byte, which no variable can hold")
            }
            Self::Nul { path } => write!(
                f,
                "the field `{}` contains a NUL byte, which no variable can hold",
                Brief(path)
            ),
            Self::Null { path } => write!(f, "the field `{}` is null", Brief(path)),
            Self::NoName => f.write_str("its variable would have an empty name"),
            Self::LongName { path, bytes } => write!(
                f,
                "the variable name for `{}` is {bytes} bytes long; the limit is {MAX_NAME}",
                Brief(path)
            ),
            Self::ManyNames => write!(
                f,
                "its variable names add up to more than {MAX_NAMES} bytes"
            ),
        }
    }
}

/// Flattens the value at `path`; its variables' names start with `step`, if given.
pub(crate) fn flatten(
    value: &RawValue,
    rules: &Rules,
    step: Option<&str>,
    path: &str,
) -> Result<Flat, FlattenError> {
    let mut walk = Walk::new(rules, path);
    if let Some(step) = step {
        walk.enter(step);
    }
    walk.value(value, 0)?;
    Ok(walk.flat)
}

/// Turns pairs of name and value into variables, like a flat object.
pub(crate) fn flat(
    pairs: impl IntoIterator<Item = (String, Secret)>,
    rules: &Rules,
) -> Result<Flat, FlattenError> {
    let mut walk = Walk::new(rules, "");
    let start = walk.name.len();
    for (name, value) in pairs {
        walk.enter(&name);
        walk.path = pointer("", &name);
        walk.leaf(value)?;
        walk.name.truncate(start);
        walk.steps = 0;
    }
    Ok(walk.flat)
}

/// The variable for a single name: prefixed, and in the case of the rules.
pub(crate) fn variable(rules: &Rules, name: &str) -> Result<VarName, FlattenError> {
    let mut walk = Walk::new(rules, "");
    walk.enter(name);
    walk.variable()
}

/// A walk through a document. Its name and path grow and shrink with each step, so
/// that a step costs only its own length.
struct Walk<'a> {
    rules: &'a Rules,
    /// The variable name here, in its final form.
    name: String,
    /// The JSON pointer to here.
    path: String,
    /// The number of steps in the name, after the prefix.
    steps: usize,
    /// The length of all names so far, in bytes.
    named: usize,
    taken: HashMap<VarName, String>,
    flat: Flat,
}

impl<'a> Walk<'a> {
    fn new(rules: &'a Rules, path: &str) -> Self {
        let mut walk = Self {
            rules,
            name: String::new(),
            path: path.to_owned(),
            steps: 0,
            named: 0,
            taken: HashMap::new(),
            flat: Flat::default(),
        };
        walk.spell(&rules.prefix);
        walk
    }

    fn spell(&mut self, text: &str) {
        let case = |c: char| match self.rules.case {
            Case::Upper => c.to_ascii_uppercase(),
            Case::Keep => c,
            Case::Lower => c.to_ascii_lowercase(),
        };
        VarName::spell(&mut self.name, text, case);
    }

    /// Appends a step to the name.
    fn enter(&mut self, step: &str) {
        if self.steps > 0 {
            self.spell(&self.rules.separator);
        }
        self.spell(step);
        self.steps += 1;
    }

    /// Walks a value one step down.
    fn below(&mut self, value: &RawValue, step: &str, depth: usize) -> Result<(), FlattenError> {
        let (name, path, steps) = (self.name.len(), self.path.len(), self.steps);
        self.enter(step);
        push_step(&mut self.path, step);
        self.value(value, depth + 1)?;
        self.name.truncate(name);
        self.path.truncate(path);
        self.steps = steps;
        Ok(())
    }

    fn value(&mut self, raw: &RawValue, depth: usize) -> Result<(), FlattenError> {
        let node = json::node(raw, &self.path)?;
        if depth >= json::MAX_DEPTH && matches!(node, Node::Object(_) | Node::Array(_)) {
            let path = self.path.clone();
            return Err(JsonError::TooDeep { path }.into());
        }
        let text = match node {
            Node::Object(members) => {
                for (field, value) in members {
                    json::named(&field, &self.path)?;
                    self.below(value, &field, depth)?;
                }
                return Ok(());
            }
            Node::Array(items) if self.rules.arrays == Arrays::Index => {
                for (at, value) in items.into_iter().enumerate() {
                    self.below(value, &at.to_string(), depth)?;
                }
                return Ok(());
            }
            Node::Array(_) => json::compact_named(raw, &self.path, depth)?,
            Node::Text(text) => text,
            Node::Number(text) => text.to_owned(),
            Node::Bool(value) => value.to_string(),
            Node::Null => match self.rules.null {
                Null::Omit => return self.nothing(),
                Null::Empty => String::new(),
                Null::Error => {
                    let path = self.path.clone();
                    return Err(FlattenError::Null { path });
                }
            },
        };
        self.leaf(Secret::from(text))
    }

    /// The variable here.
    fn variable(&mut self) -> Result<VarName, FlattenError> {
        let bytes = self.name.len();
        if bytes > MAX_NAME {
            let path = self.path.clone();
            return Err(FlattenError::LongName { path, bytes });
        }
        self.named += bytes;
        if self.named > MAX_NAMES {
            return Err(FlattenError::ManyNames);
        }
        VarName::spelt(&self.name).ok_or(FlattenError::NoName)
    }

    fn leaf(&mut self, value: Secret) -> Result<(), FlattenError> {
        let variable = self.variable()?;
        if let Some(first) = self.taken.insert(variable.clone(), self.path.clone()) {
            return Err(FlattenError::Collision {
                variable,
                first,
                second: self.path.clone(),
            });
        }
        let path = self.path.clone();
        if !self.rules.filter.wants(variable.as_str()) {
            self.flat.left_out.push(variable);
            return Ok(());
        }
        if value.as_bytes().contains(&0) {
            return Err(FlattenError::Nul { path });
        }
        self.flat.leaves.push(Leaf {
            variable,
            value: Some(value),
            path,
        });
        Ok(())
    }

    /// A null that becomes no variable: a filter may still name it.
    fn nothing(&mut self) -> Result<(), FlattenError> {
        let variable = self.variable()?;
        if !self.rules.filter.is_empty() {
            self.flat.left_out.push(variable);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
