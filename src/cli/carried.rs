//! Commands in a hint, with the flags that chose the store.

/// Where a command begins that another one feeds or contains.
const BEFORE: [&str; 5] = ["| ", "&& ", "|| ", "; ", "$("];

/// Where a command ends.
const AFTER: [&str; 7] = [" | ", " && ", " || ", ";", ")", " > ", " < "];

/// Commands that look at no store, or choose one themselves.
#[rustfmt::skip]
const ALONE: [&str; 7] = [
    "init", "install", "help", "man", "completions", "--help", "--version",
];

/// A text whose commands in backquotes have `flags` too, so that they find the same
/// secrets.
///
/// Shape: `` `lazycred list` `` and `-e prod` give `` `lazycred list -e prod` ``. A flag
/// that a command has already is not repeated, and none stands after `--`.
pub(super) fn carried(text: &str, flags: &[String]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !flags.is_empty()
        && let Some((before, code)) = rest.split_once('`')
    {
        let Some(end) = end_of(code) else {
            break;
        };
        out.extend([before, "`", &with(&code[..end], flags), "`"]);
        rest = &code[end + 1..];
    }
    out + rest
}

/// Where code ends, which may have a backquote in quotes if it is one of our commands.
fn end_of(code: &str) -> Option<usize> {
    let first = code.find('`')?;
    if starts(&code[..first], &vec![true; first]).is_empty() {
        return Some(first);
    }
    let plain = plain(code);
    let mut backquotes = code.match_indices('`').map(|(at, _)| at);
    Some(backquotes.find(|at| plain[*at]).unwrap_or(first))
}

/// Whether each byte of shell code stands outside quotes.
fn plain(code: &str) -> Vec<bool> {
    let mut plain = Vec::with_capacity(code.len());
    let (mut quote, mut has_escapes, mut last) = (None, false, 0);
    let mut is_literal = false;
    for byte in code.bytes() {
        plain.push(quote.is_none() && !is_literal);
        match quote {
            _ if is_literal => is_literal = false,
            None if byte == b'\\' => is_literal = true,
            None if byte == b'\'' || byte == b'"' => {
                quote = Some(byte);
                has_escapes = byte == b'"' || last == b'$';
            }
            Some(_) if has_escapes && byte == b'\\' => is_literal = true,
            Some(open) if open == byte => quote = None,
            _ => {}
        }
        last = byte;
    }
    plain
}

/// Where our commands begin.
fn starts(code: &str, plain: &[bool]) -> Vec<usize> {
    let found = code.match_indices("lazycred ").map(|(at, _)| at);
    let begins = |at: &usize| {
        plain[*at] && (*at == 0 || BEFORE.iter().any(|before| code[..*at].ends_with(before)))
    };
    found.filter(begins).collect()
}

/// Shell code whose commands have the flags.
fn with(code: &str, flags: &[String]) -> String {
    let plain = plain(code);
    let mut out = String::new();
    let mut done = 0;
    for start in starts(code, &plain) {
        let find = |what: &str| {
            let mut found = code[start..].match_indices(what);
            found.find_map(|(at, _)| plain[start + at].then_some(start + at))
        };
        let end = AFTER.iter().filter_map(|after| find(after)).min();
        let end = end.unwrap_or(code.len());
        let at = find(" -- ").filter(|at| *at < end).unwrap_or(end);
        let words: Vec<&str> = code[start..at].split_whitespace().skip(1).collect();
        let is_alone = words.first().is_some_and(|first| ALONE.contains(first));
        if is_alone || words.contains(&"--help") {
            continue;
        }
        out += &code[done..at];
        for flag in flags {
            let name = flag.split([' ', '=']).next().unwrap_or_default();
            let is_it = |word: &&str| {
                let rest = word.strip_prefix(name);
                let is_long = name.starts_with("--");
                rest.is_some_and(|rest| rest.is_empty() || !is_long || rest.starts_with('='))
            };
            if !words.iter().any(is_it) {
                out.extend([" ", flag]);
            }
        }
        done = at;
    }
    out + &code[done..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_of_a_hint_gets_the_flags_once_and_before_the_dashes() {
        let flags = ["--config 'a b'".to_owned(), "-e prod".to_owned()];
        for (text, expected) in [
            (
                "`lazycred list`; see",
                "`lazycred list --config 'a b' -e prod`; see",
            ),
            (
                "`lazycred exec db -- env -e x` and `lazycred get -- -x`",
                "`lazycred exec db --config 'a b' -e prod -- env -e x` and `lazycred get --config 'a b' -e prod -- -x`",
            ),
            (
                "`echo '{}' | lazycred put 'a`b' | cat` it's",
                "`echo '{}' | lazycred put 'a`b' --config 'a b' -e prod | cat` it's",
            ),
            (
                "`x=$(lazycred get $'\\'; |' -e=dev)`",
                "`x=$(lazycred get $'\\'; |' -e=dev --config 'a b')`",
            ),
            (
                "`lazycred get ' -- '`",
                "`lazycred get ' -- ' --config 'a b' -e prod`",
            ),
        ] {
            assert_eq!(carried(text, &flags), expected);
            assert_eq!(carried(text, &[]), text);
        }
        for same in [
            "`lazycred --help` lists the commands",
            "`lazycred get --help` lists its options",
            "`lazycred help cache` and `lazycred init --local`",
            "`put` and `echo 'lazycred '`, `a lazycred get`",
            "an odd ` lazycred list",
            "lazycred list",
            "`lazycred-exec env`",
        ] {
            assert_eq!(carried(same, &flags), same);
        }
    }
}
