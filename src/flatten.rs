//! A secret's JSON object becomes variables, by rules that are total.
//!
//! Every leaf gives one variable, or an error; two leaves never give the same
//! one. Knows names and JSON, and neither stores nor the environment. Errors
//! name JSON paths, never values.

use std::collections::HashMap;
use std::fmt;

use serde_json::value::RawValue;

use crate::json::{self, JsonError, Node};
use crate::name::{Brief, VarName};
use crate::reference::{pointer, push_step};
use crate::rules::{Arrays, Case, Null, Rules};
use crate::secret::Secret;

/// The longest name of a variable, in bytes.
const MAX_NAME: usize = 4_096;

/// The most that the names of one secret's variables take together, in bytes. A
/// long name over many fields would otherwise take the square of the secret's size.
const MAX_NAMES: usize = 16 << 20;

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

/// What a secret gives.
#[derive(Debug, Default)]
pub(crate) struct Flat {
    pub(crate) leaves: Vec<Leaf>,
    /// The names of fields that give no variable: the filter or null says so.
    /// Empty where there is no filter.
    pub(crate) left_out: Vec<VarName>,
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
    LongName {
        path: String,
        bytes: usize,
    },
    /// All names together take more than is read.
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
                "the fields `{}` and `{}` both give the variable `{}`",
                Brief(first),
                Brief(second),
                Brief(variable.as_str())
            ),
            Self::Nul { path } if path.is_empty() => {
                f.write_str("it holds a NUL, which no variable can")
            }
            Self::Nul { path } => write!(
                f,
                "the field `{}` holds a NUL, which no variable can",
                Brief(path)
            ),
            Self::Null { path } => write!(f, "the field `{}` is null", Brief(path)),
            Self::Nameless { path } => write!(f, "the field `{}` has no name", Brief(path)),
            Self::NoName => f.write_str("nothing names its variable"),
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

/// Flattens a value; `step` is what it is called itself, if its variables'
/// names are to start with that, and `path` is where it stands.
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

/// What pairs of a name and a value give, as a flat object would.
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

/// The name of a variable: the prefix, the path, then the case.
pub(crate) fn variable(rules: &Rules, name: &str) -> Result<VarName, FlattenError> {
    let mut walk = Walk::new(rules, "");
    walk.enter(name);
    walk.variable()
}

/// A walk through a document. Name and path of where it stands are lengthened
/// and shortened on the way, so that a step costs what it adds.
struct Walk<'a> {
    rules: &'a Rules,
    /// The name of a variable here, in its final form.
    name: String,
    /// The JSON pointer to here.
    path: String,
    /// How many steps the name has after the prefix.
    steps: usize,
    /// What all names so far take, in bytes.
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

    /// Lengthens the name by a step.
    fn enter(&mut self, step: &str) {
        if self.steps > 0 {
            self.spell(&self.rules.separator);
        }
        self.spell(step);
        self.steps += 1;
    }

    /// A value one step further down.
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
                    named(&field, &self.path)?;
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
            Node::Array(_) => {
                let text = json::compact(raw, &self.path, depth)?;
                all_named(raw, &mut self.path)?;
                text
            }
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

    /// The name of the variable here.
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
            value,
            path,
        });
        Ok(())
    }

    /// A field that gives no variable, but whose name a filter may well have.
    fn nothing(&mut self) -> Result<(), FlattenError> {
        let variable = self.variable()?;
        if !self.rules.filter.is_empty() {
            self.flat.left_out.push(variable);
        }
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
fn all_named(raw: &RawValue, path: &mut String) -> Result<(), FlattenError> {
    let here = path.len();
    match json::node(raw, path)? {
        Node::Object(members) => {
            for (field, value) in members {
                named(&field, path)?;
                push_step(path, &field);
                all_named(value, path)?;
                path.truncate(here);
            }
        }
        Node::Array(items) => {
            for (at, value) in items.into_iter().enumerate() {
                push_step(path, &at.to_string());
                all_named(value, path)?;
                path.truncate(here);
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
