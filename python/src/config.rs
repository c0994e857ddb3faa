//! The client's arguments as a configuration of the library.

use std::fmt::Write as _;
use std::time::Duration;

use lazycred::config::StoreAddress;
use lazycred::text::OneLine;
use lazycred::{Config, Error, Flags, ReadBack, Result, Variables};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value};

use crate::arguments::{self, refused};
use crate::ending::Inside;
use crate::{errors, wait};

/// Members of a configuration, of which each is a text.
const TEXTS: [&str; 8] = [
    "s3_path",
    "key_alias",
    "region",
    "profile",
    "bucket_region",
    "account",
    "max_age",
    "sse",
];

/// The members that override those of a configuration that is found.
const OVERRIDING: [&str; 3] = ["key_alias", "region", "profile"];

/// What a client was given.
pub(crate) struct Arguments {
    /// As in a configuration file.
    members: Map<String, Value>,
    flags: Flags,
    timeout: Option<Duration>,
    pub(crate) max_size: Option<usize>,
    verify: bool,
    stale_if_error: bool,
}

impl Arguments {
    pub(crate) fn new(py: Python<'_>, given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut arguments = Self {
            members: Map::new(),
            flags: Flags::default(),
            timeout: None,
            max_size: None,
            verify: true,
            stale_if_error: false,
        };
        for (name, value) in given.into_iter().flat_map(PyDictMethods::iter) {
            arguments.take(&name.extract::<String>()?, &value)?;
        }
        arguments
            .check()
            .map_err(|error| errors::raised(py, &error))?;
        Ok(arguments)
    }

    fn take(&mut self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match name {
            "timeout" => self.timeout = Some(arguments::seconds(name, value)?),
            "max_size" => self.max_size = Some(arguments::size(name, value)?),
            "verify" => self.verify = arguments::boolean(name, value)?,
            "stale_if_error" => self.stale_if_error = arguments::boolean(name, value)?,
            _ if value.is_none() && is_known(name) => {}
            "config" => self.flags.config = Some(arguments::path(name, value)?),
            "environment" => self.flags.environment = Some(arguments::text(name, value)?),
            "format" | "min_format" => self.member(name, arguments::number(name, value)?),
            "keys" | "key_accounts" => self.member(name, arguments::several(name, value)?),
            "pin_key" | "cache" => self.member(name, arguments::boolean(name, value)?),
            _ if TEXTS.contains(&name) => self.member(name, arguments::text(name, value)?),
            _ => return Err(refused("Client", name)),
        }
        Ok(())
    }

    fn member(&mut self, name: &str, value: impl Into<Value>) {
        self.members.insert(name.to_owned(), value.into());
    }

    /// Refuses arguments that contradict each other.
    fn check(&self) -> Result<()> {
        let wrong = |message: String| {
            let hint = "with `s3_path`, the arguments are the whole configuration; without it, they override the one that is found";
            Err(Error::usage_hint(message, hint))
        };
        if self.members.contains_key("s3_path") {
            let found = [
                ("config", self.flags.config.is_some()),
                ("environment", self.flags.environment.is_some()),
            ];
            return match found.iter().find(|(_, is_given)| *is_given) {
                Some((name, _)) => wrong(format!("`{name}` cannot be combined with `s3_path`")),
                None => Ok(()),
            };
        }
        let needy = |name: &&String| !OVERRIDING.contains(&name.as_str());
        match self.members.keys().find(needy) {
            Some(name) => wrong(format!("`{name}` needs `s3_path`")),
            None => Ok(()),
        }
    }

    /// The configuration. Reads this process's variables, and files that they name.
    pub(crate) fn config(&self, py: Python<'_>, inside: &Inside) -> PyResult<Box<Config>> {
        // Python changes variables with the GIL only; a file may keep its reader waiting.
        let variables = wait::heard(Variables::from_env).tell(py)?;
        let resolved = || wait::heard(|| self.resolved(&variables).map(Box::new));
        inside.outside(py, resolved).tell(py)
    }

    fn resolved(&self, variables: &Variables) -> Result<Config> {
        let mut config = if self.members.contains_key("s3_path") {
            let members = Value::Object(self.members.clone()).to_string();
            Config::from_members(&members, variables)?
        } else {
            let text = |name| Some(self.members.get(name)?.as_str()?.to_owned());
            let flags = Flags {
                key_alias: text("key_alias"),
                region: text("region"),
                profile: text("profile"),
                ..self.flags.clone()
            };
            Config::resolve(&flags, variables)?
        };
        if let Some(timeout) = self.timeout {
            config = config.with_timeout(timeout);
        }
        if let Some(bytes) = self.max_size {
            config = config.with_max_size(bytes);
        }
        if !self.verify {
            config = config.with_read_back(ReadBack::Never);
        }
        if self.stale_if_error {
            config = config.with_stale_if_error()?;
        }
        Ok(config)
    }

    /// The client as Python shows it: what says where the secrets are.
    pub(crate) fn shown(&self, resolved: &Config) -> String {
        let store = || match resolved.store() {
            StoreAddress::S3 { bucket, prefix } => format!("{bucket}/{prefix}"),
            StoreAddress::Folder(path) => format!("file:{}", path.display()),
        };
        let config = self
            .flags
            .config
            .as_ref()
            .map(|path| path.display().to_string());
        let member = |name| Some(self.members.get(name)?.as_str()?.to_owned());
        let mut shown = "<lazycred.Client".to_owned();
        for (name, value) in [
            ("s3_path", member("s3_path").or_else(|| Some(store()))),
            ("key_alias", member("key_alias")),
            ("region", member("region")),
            ("profile", member("profile")),
            ("config", config),
            ("environment", self.flags.environment.clone()),
        ] {
            if let Some(value) = value {
                let value = OneLine(value).to_string().replace('\'', "\\'");
                write!(shown, " {name}='{value}'").expect("writing to a String never fails");
            }
        }
        shown + ">"
    }
}

/// Whether None may be given for an argument.
fn is_known(name: &str) -> bool {
    const OTHERS: [&str; 8] = [
        "config",
        "environment",
        "format",
        "min_format",
        "keys",
        "key_accounts",
        "pin_key",
        "cache",
    ];
    TEXTS.contains(&name) || OTHERS.contains(&name)
}
