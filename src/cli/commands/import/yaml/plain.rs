//! The type of a plain scalar, by YAML 1.2's core schema where parsers agree.
//!
//! Many parsers still follow YAML 1.1 or their own rules, by which `yes` is true,
//! `017` is 15, `1:30` is 90 and `1e3` is text.
//!
//! Source: YAML 1.1's types, <https://yaml.org/type/>, and the parsers that
//! `tests/commands/import/yaml_readers.rs` runs.

use crate::json;

/// The largest integer that a parser with only doubles keeps exact.
const MAX_WHOLE: i64 = (1 << 53) - 1;

/// A plain scalar.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plain<'a> {
    Text,
    /// A number, a boolean or null, as JSON text.
    Json(&'a str),
    /// A number that JSON cannot represent.
    NoJson,
    /// One on which parsers disagree.
    Differs,
}

/// The type of a plain scalar that is a value.
pub(super) fn value(text: &str) -> Plain<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Json("null"),
        "true" | "True" | "TRUE" => Plain::Json("true"),
        "false" | "False" | "FALSE" => Plain::Json("false"),
        _ if is_number(text) => number(text),
        _ if is_other_word(text) || is_other_number(text) || is_time(text) || is_date(text) => {
            Plain::Differs
        }
        _ => Plain::Text,
    }
}

/// Whether all parsers read a plain scalar that is a name as the same text.
pub(super) fn is_name(text: &str) -> bool {
    match value(text) {
        Plain::Text => true,
        Plain::Json(_) => {
            matches!(text, "true" | "false")
                || text.parse::<i64>().is_ok_and(|n| n.to_string() == text)
        }
        Plain::NoJson | Plain::Differs => false,
    }
}

fn number(text: &str) -> Plain<'_> {
    if json::check(text.as_bytes()).is_err() {
        return Plain::NoJson;
    }
    let is_alike = match text.split_once(['e', 'E']) {
        // YAML 1.1 requires the point and the sign.
        Some((mantissa, exponent)) => mantissa.contains('.') && exponent.starts_with(['-', '+']),
        None if text.contains('.') => true,
        None => text
            .parse()
            .is_ok_and(|n: i64| (-MAX_WHOLE..=MAX_WHOLE).contains(&n)),
    };
    if is_alike && text.parse().is_ok_and(f64::is_finite) {
        Plain::Json(text)
    } else {
        Plain::Differs
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

/// Whether it is a number in the core schema.
fn is_number(text: &str) -> bool {
    if is_of_base(text, "0o", 8) || is_of_base(text, "0x", 16) {
        return true;
    }
    let text = unsigned(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    if !exponent.is_none_or(|text| is_digits(unsigned(text))) {
        return false;
    }
    match mantissa.split_once('.') {
        Some(("", fraction)) => is_digits(fraction),
        Some((whole, fraction)) => is_digits(whole) && (fraction.is_empty() || is_digits(fraction)),
        None => is_digits(mantissa),
    }
}

fn is_of_base(text: &str, prefix: &str, radix: u32) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
    })
}

/// Words that some parsers interpret, and Ruby symbols.
fn is_other_word(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "=", "<<",
    ];
    words.contains(&lower.as_str())
        || matches!(unsigned(&lower), ".inf" | ".nan")
        || text.starts_with(':')
}

/// A number with `_` or `,` between its digits, in another base, or with a part
/// missing.
fn is_other_number(text: &str) -> bool {
    let digits = text.replace(['_', ','], "").to_ascii_lowercase();
    let digits = unsigned(&digits);
    let is_bare_power = |digits: &str| {
        digits
            .strip_prefix('e')
            .is_some_and(|power| is_digits(unsigned(power)))
    };
    digits == "." || is_number(digits) || is_bare_power(digits) || is_of_base(digits, "0b", 2)
}

/// A base-60 number, such as `12:30`.
fn is_time(text: &str) -> bool {
    let text = text.replace('_', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut parts = unsigned(whole).split(':');
    let first = parts.next().is_some_and(is_digits);
    let mut rest = parts.peekable();
    let is_sixtieth =
        |part: &str| is_digits(part) && part.len() <= 2 && part.parse().is_ok_and(|n: u8| n < 60);
    first
        && rest.peek().is_some()
        && rest.all(is_sixtieth)
        && (fraction.is_empty() || is_digits(fraction))
}

/// A date, with or without a time.
fn is_date(text: &str) -> bool {
    let mut parts = text.strip_prefix('-').unwrap_or(text).splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let end = rest.find(|c: char| !c.is_ascii_digit());
    let (day, time) = rest.split_at(end.unwrap_or(rest.len()));
    let starts_time = |c: char| matches!(c, 'T' | 't' | ' ' | '\t');
    let short = |part: &str| is_digits(part) && part.len() <= 2;
    is_digits(year)
        && year.len() == 4
        && short(month)
        && short(day)
        && (time.is_empty() || time.starts_with(starts_time))
}
