//! `.env`: what shells and the libraries of five languages read alike.
//!
//! All of them read single quotes literally, and disagree on nearly everything in
//! double quotes, so those only enclose what is special to none of them.

use super::exported::{Cannot, put};
use super::shell;
use crate::plaintext::vars::Var;

/// Writes one variable, on as many lines as its value has.
pub(super) fn write(variable: &Var, text: &str, out: &mut Vec<u8>) -> Result<(), Cannot> {
    // The file may also be sourced.
    shell::name(variable)?;
    let name = variable.name.as_str();
    if name == "__proto__" {
        return Err((
            "has a name that is special in JavaScript",
            "npm's dotenv loses it",
        ));
    }
    if text.contains('\r') {
        return Err(("contains a carriage return", "some parsers drop it"));
    }
    if text.ends_with('\\') {
        let why = "some parsers take the quote after it as part of the value";
        return Err(("ends with a backslash", why));
    }
    let quote = if text.contains('\'') {
        if text.contains(['"', '\\', '$', '`']) {
            let what =
                "contains a single quote and also a double quote, `$`, backslash or backquote";
            return Err((what, "some parsers would change or expand it"));
        }
        b"\""
    } else {
        if text.contains("${") {
            return Err(("contains `${`", "python-dotenv expands it in any quotes"));
        }
        if text.contains("\\\\") {
            let why = "python-dotenv reads them as one";
            return Err(("contains two backslashes in a row", why));
        }
        b"'"
    };
    let text = text.as_bytes();
    put(out, &[name.as_bytes(), b"=", quote, text, quote, b"\n"]);
    Ok(())
}
