//! The next steps after `init`.

use std::path::PathBuf;

use crate::cli::carried::carried;
use crate::cli::context::Context;
use crate::config::Draft;
use crate::setup::{is_in_aws, key_file};
use crate::text::shell_word;
use crate::{Config, Variables};

/// How the configuration is found from now on.
pub(super) struct Next {
    /// The flags that name the file and its environment where that is needed.
    flags: Vec<String>,
    /// The file, if it is new.
    file: Option<PathBuf>,
    /// Whether it is one to commit.
    of_project: bool,
}

impl Next {
    /// After a file was written, or was there.
    pub(super) fn after(draft: &Draft, variables: &Variables) -> Self {
        let is_found = draft.is_found(variables) && draft.overruled_by(variables).is_none();
        Self {
            flags: flags(
                (!is_found).then_some(&draft.file),
                draft.environment.as_deref(),
            ),
            file: Some(draft.file.clone()),
            of_project: draft.is_of_project(variables),
        }
    }

    /// With the configuration that was there already.
    pub(super) fn existing(context: &Context) -> Self {
        Self {
            flags: flags(
                context.global.config.as_ref(),
                context.global.environment.as_deref(),
            ),
            file: None,
            of_project: false,
        }
    }

    /// Tells the steps, one a line.
    pub(super) fn tell(&self, config: &Config, created: bool, context: &Context) {
        let Self { flags, file, .. } = self;
        let (global, printer) = (&context.global, context.printer);
        let next = |step: String| printer.done(&format!("next: {}", carried(&step, flags)));
        let wraps = config.wrapping_key();
        if let (Some(profile), Some(file)) = (&global.profile, file) {
            let file = file.display();
            next(format!(
                "set AWS_PROFILE={}, since `{file}` names no profile",
                shell_word(profile)
            ));
        }
        if is_in_aws(config) {
            if !created && !config.is_access_point() {
                let command = [&["lazycred init --create".to_owned()], &flags[..]].concat();
                let command = command.join(" ");
                next(format!("`{command}` creates what is missing in AWS"));
            }
            let write = if wraps.is_some() { " --write" } else { "" };
            next(format!("`lazycred doctor{write}` checks the setup"));
            if wraps.is_some() {
                next("`lazycred policy reader` prints the permissions to read secrets, `lazycred policy writer` to store them".to_owned());
            }
        }
        let Some(file) = file else {
            return;
        };
        if wraps.is_some() {
            next("`lazycred put NAME FILE` stores a secret, `lazycred exec NAME -- COMMAND` runs a command with it".to_owned());
        }
        if self.of_project {
            next(format!(
                "commit `{}`, which holds no secret",
                file.display()
            ));
        }
        let wrapping_key = wraps.zip(config.data_home());
        let key_file = wrapping_key.and_then(|(id, data_home)| key_file(id, data_home));
        if let Some(key_file) = key_file {
            next(format!(
                "keep a copy of `{}`, without which the secrets cannot be opened, and never commit it",
                key_file.display()
            ));
        }
    }
}

/// The flags that choose the file and its environment.
fn flags(config: Option<&PathBuf>, environment: Option<&str>) -> Vec<String> {
    let mut flags = Vec::new();
    let file = config.map(|file| file.to_string_lossy());
    for (flag, value) in [("--config", file.as_deref()), ("-e", environment)] {
        if let Some(value) = value {
            // A value that starts with a dash would be taken for a flag.
            let joint = if value.starts_with('-') { "=" } else { " " };
            flags.push(format!("{flag}{joint}{}", shell_word(value)));
        }
    }
    flags
}
