//! What is meant by a command or an option that does not exist.
//!
//! Users type what other programs call it: each such word leads to our own.

use clap::Command;

use crate::text::{OneLine, similar};
use crate::{Error, SecretName};

/// Words that users type, the command that they mean, and what it does.
const COMMANDS: &[(&[&str], &str, &str)] = &[
    (
        &["delete", "remove", "del", "erase", "destroy", "purge"],
        "rm NAME",
        "removes a secret",
    ),
    (
        &["copy", "duplicate", "clone"],
        "cp NAME TO",
        "copies a secret",
    ),
    (&["rename", "move", "ren"], "mv NAME TO", "renames a secret"),
    (
        &[
            "show", "read", "cat", "view", "print", "decrypt", "fetch", "reveal", "access",
            "download",
        ],
        "get NAME",
        "prints a secret",
    ),
    (
        &[
            "write", "add", "create", "store", "save", "new", "insert", "encrypt", "update",
            "upload",
        ],
        "put NAME [FILE]",
        "stores a secret, whole; `lazycred set NAME FIELD [FILE]` stores one field",
    ),
    (
        &[
            "dir",
            "names",
            "keys",
            "secrets",
            "ls-files",
            "services",
            "list-services",
        ],
        "list [PREFIX]",
        "lists the names",
    ),
    (
        &["search", "find", "grep"],
        "list | grep TEXT",
        "finds names",
    ),
    (
        &["versions", "log", "logs", "revisions"],
        "history NAME",
        "lists the versions of a secret",
    ),
    (
        &["undo", "restore", "revert", "recover", "undelete"],
        "rollback NAME",
        "restores an older version",
    ),
    (
        &["env", "printenv", "dump", "shell", "print-env"],
        "export REFERENCE --format shell",
        "prints variables; `lazycred exec REFERENCE -- COMMAND` runs a command with them",
    ),
    (
        &["start", "launch", "execute", "x", "exec-env", "with", "use"],
        "exec REFERENCE -- COMMAND",
        "runs a command with secrets in its environment",
    ),
    (
        &["modify", "change", "editor"],
        "edit NAME",
        "opens a secret in your editor",
    ),
    (
        &["rotate", "reencrypt", "re-encrypt", "updatekeys", "rewrap"],
        "rekey",
        "rewraps the data keys; `lazycred put NAME` stores a new secret",
    ),
    (
        &["setup", "configure", "config", "bootstrap"],
        "init",
        "writes a configuration file; `lazycred doctor --offline` shows the one in force",
    ),
    (
        &[
            "status", "check", "verify", "validate", "test", "info", "whoami", "debug", "ping",
        ],
        "doctor",
        "checks the configuration and what AWS permits",
    ),
    (
        &["login", "auth", "signin", "logout"],
        "doctor",
        "shows whose AWS credentials are used: lazycred has no login of its own, `aws sso login` has",
    ),
    (
        &["template", "inject", "subst", "envsubst", "tpl"],
        "render FILE",
        "prints a template with its secrets",
    ),
    (&["compare"], "diff NAME OTHER", "compares two secrets"),
    (
        &["load", "restore-file", "putall"],
        "import FILE",
        "stores the members of a file",
    ),
    (
        &["completion", "autocomplete"],
        "completions SHELL",
        "prints a completion script",
    ),
    (
        &["self-install", "selfinstall", "copy-to"],
        "install DIR",
        "copies this program to a folder",
    ),
    (&["manual", "docs"], "man COMMAND", "prints a manual page"),
    (
        &["iam", "permissions"],
        "policy reader",
        "prints an IAM policy",
    ),
    (
        &["clear", "clear-cache", "clean"],
        "cache clear",
        "clears the local cache",
    ),
    (&["version"], "--version", "prints the version"),
];

/// Words for what no command does.
const REMOVES_ITSELF: [&str; 4] = ["uninstall", "self-uninstall", "deinstall", "un-install"];

/// What `install` put where, for who wants it gone.
const INSTALLED: &str = "remove the files: lazycred and lazycred-exec in DIR; with --prefix in DIR/bin, and in DIR/share man/man1/lazycred.1, man/man1/lazycred-*.1, bash-completion/completions/lazycred, zsh/site-functions/_lazycred and fish/vendor_completions.d/lazycred.fish";

/// Options that users type, and those that they mean, where a command has them.
const OPTIONS: &[(&[&str], &str)] = &[
    (&["force", "overwrite", "clobber"], "replace"),
    (&["debug", "trace"], "verbose"),
    (&["silent"], "quiet"),
    (&["env", "stage"], "environment"),
    (&["out", "file", "output-file"], "output"),
    (
        &[
            "clean",
            "clean-env",
            "ignore-environment",
            "only-secrets",
            "no-inherit-env",
            "reset",
        ],
        "pristine",
    ),
    (&["preserve-env", "keep-env"], "no-override"),
    (&["plan", "what-if", "simulate", "names-only"], "dry-run"),
    (&["assume-yes", "no-confirm", "no-prompt"], "yes"),
    (&["bucket", "path"], "s3-path"),
    (&["kms-key", "kms-key-id", "kms-alias"], "key-alias"),
    (&["revision", "rev"], "version"),
    (&["exclude", "skip"], "except"),
    (&["include", "filter"], "only"),
    (&["aws-profile"], "profile"),
    (&["type", "output-format", "as-format"], "format"),
];

