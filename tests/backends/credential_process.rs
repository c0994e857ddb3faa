//! `credential_process`: how the command is run, and what is said where it
//! gives nothing.

use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::fake_aws::{Answer, FakeAws, record};
use crate::support::full;
use crate::support::harness::Sandbox;

/// Prints credentials of the id `FROMTOOL`.
const PRINTS: &str =
    r#"echo '{"Version": 1, "AccessKeyId": "FROMTOOL", "SecretAccessKey": "hunter2-hunter2"}'"#;

/// A server that takes the tool's credentials, and those of a role.
fn server() -> FakeAws {
    FakeAws::holding(record(b"x"), |request, operation| {
        let signed = request.header("authorization").unwrap_or_default();
        if request.service == "sts" {
            let is_taken = operation == "AssumeRole" && signed.contains("Credential=FROM");
            return Some(if is_taken {
                Answer::role(operation, "FROMROLE")
            } else {
                Answer::new(403, "")
            });
        }
        let is_other = !signed.contains("Credential=FROM");
        is_other.then(|| Answer::s3(403, "InvalidAccessKeyId", signed))
    })
}

/// A profile `tool` whose command is this script.
fn sandbox(server: &FakeAws, script: &str) -> Sandbox {
    let mut sandbox = Sandbox::aws(&server.url(), "acme/", "acme");
    sandbox.set("AWS_ACCESS_KEY_ID", "");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "");
    sandbox.set("AWS_PROFILE", "tool");
    let script = sandbox.program("tool.sh", format!("#!/bin/sh\n{script}\n"));
    sandbox.write(
        ".aws/config",
        format!(
            "[profile tool]\ncredential_process = {0}\n\
             [profile once]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = tool\n\
             [profile twice]\nrole_arn = arn:aws:iam::123456789012:role/b\nsource_profile = once\n\
             [profile itself]\nrole_arn = arn:aws:iam::123456789012:role/c\nsource_profile = itself\ncredential_process = {0}\n",
            script.display()
        ),
    );
    sandbox.never(b"hunter2-hunter2");
    sandbox
}

#[test]
fn it_gets_none_of_our_input_and_shares_our_stderr() {
    let server = server();
    let sandbox = sandbox(
        &server,
        &format!(
            "if read -r line; then echo \"took $line\" >&2; fi\necho 'touch the key' >&2\n{PRINTS}"
        ),
    );
    sandbox
        .run(["exec", "V=s", "--", "cat"])
        .stdin("for the command")
        .may_leak()
        .stdout("for the command")
        .stderr("touch the key\n")
        .ok();
}

#[test]
fn it_is_run_once_and_stays_in_our_process_group() {
    let server = server();
    let script = format!(
        "echo run >> runs\nps -o pgid= -p $$ > group 2>/dev/null || cut -d' ' -f5 /proc/$$/stat > group\ncut -d' ' -f5 /proc/$PPID/stat > ours\n{PRINTS}"
    );
    let sandbox = sandbox(&server, &script);
    sandbox.run(["get", "s"]).stdout("x").ok();
    let text = |file: &str| String::from_utf8(sandbox.read(file).unwrap()).unwrap();
    assert_eq!(text("runs"), "run\n", "for S3 and KMS together");
    assert_eq!(text("group").trim(), text("ours").trim());
}

#[test]
fn roles_are_assumed_with_what_it_gives() {
    let server = server();
    let sandbox = sandbox(&server, PRINTS);
    for profile in ["tool", "once", "twice", "itself"] {
        sandbox.prints(["get", "s", "--profile", profile], "x");
    }
    let assumed = server.operations();
    let assumed = assumed.iter().filter(|one| *one == "AssumeRole");
    assert_eq!(assumed.count(), 4);
}

#[test]
fn only_the_timeout_cuts_it_short_and_kills_it() {
    let server = server();
    let slow = sandbox(&server, &format!("sleep 7\n{PRINTS}"));
    let role = slow.run(["get", "s", "--timeout", "60", "--profile", "once"]);
    role.stdout("x").ok();

    let never = sandbox(&server, "echo $$ > pid\nexec sleep 600");
    let since = Instant::now();
    never.refuses("get s --timeout 1", 1, "timed out after 1 s");
    assert!(since.elapsed() < Duration::from_secs(20));
    is_gone(&never);
}

