//! AWS's two files of profiles: found, read once, and parsed.
//!
//! No message contains a value, since it may be a secret.

#![expect(
    deprecated,
    reason = "the replacements are in a crate that is not a dependency"
)]

use std::io;
use std::path::{Path, PathBuf};

use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
use aws_config::profile::{self, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

use super::variables::set;
use crate::base::{Error, OneLine, Result, chain};
use crate::config::small_file;

/// The size limit of a file of profiles, in bytes.
const LARGEST: usize = 4 << 20;

/// Both files.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) both: ProfileFiles,
    /// `None` if they are empty.
    pub(super) set: Option<ProfileSet>,
    /// The credentials file alone, to tell which file a value comes from.
    pub(super) secret: Option<ProfileSet>,
    /// The configuration file and the credentials file.
    pub(super) paths: [PathBuf; 2],
    /// The names of the configuration file's sections of services.
    pub(super) services: Vec<String>,
}

/// Reads both files and chooses a profile. Fails if a file is not UTF-8, too large,
/// or not in the form of such a file.
pub(super) async fn load(name: &str) -> Result<Files> {
    let paths = [
        config_path(),
        path("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    ];
    let [config, secret] = [read(&paths[0])?, read(&paths[1])?];
    // Even empty files take the SDK surprisingly long to read.
    let nothing = config.is_empty() && secret.is_empty();
    let of_secret =
        (!secret.is_empty()).then(|| alone(ProfileFileKind::Credentials, secret.clone()));
    let services = config.lines().filter_map(services_section);
    let services = services.map(str::to_owned).collect();
    let both = ProfileFiles::builder()
        .with_contents(ProfileFileKind::Config, config)
        .with_contents(ProfileFileKind::Credentials, secret)
        .build();
    let mut files = Files {
        set: None,
        secret: None,
        both,
        paths,
        services,
    };
    if nothing {
        return Ok(files);
    }
    if let Some(of_secret) = of_secret {
        let parsed = parsed(&of_secret, name).await;
        files.secret = Some(parsed.map_err(|said| no_profiles(&files.paths[1], &said))?);
    }
    let parsed = parsed(&files.both, name).await;
    files.set = Some(parsed.map_err(|said| no_profiles(&files.paths[0], &said))?);
    Ok(files)
}

/// The name in a line that starts a section of services.
fn services_section(line: &str) -> Option<&str> {
    let (inner, _) = line.strip_prefix('[')?.split_once(']')?;
    let (kind, name) = inner.trim().split_once(char::is_whitespace)?;
    (kind == "services").then_some(name.trim())
}

/// The path of the configuration file; empty if there is none.
pub(super) fn config_path() -> PathBuf {
    path("AWS_CONFIG_FILE", ".aws/config")
}

fn alone(kind: ProfileFileKind, contents: String) -> ProfileFiles {
    let builder = ProfileFiles::builder();
    builder.with_contents(kind, contents).build()
}

async fn parsed(files: &ProfileFiles, name: &str) -> std::result::Result<ProfileSet, String> {
    let chosen = Some(name.to_owned().into());
    let loaded = profile::load(&Fs::real(), &Env::real(), files, chosen).await;
    loaded.map_err(|error| chain(&error))
}

/// The error for a file that cannot be parsed. `said` ends with `on line 3:`, a line
/// end, and the SDK's words, which contain nothing of the file.
fn no_profiles(path: &Path, said: &str) -> Error {
    let shown = OneLine(path.to_string_lossy());
    let line = said.rsplit_once(" on line ").map(|(_, rest)| rest);
    let line = line.and_then(|rest| rest.split_once(':'));
    let (at, why) = match line {
        Some((line, why)) => (format!(", line {line}"), why.trim()),
        None => (String::new(), "it is not a file of profiles"),
    };
    let why = match why {
        why if why.starts_with("Expected an '='") => "`=` is missing",
        why if why.ends_with("did not have a name") => "there is no name before `=`",
        "Profile definition must end with ']'" => "`]` is missing",
        "Expected a profile definition" => "it stands before the first `[`",
        _ => "it does not belong to a profile",
    };
    Error::usage_hint(
        format!("the AWS file `{shown}`{at}, cannot be read: {why}"),
        "`[profile NAME]` starts a profile, and `[NAME]` does in the credentials file; a line in it is `member = value`",
    )
}

/// The path of a file: from a variable, else in the home folder, else empty. The
/// working directory is never searched.
fn path(variable: &str, at_home: &str) -> PathBuf {
    let home = || set("HOME").map(PathBuf::from);
    match set(variable) {
        None => home().map(|home| home.join(at_home)),
        Some(path) => match Path::new(&path).strip_prefix("~") {
            Ok(below) => home().map(|home| home.join(below)),
            Err(_) => Some(path.into()),
        },
    }
    .unwrap_or_default()
}

/// A file's text; empty if the file does not exist.
fn read(path: &Path) -> Result<String> {
    let shown = OneLine(path.display().to_string());
    let wrong = |what: &str| Err(Error::usage(format!("the AWS file `{shown}` {what}")));
    match small_file::open(path).and_then(|file| small_file::read(&file, LARGEST)) {
        Ok(bytes) => String::from_utf8(bytes.to_vec()).or_else(|_| wrong("is not UTF-8")),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(String::new()),
            io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => {
                tracing::warn!("the AWS file `{shown}` cannot be read and is ignored: {error}");
                Ok(String::new())
            }
            _ => wrong(&format!("cannot be read: {error}")),
        },
    }
}
