//! All that is printed: data on stdout, messages on stderr.
//!
//! One line a message, with a label before it. Whether labels are coloured is
//! decided once.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use super::args::GlobalArgs;
use super::progress;
use crate::launch::process;
use crate::text::{OneLine, escaped_in_json};
use crate::{Error, Result, Secret};

/// The most bytes that an error and its hint take together, or any other message
/// that somebody must read; `-v` has the rest.
const MOST: usize = 900;

/// What a hint leaves to its error at least.
const LEAST: usize = 300;

/// How messages are printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printer {
    quiet: bool,
    colour: bool,
    /// Whether a line may be drawn and drawn over.
    draws: bool,
}

/// Whether stdout still has a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    There,
    Gone,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Error,
    Warning,
    Hint,
    Info,
    Debug,
}

impl Label {
    fn text(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    /// The code of its colour, as terminals have them.
    fn colour(self) -> u8 {
        match self {
            Self::Error => 31,
            Self::Warning => 33,
            Self::Hint => 36,
            Self::Info | Self::Debug => 2,
        }
    }
}

impl Printer {
    pub(super) fn new(global: &GlobalArgs) -> Self {
        let plain = Self::plain();
        Self {
            quiet: global.quiet,
            draws: plain.draws && !global.quiet,
            ..plain
        }
    }

    /// The printer for what happens before the arguments are known.
    pub(super) fn plain() -> Self {
        let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let draws = io::stderr().is_terminal() && !dumb;
        Self {
            quiet: false,
            colour: draws && unset("NO_COLOR"),
            draws,
        }
    }

    /// Whether progress may be drawn on stderr.
    pub(super) fn draws(self) -> bool {
        self.draws
    }

    /// Writes data to stdout. A reader that is gone is not a failure.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] for any other reason.
    pub(super) fn data(self, bytes: &[u8]) -> Result<()> {
        self.piece(bytes).map(|_| ())
    }

    /// Writes a secret to stdout exactly; where that is a terminal, with a line
    /// end after it if it has none, so that the prompt does not follow it.
    ///
    /// # Errors
    ///
    /// As [`Printer::data`].
    pub(super) fn secret(self, secret: &Secret) -> Result<()> {
        let bytes = secret.as_bytes();
        self.data(bytes)?;
        if io::stdout().is_terminal() && !bytes.ends_with(b"\n") {
            self.data(b"\n")?;
        }
        Ok(())
    }

    /// The same for a part of the data, and whether the next is wanted.
    ///
    /// # Errors
    ///
    /// As [`Printer::data`].
    pub(super) fn piece(self, bytes: &[u8]) -> Result<Reader> {
        match self.write(bytes) {
            Ok(()) => Ok(Reader::There),
            Err(error) if is_broken_pipe(&error) => Ok(Reader::Gone),
            Err(error) => Err(Error::io("write to standard output", error)),
        }
    }

    /// Writes what must be read before anything else is done.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if the reader is gone.
    pub(super) fn data_first(self, bytes: &[u8]) -> Result<()> {
        self.write(bytes)
            .map_err(|error| Error::io("write to standard output", error))
    }

    #[expect(clippy::unused_self, reason = "one way to print")]
    fn write(self, bytes: &[u8]) -> io::Result<()> {
        if process::was_closed(1) {
            return Err(io::Error::from_raw_os_error(libc::EBADF));
        }
        // Not `io::stdout`: its buffer would keep a copy.
        let stdout = io::stdout();
        progress::apart(|| {
            use std::os::fd::AsFd;
            let mut out = std::fs::File::from(stdout.as_fd().try_clone_to_owned()?);
            out.write_all(bytes)
        })
    }

    /// Writes one JSON document to stdout.
    ///
    /// # Errors
    ///
    /// As [`Printer::data`].
    pub(super) fn json(self, document: &serde_json::Value) -> Result<()> {
        let text = escaped_in_json(&format!("{document:#}\n"));
        self.data(text.as_bytes())
    }

    /// Says what was changed.
    pub(super) fn done(self, message: &str) {
        if !self.quiet {
            tell(&self.line(None, message));
        }
    }

    /// Asks on stderr, despite `--quiet`, and reads a line; anything but `y` and
    /// `yes` means no.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the terminal cannot be written or read.
    #[expect(clippy::unused_self, reason = "one way to print")]
    pub(super) fn ask(self, question: &str) -> Result<bool> {
        let ask = || {
            io::stderr().write_all(question.as_bytes())?;
            let mut answer = String::new();
            io::stdin().read_line(&mut answer)?;
            Ok(answer)
        };
        let answer = ask().map_err(|error| Error::io("ask at the terminal", error))?;
        let answer = answer.trim();
        Ok(answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes"))
    }

    /// Whether the user agrees to continue. Asks only at a terminal.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the terminal cannot be read.
    pub(super) fn agreed(self) -> Result<bool> {
        if io::stdin().is_terminal() {
            self.ask("continue? [y/N] ")
        } else {
            Ok(true)
        }
    }

    /// A message that `--quiet` drops, unless it is an error.
    pub(super) fn message(self, label: Label, message: &str) {
        if self.quiet && !matches!(label, Label::Error | Label::Hint) {
            return;
        }
        match label {
            Label::Info | Label::Debug => tell(&self.line(Some(label), message)),
            _ => tell(&self.short(Some(label), message, MOST)),
        }
    }

    /// An error and its remedy; of several errors each.
    pub(super) fn error(self, error: &Error) {
        if let Error::Several(errors) = error {
            for error in errors {
                self.error(error);
            }
            return;
        }
        let message = error.to_string();
        let Some(hint) = error.hint() else {
            return self.message(Label::Error, &message);
        };
        let size = |label, text: &str| printed(Some(label), &OneLine(text).to_string()).len();
        let needed = size(Label::Error, &message).min(LEAST);
        let for_hint = size(Label::Hint, &hint).min(MOST - needed);
        tell(&self.short(Some(Label::Error), &message, MOST - for_hint));
        tell(&self.short(Some(Label::Hint), &hint, for_hint));
    }

    /// Prints an error of clap's, on several lines.
    pub(super) fn usage(self, text: &str) {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let mut lines = self.short(Some(Label::Error), first, MOST);
        for line in rest.lines() {
            lines += &self.short(None, line, MOST);
        }
        tell(&lines);
    }

    /// A line of at most so many bytes; what is cut is logged in full.
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
                format!(
                    "lazycred: \x1b[{}m{}:\x1b[0m {message}\n",
                    label.colour(),
                    label.text()
                )
            }
            label => printed(label, &message.to_string()),
        }
    }
}

/// Whether an error says that the reader is gone.
fn is_broken_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// If nobody reads it, there is nothing left to do.
fn tell(lines: &str) {
    progress::apart(|| io::stderr().write_all(lines.as_bytes()).ok());
}

/// A line as it is printed without colours.
fn printed(label: Option<Label>, message: &str) -> String {
    match label {
        None => format!("{message}\n"),
        Some(label) => format!("lazycred: {}: {message}\n", label.text()),
    }
}

/// A text of at most so many bytes: its two ends, the first one longer.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_keeps_its_two_ends_and_whole_characters() {
        assert_eq!(cut("as it is", 8), "as it is");
        for (text, most) in [
            ("é".repeat(50), 20),
            ("ab€".repeat(9), 11),
            ("x".repeat(9), 3),
        ] {
            let short = cut(&text, most);
            assert!(short.len() <= most && short.contains('…'), "{short}");
            let (start, end) = short.split_once('…').unwrap();
            assert!(text.starts_with(start) && text.ends_with(end));
        }
    }
}
