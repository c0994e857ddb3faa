//! The client's arguments as a configuration of the library.

use std::path::PathBuf;

use lazycred::{Config, Error, Flags, ReadBack, Result, Variables};

use crate::arguments::{Seconds, Size};

/// What a client was given.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) s3_path: Option<String>,
    pub(crate) key_alias: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) config: Option<PathBuf>,
    pub(crate) environment: Option<String>,
    /// Members that only `s3_path` brings along, by name.
    pub(crate) more: Vec<&'static str>,
    pub(crate) timeout: Seconds,
    pub(crate) max_size: Size,
    pub(crate) verify: bool,
    pub(crate) stale_if_error: bool,
}

impl Arguments {
    /// The configuration. Reads this process's variables.
    pub(crate) fn config(&self) -> Result<Config> {
        if let (None, Some(name)) = (&self.s3_path, self.more.first()) {
            return Err(Error::Usage {
                message: format!("`{name}` needs s3_path"),
                hint: None,
            });
        }
        let flags = Flags {
            s3_path: self.s3_path.clone(),
            key_alias: self.key_alias.clone(),
            region: self.region.clone(),
            profile: self.profile.clone(),
            config: self.config.clone(),
            environment: self.environment.clone(),
        };
        let config = Config::resolve(&flags, &Variables::from_env()?)?;
        self.limited(config)
    }

    fn limited(&self, config: Config) -> Result<Config> {
        let mut config = config
            .with_timeout(self.timeout.0)
            .with_max_size(self.max_size.0);
        if !self.verify {
            config = config.with_read_back(ReadBack::Never);
        }
        if self.stale_if_error {
            config = config.with_stale_if_error()?;
        }
        Ok(config)
    }

    /// What was given, as Python writes it; nothing of it is secret.
    pub(crate) fn shown(&self) -> String {
        let config = self.config.as_ref().map(|path| path.display().to_string());
        let given = [
            ("s3_path", &self.s3_path),
            ("key_alias", &self.key_alias),
            ("region", &self.region),
            ("profile", &self.profile),
            ("config", &config),
            ("environment", &self.environment),
        ];
        let mut shown = "<lazycred.Client".to_owned();
        for (name, value) in given {
            if let Some(value) = value {
                let value = lazycred::text::OneLine(value).to_string();
                shown.push_str(&format!(" {name}='{}'", value.replace('\'', "\\'")));
            }
        }
        shown.push('>');
        shown
    }
}
