//! Names that a secret may not give to a variable, because they make other programs
//! run code or load files.
//!
//! Also listed in docs/refused-names.md. Applies to names from a secret, not to those
//! that the user typed. No such list is complete: `--only` is the stronger defence.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::base::{Error, Result, Secret, VarName};

/// Prefixes of refused names.
#[rustfmt::skip]
pub const REFUSED_PREFIXES: &[&str] = &[
    "LD_", "DYLD_", "_RLD", "GLIBC_", "MALLOC_", "BASH_FUNC_", "GIT_CONFIG", "NPM_CONFIG_", "npm_config_", "LAZYCRED_",
    // Names that carry a version: LUA_INIT_5_4.
    "LUA_INIT", "LUA_PATH_", "LUA_CPATH_",
    // Names that carry an architecture: CORECLR_PROFILER_PATH_ARM64.
    "CORECLR_PROFILER_PATH_", "COR_PROFILER_PATH_",
];

/// Refused names; `ENV` only if a shell would read a file or run a command for it, see
/// [`is_refused`].
#[rustfmt::skip]
pub const REFUSED_NAMES: &[&str] = &[
    // Shells.
    "PATH", "HOME", "SHELL", "IFS", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "PS0", "PS1", "PS2", "PS4", "PROMPT_COMMAND",
    "CDPATH", "GLOBIGNORE", "ZDOTDIR", "ENV",
    // Python.
    "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONBREAKPOINT", "PYTHONINSPECT",
    "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX",
    // Perl, Ruby, Node.
    "PERL5LIB", "PERLLIB", "PERL5OPT", "PERL5DB",
    "RUBYLIB", "RUBYOPT", "GEM_PATH", "GEM_HOME", "BUNDLE_GEMFILE",
    "NODE_OPTIONS", "NODE_PATH", "NODE_REPL_EXTERNAL_MODULE",
    // Java, and smaller languages.
    "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH",
    "LUA_PATH", "LUA_CPATH", "ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS", "GOFLAGS", "PHPRC", "PHP_INI_SCAN_DIR",
    "R_PROFILE", "R_ENVIRON", "TCLLIBPATH",
    // .NET.
    "DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "CORECLR_PROFILER", "CORECLR_PROFILER_PATH", "COR_PROFILER",
    "COR_PROFILER_PATH",
    // Libraries.
    "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "GCONV_PATH", "LOCPATH", "NLSPATH", "TERMINFO", "TERMCAP",
    "HOSTALIASES",
    // Git and SSH.
    "GIT_SSH", "GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_ASKPASS",
    "GIT_PROXY_COMMAND", "GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "GIT_DIR", "SSH_ASKPASS",
    // What programs start for the user.
    "EDITOR", "VISUAL", "SUDO_EDITOR", "SUDO_ASKPASS", "PAGER", "MANPAGER", "LESSOPEN", "LESSCLOSE", "BROWSER",
    "VIMINIT", "EXINIT",
    // Builds and archives.
    "RUSTC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "MAKEFLAGS", "GNUMAKEFLAGS", "MAKEFILES", "TAR_OPTIONS",
    "RSYNC_RSH",
    // Files that name programs to run for credentials.
    "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "KUBECONFIG",
    // What hosts of functions load, and whom Lambda's runtimes ask for requests.
    "_HANDLER", "AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_EXEC_WRAPPER", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    "FUNCTION_SOURCE", "FUNCTION_TARGET",
];

