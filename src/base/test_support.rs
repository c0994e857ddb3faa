//! Helpers for the unit tests of every module.

use std::io::Read;
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::base::name::{ObjectPath, Place};
use crate::base::secret::Secret;

/// An empty folder below the target folder, removed when dropped.
pub(crate) fn folder() -> TempDir {
    // TARGET/PROFILE/deps/PROGRAM
    let program = std::env::current_exe().expect("a program");
    let target = program.ancestors().nth(3).expect("a target folder");
    let folder = target.join("tmp");
    std::fs::create_dir_all(&folder).expect("a folder in the target folder");
    tempfile::tempdir_in(folder).expect("a folder of the test's own")
}

/// Whether `localhost` resolves, which it may not without `/etc/hosts`.
pub(crate) fn has_localhost() -> bool {
    ("localhost", 0).to_socket_addrs().is_ok()
}

/// A folder in memory, if this machine has a tmpfs.
pub(crate) fn in_memory() -> Option<TempDir> {
    let shared = "/dev/shm";
    let is_memory = statfs(shared).ok()?.filesystem_type() == TMPFS_MAGIC;
    is_memory.then(|| tempfile::tempdir_in(shared).ok())?
}

/// Runs async code to its end.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

/// The place of a secret in a store that puts `prefix` before each name.
pub(crate) fn place(store: &str, prefix: &str, name: &str) -> Place {
    Place {
        name: name.parse().expect("a name"),
        path: ObjectPath::new(store, format!("{prefix}{name}")),
    }
}

/// A secret as text.
pub(crate) fn text(secret: &Secret) -> String {
    String::from_utf8(secret.as_bytes().to_vec()).expect("text")
}

/// Decodes hexadecimal digits.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// The cases of a published test suite, `count` of them.
pub(crate) fn suite<T: DeserializeOwned>(name: &str, count: usize) -> Vec<T> {
    let suites = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/suites");
    let text = std::fs::read(suites.join(name).with_extension("json")).expect("a suite");
    let cases: Vec<T> = serde_json::from_slice(&text).expect("cases");
    assert_eq!(cases.len(), count, "{name}");
    cases
}

/// Starts a server that runs `talk` with each connection and its number, in a
/// thread. Returns its port.
pub(crate) fn server(talk: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for (number, socket) in listener.incoming().enumerate() {
            let talk = Arc::clone(&talk);
            thread::spawn(move || talk(number, socket.expect("a connection")));
        }
    });
    port
}

/// Reads the head and the body of a request; `None` if the client has hung up.
pub(crate) fn hear(stream: &mut impl Read) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("text");
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}
