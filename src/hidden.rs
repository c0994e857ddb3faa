//! Characters that are invisible, or change how others are displayed.
//!
//! Names and messages come from anywhere; printed raw, such a character moves
//! the cursor, turns text round or starts a new line. Knows characters only.

/// Whether a character is a control (Cc), a format character (Cf), or a line or
/// paragraph separator (Zl, Zp).
///
/// Source: `UnicodeData.txt` of Unicode 16.0.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

/// A JSON document with each of them escaped; the line ends between its values stay.
pub(crate) fn escaped_in_json(document: &str) -> String {
    use std::fmt::Write as _;
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
