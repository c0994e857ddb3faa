//! The child that runs the command line: killed when we end, and without a shell
//! if one would only split the line.
//!
//! Uses `unsafe`: only system calls may run between fork and execve, and
//! `pre_exec` leaves that to the caller.

#![expect(unsafe_code, reason = "`pre_exec` has no safe form")]

use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::{io, ptr};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};

use crate::base::{is_variable, system};

/// Words that a shell interprets itself.
const ONLY_IN_A_SHELL: [&str; 58] = [
    "!", ".", ":", "[[", "alias", "bg", "break", "builtin", "case", "cd", "command", "continue",
    "declare", "do", "done", "elif", "else", "esac", "eval", "exec", "exit", "export", "fc", "fg",
    "fi", "for", "function", "getopts", "hash", "if", "in", "jobs", "let", "local", "popd",
    "pushd", "read", "readonly", "return", "select", "set", "shift", "source", "then", "time",
    "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait",
    "while", "{", "}",
];

/// Replaces a character that quotes or a `\` make ordinary.
const QUOTED: char = '\u{0}';

/// How to run a line so that, if possible, its program itself is our child and dies
/// with us.
#[derive(Debug, PartialEq, Eq)]
enum Run {
    /// A shell would only split it.
    Directly {
        variables: Vec<(String, String)>,
        words: Vec<String>,
    },
    /// The shell can `exec` its one program.
    Becoming,
    /// Anything else.
    Within,
}

/// A line with everything quoted blanked out: the rest is special to a shell. `$` and
/// the backquote are special in double quotes, too.
fn unquoted(line: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    let shown = |c: char| match (quote, c) {
        _ if escaped => {
            escaped = false;
            QUOTED
        }
        (None | Some('"'), '\\') => {
            escaped = true;
            QUOTED
        }
        (None, '\'' | '"') => {
            quote = Some(c);
            QUOTED
        }
        (Some(open), _) if open == c => {
            quote = None;
            QUOTED
        }
        (None, _) | (Some('"'), '$' | '`') => c,
        (Some(_), _) => QUOTED,
    };
    line.chars().map(shown).collect()
}

fn how(line: &str) -> Run {
    let shown = unquoted(line);
    // Shells differ on line ends and other control characters.
    let words = match shell_words::split(line) {
        Ok(words) if !line.contains(|c: char| c.is_control() && c != '\t') => words,
        _ => return Run::Within,
    };
    let places = shown.split([' ', '\t']).filter(|place| !place.is_empty());
    let places: Vec<&str> = places.collect();
    let assigns = |place: &&&str| {
        let name = place.split_once('=').map(|(name, _)| name);
        name.is_some_and(is_variable)
    };
    let assigned = places.iter().take_while(assigns).count();
    let starts = |place: &&str| place.starts_with(['~', '#']);
    let replaced = shown.contains(['$', '`', '*', '?', '['])
        || places.iter().any(starts)
        || places[..assigned].iter().any(|place| place.contains('~'));
    let program = words.get(assigned).map_or("", String::as_str);
    if program.is_empty() || ONLY_IN_A_SHELL.contains(&program) {
        return Run::Within;
    }
    let operators = [';', '&', '|', '(', ')', '`', '<', '>'];
    if !replaced && !shown.contains(operators) && places.len() == words.len() {
        let mut words = words;
        let rest = words.split_off(assigned);
        let pair = |word: String| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        return Run::Directly {
            variables: words.into_iter().filter_map(pair).collect(),
            words: rest,
        };
    }
    let redirected = shown.replace(">&", "").replace("<&", "");
    let names_a_program = program.contains('/')
        || program
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
    if assigned == 0 && names_a_program && !redirected.contains(&operators[..6]) {
        Run::Becoming
    } else {
        Run::Within
    }
}

/// A command for a line written for `sh`. It reads nothing, prints to us, and is
/// killed when this process ends, however it ends.
pub(super) fn of_line(line: &str) -> Command {
    if statuses_are_lost() {
        return ended_with_us(always_started(line));
    }
    ended_with_us(command(line))
}

/// The same, always by a shell: for a script without a `#!` line.
pub(super) fn of_line_by_shell(line: &str) -> Command {
    ended_with_us(shell(line))
}

fn ended_with_us(mut command: Command) -> Command {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let parent = getpid().as_raw();
    let lost = statuses_are_lost();
    let end_with_us = move || {
        // SAFETY: all three only make a system call, which is all that is
        // allowed between fork and execve.
        let alone = unsafe {
            // It has children of its own, perhaps, and wants to know how they end.
            if lost {
                libc::signal(libc::SIGCHLD, libc::SIG_DFL);
            }
            !system::end_with_parent() || libc::getppid() != parent
        };
        if alone {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(())
    };
    // SAFETY: the closure only makes system calls.
    unsafe { command.pre_exec(end_with_us) };
    command
}

/// Whether nobody can know how our children end: whoever uses the library ignores
/// SIGCHLD.
fn statuses_are_lost() -> bool {
    let mut now = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the call only writes to `now`, and all zeros is a valid `sigaction`.
    let now = unsafe {
        libc::sigaction(libc::SIGCHLD, ptr::null(), now.as_mut_ptr());
        now.assume_init()
    };
    now.sa_sigaction == libc::SIG_IGN || now.sa_flags & libc::SA_NOCLDWAIT != 0
}

/// A command that starts, whatever is wrong with the line: the standard library waits
/// for a child that does not become its program, and panics if it cannot.
fn always_started(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c");
    match how(line) {
        Run::Directly { variables, .. } if variables.is_empty() => {
            command.arg(format!("exec {line}"))
        }
        Run::Becoming => command.arg(format!("exec {line}")),
        Run::Directly { .. } | Run::Within => command.arg(line),
    };
    command
}

/// A command for the line, without a shell if one would only split it.
fn command(line: &str) -> Command {
    match how(line) {
        Run::Directly { variables, words } => {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).envs(variables);
            command
        }
        Run::Becoming => shell(&format!("exec {line}")),
        Run::Within => shell(line),
    }
}

