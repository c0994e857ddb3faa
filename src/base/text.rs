//! Text from elsewhere, made safe to print.
//!
//! Printed raw, an invisible character can move the cursor, reverse text or start a
//! new line.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

pub use super::similar::similar;
pub use super::version::{is_etag, telling_apart};

/// Whether a character is a control (Cc), a format character (Cf), or a line or
/// paragraph separator (Zl, Zp).
///
/// Source: `UnicodeData.txt` of Unicode 16.0.
///
/// # Examples
///
/// ```
/// assert!(lazycred::text::is_hidden('\u{202e}'));
/// ```
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

/// Whether what was given for a file's name looks like a text, perhaps a secret one.
///
/// # Examples
///
/// ```
/// use std::path::Path;
/// assert!(lazycred::text::looks_like_text(Path::new("TOKEN=hunter2")));
/// assert!(!lazycred::text::looks_like_text(Path::new("notes/token")));
/// ```
#[must_use]
pub fn looks_like_text(file: &Path) -> bool {
    let text = file.to_string_lossy();
    text.contains('=')
        || text.contains("{{")
        || text.contains("://")
        || text.contains(char::is_whitespace)
}

/// A file at `path` as errors name it, which was given as `given`: not by its name, but
/// as `what`, if it is not there and may be a text.
///
/// # Examples
///
/// ```
/// use std::path::Path;
/// let named = |given| lazycred::text::named_file("FILE", Path::new(given), Path::new(given));
/// assert_eq!(named("notes/token"), "`notes/token`");
/// assert_eq!(
///     named("TOKEN=hunter2"),
///     "FILE (its name is not shown: it may be secret itself)"
/// );
/// ```
#[must_use]
pub fn named_file(what: &str, given: &Path, path: &Path) -> String {
    if looks_like_text(given) && path.symlink_metadata().is_err() {
        return format!("{what} (its name is not shown: it may be secret itself)");
    }
    format!("`{}`", OneLine(path.to_string_lossy()))
}

/// Escapes hidden characters in a JSON document, except newlines between values.
///
/// # Examples
///
/// ```
/// let escaped = lazycred::text::escaped_in_json("\"a\u{202e}b\"");
/// assert_eq!(escaped, r#""a\u202eb""#);
/// ```
#[must_use]
pub fn escaped_in_json(document: &str) -> String {
    let mut escaped = String::with_capacity(document.len());
    for c in document.chars() {
        if c == '\n' || !is_hidden(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(escaped, "\\u{unit:04x}").expect("a String takes all that is written");
        }
    }
    escaped
}

/// Writes text on one line, with hidden characters escaped.
pub(crate) fn one_line(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // Most text is plain and is written at once.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return f.write_str(text);
    }
    for c in text.chars() {
        if is_hidden(c) {
            write!(f, "{}", c.escape_default())?;
        } else {
            f.write_char(c)?;
        }
    }
    Ok(())
}

/// Quotes text for a shell, on one line. Hidden characters are escaped in `$'…'`,
/// which bash, zsh, ksh and busybox read.
///
/// Shape: `web`, `'web prod'`, `$'web\nprod'`, and `$'a\342\200\256'` by bytes.
///
/// # Examples
///
/// ```
/// assert_eq!(lazycred::text::shell_word("web prod"), "'web prod'");
/// assert_eq!(lazycred::text::shell_word("web!"), "'web!'");
/// ```
#[must_use]
pub fn shell_word(text: &str) -> String {
    if !text.contains(is_hidden) {
        // What interactive shells expand beside what all do: `!` recalls a command, braces
        // make several words, and zsh has `^` and a `=` that begins a word.
        let expands = text.starts_with('=') || text.contains(['!', '{', '}', '^']);
        return match shell_words::quote(text) {
            Cow::Borrowed(_) if expands => format!("'{text}'"),
            quoted => quoted.into_owned(),
        };
    }
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\\' | '\'' => word.extend(c.escape_default()),
            // Interactive shells expand `!` even in quotes.
            c if is_hidden(c) || c == '!' => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    write!(word, "\\{byte:03o}").expect("a String takes all that is written");
                }
            }
            c => word.push(c),
        }
    }
    word.push('\'');
    word
}

/// Displays untrusted text on one line.
///
/// # Examples
///
/// ```
/// assert_eq!(lazycred::text::OneLine("a\nb").to_string(), "a\\nb");
/// ```
#[derive(Debug)]
pub struct OneLine<T>(pub T);

impl<T: AsRef<str>> fmt::Display for OneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(self.0.as_ref(), f)
    }
}

/// Displays untrusted text on one line; only both ends of a long one.
pub(crate) struct Brief<'a>(pub &'a str);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 200;
        let Self(text) = self;
        if text.len() <= MOST {
            return one_line(text, f);
        }
        one_line(&text[..text.floor_char_boundary(MOST / 2)], f)?;
        f.write_str("…")?;
        one_line(&text[text.ceil_char_boundary(text.len() - MOST / 2)..], f)
    }
}

/// How a program ended: `exited with status 3`.
///
/// # Examples
///
/// ```
/// let status = std::process::Command::new("false").status()?;
/// assert_eq!(lazycred::text::how_it_ended(status), "exited with status 1");
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn how_it_ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, signal) => format!("was killed by signal {}", signal.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_as_it_is_stays_and_what_is_not_is_escaped() {
        for shown in [
            'a', ' ', '\u{a0}', 'é', '\u{e000}', '\u{378}', '😀', '\u{301}',
        ] {
            assert!(!is_hidden(shown), "{shown:?}");
        }
        for hidden in [
            '\0', '\u{7f}', '\u{9b}', '\u{ad}', '\u{200d}', '\u{2028}', '\u{202e}', '\u{feff}',
        ] {
            assert!(is_hidden(hidden), "{hidden:?}");
        }
        let document = "{\n  \"a\u{7f}\": \"\u{202e}\u{e0041}\"\n}";
        let escaped = escaped_in_json(document);
        assert_eq!(escaped, "{\n  \"a\\u007f\": \"\\u202e\\udb40\\udc41\"\n}");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&escaped), read(document));
    }
}
