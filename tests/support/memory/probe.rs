//! Holds the program at its end, and looks at all the memory that it can write to.
//!
//! It traces the program as a debugger does: from its first instruction until
//! it ends, or until it asks the system to become the command. The memory is
//! opened before the program closes itself to others of its user.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;

use nix::errno::Errno;
use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::needles::Needles;
use crate::support::{Outcome, Run, full};

/// Where a run is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// At its end, when nothing of it runs any more.
    AtEnd,
    /// When it asks to become the command.
    AtCommand,
}

/// What one part of the memory held.
struct Region {
    /// As /proc/PID/maps has it.
    line: String,
    start: usize,
    bytes: Vec<u8>,
}

/// All that could be written to.
pub struct Memory {
    regions: Vec<Region>,
    /// Where the stack that is in use ends.
    stack: usize,
}

/// Runs it, and gives its memory as it was when it was held; `None`, and a line
/// that says so, where the system lets nobody look.
#[track_caller]
pub fn held(run: Run, at: Held) -> Option<(Memory, Outcome)> {
    // The tracer comes while the shell waits, before the program is there.
    let running = run.after("kill -STOP $$").spawn();
    let pid = Pid::from_raw(i32::try_from(running.pid()).unwrap());
    let stopped = waitpid(pid, Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert_eq!(stopped, WaitStatus::Stopped(pid, Signal::SIGSTOP));
    let options = Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_TRACEEXIT
        | Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_EXITKILL;
    let seized = ptrace::seize(pid, options);
    kill(pid, Signal::SIGCONT).unwrap();
    if let Err(errno) = seized {
        lacking(errno);
        return None;
    }
    let memory = follow(pid, at);
    ptrace::detach(pid, None).unwrap();
    Some((memory, running.wait()))
}

fn lacking(errno: Errno) {
    full::or_skip("the program's memory", &format!("ptrace: {errno}"));
}

/// Follows it to where it is to be held.
#[track_caller]
fn follow(pid: Pid, at: Held) -> Memory {
    let mut view = None;
    let mut starting = true;
    loop {
        let mut signal = None;
        match waitpid(pid, Some(WaitPidFlag::__WALL)).unwrap() {
            WaitStatus::PtraceEvent(_, _, event) => {
                if event == Event::PTRACE_EVENT_EXEC as i32 {
                    view = Some(View::open(pid));
                } else if event == Event::PTRACE_EVENT_EXIT as i32 {
                    if at == Held::AtCommand {
                        ptrace::detach(pid, None).unwrap();
                        panic!("it ended before it became the command");
                    }
                    return view.expect("it was started").memory(stack_pointer(pid));
                }
            }
            WaitStatus::PtraceSyscall(_) => {
                // The call that started it returns first.
                if let Some(view) = &view
                    && !std::mem::take(&mut starting)
                    && becomes_another(pid)
                {
                    return view.memory(stack_pointer(pid));
                }
            }
            WaitStatus::Stopped(_, with) => signal = Some(with),
            other => panic!("{other:?}"),
        }
        match at {
            Held::AtEnd => ptrace::cont(pid, signal),
            Held::AtCommand => ptrace::syscall(pid, signal),
        }
        .unwrap();
    }
}

/// Whether the system call that it is at is execve.
fn becomes_another(pid: Pid) -> bool {
    let registers = ptrace::getregs(pid).unwrap();
    #[cfg(target_arch = "x86_64")]
    let call = registers.orig_rax;
    #[cfg(target_arch = "aarch64")]
    let call = registers.regs[8];
    i64::try_from(call) == Ok(nix::libc::SYS_execve)
}

fn stack_pointer(pid: Pid) -> usize {
    let registers = ptrace::getregs(pid).unwrap();
    #[cfg(target_arch = "x86_64")]
    let stack = registers.rsp;
    #[cfg(target_arch = "aarch64")]
    let stack = registers.sp;
    usize::try_from(stack).unwrap()
}

/// The memory of a program that has just started.
struct View {
    maps: File,
    memory: File,
}

impl View {
    #[track_caller]
    fn open(pid: Pid) -> Self {
        let open = |what| File::open(format!("/proc/{pid}/{what}")).unwrap();
        Self {
            maps: open("maps"),
            memory: open("mem"),
        }
    }

    #[track_caller]
    fn memory(&self, stack: usize) -> Memory {
        let mut maps = String::new();
        (&self.maps).read_to_string(&mut maps).unwrap();
        let mut regions = Vec::new();
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (range, rights) = (words.next().unwrap(), words.next().unwrap());
            if !rights.starts_with("rw") {
                continue;
            }
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|text| usize::from_str_radix(text, 16).unwrap());
            let mut bytes = vec![0; end - start];
            self.memory
                .read_exact_at(&mut bytes, start as u64)
                .unwrap_or_else(|error| panic!("{line}: {error}"));
            let line = line.to_owned();
            regions.push(Region { line, start, bytes });
        }
        Memory { regions, stack }
    }
}

impl Memory {
    /// What of the needles is there, a line each.
    pub fn find(&self, needles: &Needles) -> Vec<String> {
        let mut found = Vec::new();
        for region in &self.regions {
            for (at, what) in needles.find(&region.bytes) {
                let from = at.saturating_sub(16);
                let around = &region.bytes[from..region.bytes.len().min(at + 48)];
                found.push(format!(
                    "{what} at {:x}, in {}: {}",
                    region.start + at,
                    region.line,
                    around.escape_ascii()
                ));
            }
        }
        found
    }

    /// How much there is, in bytes.
    pub fn len(&self) -> usize {
        self.regions.iter().map(|region| region.bytes.len()).sum()
    }

    /// How far below the stack in use there is a byte that nobody wiped.
    pub fn unwiped_depth(&self) -> usize {
        let mut regions = self.regions.iter();
        let is_it = |region: &&Region| region.line.ends_with("[stack]");
        let region = regions.find(is_it).expect("a stack");
        let unused = &region.bytes[..self.stack - region.start];
        let lowest = unused.iter().position(|&byte| byte != 0);
        lowest.map_or(0, |lowest| unused.len() - lowest)
    }
}

/// Whether programs can be held here at all.
pub fn can_hold() -> bool {
    let known = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    if !known || matches!(scope.trim(), "2" | "3") {
        lacking(Errno::EPERM);
        return false;
    }
    true
}
