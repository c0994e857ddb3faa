//! Versions as users give them: whole, or by their first characters.

use crate::base::hash::is_hex;

/// The fewest characters that stand for a version.
pub(crate) const FEWEST: usize = 6;

/// Whether a text is long enough to be the beginning of a version.
pub(crate) fn may_begin_one(text: &str) -> bool {
    text.chars().nth(FEWEST - 1).is_some()
}

/// How many first characters tell versions of one secret apart, at least as many as
/// stand for a version.
///
/// # Examples
///
/// ```
/// use lazycred::text::telling_apart;
/// assert_eq!(telling_apart(["3sL4kqtJlcp", "Qz81hGfa"]), 6);
/// assert_eq!(telling_apart(["3sL4kqtJlcp", "3sL4kqtJxx"]), 9);
/// ```
#[must_use]
pub fn telling_apart<'a>(versions: impl IntoIterator<Item = &'a str>) -> usize {
    let mut sorted: Vec<&str> = versions.into_iter().collect();
    sorted.sort_unstable();
    let alike = sorted.windows(2).map(|two| {
        let both = two[0].chars().zip(two[1].chars());
        both.take_while(|(one, other)| one == other).count() + 1
    });
    alike.max().unwrap_or_default().max(FEWEST)
}

/// The first characters of a version.
pub(crate) fn start(version: &str, length: usize) -> &str {
    let end = version.char_indices().nth(length);
    end.map_or(version, |(end, _)| &version[..end])
}

/// Whether a version is an etag, as `history` prints it for unversioned objects: an MD5
/// in hexadecimal, and after `-` the number of parts that were uploaded.
///
/// # Examples
///
/// ```
/// use lazycred::text::is_etag;
/// assert!(is_etag("d41d8cd98f00b204e9800998ecf8427e-12"));
/// assert!(!is_etag("3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH"));
/// ```
#[must_use]
pub fn is_etag(version: &str) -> bool {
    let bare = version.trim_matches('"');
    let (hash, parts) = bare.split_once('-').unwrap_or((bare, "1"));
    is_hex(hash, 32) && !parts.is_empty() && parts.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_apart_by_six_characters_or_more() {
        for (texts, expected) in [
            (&["abcdefgh"][..], 6),
            (&["abcdefgh", "abcdefxy", "b"], 7),
            (&["abcdefg", "abcdefgh"], 8),
            (&["äöüéxyz1", "äöüéxyz2"], 8),
            (&[], 6),
        ] {
            assert_eq!(telling_apart(texts.iter().copied()), expected, "{texts:?}");
        }
        assert_eq!(start("äöü", 2), "äö");
        assert_eq!(start("ab", 6), "ab");
    }

    #[test]
    fn six_characters_may_begin_a_version() {
        for (text, expected) in [("abcde", false), ("abcdef", true), ("äöüéà", false)] {
            assert_eq!(may_begin_one(text), expected, "{text}");
        }
    }
}
