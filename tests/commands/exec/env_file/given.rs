//! What FILE may be, and what is said of one that is no good.

use super::{VALUE, sandbox};
use crate::support::PROGRAM;

#[test]
fn all_bad_references_are_named_with_their_lines_and_nothing_runs() {
    let sandbox = sandbox();
    sandbox.write(
        "a.env",
        format!("# c\nA=lazycred:\nB=\" lazycred:{VALUE}\"\nC=ok\n"),
    );
    sandbox.write(
        "b.env",
        format!("D='\n\n'\nE=LAZYCRED:{VALUE}\nF=lazycred:F={VALUE}\n"),
    );
    sandbox.write("c.env", format!("A=1\nA={VALUE}\n"));
    let exec = "exec s --env-file a.env --env-file b.env --env-file c.env -- touch ran";
    let almost = "is almost a reference: it must start with `lazycred:` in lower case, with nothing before it";
    let one = "hint: a reference is lazycred:NAME[@VERSION][#FIELD]; in other text it stands in `{{` and `}}`\n";
    let run = sandbox.run(exec).never(VALUE).stderr(format!(
        "lazycred: error: `a.env`: line 2: the value of `A`: the name is missing\n\
         lazycred: error: `a.env`: line 3: the value of `B` {almost}\n\
         lazycred: error: `b.env`: line 4: the value of `E` {almost}\n\
         lazycred: hint: if it is plain text, `--set VAR=TEXT` sets it\n\
         lazycred: error: `b.env`: line 5: the value of `F`: its reference must not name a variable\n\
         lazycred: {one}\
         lazycred: error: `c.env`: line 2: an earlier line has the same name\n\
         lazycred: hint: a line is NAME=VALUE; in single quotes VALUE is taken as it is\n"
    ));
    run.status(125);
    let exec = "exec --env-file d.env -- touch ran";
    sandbox.write(
        "d.env",
        "A=lazycred:nope\nB=lazycred:db#nope\nC=lazycred:x{{nope#y}}\n",
    );
    let missing = sandbox
        .run(exec)
        .stderr_has("`d.env`: lines 1, 3: no secret named `nope`");
    missing.status(125);
    sandbox.write("d.env", "\nB=lazycred:db#nope\nC=lazycred:{{db#none}}\n");
    let missing = sandbox
        .run(exec)
        .stderr_has("`d.env`: line 2: no field `nope`");
    missing.stderr_has("`d.env`: line 3: ").status(125);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_file_may_be_a_pipe_or_standard_input() {
    let sandbox = sandbox();
    let text = format!("A=lazycred:db#user\nB={VALUE}\n");
    for file in ["-", "/dev/stdin", "/proc/self/fd/0"] {
        let exec = format!("exec --env-file {file} -- printenv A");
        sandbox.run(&exec).stdin(&text).stdout("app\n").ok();
    }
    let script = format!(
        "mkfifo pipe; printf 'A=lazycred:db#user\\n' >pipe & \
         exec {PROGRAM} exec --env-file pipe -- printenv A"
    );
    sandbox.shell(&script).stdout("app\n").ok();
    let script = format!(
        "exec {PROGRAM} exec --env-file /dev/fd/7 -- sh -c 'printenv A' 7<<EOF\nA=lazycred:db#user\nEOF\n"
    );
    sandbox.shell(&script).stdout("app\n").ok();
    for file in ["-", "/dev/stdin"] {
        let exec = format!("exec --env-file {file} s -- touch ran");
        let closed = sandbox.run(&exec).after("exec <&-");
        let said = "cannot read standard input: Bad file descriptor";
        closed.stderr_has(said).status(125);
    }
    let bad = sandbox.run("exec --env-file - s -- touch ran").stdin("A\n");
    bad.stderr_has("`-`: line 1: a name without `=`")
        .status(125);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_what_helps() {
    let sandbox = sandbox();
    sandbox.write(".env.example", "A=\n");
    sandbox.write("sub/other", "");
    sandbox.write("not-text", b"A=1\nB=\xff\n");
    sandbox.write("nul", b"A=1\0\n");
    let exec = |file: &str| format!("exec --env-file {file} s -- touch ran");
    sandbox
        .run(&exec(".env"))
        .stderr(
            "lazycred: error: cannot read `.env`: no such file\n\
             lazycred: hint: `cp .env.example .env` starts one, for you to fill in\n",
        )
        .status(125);
    let above = sandbox.home().join(".env.example");
    let above = format!("hint: `{}` is there\n", above.display());
    let below = sandbox.run(&exec(".env.example")).cwd("sub");
    below.stderr_has(&above).status(125);
    for (file, said) in [
        (
            "nope",
            "hint: a relative FILE starts at the working directory",
        ),
        (
            "/nowhere/.env",
            "error: cannot read `/nowhere/.env`: no such file\n",
        ),
        ("sub", "error: cannot read `sub`: it is a folder\n"),
        ("not-text", "`not-text`: line 2: it is not UTF-8"),
        ("nul", "`nul`: line 1: it contains a NUL byte"),
        (
            "/dev/zero",
            "error: cannot read `/dev/zero`: it is larger than 8388608 bytes\n",
        ),
        (
            ".env.example/x",
            "cannot read `.env.example/x`: Not a directory",
        ),
    ] {
        sandbox.refuses(&exec(file), 125, said);
    }
    let two = "exec --env-file nope --env-file sub --require-file nope.too s -- touch ran";
    let run = sandbox.run(two).stderr_has("`nope`: no such file");
    run.stderr_has("`sub`: it is a folder").status(125);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_value_too_large_for_the_system_is_named() {
    let sandbox = sandbox();
    sandbox.write(".env", format!("LARGE={}\n", "x".repeat(131_072)));
    let said = "each `NAME=value` must be under 131072 bytes; too large: `LARGE` (131079)";
    sandbox.refuses("exec --env-file .env s -- touch ran", 125, said);
    assert!(!sandbox.home().join("ran").exists());
}
