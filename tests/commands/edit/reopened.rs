//! `edit` at a terminal: JSON that broke is edited again, and no text is lost.

use std::fs;
use std::path::Path;

use nix::sys::signal::Signal::{SIGHUP, SIGTERM};

use crate::commands::edit::editor::Desk;
use crate::support::{FakeAws, Run, Screen, at_terminal, harness};

/// An editor that breaks the JSON, counts how often it ran, and the second time does
/// what a script says.
fn breaking(then: &str) -> String {
    format!(
        "echo >>ran
        if test -e seen; then exit 9; fi
        if test -e broke; then cp \"$1\" seen; {then}; exit; fi
        touch broke
        printf '{{\\n\"a\": \"hunter3\"' >\"$1\""
    )
}

const BROKEN: &str = "{\n\"a\": \"hunter3\"";

const QUESTION: &str = "not stored: it is not valid JSON at line 2, column 14
edit it again? [Y/n]";

fn desk() -> Option<Desk> {
    let desk = Desk::local()?;
    desk.sandbox.put("db", "{\"a\": \"hunter2\"}");
    Some(desk)
}

fn runs(desk: &Desk) -> usize {
    desk.sandbox.read("ran").unwrap_or_default().len()
}

fn edit(desk: &Desk, then: &str) -> Run {
    desk.edit(&breaking(then), &[])
}

#[test]
fn broken_json_is_edited_again_with_what_was_typed_until_it_is_json() {
    for answer in ["\r", "y\r", "Yes\r"] {
        let Some(desk) = desk() else { return };
        let mut screen = Screen::start(24, 60, edit(&desk, "printf '{}' >\"$1\""));
        screen.shows("[Y/n] ");
        screen.types(answer);
        assert_eq!(screen.ends(), 0);
        let typed = answer.trim();
        let start = format!("{QUESTION} {typed}").trim_end().to_owned();
        let shown = screen.text();
        let rest = shown
            .strip_prefix(&start)
            .unwrap_or_else(|| panic!("{shown}"));
        assert!(rest.starts_with("\nsaved db (replaced; undo: "), "{shown}");
        assert_eq!(desk.sandbox.read("seen").unwrap(), BROKEN.as_bytes());
        assert_eq!(runs(&desk), 2);
        desk.sandbox.prints("get db", "{}");
        assert_eq!(desk.left(), [""; 0]);
    }
}

#[test]
fn whoever_declines_is_told_where_the_text_is_and_how_to_store_it() {
    for answer in ["n\r", "No\r", "\x04"] {
        let Some(desk) = desk() else { return };
        let mut screen = Screen::start(24, 200, edit(&desk, "exit 1"));
        screen.shows("[Y/n] ");
        screen.types(answer);
        assert_eq!(screen.ends(), 5, "{answer:?}");
        let file = desk.left().pop().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), BROKEN);
        let place = format!("`db` (file://{}/secrets/db)", desk.sandbox.home().display());
        let said = format!(
            "{QUESTION}{}\n\
             lazycred: error: cannot use {place}: it is not valid JSON at line 2, column 14; your edit is kept in `{file}`\n\
             lazycred: hint: `lazycred put db {file}` stores it as it is; then remove the file\n",
            if answer == "\x04" {
                String::new()
            } else {
                format!(" {}", answer.trim())
            }
        );
        assert_eq!(screen.unwrapped(), said);
        assert_eq!(runs(&desk), 1);
        desk.sandbox.prints("get db", "{\"a\": \"hunter2\"}");
        let put = ["--quiet", "put", "db", &file];
        desk.sandbox.run(put).ok();
        desk.sandbox.prints("get db", BROKEN);
    }
}

#[test]
fn it_is_asked_as_often_as_it_is_broken_and_despite_quiet() {
    let Some(desk) = desk() else { return };
    let script = "echo >>ran; printf '[\"hunter3' >\"$1\"";
    let (shown, status) = at_terminal(desk.edit(script, &["--quiet"]), "\ny\n\nn\n");
    assert_eq!((runs(&desk), status), (4, 5), "{shown}");
    assert_eq!(shown.matches("edit it again? [Y/n] ").count(), 4, "{shown}");
    let hidden = shown.replace("hunter2", "").len() == shown.len();
    assert!(hidden && !shown.contains("hunter3"), "{shown}");
    assert_eq!(desk.left().len(), 1);
}

