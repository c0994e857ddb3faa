//! Types the commands of a document's `console` blocks at a shell on a terminal
//! of 80 columns, and compares each command's screen with what stands below it.
//!
//! A line that starts with `$ ` is typed, and `> ` lines below it are the rest
//! of that command. All else up to the next `$ ` is what the screen then shows,
//! each line as long as it was written, as a terminal copies it. `«y»` is typed
//! where it stands, once all before it is shown, and Enter after it; `«^C»` is
//! that control character alone; `«hunter2, not shown»` must not be echoed.
//! `LAZYCRED_BLESS=1` writes the document again as it is seen; what differs from
//! run to run is shown as `stable` says.

mod script;
mod stable;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use script::{Answer, Part, Step};
use stable::Stable;
use tempfile::TempDir;

use crate::support::harness::{PROGRAM, Sandbox};
use crate::support::screen::{Screen, shown};
use crate::support::{full, temporary};

const COLUMNS: u16 = 80;

/// What the shell's prompts start with: terminals show nothing of it.
const PROMPT: &[u8] = b"\x1b]7777;prompt\x07";
const MORE: &[u8] = b"\x1b]7777;more\x07";

/// The longest that a command may take to end or to ask.
const PATIENCE: Duration = Duration::from_mins(1);

/// An unexpected question is one after which nothing comes for so long.
const SILENCE: Duration = Duration::from_secs(5);
const BLESSED_SILENCE: Duration = Duration::from_millis(700);

/// A shell that waits for a command, in the sandbox's home.
struct Console {
    screen: Screen,
    stable: Stable,
    /// Where in the screen's bytes the last prompt starts.
    prompt: usize,
    bless: bool,
}

/// Types the commands of a document below the repository's root, in a home, and
/// compares; gives how many they were.
///
/// Where there is no folder in memory it stops at the first that edits, since
/// what comes later shows what was changed.
#[track_caller]
pub fn follow(document: &str, sandbox: &Sandbox) -> usize {
    follow_part(document, sandbox, &read(document))
}

/// The same for what stands below one heading.
#[track_caller]
pub fn follow_section(document: &str, heading: &str, sandbox: &Sandbox) -> usize {
    follow_part(document, sandbox, &section(document, heading))
}

/// What stands between a heading of a document and the next of its kind.
#[track_caller]
pub fn section(document: &str, heading: &str) -> String {
    let text = read(document);
    let from = text.find(&format!("\n## {heading}\n")).expect("a heading");
    let rest = &text[from + 1..];
    rest[..rest.find("\n## ").map_or(rest.len(), |at| at + 1)].to_owned()
}

fn path(document: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(document)
}

#[track_caller]
fn read(document: &str) -> String {
    fs::read_to_string(path(document)).unwrap()
}

#[track_caller]
fn follow_part(document: &str, sandbox: &Sandbox, text: &str) -> usize {
    let Some(bash) = full::tool("bash") else {
        return 0;
    };
    let memory = temporary::in_memory_or_skip();
    let may = |line: &str| memory.is_some() || !line.contains("lazycred edit");
    let mut console = Console::start(&bash, sandbox, memory.as_ref().map(TempDir::path));
    let (mut again, mut typed, mut stopped) = (String::new(), 0, false);
    for part in script::parts(text) {
        let step = match part {
            Part::Step(step) if !stopped && may(&step.lines[0]) => step,
            Part::Step(step) => {
                stopped = true;
                again += &step.text();
                continue;
            }
            Part::Text(text) => {
                again += &text;
                continue;
            }
        };
        let seen = console.step(document, &step);
        typed += 1;
        if !console.bless {
            let expected = step.text();
            assert!(
                seen == expected,
                "{document} should show:\n{expected}--- but it is ---\n{seen}"
            );
        }
        again += &seen;
    }
    if console.bless && again != text {
        bless(document, text, &again);
    }
    typed
}

/// Writes a part of a document again, which others may do too.
fn bless(document: &str, old: &str, new: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _lock = ONE_AT_A_TIME.lock();
    let text = read(document).replacen(old, new, 1);
    fs::write(path(document), text).unwrap();
}