/// A shell that runs any line.
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

/// Whether a process is a shell running a line, by its arguments, each ended by a
/// zero byte. A shell that has become the line's program is not.
fn runs_a_line(arguments: &[u8]) -> bool {
    let mut arguments = arguments.split(|byte| *byte == 0);
    let program = arguments.next().unwrap_or_default();
    let name = program.rsplit(|byte| *byte == b'/').next();
    let shells: [&[u8]; 6] = [b"sh", b"dash", b"bash", b"ash", b"ksh", b"zsh"];
    let flags = arguments.next().unwrap_or_default();
    name.is_some_and(|name| shells.contains(&name))
        && flags.starts_with(b"-")
        && flags.ends_with(b"c")
}

/// Kills the processes that a shell and its subshells run for a line, before it is
/// killed itself. Does nothing if the process is not such a shell: a program is
/// responsible for its own children.
///
/// `id` is a descendant of ours that has not been waited for.
pub(super) fn end_what_a_shell_runs(id: u32) {
    let arguments = system::arguments_of(id);
    let Ok(process) = i32::try_from(id).map(Pid::from_raw) else {
        return;
    };
    if !runs_a_line(&arguments) {
        return;
    }
    // A stopped shell starts nothing more, and does not reap its children, so that
    // their ids are not reused.
    kill(process, Signal::SIGSTOP).ok();
    for child in system::children_of(id).split_whitespace() {
        let Ok(child) = child.parse() else {
            continue;
        };
        end_what_a_shell_runs(child);
        if let Ok(child) = i32::try_from(child) {
            kill(Pid::from_raw(child), Signal::SIGKILL).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directly(variables: &[(&str, &str)], words: &[&str]) -> Run {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Run::Directly {
            variables: variables.iter().map(pair).collect(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    #[test]
    fn a_shell_that_runs_a_line_is_told_from_a_program() {
        for (arguments, expected) in [
            ("sh\0-c\0p; q\0", true),
            ("/bin/bash\0-lc\0p; q\0", true),
            ("/bin/sh\0./script\0-c\0", false),
            ("python3\0-c\0p\0", false),
            ("push\0-c\0", false),
            ("sh\0", false),
            ("", false),
        ] {
            assert_eq!(runs_a_line(arguments.as_bytes()), expected, "{arguments:?}");
        }
    }

    #[test]
    fn a_shell_is_used_only_for_what_it_does_more_than_split() {
        for (line, expected) in [
            (
                "aws configure export",
                directly(&[], &["aws", "configure", "export"]),
            ),
            (
                "python3 -c 'import time; time.sleep(47)'",
                directly(&[], &["python3", "-c", "import time; time.sleep(47)"]),
            ),
            (
                "p\t\"a | b\" c\\ d '$x'",
                directly(&[], &["p", "a | b", "c d", "$x"]),
            ),
            (
                "'/opt/my tool' \"\" a\\;b",
                directly(&[], &["/opt/my tool", "", "a;b"]),
            ),
            (
                "p \"\\$x\" it\\'s a#b a~",
                directly(&[], &["p", "$x", "it's", "a#b", "a~"]),
            ),
            (
                "A=1 B='x y' p A=2",
                directly(&[("A", "1"), ("B", "x y")], &["p", "A=2"]),
            ),
            ("'A=1' p", directly(&[], &["A=1", "p"])),
            ("p 2>/dev/null", Run::Becoming),
            ("p \"$HOME/a;b\" 2>&1", Run::Becoming),
            ("/opt/p ~/x", Run::Becoming),
            ("p *.json", Run::Becoming),
            ("p # said", Run::Becoming),
            ("A=$x p", Run::Within),
            ("A=1 p 2>&1", Run::Within),
            ("~/p x", Run::Becoming),
            ("$P x", Run::Within),
            ("p; q", Run::Within),
            ("p && q", Run::Within),
            ("(p)", Run::Within),
            ("p | q", Run::Within),
            ("p `q`", Run::Within),
            ("p &", Run::Within),
            ("exec p", Run::Within),
            ("cd x", Run::Within),
            ("A=1", Run::Within),
            ("p\nq", Run::Within),
            ("p 'x", Run::Within),
            ("", Run::Within),
        ] {
            assert_eq!(how(line), expected, "{line}");
        }
    }
}
