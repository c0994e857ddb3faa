//! Lines of `NAME=value`, in which nothing is interpolated.
//!
//! The grammar is the `dotenvy` crate's. That one replaces `$NAME` by a
//! variable; here a value is data, and `$NAME` stays what it is.

use zeroize::Zeroizing;

use crate::secret::Secret;

/// Stands for `$` while the text is read: a character that no text has a
/// meaning for.
const STAND_IN: char = '\u{F8FF}';

/// The text is not in dotenv form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotDotenv;

/// The pairs of a text, in its order.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<(String, Secret)>, NotDotenv> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotDotenv)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains(STAND_IN) {
        return Err(NotDotenv);
    }
    let text = Zeroizing::new(without_dollars(text));
    dotenvy::from_read_iter(text.as_bytes())
        .map(|pair| {
            let (name, value) = pair.map_err(|_| NotDotenv)?;
            let value = Zeroizing::new(value);
            Ok((name, Secret::from(value.replace(STAND_IN, "$"))))
        })
        .collect()
}

/// The text with every `$` replaced but the one that a backslash escapes.
fn without_dollars(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    let mut escaped = false;
    for c in text.chars() {
        out.push(if c == '$' && !escaped { STAND_IN } else { c });
        escaped = c == '\\' && !escaped;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Result<Vec<(String, String)>, NotDotenv> {
        let text_of = |value: Secret| String::from_utf8(value.as_bytes().to_vec()).unwrap();
        Ok(parse(text.as_bytes())?
            .into_iter()
            .map(|(name, value)| (name, text_of(value)))
            .collect())
    }

    #[test]
    fn values_are_read_as_dotenv_has_them_and_never_interpolated() {
        for (text, expected) in [
            (
                "A=1\r\n# no\n\nexport B = two  # end\n",
                &[("A", "1"), ("B", "two")][..],
            ),
            (
                "A=$HOME\nB=\"${HOME} $A\"\nC='$A'\n",
                &[("A", "$HOME"), ("B", "${HOME} $A"), ("C", "$A")],
            ),
            ("A=\\$x\nB='\\$x'\n", &[("A", "$x"), ("B", "\\$x")]),
            (
                "A=\"one\ntwo\"\nB=\"a\\nb\"\n",
                &[("A", "one\ntwo"), ("B", "a\nb")],
            ),
            ("A=\nB=''\n", &[("A", ""), ("B", "")]),
            ("", &[]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|&(n, v)| (n.to_owned(), v.to_owned()))
                .collect();
            assert_eq!(pairs(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_dotenv_is_refused() {
        for text in ["A", "A=\"open", "=1", "A=a b", "1 2=3"] {
            assert_eq!(pairs(text), Err(NotDotenv), "{text}");
        }
        assert_eq!(parse(b"A=\xff").unwrap_err(), NotDotenv);
    }
}