/// What follows a command that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next<'a> {
    Nothing,
    Word(&'a str),
    /// Only the command's documentation was asked for.
    Documentation,
}

/// The error for a command that does not exist.
///
/// `words` are those before it that do exist, such as `cache`.
pub(super) fn no_command(root: &Command, words: &[&str], typed: &str, next: Next) -> Error {
    let parent = words
        .iter()
        .try_fold(root, |at, word| at.find_subcommand(word));
    let parent = parent.unwrap_or(root);
    let before: String = words.iter().flat_map(|word| [word, " "]).collect();
    // What follows a `=` may be a secret.
    let shown = match typed.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None => typed.to_owned(),
    };
    let message = format!("there is no command `{before}{}`", OneLine(&shown));
    Error::usage_hint(message, hint(parent, &before, typed, next))
}

fn hint(parent: &Command, before: &str, typed: &str, next: Next) -> String {
    let all = format!("`lazycred {before}--help` lists the commands");
    let known = |words: &str| {
        let first = words.split(' ').next().unwrap_or_default();
        first.starts_with('-') || parent.find_subcommand(first).is_some()
    };
    let lower = typed.to_lowercase();
    if before.is_empty() {
        if REMOVES_ITSELF.contains(&&*lower) {
            return INSTALLED.to_owned();
        }
        for (words, command, does) in COMMANDS {
            if words.contains(&&*lower) && known(command) {
                return format!("`lazycred {command}` {does}");
            }
        }
    } else if lower == "help" {
        return format!("`lazycred help {}` shows its help", before.trim_end());
    }
    let name: Option<SecretName> = typed.parse().ok();
    let name = name.filter(|_| before.is_empty() && typed.len() <= 100 && !typed.contains('='));
    let name = name.map_or_else(|| "NAME".to_owned(), |name| name.argument());
    if before.is_empty() && next == Next::Word("--") {
        return format!("`lazycred exec {name} -- COMMAND` runs a command with that secret");
    }
    let close = similar(typed, visible(parent));
    if !close.is_empty() {
        return format!("did you mean {}? {all}", either(&close));
    }
    let only: Vec<&str> = visible(parent).collect();
    // No command is looked for among names, nor a name among commands.
    let is_word = typed
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    match &only[..] {
        [] => format!("`lazycred help {}` shows its help", before.trim_end()),
        [only] => format!("the only command is `lazycred {before}{only}`"),
        _ if next == Next::Documentation || is_word => all,
        _ if before.is_empty() => format!(
            "`lazycred get {name}` prints a secret, `lazycred exec {name} -- COMMAND` runs a command with it; {all}"
        ),
        _ => all,
    }
}

/// The commands that help shows, by all their names.
fn visible(parent: &Command) -> impl Iterator<Item = &str> {
    let shown = parent
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    shown.flat_map(|command| {
        std::iter::once(command.get_name()).chain(command.get_visible_aliases())
    })
}

/// The options of a command that may be meant by one that it does not have.
pub(super) fn options(command: &Command, typed: &str) -> Vec<String> {
    let long: Vec<&str> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .filter_map(clap::Arg::get_long)
        .collect();
    let typed = typed.trim_start_matches('-');
    let meant = OPTIONS.iter().find(|(words, _)| words.contains(&typed));
    let meant = meant
        .map(|(_, option)| *option)
        .filter(|option| long.contains(option));
    let exact = long.iter().find(|option| **option == typed).copied();
    let meant = exact.or(meant);
    let close = meant.map_or_else(|| similar(typed, long.iter().copied()), |meant| vec![meant]);
    close
        .into_iter()
        .map(|option| format!("--{option}"))
        .collect()
}

/// `` `a` ``, `` `a` or `b` ``, `` `a`, `b` or `c` ``.
pub(super) fn either<T: AsRef<str>>(words: &[T]) -> String {
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        text += match at {
            0 => "",
            _ if at + 1 == words.len() => " or ",
            _ => ", ",
        };
        text.extend(["`", &OneLine(word).to_string(), "`"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Args;

    #[test]
    fn what_other_words_lead_to_is_there() {
        let mut root = Args::command();
        root.build();
        let has = |command: &Command, option: &str| {
            let mut options = command.get_arguments();
            options.any(|arg| arg.get_long() == Some(option) && !arg.is_hide_set())
        };
        for (words, command, _) in COMMANDS {
            let first = command.split(' ').next().unwrap();
            match first.strip_prefix("--") {
                Some(option) => assert!(has(&root, option), "{first}"),
                None => assert!(visible(&root).any(|name| name == first), "{first}"),
            }
            for word in *words {
                assert!(root.find_subcommand(word).is_none(), "{word}");
            }
        }
        for (words, option) in OPTIONS {
            let mut commands = root.get_subcommands();
            assert!(commands.any(|command| has(command, option)), "{option}");
            assert!(!words.contains(option), "{option}");
        }
    }
}
