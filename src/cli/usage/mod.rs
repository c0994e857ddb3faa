//! Arguments that clap rejects, told as every other error: one line that says what is
//! wrong, and a hint.
//!
//! An argument that may be a secret is never repeated.

mod slip;
mod words;

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::context::Called;
use super::lazycred_exec::OPTIONS;
use super::meant::{self, Next, either};
use crate::Error;
use crate::text::OneLine;
pub(super) use slip::{Slip, forgotten, given};
use slip::{misplaced, single_dash, text_hint};
use words::{first_word, option_or_name, plain, repeated, words};
pub(super) use words::{is_exec, named};

/// Options that count only with another.
const NEEDS: [(&str, &str); 5] = [
    ("--json", "--dry-run"),
    ("--keep", "--pristine"),
    ("--from", "--version"),
    ("--yes", "--create"),
    ("-y", "--create"),
];

/// The commands that users may mistakenly pass a secret to.
const TAKE_SECRETS: [&str; 4] = ["put", "set", "edit", "import"];

/// The error for arguments that clap rejected; `None` if it is to show help. The parser
/// has at least the command that they name, prepared.
pub(super) fn explained(
    error: &clap::Error,
    root: &Command,
    args: &[OsString],
    called: Called,
) -> Option<Error> {
    let usage = Usage::new(error, args, root);
    let (message, mut hint) = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if usage.typed.is_empty() => {
            return None;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            usage.no_subcommand()
        }
        ErrorKind::InvalidSubcommand => {
            let typed = usage.text(ContextKind::InvalidSubcommand);
            let is_typed = |arg: &&OsString| arg.to_str() == Some(typed);
            let rest = args.iter().skip_while(|arg| !is_typed(arg)).nth(1);
            let rest = rest.and_then(|rest| rest.to_str());
            let next = rest.map_or(Next::Nothing, Next::Word);
            return Some(meant::no_command(root, &usage.typed, typed, next));
        }
        ErrorKind::UnknownArgument => usage.unknown(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => usage.bad_value(),
        ErrorKind::TooManyValues => {
            let option = plain(usage.text(ContextKind::InvalidArg));
            (format!("`{option}` takes no value"), usage.help())
        }
        ErrorKind::ArgumentConflict => usage.conflict(),
        ErrorKind::MissingRequiredArgument => usage.missing(),
        ErrorKind::InvalidUtf8 => {
            let what = "an argument is not valid UTF-8";
            (what.to_owned(), usage.help())
        }
        _ => {
            let text = error.render().to_string();
            let text = text.trim_start_matches("error: ");
            let first = text.split("\n\n").next().unwrap_or_default();
            let words: Vec<&str> = first.split_whitespace().collect();
            (words.join(" "), usage.help())
        }
    };
    if let Some(forgotten) = misplaced(args) {
        hint = forgotten;
    }
    if let Some(option) = single_dash(args, usage.command) {
        hint = format!("did you mean `{option}`? {}", usage.help());
    }
    if called == Called::LazycredExec {
        hint = format!("the variable {OPTIONS} holds the options of exec; {hint}");
    }
    Some(Error::usage_hint(message, hint))
}

/// What was typed, and what clap says of it.
struct Usage<'a> {
    error: &'a clap::Error,
    args: &'a [OsString],
    command: &'a Command,
    /// The words that name the command.
    typed: Vec<&'a str>,
}

impl<'a> Usage<'a> {
    fn new(error: &'a clap::Error, args: &'a [OsString], root: &'a Command) -> Self {
        let (mut command, mut typed) = (root, Vec::new());
        for (_, word) in words(args) {
            let Some((word, named)) = word
                .to_str()
                .and_then(|word| Some((word, command.find_subcommand(word)?)))
            else {
                break;
            };
            typed.push(word);
            command = named;
        }
        Self {
            error,
            args,
            command,
            typed,
        }
    }

