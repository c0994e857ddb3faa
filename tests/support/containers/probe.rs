//! What a container's command sees: a static program without Rust's runtime,
//! which would set signals before `main`.

#![no_main]

use std::env::args;
use std::ffi::c_int;
use std::fs;
use std::io::Write as _;

const SIGTERM: c_int = 15;

unsafe extern "C" {
    fn pause() -> c_int;
    fn signal(signal: c_int, handler: extern "C" fn(c_int)) -> usize;
    fn _exit(status: c_int) -> !;
}

#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const u8) -> c_int {
    let words: Vec<String> = args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["tell"] => tell(),
        ["exit", status] => return status.parse().unwrap(),
        ["wait"] => wait(),
        ["read", variable] => read(variable),
        _ => panic!("tell, exit STATUS, wait, or read VARIABLE"),
    }
    0
}

/// Prints the process and everything that it was given.
fn tell() {
    println!("process {}", std::process::id());
    let status = fs::read_to_string("/proc/self/status").unwrap();
    for name in ["SigBlk", "SigIgn", "SigCgt"] {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        println!("{}", line.replace('\t', " "));
    }
    // The folder that is read is open too, and then is not.
    let open: Vec<_> = fs::read_dir("/proc/self/fd").unwrap().collect();
    let open = open.into_iter().map(|entry| entry.unwrap().path());
    let mut open: Vec<_> = open.filter(|path| path.exists()).collect();
    open.sort();
    println!("open {open:?}");
    let mut variables: Vec<_> = std::env::vars_os().collect();
    variables.sort();
    for (name, value) in variables {
        println!("{}={value:?}", name.display());
    }
}

/// Says that it waits, and ends by itself only when it is told to.
fn wait() {
    // SAFETY: the handler makes one call, which a handler may make.
    unsafe { signal(SIGTERM, end) };
    println!("waits");
    std::io::stdout().flush().unwrap();
    loop {
        // SAFETY: it waits for a signal, and does nothing else.
        unsafe { pause() };
    }
}

extern "C" fn end(signal: c_int) {
    // SAFETY: it may be called in a handler, and does not return.
    unsafe { _exit(128 + signal) }
}

/// Prints the file that a variable names, twice: it can be opened again.
fn read(variable: &str) {
    let path = std::env::var_os(variable).unwrap();
    for _ in 0..2 {
        let bytes = fs::read(&path).unwrap();
        std::io::stdout().write_all(&bytes).unwrap();
    }
    std::io::stdout().flush().unwrap();
}
