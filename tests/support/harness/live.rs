//! A run that is going on: its streams, its signals, its end.
//!
//! It is the leader of a process group of its own, unless it is at a terminal,
//! and that group is killed when it takes too long or when this is dropped.

use std::fmt;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::leak::contains;
use super::outcome::shown;

/// The longest that a run may take.
///
/// It may be one of many that write one secret at once.
const PATIENCE: Duration = Duration::from_mins(5);

/// What standard input is.
#[derive(Debug, Default)]
pub enum Input {
    /// At its end from the start.
    #[default]
    Empty,
    Bytes(Vec<u8>),
    /// A pipe that stays open until [`Live::close_stdin`].
    Open,
}

/// A child that runs.
pub struct Live {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<Gathered>,
    stderr: Option<Gathered>,
    ended: bool,
}

/// What a stream has had so far, and the word that nobody has its other end.
struct Gathered {
    bytes: Arc<Mutex<Vec<u8>>>,
    end: Receiver<()>,
}

/// Its exit status and output.
#[derive(Debug)]
pub struct End {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub status: ExitStatus,
}

impl Live {
    /// Starts a command whose standard output is already decided, if it is not to be read.
    #[track_caller]
    pub fn start(command: &mut Command, stdin: Input) -> Self {
        command.stdin(match stdin {
            Input::Empty => Stdio::null(),
            Input::Bytes(_) | Input::Open => Stdio::piped(),
        });
        let mut child = spawn(command);
        let mut pipe = child.stdin.take();
        if let Input::Bytes(bytes) = stdin {
            let mut pipe = pipe.take().expect("a pipe");
            // A child that does not read all of it closes the pipe, and may.
            thread::spawn(move || pipe.write_all(&bytes).ok());
        }
        Self {
            stdin: pipe,
            stdout: child.stdout.take().map(Gathered::start),
            stderr: child.stderr.take().map(Gathered::start),
            child,
            ended: false,
        }
    }

    /// Starts a command with a terminal for all its streams.
    #[track_caller]
    pub fn at_terminal(command: &mut Command, terminal: &OwnedFd) -> Self {
        let end = || terminal.try_clone().expect("a descriptor more");
        command.stdin(end()).stdout(end()).stderr(end());
        Self {
            child: spawn(command),
            stdin: None,
            stdout: None,
            stderr: None,
            ended: false,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill(self.process(), signal).expect("the child is there");
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the child is ours").is_none()
    }

    /// Writes to standard input, where that is [`Input::Open`].
    #[track_caller]
    pub fn write_stdin(&mut self, bytes: &[u8]) {
        let pipe = self.stdin.as_mut().expect("an open standard input");
        pipe.write_all(bytes).expect("the child reads");
    }

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits until standard output has this somewhere.
    #[track_caller]
    pub fn wait_for_stdout(&mut self, text: &str) {
        let has = |live: &Self| {
            let so_far = live.stdout.as_ref().map(Gathered::so_far);
            so_far.is_some_and(|bytes| contains(&bytes, text.as_bytes()))
        };
        let mut until = Instant::now() + PATIENCE;
        while !has(self) {
            if Instant::now() > until {
                self.give_up(&format!("it did not write {text:?}"));
            }
            if !self.is_running() {
                // What it wrote last may still be in the pipe.
                until = until.min(Instant::now() + Duration::from_secs(1));
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for it to exit and for its output to end.
    ///
    /// # Panics
    ///
    /// If that takes longer than anybody should wait.
    #[track_caller]
    pub fn wait(mut self) -> End {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                break status;
            }
            if Instant::now() > until {
                self.give_up("it did not end");
            }
            thread::sleep(Duration::from_millis(2));
        };
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        let mut streams = [Vec::new(), Vec::new()];
        for (bytes, stream) in streams.iter_mut().zip([&self.stdout, &self.stderr]) {
            let Some(stream) = stream else { continue };
            let patience = left(until).max(Duration::from_secs(1));
            if stream.end.recv_timeout(patience).is_err() {
                self.give_up("it ended, but something holds its output open");
            }
            *bytes = stream.so_far();
        }
        self.ended = true;
        let [stdout, stderr] = streams;
        End {
            stdout,
            stderr,
            status,
        }
    }

    #[track_caller]
    fn give_up(&self, why: &str) -> ! {
        killpg(self.process(), Signal::SIGKILL).ok();
        let read = |stream: &Option<Gathered>| stream.as_ref().map(Gathered::so_far);
        let read = |stream| shown(&read(stream).unwrap_or_default());
        let (stdout, stderr) = (read(&self.stdout), read(&self.stderr));
        panic!("{why} in {PATIENCE:?}\nstdout:\n{stdout}\nstderr:\n{stderr}");
    }

    fn process(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if !self.ended {
            killpg(self.process(), Signal::SIGKILL).ok();
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

#[track_caller]
fn spawn(command: &mut Command) -> Child {
    let child = command.spawn();
    child.unwrap_or_else(|error| panic!("the program does not start: {error}"))
}

impl Gathered {
    fn start(mut stream: impl Read + Send + 'static) -> Self {
        let (send, end) = mpsc::channel();
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let gathered = Arc::clone(&bytes);
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                let mut bytes = gathered.lock().unwrap_or_else(PoisonError::into_inner);
                bytes.extend(&buffer[..count]);
            }
            send.send(()).ok();
        });
        Self { bytes, end }
    }

    fn so_far(&self) -> Vec<u8> {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.clone()
    }
}

/// All that there is to see of it.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        writeln!(f, "stdout:\n{}", shown(&self.stdout))?;
        write!(f, "stderr:\n{}", shown(&self.stderr))
    }
}
