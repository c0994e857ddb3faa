//! The environment of a file that is chosen, and the settings that are then in force.
//!
//! A file's own settings are checked whether or not one is chosen; of the environments,
//! only the chosen one is checked for more than its form.

use std::fmt::Write as _;

use super::file::{Environment, File};
use super::find::{By, Found};
use super::flags::Flags;
use super::refuse::{SHOWN, refuse_control, refuse_from_walk};
use super::settings::Settings;
use super::variables::Variables;
use crate::base::{Error, OneLine, Result, similar};

pub(super) const ENVIRONMENT: &str = "LAZYCRED_ENVIRONMENT";
const FLAG: &str = "--environment";

/// How many bytes of the names of environments a message lists.
const LISTED: usize = 400;

/// The name of an environment, and what chose it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChosenEnvironment<'a> {
    pub(super) name: &'a str,
    pub(super) source: &'static str,
}

/// The environment that a flag chooses, or else the variable.
pub(super) fn chosen<'a>(
    flags: &'a Flags,
    variables: &'a Variables,
) -> Result<Option<ChosenEnvironment<'a>>> {
    let by = |name, source| ChosenEnvironment { name, source };
    match flags.environment.as_deref() {
        Some("") => Err(Error::usage_hint(
            format!("{FLAG} is empty"),
            "name an environment of the configuration file",
        )),
        Some(name) => {
            refuse_control(FLAG, name)?;
            Ok(Some(by(name, FLAG)))
        }
        None => {
            let name = variables.setting(ENVIRONMENT)?;
            Ok(name.map(|name| by(name, ENVIRONMENT)))
        }
    }
}

/// Which environment is chosen: with [`Flags::environment`], or else with
/// `LAZYCRED_ENVIRONMENT`.
///
/// # Errors
///
/// [`Error::Usage`] if that is not a name.
///
/// # Examples
///
/// ```
/// use lazycred::config::{Flags, Variables, environment};
/// let variables = Variables::new([("LAZYCRED_ENVIRONMENT".into(), "prod".into())], "/");
/// let chosen = environment(&Flags::default(), &variables)?;
/// assert_eq!(chosen.as_deref(), Some("prod"));
/// # Ok::<(), lazycred::Error>(())
/// ```
pub fn environment(flags: &Flags, variables: &Variables) -> Result<Option<String>> {
    let chosen = chosen(flags, variables)?;
    Ok(chosen.map(|chosen| chosen.name.to_owned()))
}

/// A file's settings with an environment's before them, and where each is.
#[derive(Debug, Default)]
pub(super) struct InForce {
    pub(super) settings: Settings,
    /// Where the file is, as messages name it; empty without one.
    file: String,
    /// The chosen environment, and the names of its members.
    environment: Option<(String, Vec<String>)>,
    /// Whether it is no file, but what the calling program gives.
    is_given: bool,
}

impl InForce {
    /// The chosen environment.
    pub(super) fn environment(&self) -> Option<&str> {
        self.environment.as_ref().map(|(name, _)| name.as_str())
    }

    /// Where a member is, as messages name it.
    pub(super) fn place(&self, member: &str) -> String {
        self.place_by(member, "")
    }

    /// The same, with a word on what named the file.
    pub(super) fn place_by(&self, member: &str, by: &str) -> String {
        let file = format!("{}{by}", self.file);
        match &self.environment {
            Some((name, given)) if given.iter().any(|it| it == member) => {
                format!("{file}, environment `{}`", OneLine(name))
            }
            _ => file,
        }
    }

    /// Where `s3_path` and `key_alias` are, which come together.
    pub(super) fn place_of_pair(&self) -> String {
        let members = ["s3_path", "key_alias"];
        let given = |given: &[String]| members.iter().find(|it| given.iter().any(|own| own == *it));
        let member = self.environment.as_ref().and_then(|(_, own)| given(own));
        self.place(member.unwrap_or(&members[0]))
    }

    /// The error for a store that nothing names.
    pub(super) fn without_store(&self) -> Error {
        let add = "add \"s3_path\": \"BUCKET/PREFIX/\"";
        match &self.environment {
            // The file's own is for the file's own wrapping key.
            Some((name, _)) if self.settings.key_alias.is_some() => Error::usage_hint(
                format!(
                    "{} has a `key_alias`, but no `s3_path`",
                    self.place("key_alias")
                ),
                format!(
                    "{add} to environment `{}`, or pass --s3-path",
                    OneLine(name)
                ),
            ),
            _ => {
                let message = format!("{} has no `s3_path`", self.file);
                let hint = if self.is_given {
                    add.to_owned()
                } else {
                    format!("{add}, or pass --s3-path")
                };
                Error::usage_hint(message, hint)
            }
        }
    }
}

