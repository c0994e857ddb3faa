//! The main job in one command, with no setup and no AWS.
//!
//! Creates a local store in a folder next to this program, puts a nested JSON secret into
//! it, and starts a command with that secret. This program runs itself again under the
//! name `lazycred` to act as the command line.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

const SECRET: &str = r#"{"db": {"host": "db.internal", "port": 5432}, "api-token": "hunter2"}"#;

/// The command: prints the variables it sees and which process it is.
const SHOW: &str = "\
env | grep -E '^(DB_|API_)' | sort
echo \"the command is process $$, $(readlink /proc/$$/exe)\"";

fn main() -> ExitCode {
    let mut args = std::env::args_os().peekable();
    if args.peek().is_some_and(|name| name == "lazycred") {
        return lazycred::cli::main(args);
    }
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("the quickstart failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn show() -> Result<(), Box<dyn Error>> {
    let program = std::env::current_exe()?;
    let home = tempfile::tempdir_in(program.parent().ok_or("the program has no parent folder")?)?;
    println!("$ lazycred init --local");
    finish(lazycred(home.path(), &["--quiet", "init", "--local"])?, "")?;
    println!("$ echo '{SECRET}' | lazycred put db_credentials");
    finish(
        lazycred(home.path(), &["--quiet", "put", "db_credentials"])?,
        SECRET,
    )?;
    println!("$ lazycred exec db_credentials -- sh -c '...'");
    let mut command = lazycred(
        home.path(),
        &["exec", "db_credentials", "--", "sh", "-c", SHOW],
    )?;
    let started = command.stdin(Stdio::null()).spawn()?;
    println!(
        "started lazycred as process {}. The command saw:",
        started.id()
    );
    let ended = started.wait_with_output()?;
    print!("{}", String::from_utf8_lossy(&ended.stdout));
    println!("Same process, different program: lazycred has become the command.");
    if ended.status.success() {
        Ok(())
    } else {
        Err(format!("the command ended with {}", ended.status).into())
    }
}

/// This program as `lazycred`, with its own home folder.
fn lazycred(home: &Path, args: &[&str]) -> Result<Command, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg0("lazycred")
        .args(args)
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    Ok(command)
}

fn finish(mut command: Command, input: &str) -> Result<(), Box<dyn Error>> {
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let status = child.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("lazycred ended with {status}").into())
    }
}
