//! Configurations: a file or members, variables, and flags.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;

use super::is_safe_error;
use crate::base::{Error, Result};
use crate::config::{self, Config, Flags, Variables};

/// The variables that parts of the input are the values of.
const NAMES: [&str; 10] = [
    "LAZYCRED_S3_PATH",
    "LAZYCRED_KEY_ALIAS",
    "LAZYCRED_ENVIRONMENT",
    "AWS_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL_S3",
    "HTTPS_PROXY",
    "NO_PROXY",
    "AWS_CA_BUNDLE",
    "AWS_MAX_ATTEMPTS",
];

/// A file without a name, which is written anew for each input.
static FILE: LazyLock<File> = LazyLock::new(|| tempfile::tempfile().expect("a file"));

/// The same input gives the same configuration or the same error, by each way.
pub fn config(input: &[u8]) {
    let mut parts = input.split(|byte| *byte == 0);
    let members = parts.next().unwrap_or_default();
    let values = NAMES.iter().zip(parts).map(|(name, value)| {
        let value = String::from_utf8_lossy(value).into_owned();
        ((*name).into(), value.into())
    });
    let variables = Variables::new(values, "/nowhere/in/particular");
    is_settled(|| Config::from_variables(&variables));
    if let Ok(text) = str::from_utf8(members) {
        is_settled(|| Config::from_members(text, &variables));
    }
    FILE.set_len(0).expect("an empty file");
    FILE.write_all_at(members, 0).expect("a written file");
    let flags = Flags {
        config: Some(format!("/proc/self/fd/{}", FILE.as_raw_fd()).into()),
        ..Flags::default()
    };
    is_settled(|| Config::resolve(&flags, &variables));
    if let Ok(names) = config::environments(&flags, &variables) {
        for name in names {
            let flags = Flags {
                environment: Some(name),
                ..flags.clone()
            };
            is_settled(|| Config::resolve(&flags, &variables));
        }
    }
    is_settled(|| config::origins(&flags, &variables).map(|origins| origins.len()));
}

fn is_settled<T: std::fmt::Debug>(resolve: impl Fn() -> Result<T>) {
    match (resolve(), resolve()) {
        (Ok(one), Ok(other)) => assert_eq!(format!("{one:?}"), format!("{other:?}")),
        (Err(one), Err(other)) => {
            is_safe_error(&one);
            assert_eq!(one.to_string(), other.to_string());
        }
        _ => panic!("a configuration and an error"),
    }
}
