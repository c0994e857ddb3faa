//! All output: data on stdout, messages on stderr.
//!
//! Each message is one line that starts with a label. Whether labels are coloured
//! is decided once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use terminal_size::{Width, terminal_size_of};
use zeroize::Zeroizing;

use super::args::GlobalArgs;
use super::carried::carried;
use super::{ci_log, progress};
use crate::launch::process;
use crate::text::{OneLine, escaped_in_json};
use crate::{Error, Result, Secret};

/// The most bytes of an error and its hint together, or of any other message;
/// `-v` prints the rest.
const MOST: usize = 900;

/// The bytes that a hint leaves to its error.
const LEAST: usize = 300;

/// How many errors are printed at once; `-v` prints the rest.
const ERRORS: usize = 20;

/// How messages are printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printer {
    quiet: bool,
    colour: bool,
    /// Whether lines may be drawn on stderr that are erased again.
    pub(super) draws: bool,
    /// The flags that commands in hints carry.
    flags: &'static [String],
}

/// A terminal that data is shown on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    /// How many columns it has, if it tells.
    pub(super) width: Option<usize>,
    pub(super) coloured: bool,
}

/// Whether stdout still has a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    There,
    Gone,
}

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Error,
    Warning,
    Hint,
    Info,
    Debug,
}

/// A colour, or other emphasis; by its code in terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
}

impl Colour {
    /// What begins it at a terminal, and what ends it.
    pub(super) fn codes(self) -> (String, &'static str) {
        (format!("\x1b[{}m", self as u8), "\x1b[0m")
    }
}

impl Label {
    fn text(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    fn colour(self) -> Colour {
        match self {
            Self::Error => Colour::Red,
            Self::Warning => Colour::Yellow,
            Self::Hint => Colour::Cyan,
            Self::Info | Self::Debug => Colour::Dim,
        }
    }
}

impl Printer {
    pub(super) fn new(global: &GlobalArgs) -> Self {
        let plain = Self::plain();
        Self {
            quiet: global.quiet,
            draws: plain.draws && !global.quiet,
            ..plain.carrying(global.given())
        }
    }

    /// The same printer, whose hints have these flags in each command.
    pub(super) fn carrying(self, flags: Vec<String>) -> Self {
        Self {
            flags: flags.leak(),
            ..self
        }
    }

    /// The printer until the arguments are known.
    pub(super) fn plain() -> Self {
        let draws = io::stderr().is_terminal() && !is_dumb();
        Self {
            quiet: false,
            colour: draws && wants_colours(),
            draws,
            flags: &[],
        }
    }

    /// A hint whose commands find the same secrets as this one.
    pub(super) fn hint(self, hint: &str) -> String {
        carried(hint, self.flags)
    }

    /// The terminal that stdout is, so that data may be shown as a table; `None` if it
    /// is read by a program.
    #[expect(clippy::unused_self, reason = "one way to print")]
    pub(super) fn screen(self) -> Option<Screen> {
        let stdout = io::stdout();
        if !stdout.is_terminal() {
            return None;
        }
        let size = terminal_size_of(stdout);
        let width = size.map(|(Width(columns), _)| usize::from(columns));
        Some(Screen {
            // A terminal without a size has 0 columns.
            width: width.filter(|width| *width > 0),
            coloured: !is_dumb() && wants_colours(),
        })
    }

    /// Writes data to stdout. A reader that has gone away is not a failure.
    pub(super) fn data(self, bytes: &[u8]) -> Result<()> {
        self.piece(bytes).map(|_| ())
    }

    /// Writes a secret to stdout exactly; at a terminal, adds a line end if it has
    /// none, so that the prompt starts on a new line.
    pub(super) fn secret(self, secret: &Secret) -> Result<()> {
        let bytes = secret.as_bytes();
        self.data(bytes)?;
        if io::stdout().is_terminal() && !bytes.ends_with(b"\n") {
            self.data(b"\n")?;
        }
        Ok(())
    }

