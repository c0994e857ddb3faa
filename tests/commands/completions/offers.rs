//! What is offered at the cursor, through the shells themselves.

use super::shell::{Shell, offered_by_bash, with_program};
use crate::support::Sandbox;

/// Names that a shell would act on if they were not quoted, and how far each
/// must be typed.
const HOSTILE: [(&str, &str); 9] = [
    ("on", "one $(touch pwned)"),
    ("tw", "two`touch pwned`"),
    ("th", "three;touch pwned"),
    ("fo", "four 'a' \"b\" \\c"),
    ("fi", "five:a/b"),
    ("si", "six!a & ~ * {a,b}"),
    ("se", "seven=a"),
    ("ei", "eight é|ü"),
    ("ni", "nine $HOME #"),
];

/// A store with all of them, each with a text of its own.
fn hostile() -> Sandbox {
    let sandbox = Sandbox::local();
    for (typed, name) in HOSTILE {
        sandbox.put(name, format!("the text of {typed}"));
    }
    sandbox.put("plain", "the text of plain");
    sandbox
}

/// Every name is typed in part, completed, and opened: what was inserted was
/// that name to the shell, and nothing of it ran.
fn completes_every_name_as_itself(shell: Shell) {
    let sandbox = hostile();
    let Some(mut terminal) = shell.start(&sandbox) else {
        return;
    };
    for (typed, name) in HOSTILE {
        terminal.enter(&format!("lazycred get {typed}\t"));
        terminal.shows(&format!("the text of {typed}"));
        if name != "seven=a" {
            let end = "-- sh -c 'echo \"<$V>\"'";
            terminal.enter(&format!("lazycred exec V={typed}\t{end}"));
            terminal.shows(&format!("<the text of {typed}>"));
        }
    }
    terminal.enter("lazycred get pl\t; echo over'and'out");
    terminal.shows("overandout");
    assert!(!sandbox.home().join("pwned").exists());
}

#[test]
fn bash_completes_every_name_as_itself_and_runs_nothing_of_it() {
    completes_every_name_as_itself(Shell::Bash);
}

#[test]
fn zsh_completes_every_name_as_itself_and_runs_nothing_of_it() {
    completes_every_name_as_itself(Shell::Zsh);
}

#[test]
fn fish_completes_every_name_as_itself_and_runs_nothing_of_it() {
    completes_every_name_as_itself(Shell::Fish);
}

#[test]
fn elvish_completes_every_name_as_itself_and_runs_nothing_of_it() {
    completes_every_name_as_itself(Shell::Elvish);
}

#[test]
fn bash_completes_within_quotes_that_are_open() {
    let sandbox = hostile();
    let Some(mut terminal) = Shell::Bash.start(&sandbox) else {
        return;
    };
    for quote in ['\'', '"'] {
        for (typed, _) in HOSTILE {
            terminal.enter(&format!("lazycred get {quote}{typed}\t"));
            terminal.shows(&format!("the text of {typed}"));
        }
    }
    assert!(!sandbox.home().join("pwned").exists());
}

/// In each shell: a file for `put`, a command and its file behind `--`, and no
/// name of a secret there.
fn completes_files_and_commands(shell: Shell) {
    let sandbox = Sandbox::local();
    sandbox.put("plain", "the text of plain");
    sandbox.write("a-file.json", "the text of a file");
    sandbox.write("plainly", "a file too");
    let Some(mut terminal) = shell.start(&sandbox) else {
        return;
    };
    terminal.enter("lazycred put stored a-f\t");
    terminal.shows("saved stored");
    terminal.enter("lazycred exec V=pla\t-- cat plainl\t");
    terminal.shows("a file too");
    terminal.enter("lazycred exec V=pla\t-- printen\tV");
    terminal.shows("the text of plain");
    if shell != Shell::Bash {
        // There the command's own completion needs the package bash-completion.
        terminal.enter("lazycred exec V=pla\t-- lazycred --vers\t");
        terminal.shows(concat!("lazycred ", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn bash_completes_files_and_the_command() {
    completes_files_and_commands(Shell::Bash);
}

#[test]
fn zsh_completes_files_and_the_command() {
    completes_files_and_commands(Shell::Zsh);
}

#[test]
fn fish_completes_files_and_the_command() {
    completes_files_and_commands(Shell::Fish);
}

#[test]
fn elvish_completes_files_and_the_command() {
    completes_files_and_commands(Shell::Elvish);
}

#[test]
fn without_a_configuration_bash_completes_nothing_silently() {
    let mut sandbox = Sandbox::new();
    sandbox.set("PATH", with_program());
    assert_eq!(offered_by_bash(&sandbox, "lazycred get "), "");
    assert_eq!(offered_by_bash(&sandbox, "lazycred ge"), "get\n");
}

#[test]
fn without_the_program_bash_is_told_nothing() {
    let sandbox = Sandbox::local();
    assert_eq!(offered_by_bash(&sandbox, "lazycred ge"), "");
}
