//! A large secret: it is whole, and memory holds few copies of it.

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::support::{FakeAws, Run, Running, Sandbox, full};

/// The largest secret that is stored without being asked, or one that takes less
/// time where not everything is to run.
fn size() -> usize {
    if full::wanted() { 64 << 20 } else { 20 << 20 }
}

/// What the program takes besides, in bytes a byte of the secret: in the smaller
/// one it counts.
fn besides() -> f64 {
    if full::wanted() { 0.0 } else { 0.9 }
}

/// Bytes that are no text, the same in every run.
fn secret() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size());
    let mut word = 0x9E37_79B9_7F4A_7C15_u64;
    while bytes.len() < size() {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// The most memory that a run has had at once, in bytes a byte of the secret.
/// The kernel counts it; what is asked last before the end may be a little less.
#[track_caller]
fn peak(mut running: Running) -> f64 {
    let mut most = 0;
    while running.is_running() {
        most = running.peak().unwrap_or(most);
        thread::sleep(Duration::from_millis(1));
    }
    running.status(0);
    f64::from(most) * 1024.0 / f64::from(u32::try_from(size()).unwrap())
}

/// Stores a file, replaces it by the same, and reads it; each with its peak.
#[track_caller]
fn round_trip(sandbox: &Sandbox, set_up: impl Fn(Run) -> Run) {
    let secret = secret();
    let given = sandbox.write("given", &secret);
    // However slowly a busy machine seals it.
    let run =
        |arguments: &[&str]| set_up(Run::new(&[&["--timeout", "600"], arguments].concat()[..]));
    let put = |file: &str| run(&["put", "s", file]).stderr_has("saved s");
    let file = given.to_str().unwrap();
    let first = peak(put(file).spawn());
    let second = peak(put("-").stdin(&secret).spawn());
    let read = sandbox.root().join("read");
    let get = run(&["get", "s"]).stdout_to(File::create(&read).unwrap());
    let third = peak(get.spawn());
    assert!(same(&read, &secret));
    // One at least, or nothing was measured.
    for (what, bytes, most) in [
        ("put", first, 2.9),
        ("put in its place", second, 4.2),
        ("get", third, 1.9),
    ] {
        assert!(
            (1.0..=most + besides()).contains(&bytes),
            "{what}: {bytes} bytes a byte"
        );
    }
}

fn same(path: &Path, secret: &[u8]) -> bool {
    fs::read(path).unwrap() == secret
}

#[test]
fn a_large_secret_in_a_folder_is_whole_and_memory_holds_few_copies() {
    let sandbox = Sandbox::apart();
    round_trip(&sandbox, |run| run.local().sandbox(&sandbox));
}

#[test]
fn a_large_secret_in_a_bucket_is_whole_and_memory_holds_few_copies() {
    let (sandbox, aws) = (Sandbox::apart(), FakeAws::start());
    round_trip(&sandbox, |run| {
        aws.forget();
        run.aws(&aws).sandbox(&sandbox)
    });
}
