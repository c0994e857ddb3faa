//! The name `lazycred-exec`: every argument is the command, and the options
//! come from a variable, for places that take a program and no more.

use std::ffi::OsString;
use std::path::Path;

use super::Called;
use crate::error::{Error, Result};

/// The name that the program must be called by.
const NAME: &str = "lazycred-exec";

/// Options of `exec`, as a shell splits words.
pub(super) const OPTIONS: &str = "LAZYCRED_OPTIONS";

/// Options with which the command would not run, and nobody would see it.
const HIDING: [&str; 4] = ["--", "--help", "--dry-run", "--json"];

/// The arguments as `lazycred exec` would have them.
///
/// # Errors
///
/// [`Error::Usage`] if the options cannot be split, or end where the command starts.
pub(super) fn expand(
    args: Vec<OsString>,
    lookup: impl Fn(&str) -> Option<OsString>,
) -> Result<(Vec<OsString>, Called)> {
    let own = args.first().map(Path::new).and_then(Path::file_name);
    if own.is_none_or(|own| own != NAME) {
        return Ok((args, Called::Lazycred));
    }
    let options = match lookup(OPTIONS) {
        None => Vec::new(),
        Some(options) => {
            let wrong = |what: &str| Error::usage(format!("the variable {OPTIONS} {what}"));
            let text = options.to_str().ok_or_else(|| wrong("is not UTF-8"))?;
            shell_words::split(text).map_err(|_| wrong("has a quote that does not end"))?
        }
    };
    let hides = |option: &&String| {
        let short = option.starts_with("-c") || option.starts_with("-h");
        short || HIDING.contains(&option.as_str())
    };
    if let Some(option) = options.iter().find(hides) {
        return Err(Error::usage(format!(
            "the variable {OPTIONS} cannot hold `{option}`: {NAME} is there to run its arguments"
        )));
    }
    let mut expanded: Vec<OsString> = vec!["lazycred".into(), "exec".into()];
    expanded.extend(options.into_iter().map(OsString::from));
    expanded.push("--".into());
    expanded.extend(args.into_iter().skip(1));
    Ok((expanded, Called::LazycredExec))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(args: &[&str], options: Option<&str>) -> Result<Vec<OsString>> {
        let args = args.iter().map(OsString::from).collect();
        expand(args, |_| options.map(OsString::from)).map(|(args, _)| args)
    }

    #[test]
    fn only_the_wrappers_own_name_makes_all_arguments_the_command() {
        let args = ["/bin/lazycred", "get", "x"];
        assert_eq!(expanded(&args, Some("--pristine")).unwrap(), args);
        assert_eq!(
            expanded(
                &["/opt/lazycred-exec", "./server", "-v"],
                Some("--prefix 'A B'")
            )
            .unwrap(),
            [
                "lazycred", "exec", "--prefix", "A B", "--", "./server", "-v"
            ]
        );
        assert_eq!(
            expanded(&["lazycred-exec"], None).unwrap(),
            ["lazycred", "exec", "--"]
        );
    }

    #[test]
    fn options_that_would_hide_the_command_are_refused() {
        for options in [
            "--pristine -- x",
            "-c 'x y'",
            "-cx",
            "--help",
            "-h",
            "--dry-run",
            "'open",
        ] {
            assert_eq!(
                expanded(&["lazycred-exec", "x"], Some(options))
                    .unwrap_err()
                    .exit_code(),
                2
            );
        }
    }
}
