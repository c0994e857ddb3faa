//! What each target asserts, beside that nothing panics.

mod b64;
mod config;
mod env_policy;
mod error_text;
mod flatten;
mod names;
mod record;

pub use b64::b64;
pub use config::config;
pub use env_policy::env_policy;
pub use error_text::error_text;
pub use flatten::flatten;
pub use names::names;
pub use record::{record_parse, v2_roundtrip};

use std::sync::LazyLock;

use crate::base::text::is_hidden;
use crate::base::{Error, ObjectPath, Place};
use crate::record::fernet::DataKey;

/// The data key of every record here: that of Fernet's own examples.
static DATA_KEY: LazyLock<DataKey> = LazyLock::new(|| {
    DataKey::parse(b"cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").expect("a data key")
});

/// Where every record here is.
fn place() -> Place {
    Place {
        name: "db".parse().expect("a name"),
        path: ObjectPath::new("s3://acme/", "prod/db"),
    }
}

/// What a user sees of an error.
fn shown(error: &Error) -> String {
    let hint = error.hint().unwrap_or_default();
    format!("{error}\n{hint}")
}

/// Asserts that a message is safe to print: one line, and nothing hidden.
fn is_safe(message: &str) {
    assert!(!message.contains(is_hidden), "{message:?}");
}

/// Asserts the same of an error.
fn is_safe_error(error: &Error) {
    is_safe(&error.to_string());
    if let Some(hint) = error.hint() {
        is_safe(&hint);
    }
}

/// The first byte, which chooses, and the rest.
fn choice(input: &[u8]) -> (usize, &[u8]) {
    match input.split_first() {
        Some((first, rest)) => (usize::from(*first), rest),
        None => (0, input),
    }
}
