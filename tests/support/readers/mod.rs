//! Programs and libraries that read what `export` writes, and what `import` takes.
//!
//! A reader gets many texts at once, in one process, and tells of each what
//! names and values it makes of it, or that it is wrong. Nothing here knows the
//! program under test. A reader that is not on this machine is named; those that
//! must be fetched or built are fetched under `LAZYCRED_TEST_FULL=1` only.

mod installed;
mod models;
mod shell;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::support::moto::install::{self, Outcome};

/// Names and values, in no order that means anything.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;
/// What a reader makes of one text.
pub type Answer = Result<Pairs, String>;

/// One of them.
pub struct Reader {
    pub name: &'static str,
    /// Whether it reads quoted values that span lines: Debian's ruby-dotenv does not.
    pub spans_lines: bool,
    /// Whether it reads bytes that are not UTF-8.
    pub takes_bytes: bool,
    how: How,
}

enum How {
    /// A program that answers in frames, and its arguments.
    Frames(PathBuf, Vec<PathBuf>),
    Shell(shell::Shell),
    /// Rules that are written down again here.
    Model(fn(&[u8]) -> Answer),
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Reader {
    fn new(name: &'static str, how: How) -> Self {
        Self {
            name,
            spans_lines: true,
            takes_bytes: false,
            how,
        }
    }

    /// What it makes of each text; all are read by one process.
    ///
    /// # Panics
    ///
    /// Where it cannot be run at all.
    #[track_caller]
    pub fn read_all(&self, texts: &[Vec<u8>]) -> Vec<Answer> {
        let answers = match &self.how {
            How::Frames(program, args) => frames(program, args, texts),
            How::Shell(shell) => shell::read_all(shell, texts),
            How::Model(read) => Ok(texts.iter().map(|text| read(text)).collect()),
        };
        let answers = answers.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        assert_eq!(answers.len(), texts.len(), "{}", self.name);
        answers
    }
}

/// Readers of `.env` files, shells by `.` among them.
pub fn dotenv() -> Vec<Reader> {
    let mut all = shell::all(shell::Way::Sourced);
    all.extend(installed::python("python-dotenv", "dotenv"));
    all.extend(installed::npm("npm's dotenv", "dotenv"));
    all.extend(installed::npm("npm's dotenv 16", "dotenv-16"));
    all.extend(installed::node("node's own", "node"));
    all.extend(installed::go("godotenv", "godotenv"));
    all.extend(installed::go("compose", "compose"));
    all.extend(installed::ruby_dotenv());
    all
}

/// Shells that are given a text by `eval`.
pub fn shells() -> Vec<Reader> {
    shell::all(shell::Way::Evaluated)
}

/// Readers of a mapping in YAML whose values are strings.
pub fn yaml() -> Vec<Reader> {
    let mut all = vec![Reader::new("saphyr", How::Model(models::saphyr))];
    all.extend(installed::python("PyYAML", "yaml"));
    all.extend(installed::python("libyaml", "libyaml"));
    all.extend(installed::python("ruamel.yaml", "ruamel"));
    all.extend(installed::npm("npm's yaml", "yaml"));
    all.extend(installed::npm("npm's yaml as of 1.1", "yaml-1.1"));
    all.extend(installed::npm("js-yaml", "js-yaml"));
    all.extend(installed::npm("js-yaml 4", "js-yaml-4"));
    all.extend(installed::go("yaml.v3", "yaml.v3"));
    all.extend(installed::go("goccy's go-yaml", "goccy"));
    all.extend(installed::go("sigs.k8s.io's yaml", "sigs"));
    all.extend(installed::ruby("psych", "psych"));
    all
}

/// Readers of any value in YAML: each gives it as JSON, the value of a pair
/// without a name.
pub fn yaml_as_json() -> Vec<Reader> {
    let mut all = installed::python("PyYAML", "yaml/json");
    all.extend(installed::python("libyaml", "libyaml/json"));
    all.extend(installed::python("ruamel.yaml", "ruamel/json"));
    all.extend(installed::npm("npm's yaml", "yaml/json"));
    all.extend(installed::npm("npm's yaml as of 1.1", "yaml-1.1/json"));
    all.extend(installed::npm("js-yaml", "js-yaml/json"));
    all.extend(installed::npm("js-yaml 4", "js-yaml-4/json"));
    all.extend(installed::ruby("psych", "psych/json"));
    all
}

/// Readers of an object in JSON whose members are strings.
pub fn json() -> Vec<Reader> {
    let mut all = vec![Reader::new("serde_json", How::Model(models::serde_json))];
    all.extend(installed::python("Python's json", "json"));
    all.extend(installed::node("node's JSON", "json"));
    all.extend(installed::go("Go's json", "json"));
    all.extend(installed::ruby("Ruby's json", "json"));
    all
}

/// Readers of a Kubernetes `Secret`: what its data is, decoded.
pub fn k8s() -> Vec<Reader> {
    let mut all = installed::python("PyYAML of a Secret", "k8s");
    all.extend(installed::go("sigs.k8s.io's yaml of a Secret", "k8s"));
    all
}

/// Readers of `docker run --env-file`.
pub fn docker() -> Vec<Reader> {
    let mut all = vec![Reader::new("docker's rules", How::Model(models::docker))];
    all.extend(installed::go("docker", "docker"));
    all
}

/// Readers of `EnvironmentFile=`.
pub fn systemd() -> Vec<Reader> {
    vec![Reader::new("systemd's rules", How::Model(models::systemd))]
}

/// Runs a program that answers in frames. It sees nothing of our environment,
/// and works in an empty folder.
fn frames(program: &Path, args: &[PathBuf], texts: &[Vec<u8>]) -> Outcome<Vec<Answer>> {
    let folder = crate::support::temporary::folder();
    let mut input = tempfile::tempfile()?;
    for text in texts {
        writeln!(input, "{}", text.len())?;
        input.write_all(text)?;
    }
    input.rewind()?;
    let (mut said, mut output) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut command = install::clean(program);
    command.args(args).current_dir(folder.path()).stdin(input);
    command
        .stdout(output.try_clone()?)
        .stderr(said.try_clone()?);
    let status = command.status()?;
    if !status.success() {
        let mut text = String::new();
        said.rewind()?;
        said.read_to_string(&mut text)?;
        return Err(format!("{status}: {text}").into());
    }
    let mut bytes = Vec::new();
    output.rewind()?;
    output.read_to_end(&mut bytes)?;
    let mut rest = &bytes[..];
    let mut answers = Vec::new();
    while !rest.is_empty() {
        let (length, tail) = cut(rest, b'\n').ok_or("no frame")?;
        let length: usize = std::str::from_utf8(length)?.parse()?;
        let (frame, tail) = tail.split_at_checked(length).ok_or("a frame is cut")?;
        answers.push(answer(frame)?);
        rest = tail;
    }
    Ok(answers)
}

fn answer(frame: &[u8]) -> Outcome<Answer> {
    match frame.split_first() {
        Some((b'+', pairs)) => Ok(Ok(nul_pairs(pairs))),
        Some((b'-', said)) => Ok(Err(String::from_utf8_lossy(said).into_owned())),
        _ => Err("an answer is neither".into()),
    }
}

/// `NAME=VALUE`s with a NUL behind each.
fn nul_pairs(bytes: &[u8]) -> Pairs {
    let entries = bytes.split(|byte| *byte == 0);
    let pairs = entries.filter_map(|entry| cut(entry, b'='));
    let owned = |(name, value): (&[u8], &[u8])| (name.to_vec(), value.to_vec());
    pairs.map(owned).collect()
}

/// What stands before and behind the first of a byte.
fn cut(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == at)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}
