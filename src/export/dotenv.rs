//! `.env`: what shells and the libraries of five languages read alike.
//!
//! All of them take single quotes for text, and differ on nearly everything in
//! double ones, so these hold only what has no meaning to any of them.

use super::exported::{Cannot, Exported};
use super::shell;

/// One line, or several where the value has them.
pub(super) fn write(variable: &Exported, text: &str, out: &mut Vec<u8>) -> Result<(), Cannot> {
    // A file is sourced, too.
    shell::name(variable)?;
    let name = variable.name.as_str();
    if name == "__proto__" {
        return Err(("has a name that JavaScript keeps", "npm's dotenv loses it"));
    }
    if text.contains('\r') {
        return Err(("holds a carriage return", "some readers drop it"));
    }
    if text.ends_with('\\') {
        let why = "some readers take the quote after it as part of the value";
        return Err(("ends with a backslash", why));
    }
    let quote = if text.contains('\'') {
        if text.contains(['"', '\\', '$', '`']) {
            let what = "holds a single quote and a double one, `$`, a backslash or a backquote";
            return Err((what, "some readers would change or expand it"));
        }
        b"\""
    } else {
        if text.contains("${") {
            return Err(("holds `${`", "python-dotenv expands it in any quotes"));
        }
        if text.contains("\\\\") {
            let why = "python-dotenv reads them as one";
            return Err(("contains two backslashes in a row", why));
        }
        b"'"
    };
    for part in [name.as_bytes(), b"=", quote, text.as_bytes(), quote, b"\n"] {
        out.extend_from_slice(part);
    }
    Ok(())
}
