//! The secret parts of a URL: the name and password before its `@`, and its query or
//! fragment. No message shows them.
//!
//! Parsers disagree on a user part with an unescaped `@`, `#`, `/` or `?`: some
//! take the wrong password, others the wrong host. It is recognized here, and
//! never repaired.

/// The user part of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserPart {
    None,
    Sound,
    /// It contains a character that ends it for some parsers.
    Ambiguous,
}

/// The user part of a URL, whose scheme may be missing.
pub(crate) fn user_part(url: &str) -> UserPart {
    let Some((user, _)) = after_scheme(url).rsplit_once('@') else {
        return UserPart::None;
    };
    let ends_it = |c: char| "@#/?\\".contains(c) || c.is_whitespace() || c.is_control();
    if user.contains(ends_it) {
        UserPart::Ambiguous
    } else {
        UserPart::Sound
    }
}

/// A URL for a message: without a possible user part, and without a query or fragment,
/// which may contain a token.
pub(crate) fn without_secrets(url: &str) -> String {
    let rest = after_scheme(url);
    let (before, place) = match rest.rsplit_once('@') {
        None => ("", rest),
        Some((_, place)) => ("…@", place),
    };
    let scheme = &url[..url.len() - rest.len()];
    match place.find(['?', '#']) {
        None => format!("{scheme}{before}{place}"),
        Some(at) => format!("{scheme}{before}{}…", &place[..=at]),
    }
}

fn after_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_may_be_a_password_is_told_and_not_shown() {
        use UserPart::{Ambiguous, None, Sound};
        for (url, expected, shown) in [
            ("http://h:1", None, "http://h:1"),
            ("h:1", None, "h:1"),
            ("http://h/a%40b#c", None, "http://h/a%40b#…"),
            ("http://h:1/?token=x", None, "http://h:1/?…"),
            ("http://h?x#y?z", None, "http://h?…"),
            ("h:1#x?y", None, "h:1#…"),
            ("?x", None, "?…"),
            ("http://u:p%40ss@h:1", Sound, "http://…@h:1"),
            ("u:pw@h:1", Sound, "…@h:1"),
            ("http://u@h", Sound, "http://…@h"),
            ("http://u:p@ss@h:1", Ambiguous, "http://…@h:1"),
            ("u:p@ss@h:1", Ambiguous, "…@h:1"),
            ("http://u:p#ss@h:1", Ambiguous, "http://…@h:1"),
            ("http://u:80/ss@h:1", Ambiguous, "http://…@h:1"),
            ("http://u:80?ss@h:1", Ambiguous, "http://…@h:1"),
            ("http://u:p@h:1/?x", Sound, "http://…@h:1/?…"),
            ("http://u:p ss@h:1", Ambiguous, "http://…@h:1"),
            ("https://u:p\\ss@h:1/x", Ambiguous, "https://…@h:1/x"),
            ("http://u:p://x@h", Ambiguous, "http://…@h"),
        ] {
            assert_eq!(user_part(url), expected, "{url}");
            assert_eq!(without_secrets(url), shown, "{url}");
        }
    }
}