    fn text(&self, kind: ContextKind) -> &'a str {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => text,
            _ => "",
        }
    }

    fn texts(&self, kind: ContextKind) -> Vec<&'a str> {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => vec![text],
            Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The command as it was typed: `lazycred cache clear`.
    fn called(&self) -> String {
        let mut called = String::from("lazycred");
        for word in &self.typed {
            called.extend([" ", word]);
        }
        called
    }

    fn help(&self) -> String {
        format!("`{} --help` lists its options", self.called())
    }

    fn takes_secret(&self) -> bool {
        TAKE_SECRETS.contains(&self.command.get_name())
    }

    /// clap's usage, on one line.
    fn usage(&self) -> String {
        let usage = match self.error.get(ContextKind::Usage) {
            Some(ContextValue::StyledStr(usage)) => usage.to_string(),
            _ => self.command.clone().render_usage().to_string(),
        };
        let usage: Vec<&str> = usage.split_whitespace().skip(1).collect();
        format!("usage: {}", usage.join(" "))
    }

    fn no_subcommand(&self) -> (String, String) {
        let called = self.called();
        let shown = self
            .command
            .get_subcommands()
            .filter(|command| !command.is_hide_set());
        let names: Vec<String> = shown
            .map(|command| format!("{called} {}", command.get_name()))
            .collect();
        let hint = match &names[..] {
            [only] => format!("the only one is `{only}`"),
            _ => format!("`{called} --help` lists the commands"),
        };
        (format!("`{called}` needs a command"), hint)
    }

    fn unknown(&self) -> (String, String) {
        let typed = self.text(ContextKind::InvalidArg);
        let option = typed.split('=').next().unwrap_or_default();
        let called = self.called();
        if !typed.starts_with('-') || typed == "-" {
            return self.too_many(typed);
        }
        let is_word = option
            .trim_start_matches('-')
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let message = if option.len() <= 30 && is_word || !self.takes_secret() {
            format!("`{called}` has no option `{}`", OneLine(option))
        } else {
            format!("`{called}` has no such option, not shown because it may be a secret")
        };
        // `-field` is read as letters of which the first is unknown.
        let whole = self.args.iter().filter_map(|arg| arg.to_str()).find(|arg| {
            let letters = option
                .strip_prefix('-')
                .filter(|_| !option.starts_with("--"));
            letters.is_some_and(|letter| {
                arg.len() > 2
                    && !arg.starts_with("--")
                    && arg.starts_with('-')
                    && arg.contains(letter)
            })
        });
        let close = meant::options(self.command, whole.unwrap_or(option));
        let is_short = whole.is_none() && !option.starts_with("--");
        let close = if is_short {
            self.other_case(option)
        } else {
            close
        };
        let is_exec = self.command.get_name() == "exec";
        let forgotten = forgotten(self.args).filter(|_| is_exec);
        let hint = if let Some(forgotten) = forgotten {
            forgotten
        } else if option == "--version" || option == "-V" && close.is_empty() {
            self.version()
        } else if !close.is_empty() {
            format!("did you mean {}? {}", either(&close), self.help())
        } else if is_exec && !self.args.iter().any(|arg| arg == "--") {
            format!(
                "the options of the command come after `--`: `{called} REFERENCE -- COMMAND`; {}",
                self.help()
            )
        } else if self.takes_secret() {
            format!("{}; {}", self.help(), never_an_argument())
        } else {
            self.help()
        };
        (message, hint)
    }

    /// How the command takes a version, or where versions are shown.
    fn version(&self) -> String {
        let names = "names a version";
        match self.command.get_name() {
            "rollback" => format!("`--to VERSION` {names}"),
            "put" => "`--if-version VERSION` stores only if that version is current".to_owned(),
            "exec" | "export" | "render" => format!("NAME@VERSION {names}"),
            "set" | "unset" | "edit" | "list" | "rm" | "history" | "cp" | "mv" => {
                "`lazycred history NAME` lists the versions of a secret, `lazycred get NAME --version VERSION` prints one".to_owned()
            }
            _ => "`lazycred --version` prints the version".to_owned(),
        }
    }

    /// The short option that differs only in case.
    fn other_case(&self, option: &str) -> Vec<String> {
        let letters = self
            .command
            .get_arguments()
            .filter_map(clap::Arg::get_short);
        let letters = letters.map(|letter| format!("-{letter}"));
        letters
            .filter(|letter| letter.eq_ignore_ascii_case(option))
            .collect()
    }

    /// An argument more than the command takes.
    fn too_many(&self, typed: &str) -> (String, String) {
        const EXTRA: &str = "unexpected extra argument";
        if self.takes_secret() || typed.contains('=') {
            let message = format!("{EXTRA}, not shown because it may be a secret");
            let hint = if self.command.get_name() == "import" {
                let usage = self.usage();
                format!("{usage}; `--as NAME` stores all members as one secret")
            } else if self.takes_secret() {
                format!("{}; {}", self.usage(), never_an_argument())
            } else {
                self.usage()
            };
            return (message, hint);
        }
        let usage = self.usage();
        let hint = match self.command.get_name() {
            "get" => format!("{usage}; `lazycred get NAME --field FIELD` prints one field"),
            "rollback" => format!("{usage}; `--to VERSION` names a version"),
            "diff" => format!("{usage}; `--version VERSION` names a version"),
            _ => usage,
        };
        (format!("{EXTRA}: `{}`", OneLine(repeated(typed))), hint)
    }

    fn bad_value(&self) -> (String, String) {
        let shown = self.text(ContextKind::InvalidArg);
        let arg = plain(shown);
        let (option, value_name) = arg.split_once(' ').unwrap_or((&arg, ""));
        let value = self.text(ContextKind::InvalidValue);
        let valid = self.texts(ContextKind::ValidValue);
        let one_of = match &valid[..] {
            [] => self.help(),
            valid => format!("{} takes {}", option_or_name(option), either(valid)),
        };
        if self.error.kind() == ErrorKind::InvalidValue && value.is_empty() {
            let needs = if value_name.is_empty() {
                "a value"
            } else {
                value_name
            };
            return (format!("`{option}` needs {needs}"), one_of);
        }
        let close = crate::text::similar(value, valid.iter().copied());
        let hint = match &close[..] {
            [] => one_of.clone(),
            close => format!("did you mean {}? {one_of}", either(close)),
        };
        let is_positional = !option.starts_with('-');
        let shown = if self.takes_secret() && is_positional && valid.is_empty() && !value.is_empty()
        {
            "value, not shown because it may be a secret,".to_owned()
        } else {
            format!("value `{}`", OneLine(repeated(value)))
        };
        let Some(why) = std::error::Error::source(self.error) else {
            return (format!("invalid {shown} for `{option}`"), hint);
        };
        let hint = why.downcast_ref::<Error>().and_then(Error::hint);
        let text = value
            .split_once('=')
            .filter(|(_, text)| text.contains("{{"));
        let hint = match text {
            Some((name, _)) if arg == "REFERENCE" && self.command.get_name() == "exec" => {
                text_hint(name)
            }
            _ => hint.unwrap_or(one_of),
        };
        // The reason may repeat the value.
        let (told, whole) = (OneLine(repeated(value)), OneLine(value).to_string());
        let why = why.to_string().replace(&whole, &told.to_string());
        let own = format!("`{told}`: ");
        let message = if value.is_empty() {
            format!("invalid `{option}`: {why}")
        } else if let Some(why) = why.strip_prefix(&own) {
            format!("invalid {shown} for `{option}`: {why}")
        } else if why.contains(&format!("`{told}`")) {
            format!("invalid `{option}`: {why}")
        } else {
            format!("invalid {shown} for `{option}`: {why}")
        };
        (message, hint)
    }

    fn conflict(&self) -> (String, String) {
        let arg = first_word(self.text(ContextKind::InvalidArg));
        let others: Vec<String> = self
            .texts(ContextKind::PriorArg)
            .into_iter()
            .map(first_word)
            .collect();
        let message = match &others[..] {
            [] => format!("`{arg}` cannot be used with the other arguments"),
            [other] if *other == arg => format!("`{arg}` cannot be used more than once"),
            others => format!("`{arg}` cannot be used with {}", either(others)),
        };
        (message, self.help())
    }

    fn missing(&self) -> (String, String) {
        let called = self.called();
        let missing = self.texts(ContextKind::InvalidArg);
        let missing: Vec<String> = missing.into_iter().map(plain).collect();
        let named: Vec<String> = missing
            .iter()
            .map(|arg| {
                if arg.starts_with('-') {
                    format!("`{arg}`")
                } else {
                    arg.clone()
                }
            })
            .collect();
        let needs = |by: &str, needed: &str| {
            let is_typed =
                |arg: &OsString| arg == by || arg.to_string_lossy().starts_with(&format!("{by}="));
            missing.iter().any(|arg| first_word(arg) == needed) && self.args.iter().any(is_typed)
        };
        if let Some((by, needed)) = NEEDS.into_iter().find(|(by, needed)| needs(by, needed)) {
            return (format!("`{by}` needs `{needed}`"), self.help());
        }
        let usage = self.usage();
        let hint = match self.command.get_name() {
            "diff" => {
                format!("{usage}; `--version VERSION` compares with an older version of NAME")
            }
            "install" => format!("usage: {called} DIR, or {called} --prefix DIR"),
            _ => usage,
        };
        (format!("`{called}` needs {}", named.join(" and ")), hint)
    }
}

fn never_an_argument() -> &'static str {
    "a secret is never an argument: it is read from a file, standard input or a prompt"
}
