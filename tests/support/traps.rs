//! A home and variables that tests must not notice: whatever uses one of them
//! fails, opens a connection, or leaves a mark.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Answer, FakeAws, Sandbox};

/// A listener, and a home that is full of what leads there.
pub struct Traps {
    listener: FakeAws,
    home: Sandbox,
    /// What lay there from the start.
    before: Vec<String>,
}

/// What a user may have in the files of AWS.
const PROFILE: &str = "region = xx-trap-1\nendpoint_url = ENDPOINT\nca_bundle = HOME/none.pem\n\
    credential_process = HOME/mark\nservices = trap\nmax_attempts = 9\n";

/// Variables that lead to the listener.
const LEAD_THERE: [&str; 16] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_KMS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "GOPROXY",
    "PIP_INDEX_URL",
    "PIP_PROXY",
];

/// Variables that name what is not there, or what leaves a mark, in the home.
const BELOW_HOME: [(&str, &str); 21] = [
    ("HOME", ""),
    ("AWS_CA_BUNDLE", "none.pem"),
    ("AWS_CONFIG_FILE", ".aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", ".aws/config"),
    ("BASH_ENV", "mark"),
    ("EDITOR", "mark"),
    ("ENV", "mark"),
    ("GITHUB_ENV", "out"),
    ("GITHUB_OUTPUT", "out"),
    ("LAZYCRED_CONFIG", ".lazycred"),
    ("PAGER", "mark"),
    ("PYTHONSTARTUP", "mark"),
    ("SSL_CERT_DIR", "none"),
    ("SSL_CERT_FILE", "none.pem"),
    ("TMPDIR", "tmp"),
    ("VISUAL", "mark"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_RUNTIME_DIR", "run"),
];

/// Variables that change what a program does or says.
const OTHERS: [(&str, &str); 30] = [
    ("AWS_ACCESS_KEY_ID", "trap"),
    ("AWS_SECRET_ACCESS_KEY", ""),
    ("AWS_SESSION_TOKEN", "trap"),
    ("AWS_DEFAULT_REGION", "xx-trap-1"),
    ("AWS_REGION", "xx-trap-1"),
    ("AWS_MAX_ATTEMPTS", "many"),
    ("AWS_PROFILE", "trap"),
    ("AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported"),
    ("AWS_RETRY_MODE", "adaptive"),
    ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/trap"),
    ("AWS_USE_FIPS_ENDPOINT", "true"),
    ("CDPATH", "/"),
    ("COLUMNS", "20"),
    ("GITHUB_ACTIONS", "true"),
    ("LANG", "tr_TR.UTF-8"),
    ("LC_ALL", "C"),
    ("LAZYCRED_ENVIRONMENT", "trap"),
    ("LAZYCRED_KEY_ALIAS", "trap"),
    ("LAZYCRED_LOG", "trace"),
    ("LAZYCRED_OPTIONS", "--help"),
    ("LAZYCRED_S3_PATH", "trap/"),
    ("LAZYCRED_SECRETS", "trap"),
    ("LAZYCRED_TEST_FULL", "0"),
    ("NO_COLOR", "1"),
    ("NO_PROXY", ""),
    ("POSIXLY_CORRECT", "1"),
    ("RUST_BACKTRACE", "full"),
    ("RUST_LOG", "trace"),
    ("TERM", "dumb"),
    ("TZ", "Asia/Kathmandu"),
];

impl Traps {
    pub fn new() -> Self {
        let listener = FakeAws::scripted(|_, _| Some(Answer::new(500, "trap")));
        let home = Sandbox::new();
        let at = home.home().display().to_string();
        let profile = PROFILE.replace("ENDPOINT", &listener.url());
        let profile = profile.replace("HOME", &at);
        home.write(
            ".aws/config",
            format!("[default]\n{profile}[profile trap]\n{profile}"),
        );
        home.write(".aws/credentials", "[default]\naws_access_key_id = trap\n");
        home.write(".lazycred", "no JSON");
        home.program("mark", format!("#!/bin/sh\n: >'{at}/marked'\n"));
        for folder in ["tmp", "run", "cache", "config", "data"] {
            std::fs::create_dir(home.home().join(folder)).unwrap();
        }
        let before = home.files();
        Self {
            listener,
            home,
            before,
        }
    }

    /// Runs test functions with all of it set; the answer is what they said.
    #[track_caller]
    pub fn run(&self, program: &Path, parts: &[&str]) -> Result<(), String> {
        let mut command = Command::new(program);
        command.args(parts).env_clear().stdin(Stdio::null());
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(LEAD_THERE.map(|name| (name, self.listener.url())));
        command.envs(BELOW_HOME.map(|(name, path)| (name, self.home.home().join(path))));
        let output = command.envs(OTHERS).output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!said.contains("running 0 tests"), "{said}");
        if output.status.success() {
            Ok(())
        } else {
            Err(said)
        }
    }

    /// Panics unless all passed, and nothing was touched.
    #[track_caller]
    pub fn spring(&self, ran: Result<(), String>) {
        if let Err(said) = ran {
            panic!("{said}");
        }
        assert_eq!(
            self.listener.connections(),
            0,
            "{:?}",
            self.listener.operations()
        );
        assert_eq!(self.home.files(), self.before);
        for folder in ["tmp", "run", "cache", "config", "data"] {
            let folder = self.home.home().join(folder);
            assert_eq!(
                folder.read_dir().unwrap().count(),
                0,
                "{}",
                folder.display()
            );
        }
    }
}

#[test]
fn a_trap_that_is_touched_is_noticed() {
    let fails = |traps: &Traps| {
        let sprung = std::panic::AssertUnwindSafe(|| traps.spring(Ok(())));
        std::panic::catch_unwind(sprung).is_err()
    };
    let traps = Traps::new();
    assert!(!fails(&traps));
    let marks = traps.home.run([""]).program(traps.home.home().join("mark"));
    marks.ok();
    assert!(fails(&traps));
    let traps = Traps::new();
    let address = traps.listener.url();
    let address = address.strip_prefix("http://").unwrap();
    drop(std::net::TcpStream::connect(address).unwrap());
    assert!(traps.listener.is_dialled() && fails(&traps));
}
