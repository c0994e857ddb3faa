//! A run that is going on: its streams, its signals, its end.
//!
//! It is the leader of a process group of its own, and that group is killed
//! when it takes too long or when this is dropped.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// The longest that a run may take.
const PATIENCE: Duration = Duration::from_mins(1);

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
    stdout: Option<Receiver<Vec<u8>>>,
    stderr: Option<Receiver<Vec<u8>>>,
    ended: bool,
}

/// How it ended, and what it wrote.
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
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("the program does not start: {error}"));
        let mut pipe = child.stdin.take();
        if let Input::Bytes(bytes) = stdin {
            let mut pipe = pipe.take().expect("a pipe");
            // A child that does not read all of it closes the pipe, and may.
            thread::spawn(move || pipe.write_all(&bytes).ok());
        }
        Self {
            stdin: pipe,
            stdout: child.stdout.take().map(gather),
            stderr: child.stderr.take().map(gather),
            child,
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

    /// Waits for its end, and for that of what it wrote.
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
            match stream.recv_timeout(left(until).max(Duration::from_secs(1))) {
                Ok(read) => *bytes = read,
                Err(_) => self.give_up("it ended, but something holds its output open"),
            }
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
        self.kill_all();
        let read = |stream: &Option<Receiver<Vec<u8>>>| {
            let read = stream.as_ref()?.recv_timeout(Duration::from_secs(1));
            Some(String::from_utf8_lossy(&read.ok()?).into_owned())
        };
        let (stdout, stderr) = (read(&self.stdout), read(&self.stderr));
        panic!("{why} in {PATIENCE:?}\nstdout: {stdout:?}\nstderr: {stderr:?}");
    }

    fn kill_all(&self) {
        killpg(self.process(), Signal::SIGKILL).ok();
    }

    fn process(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if !self.ended {
            self.kill_all();
            self.child.wait().ok();
        }
    }
}

fn gather(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok();
        send.send(bytes).ok();
    });
    receive
}
