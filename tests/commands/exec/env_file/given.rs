//! What FILE may be, and what is said of one that is no good.

use std::os::unix::fs::symlink;

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
    // What is stored but lacks a field is named together with what is not.
    sandbox.write("d.env", "A=lazycred:nope\nB=lazycred:db#nope\n");
    let both = sandbox
        .run(exec)
        .stderr_has("`d.env`: line 1: no secret named `nope`");
    both.stderr_has("`d.env`: line 2: no field `nope`")
        .status(125);
    // An escape ends no line of the file.
    sandbox.write(
        "d.env",
        "X=\"lazycred:a\\n\\n\\\\n{{bad bad}}\n\\n{{}}\"\nY=\"lazycred:\\n{{db#nope}}\"\n",
    );
    let escaped = sandbox
        .run(exec)
        .stderr_has("`d.env`: line 1: `{{…}}` contains a space");
    escaped
        .stderr_has("`d.env`: line 2: there is nothing")
        .status(125);
    sandbox.write("d.env", "X=1\nY=\"lazycred:\\n{{db#nope}}\"\n");
    let escaped = sandbox
        .run(exec)
        .stderr_has("`d.env`: line 2: no field `nope`");
    escaped.status(125);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn of_many_errors_the_first_are_shown_and_the_others_with_v() {
    let sandbox = sandbox();
    let lines = (1..=4000).map(|n| format!("A{n}=lazycred:gone-{n}\n"));
    sandbox.write("many.env", lines.collect::<String>());
    let many = "exec --env-file many.env -- touch ran";
    let said = sandbox.run(many).fails(125).stderr;
    assert_eq!(said.matches("error: ").count(), 21, "{said}");
    assert!(
        said.contains("`many.env`: line 20: no secret named `gone-20`"),
        "{said}"
    );
    assert!(
        said.contains("error: and 3980 more; -v shows each\n"),
        "{said}"
    );
    let all = "exec -v --env-file many.env -- touch ran";
    let line = "`many.env`: line 4000: no secret named `gone-4000`";
    sandbox.run(all).stderr_has(line).status(125);
    let lines = (1..=4000).map(|n| format!("A{n}=lazycred:gone\n"));
    sandbox.write("many.env", lines.collect::<String>());
    let said = sandbox.run(many).fails(125).stderr;
    let once = "`many.env`: lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 and 3980 more: no secret named `gone` ";
    assert!(said.contains(once), "{said}");
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn standard_input_is_the_commands_by_any_of_its_names() {
    let sandbox = sandbox();
    sandbox.write("t", "x");
    symlink("/dev/stdin", sandbox.home().join("link")).unwrap();
    for file in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "link"] {
        for option in ["--env-file ", "--require-file ", "--template=F="] {
            let exec = format!("exec s {option}{file} -- touch ran");
            let said = "cannot read standard input, which is COMMAND's\n";
            let run = sandbox.run(&exec).stdin("A=1\n");
            run.stderr_has(said).status(125);
        }
    }
    let exec = "exec s --env-file t.env --template F=t -- cat";
    sandbox.write("t.env", "A=1\n");
    sandbox.run(exec).stdin("all\n").stdout("all\n").ok();
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_descriptor_that_is_closed_is_no_empty_file() {
    let sandbox = sandbox();
    symlink("/dev/fd/2", sandbox.home().join("link")).unwrap();
    for option in ["--env-file ", "--require-file ", "--template=F="] {
        for (file, closed) in [
            ("/dev/fd/1", ">&-"),
            ("/dev/stderr", "2>&-"),
            ("link", "2>&-"),
            ("/proc/thread-self/fd/2", "2>&-"),
            ("/dev/stdin", "<&-"),
        ] {
            let exec = format!("exec '{PROGRAM}' exec s {option}{file} -- touch ran {closed}");
            sandbox.shell(&exec).any_stderr().status(125);
        }
    }
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn what_was_typed_for_a_file_but_looks_like_a_text_is_not_shown() {
    let sandbox = sandbox();
    for (option, what, remedy) in [
        ("--env-file", "PW=hunter2", "`--set VAR=TEXT` sets one"),
        ("--require-file", "PW=hunter2", "`--require VAR` requires"),
        (
            "--template",
            "X=postgres://u:hunter2@h/{{db#a}}",
            "`--set VAR=TEMPLATE` takes the template itself",
        ),
        ("--template", "X={{db#hunter2}}", "`--set VAR=TEMPLATE`"),
        ("--template", "X=hunter2 swordfish", "`--set VAR=TEMPLATE`"),
        ("--only", "X=hunter2", "a pattern is of names alone"),
        ("--except", "X=hunter2", "a pattern is of names alone"),
    ] {
        let run = sandbox.run(["exec", "db", option, what, "--", "touch", "ran"]);
        let run = run.never("hunter2").stderr_has(remedy);
        run.status(125);
    }
    let long = format!("X={{{{{}}}}}", "hunter2".repeat(600));
    let run = sandbox.run(["exec", "db", "--template", &long, "--", "true"]);
    run.never("hunter2").fails(125);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_file_may_be_a_pipe() {
    let sandbox = sandbox();
    let script = format!(
        "mkfifo pipe; printf 'A=lazycred:db#user\\n' >pipe & \
         exec '{PROGRAM}' exec --env-file pipe -- printenv A"
    );
    sandbox.shell(&script).stdout("app\n").ok();
    let script = format!(
        "exec '{PROGRAM}' exec --env-file /dev/fd/7 -- sh -c 'printenv A' 7<<EOF\nA=lazycred:db#user\nEOF\n"
    );
    sandbox.shell(&script).stdout("app\n").ok();
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
