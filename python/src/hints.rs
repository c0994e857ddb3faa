//! The library's hints name options and commands of the program; for a user of Python
//! they become arguments and methods. Whatever a user named stays as it is, so only
//! sentences of the library are looked for, and never a word alone.

use lazycred::Error;

/// What a hint says of the program, and what it says of this module.
const PHRASES: &[(&str, &str)] = &[
    (
        "run `lazycred init --local` to start without AWS, or put {",
        "give `s3_path=`, `key_alias=` and `region=`, or put {",
    ),
    (
        "set LAZYCRED_S3_PATH=BUCKET/PREFIX/ and AWS_REGION for the job, or put {",
        "give `s3_path=`, `key_alias=` and `region=`, or put {",
    ),
    (
        "pass --region REGION, or add \"region\" to the configuration given",
        "give `region=REGION`",
    ),
    ("pass --region REGION", "give `region=REGION`"),
    (
        "pass --key-alias ALIAS, or add \"key_alias\" to the configuration given",
        "give `key_alias=ALIAS`",
    ),
    ("pass --key-alias ALIAS", "give `key_alias=ALIAS`"),
    ("or pass --s3-path", "or give `s3_path=`"),
    (
        "add \"cache\": true to the configuration given",
        "give `cache=True`",
    ),
    (" with --config FILE", " with `config=FILE`"),
    ("=FILE or --config FILE", "=FILE or `config=FILE`"),
    (
        "that you name with --config",
        "that you name with `config=`",
    ),
    ("one with -e NAME or ", "one with `environment=NAME` or "),
    (
        "one of them with -e NAME or ",
        "one of them with `environment=NAME` or ",
    ),
    ("leave out --environment", "leave out `environment`"),
    ("; `--set VAR=TEXT` sets a variable", ""),
    (
        "or choose another with --profile",
        "or choose another with `profile=`",
    ),
    (", choose --profile, or run", ", choose `profile=`, or run"),
    (
        "`-v` shows each ",
        "`LazyCredLogger` at level DEBUG shows each ",
    ),
    (
        "and `-v` show more",
        "and `LazyCredLogger` at level DEBUG show more",
    ),
    (
        "--timeout SECONDS allows more time",
        "`timeout=SECONDS` allows more time",
    ),
    ("raise --timeout, or request", "raise `timeout`, or request"),
    ("or raise --timeout", "or raise `timeout`"),
    ("--max-size BYTES allows", "`max_size=BYTES` allows"),
    ("; readers need the same option", "; readers need the same"),
    (
        "use --only once for each pattern",
        "give a list of patterns",
    ),
    (
        "use --except once for each pattern",
        "give a list of patterns",
    ),
    (
        "list them with `lazycred exec --dry-run`, without --only and --except",
        "`load()` without `only` and `exclude` gives them all",
    ),
    (
        "`lazycred exec --dry-run` without them lists the variables",
        "`load()` without them gives them all",
    ),
    ("use `--case keep` to keep", "use `case=\"keep\"` to keep"),
    (
        "use `--format text` to pass",
        "use `format=\"text\"` to pass",
    ),
    ("`--null empty` puts", "`null=\"empty\"` puts"),
    (
        "--except VAR leaves one out; --allow VAR passes one on; repeat for each",
        "`exclude=\"VAR\"` leaves one out; `allow=\"VAR\"` passes one on; both take lists too",
    ),
    (
        "`--file VAR=REFERENCE` passes a secret as a file of any size; `--only`",
        "`only`",
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
        "without --json, the value is stored as a JSON string",
        "`value` is stored as a JSON string",
    ),
    ("opens with `--from ", "opens with `lazycred get --from "),
    ("`lazycred list` shows ", "`list()` shows "),
    ("`lazycred history NAME` shows ", "`history(NAME)` shows "),
];

/// What a warning ends with, and how it ends here.
const WARNINGS: &[(&str, &str)] = &[
    ("; --profile chooses it", "; `profile=` chooses it"),
    (
        "version 1 records bypass it: add \"min_format\": 2",
        "version 1 records bypass it: set `min_format` to 2",
    ),
];

/// Commands that are methods here: how they and what follows them begin, and how the
/// method ends.
const METHODS: &[(&str, &str, &str, &str)] = &[
    (
        "`lazycred put ",
        " FILE` stores ",
        "`put(",
        ", DATA)` stores ",
    ),
    ("`lazycred history ", "` shows ", "`history(", ")` shows "),
    ("`lazycred history ", "` lists ", "`history(", ")` lists "),
];

