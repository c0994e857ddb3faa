//! `put` of a dotenv file at a terminal: whether `import` was meant.

use std::path::Path;

use crate::support::{PROGRAM, Sandbox, Screen, at_terminal};

const TEXT: &str = "USER=app\nTOKEN=hunter2\n";

const QUESTION: &str = "`.env` looks like a dotenv file
store it as one text, not as variables? [y/N]";

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::local();
    sandbox.write(".env", TEXT);
    sandbox.set("PATH", Path::new(PROGRAM).parent().unwrap());
    sandbox
}

#[test]
fn enter_stores_nothing_and_both_imports_that_are_named_work() {
    for answer in ["\r", "n\r", "no\r", "\x04"] {
        let sandbox = sandbox();
        let mut screen = Screen::start(24, 200, sandbox.run("put app .env"));
        screen.shows("[y/N] ");
        screen.types(answer);
        assert_eq!(screen.ends(), 0, "{answer:?}");
        let typed = answer.trim_matches(['\r', '\x04']);
        let question = format!("{QUESTION} {typed}");
        let said = format!(
            "{}\nnothing stored\n\
             lazycred: hint: `lazycred import .env --as app` stores its variables as one secret's fields, `lazycred import .env` each as a secret; --yes stores the text\n",
            question.trim_end()
        );
        assert_eq!(screen.unwrapped(), said);
        sandbox.prints("list", "");
        sandbox.shell("lazycred --quiet import .env --as app").ok();
        sandbox.prints("get app", r#"{"USER": "app", "TOKEN": "hunter2"}"#);
        sandbox.shell("lazycred --quiet import .env").ok();
        sandbox.prints("get USER", "app");
    }
}

#[test]
fn yes_stores_the_text_as_it_is() {
    for answer in ["y\r", "YES\r"] {
        let sandbox = sandbox();
        let mut screen = Screen::start(24, 60, sandbox.run("put app .env"));
        screen.shows("[y/N] ");
        screen.types(answer);
        assert_eq!(screen.ends(), 0);
        let said = format!("{QUESTION} {}\nsaved app\n", answer.trim());
        assert_eq!(screen.text(), said);
        sandbox.prints("get app", TEXT);
    }
}

#[test]
fn a_flag_answers_for_scripts_at_a_pseudo_terminal() {
    let sandbox = sandbox();
    for yes in ["--yes", "-y"] {
        let (shown, status) = Screen::of(24, 60, sandbox.run(["put", "app", ".env", yes]));
        assert_eq!(status, 0, "{shown}");
        assert!(shown.starts_with("saved app"), "{shown}");
        sandbox.prints("get app", TEXT);
    }
    // What is read from a pipe or by redirection has no name.
    let run = sandbox.shell("exec lazycred --quiet put redirected <.env");
    assert_eq!(Screen::of(24, 60, run), (String::new(), 0));
    sandbox.prints("get redirected", TEXT);
}

#[test]
fn without_a_terminal_and_for_other_files_nothing_is_asked() {
    let sandbox = sandbox();
    sandbox.says("put app .env", "saved app\n");
    sandbox.prints("get app", TEXT);
    for file in [
        "in.json",
        "config.yaml",
        "env",
        ".envrc",
        "a.env.txt",
        "environment",
    ] {
        sandbox.write(file, "x");
        let (shown, status) = Screen::of(24, 60, sandbox.run(["put", file, file]));
        assert_eq!((shown, status), (format!("saved {file}\n"), 0));
    }
    for file in [".env.local", "prod.env", "sub/.env"] {
        sandbox.write(file, TEXT);
        let (shown, status) = at_terminal(sandbox.run(["put", "b", file]), "\n");
        assert_eq!(status, 0, "{shown}");
        assert!(
            shown.contains(&format!("`lazycred import {file} --as b`")),
            "{shown}"
        );
    }
    // Only errors can be seen: nobody would answer.
    let run = sandbox.shell("exec lazycred --quiet put piped .env </dev/null");
    assert_eq!(Screen::of(24, 60, run), (String::new(), 0));
}

#[test]
fn a_name_that_is_no_file_may_be_a_secret_and_is_not_shown() {
    let sandbox = sandbox();
    let (shown, status) = Screen::of(24, 200, sandbox.run("put app hunter2.env"));
    assert_eq!(status, 1, "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn odd_names_are_quoted_so_that_the_command_works() {
    for (name, file, command) in [
        (
            "my app",
            "a b.env",
            "lazycred import 'a b.env' --as 'my app'",
        ),
        ("-x", "-y.env", "lazycred import ./-y.env --as=-x"),
        (
            "a=b",
            "it's.env",
            "lazycred import 'it'\\''s.env' --as 'a=b' --any-name",
        ),
    ] {
        let sandbox = sandbox();
        sandbox.write(file, TEXT);
        let args = ["put", "--any-name", "--", name, file];
        let (shown, status) = at_terminal(sandbox.run(args), "\n");
        assert_eq!(status, 0, "{shown}");
        let (_, rest) = shown.split_once("`lazycred import").unwrap();
        let (rest, _) = rest.split_once("` stores its variables").unwrap();
        let said = format!("lazycred import{rest}");
        assert_eq!(said, command);
        sandbox
            .shell(&said.replacen("lazycred", "lazycred --quiet", 1))
            .ok();
        let get = ["get", "--field", "USER", "--", name];
        sandbox.prints(get, "app");
    }
}