    /// Writes a part of the data to stdout, and reports whether the reader wants more.
    #[expect(clippy::unused_self, reason = "one way to print")]
    pub(super) fn piece(self, bytes: &[u8]) -> Result<Reader> {
        let write = || {
            if process::was_closed(1) {
                return Err(io::Error::from_raw_os_error(libc::EBADF));
            }
            // Not through the buffer of `io::stdout`, which would keep a copy.
            File::from(io::stdout().as_fd().try_clone_to_owned()?).write_all(bytes)
        };
        match progress::apart(write) {
            Ok(()) => Ok(Reader::There),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
            Err(error) => Err(Error::io("write to standard output", error)),
        }
    }

    /// Writes one JSON document to stdout.
    pub(super) fn json(self, document: &serde_json::Value) -> Result<()> {
        self.json_text(&format!("{document:#}"))
    }

    /// The same for one that is text already.
    pub(super) fn json_text(self, document: &str) -> Result<()> {
        let mut text = Zeroizing::new(escaped_in_json(document));
        text.push('\n');
        self.data(text.as_bytes())
    }

    /// Reports a change.
    pub(super) fn done(self, message: &str) {
        if !self.quiet {
            tell(&self.line(None, message));
        }
    }

    /// Says what a question is about, despite `--quiet`.
    pub(super) fn said(self, message: &str) {
        tell(&self.line(None, message));
    }

    /// Asks on stderr, despite `--quiet`, until a line says yes or no; Enter alone means
    /// the default, and the end of the input means no.
    pub(super) fn ask(self, question: &str, default: bool) -> Result<bool> {
        let choices = if default { "[Y/n]" } else { "[y/N]" };
        loop {
            let answer = self.line_of_input(&format!("{question} {choices} "))?;
            match &*answer.trim().to_ascii_lowercase() {
                "" if answer.ends_with('\n') => return Ok(default),
                "y" | "yes" => return Ok(true),
                "" | "n" | "no" => return Ok(false),
                _ if answer.ends_with('\n') => tell("answer yes or no\n"),
                _ => return Ok(false),
            }
        }
    }

    /// Asks on stderr, despite `--quiet`, and reads a line without the blanks at its
    /// ends.
    pub(super) fn answer(self, question: &str) -> Result<String> {
        let answer = self.line_of_input(question)?;
        Ok(answer.trim().to_owned())
    }

    #[expect(clippy::unused_self, reason = "one way to print")]
    fn line_of_input(self, question: &str) -> Result<String> {
        let mut answer = String::new();
        progress::erase();
        let question = OneLine(question).to_string();
        let asked = io::stderr().write_all(question.as_bytes());
        let read = asked.and_then(|()| io::stdin().read_line(&mut answer));
        read.map_err(|error| Error::io("prompt at the terminal", error))?;
        if !answer.ends_with('\n') {
            tell("\n");
        }
        Ok(answer)
    }

