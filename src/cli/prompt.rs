//! A hidden prompt: what is typed is not shown, and the terminal is left as it
//! was, however that ends.
//!
//! The terminal gives each byte as it comes. Lines of its own making are cut
//! after 4,095 bytes, and the last line of a paste, which no line end follows,
//! would be found in them by nobody but the shell.

use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{
    LocalFlags, SetArg, SpecialCharacterIndices as At, Termios, tcgetattr, tcsetattr,
};
use nix::unistd::{getpgrp, read, tcgetpgrp, write};
use zeroize::Zeroizing;

use super::signals::{self, Caught, ENDING};
use crate::{Error, Result, Secret, wipe};

/// Milliseconds in which nobody types what follows a line: what waits by then
/// came with it.
const PASTED: u16 = 100;

/// What a terminal puts around a paste, where it has been told to.
const BRACKETS: [&[u8]; 2] = [b"\x1b[200~", b"\x1b[201~"];

/// Asks on the terminal that is standard input, and reads a line of which no
/// more is kept than one byte over the limit.
///
/// # Errors
///
/// [`Error::Usage`] for a paste of several lines, all of which is taken away;
/// [`Error::Io`] if the terminal fails, or is gone.
pub(super) fn ask(question: &str, remedy: &str, limit: usize) -> Result<Secret> {
    wipe::begin();
    let failed = |errno: Errno| Error::io("ask at the terminal", errno.into());
    let mut prompt = Prompt::start(question).map_err(failed)?;
    let read = prompt.line(limit);
    prompt.hidden = None;
    prompt.say("\n");
    match read.map_err(failed)? {
        Some(line) => Ok(Secret::from(line)),
        None => Err(Error::usage_hint(
            "more than one line was pasted, so nothing is stored",
            remedy,
        )),
    }
}

/// A terminal that shows nothing of what is typed, while this lives.
struct NoEcho {
    terminal: io::Stdin,
    before: Termios,
}

impl NoEcho {
    fn start() -> nix::Result<Self> {
        let terminal = io::stdin();
        let before = tcgetattr(terminal.as_fd())?;
        let mut hidden = before.clone();
        let shown = LocalFlags::ECHO | LocalFlags::ECHONL | LocalFlags::ICANON;
        hidden.local_flags.remove(shown);
        hidden.control_chars[At::VMIN as usize] = 1;
        hidden.control_chars[At::VTIME as usize] = 0;
        tcsetattr(terminal.as_fd(), SetArg::TCSANOW, &hidden)?;
        Ok(Self { terminal, before })
    }

    /// The key that has a meaning, if there is one.
    fn key(&self, at: At) -> Option<u8> {
        Some(self.before.control_chars[at as usize]).filter(|key| *key != 0)
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        let terminal = self.terminal.as_fd();
        // In the background it belongs to somebody else by now.
        if tcgetpgrp(terminal).is_ok_and(|owner| owner != getpgrp()) {
            return;
        }
        tcsetattr(terminal, SetArg::TCSANOW, &self.before).ok();
    }
}

struct Prompt<'a> {
    question: &'a str,
    terminal: io::Stdin,
    caught: Caught,
    hidden: Option<NoEcho>,
}

impl<'a> Prompt<'a> {
    fn start(question: &'a str) -> nix::Result<Self> {
        let signals = [&ENDING[..], &[libc::SIGTSTP, libc::SIGCONT]].concat();
        let mut prompt = Self {
            question,
            terminal: io::stdin(),
            caught: Caught::new(&signals)?,
            hidden: None,
        };
        prompt.ask()?;
        Ok(prompt)
    }

    fn ask(&mut self) -> nix::Result<()> {
        self.hidden = None;
        self.hidden = Some(NoEcho::start()?);
        self.say(self.question);
        Ok(())
    }

    /// Writes to the terminal, wherever standard error goes.
    fn say(&self, text: &str) {
        if write(self.terminal.as_fd(), text.as_bytes()).is_err() {
            io::stderr().write_all(text.as_bytes()).ok();
        }
    }

