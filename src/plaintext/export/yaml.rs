//! YAML: a mapping of quoted names to quoted values, the same in versions 1.1 and
//! 1.2.

use zeroize::Zeroizing;

use super::exported::{Cannot, put};

/// Writes one variable as one line.
pub(super) fn write(name: &str, text: &str, out: &mut Vec<u8>) -> Result<(), Cannot> {
    // Source: YAML 1.2.2, <https://yaml.org/spec/1.2.2/#example-single-pair-explicit-entry>.
    if name.len() > 1000 {
        return Err((
            "has a name over 1,000 bytes",
            "YAML limits a name to 1,024 characters",
        ));
    }
    put(out, &[b"\"", name.as_bytes(), b"\": \""]);
    text.chars().for_each(|c| escaped(c, out));
    out.extend_from_slice(b"\"\n");
    Ok(())
}

/// Writes one character in double quotes.
///
/// Source: YAML 1.2.2, <https://yaml.org/spec/1.2.2/#57-escaped-characters>.
fn escaped(c: char, out: &mut Vec<u8>) {
    let plain = match c {
        '"' | '\\' => false,
        ' '..='~' | '\u{a0}'..='\u{d7ff}' => !matches!(c, '\u{2028}' | '\u{2029}'),
        '\u{e000}'..='\u{fffd}' => c != '\u{feff}',
        c => c >= '\u{10000}',
    };
    let code = u32::from(c);
    let escape = match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        c if plain => c.to_string(),
        _ if code < 0x100 => format!("\\x{code:02x}"),
        _ => format!("\\u{code:04x}"),
    };
    out.extend_from_slice(Zeroizing::new(escape).as_bytes());
}
