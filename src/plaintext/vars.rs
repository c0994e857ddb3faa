//! The variables of references, each with its origin.

use crate::base::{Secret, VarName};

/// The most bytes that Linux passes to a program as one `NAME=value` and its NUL. macOS
/// has no such limit, but what runs there is to run on Linux, too.
///
/// Source: `MAX_ARG_STRLEN`, execve(2).
pub(crate) const LARGEST_ENTRY: usize = 131_072;

/// A variable to set or unset, and its origin.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", r#"{"port": 5432}"#)?;
/// let variables = client.load(["P=db#port"])?;
/// let variable = variables.iter().next().unwrap();
/// assert_eq!((variable.name.as_str(), variable.path.as_str()), ("P", "/port"));
/// assert_eq!((variable.reference.as_str(), variable.named), ("P=db#port", true));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Var {
    /// The variable's name.
    pub name: VarName,
    /// Its value; `None` unsets it.
    pub value: Option<Secret>,
    /// The reference it comes from, as typed.
    pub reference: String,
    /// The JSON pointer of the field; empty for a whole secret.
    pub path: String,
    /// Whether the reference names the variable, as `VAR=NAME` does.
    pub named: bool,
}

/// Variables in the order of their references; the last one of a name wins.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("db", r#"{"port": 5432}"#)?;
/// let variables = client.load(["db"])?;
/// for variable in variables.iter() {
///     assert_eq!(variable.name.as_str(), "PORT");
/// }
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Vars(Vec<Var>);

impl Vars {
    /// Iterates in order, over overridden variables too.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("token", "hunter2")?;
    /// let variables = client.load(["token", "TOKEN=token"])?;
    /// assert_eq!(variables.iter().count(), 2);
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    pub fn iter(&self) -> std::slice::Iter<'_, Var> {
        self.0.iter()
    }

    /// The final value of a variable; `None` if it is not set.
    ///
    /// # Examples
    ///
    /// ```
    /// let client = lazycred::blocking::Client::in_memory()?;
    /// client.put("token", "hunter2")?;
    /// let variables = client.load(["token"])?;
    /// assert_eq!(variables.get("TOKEN").unwrap().as_bytes(), b"hunter2");
    /// assert!(variables.get("PATH").is_none());
    /// # Ok::<(), lazycred::Error>(())
    /// ```
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