#[test]
fn it_ends_when_lazycred_is_killed() {
    let server = server();
    let sandbox = sandbox(&server, "echo $$ > pid\nexec sleep 600");
    let running = sandbox.run(["get", "s"]).spawn();
    while sandbox.read("pid").is_none_or(|pid| !pid.ends_with(b"\n")) {
        thread::sleep(Duration::from_millis(5));
    }
    running.send(Signal::SIGKILL);
    running.ended_by(Signal::SIGKILL);
    is_gone(&sandbox);
}

/// A profile `tool` whose command is this line itself.
fn sandbox_of_line(server: &FakeAws, line: &str) -> Sandbox {
    let sandbox = sandbox(server, "true");
    sandbox.program(
        "tool",
        "#!/bin/sh\necho $$ > pid.new\nmv pid.new pid\nexec sleep 600\n",
    );
    sandbox.write(
        ".aws/config",
        format!("[profile tool]\ncredential_process = {line}\n"),
    );
    sandbox
}

#[test]
fn the_timeout_kills_whatever_its_command_line_started() {
    let server = server();
    for line in [
        "./tool 'a; b'",
        "sh -c './tool; true'",
        "sh -c \"exec ./tool | cat\"",
        "FOO=1 BAR='a & b' ./tool",
        "./tool \"(x)\" a\\|b",
        "./tool 2>&1",
        "./tool; true",
        "true && ./tool && true",
        "(./tool)",
        "(true; ./tool; true); true",
        "./tool | cat",
        "if true; then ./tool; fi; true",
        "command ./tool",
    ] {
        let sandbox = sandbox_of_line(&server, line);
        sandbox.refuses("get s --timeout 2", 1, "timed out after 2 s");
        is_gone(&sandbox);
    }
}

#[test]
fn a_line_that_only_has_to_be_split_ends_when_lazycred_is_killed() {
    let server = server();
    for line in [
        "./tool 'a; b' \"c | d\" e\\&f",
        "FOO=1 ./tool",
        "./tool \"(x)\"",
        "./tool 'a; b' 2>/dev/null",
    ] {
        let sandbox = sandbox_of_line(&server, line);
        let running = sandbox.run(["get", "s"]).spawn();
        while sandbox.read("pid").is_none() {
            thread::sleep(Duration::from_millis(5));
        }
        running.send(Signal::SIGKILL);
        running.ended_by(Signal::SIGKILL);
        is_gone(&sandbox);
    }
}

#[test]
fn its_line_means_what_it_means_to_a_shell() {
    let server = server();
    let json = r#"{"Version": 1, "AccessKeyId": "FROMTOOL", "SecretAccessKey": "s;|&()<>*"}"#;
    for (line, with) in [
        (format!("./print '{json}'"), "-"),
        (format!("WITH='a b' ./print '{json}'"), "a b"),
        (format!("WITH=$HOME ./print '{json}' 2>/dev/null"), "HOME"),
        (format!("export WITH=x; ./print '{json}'"), "x"),
        (format!("./pri\\nt \"{}\"", json.replace('"', "\\\"")), "-"),
        (format!("./scr'ipt' '{json}'"), "-"),
        ("cat *.json".to_owned(), "-"),
        ("cat < it.json".to_owned(), "-"),
    ] {
        let sandbox = sandbox_of_line(&server, &line);
        let prints = "printf '%s' \"${WITH:--}\" > with\nprintf '%s\\n' \"$1\"\n";
        sandbox.program("print", format!("#!/bin/sh\n{prints}"));
        // It does not say what runs it, as a shell alone puts up with.
        sandbox.program("script", prints);
        sandbox.write("it.json", json);
        sandbox.run(["get", "s"]).stdout("x").ok();
        let found = sandbox.read("with").unwrap_or_else(|| b"-".to_vec());
        let found = String::from_utf8(found).unwrap();
        if with == "HOME" {
            assert!(found.starts_with('/'), "{line}: {found}");
        } else {
            assert_eq!(found, with, "{line}");
        }
    }
}

#[test]
fn a_missing_command_is_reported_as_not_found() {
    let server = server();
    for line in "no-such-tool a|/no/such/tool|no-such-tool a; exit 127".split('|') {
        let sandbox = sandbox_of_line(&server, line);
        sandbox.refuses("get s", 1, "command not found");
    }
}