impl Console {
    #[track_caller]
    fn start(bash: &Path, sandbox: &Sandbox, memory: Option<&Path>) -> Self {
        let (prompt, more) = (PROMPT.escape_ascii(), MORE.escape_ascii());
        // Nothing of it is exported.
        let rc =
            format!("PS1=$'{prompt}$ '\nPS2=$'{more}> '\nset +H\nunset HISTFILE PROMPT_COMMAND\n");
        let rc = sandbox.write(sandbox.root().join(".rc"), rc);
        let rc = rc.to_str().unwrap();
        let shell = ["--noprofile", "--noediting", "--rcfile", rc, "-i"];
        let programs = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
        let own = sandbox.home().join("bin");
        let own = own.to_str().unwrap();
        let mut run = sandbox
            .run(shell)
            .program(bash)
            .cwd(sandbox.home())
            .with_default("PATH", &format!("{own}:{programs}:/usr/bin:/bin"));
        if let Some(memory) = memory {
            run = run.env("XDG_RUNTIME_DIR", memory);
        }
        let mut console = Self {
            screen: Screen::start(24, COLUMNS, run),
            stable: Stable::new(sandbox, memory),
            prompt: 0,
            bless: std::env::var_os("LAZYCRED_BLESS").is_some(),
        };
        console.prompt = console.wait_for(0, PROMPT);
        console
    }

    /// Types a command and its answers, and gives what is then seen of it.
    #[track_caller]
    fn step(&mut self, document: &str, step: &Step) -> String {
        let start = self.prompt;
        let mut more = start;
        for (number, line) in step.lines.iter().enumerate() {
            if number > 0 {
                more = self.wait_for(more, MORE) + MORE.len();
            }
            let line = self.stable.real(line);
            self.screen.types(format!("{line}\n"));
        }
        let mut given: Vec<(usize, &Answer)> = Vec::new();
        for answer in &step.answers {
            self.wait(start, &given, Some(answer));
            given.push((self.screen.bytes.len(), answer));
            self.screen.types(answer.keys());
        }
        let end = self.wait(start, &given, None);
        let (_, ends) = shown(COLUMNS, &self.screen.bytes[start..end]);
        let line = &step.lines[0];
        assert!(ends, "{document}: `{line}` does not end its last line");
        let seen = self.seen(start, end, &given);
        self.prompt = end;
        seen
    }

    /// Waits until these bytes came, and says where.
    #[track_caller]
    fn wait_for(&mut self, from: usize, wanted: &[u8]) -> usize {
        self.screen.until("no prompt", |screen| {
            find(&screen.bytes[from..], wanted).is_some()
        });
        from + find(&self.screen.bytes[from..], wanted).unwrap()
    }

    /// Waits until what is shown is what stands before the answer, or without
    /// one, until the next prompt, and says where that is.
    #[track_caller]
    fn wait(&mut self, start: usize, given: &[(usize, &Answer)], next: Option<&Answer>) -> usize {
        let silence = if self.bless { BLESSED_SILENCE } else { SILENCE };
        let (end, mut last, mut since) = (Instant::now() + PATIENCE, 0, Instant::now());
        loop {
            self.screen.look(20);
            let bytes = &self.screen.bytes;
            let from = start + PROMPT.len();
            let prompt = find(&bytes[from..], PROMPT);
            let text = self.seen(start, bytes.len(), given);
            let line = text.lines().last().unwrap_or_default();
            match (next, prompt) {
                (None, Some(at)) => return from + at,
                (Some(answer), None) if line.trim_end() == answer.after.trim_end() => return 0,
                _ => {}
            }
            if bytes.len() != last {
                (last, since) = (bytes.len(), Instant::now());
            }
            let asks = !bytes.ends_with(b"\n") && since.elapsed() > silence;
            if self.bless && asks && next.is_some() && prompt.is_none() {
                return 0;
            }
            let goes_on = prompt.is_none() && !asks && Instant::now() < end;
            let after = next.map(|answer| &answer.after);
            assert!(goes_on, "it should come to {after:?}, but:\n{text}");
        }
    }

    /// What is seen of a part of the bytes, with marks where something was typed.
    fn seen(&self, start: usize, end: usize, given: &[(usize, &Answer)]) -> String {
        let (mut fed, mut at) = (Vec::new(), start);
        for (place, answer) in given {
            let (before, after) = (&self.screen.bytes[at..*place], &self.screen.bytes[*place..]);
            let echoed = after.starts_with(answer.typed.as_bytes());
            fed.extend(before);
            at = place + if echoed { answer.typed.len() } else { 0 };
            let note = if echoed { "" } else { script::NOT_SHOWN };
            fed.extend(format!("«{}{note}»", answer.typed).as_bytes());
        }
        fed.extend(&self.screen.bytes[at.min(end)..end]);
        let (text, _) = shown(COLUMNS, &fed);
        let lines = text.trim_end_matches('\n').split('\n');
        let lines: Vec<&str> = lines.map(|line| line.trim_end_matches(' ')).collect();
        self.stable.shown(&(lines.join("\n") + "\n"))
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
