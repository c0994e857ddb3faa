//! What a terminal shows: a pseudo-terminal of a given size, read by a terminal
//! emulator, so that a test compares whole screens as a user sees them.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, poll};
use vt100::{Cell, Color, Parser};

use crate::support::harness::{Run, Running};
use crate::support::pty;

/// The longest that a test waits for a program to show something.
const PATIENCE: Duration = Duration::from_mins(1);

/// More rows than any test fills.
const SCROLLBACK: usize = 5000;

/// A screen that one program has, as its controlling terminal.
///
/// Shape: `let mut screen = Screen::start(24, 80, sandbox.run("put db"));`
/// `screen.shows("(not shown): "); screen.types("hunter2\r");`
/// `assert_eq!(screen.ends(), 0); assert_eq!(screen.text(), "…");`
pub struct Screen {
    master: File,
    parser: Parser,
    running: Option<Running>,
    /// All bytes that came, for who looks for control sequences.
    pub bytes: Vec<u8>,
    open: bool,
}

impl Screen {
    /// Starts a run on a new screen: ^C typed there is a signal to it.
    ///
    /// `TERM` is `xterm`, unless the run says otherwise before or after.
    #[track_caller]
    pub fn start(rows: u16, columns: u16, run: Run) -> Self {
        let pty = pty::sized(rows, columns);
        let run = run.with_default("TERM", "xterm").in_own_session();
        let running = run.terminal(pty.slave).spawn();
        Self {
            master: pty.master,
            parser: parser(rows, columns),
            running: Some(running),
            bytes: Vec::new(),
            open: true,
        }
    }

    /// Runs it to its end without typing anything: what is then shown, and the status.
    #[track_caller]
    pub fn of(rows: u16, columns: u16, run: Run) -> (String, i32) {
        let mut screen = Self::start(rows, columns, run);
        let status = screen.ends();
        (screen.text(), status)
    }

    pub fn types(&mut self, text: impl AsRef<[u8]>) {
        self.master.write_all(text.as_ref()).unwrap();
    }

    /// Waits until the screen shows this somewhere, be it wrapped or not.
    ///
    /// Blanks at its end do not count: a screen has blanks where nothing is.
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        let text = text.trim_end_matches(' ');
        self.until(&format!("no {text:?}"), |screen| {
            screen.unwrapped().contains(text) || screen.text().contains(text)
        });
    }

    /// Waits until that is so.
    #[track_caller]
    pub fn until(&mut self, otherwise: &str, mut so: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !so(self) {
            assert!(
                self.open && Instant::now() < end,
                "{otherwise} on the screen:\n{}",
                self.text()
            );
            self.look(50);
        }
    }

    /// Waits for its end, and gives its status, or 128 and a signal's number.
    #[track_caller]
    pub fn ends(&mut self) -> i32 {
        let end = Instant::now() + PATIENCE;
        while self.open {
            let text = self.text();
            assert!(Instant::now() < end, "it goes on on the screen:\n{text}");
            self.look(50);
        }
        self.running.take().expect("it ends once").wait().status
    }

    /// All that is shown, from the first row that scrolled out of sight to the
    /// last, as rows of the terminal's width without blanks at their ends.
    pub fn text(&self) -> String {
        self.lines(false, |row| {
            let shown = row.iter().filter(|cell| !cell.is_wide_continuation());
            shown.map(contents).collect()
        })
    }

    /// The same, but each line as long as it was written, as a terminal copies
    /// it: a line that it wrapped is one line.
    pub fn unwrapped(&self) -> String {
        self.lines(true, |row| {
            let shown = row.iter().filter(|cell| !cell.is_wide_continuation());
            shown.map(contents).collect()
        })
    }

    /// The rows as [`Screen::text`] with their colours: `[bold red]error:[/] no …`.
    ///
    /// Words, in this order: `bold dim italic underline inverse`, a colour
    /// (`black red green yellow blue magenta cyan white`, `bright-…`, else `#N`),
    /// and `on-…` for the background.
    pub fn marked(&self) -> String {
        self.lines(false, |row| {
            let (mut line, mut style) = (String::new(), String::new());
            for cell in row.iter().filter(|cell| !cell.is_wide_continuation()) {
                let new = self::style(cell);
                if new != style {
                    if !style.is_empty() {
                        line += "[/]";
                    }
                    if !new.is_empty() {
                        write!(line, "[{new}]").unwrap();
                    }
                    style = new;
                }
                line += contents(cell);
            }
            if !style.is_empty() {
                line += "[/]";
            }
            line
        })
    }

    fn lines(&self, unwrap: bool, mut row: impl FnMut(&[Cell]) -> String) -> String {
        let mut screen = self.parser.screen().clone();
        let (rows, columns) = screen.size();
        let (rows, columns) = (usize::from(rows.get()), columns.get());
        let above = screen.scrollback_len();
        let (mut text, mut line) = (String::new(), String::new());
        for index in 0..above + rows {
            let hidden = above.saturating_sub(index);
            screen.set_scrollback(hidden);
            let at = u16::try_from((index + hidden) - above).unwrap();
            let cells: Vec<Cell> = (0..columns)
                .filter_map(|column| screen.cell(at, column).cloned())
                .collect();
            line += &row(&cells);
            if unwrap && screen.row_wrapped(at) {
                continue;
            }
            text += line.trim_end_matches(' ');
            text.push('\n');
            line.clear();
        }
        let length = text.trim_end_matches('\n').len();
        text.truncate(length);
        if length > 0 {
            text.push('\n');
        }
        text
    }

    /// Takes what comes within so many milliseconds.
    pub fn look(&mut self, patience: u16) {
        let mut buffer = [0; 4096];
        let ready = |file: &File, patience: u16| {
            let mut ends = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
            poll(&mut ends, patience).unwrap_or(1) > 0
        };
        let mut patience = patience;
        while self.open && ready(&self.master, patience) {
            match self.master.read(&mut buffer) {
                Ok(count @ 1..) => {
                    self.parser.process(&buffer[..count]);
                    self.bytes.extend(&buffer[..count]);
                }
                _ => self.open = false,
            }
            patience = 0;
        }
    }
}