/// Whether a secret must not set a variable of this name to this value.
///
/// `{"env": "prod"}` is common, so `ENV` is refused only if a shell would act on it:
/// its value contains `/`, `$`, `~` or a backquote, or names a file in the working
/// directory.
///
/// # Examples
///
/// ```
/// assert!(lazycred::is_refused("LD_PRELOAD", b""));
/// assert!(lazycred::is_refused("ENV", b"/tmp/rc") && !lazycred::is_refused("ENV", b"prod"));
/// ```
#[must_use]
pub fn is_refused(name: &str, value: &[u8]) -> bool {
    if name == "ENV" {
        let expands = |byte: &u8| matches!(byte, b'/' | b'$' | b'~' | b'`');
        return value.iter().any(expands) || is_file_here(value);
    }
    REFUSED_NAMES.contains(&name)
        || REFUSED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// Whether the working directory contains something of this name, other than a folder.
fn is_file_here(name: &[u8]) -> bool {
    let about = Path::new(OsStr::from_bytes(name)).metadata();
    about.is_ok_and(|about| !about.is_dir())
}

/// Whether a variable is refused: a secret named it, not the user, and the user has
/// not allowed it.
pub(crate) fn refuses(
    by_secret: bool,
    allow: &[VarName],
    name: &str,
    value: Option<&Secret>,
) -> bool {
    by_secret
        && !allow.iter().any(|allowed| allowed.as_str() == name)
        && is_refused(name, value.map_or(b"", Secret::as_bytes))
}

/// Rejects refused variables, given with their references.
///
/// # Errors
///
/// [`Error::Environment`] if there are any.
pub(crate) fn none_refused<'a>(refused: impl Iterator<Item = (&'a OsStr, &'a str)>) -> Result<()> {
    let mut by_reference: Vec<(&str, Vec<_>)> = Vec::new();
    for (name, reference) in refused {
        let name = name.display();
        match by_reference
            .iter_mut()
            .find(|(other, _)| *other == reference)
        {
            Some((_, names)) => names.push(name),
            None => by_reference.push((reference, vec![name])),
        }
    }
    let (they_are, hint) = match &*by_reference {
        [] => return Ok(()),
        [(_, names)] if names.len() == 1 => {
            let name = &names[0];
            let hint = format!("--except {name} leaves it out; --allow {name} passes it on");
            ("it is", hint)
        }
        _ => (
            "they are",
            "--except VAR leaves one out; --allow VAR passes one on; repeat for each".into(),
        ),
    };
    let of_each = by_reference.iter().map(|(reference, names)| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("{} of `{reference}`", names.join(", "))
    });
    let all = of_each.collect::<Vec<_>>().join(", ");
    Err(Error::Environment {
        message: format!("{all} can make another program run code, so {they_are} refused"),
        hint: Some(hint),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_if_it_is_listed_or_begins_like_a_prefix_and_no_other_is() {
        for name in REFUSED_NAMES.iter().filter(|name| **name != "ENV") {
            assert!(is_refused(name, b""), "{name}");
            assert!(!is_refused(&format!("X{name}"), b"/"), "X{name}");
        }
        for prefix in REFUSED_PREFIXES {
            for name in [(*prefix).to_owned(), format!("{prefix}X")] {
                assert!(is_refused(&name, b""), "{name}");
            }
            assert!(!is_refused(&format!("X{prefix}"), b"/"), "X{prefix}");
        }
        for name in ["DB_HOST", "path", "PATHS", "LD", "GIT"] {
            assert!(!is_refused(name, b"/"), "{name}");
        }
    }

    #[test]
    fn env_is_refused_only_if_a_shell_would_act_on_its_value() {
        for value in ["/etc/rc", "a/b", "$RC", "~rc", "`rc`"] {
            assert!(is_refused("ENV", value.as_bytes()), "{value}");
        }
        for value in ["", "prod", "no such file here"] {
            assert!(!is_refused("ENV", value.as_bytes()), "{value}");
        }
        let here = std::fs::read_dir(".").into_iter().flatten();
        for entry in here.map(|entry| entry.expect("an entry")) {
            let (name, kind) = (entry.file_name(), entry.file_type().expect("a kind"));
            if !kind.is_symlink() {
                let refused = is_refused("ENV", name.as_bytes());
                assert_eq!(refused, !kind.is_dir(), "{}", name.display());
            }
        }
    }

    #[test]
    fn what_the_user_names_or_allows_is_not_refused() {
        let allow: VarName = "PATH".parse().expect("a name");
        let allow = std::slice::from_ref(&allow);
        let rc = Secret::from("/rc");
        for (by_secret, allow, name, value, expected) in [
            (true, &[][..], "PATH", Some(&rc), true),
            (true, &[], "PATH", None, true),
            (true, &[], "ENV", Some(&rc), true),
            (true, &[], "ENV", None, false),
            (true, &[], "DB_HOST", Some(&rc), false),
            (false, &[], "PATH", Some(&rc), false),
            (true, allow, "PATH", Some(&rc), false),
            (true, allow, "ENV", Some(&rc), true),
        ] {
            assert_eq!(refuses(by_secret, allow, name, value), expected, "{name}");
        }
    }

    #[test]
    fn every_refused_name_is_told_with_its_reference() {
        let refused = |all: &[(&str, &str)]| {
            let all = all.iter().map(|(name, of)| (OsStr::new(*name), *of));
            let all: Vec<_> = all.collect();
            none_refused(all.into_iter()).map_err(|error| {
                let hint = error.hint().unwrap_or_default();
                (error.to_string(), hint)
            })
        };
        assert_eq!(refused(&[]), Ok(()));
        let can = "can make another program run code, so";
        let one = "--except PATH leaves it out; --allow PATH passes it on";
        let each = "--except VAR leaves one out; --allow VAR passes one on; repeat for each";
        for (all, message, hint) in [
            (
                &[("PATH", "a")][..],
                format!("`PATH` of `a` {can} it is refused"),
                one,
            ),
            (
                &[("PATH", "a"), ("HOME", "a")],
                format!("`PATH`, `HOME` of `a` {can} they are refused"),
                each,
            ),
            (
                &[("PATH", "a"), ("HOME", "b"), ("IFS", "a")],
                format!("`PATH`, `IFS` of `a`, `HOME` of `b` {can} they are refused"),
                each,
            ),
        ] {
            assert_eq!(refused(all), Err((message, hint.to_owned())));
        }
    }
}
