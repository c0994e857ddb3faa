//! The system calls that are made before the command runs.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{ALIAS, FakeAws, PROGRAM, S3_PATH, Sandbox, full, place, store};

/// Those that are made, and what a busy machine adds. All are in systemd's `@system-service`
/// and in Docker's default profile: a filter kills a program that makes any other.
#[rustfmt::skip]
const MADE: [&str; 67] = [
    "access", "arch_prctl", "brk", "clock_gettime", "clock_nanosleep", "clone", "clone3", "close", "connect",
    "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "execve", "exit", "exit_group",
    "faccessat", "fcntl", "fstat", "futex", "getcwd", "getegid", "geteuid", "getgid", "getpeername", "getpid",
    "getrandom", "getsockname", "getsockopt", "gettid", "getuid", "ioctl", "lseek", "madvise", "mmap", "mprotect",
    "mremap", "munmap", "newfstatat", "openat", "poll", "ppoll", "prctl", "pread64", "prlimit64", "read", "readlink",
    "readlinkat", "recvfrom", "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sched_getaffinity", "sched_yield", "sendto", "set_robust_list", "set_tid_address", "setsockopt", "shutdown",
    "sigaltstack", "socket", "statx", "write", "writev",
];

#[test]
fn a_filter_of_system_calls_for_services_lets_the_command_run() {
    let Some(strace) = full::tool("strace") else {
        return;
    };
    let aws = FakeAws::start();
    store(&aws, &place("db"), br#"{"A": "b"}"#, 1);
    let sandbox = Sandbox::aws(&aws.url(), S3_PATH, ALIAS);
    let trace = sandbox.work().join("trace");
    let mut words = vec!["-qq", "-f", "-o", trace.to_str().unwrap(), PROGRAM];
    words.extend(["exec", "db", "--", "/bin/true"]);
    let outcome = sandbox.run(words).program(strace).any_stderr().outcome();
    if outcome.status != 0 && outcome.stderr.contains("ptrace") {
        return full::or_skip("strace", "nothing may be traced here");
    }
    assert_eq!(outcome.status, 0, "{outcome}");
    let trace = fs::read_to_string(trace).unwrap();
    let lines = trace
        .lines()
        .map(|line| line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()));
    let before = lines.take_while(|line| !line.starts_with("execve(\"/bin/true\""));
    let calls = before.filter_map(|line| line.split_once('('));
    let is_name = |name: &&str| {
        name.bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
    };
    let made: BTreeSet<&str> = calls.map(|(name, _)| name).filter(is_name).collect();
    assert!(
        made.contains("connect") && made.contains("openat"),
        "{made:?}"
    );
    let known = BTreeSet::from(MADE);
    let others: Vec<_> = made.difference(&known).collect();
    assert!(
        others.is_empty(),
        "does `systemd-analyze syscall-filter @system-service` have {others:?}?"
    );
}
