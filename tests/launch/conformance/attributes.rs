//! What the command inherits, a fact a thing: a shell sets it, and the command tells it
//! of itself, started by the shell and through lazycred.

use nix::unistd::geteuid;

use super::Scene;
use crate::support::{full, programs};

/// A fact of a process.
pub struct Fact {
    what: &'static str,
    /// What the shell does before it starts either command.
    before: &'static str,
    /// The words that become the command, or lazycred.
    by: &'static str,
    /// A script of `sh`, which is the command; after a `!`, the command itself.
    tell: &'static str,
    /// What it tells, at least.
    told: &'static str,
}

const fn fact(
    what: &'static str,
    before: &'static str,
    by: &'static str,
    tell: &'static str,
    told: &'static str,
) -> Fact {
    Fact {
        what,
        before,
        by,
        tell,
        told,
    }
}

const MASK: &str = "!sed -n /^SigBlk/p /proc/self/status";
/// But for those of real time, which the C library has, and whoever runs the tests may ignore.
const IGNORED: &str = "!sed -n /^SigIgn/p /proc/self/status";
const LIMITS: &str = "cat /proc/$$/limits";
/// What Perl does before it becomes the next words.
const BLOCKED_AND_SENT: &str = "perl -MPOSIX -e \
    'sigprocmask(SIG_BLOCK,POSIX::SigSet->new(SIGUSR1));kill(USR1,$$);exec(@ARGV)'";

