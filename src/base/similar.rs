//! Names that somebody may have meant by one that does not exist.
//!
//! Compares text only: no I/O, and no knowledge of what the names stand for.

/// How many are named at most.
const MOST: usize = 3;

/// How many are compared, and how long they may be to be compared by letter.
const COMPARED: usize = 10_000;
const LONGEST: usize = 80;

/// Those of `there` that may be meant by `typed`: at most three, the likeliest first.
///
/// Shape: `web/prdo`, `Web.Prod`, `prod` and `prod/web/prod` give `web/prod`. Letters
/// that differ only in case, `.`, `-`, `_`, `/` for each other, a part in front too few
/// or too many, the start of a name, and up to three wrong letters.
///
/// # Examples
///
/// ```
/// let there = ["web/dev", "web/prod"];
/// assert_eq!(lazycred::text::similar("web-prod", there), ["web/prod"]);
/// assert!(lazycred::text::similar("mail", there).is_empty());
/// ```
#[must_use]
pub fn similar<'a>(typed: &str, there: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = folded(typed);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for name in there.into_iter().take(COMPARED) {
        if name != typed
            && let Some(rank) = rank(&wanted, &folded(name))
        {
            found.push((rank, name));
        }
    }
    found.sort_unstable();
    found.dedup();
    let best = found.first().map_or(0, |(rank, _)| *rank);
    let close = found.into_iter().filter(|(rank, _)| *rank == best);
    close.map(|(_, name)| name).take(MOST).collect()
}

/// A name without what is easily confused: case, separators, and blanks at its ends.
fn folded(name: &str) -> Vec<char> {
    let name = name.trim();
    let name = name.strip_prefix("lazycred:").unwrap_or(name);
    let plain = name.chars().flat_map(char::to_lowercase).map(|c| match c {
        '.' | '-' | '_' | ':' | '\\' => '/',
        c if c.is_whitespace() => '/',
        c => c,
    });
    let plain: String = plain.collect();
    plain.trim_matches('/').chars().collect()
}

/// How unlikely it is that `name` is meant; `None` if it is not close at all.
fn rank(wanted: &[char], name: &[char]) -> Option<usize> {
    const PART: usize = 1;
    const START: usize = 6;
    const LAST: usize = 7;
    if wanted == name {
        return Some(0);
    }
    if wanted.is_empty() || name.is_empty() {
        return None;
    }
    let is_part = |of: &[char], part: &[char]| {
        let before = of.len().checked_sub(part.len() + 1);
        before.is_some_and(|at| of[at] == '/' && of.ends_with(part))
    };
    if is_part(name, wanted) || is_part(wanted, name) {
        return Some(PART);
    }
    if let Some(wrong) = distance(wanted, name) {
        return Some(PART + wrong);
    }
    if wanted.len() > 2 && name.starts_with(wanted) {
        return Some(START);
    }
    let last = name.rsplit(|c| *c == '/').next().unwrap_or_default();
    let is_last = !wanted.contains(&'/') && distance(wanted, last).is_some();
    is_last.then_some(LAST)
}

/// How many letters are wrong, missing, too many or swapped; `None` if it is more than
/// a slip would explain.
fn distance(one: &[char], other: &[char]) -> Option<usize> {
    let most = match one.len() {
        0..3 => 0,
        3..6 => 1,
        6..10 => 2,
        _ => 3,
    };
    if one.len().abs_diff(other.len()) > most || one.len().max(other.len()) > LONGEST {
        return None;
    }
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, &c) in one.iter().enumerate() {
        let top = std::mem::replace(&mut above, std::mem::replace(&mut row, vec![at + 1]));
        for (to, &d) in other.iter().enumerate() {
            let mut least = above[to] + usize::from(c != d);
            least = least.min(above[to + 1] + 1).min(row[to] + 1);
            if at > 0 && to > 0 && c == other[to - 1] && d == one[at - 1] {
                least = least.min(top[to - 1] + 1);
            }
            row.push(least);
        }
    }
    let wrong = row[other.len()];
    (wrong <= most).then_some(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood_and_other_names_are_not_meant() {
        const THERE: [&str; 8] = [
            "api-token",
            "db",
            "db_credentials",
            "mail",
            "web/dev",
            "web/prod",
            "web/prod2",
            "Straße",
        ];
        for (typed, meant) in [
            ("web/prdo", &["web/prod"][..]),
            ("web/prodd", &["web/prod", "web/prod2"]),
            ("Web/Prod", &["web/prod"]),
            ("WEB.PROD", &["web/prod"]),
            ("web_prod", &["web/prod"]),
            ("web/prod ", &["web/prod"]),
            ("web/prod/", &["web/prod"]),
            ("/web/prod", &["web/prod"]),
            ("lazycred:web/prod", &["web/prod"]),
            ("web\\prod", &["web/prod"]),
            ("prod", &["web/prod"]),
            ("prdo", &["web/prod"]),
            ("acme/web/prod", &["web/prod"]),
            ("API_TOKEN", &["api-token"]),
            ("apitoken", &["api-token"]),
            ("DB", &["db"]),
            ("db-cred", &["db_credentials"]),
            ("db_credential", &["db_credentials"]),
            ("straße", &["Straße"]),
            ("bd", &[]),
            ("web/test", &[]),
            ("mailing-list", &[]),
            ("x", &[]),
            ("", &[]),
            ("/", &[]),
        ] {
            assert_eq!(similar(typed, THERE), meant, "{typed:?}");
        }
    }

    #[test]
    fn many_and_long_names_are_compared_quickly_and_three_are_named() {
        let names: Vec<String> = (0..20_000).map(|at| format!("user{at:05}")).collect();
        let found = similar("user0001", names.iter().map(String::as_str));
        assert_eq!(found, ["user00001", "user00010", "user00011"]);
        let long = "x".repeat(100_000);
        let longer = format!("{long}y");
        assert_eq!(similar(&long, [longer.as_str()]), [longer.as_str()]);
        assert!(similar(&longer, [long.as_str()]).is_empty());
    }
}
