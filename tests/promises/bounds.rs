//! A small secret takes little memory and time, whatever it says.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::harness::{PROGRAM, Sandbox};

/// The most that reading any of these secrets may take, debug build and all.
const MEMORY_KIB: usize = 500_000;
const TIME: Duration = Duration::from_secs(30);

/// Runs `exec` under a limit of memory; what it said, and its status.
#[track_caller]
fn bounded(sandbox: &Sandbox, args: &str) -> (i32, String) {
    run_bounded(sandbox, &format!("exec {args} -- true"))
}

#[track_caller]
fn run_bounded(sandbox: &Sandbox, args: &str) -> (i32, String) {
    let script = format!("ulimit -v {MEMORY_KIB}; exec '{PROGRAM}' {args}");
    let start = Instant::now();
    let outcome = sandbox.shell(&script).outcome();
    assert!(start.elapsed() < TIME, "{args}: {:?}", start.elapsed());
    (outcome.status, outcome.stderr)
}

fn fields(count: usize, value: &str) -> String {
    let fields: Vec<String> = (0..count).map(|n| format!("\"{n}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

#[test]
fn a_long_name_over_many_fields_is_an_error_and_neither_memory_nor_time() {
    let sandbox = Sandbox::local();
    for (name, secret) in [
        // What once took 1.9 GB and 17 s.
        (
            "long",
            format!("{{\"{}\":{}}}", "n".repeat(60_000), fields(8_000, "1")),
        ),
        ("just over", format!("{{\"{}\":1}}", "n".repeat(4_097))),
        ("wide", format!("{{\"{}\":1}}", "é".repeat(4_097))),
        ("deep", {
            let step = "n".repeat(80);
            format!("{}1{}", format!("{{\"{step}\":").repeat(60), "}".repeat(60))
        }),
    ] {
        sandbox.put("s", secret);
        let (status, said) = bounded(&sandbox, "s");
        assert_eq!(status, 125, "{name}");
        assert!(
            said.contains("bytes long; the limit is 4096"),
            "{name}: {said}"
        );
        assert!(said.len() < 900, "{name}: {}", said.len());
    }
    let (status, said) = bounded(&sandbox, "--only 'DB_*' s");
    assert_eq!(
        (status, said.contains("the limit is 4096")),
        (125, true),
        "{said}"
    );
}

#[test]
fn names_of_more_than_16_mib_together_are_an_error() {
    let sandbox = Sandbox::local();
    for secret in [
        format!("{{\"{}\":{}}}", "n".repeat(4_080), fields(8_000, "1")),
        format!("{{\"{}\":{}}}", "n".repeat(4_080), fields(8_000, "null")),
        format!("{{\"{}\":[{}1]}}", "n".repeat(4_080), "1,".repeat(8_000)),
    ] {
        sandbox.put("s", secret);
        for options in ["s", "s --only X", "s --except '*'"] {
            let (status, said) = bounded(&sandbox, &format!("--arrays index {options}"));
            assert_eq!(status, 125);
            assert!(
                said.contains("add up to more than 16777216 bytes"),
                "{said}"
            );
        }
    }
    // A prefix of the user's own counts like any other part.
    sandbox.put("t", fields(9_000, "1"));
    let prefix = "P".repeat(4_000);
    let (_, said) = bounded(&sandbox, &format!("t --prefix {prefix}"));
    assert!(
        said.contains("add up to more than 16777216 bytes"),
        "{said}"
    );
}

#[test]
fn sixty_four_levels_and_many_elements_take_time_and_memory_by_their_size() {
    let sandbox = Sandbox::local();
    let nested = |levels: usize, inner: &str| {
        format!("{}{inner}{}", "{\"a\":".repeat(levels), "}".repeat(levels))
    };
    let long_path = || {
        let many = "[],".repeat(100_000);
        format!("{{\"{}\":[{many}[]]}}", "~".repeat(60_000))
    };
    for (secret, options, status) in [
        (nested(63, &fields(20_000, "\"\"")), "--only X*", 125),
        (nested(62, &fields(20_000, "{}")), "", 0),
        (nested(64, "{}"), "", 125),
        (
            format!("{{\"list\":[{}1]}}", "1,".repeat(150_000)),
            "--arrays index --only LIST_7",
            0,
        ),
        (long_path(), "--except '*'", 125),
        (long_path(), "--arrays index", 0),
        (
            format!(
                "{{\"{}\":{{\"a\":{}}}}}",
                "n".repeat(60_000),
                fields(50_000, "{}")
            ),
            "",
            0,
        ),
    ] {
        sandbox.put("s", &secret);
        let (given, said) = bounded(&sandbox, &format!("s {options}"));
        assert_eq!(given, status, "{options}: {said}");
        let is_deep = secret == nested(64, "{}");
        assert_eq!(said.contains("deeper than 64 levels"), is_deep, "{said}");
    }
}

#[test]
fn diff_has_the_same_limits() {
    let sandbox = Sandbox::local();
    let of = |value: &str| format!("{{\"{}\":{}}}", "n".repeat(60_000), fields(8_000, value));
    for (name, secret) in [
        ("a", of("1")),
        ("b", of("2")),
        ("c", of("1") + "\n"),
        ("d", "{}".to_owned()),
    ] {
        sandbox.put(name, secret);
    }
    for other in ["b", "d"] {
        let (status, said) = run_bounded(&sandbox, &format!("diff a {other}"));
        assert_eq!(status, 5);
        assert!(
            said.contains("add up to more than 16777216 bytes"),
            "{said}"
        );
    }
    assert_eq!(
        run_bounded(&sandbox, "diff a c --exit-code"),
        (0, String::new())
    );
}

#[test]
fn the_limit_of_memory_is_one_that_a_start_can_live_with() {
    let limited = Command::new("/bin/sh")
        .args([
            "-c",
            &format!("ulimit -v {MEMORY_KIB}; '{PROGRAM}' --version"),
        ])
        .output()
        .unwrap();
    assert!(limited.status.success());
}

#[test]
fn what_never_ends_is_refused_once_one_byte_more_than_the_limit_is_read() {
    let sandbox = Sandbox::local();
    sandbox.put("o", "{}");
    // Six bytes each in JSON, so too large only there.
    sandbox.write("controls", vec![1; 3_000_000]);
    for (args, more, most) in [
        ("set o f /dev/zero", "the value is larger than", 70_000),
        (
            "set o f /dev/zero --json",
            "the value is larger than",
            70_000,
        ),
        ("set o f controls", "`o` would have 18000002 bytes", 40_000),
        ("put p /dev/zero", "`p` would have", 100_000),
        (
            "import /dev/zero --format dotenv",
            "it is larger than",
            70_000,
        ),
    ] {
        let all: Vec<&str> = args.split(' ').chain(["--max-size=16000000"]).collect();
        let start = Instant::now();
        let mut running = sandbox.run(all).stderr_has(more).spawn();
        let mut peak = 0;
        while running.is_running() {
            peak = running.peak().unwrap_or(peak);
            thread::sleep(Duration::from_millis(1));
        }
        running.status(2);
        assert!(peak < most, "{args}: {peak} KiB");
        assert!(start.elapsed() < TIME, "{args}: {:?}", start.elapsed());
    }
    // The newline that is dropped does not count, and what just fits is set.
    let set = |value: &str| {
        let args = ["set", "o", "f", "--max-size", "16"];
        sandbox.run(args).stdin(value).outcome().status
    };
    let given = [
        "12345678\n",
        "12345678\r\n",
        "123456789",
        "\"\"\"\"\"",
        "12345678\n\n",
    ];
    assert_eq!(given.map(set), [0, 0, 2, 2, 2]);
}
