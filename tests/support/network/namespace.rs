//! A network and a few files of `/etc` that only those see who are inside.
//!
//! It has one interface, `lo`, with every address that a test may name; there
//! is no way out. Knows nothing of servers.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{io, thread};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use tempfile::TempDir;

use crate::support::{full, temporary};

/// What lies in place of the machine's own, where that has it.
const FILES: [(&str, &str); 3] = [
    ("hosts", "127.0.0.1 localhost\n"),
    ("resolv.conf", "nameserver 198.51.100.53\n"),
    ("nsswitch.conf", "hosts: files dns\n"),
];

/// Addresses that are this machine's in there. The first three are those that
/// documents may use, so that none can be anybody's; then those of machines,
/// containers and pods.
const ADDRESSES: &str = "\
link set lo up
route add local 192.0.2.0/24 dev lo
route add local 198.51.100.0/24 dev lo
route add local 203.0.113.0/24 dev lo
route add local 169.254.169.254/32 dev lo
route add local 169.254.170.2/32 dev lo
route add local 169.254.170.23/32 dev lo
";

/// The same of IPv6, which listens at single addresses only.
const ADDRESSES_6: [&str; 6] = [
    "2001:db8::1",
    "2001:db8::2",
    "2001:db8::3",
    "2001:db8::10",
    "fd00:ec2::254",
    "fd00:ec2::23",
];

/// It is gone when this is dropped and nobody runs in it any more.
#[derive(Debug)]
pub struct Namespace {
    network: File,
    mounts: File,
    folder: TempDir,
}

impl Namespace {
    /// # Errors
    ///
    /// Why this machine or this user has none.
    pub fn new() -> Result<Self, String> {
        let tool = full::find("ip").ok_or("`ip` is not installed")?;
        let folder = temporary::folder();
        for (name, text) in FILES {
            fs::write(folder.path().join(name), text).expect("a folder of ours");
        }
        let files = folder.path().to_owned();
        let made = thread::spawn(move || make(&tool, &files)).join();
        let (network, mounts) = made.expect("it does not panic")?;
        Ok(Self {
            network,
            mounts,
            folder,
        })
    }

    /// Does something in there: what is listened on is, and what is started
    /// stays there.
    pub fn inside<T: Send>(&self, job: impl FnOnce() -> T + Send) -> T {
        let enter_and_do = || {
            // A thread that shares its working directory may not change it.
            unshare(CloneFlags::CLONE_FS).expect("its own working directory");
            setns(self.network.as_fd(), CloneFlags::CLONE_NEWNET).expect("it was ours to make");
            setns(self.mounts.as_fd(), CloneFlags::CLONE_NEWNS).expect("it was ours to make");
            job()
        };
        let done = thread::scope(|scope| scope.spawn(enter_and_do).join());
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Writes `hosts`, `resolv.conf` or `nsswitch.conf`.
    pub fn write(&self, name: &str, text: &str) {
        assert!(FILES.iter().any(|(known, _)| *known == name), "{name}");
        fs::write(self.folder.path().join(name), text).expect("a file of ours");
    }

    /// A folder outside of the tests' own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Moves this thread there, and gives what others enter it by.
fn make(tool: &Path, files: &Path) -> Result<(File, File), String> {
    unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS)
        .map_err(|errno| format!("unshare: {}", errno.desc()))?;
    let none: Option<&str> = None;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(none, "/", none, private, none).map_err(|errno| format!("mount: {}", errno.desc()))?;
    // What answers in glibc's stead, of the machine's own network.
    let nscd = Path::new("/run/nscd");
    if nscd.exists() {
        let bound = mount(Some(files), nscd, none, MsFlags::MS_BIND, none);
        bound.map_err(|errno| format!("mount {}: {}", nscd.display(), errno.desc()))?;
    }
    if !Path::new("/etc/resolv.conf").exists() {
        return Err("there is no /etc/resolv.conf to put another in place of".to_owned());
    }
    for (name, _) in FILES {
        let place = PathBuf::from("/etc").join(name);
        if place.exists() {
            let bound = mount(
                Some(&files.join(name)),
                &place,
                none,
                MsFlags::MS_BIND,
                none,
            );
            bound.map_err(|errno| format!("mount {}: {}", place.display(), errno.desc()))?;
        }
    }
    batch(tool, ADDRESSES)?;
    // Tests of IPv6 look whether it is there.
    let add = |address: &str| format!("addr add {address}/128 dev lo nodad\n");
    batch(tool, &ADDRESSES_6.map(add).concat()).ok();
    let open = |kind: &str| File::open(format!("/proc/thread-self/ns/{kind}"));
    let opened = || -> io::Result<_> { Ok((open("net")?, open("mnt")?)) };
    opened().map_err(|error| format!("/proc/thread-self/ns: {error}"))
}

/// Has `ip` do these lines.
fn batch(tool: &Path, lines: &str) -> Result<(), String> {
    let mut command = Command::new(tool);
    command.args(["-batch", "-"]).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut run = || -> io::Result<_> {
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(lines.as_bytes())?;
        drop(stdin);
        child.wait_with_output()
    };
    let output = run().map_err(|error| format!("{}: {error}", tool.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or_default();
    let done = output.status.success();
    done.then_some(()).ok_or_else(|| format!("ip: {line}"))
}
