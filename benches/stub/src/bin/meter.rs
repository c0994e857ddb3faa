//! Runs commands in turn, A B A B, and says what each run took.
//!
//! Standard input is `{"rounds": N, "commands": [{"argv": [], "env": {}, "cwd": "", "status": 0}]}`;
//! standard output, for each command, a list of `{"wall", "cpu", "rss", "faults"}`, in
//! seconds, seconds, KiB and page faults that needed no disk. It is a small program of its own because a child's
//! peak memory counts what its parent had when it was started.

use std::error::Error;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let plan: Value = serde_json::from_reader(std::io::stdin())?;
    let commands = plan["commands"].as_array().ok_or("no commands")?;
    let mut results = vec![Vec::new(); commands.len()];
    for _ in 0..plan["rounds"].as_u64().ok_or("no rounds")? {
        for (command, results) in commands.iter().zip(&mut results) {
            results.push(run(command)?);
        }
    }
    println!("{}", json!(results));
    Ok(())
}

fn run(plan: &Value) -> Result<Value, Box<dyn Error>> {
    let argv = plan["argv"].as_array().ok_or("no argv")?;
    let mut words = argv.iter().filter_map(Value::as_str);
    let mut command = Command::new(words.next().ok_or("no program")?);
    command.args(words).env_clear().stdout(Stdio::null());
    for (name, value) in plan["env"].as_object().ok_or("no env")? {
        command.env(name, value.as_str().unwrap_or_default());
    }
    if let Some(folder) = plan["cwd"].as_str() {
        command.current_dir(folder);
    }
    match plan["stdin"].as_str() {
        Some(path) => command.stdin(File::open(path)?),
        None => command.stdin(Stdio::null()),
    };
    let started = Instant::now();
    let child = command.spawn()?;
    let (status, usage) = wait(i32::try_from(child.id())?)?;
    let wall = started.elapsed().as_secs_f64();
    if status.code().map(i64::from) != Some(plan["status"].as_i64().unwrap_or(0)) {
        return Err(format!("{argv:?}: {status}").into());
    }
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    Ok(json!({
        "wall": wall, "cpu": cpu, "rss": usage.ru_maxrss, "faults": usage.ru_minflt,
    }))
}

fn wait(child: i32) -> std::io::Result<(ExitStatus, libc::rusage)> {
    let mut status = 0;
    // SAFETY: an rusage is numbers only, for which zeros are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live values of the types that the call writes.
    if unsafe { libc::wait4(child, &raw mut status, 0, &raw mut usage) } != child {
        return Err(std::io::Error::last_os_error());
    }
    Ok((ExitStatus::from_raw(status), usage))
}
