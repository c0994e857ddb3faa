//! An error and its causes on one line.

use std::error::Error;

/// Joins an error and its causes with `: `, without repetitions.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !text.is_empty() && !seen.iter().any(|earlier| earlier.contains(&text)) {
            seen.push(text);
        }
        next = cause.source();
    }
    seen.join(": ")
}
