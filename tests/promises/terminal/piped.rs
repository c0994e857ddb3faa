//! Where standard output is no terminal nothing is drawn, whatever the other streams
//! are; and who wants no colours gets none.

use super::{MINUTE, shown, stored};
use crate::support::{PROGRAM, Sandbox, Screen};

const LISTS: [&str; 8] = [
    "list --long",
    "history web",
    "diff web db",
    "diff web db --show",
    "exec web --dry-run",
    "rekey --all --dry-run",
    "--quiet upgrade --yes",
    "doctor",
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"user": "app"}"#);
    sandbox.put("web", r#"{"user": "web", "port": 80}"#);
    sandbox
}

#[test]
fn into_a_pipe_lines_stay_as_they_are_even_from_a_terminal() {
    for list in LISTS {
        let one = sandbox();
        let script = format!("'{PROGRAM}' {list} >piped");
        let (text, status) = Screen::of(24, 80, one.shell(&script));
        assert_eq!((text.as_str(), status), ("", 0), "{list}");
        let from_terminal = one.read("piped").unwrap();
        let piped = sandbox();
        // The upgrade changed what it listed.
        let again = if list.contains("upgrade") {
            &piped
        } else {
            &one
        };
        let piped = again
            .run(list)
            .may_leak()
            .any_stdout()
            .any_stderr()
            .outcome();
        let piped = String::from_utf8_lossy(&piped.stdout).into_owned();
        assert_eq!(String::from_utf8_lossy(&from_terminal), piped, "{list}");
        assert!(
            !piped.contains('\u{1b}') && !piped.contains("NAME"),
            "{piped}"
        );
        assert!(
            !piped.contains("ago") && !piped.contains("just now"),
            "{piped}"
        );
    }
    let sandbox = sandbox();
    let tabs = "PORT\tweb\t/port\t2 bytes\nUSER\tweb\t/user\t3 bytes\n";
    sandbox.prints("exec web --dry-run", tabs);
}

#[test]
fn json_at_a_terminal_is_json() {
    let sandbox = sandbox();
    for list in [
        "list --long",
        "history web",
        "diff web db",
        "exec web --dry-run",
        "doctor",
    ] {
        let json = format!("{list} --json");
        let piped = sandbox.run(&json).gives().text();
        let mut screen = Screen::start(24, 80, sandbox.run(&json));
        assert_eq!(screen.ends(), 0);
        assert_eq!(screen.unwrapped(), piped);
        assert!(!screen.bytes.contains(&0x1b));
    }
}

#[test]
fn no_color_and_a_dumb_terminal_have_the_same_table_without_colours() {
    let sandbox = sandbox();
    for name in ["db", "web"] {
        stored(&sandbox, name, 3 * MINUTE);
    }
    for list in LISTS.iter().filter(|list| !list.contains("upgrade")) {
        let table = shown(&sandbox, 80, &format!("--quiet {list}"));
        let bytes = |variable: &str, value: &str| {
            let run = sandbox.run(format!("--quiet {list}").as_str());
            let mut screen = Screen::start(24, 80, run.env(variable, value));
            assert_eq!(screen.ends(), 0);
            assert_eq!(screen.text(), table, "{list}");
            screen.bytes
        };
        for (variable, value) in [("NO_COLOR", "1"), ("NO_COLOR", "0"), ("TERM", "dumb")] {
            assert!(!bytes(variable, value).contains(&0x1b), "{list} {variable}");
        }
        for (variable, value) in [("NO_COLOR", ""), ("TERM", "linux")] {
            assert!(bytes(variable, value).contains(&0x1b), "{list} {variable}");
        }
    }
}

#[test]
fn colours_are_those_of_standard_output_alone() {
    let sandbox = sandbox();
    let script = format!("'{PROGRAM}' diff web db 2>errors </dev/null");
    let mut screen = Screen::start(24, 80, sandbox.shell(&script));
    assert_eq!(screen.ends(), 0);
    let table =
        "[bold]CHANGE[/]   [bold]PATH[/]\n[red]removed[/]  /port\n[yellow]changed[/]  /user\n";
    assert_eq!(screen.marked(), table);
    assert_eq!(sandbox.read("errors").unwrap(), b"");
}
