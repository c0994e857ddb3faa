//! The published Python package, lazycred 0.2.3, as an oracle.
//!
//! One process of `python/original.py batch` serves the whole test process.
//! Nothing of the package is here: pip fetches it, and it runs unchanged on
//! Python 2.7, or through 2to3 on 3.11 or 3.10. Configuration files and our own
//! environment do not reach it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Moto;
use super::install::{self, Installed, Outcome};
use crate::support::full;

/// The package, running.
pub struct Original {
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

/// One thing to have it do.
enum Step<'a> {
    Get { name: &'a str },
    Put { name: &'a str, value: &'a [u8] },
}

/// What it did.
struct Answer {
    /// `put` gave True, or `get` gave a value.
    done: bool,
    /// What `get` gave.
    value: Option<Vec<u8>>,
    /// What the package logged meanwhile.
    log: Vec<String>,
}

impl Original {
    /// The one of this test process, or `None` after [`full::or_skip`].
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Original, String>> = OnceLock::new();
        full::once(&SHARED, "moto", Self::start)
    }

    /// What the package reads: `Ok(None)` where there is no such object.
    ///
    /// # Errors
    ///
    /// What it logged, where it gives nothing for another reason.
    pub fn get(
        &self,
        moto: &Moto,
        s3_path: &str,
        key_alias: &str,
        name: &str,
    ) -> Result<Option<Vec<u8>>, String> {
        Self::found(self.step(moto, s3_path, key_alias, &Step::Get { name })?)
    }

    /// The same by the `.lazycred` of a folder.
    ///
    /// # Errors
    ///
    /// As [`Self::get`].
    pub fn get_in(
        &self,
        moto: &Moto,
        folder: &Path,
        name: &str,
    ) -> Result<Option<Vec<u8>>, String> {
        let place = format!("127.0.0.1:{}", moto.port());
        let command = json!({
            "do": "get", "s3": place, "kms": place, "folder": folder.to_str(), "name": name,
        });
        Self::found(self.ask(&command)?)
    }

    fn found(answer: Answer) -> Result<Option<Vec<u8>>, String> {
        let missing = answer
            .log
            .iter()
            .any(|line| line.contains("<Code>NoSuchKey<"));
        match answer.value {
            None if !missing => Err(answer.log.join("; ")),
            value => Ok(value),
        }
    }

    /// Has the package store a value.
    ///
    /// # Errors
    ///
    /// What it logged: also where it reports success, as it does when KMS failed.
    pub fn put(
        &self,
        moto: &Moto,
        s3_path: &str,
        key_alias: &str,
        name: &str,
        value: &[u8],
    ) -> Result<(), String> {
        let answer = self.step(moto, s3_path, key_alias, &Step::Put { name, value })?;
        if answer.done && answer.log.is_empty() {
            Ok(())
        } else {
            Err(answer.log.join("; "))
        }
    }

    fn step(
        &self,
        moto: &Moto,
        s3_path: &str,
        key_alias: &str,
        step: &Step,
    ) -> Result<Answer, String> {
        let place = format!("127.0.0.1:{}", moto.port());
        let mut command = json!({
            "s3": place, "kms": place, "s3_path": s3_path, "key_alias": key_alias,
        });
        match step {
            Step::Get { name } => {
                command["do"] = "get".into();
                command["name"] = (*name).into();
            }
            Step::Put { name, value } => {
                command["do"] = "put".into();
                command["name"] = (*name).into();
                command["value"] = STANDARD.encode(value).into();
            }
        }
        self.ask(&command)
    }

    fn ask(&self, command: &Value) -> Result<Answer, String> {
        let mut line = String::new();
        {
            let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = writeln!(pipes.0, "{command}").and_then(|()| pipes.1.read_line(&mut line));
            asked.map_err(|error| error.to_string())?;
        }
        let answer: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        let lines = answer["log"].as_array().into_iter().flatten();
        Ok(Answer {
            done: answer["done"] == true,
            value: answer["value"]
                .as_str()
                .map(|value| STANDARD.decode(value).unwrap()),
            log: lines
                .filter_map(|line| Some(line.as_str()?.to_owned()))
                .collect(),
        })
    }

    /// A program of `tests/support/python` that can import the package, to be started
    /// with more arguments; `None` after [`full::or_skip`].
    pub fn program(name: &str) -> Option<Command> {
        let command = Self::command(name);
        let reason = command.as_ref().err().map(ToString::to_string);
        if let Some(reason) = reason {
            full::or_skip("lazycred 0.2.3", &reason);
        }
        command.ok()
    }

    fn command(name: &str) -> Outcome<Command> {
        full::refused()?;
        let (python, installed) = match on_python_2() {
            Ok(installed) => ("2.7", installed),
            Err(first) => {
                let second = on_python_3().map_err(|second| format!("{first}; {second}"));
                ("3", second?)
            }
        };
        let mut command = install::clean(&installed.program);
        command.args(["-W", "ignore"]);
        command.arg("-B").arg(install::sources().join(name));
        command.envs([
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("BOTO_CONFIG", "/dev/null"),
        ]);
        if python == "2.7" {
            command.env("PYTHONPATH", &installed.folder);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(command)
    }

    fn start() -> Outcome<Self> {
        let mut child = Self::command("original.py")?.arg("batch").spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (stdin, stdout) = pipes.ok_or("no pipes to the original")?;
        Ok(Self {
            pipes: Mutex::new((stdin, BufReader::new(stdout))),
        })
    }
}

fn on_python_2() -> Outcome<Installed> {
    let list = install::sources().join("original-2.7.txt");
    let recipe = fs::read_to_string(&list)?;
    install::once("test-original-2.7", &recipe, |folder| {
        let probe = "import sys, pip; sys.exit(sys.version_info[:2] != (2, 7))";
        let python = install::python(&["2.7"], probe)?;
        let (list, into) = (utf8(&list)?, utf8(folder)?);
        install::pip(
            &python,
            folder,
            &["--no-deps", "--target", into, "-r", list],
        )?;
        Ok(python)
    })
}

fn on_python_3() -> Outcome<Installed> {
    let list = install::sources().join("original-3.txt");
    let recipe = fs::read_to_string(&list)?;
    install::once("test-original-3", &recipe, |folder| {
        let probe = "import sys, venv, ensurepip, lib2to3; sys.exit(sys.version_info >= (3, 12))";
        let base = install::python(&["3.11", "3.10"], probe)?;
        let python = install::virtual_environment(&base, folder)?;
        install::pip(&python, folder, &["--no-deps", "-r", utf8(&list)?])?;
        let unbuilt = [
            "--no-deps",
            "--no-compile",
            "--no-build-isolation",
            "lazycred==0.2.3",
        ];
        install::pip(&python, folder, &unbuilt)?;
        let package = fs::read_dir(folder.join("lib"))?;
        let package = package
            .flatten()
            .map(|entry| entry.path().join("site-packages/lazycred"));
        let mut translate = install::clean(&python);
        translate
            .args(["-W", "ignore", "-m", "lib2to3", "-w", "-n"])
            .args(package);
        install::finish(&mut translate, folder)?;
        Ok(PathBuf::from("bin/python"))
    })
}

fn utf8(path: &Path) -> Outcome<&str> {
    path.to_str()
        .ok_or_else(|| "a path that is not UTF-8".into())
}