/// The process whose id the script wrote down ends within moments.
#[track_caller]
fn is_gone(sandbox: &Sandbox) {
    let pid = String::from_utf8(sandbox.read("pid").unwrap()).unwrap();
    let pid: i32 = pid.trim().parse().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    let lives = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(") ").next().unwrap_or_default().chars().next();
        state.is_some_and(|state| state != 'Z') && kill(Pid::from_raw(pid), None).is_ok()
    };
    while lives() {
        assert!(Instant::now() < until, "{pid} still runs");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn its_background_processes_do_not_hold_up_the_read() {
    let server = server();
    let sandbox = sandbox(&server, &format!("sleep 30 2>/dev/null &\n{PRINTS}"));
    let since = Instant::now();
    sandbox.run(["get", "s"]).stdout("x").ok();
    assert!(since.elapsed() < Duration::from_secs(20));
}

#[test]
fn bad_output_is_explained_without_being_shown() {
    let server = server();
    let table = r#"true => printed nothing
        echo hunter2-hunter2 => printed no JSON object
        echo '{"Version": 3, "AccessKeyId": "hunter2-hunter2"}' => printed a `Version` that is not 1
        echo '{"Version": 1, "AccessKeyId": "hunter2-hunter2"}' => printed no `SecretAccessKey`
        printf '{"Version": 1, "AccessKeyId": "hunter2-hunter2\\r", "SecretAccessKey": "hunter2-hunter2"}' => printed a value for `AccessKeyId` that contains a control character
        echo '{"Version": 1, "AccessKeyId": "FROMTOOL", "SecretAccessKey": "hunter2-hunter2", "Expiration": "2020-01-01T00:00:00Z"}' => printed credentials that have expired
        echo hunter2-hunter2; exit 3 => exited with status 3
        kill -9 $$ => was killed by signal 9
        yes hunter2-hunter2 | head -c 100000 => printed more than 65536 bytes
        exec yes hunter2-hunter2 => printed more than 65536 bytes"#;
    for row in table.lines() {
        let (script, said) = row.trim().split_once(" => ").unwrap();
        let sandbox = sandbox(&server, script);
        let outcome = sandbox.run(["get", "s", "-vv"]).fails(1);
        let told = &outcome.stderr;
        let line = told.lines().find(|line| line.contains("lazycred: error:"));
        let line = line.unwrap_or_default();
        let whole = format!("the `credential_process` of the AWS profile `tool` {said}");
        assert!(line.contains(&whole), "{script}: {told}");
        let hint = "hint: `aws configure get credential_process --profile tool`";
        assert!(told.contains(hint), "{told}");
    }
}

#[test]
fn it_works_where_the_caller_ignores_its_children() {
    // Some shells cannot ignore this signal.
    let ignoring = ["--ignore-signal=CHLD", "true"];
    let probe = Command::new("env").args(ignoring).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        return full::or_skip("env --ignore-signal", "this `env` has no such option");
    }
    let ignoring = "exec env --ignore-signal=CHLD \"$0\" \"$@\"";
    let server = server();
    // The command itself may have children.
    let script = format!("grep SigIgn /proc/self/status > ignored\n{PRINTS}");
    for line in [
        "./tool.sh",
        "./tool.sh a 2>&1",
        "A=1 ./tool.sh",
        "./tool.sh; true",
    ] {
        let sandbox = sandbox_of_line(&server, line);
        sandbox.program("tool.sh", format!("#!/bin/sh\n{script}\n"));
        sandbox.run(["get", "s"]).after(ignoring).stdout("x").ok();
        let ignored = String::from_utf8(sandbox.read("ignored").unwrap()).unwrap();
        let ignored = u64::from_str_radix(ignored["SigIgn:".len()..].trim(), 16).unwrap();
        assert_eq!(ignored & (1 << 16), 0, "{line}");
    }
    // How it ended is unknown then, and what it printed decides.
    for line in ["no-such-tool a", "./no/such/tool", "exit 3", "./it.json"] {
        let sandbox = sandbox_of_line(&server, line);
        sandbox.write("it.json", "");
        let run = sandbox.run(["get", "s"]).after(ignoring);
        run.stderr_has("printed nothing").fails(1);
    }
    let never = sandbox(&server, "echo $$ > pid\nexec sleep 600");
    let run = never.run("get s --timeout 1").after(ignoring);
    run.stderr_has("timed out after 1 s").fails(1);
    is_gone(&never);
}
