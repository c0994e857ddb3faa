//! A shell at a terminal, with the completions that the program prints.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{PROGRAM, Running, Sandbox, full, pty};

/// No shell needs longer for one line.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Elvish => "elvish",
        }
    }

    /// Where its script lies, what it reads at its start, and how it is told to.
    fn setup(self) -> (&'static str, [&'static str; 2], &'static [&'static str]) {
        match self {
            Self::Bash => (
                "script",
                ["rc", "PS1='ready> '\nsource ./script\n"],
                &["--noprofile", "--rcfile", "rc", "-i"],
            ),
            Self::Zsh => (
                "functions/_lazycred",
                [
                    ".zshrc",
                    "PS1='ready> '\nfpath+=(~/functions)\nautoload -Uz compinit\ncompinit -u -D\n",
                ],
                &["-i"],
            ),
            Self::Fish => (
                ".config/fish/completions/lazycred.fish",
                [
                    ".config/fish/config.fish",
                    "function fish_prompt; echo -n 'ready> '; end\n",
                ],
                &["-i"],
            ),
            Self::Elvish => (
                ".config/elvish/lib/lazycred.elv",
                [
                    ".config/elvish/rc.elv",
                    "set edit:prompt = { put 'ready> ' }\nset edit:rprompt = { }\nuse lazycred\n",
                ],
                &[],
            ),
        }
    }

    /// Starts it in the sandbox, unless this machine has none.
    #[track_caller]
    pub fn start(self, sandbox: &Sandbox) -> Option<Terminal> {
        let name = self.name();
        let folders =
            ["/usr/bin", "/bin", "/usr/local/bin"].map(|folder| Path::new(folder).join(name));
        let Some(program) = folders.into_iter().find(|path| path.exists()) else {
            full::or_skip(name, "it is not installed");
            return None;
        };
        let script = sandbox.run(["completions", name]).gives().text();
        let (file, [rc, start], args) = self.setup();
        sandbox.write(file, script);
        sandbox.write(rc, start);
        let pty = pty::sized(50, 200);
        // It is the terminal's own session, as at a login.
        let whole = ["--ctty", program.to_str().unwrap()];
        let run = sandbox
            .run(whole.iter().chain(args))
            .program("/usr/bin/setsid")
            .env("PATH", with_program())
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8");
        let running = run.terminal(pty.slave).spawn();
        let master = pty.master;
        let mut reads = master.try_clone().unwrap();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&shown);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reads.read(&mut bytes) {
                seen.lock().unwrap().extend(&bytes[..count]);
            }
        });
        let terminal = Terminal {
            shell: self,
            master,
            shown,
            _running: running,
        };
        terminal.shows("ready> ");
        Some(terminal)
    }
}

/// A PATH on which the program is.
pub fn with_program() -> String {
    let folder = Path::new(PROGRAM).parent().unwrap().display();
    format!("{folder}:/usr/bin:/bin")
}

/// The terminal that it runs at.
pub struct Terminal {
    shell: Shell,
    master: File,
    shown: Arc<Mutex<Vec<u8>>>,
    _running: Running,
}

impl Terminal {
    /// Types a line. What was shown until now is forgotten.
    pub fn enter(&mut self, line: &str) {
        // Elvish shows what it offers, and waits for a yes.
        let line = match self.shell {
            Shell::Elvish => line.replace('\t', "\t\r "),
            _ => line.to_owned(),
        };
        self.shown.lock().unwrap().clear();
        self.master.write_all(line.as_bytes()).unwrap();
        self.master.write_all(b"\r").unwrap();
    }

    /// Waits until a text is shown.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        let since = Instant::now();
        loop {
            let shown = String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned();
            if shown.contains(text) {
                return;
            }
            assert!(since.elapsed() < PATIENCE, "no `{text}` in:\n{shown}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What bash would offer for a line, one a line, with all that it is told.
#[track_caller]
pub fn offered_by_bash(sandbox: &Sandbox, line: &str) -> String {
    let script = sandbox.run(["completions", "bash"]).gives().text();
    sandbox.write("script", script);
    let code = "source ./script; COMP_LINE=$1; COMP_POINT=${#1}; _lazycred; \
                ((${#COMPREPLY[@]} == 0)) || printf '%s\\n' \"${COMPREPLY[@]}\"";
    let run = sandbox.run(["--norc", "-c", code, "bash", line]);
    run.program("/bin/bash").gives().text()
}