#[rustfmt::skip]
pub const FACTS: [Fact; 59] = [
    // The process.
    fact("the parent", "echo $$ > $HOME/parent", "", "[ $PPID = $(cat $HOME/parent) ] && echo same", "same"),
    fact("the process group", "", "", "[ $(cut -d' ' -f5 /proc/$$/stat) = $(cut -d' ' -f5 /proc/$PPID/stat) ] && echo same", "same"),
    fact("the session", "", "", "[ $(cut -d' ' -f6 /proc/$$/stat) = $(cut -d' ' -f6 /proc/$PPID/stat) ] && echo same", "same"),
    fact("leading a session", "", "setsid -w", "[ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && [ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo leads", "leads"),
    fact("no child of lazycred's", "", "", "read children < /proc/$$/task/$$/children; echo \"[$children]\"", "[]"),
    fact("one thread", "", "", "grep Threads /proc/$$/status", "Threads:\t1"),
    fact("no tracer", "", "", "grep TracerPid /proc/$$/status", "TracerPid:\t0"),
    fact("users and groups", "", "", "grep -E '^([UG]id|Groups)' /proc/$$/status", "Uid:\t"),
    fact("supplementary groups", "ROOT", "setpriv --groups=4,5", "grep Groups /proc/$$/status", "Groups:\t4 5"),
    fact("no new rights", "", "setpriv --no-new-privs", "grep NoNewPrivs /proc/$$/status", "NoNewPrivs:\t1"),
    fact("the bounding set", "ROOT", "setpriv --bounding-set=-all,+chown,+dac_override", "grep CapBnd /proc/$$/status", "CapBnd:\t0000000000000003"),
    fact("ambient capabilities", "ROOT", "setpriv --inh-caps=+chown --ambient-caps=+chown", "grep CapAmb /proc/$$/status", "CapAmb:\t0000000000000001"),
    fact("the signal of a parent's death", "", "setpriv --pdeathsig=USR1", "!setpriv --dump", "Parent death signal: USR1"),
    fact("niceness", "", "nice -n 7", "nice", "7"),
    fact("the scheduler", "", "chrt -b 0", "chrt -p $$ | sed 's/.*: //'", "SCHED_BATCH"),
    fact("the scheduler of disks", "", "ionice -c 3", "ionice -p $$", "idle"),
    fact("processors", "", "taskset -c 0", "taskset -pc $$ | sed 's/.*: //'", "0"),
    fact("the score when memory runs out", "echo 300 > /proc/$$/oom_score_adj", "", "cat /proc/$$/oom_score_adj", "300"),
    fact("the slack of timers", "", "", "cat /proc/$$/timerslack_ns", "50000"),
    fact("the personality", "", "setarch -R", "cat /proc/$$/personality", "00040000"),
    fact("an alarm", "", "perl -e 'alarm(500);exec(@ARGV)'", "!perl -e 'print(alarm(0)>0?\"is set\":\"is gone\")'", "is set"),
    fact("namespaces", "", "", "readlink /proc/$$/ns/*", "mnt:["),
    fact("control groups", "", "", "cat /proc/$$/cgroup; echo read", "read"),
    fact("filters of system calls", "", "", "grep -E '^(Seccomp|Speculation|THP|Mems)' /proc/$$/status", "Seccomp:\t"),
    // What it may leave, and to whom.
    fact("it may be traced and dumped", "", "", "!python3 -c 'import ctypes;print(\"dumpable\",ctypes.CDLL(None).prctl(3))'", "dumpable 1"),
    fact("what a core file has", "echo 0x7 > /proc/$$/coredump_filter", "", "cat /proc/$$/coredump_filter", "00000007"),
    fact("a limit of core files", "ulimit -c 1000", "", "ulimit -Sc; ulimit -Hc", "1000\n1000"),
    fact("a soft limit of core files", "ulimit -Sc 7", "", "ulimit -Sc", "7"),
    fact("no core files", "ulimit -c 0", "", "ulimit -Sc; ulimit -Hc", "0\n0"),
    fact("a core file's unlimited size", "ulimit -Sc $(ulimit -Hc)", "", "ulimit -Sc", ""),
    fact("the limit of open files", "ulimit -n 200", "", "ulimit -Sn; ulimit -Hn", "200\n200"),
    fact("the limit of the stack", "ulimit -s 4096", "", "ulimit -s", "4096"),
    fact("the limit of time", "ulimit -t 100", "", "ulimit -t", "100"),
    fact("the limit of files", "ulimit -f 100000", "", "ulimit -f", "100000"),
    fact("the limit of memory", "ulimit -v 4000000", "", "ulimit -v", "4000000"),
    fact("the limit of locked memory", "ulimit -l 64", "", "ulimit -l", "64"),
    fact("all limits", "ulimit -n 300 -Sc 5", "", LIMITS, "Max realtime timeout"),
    // Where it is.
    fact("the mask of new files", "umask 027", "", "umask; : > $HOME/new; stat -c %a $HOME/new; rm $HOME/new", "0027\n640"),
    fact("the working directory", "cd /usr", "", "pwd -P; readlink /proc/$$/cwd", "/usr\n/usr"),
    fact("a working directory that is gone", "mkdir $HOME/gone; cd $HOME/gone; rmdir $HOME/gone", "", "!readlink /proc/self/cwd", "gone (deleted)"),
    fact("the working directory's name", "ln -s /usr $HOME/link; cd $HOME/link", "", "!printenv PWD", "/link"),
    fact("the root", "", "", "readlink /proc/$$/root", "/"),
    // Signals.
    fact("no signal is blocked", "", "", MASK, "SigBlk:\t0000000000000000"),
    fact("a blocked signal", "", "env --block-signal=USR1", MASK, "SigBlk:\t0000000000000200"),
    fact("all signals blocked that can be", "", "env --block-signal", MASK, "SigBlk:\tffff"),
    fact("a signal that waits", "", BLOCKED_AND_SENT, "!sed -n /^ShdPnd/p /proc/self/status", "ShdPnd:\t0000000000000200"),
    fact("no signal is ignored", "", "env --default-signal", IGNORED, "0000000\n"),
    fact("SIGPIPE ignored", "trap '' PIPE", "", IGNORED, "0001000\n"),
    fact("as nohup has it", "trap '' HUP INT QUIT TERM", "", IGNORED, "0004007\n"),
    fact("SIGCHLD ignored", "", "env --ignore-signal=CHLD", IGNORED, "0010000\n"),
    fact("no handler is there", "", "", "!sed -n /^SigCgt/p /proc/self/status", "SigCgt:\t0000000000000000"),
    // Descriptors.
    fact("a descriptor where it was read to", "printf abcdef > $HOME/f; exec 7< $HOME/f; dd bs=1 count=3 <&7 >/dev/null 2>&1", "", "grep pos /proc/$$/fdinfo/7", "pos:\t3"),
    fact("a high descriptor", "", "bash -c 'exec 150</dev/null; exec \"$@\"' bash", "readlink /proc/$$/fd/150", "/dev/null"),
    fact("no other descriptors than those", "", "", "ls -1 /proc/$$/fd", "0\n1\n"),
    fact("a socket's and a pipe's two ends", "mkfifo $HOME/p; exec 8<>$HOME/p 9<>$HOME/p", "", "readlink /proc/$$/fd/8 /proc/$$/fd/9", "/p\n"),
    fact("how a descriptor was opened", "exec 8>>$HOME/log", "", "grep flags /proc/$$/fdinfo/8", "02001"),
    fact("no output that would block fails", "mkfifo $HOME/q; exec 8<>$HOME/q", "", "grep -h flags /proc/$$/fdinfo/8 /proc/$$/fdinfo/1", "flags:"),
    fact("closed standard input", "exec 0<&-", "", "[ -e /proc/$$/fd/0 ] || echo closed", "closed"),
    fact("closed standard error", "exec 2>&-", "", "[ -e /proc/$$/fd/2 ] || echo closed", "closed"),
];

