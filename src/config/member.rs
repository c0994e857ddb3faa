//! The values that a setting may have, by their types.
//!
//! Each reader returns the value, or the end of a sentence that says what it must be.

use std::time::Duration;

use serde_json::Value;

use super::wrapping_key::is_account;

/// What text must be that has such characters.
pub(super) const CONTROL: &str = "text without control characters";

pub(super) fn text(value: Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) if text.contains(char::is_control) => Err(CONTROL),
        Value::String(text) if !text.is_empty() => Ok(text),
        _ => Err("a string that is not empty"),
    }
}

pub(super) fn account(value: Value) -> Result<String, &'static str> {
    let wanted = "an AWS account, a string of 12 digits";
    let text = text(value).map_err(|_| wanted)?;
    is_account(&text).then_some(text).ok_or(wanted)
}

pub(super) fn list<T>(
    value: Value,
    item: impl Fn(Value) -> Result<T, &'static str>,
) -> Option<Vec<T>> {
    match value {
        Value::Array(items) => items.into_iter().map(|value| item(value).ok()).collect(),
        _ => None,
    }
}

pub(super) fn version(value: &Value) -> Result<u8, &'static str> {
    match value.as_u64() {
        Some(1) => Ok(1),
        Some(2) => Ok(2),
        _ => Err("1 or 2"),
    }
}

/// `90d` or `12h`.
pub(super) fn age(text: &str) -> Option<Duration> {
    let (digits, hours) = match text.strip_suffix('d') {
        Some(digits) => (digits, 24),
        None => (text.strip_suffix('h')?, 1),
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = digits.parse().ok().filter(|number| plain && *number > 0)?;
    Some(Duration::from_secs(u64::from(number) * hours * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_whole_days_or_hours_and_never_none() {
        for (text, hours) in [("90d", Some(2160)), ("12h", Some(12)), ("1d", Some(24))] {
            let age = age(text).map(|age| age.as_secs() / 3600);
            assert_eq!(age, hours, "{text}");
        }
        for bad in "|d|0d|+1d|-1d|1.5d|1|1D|1 d|99999999999d".split('|') {
            assert_eq!(age(bad), None, "{bad}");
        }
    }
}