    /// The line that is typed; `None` for a paste of several.
    fn line(&mut self, limit: usize) -> nix::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut typed = TypedLine::new(limit);
        let mut buffer = Zeroizing::new([0; 4096]);
        let more = loop {
            match self.wait(PollTimeout::NONE)? {
                Waited::AskedAgain => typed = TypedLine::new(limit),
                Waited::Nothing => {}
                Waited::Input => {
                    let length = self.read(&mut buffer[..])?.ok_or(Errno::EIO)?;
                    if let Some(at) = self.take(&mut typed, &buffer[..length]) {
                        break self.is_more(&buffer[at..length]);
                    }
                }
            }
        };
        let line = unbracketed(typed.line);
        let Some(line) = line.filter(|_| !more) else {
            self.drain()?;
            return Ok(None);
        };
        loop {
            match self.wait(PASTED.into())? {
                Waited::AskedAgain => {}
                Waited::Nothing => return Ok(Some(line)),
                Waited::Input => match self.read(&mut buffer[..])? {
                    // The line was whole before the terminal was gone.
                    None => return Ok(Some(line)),
                    Some(length) if self.is_more(&buffer[..length]) => {
                        self.drain()?;
                        return Ok(None);
                    }
                    Some(_) => {}
                },
            }
        }
    }

    /// Adds what came to the line, and gives where it ended.
    fn take(&self, typed: &mut TypedLine, bytes: &[u8]) -> Option<usize> {
        let key = |at| self.hidden.as_ref().and_then(|hidden| hidden.key(at));
        for (at, byte) in bytes.iter().copied().enumerate() {
            let is = |index| key(index) == Some(byte);
            if typed.literal {
                typed.push(byte);
                typed.literal = false;
            } else if matches!(byte, b'\n' | b'\r') || self.is_end(byte) {
                return Some(at + 1);
            } else if is(At::VERASE) || matches!(byte, 0x08 | 0x7f) {
                typed.erase();
            } else if is(At::VKILL) {
                typed.line.clear();
            } else if is(At::VWERASE) {
                typed.erase_word();
            } else if is(At::VLNEXT) {
                typed.literal = true;
            } else {
                typed.push(byte);
            }
        }
        None
    }

    /// Whether a byte is ^D, which reads as NUL if it was typed before the prompt.
    fn is_end(&self, byte: u8) -> bool {
        let end = self.hidden.as_ref().and_then(|hidden| hidden.key(At::VEOF));
        byte == 0 || end == Some(byte)
    }

    fn is_more(&self, after: &[u8]) -> bool {
        after.iter().any(|byte| !self.is_end(*byte))
    }

    /// Takes away what comes, until nothing does: the shell would run it.
    fn drain(&mut self) -> nix::Result<()> {
        let mut buffer = Zeroizing::new([0; 4096]);
        loop {
            match self.wait(PASTED.into())? {
                Waited::Nothing => return Ok(()),
                Waited::Input if self.read(&mut buffer[..])?.is_none() => return Ok(()),
                Waited::Input | Waited::AskedAgain => {}
            }
        }
    }

    /// Reads what is there; `None` if the terminal is gone.
    fn read(&self, buffer: &mut [u8]) -> nix::Result<Option<usize>> {
        loop {
            match read(self.terminal.as_fd(), buffer) {
                Ok(0) | Err(Errno::EIO) => return Ok(None),
                Err(Errno::EINTR | Errno::EAGAIN) => {}
                other => return other.map(Some),
            }
        }
    }

    /// Waits for input, and does what signals say meanwhile.
    fn wait(&mut self, timeout: PollTimeout) -> nix::Result<Waited> {
        let mut ends = [
            PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.caught.as_fd(), PollFlags::POLLIN),
        ];
        let ready = match poll(&mut ends, timeout) {
            Err(Errno::EINTR) => 1,
            ready => ready?,
        };
        let input = ends[0].any().unwrap_or_default();
        if self.obey()? {
            return Ok(Waited::AskedAgain);
        }
        Ok(match (input, ready) {
            (true, _) => Waited::Input,
            (false, 0) => Waited::Nothing,
            // A signal that was nothing; what was typed is not touched by it.
            (false, _) => return self.wait(timeout),
        })
    }

    /// Does what the signals that came do without handlers, with the terminal
    /// as it was. Whether the prompt had to be made again.
    fn obey(&mut self) -> nix::Result<bool> {
        let mut again = false;
        while let Some(signal) = self.caught.next() {
            again = true;
            if signal == libc::SIGCONT {
                continue;
            }
            self.hidden = None;
            if signal != libc::SIGHUP {
                self.say("\n");
            }
            signals::obey(signal);
        }
        if again {
            self.ask()?;
        }
        Ok(again)
    }
}

