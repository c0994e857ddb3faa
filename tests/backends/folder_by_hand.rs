//! What somebody put into the folder of a store by hand.

use std::fs;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixListener;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::support::harness::Sandbox;

#[test]
fn no_write_replaces_a_pipe_or_socket() {
    let sandbox = Sandbox::local();
    sandbox.put("a", r#"{"f": 1}"#);
    let folder = sandbox.home().join("secrets");
    fs::create_dir(folder.join("web")).unwrap();
    mkfifo(&folder.join("ff"), Mode::S_IRWXU).unwrap();
    mkfifo(&folder.join("web/ff"), Mode::S_IRWXU).unwrap();
    // A path that a socket can have is short.
    let opened = fs::File::open(&folder).unwrap();
    let short = format!("/proc/self/fd/{}/sock", opened.as_raw_fd());
    let _listener = UnixListener::bind(short).unwrap();
    for name in ["ff", "web/ff", "sock"] {
        let path = folder.join(name);
        let said = format!(
            "`{name}` cannot be stored: `{}` is not a regular file",
            path.display()
        );
        for command in [
            vec!["put", name],
            vec!["put", name, "--no-verify"],
            vec!["cp", "a", name],
            vec!["cp", "a", name, "--replace"],
            vec!["mv", "a", name],
        ] {
            let run = sandbox.run(&command).stdin("x");
            run.stderr_has(&said).status(2);
        }
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        assert!(kind.is_fifo() || kind.is_socket(), "{name}");
        sandbox.run(["get", name]).fails(3);
    }
    sandbox.run(["get", "a"]).stdout(r#"{"f": 1}"#).ok();
    sandbox.run(["list"]).stdout("a\n").ok();
}

#[test]
fn a_name_that_could_not_be_brought_back_is_not_removed() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let record = sandbox.read("secrets/a").unwrap();
    for (length, refused) in [(240, false), (241, true), (250, true), (255, true)] {
        let name = "n".repeat(length);
        let path = format!("secrets/{name}");
        sandbox.write(&path, &record);
        let outcome = sandbox.run(["rm", &name]).outcome();
        let there = sandbox.read(&path).is_some();
        assert_eq!(
            (outcome.status, there),
            if refused { (2, true) } else { (0, false) },
            "{outcome}"
        );
        let said = "a part of its name is too long";
        assert_eq!(outcome.stderr.contains(said), refused, "{outcome}");
    }
}

#[test]
fn a_damaged_record_is_removed_without_the_promise_that_it_can_be_brought_back() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "x");
    let record = sandbox.read("secrets/a").unwrap();
    for damaged in [&b"no record"[..], b"", &record[..record.len() - 3], b"{}"] {
        sandbox.write("secrets/a", damaged);
        let outcome = sandbox.run(["rm", "a"]).any_stdout().any_stderr().ok();
        let said = "removed a, whose damaged record is kept as version `";
        let version = outcome
            .stderr
            .strip_prefix(said)
            .and_then(|rest| rest.strip_suffix("`\n"));
        let version = version.unwrap_or_else(|| panic!("{outcome}"));
        sandbox.run(["rollback", "a", "--to", version]).fails(4);
    }
}

#[test]
fn a_folder_that_was_moved_still_opens() {
    let sandbox = Sandbox::local();
    let settings = r#"{"s3_path": "file:secrets/", "key_alias": "local:dev", "format": 2}"#;
    sandbox.write(".lazycred", settings);
    sandbox.put("a", "one");
    let [at, moved] = ["secrets", "elsewhere"].map(|name| sandbox.home().join(name));
    std::fs::rename(&at, &moved).unwrap();
    let elsewhere = ["--s3-path", "file:elsewhere/", "--key-alias", "local:dev"];
    let get = sandbox.run(["get", "a"].iter().chain(&elsewhere));
    get.stdout("one").ok();
}

#[test]
fn a_record_larger_than_the_limit_is_refused_before_it_is_parsed() {
    let sandbox = Sandbox::local();
    let limit = 3000 / 3 * 4 + (64 << 10);
    for (size, why) in [
        (limit, "not a JSON object"),
        (limit + 1, "larger than 69536 bytes"),
    ] {
        sandbox.write("secrets/a", vec![b'x'; size]);
        let get = sandbox.run("get a --max-size 3000");
        get.stderr_has(why).status(4);
    }
}