    /// Whether somebody sees a question and can answer it.
    #[expect(clippy::unused_self, reason = "one way to print")]
    pub(super) fn can_ask(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether an editor can be seen and typed into.
    #[expect(clippy::unused_self, reason = "one way to print")]
    pub(super) fn can_edit(self) -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Whether data goes to a terminal.
    #[expect(clippy::unused_self, reason = "one way to print")]
    pub(super) fn shows_data(self) -> bool {
        io::stdout().is_terminal()
    }

    /// The line of an error, for whatever cannot print it then; at a terminal it starts
    /// on a new line.
    pub(super) fn error_line(self, error: &Error) -> String {
        let start = if io::stderr().is_terminal() { "\n" } else { "" };
        let line = self.short(Some(Label::Error), &error.to_string(), MOST);
        format!("{start}{line}")
    }

    /// Says at a terminal, where whoever waits for a change sees it, that there was none.
    pub(super) fn unchanged(self) {
        self.remark("nothing changed");
    }

    /// Says something that only who sits at a terminal wants to know.
    pub(super) fn remark(self, message: &str) {
        if io::stderr().is_terminal() {
            self.done(message);
        }
    }

    /// Says at a terminal, where data was expected, why there is none.
    pub(super) fn nothing(self, why: &str) {
        if self.shows_data() {
            self.remark(why);
        }
    }

    /// Prints a message; `--quiet` drops all but errors and hints.
    pub(super) fn message(self, label: Label, message: &str) {
        if self.quiet && !matches!(label, Label::Error | Label::Hint) {
            return;
        }
        match label {
            Label::Info | Label::Debug => tell(&self.line(Some(label), message)),
            Label::Hint => tell(&self.short(Some(label), &self.hint(message), MOST)),
            _ => tell(&self.short(Some(label), message, MOST)),
        }
    }

    /// Prints an error and its hint, or each of several errors; a hint that several
    /// have is printed after the last of them.
    pub(super) fn error(self, error: &Error) {
        self.error_with(error, &Error::hint);
    }

    /// The same with other hints.
    pub(super) fn error_with(self, error: &Error, hint_of: &dyn Fn(&Error) -> Option<String>) {
        if let Error::Several(errors) = error {
            let all = errors.len();
            let is_log = tracing::event_enabled!(tracing::Level::INFO);
            let shown = if is_log { all } else { all.min(ERRORS) };
            let hints: Vec<_> = errors[..shown].iter().map(hint_of).collect();
            let places = (0..).zip(&hints);
            let last: HashMap<_, usize> = places.map(|(at, hint)| (hint, at)).collect();
            for (at, (error, hint)) in errors.iter().zip(&hints).enumerate() {
                let is_last = hint.is_none() || last[hint] == at;
                self.one_error(error, hint.as_deref().filter(|_| is_last));
            }
            if shown < all {
                let more = format!("and {} more; -v shows each", all - shown);
                self.message(Label::Error, &more);
            }
            return;
        }
        self.one_error(error, hint_of(error).as_deref());
    }

    fn one_error(self, error: &Error, hint: Option<&str>) {
        let message = error.to_string();
        let Some(hint) = hint else {
            return self.message(Label::Error, &message);
        };
        let hint = self.hint(hint);
        let size = |label, text: &str| printed(Some(label), &OneLine(text).to_string()).len();
        let needed = size(Label::Error, &message).min(LEAST);
        let for_hint = size(Label::Hint, &hint).min(MOST - needed);
        tell(&self.short(Some(Label::Error), &message, MOST - for_hint));
        tell(&self.short(Some(Label::Hint), &hint, for_hint));
    }

    /// A line of at most `most` bytes; if it is cut, the log has all of it.
    fn short(self, label: Option<Label>, message: &str, most: usize) -> String {
        let message = OneLine(message).to_string();
        let rest = most.saturating_sub(printed(label, "").len());
        if message.len() > rest {
            tracing::info!("the next message in full: {message}");
        }
        self.line(label, &cut(&message, rest))
    }

    fn line(self, label: Option<Label>, message: &str) -> String {
        let message = OneLine(message);
        match label {
            Some(label) if self.colour => {
                let ((begin, end), text) = (label.colour().codes(), label.text());
                format!("lazycred: {begin}{text}:{end} {message}\n")
            }
            label => printed(label, &message.to_string()),
        }
    }
}

/// Whether the terminal understands nothing but text.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn wants_colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes to stderr. If nobody reads it, there is nothing left to do.
fn tell(lines: &str) {
    let lines = ci_log::inert(lines);
    progress::apart(|| io::stderr().write_all(lines.as_bytes()).ok());
}

/// A line without colours.
fn printed(label: Option<Label>, message: &str) -> String {
    match label {
        None => format!("{message}\n"),
        Some(label) => format!("lazycred: {}: {message}\n", label.text()),
    }
}

/// At most `most` bytes of a text: its two ends, the first one longer.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    const GAP: &str = "…";
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let room = most.saturating_sub(GAP.len());
    let last = room / 3;
    let start = &text[..text.floor_char_boundary(room - last)];
    let end = &text[text.ceil_char_boundary(text.len() - last)..];
    Cow::Owned(format!("{start}{GAP}{end}"))
}
