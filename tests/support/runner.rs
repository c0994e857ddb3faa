//! As much of GitHub's runner as a `run:` step sees.
//!
//! Scripts are run as it runs them, `GITHUB_ENV` and `GITHUB_OUTPUT` are read by its
//! rules, and its log hides what it was told to hide. Knows nothing of the program.
//!
//! Source: `src/Runner.Worker/FileCommandManager.cs`, `ActionCommandManager.cs`
//! and `src/Runner.Common/ActionCommand.cs` of <https://github.com/actions/runner>.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::support::harness::Sandbox;

/// A running job.
pub struct Runner<'a> {
    sandbox: &'a Sandbox,
    /// The job's own variables, and those that steps handed on.
    pub variables: BTreeMap<String, String>,
    /// The outputs of the last step.
    pub outputs: BTreeMap<String, String>,
    masks: Vec<String>,
    /// What its log shows.
    pub log: String,
    steps: usize,
}

impl<'a> Runner<'a> {
    pub fn new(sandbox: &'a Sandbox, variables: BTreeMap<String, String>) -> Self {
        Self {
            sandbox,
            variables,
            outputs: BTreeMap::new(),
            masks: Vec::new(),
            log: String::new(),
            steps: 0,
        }
    }

    /// Runs one step, and gives its status.
    pub fn step(&mut self, script: &str) -> i32 {
        self.step_with(script, &BTreeMap::new())
    }

    /// The same for a step with variables of its own.
    pub fn step_with(&mut self, script: &str, own: &BTreeMap<String, String>) -> i32 {
        self.steps += 1;
        let folder = format!("_temp/{}", self.steps);
        let file = self.sandbox.write(&format!("{folder}/env"), "");
        let outputs = self.sandbox.write(&format!("{folder}/output"), "");
        let script = self.sandbox.write(&format!("{folder}/script.sh"), script);
        // Where a step names no shell.
        let run = self.sandbox.run(["-e".into(), script]).program("/bin/bash");
        let run = self
            .variables
            .iter()
            .chain(own)
            .fold(run, |run, (name, value)| run.env(name, value));
        let run = run.env("GITHUB_ACTIONS", "true").env("GITHUB_ENV", &file);
        let run = run.env("GITHUB_OUTPUT", &outputs);
        let outcome = run.outcome();
        for line in outcome.text().split('\n').chain(outcome.stderr.split('\n')) {
            self.line(line.strip_suffix('\r').unwrap_or(line));
        }
        self.hand_on(&file);
        self.outputs = handed_on(&fs::read_to_string(outputs).unwrap());
        outcome.status
    }

    fn line(&mut self, line: &str) {
        if let Some(data) = line.trim_start().strip_prefix("::add-mask::") {
            let data = data.replace("%0D", "\r").replace("%0A", "\n");
            let data = data.replace("%25", "%");
            let lines = data.split(['\r', '\n']).chain([data.as_str()]);
            let masks = lines.filter(|mask| !mask.trim().is_empty());
            self.masks.extend(masks.map(str::to_owned));
            self.masks.sort_by_key(|mask| std::cmp::Reverse(mask.len()));
            return;
        }
        let hidden = self
            .masks
            .iter()
            .fold(line.to_owned(), |line, mask| line.replace(mask, "***"));
        self.log += &hidden;
        self.log.push('\n');
    }

    fn hand_on(&mut self, file: &PathBuf) {
        let text = fs::read_to_string(file).unwrap();
        self.variables.extend(handed_on(&text));
    }
}

/// The variables that the runner reads from the text of `GITHUB_ENV`.
///
/// # Panics
///
/// Where it would fail the step.
#[track_caller]
pub fn handed_on(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = text;
    while let Some((line, tail)) = next_line(rest) {
        rest = tail;
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        match (equals, heredoc) {
            _ if line.is_empty() => {}
            (equals, Some(at)) if equals.is_none_or(|equals| at < equals) => {
                let (name, delimiter) = (&line[..at], &line[at + 2..]);
                assert!(!name.is_empty() && !delimiter.is_empty(), "invalid format");
                let value = rest;
                let mut length = 0;
                loop {
                    let (line, tail) = next_line(rest).expect("a matching delimiter");
                    assert!(line.len() < rest.len(), "a new line behind the delimiter");
                    rest = tail;
                    if line == delimiter {
                        break;
                    }
                    length = value.len() - tail.len() - 1;
                }
                all.insert(name.to_owned(), value[..length].to_owned());
            }
            (Some(at), _) => {
                all.insert(line[..at].to_owned(), line[at + 1..].to_owned());
            }
            _ => panic!("invalid format"),
        }
    }
    all
}

/// The first line without its newline, and the rest.
fn next_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    Some(text.split_once('\n').unwrap_or((text, "")))
}