/// Whether a fact is so, or `Err` with what this machine lacks for it.
fn is_so(scene: &Scene, fact: &Fact) -> Result<(), String> {
    let before = match fact.before {
        "ROOT" if !geteuid().is_root() => return Err("only root sets it".to_owned()),
        "ROOT" | "" => ":",
        before => before,
    };
    let direct = fact.tell.strip_prefix('!');
    let needed = [fact.by, direct.unwrap_or_default()];
    for tool in needed.iter().filter_map(|words| words.split(' ').next()) {
        if !tool.is_empty() && full::find(tool).is_none() {
            return Err(format!("{tool} is not installed"));
        }
    }
    scene.sandbox.write("tell", fact.tell);
    let tell = direct.unwrap_or("sh $HOME/tell");
    let script = format!(
        "{before}\n{by} {tell} > $HOME/bare\n{by} \"$LC\" exec s -- {tell} > $HOME/through\n:",
        by = fact.by
    );
    let outcome = scene.shell(script).any_stdout().any_stderr().status(0);
    let told = |file: &str| {
        let text = String::from_utf8(scene.sandbox.read(file).unwrap()).unwrap();
        text.replace("/through", "/bare")
    };
    let (bare, through) = (told("bare"), told("through"));
    let what = fact.what;
    let is_told = !bare.is_empty() && bare.contains(fact.told);
    assert!(is_told, "{what}: the shell's own tells {bare:?}\n{outcome}");
    assert_eq!(through, bare, "{what}: {outcome}");
    Ok(())
}

#[test]
fn what_a_caller_set_is_what_the_command_has() {
    for program in programs::all() {
        let scene = Scene::new(&program);
        let mut shown = 0;
        for fact in &FACTS {
            match is_so(&scene, fact) {
                Ok(()) => shown += 1,
                Err(lacking) if lacking.starts_with("only root") => full::skip(fact.what, &lacking),
                Err(lacking) => full::or_skip(fact.what, &lacking),
            }
        }
        let at_least = if geteuid().is_root() { 59 } else { 56 };
        assert!(shown >= at_least || !full::wanted(), "{shown}");
        assert!(shown >= 45, "{}: {shown} facts", program.display());
    }
}