fn parser(rows: u16, columns: u16) -> Parser {
    let size = |size| NonZeroU16::new(size).expect("a terminal has a size");
    Parser::new(size(rows), size(columns), SCROLLBACK)
}

/// What a high screen of this width shows of bytes, each line as long as it was
/// written, and whether a new line has begun.
pub fn shown(columns: u16, bytes: &[u8]) -> (String, bool) {
    let mut parser = parser(500, columns);
    parser.process(bytes);
    let screen = parser.screen();
    (screen.contents(), screen.cursor_position().1 == 0)
}

fn contents(cell: &Cell) -> &str {
    if cell.has_contents() {
        cell.contents()
    } else {
        " "
    }
}

fn style(cell: &Cell) -> String {
    let flags = [
        (cell.bold(), "bold"),
        (cell.dim(), "dim"),
        (cell.italic(), "italic"),
        (cell.underline(), "underline"),
        (cell.inverse(), "inverse"),
    ];
    let flags = flags.into_iter().filter(|(set, _)| *set);
    let mut words: Vec<String> = flags.map(|(_, word)| word.to_owned()).collect();
    words.extend(color(cell.fgcolor()));
    words.extend(color(cell.bgcolor()).map(|color| format!("on-{color}")));
    words.join(" ")
}

fn color(color: Color) -> Option<String> {
    const NAMES: [&str; 8] = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    ];
    match color {
        Color::Default => None,
        Color::Idx(number @ 0..8) => Some(NAMES[usize::from(number)].to_owned()),
        Color::Idx(number @ 8..16) => Some(format!("bright-{}", NAMES[usize::from(number) - 8])),
        Color::Idx(number) => Some(format!("#{number}")),
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

#[cfg(test)]
mod tests {
    use crate::support::{Run, Sandbox, Screen};

    fn sh(script: &str) -> Run {
        Sandbox::new().shell(script)
    }

    #[test]
    fn a_screen_is_rows_of_its_width_and_what_scrolled_away_is_there() {
        let mut screen = Screen::start(3, 10, sh("seq 4; echo 'twelve  chars'; stty size; exit 3"));
        assert_eq!(screen.ends(), 3);
        assert_eq!(screen.text(), "1\n2\n3\n4\ntwelve  ch\nars\n3 10\n");
        assert_eq!(screen.unwrapped(), "1\n2\n3\n4\ntwelve  chars\n3 10\n");
    }

    #[test]
    fn what_is_written_over_is_gone_and_colours_are_words() {
        let script = r"printf 'wait…\r\033[K\033[1;31merror:\033[0m \033[94;42mx\033[m é世\n'";
        let mut screen = Screen::start(24, 80, sh(script));
        assert_eq!(screen.ends(), 0);
        assert_eq!(screen.text(), "error: x é世\n");
        let marked = "[bold red]error:[/] [bright-blue on-green]x[/] é世\n";
        assert_eq!(screen.marked(), marked);
    }

    #[test]
    fn what_is_typed_is_read_and_control_c_is_a_signal() {
        let script = "printf 'name? '; read name; echo \"hi $name\"; exec sleep 600";
        let mut screen = Screen::start(24, 80, sh(script));
        screen.shows("name? ");
        screen.types("you\r");
        screen.shows("hi you");
        screen.types("\x03");
        assert_eq!(screen.ends(), 130);
        assert_eq!(screen.text(), "name? you\nhi you\n^C\n");
        let (text, status) = Screen::of(24, 80, sh("echo $TERM; tty >/dev/tty; exit 1"));
        assert!(text.starts_with("xterm\n/dev/"), "{text}");
        assert_eq!(status, 1);
    }
}