/// The settings of a file, if it may give them, with the chosen environment's.
pub(super) fn in_force(
    flags: &Flags,
    variables: &Variables,
    found: Option<&Found>,
    chosen: Option<ChosenEnvironment>,
) -> Result<InForce> {
    let Some(found) = found else {
        return match chosen {
            Some(chosen) => Err(no_file(chosen, flags, variables)),
            None => Ok(InForce::default()),
        };
    };
    let path = found.path.to_string_lossy();
    let file = found.place();
    let File {
        mut own,
        mut environments,
    } = File::parse(&found.text, &file)?;
    own.check(&file)?;
    if found.by == By::Walk {
        refuse_from_walk(&own, &path, None)?;
    }
    if found.by == By::Caller && !environments.is_empty() {
        return Err(Error::usage_hint(
            format!("{file} has `environments`, which only a file can have"),
            "give the members of one of them",
        ));
    }
    for (name, environment) in &environments {
        let unknown = environment.settings.unknown.iter();
        let unknown = unknown.map(|member| format!("environments.{name}.{member}"));
        own.unknown.extend(unknown);
    }
    let Some(chosen) = chosen else {
        if own.s3_path.is_none() && flags.s3_path.is_none() && !environments.is_empty() {
            return Err(Error::usage_hint(
                format!(
                    "{file} has no `s3_path` of its own, and no environment is chosen: it has {}",
                    listed(environments.keys())
                ),
                format!("choose one with -e NAME or {ENVIRONMENT}=NAME"),
            ));
        }
        own.check_together(&file)?;
        return Ok(InForce {
            settings: own,
            file,
            environment: None,
            is_given: found.by == By::Caller,
        });
    };
    let Some(environment) = environments.remove(chosen.name) else {
        return Err(unknown(chosen, &file, environments.keys()));
    };
    let Environment {
        mut settings,
        given,
    } = environment;
    // Told with the others.
    settings.unknown.clear();
    let place = format!("{file}, environment `{}`", OneLine(chosen.name));
    settings.check(&place)?;
    if found.by == By::Walk {
        refuse_from_walk(&settings, &path, Some(chosen.name))?;
    }
    let settings = settings.before(own);
    settings.check_together(&place)?;
    Ok(InForce {
        settings,
        file,
        environment: Some((chosen.name.to_owned(), given)),
        is_given: false,
    })
}

fn shown(name: &str) -> String {
    if let Some((variable, _)) = name.split_once('=') {
        return format!("{}=…", shown(variable));
    }
    let short: String = name.chars().take(SHOWN).collect();
    OneLine(short).to_string()
}

fn no_file(chosen: ChosenEnvironment, flags: &Flags, variables: &Variables) -> Error {
    let ChosenEnvironment { name, source } = chosen;
    let name = shown(name);
    let without = without(source);
    if flags.say_all() {
        return Error::usage_hint(
            format!(
                "{source} is `{name}`, but no configuration file is used, since flags name the store and the wrapping key"
            ),
            format!("{without}, or those flags"),
        );
    }
    let nothing = variables.nothing_found();
    Error::usage_hint(
        format!("{source} is `{name}`, but there is no configuration file: {nothing}"),
        format!("name a file with --config FILE, or {without}"),
    )
}

/// How to choose none.
fn without(source: &str) -> String {
    if source == FLAG {
        format!("leave out {FLAG}")
    } else {
        format!("unset {source}")
    }
}

fn unknown<'a>(
    chosen: ChosenEnvironment,
    file: &str,
    names: impl Iterator<Item = &'a String>,
) -> Error {
    let ChosenEnvironment { name, source } = chosen;
    let names: Vec<&String> = names.collect();
    let assigns = if name.contains('=') {
        "; `--set VAR=TEXT` sets a variable"
    } else {
        ""
    };
    let by = if source == FLAG {
        String::new()
    } else {
        format!(", which {source} names")
    };
    if names.is_empty() {
        let message = format!(
            "{source} is `{}`, but {file} defines no environments",
            shown(name)
        );
        return Error::usage_hint(message, without(source) + assigns);
    }
    let missing = format!("{file} has no environment `{}`{by}", shown(name));
    let unset = if source == FLAG { "" } else { ", or unset it" };
    let close = similar(name, names.iter().map(|known| known.as_str()));
    let message = format!("{missing}: it has {}", listed(names.iter().copied()));
    Error::usage_hint(
        message,
        match close.first() {
            Some(close) if unset.is_empty() => format!("did you mean `{}`?", shown(close)),
            Some(close) => format!(
                "did you mean `{}`? Set {source} to that{unset}",
                shown(close)
            ),
            None => {
                format!("choose one of them with -e NAME or {ENVIRONMENT}=NAME{unset}{assigns}")
            }
        },
    )
}

/// The environments, in words; only some if they do not fit into a message.
fn listed<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&String> = names.collect();
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        let name = format!("`{}`", shown(name));
        if text.len() + name.len() > LISTED {
            let more = names.len() - at;
            write!(text, " and {more} more").expect("a String takes all that is written");
            break;
        }
        text.extend([if at > 0 { ", " } else { "" }, &name]);
    }
    text
}
