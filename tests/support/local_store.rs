//! The secrets that the files in `examples/` name, in a folder store.
//!
//! Knows no container and no platform: it says only what must be set to read
//! them, and what they become.

use std::fs;
use std::path::Path;

use crate::support::harness::Sandbox;

const SECRETS: [(&str, &str); 3] = [
    ("common", r#"{"log_level": "info"}"#),
    (
        "web",
        r#"{"db": {"host": "db.internal", "port": 5432}, "api_token": "t 0\nken"}"#,
    ),
    (
        "db_credentials",
        r#"{"user": "app", "password": "hunter2"}"#,
    ),
];

/// What `common`, `web` and `DB_PASSWORD=db_credentials#password` become.
pub const VARIABLES: [(&str, &str); 5] = [
    ("API_TOKEN", "t 0\nken"),
    ("DB_HOST", "db.internal"),
    ("DB_PASSWORD", "hunter2"),
    ("DB_PORT", "5432"),
    ("LOG_LEVEL", "info"),
];

/// The folders of a store: of its records, and the one with `lazycred/dev.key`.
pub const RECORDS: &str = "secrets";
pub const DATA_HOME: &str = ".local/share";

/// A home with the secrets and their wrapping key, and no configuration.
#[track_caller]
pub fn filled_by(program: &Path) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run("--quiet init --local").program(program).ok();
    for (name, secret) in SECRETS {
        let put = sandbox.run(["--quiet", "put", name]);
        put.program(program).stdin(secret).ok();
    }
    fs::remove_file(sandbox.home().join(".lazycred")).unwrap();
    sandbox
}

/// The variables that name a store, by where its folders are seen.
pub fn settings(records: &Path, data_home: &Path) -> [(&'static str, String); 3] {
    [
        ("LAZYCRED_S3_PATH", format!("file:{}/", records.display())),
        ("LAZYCRED_KEY_ALIAS", "local:dev".to_owned()),
        ("XDG_DATA_HOME", data_home.display().to_string()),
    ]
}
