//! What references give: variables, each with where it comes from.
//!
//! Data only; `shape` makes them and `environ` merges them.

use crate::name::VarName;
use crate::secret::Secret;

/// The most bytes that Linux passes to a program as one `NAME=value` and its NUL.
///
/// Source: `MAX_ARG_STRLEN`, execve(2).
pub(crate) const LARGEST_ENTRY: usize = 131_072;

/// One variable to set, or to unset, and where it comes from.
#[derive(Debug, Clone)]
pub struct Var {
    /// The variable.
    pub name: VarName,
    /// Its value; `None` unsets it.
    pub value: Option<Secret>,
    /// The reference that gave it, as it was typed.
    pub reference: String,
    /// The JSON pointer of the field; empty for a whole secret.
    pub path: String,
    /// Whether the user named the variable, rather than the secret.
    pub named: bool,
}

/// Variables in the order of their references; the last of a name counts.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put(&"db".parse()?, &r#"{"port": 5432}"#.into())?;
/// let variables = client.load(&["db".parse()?])?;
/// for variable in variables.iter() {
///     assert_eq!(variable.name.as_str(), "PORT");
/// }
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Vars(Vec<Var>);

impl Vars {
    /// Each, in order; one that a later one overrides too.
    pub fn iter(&self) -> std::slice::Iter<'_, Var> {
        self.0.iter()
    }

    /// The value that a variable has in the end; `None` if it has none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Secret> {
        let last = self.0.iter().rfind(|var| var.name.as_str() == name)?;
        last.value.as_ref()
    }
}

impl From<Vec<Var>> for Vars {
    fn from(vars: Vec<Var>) -> Self {
        Self(vars)
    }
}

impl IntoIterator for Vars {
    type Item = Var;
    type IntoIter = std::vec::IntoIter<Var>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Vars {
    type Item = &'a Var;
    type IntoIter = std::slice::Iter<'a, Var>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