#[test]
fn what_is_neither_yes_nor_no_is_asked_again() {
    let Some(desk) = desk() else { return };
    let mut screen = Screen::start(24, 200, edit(&desk, "printf '{}' >\"$1\""));
    screen.shows("[Y/n] ");
    screen.types("q\r");
    screen.shows("answer yes or no\nedit it again? [Y/n]");
    assert_eq!(runs(&desk), 1);
    screen.types("y\r");
    assert_eq!(screen.ends(), 0);
    assert_eq!(runs(&desk), 2);
}

#[test]
fn control_c_at_the_question_keeps_the_text_and_says_where() {
    let Some(desk) = desk() else { return };
    let mut screen = Screen::start(24, 200, edit(&desk, "exit 1"));
    screen.shows("[Y/n] ");
    screen.types("\x03");
    assert_eq!(screen.ends(), 130);
    let file = desk.left().pop().unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), BROKEN);
    let said = format!(
        "{QUESTION} ^C\nlazycred: error: cannot edit `db`: interrupted; your edit is kept in `{file}`\n"
    );
    assert_eq!(screen.unwrapped(), said);
}

#[test]
fn a_second_editor_that_fails_keeps_the_text_of_the_first() {
    let Some(desk) = desk() else { return };
    let mut screen = Screen::start(24, 200, edit(&desk, "exit 3"));
    screen.shows("[Y/n] ");
    screen.types("\r");
    assert_eq!(screen.ends(), 1);
    let file = desk.left().pop().unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), BROKEN);
    let said = format!("exited with status 3; nothing changed; your edit is kept in `{file}`\n");
    assert!(screen.unwrapped().contains(&said), "{}", screen.unwrapped());
}

#[test]
fn a_signal_while_it_is_stored_says_where_the_text_is_too() {
    for signal in [SIGTERM, SIGHUP] {
        let fake = FakeAws::start();
        harness::store(&fake, "acme-secrets/prod/db", "before", 1);
        let Some(desk) = Desk::aws(&fake) else { return };
        let gate = fake.hold("PutObject");
        let running = desk.edit("printf after >\"$1\"", &[]).any_stderr().spawn();
        fake.wait_for("PutObject", 1);
        running.send(signal);
        let outcome = running.ended_by(signal);
        let file = desk.left().pop().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        let said = format!(
            "lazycred: error: cannot edit `db`: interrupted; your edit is kept in `{file}`\n"
        );
        assert_eq!(outcome.stderr, said);
        gate.open();
    }
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let Some(desk) = desk() else { return };
    let outcome = edit(&desk, "exit 1").stdin("y\n").fails(5);
    let file = desk.left().pop().unwrap();
    assert_eq!(outcome.stderr.lines().count(), 2, "{outcome}");
    assert!(outcome.stderr.contains(&file), "{outcome}");
    assert_eq!(runs(&desk), 1);
    // Errors alone at a terminal are nobody's answer.
    assert!(Path::new(&file).exists());
}

#[test]
fn at_a_terminal_a_name_without_a_secret_is_said_to_be_new() {
    let Some(desk) = Desk::local() else { return };
    let run = || desk.edit("printf x >\"$1\"", &[]);
    let shown = Screen::of(24, 60, run());
    assert_eq!(shown, ("new secret `db`\nsaved db\n".into(), 0));
    let (shown, _) = Screen::of(24, 60, desk.edit("printf y >\"$1\"", &[]));
    assert!(!shown.contains("new secret"), "{shown}");
    desk.sandbox.run("rm db --quiet").ok();
    run().stderr("saved db\n").ok();
}

#[test]
fn at_a_terminal_an_edit_without_a_change_says_so() {
    let Some(desk) = Desk::with_db() else { return };
    let (shown, status) = Screen::of(24, 60, desk.edit(":", &[]));
    assert_eq!((&*shown, status), ("nothing changed\n", 0));
    let (shown, status) = Screen::of(24, 60, desk.edit(":", &["--quiet"]));
    assert_eq!((&*shown, status), ("", 0));
}
