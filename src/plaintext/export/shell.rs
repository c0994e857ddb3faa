//! Names that are not plain variables in every shell.
//!
//! Found by trying each name in a shell's binary and in its listings, with
//! `export NAME='value'` and a line after it, in dash, bash, zsh, ksh93, mksh, busybox
//! and yash, in POSIX mode and interactively.

use super::exported::Cannot;
use crate::base::Secret;
use crate::plaintext::vars::Var;

/// The error for such a name.
pub(super) const OWN: Cannot = (
    "has a name that some shell treats specially",
    "the shell computes the value, treats it as a number, or acts on it",
);

/// The error for a locale variable whose value is not a locale's name.
const LOCALE: Cannot = (
    "is not the name of a locale",
    "shells look the locale up at once, and ksh93 then leaves the variable empty",
);

/// Prefixes of such names.
const PREFIXES: &[&str] = &["READLINE_", "YASH_", "ZLE_", "ZSH_", "zle_"];

/// In byte order.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "ARGC", "ARGV0", "A__z", "BASH", "BASHOPTS", "BASHPID", "BASH_ALIASES", "BASH_ARGC", "BASH_ARGV", "BASH_ARGV0",
    "BASH_CMDS", "BASH_COMMAND", "BASH_COMPAT", "BASH_EXECUTION_STRING", "BASH_LINENO", "BASH_LOADABLES_PATH",
    "BASH_MONOSECONDS", "BASH_REMATCH", "BASH_SOURCE", "BASH_SUBSHELL", "BASH_TRAPSIG", "BASH_VERSINFO",
    "BASH_VERSION", "BASH_XTRACEFD", "CHILD_MAX", "COLUMNS", "COMMAND_NOT_FOUND_HANDLER", "COMP_CWORD", "COMP_KEY",
    "COMP_LINE", "COMP_POINT", "COMP_TYPE", "COMP_WORDBREAKS", "COMP_WORDS", "COPROC", "COPROC_PID", "DIRSTACK",
    "DIRSTACKSIZE", "EGID", "EPOCHREALTIME", "EPOCHSECONDS", "ERRNO", "EUID", "EXECIGNORE", "EXECSHELL", "FCEDIT",
    "FIGNORE", "FPATH", "FUNCNAME", "FUNCNEST", "GID", "GLOBSORT", "GROUPS", "HISTCHARS", "HISTCMD", "HISTCONTROL",
    "HISTEDIT", "HISTFILE", "HISTFILESIZE", "HISTIGNORE", "HISTORY_IGNORE", "HISTRMDUP", "HISTSIZE", "HISTTIMEFORMAT",
    "HOSTFILE", "IGNOREEOF", "INPUTRC", "JOBMAX", "KEYBOARD_HACK", "KEYTIMEOUT", "KSHEGID", "KSHEUID", "KSHGID",
    "KSHUID", "KSH_MATCH", "KSH_VERSION", "LINENO", "LINES", "LISTMAX", "LOGCHECK", "MAILCHECK", "MAILPATH",
    "MAPFILE", "MODULE_PATH", "NULLCMD", "OLDPWD", "OPTARG", "OPTERR", "OPTIND", "PGRP", "PIPESTATUS",
    "POSIXLY_CORRECT", "POSTEDIT", "POST_PROMPT_COMMAND", "PPID", "PROMPT", "PROMPT2", "PROMPT3", "PROMPT4",
    "PROMPT_DIRTRIM", "PROMPT_EOL_MARK", "PS3", "PSVAR", "PWD", "RANDOM", "READNULLCMD", "REPLY", "REPORTMEMORY",
    "REPORTTIME", "RPROMPT", "RPROMPT2", "RPS1", "RPS2", "SAVEHIST", "SECONDS", "SHELLOPTS", "SHLVL", "SPROMPT",
    "SRANDOM", "STTY", "TIMEFMT", "TIMEFORMAT", "TMOUT", "TMPPREFIX", "TMPSUFFIX", "TRY_BLOCK_ERROR",
    "TRY_BLOCK_INTERRUPT", "TTY", "TTYIDLE", "UID", "USERNAME", "USER_ID", "WATCH", "WATCHFMT", "WORDCHARS", "_",
    "aliases", "argv", "auto_resume", "builtins", "cdpath", "commands", "dirstack", "dis_aliases", "dis_builtins",
    "dis_functions", "dis_functions_source", "dis_galiases", "dis_patchars", "dis_reswords", "dis_saliases", "errnos",
    "fignore", "fpath", "funcfiletrace", "funcsourcetrace", "funcstack", "functions", "functions_source", "functrace",
    "galiases", "histchars", "history", "historywords", "ignoreeof", "jobdirs", "jobstates", "jobtexts", "keymaps",
    "mailpath", "manpath", "mapfile", "module_path", "modules", "nameddirs", "options", "parameters", "patchars",
    "path", "pipestatus", "prompt", "psvar", "reply", "reswords", "saliases", "signals", "status", "sysparams",
    "termcap", "terminfo", "userdirs", "usergroups", "watch", "widgets", "zsh_eval_context", "zsh_scheduled_events",
];

/// Whether a value can be a locale, if the variable is for one.
fn is_locale(name: &str, value: &[u8]) -> bool {
    let more: &[u8] = match name {
        // A list; the first locale that exists counts.
        "LANGUAGE" => b"_.@-:",
        _ if name == "LANG" || name.starts_with("LC_") => b"_.@-",
        _ => return true,
    };
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || more.contains(byte);
    value.iter().all(plain)
}

/// Rejects a name that some shell does not treat as a plain variable, or not with
/// this value.
pub(super) fn name(variable: &Var) -> Result<(), Cannot> {
    let name = variable.name.as_str();
    let value = variable.value.as_ref().map_or(&b""[..], Secret::as_bytes);
    if !is_locale(name, value) {
        return Err(LOCALE);
    }
    let own = NAMES.binary_search(&name).is_ok();
    let own = own || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    if own { Err(OWN) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_for_the_binary_search() {
        assert!(NAMES.is_sorted_by(|a, b| a < b));
    }
}
