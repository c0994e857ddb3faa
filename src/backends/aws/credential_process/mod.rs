//! Credentials that a profile's `credential_process` prints.
//!
//! The command's input is empty, its standard error is ours, and it is killed when
//! the caller stops waiting. Its output is wiped, and appears in no message.
//!
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>.

mod child;

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, SystemTime};
use std::{io, thread};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use futures_util::future::{Either, select};
use nix::errno::Errno;
use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::unix::pipe::Receiver;
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

use crate::backends::aws::fault::CredentialsFault;
use crate::base::{OneLine, how_it_ended, shell_word};

/// The most output that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// How long to wait for the rest of its output after it exits. Its own children may
/// keep the pipe open for longer.
const GRACE: Duration = Duration::from_millis(200);

/// How long to wait before asking whether it has ended: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(16));

/// How often a killed command is asked for at most: it usually ends at once.
const LAST_PAUSES: u32 = 200;

/// One profile's command.
#[derive(Debug)]
pub(in crate::backends::aws) struct ProcessProvider {
    pub(in crate::backends::aws) profile: String,
    pub(in crate::backends::aws) command: Hidden,
    /// The profile's account.
    pub(in crate::backends::aws) account: Option<String>,
}

/// A command line. It may contain a secret, so `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::backends::aws) struct Hidden(pub(in crate::backends::aws) String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl ProvideCredentials for ProcessProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl ProcessProvider {
    async fn credentials(&self) -> provider::Result {
        let work = async {
            let output = run(&self.command.0).await?;
            parse(&output, self.account.as_deref(), SystemTime::now())
        };
        work.await.map_err(|what| {
            let (name, quoted) = (OneLine(&self.profile), shell_word(&self.profile));
            CredentialsFault::new(
                format!("the `credential_process` of the AWS profile `{name}` {what}"),
                format!("`aws configure get credential_process --profile {quoted}` shows the command; it must print {{\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}}"),
            ).into()
        })
    }
}

/// A running command, killed and waited for if it is dropped before it exits. If it is
/// a shell running a line, the line's processes are killed first.
///
/// Whether it has ended is asked again and again: to be told would take a handler for
/// SIGCHLD, and that belongs to whoever uses the library.
struct Started(Child);

impl Started {
    fn new(line: &str) -> io::Result<Self> {
        let spawn = |mut command: Command| command.spawn().map(Self);
        match spawn(child::of_line(line)) {
            Err(error) if error.raw_os_error() == Some(Errno::ENOEXEC as i32) => {
                spawn(child::of_line_by_shell(line))
            }
            started => started,
        }
    }

    /// How it ended, once it has.
    async fn ended(&mut self) -> io::Result<ExitStatus> {
        let (mut pause, longest) = PAUSES;
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Its id may be another process's once it has been waited for.
        let Ok(None) = self.0.try_wait() else {
            return;
        };
        child::end_what_a_shell_runs(self.0.id());
        self.0.kill().ok();
        for _ in 0..LAST_PAUSES {
            let Ok(None) = self.0.try_wait() else {
                return;
            };
            thread::sleep(PAUSES.0);
        }
    }
}

/// The output of the command, if it succeeds. Dropping the future kills it.
async fn run(command: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "cannot be started: command not found".to_owned(),
        _ => format!("cannot be started: {error}"),
    };
    let mut started = Started::new(command).map_err(cannot)?;
    let stdout = OwnedFd::from(started.0.stdout.take().expect("it is a pipe"));
    let stdout = Receiver::from_owned_fd(stdout).map_err(cannot)?;
    let mut output = Zeroizing::new(Vec::with_capacity(LONGEST));
    let ended = {
        let read = pin!(read(stdout, &mut output));
        match select(read, pin!(started.ended())).await {
            Either::Left((done, _)) => done.map(|()| None)?,
            Either::Right((ended, read)) => {
                timeout(GRACE, read).await.unwrap_or(Ok(()))?;
                Some(ended)
            }
        }
    };
    // Who has closed the output is about to end.
    let ended = match ended {
        Some(ended) => ended,
        None => started.ended().await,
    };
    match ended {
        Ok(status) if status.success() => Ok(output),
        Ok(status) => {
            let not_found = if status.code() == Some(127) {
                ": command not found"
            } else {
                ""
            };
            Err(format!("{}{not_found}", how_it_ended(status)))
        }
        // Where SIGCHLD is ignored, nobody knows how it ended: the output decides.
        Err(error) if error.raw_os_error() == Some(Errno::ECHILD as i32) => Ok(output),
        Err(error) => Err(format!("cannot be waited for: {error}")),
    }
}

/// Reads to the end, into memory that never moves.
async fn read(mut stdout: impl AsyncRead + Unpin, output: &mut Vec<u8>) -> Result<(), String> {
    loop {
        if output.len() == LONGEST {
            return Err(format!("printed more than {LONGEST} bytes"));
        }
        match stdout.read_buf(output).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(format!("cannot be read: {error}")),
        }
    }
}