/// What a message begins with, the words of it that name an option, and what they are
/// here.
const MESSAGES: &[(&str, &str, &str)] = &[
    ("--only `", "--only", "`only`"),
    ("--except `", "--except", "`exclude`"),
    ("no variable's name can match --only `", "--only", "`only`"),
    (
        "no variable's name can match --except `",
        "--except",
        "`exclude`",
    ),
    (
        "no variable's name can match ",
        "with `--case upper` all",
        "with `case=\"upper\"` all",
    ),
    (
        "no variable's name can match ",
        "with `--case lower` all",
        "with `case=\"lower\"` all",
    ),
    (
        "--only and --except leave no",
        "--only and --except",
        "`only` and `exclude`",
    ),
    ("--environment is `", "--environment", "`environment`"),
    ("--config is `", "--config", "`config`"),
    ("--region is `", "--region", "`region`"),
    ("--profile is `", "--profile", "`profile`"),
    ("--key-alias is `", "--key-alias", "`key_alias`"),
    (
        "cannot read ",
        ", named by --config: ",
        ", named by `config`: ",
    ),
    (
        "`",
        ", from --region, is not a valid region",
        ", from `region`, is not a valid region",
    ),
    (
        "no AWS profile `",
        ", which --profile or `profile` names, in ",
        ", which `profile` names, in ",
    ),
    (
        "--stale-if-error needs the cache",
        "--stale-if-error",
        "`stale_if_error`",
    ),
];

/// What a message begins with that is of arguments, not of a file.
const GIVEN: &str = "the configuration given";

/// The message of an error in Python's words. Only wrong calls name options.
pub(crate) fn message(error: &Error) -> String {
    let text = error.to_string();
    if !matches!(error, Error::Usage { .. } | Error::Environment { .. }) {
        return text;
    }
    let begins = text.clone();
    let rows = MESSAGES
        .iter()
        .filter(|(start, ..)| begins.starts_with(start));
    rows.fold(text, |text, (_, words, here)| text.replacen(words, here, 1))
}

/// The hint of an error in Python's words.
pub(crate) fn hint(error: &Error) -> Option<String> {
    let hint = error.hint()?;
    let member = member(&hint).filter(|_| error.to_string().starts_with(GIVEN));
    Some(
        member
            .or_else(|| refused(&hint))
            .unwrap_or_else(|| sentences(hint)),
    )
}

/// A warning in Python's words.
pub(crate) fn warning(text: &str) -> String {
    let ends = WARNINGS.iter().find_map(|(program, here)| {
        let start = text.strip_suffix(program)?;
        Some([start, here].concat())
    });
    ends.unwrap_or_else(|| text.to_owned())
}

fn sentences(hint: String) -> String {
    let replaced = |hint: String, (program, here): &(&str, &str)| hint.replace(program, here);
    let hint = PHRASES.iter().fold(hint, replaced);
    METHODS
        .iter()
        .fold(hint, |hint, (start, end, call, close)| {
            method(&hint, (start, end), (call, close)).unwrap_or(hint)
        })
}

/// A hint with a method in it for a command with a name.
fn method(hint: &str, program: (&str, &str), here: (&str, &str)) -> Option<String> {
    let (before, rest) = hint.split_once(program.0)?;
    let (argument, after) = rest.split_once(program.1)?;
    Some([before, here.0, &name(argument), here.1, after].concat())
}

/// The argument of a command, as Python writes it.
fn name(argument: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:@+=,%".contains(c);
    if argument.starts_with('-') || !argument.chars().all(plain) {
        return "NAME".to_owned();
    }
    format!("\"{argument}\"")
}

/// How a refused variable, which is named, is passed on or left out.
fn refused(hint: &str) -> Option<String> {
    let (name, rest) = hint
        .strip_prefix("--except ")?
        .split_once(" leaves it out; --allow ")?;
    (rest == format!("{name} passes it on"))
        .then(|| format!("`exclude=\"{name}\"` leaves it out; `allow=\"{name}\"` passes it on"))
}

/// How a member of a configuration is written as an argument.
fn member(hint: &str) -> Option<String> {
    let (name, value) = hint.strip_prefix("write it as \"")?.split_once("\": ")?;
    let value = if value == "true" { "True" } else { value };
    Some(format!("write it as `{name}={value}`"))
}
