//! Starts the program with its environment, secrets and files.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;

use super::live::Live;
use super::record;
use super::{Backing, Outcome, Run, Running, S3_PATH};
use crate::support::fake_aws::{ALIAS, Context, FakeAws, REGION};

/// The fake credentials' secret half: it must never be seen.
pub const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

impl Run {
    /// The whole environment that it will have.
    pub fn environment(&mut self) -> BTreeMap<OsString, OsString> {
        let mut all = BTreeMap::new();
        let mut set = |name: &str, value: OsString| all.insert(name.into(), value);
        set("HOME", self.sandbox.home().into());
        set("PATH", "/usr/bin:/bin".into());
        if self.backing != Backing::Sandbox {
            set("AWS_EC2_METADATA_DISABLED", "true".into());
        }
        if self.backing == Backing::Aws {
            let aws = self.aws.get_or_insert_with(FakeAws::start);
            set("AWS_ENDPOINT_URL", aws.url().into());
            set("AWS_REGION", REGION.into());
            set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE".into());
            set("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.into());
            set("AWS_MAX_ATTEMPTS", "1".into());
            set("LAZYCRED_S3_PATH", S3_PATH.into());
            set("LAZYCRED_KEY_ALIAS", ALIAS.into());
        }
        all.extend(self.sandbox.variables().iter().cloned());
        for (name, value) in &self.changes {
            match value {
                Some(value) => all.insert(name.clone(), value.clone()),
                None => all.remove(name),
            };
        }
        all
    }

    /// Runs it, compares, and returns the result.
    #[track_caller]
    pub fn status(self, code: i32) -> Outcome {
        self.spawn().status(code)
    }

    /// The same for a run that a signal ends.
    #[track_caller]
    pub fn ended_by(self, signal: Signal) -> Outcome {
        self.spawn().ended_by(signal)
    }

    /// Runs it, and compares: it should succeed.
    #[track_caller]
    pub fn ok(self) -> Outcome {
        self.status(0)
    }

    /// The same with anything on standard output, and nothing on standard error.
    #[track_caller]
    pub fn gives(self) -> Outcome {
        self.any_stdout().stderr("").status(0)
    }

    /// The same for a run that should fail with any message.
    #[track_caller]
    pub fn fails(self, code: i32) -> Outcome {
        self.any_stderr().status(code)
    }

    /// Runs it without comparing anything; leaks are looked for.
    #[track_caller]
    pub fn outcome(self) -> Outcome {
        self.spawn().wait()
    }

    /// Starts it; dropping the returned [`Running`] kills it.
    #[track_caller]
    pub fn spawn(mut self) -> Running {
        let mut command = self.command();
        let before = self.aws.as_ref().map_or(0, |aws| aws.requests().len());
        let (terminal, stdout_file, stdin) = (self.terminal, self.stdout_file, self.stdin);
        let start = move || {
            if let Some(terminal) = terminal {
                return Live::at_terminal(&mut command, &terminal);
            }
            let stdout = stdout_file.map_or(Stdio::piped(), Stdio::from);
            command.process_group(0).stdout(stdout);
            Live::start(command.stderr(Stdio::piped()), stdin)
        };
        let live = match &self.network {
            Some(network) => network.inside(start),
            None => start(),
        };
        if !self.may_leak {
            self.sandbox.remember(&self.canaries);
        }
        Running {
            line: format!("{:?}", self.arguments),
            live,
            sandbox: self.sandbox,
            aws: self.aws,
            before,
            never: self.never,
            may_leak: self.may_leak,
            stdout: self.stdout,
            stderr: self.stderr,
        }
    }

    /// Sets everything up, and gives what would be started: for streams that a
    /// test arranges itself.
    #[track_caller]
    pub fn command(&mut self) -> Command {
        let environment = self.environment();
        self.set_up(&environment);
        let mut command = match &self.prelude {
            Some(shell) => {
                let mut command = Command::new("/bin/sh");
                command
                    .arg("-c")
                    .arg(format!("{shell}\nexec \"$0\" \"$@\""));
                command.arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        if let Some(name) = &self.arg0 {
            assert!(self.prelude.is_none(), "the shell decides the name");
            command.arg0(name);
        }
        let work = self.sandbox.work();
        let folder = self.cwd.as_ref();
        command
            .args(&self.arguments)
            .env_clear()
            .envs(&environment)
            .current_dir(folder.map_or(work.to_owned(), |folder| work.join(folder)));
        command
    }

    #[track_caller]
    fn set_up(&mut self, environment: &BTreeMap<OsString, OsString>) {
        let key = SECRET_ACCESS_KEY.as_bytes().to_vec();
        self.canaries.not_on_stderr.push(key);
        if self.backing == Backing::Folder {
            self.sandbox.make_local();
            let file = record::local_wrapping_key();
            self.canaries.nowhere.push(file.clone().into_bytes());
            for stored in &self.secrets {
                let wrap = |data_key: &[u8], context: &Context| {
                    self.canaries.nowhere.push(data_key.to_vec());
                    record::wrap_locally("dev", &file, data_key, context)
                };
                let record = stored.seal(&format!("file://{}", stored.name), wrap);
                let path = format!("secrets/{}", stored.name);
                self.sandbox.write(path, record);
            }
            for (path, bytes) in &self.records {
                self.sandbox.write(path, bytes);
            }
        } else if let Some(aws) = &self.aws {
            let path = environment.get(OsStr::new("LAZYCRED_S3_PATH"));
            let path = path.and_then(|path| path.to_str()).unwrap_or(S3_PATH);
            for stored in &self.secrets {
                stored.store(aws, &format!("{path}{}", stored.name), ALIAS);
            }
            for (place, bytes) in &self.records {
                aws.put_object(place, bytes);
            }
        }
        for (path, bytes) in &self.files {
            self.sandbox.write(path, bytes);
        }
    }
}
