//! Servers of S3 that people run: versitygw and `SeaweedFS`.
//!
//! Each is one process that lives as long as the test process, is installed
//! and started on first use, checks signatures, and does conditional writes as
//! one step. The wrapping key lies elsewhere: they know no KMS.

mod seaweedfs;
mod versitygw;

pub use versitygw::can_be_built as go_is_new_enough;

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::full;
use crate::support::harness::{SECRET_ACCESS_KEY, Sandbox};
use crate::support::http;
use crate::support::moto::install::{self, Outcome};

/// A bucket that always exists.
const BUCKET: &str = "bucket-0";
/// The credentials of [`Sandbox::aws`], which may do everything.
const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";

/// The longest that a server may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs a server until standard input ends, and then removes its folder.
const GUARD: &str = r#"
folder=$1
shift
"$@" &
cat >/dev/null
kill -9 $!
wait
rm -rf "$folder""#;

type Shared = OnceLock<Result<RealS3, String>>;

/// A server that runs.
pub struct RealS3 {
    port: u16,
    /// The server exits when its standard input closes.
    _guard: Child,
}

impl RealS3 {
    /// versitygw, or `None` where Go is lacking, after it was said.
    pub fn versitygw() -> Option<&'static Self> {
        static SHARED: Shared = OnceLock::new();
        if full::only().is_ok() && !versitygw::can_be_built() {
            full::skip("versitygw", "there is no Go that builds it");
            return None;
        }
        full::once(&SHARED, "versitygw", versitygw::start)
    }

    /// `SeaweedFS`, or `None` after [`full::or_skip`].
    pub fn seaweedfs() -> Option<&'static Self> {
        static SHARED: Shared = OnceLock::new();
        full::once(&SHARED, "SeaweedFS", seaweedfs::start)
    }

    /// A home with this server for a store, a prefix that no other test has,
    /// and the wrapping key `local:dev`.
    pub fn sandbox(&self, prefix: &str) -> Sandbox {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        Sandbox::aws(&endpoint, &format!("{BUCKET}/{prefix}/"), "local:dev")
    }

    /// Starts a server in a folder of its own, and waits until it has [`BUCKET`].
    fn start(
        name: &str,
        health: &str,
        command: impl FnOnce(u16, &Path) -> Outcome<Command>,
    ) -> Outcome<Self> {
        let port = free_ports(1)?[0];
        let parent = install::target().join("tmp");
        fs::create_dir_all(&parent)?;
        let folder = tempfile::Builder::new()
            .prefix(&format!("{name}-"))
            .tempdir_in(parent)?
            .keep();
        let log = install::target().join(format!("test-{name}.log"));
        let server = command(port, &folder)?;
        let mut guard = install::clean(Path::new("/bin/sh"));
        guard.args(["-c", GUARD, "sh"]).arg(&folder);
        guard.arg(server.get_program()).args(server.get_args());
        let set = server.get_envs();
        guard.envs(set.filter_map(|(name, value)| Some((name, value?))));
        // A signal from a terminal is not for it: it ends when we have.
        guard.process_group(0).stdin(Stdio::piped());
        guard.stdout(Stdio::null()).stderr(File::create(&log)?);
        let server = Self {
            port,
            _guard: guard.spawn()?,
        };
        let until = Instant::now() + PATIENCE;
        while !server.is_ready(health) {
            if Instant::now() > until {
                let said = fs::read_to_string(&log).unwrap_or_default();
                let last = said.lines().last().unwrap_or_default();
                return Err(format!("{name} does not start: {last}").into());
            }
            sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Whether it answers, and has the bucket.
    fn is_ready(&self, health: &str) -> bool {
        let answer = http::ask(self.port, "GET", health, &[], b"");
        answer.is_ok_and(|answer| answer.status() == 200)
            && self.sandbox("ready").run(["list"]).outcome().status == 0
    }
}

/// Ports on which nothing listens just now.
fn free_ports(count: usize) -> Outcome<Vec<u16>> {
    let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listeners: Vec<_> = (0..count).map(bind).collect::<Result<_, _>>()?;
    let ports = listeners
        .iter()
        .map(|listener| Ok(listener.local_addr()?.port()));
    ports.collect()
}

/// A file of a server's own.
fn write(path: PathBuf, text: &str) -> Outcome<PathBuf> {
    fs::write(&path, text)?;
    Ok(path)
}