/// What a wait came to.
enum Waited {
    Input,
    Nothing,
    /// The process was stopped: what was typed before is forgotten.
    AskedAgain,
}

/// A line as far as it is typed.
struct TypedLine {
    line: Zeroizing<Vec<u8>>,
    limit: usize,
    /// Whether the next byte means nothing but itself.
    literal: bool,
}

impl TypedLine {
    fn new(limit: usize) -> Self {
        Self {
            line: Zeroizing::default(),
            limit,
            literal: false,
        }
    }

    fn push(&mut self, byte: u8) {
        if self.line.len() > self.limit {
            return;
        }
        if self.line.len() == self.line.capacity() {
            // A vector that grows by itself leaves its bytes behind.
            let capacity = (self.line.len() * 2).max(4096);
            let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
            larger.extend_from_slice(&self.line);
            self.line = larger;
        }
        self.line.push(byte);
    }

    /// Takes a character of UTF-8 away.
    fn erase(&mut self) {
        while self.line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
    }

    fn erase_word(&mut self) {
        let length = self.line.trim_ascii_end().len();
        self.line.truncate(length);
        while self
            .line
            .last()
            .is_some_and(|byte| !byte.is_ascii_whitespace())
        {
            self.line.pop();
        }
    }
}

/// A line without what a terminal puts around a paste; `None` if the paste goes
/// on after it.
fn unbracketed(line: Zeroizing<Vec<u8>>) -> Option<Zeroizing<Vec<u8>>> {
    let [start, end] = BRACKETS;
    let count = |bracket: &[u8]| line.windows(6).filter(|at| *at == bracket).count();
    match (count(start), count(end)) {
        (0, 0) => return Some(line),
        (starts, ends) if starts > ends => return None,
        _ => {}
    }
    let mut text = Zeroizing::new(Vec::with_capacity(line.len()));
    let mut rest = &line[..];
    while let Some(first) = rest.first() {
        let bracket = BRACKETS.iter().find(|bracket| rest.starts_with(bracket));
        rest = &rest[bracket.map_or(1, |bracket| bracket.len())..];
        if bracket.is_none() {
            text.push(*first);
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &[u8]) -> Option<Vec<u8>> {
        unbracketed(Zeroizing::new(line.to_vec())).map(|line| line.to_vec())
    }

    #[test]
    fn what_a_terminal_puts_around_a_paste_is_no_part_of_it() {
        for (line, expected) in [
            (&b"hunter2"[..], Some(&b"hunter2"[..])),
            (b"\x1b[200~hunter2\x1b[201~", Some(b"hunter2")),
            (b"a\x1b[200~b\x1b[201~c", Some(b"abc")),
            (b"\x1b[200~first line of several", None),
            (b"\x1b[200~a\x1b[201~\x1b[200~b", None),
            (b"\x1b[A", Some(b"\x1b[A")),
            (b"", Some(b"")),
        ] {
            assert_eq!(text(line).as_deref(), expected, "{line:?}");
        }
    }

    #[test]
    fn what_is_typed_can_be_taken_back() {
        let mut typed = TypedLine::new(10_000);
        for byte in "ab cö ".bytes() {
            typed.push(byte);
        }
        typed.erase_word();
        assert_eq!(*typed.line, b"ab ");
        for byte in "ö".bytes() {
            typed.push(byte);
        }
        typed.erase();
        assert_eq!(*typed.line, b"ab ");
        for _ in 0..5 {
            typed.erase();
        }
        typed.erase_word();
        assert!(typed.line.is_empty());
        for _ in 0..20_000 {
            typed.push(b'x');
        }
        assert_eq!(typed.line.len(), 10_001);
    }
}
