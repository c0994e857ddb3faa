//! Prose, broken between words.

use std::iter::once;

use unicode_width::UnicodeWidthStr;

/// Prose as lines that fit, broken between words. What stands between backquotes is
/// one word, so that it can be copied.
pub(super) fn broken(text: &str, room: Option<usize>) -> Vec<&str> {
    let Some(room) = room else {
        return vec![text];
    };
    let is_paired = text.matches('`').count().is_multiple_of(2);
    let mut quoted = false;
    let breaks = text.char_indices().filter(move |(_, c)| {
        quoted ^= *c == '`' && is_paired;
        *c == ' ' && !quoted
    });
    let ends = breaks.map(|(at, _)| at).chain(once(text.len()));
    let (mut lines, mut start, mut end) = (Vec::new(), 0, 0);
    for next in ends {
        if end > start && text[start..next].width() > room {
            lines.push(&text[start..end]);
            start = end + 1;
        }
        end = next;
    }
    lines.push(&text[start..]);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_one_word_however_long_it_is() {
        assert_eq!(broken("a `b c", Some(1)), ["a", "`b", "c"]);
        assert_eq!(broken("", Some(0)), [""]);
        assert_eq!(broken("`long word` x", Some(3)), ["`long word`", "x"]);
        assert_eq!(broken("a b", None), ["a b"]);
        assert_eq!(broken("日本 日本 x", Some(7)), ["日本", "日本 x"]);
    }
}
