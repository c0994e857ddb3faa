//! A hidden prompt: input is not echoed, and the terminal is always restored.
//!
//! The terminal delivers each byte at once. It cuts lines that it assembles itself
//! after 4,095 bytes, and would leave the last line of a paste, if no line end
//! follows, to the shell.

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
use crate::text::OneLine;
use crate::{Error, Result, Secret, wipe};

/// Milliseconds within which nobody types: input that follows a line this soon was
/// pasted with it.
const PASTED: u16 = 100;

/// A terminal puts these around a paste if asked to.
const BRACKETS: [&[u8]; 2] = [b"\x1b[200~", b"\x1b[201~"];

/// Prompts on the terminal that is standard input and reads one line, at most one
/// byte more than the limit. Refuses a paste of several lines and discards all of
/// it.
pub(super) fn ask(question: &str, remedy: &str, limit: usize) -> Result<Secret> {
    wipe::begin();
    let failed = |errno: Errno| Error::io("prompt at the terminal", errno.into());
    let question = OneLine(question).to_string();
    let mut prompt = Prompt::start(&question).map_err(failed)?;
    let read = prompt.line(limit);
    prompt.hidden = None;
    prompt.say("\n");
    match read.map_err(failed)? {
        Some(line) => Ok(Secret::from(line)),
        None => Err(Error::usage_hint(
            "more than one line was pasted; nothing stored",
            remedy,
        )),
    }
}

/// Turns off the terminal's echo until it is dropped.
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
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        let terminal = self.terminal.as_fd();
        // In the background, the terminal now belongs to another process.
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

    /// The byte that the terminal gives a special meaning, if any.
    fn key(&self, at: At) -> Option<u8> {
        let before = &self.hidden.as_ref()?.before;
        Some(before.control_chars[at as usize]).filter(|key| *key != 0)
    }

    /// Writes to the terminal, wherever standard error goes.
    fn say(&self, text: &str) {
        if write(self.terminal.as_fd(), text.as_bytes()).is_err() {
            io::stderr().write_all(text.as_bytes()).ok();
        }
    }

    /// The line that is typed; `None` for a paste of several lines.
    fn line(&mut self, limit: usize) -> nix::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut typed = TypedLine::new(limit);
        let mut buffer = Zeroizing::new([0; 4096]);
        let mut more = loop {
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
        more |= line.is_none();
        // Whatever was pasted with the line is taken from the shell, which would run it.
        loop {
            match self.wait(PASTED.into())? {
                Waited::AskedAgain => {}
                Waited::Nothing => break,
                Waited::Input => match self.read(&mut buffer[..])? {
                    // The line was complete before the terminal was lost.
                    None => break,
                    Some(length) => more |= self.is_more(&buffer[..length]),
                },
            }
        }
        Ok(line.filter(|_| !more))
    }

    /// Adds input to the line; returns where the line ended.
    fn take(&self, typed: &mut TypedLine, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().copied().enumerate() {
            let is = |index| self.key(index) == Some(byte);
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
        byte == 0 || self.key(At::VEOF) == Some(byte)
    }

    fn is_more(&self, after: &[u8]) -> bool {
        after.iter().any(|byte| !self.is_end(*byte))
    }

    /// Reads available input; `None` if the terminal is lost.
    fn read(&self, buffer: &mut [u8]) -> nix::Result<Option<usize>> {
        loop {
            match read(self.terminal.as_fd(), buffer) {
                Ok(0) | Err(Errno::EIO) => return Ok(None),
                Err(Errno::EINTR | Errno::EAGAIN) => {}
                other => return other.map(Some),
            }
        }
    }

    /// Waits for input, and obeys signals in the meantime.
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
            // Interrupted by nothing that we handle; the typed line is unaffected.
            (false, _) => return self.wait(timeout),
        })
    }

    /// Obeys pending signals with the terminal restored; whether the prompt was shown
    /// again.
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

/// The result of a wait.
enum Waited {
    Input,
    Nothing,
    /// The process was stopped: anything typed before is discarded.
    AskedAgain,
}

/// A line as typed so far.
struct TypedLine {
    line: Zeroizing<Vec<u8>>,
    limit: usize,
    /// Whether the next byte is taken literally.
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
            // A vector that grows by itself leaves copies behind.
            let capacity = (self.line.len() * 2).max(4096);
            let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
            larger.extend_from_slice(&self.line);
            self.line = larger;
        }
        self.line.push(byte);
    }

    /// Removes one UTF-8 character.
    fn erase(&mut self) {
        while self.line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
    }

    fn erase_word(&mut self) {
        let line = self.line.trim_ascii_end();
        let space = line.iter().rposition(u8::is_ascii_whitespace);
        self.line.truncate(space.map_or(0, |at| at + 1));
    }
}

/// A line without the brackets around a paste; `None` if the paste continues after
/// the line.
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

    #[test]
    fn no_more_than_one_byte_over_the_limit_is_kept() {
        let mut typed = TypedLine::new(10_000);
        for _ in 0..20_000 {
            typed.push(b'x');
        }
        assert_eq!(typed.line.len(), 10_001);
    }
}
