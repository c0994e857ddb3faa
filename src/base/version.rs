//! Versions as users give them: whole, or by their first characters.

/// The fewest characters that stand for a version.
pub(crate) const FEWEST: usize = 6;

/// Whether a text is long enough to be the beginning of a version.
pub(crate) fn may_begin_one(text: &str) -> bool {
    text.chars().nth(FEWEST - 1).is_some()
}

/// The first characters of a text by which it differs from all others: at least
/// `least` of them, but never more than it has.
pub(crate) fn shortened<'a>(text: &'a str, others: &[&str], least: usize) -> &'a str {
    let is_alone = |start: &str| {
        let alike = |other: &&&str| **other != text && other.starts_with(start);
        !others.iter().any(|other| alike(&other))
    };
    let ends = text.char_indices().map(|(at, _)| at).skip(least);
    let mut starts = ends.map(|end| &text[..end]);
    starts.find(|start| is_alone(start)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_shortened_to_where_they_differ() {
        for (texts, expected) in [
            (&["abcdefgh"][..], &["abcd"][..]),
            (&["abcdefgh", "abcdefxy", "b"], &["abcdefg", "abcdefx", "b"]),
            (&["abcd", "abcdef"], &["abcd", "abcde"]),
            (&["äöüéx1", "äöüéx2"], &["äöüéx1", "äöüéx2"]),
        ] {
            let short = texts.iter().map(|text| shortened(text, texts, 4));
            assert_eq!(short.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn six_characters_may_begin_a_version() {
        for (text, expected) in [("abcde", false), ("abcdef", true), ("äöüéà", false)] {
            assert_eq!(may_begin_one(text), expected, "{text}");
        }
    }
}