/// The credentials in the output, which no error repeats.
fn parse(output: &[u8], account: Option<&str>, now: SystemTime) -> Result<Credentials, String> {
    if output.trim_ascii().is_empty() {
        return Err("printed nothing".into());
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(output).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("printed no JSON object: invalid at line {line}, column {column}")
    })?;
    let member = |wanted: &str| {
        let found = members
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found
            .map(|(_, raw)| raw.get())
            .filter(|text| *text != "null")
    };
    match member("Version") {
        Some("1") => {}
        Some(_) => return Err("printed a `Version` that is not 1".into()),
        None => return Err("printed no `Version`".into()),
    }
    let text = |name: &str| -> Result<Option<Zeroizing<String>>, String> {
        let Some(raw) = member(name) else {
            return Ok(None);
        };
        let text = unquoted(raw)
            .ok_or_else(|| format!("printed a value for `{name}` that is not a string"))?;
        if let Some(what) = super::variables::unfit(&text, name != "SecretAccessKey") {
            return Err(format!("printed a value for `{name}` that {what}"));
        }
        Ok((!text.is_empty()).then_some(text))
    };
    let needed = |name: &str| text(name)?.ok_or_else(|| format!("printed no `{name}`"));
    let mut builder = Credentials::builder().provider_name("CredentialProcess");
    builder = builder
        .access_key_id(std::mem::take(&mut *needed("AccessKeyId")?))
        .secret_access_key(std::mem::take(&mut *needed("SecretAccessKey")?));
    builder.set_session_token(text("SessionToken")?.map(|mut token| std::mem::take(&mut *token)));
    if let Some(expiration) = text("Expiration")? {
        let time = DateTime::from_str(&expiration, Format::DateTimeWithOffset).ok();
        let time = time.and_then(|time| SystemTime::try_from(time).ok());
        let time =
            time.ok_or("printed an `Expiration` that is not a time like 2026-08-22T14:03:11Z")?;
        if time <= now {
            return Err("printed credentials that have expired".into());
        }
        builder.set_expiry(Some(time));
    }
    let account = text("AccountId")?
        .map(|account| account.to_string())
        .or(account.map(str::to_owned));
    builder.set_account_id(account.map(Into::into));
    Ok(builder.build())
}

/// The text of a JSON string, in memory that is wiped. `serde_json` would unescape
/// it in a buffer that is not.
fn unquoted(raw: &str) -> Option<Zeroizing<String>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = Zeroizing::new(String::with_capacity(inner.len()));
    let mut rest = inner;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        text.push_str(plain);
        let length = match escaped.as_bytes().first()? {
            // A pair of surrogates is one character.
            b'u' if escaped.get(5..7) == Some("\\u") && is_surrogate(escaped) => 11,
            b'u' => 5,
            _ => 1,
        };
        let one = format!("\"\\{}\"", escaped.get(..length)?);
        text.push(serde_json::from_str(&one).ok()?);
        rest = &escaped[length..];
    }
    text.push_str(rest);
    Some(text)
}

fn is_surrogate(escaped: &str) -> bool {
    let unit = escaped
        .get(1..5)
        .and_then(|hex| u16::from_str_radix(hex, 16).ok());
    unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use nix::sys::signal::Signal;

    use super::*;
    use crate::base::test_support;

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    #[test]
    fn a_command_that_is_given_up_is_killed_and_leaves_no_zombie() {
        for line in ["sleep 600", "sleep 600; true", "true"] {
            let started = Started::new(line).unwrap();
            let process = format!("/proc/{}/stat", started.0.id());
            assert!(Path::new(&process).exists(), "{line}");
            drop(started);
            assert!(!Path::new(&process).exists(), "{line}");
        }
    }

    #[test]
    fn a_command_is_waited_for_without_a_handler_for_its_end() {
        let output = test_support::run(run("sleep 0.1; echo hunter2")).unwrap();
        assert_eq!(*output, *b"hunter2\n");
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        assert_eq!(caught & (1 << (Signal::SIGCHLD as u64 - 1)), 0, "{status}");
    }

    fn read_of(output: &str) -> Result<Credentials, String> {
        parse(
            output.as_bytes(),
            Some("111122223333"),
            SystemTime::UNIX_EPOCH + NOW,
        )
    }

    #[test]
    fn credentials_are_read_as_the_sdks_read_them() {
        let output = r#"{"version": 1, "ACCESSKEYID": "AK", "SecretAccessKey": "a\/b\u00e9\ud83d\ude00\"", "SessionToken": null, "Expiration": "2999-01-01T02:00:00+02:00", "More": [1]}"#;
        let credentials = read_of(output).unwrap();
        assert_eq!(credentials.access_key_id(), "AK");
        assert_eq!(credentials.secret_access_key(), "a/bé😀\"");
        assert_eq!(credentials.session_token(), None);
        assert!(credentials.expiry().is_some());
        assert_eq!(credentials.account_id().unwrap().as_str(), "111122223333");
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_of_it_is_shown() {
        let with = |more: &str| {
            format!(r#"{{"Version": 1, "AccessKeyId": "AK", "SecretAccessKey": "hunter2"{more}}}"#)
        };
        let table = r#"
            {"AccessKeyId": "hunter2"}                              | no `Version`
            {"Version": "1"}                                        | a `Version` that is not 1
            {"Version": 1}                                          | no `AccessKeyId`
            {"Version": 1, "AccessKeyId": ""}                       | no `AccessKeyId`
            {"Version": 1, "AccessKeyId": 7}         | a value for `AccessKeyId` that is not a string
            ["hunter2"]                                             | no JSON object
            "#;
        let rows = table.lines().filter_map(|row| row.split_once(" | "));
        let rows = rows.map(|(output, expected)| (output.trim().to_owned(), expected));
        for (output, expected) in rows.chain([
            (" \n".into(), "nothing"),
            (
                with(r#", "SessionToken": "é""#),
                "a value for `SessionToken` that contains a non-ASCII character",
            ),
            (
                with(r#", "Expiration": "hunter2""#),
                "an `Expiration` that is not a time",
            ),
            (with("hunter2"), "no JSON object"),
        ]) {
            let expected = format!("printed {expected}");
            let error = read_of(&output).unwrap_err();
            assert!(error.starts_with(&expected), "{output}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
