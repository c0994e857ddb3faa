//! The library's messages and hints name options and commands of the program; for a
//! user of Python they become arguments and methods.

/// What a message or a hint says of the program alone, and what it says of this module.
const PHRASES: [(&str, &str); 12] = [
    (
        "run `lazycred init --local` to start without AWS, or put {",
        "give `s3_path=`, `key_alias=` and `region=`, or put {",
    ),
    (
        "`--file VAR=REFERENCE` passes a secret as a file of any size; `--only`",
        "`--only`",
    ),
    (
        ", or `--file VAR=NAME` to pass the whole secret as a file",
        "",
    ),
    (
        "no variable can hold a NUL: `exec --file VAR=REFERENCE` passes it as a file",
        "no variable can hold a NUL: `get()` gives its bytes",
    ),
    (
        "list them with `lazycred exec --dry-run`, without --only and --except",
        "`load()` without --only and --except gives them all",
    ),
    (
        "`lazycred exec --dry-run` without them lists the variables",
        "`load()` without them gives them all",
    ),
    (
        "without --json, the value is stored as a JSON string",
        "`value` is stored as a JSON string",
    ),
    ("; readers need the same option", "; readers need the same"),
    ("pass --", "give --"),
    (
        "use --only once for each pattern",
        "give a list of patterns",
    ),
    (
        "use --except once for each pattern",
        "give a list of patterns",
    ),
    ("; repeat for each", "; both take lists too"),
];

/// Options of the program that are arguments here, and whether their values are texts.
const ARGUMENTS: [(&str, &str, bool); 19] = [
    ("--allow", "allow", true),
    ("--arrays", "arrays", true),
    ("--case", "case", true),
    ("--config", "config", false),
    ("--environment", "environment", false),
    ("--except", "exclude", true),
    ("--format", "format", true),
    ("--json", "json", false),
    ("--key-alias", "key_alias", false),
    ("--max-size", "max_size", false),
    ("--no-override", "no_override", false),
    ("--null", "null", true),
    ("--only", "only", true),
    ("--prefix", "prefix", true),
    ("--profile", "profile", false),
    ("--region", "region", false),
    ("--s3-path", "s3_path", false),
    ("--stale-if-error", "stale_if_error", false),
    ("--timeout", "timeout", false),
];

/// Options that only commands of the program have, and the command.
const OF_PROGRAM: [(&str, &str); 7] = [
    ("--file", "lazycred exec"),
    ("--from", "lazycred get"),
    ("--from-env", "lazycred exec"),
    ("--keep", "lazycred exec"),
    ("--set", "lazycred exec"),
    ("--template", "lazycred exec"),
    ("exec", "lazycred"),
];

/// Commands that are methods here, and what follows the name.
const METHODS: [(&str, &str, &str); 6] = [
    ("get", "get", ""),
    ("history", "history", ""),
    ("list", "list", ""),
    ("put", "put", ", DATA"),
    ("rm", "delete", ""),
    ("rollback", "rollback", ", VERSION"),
];

/// A message or a hint in Python's words. What stands in backquotes is a command, an
/// option, or something that stays as it is.
pub(crate) fn for_python(text: &str) -> String {
    let replaced = |text: String, (program, module): &(&str, &str)| text.replace(program, module);
    let text = PHRASES.iter().fold(text.to_owned(), replaced);
    let mut parts = text.split('`');
    let mut written = outside(parts.next().unwrap_or_default());
    while let Some(quoted) = parts.next() {
        let after = parts.next();
        written += &match after {
            Some(_) => inside(quoted),
            // Without its other backquote it is no code.
            None => ["`", quoted].concat(),
        };
        written += &outside(after.unwrap_or_default());
    }
    written
}

/// Text without code: `--timeout SECONDS` may stand in it.
fn outside(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, from) = rest.split_at(at);
        written.push_str(before);
        let end = from.find(|c: char| c != '-' && !c.is_ascii_lowercase() && !c.is_ascii_digit());
        let (option, after) = from.split_at(end.unwrap_or(from.len()));
        let known = ARGUMENTS.iter().find(|(known, ..)| *known == option);
        let (value, after) = known.map_or(("", after), |_| value(after));
        match known {
            Some((_, name, is_text)) => written.push_str(&argument(name, value, *is_text)),
            None => written.push_str(option),
        }
        rest = after;
    }
    written + rest
}

/// What stands for a value, as `SECONDS` does, and what follows it.
fn value(after: &str) -> (&str, &str) {
    let Some(word) = after.strip_prefix(' ') else {
        return ("", after);
    };
    let part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_' || c == '/';
    let end = word.find(|c| !part(c)).unwrap_or(word.len());
    if end == 0 {
        return ("", after);
    }
    word.split_at(end)
}

fn argument(name: &str, value: &str, is_text: bool) -> String {
    match (value, is_text) {
        ("", _) => format!("`{name}`"),
        (value, true) => format!("`{name}=\"{value}\"`"),
        (value, false) => format!("`{name}={value}`"),
    }
}

/// What stands between backquotes, with them.
fn inside(quoted: &str) -> String {
    let (word, rest) = quoted.split_once(' ').unwrap_or((quoted, ""));
    if quoted == "-v" {
        return "`LazyCredLogger` at level DEBUG".to_owned();
    }
    if let Some((_, name, is_text)) = ARGUMENTS.iter().find(|(option, ..)| *option == word) {
        return argument(name, rest, *is_text);
    }
    if let Some((_, command)) = OF_PROGRAM.iter().find(|(option, _)| *option == word) {
        return format!("`{command} {quoted}`");
    }
    let (command, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let method = METHODS.iter().find(|(known, ..)| *known == command);
    match method.filter(|_| word == "lazycred") {
        Some((_, "list", _)) => "`list()`".to_owned(),
        Some((_, method, more)) => format!("`{method}({}{more})`", name(rest)),
        None => format!("`{quoted}`"),
    }
}

/// The first argument of a command, as Python writes it.
fn name(arguments: &str) -> String {
    let word = arguments.split(' ').next().unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || "_-./:@+=,%".contains(c);
    if word.is_empty() || word.starts_with('-') || word == "NAME" || !word.chars().all(plain) {
        return "NAME".to_owned();
    }
    format!("\"{word}\"")
}
