//! Configurations: a file or members, variables, and flags.

use std::fmt::Debug;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;

use super::{choice, is_safe_error};
use crate::base::Result;
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

/// A file without a name, in memory if there is such a place: it is written anew for each
/// input.
static FILE: LazyLock<File> = LazyLock::new(|| {
    let in_memory = tempfile::tempfile_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempfile()).expect("a file")
});

/// Each way to a configuration gives one, or an error that is safe to print, and the
/// same again.
pub fn config(input: &[u8]) {
    let (chosen, rest) = choice(input);
    let mut parts = rest.split(|byte| *byte == 0);
    let members = parts.next().unwrap_or_default();
    let values = NAMES.iter().zip(parts).map(|(name, value)| {
        let value = String::from_utf8_lossy(value).into_owned();
        ((*name).into(), value.into())
    });
    let variables = Variables::new(values, "/nowhere/in/particular");
    let twice = chosen & 0x1c == 0;
    match chosen & 3 {
        0 => is_settled(twice, || Config::from_variables(&variables)),
        1 => {
            if let Ok(text) = str::from_utf8(members) {
                is_settled(twice, || Config::from_members(text, &variables));
            }
        }
        way => of_file(members, way, twice, &variables),
    }
}

/// A file that the user names, and each of its environments.
fn of_file(text: &[u8], way: usize, twice: bool, variables: &Variables) {
    FILE.set_len(0).expect("an empty file");
    FILE.write_all_at(text, 0).expect("a written file");
    let flags = Flags {
        config: Some(format!("/proc/self/fd/{}", FILE.as_raw_fd()).into()),
        ..Flags::default()
    };
    if way == 2 {
        return is_settled(twice, || Config::resolve(&flags, variables));
    }
    is_settled(twice, || {
        config::origins(&flags, variables).map(|origins| origins.len())
    });
    for name in config::environments(&flags, variables)
        .into_iter()
        .flatten()
    {
        let flags = Flags {
            environment: Some(name),
            ..flags.clone()
        };
        is_settled(twice, || Config::resolve(&flags, variables));
    }
}

fn is_settled<T: Debug>(twice: bool, resolve: impl Fn() -> Result<T>) {
    let once = resolve();
    if let Err(error) = &once {
        is_safe_error(error);
    }
    if twice {
        assert_eq!(format!("{once:?}"), format!("{:?}", resolve()));
    }
}
