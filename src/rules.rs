//! The rules that a user chooses: how fields become variables, and which of
//! them are wanted.

use glob::Pattern;

use crate::error::Error;
use crate::name::OneLine;

/// How fields become variables.
///
/// Shape: [`Rules::default`] joins with `_`, makes upper case, keeps arrays as
/// JSON text and gives no variable for null.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Stands before every name.
    pub prefix: String,
    /// Stands between the names on the way to a leaf.
    pub separator: String,
    /// The case of the names.
    pub case: Case,
    /// What an array gives.
    pub arrays: Arrays,
    /// What null gives.
    pub null: Null,
    /// How a whole secret is read.
    pub format: Format,
    /// Which variables are wanted.
    pub filter: Filter,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            separator: "_".to_owned(),
            case: Case::Upper,
            arrays: Arrays::Json,
            null: Null::Omit,
            format: Format::Auto,
            filter: Filter::default(),
        }
    }
}

/// How a whole secret is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As a JSON object if it starts like one, else as text.
    Auto,
    /// As a JSON object.
    Json,
    /// As lines of `NAME=value`, in which nothing is interpolated.
    Dotenv,
    /// As text, whatever it holds.
    Text,
}

/// Which variables are wanted, by their final names.
///
/// # Examples
///
/// ```
/// let filter = lazycred::Filter::new(&["DB_*"], &["*_DEBUG"])?;
/// assert!(filter.wants("DB_HOST") && !filter.wants("DB_DEBUG") && !filter.wants("HOST"));
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Filter {
    only: Vec<Pattern>,
    except: Vec<Pattern>,
}

impl Filter {
    /// Those that one of `only` matches, or all if there is none, less those
    /// that one of `except` matches.
    ///
    /// Shape: `*`, `?` and `[...]`, as a shell has them.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if something is no such pattern.
    pub fn new<T: AsRef<str>>(only: &[T], except: &[T]) -> Result<Self, Error> {
        let pattern = |text: &T| {
            let text = text.as_ref();
            let wrong = |error| Error::usage(format!("`{}` is no pattern: {error}", OneLine(text)));
            Pattern::new(text).map_err(wrong)
        };
        Ok(Self {
            only: only.iter().map(pattern).collect::<Result<_, _>>()?,
            except: except.iter().map(pattern).collect::<Result<_, _>>()?,
        })
    }

    /// Whether a variable is wanted.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        (self.only.is_empty() || any(&self.only)) && !any(&self.except)
    }

    /// Whether all variables are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }
}

/// The case of variables' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// As in `DB_HOST`.
    Upper,
    /// As the document has it.
    Keep,
    /// As in `db_host`.
    Lower,
}

/// What an array gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrays {
    /// One variable with its compact JSON text.
    Json,
    /// A variable an element: `HOSTS_0`, `HOSTS_1`.
    Index,
}

/// What null gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// No variable.
    Omit,
    /// A variable without text.
    Empty,
    /// An error.
    Error,
}
