//! Narrow terminals, and text that is wider than it has characters.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::{MINUTE, marked, shown, stored, versions};
use crate::support::versions::{put, versioned};
use crate::support::{ALIAS, FakeAws, Sandbox, Screen, at_terminal, place};

#[test]
fn a_long_name_is_never_cut_and_the_others_stay_in_their_columns() {
    let sandbox = Sandbox::local();
    let long = "a/very/long/name/of/a/secret/that/somebody/made";
    for name in ["db", long, "web"] {
        sandbox.put(name, "hunter2");
        stored(&sandbox, name, 3 * MINUTE);
    }
    let version = |name: &str| versions(&sandbox, name)[0][..10].to_owned();
    let row = |name: &str| format!("{name:<4}   335  3 minutes ago  {}  1\n", version(name));
    let table = shown(&sandbox, 60, "list --long");
    let expected = format!(
        "NAME  SIZE  MODIFIED       VERSION     FORMAT\n\
         {long}\n{:>10}  3 minutes ago  {}  1\n{}{}",
        335,
        version(long),
        row("db"),
        row("web")
    );
    assert_eq!(table, expected);
}

#[test]
fn columns_for_which_there_is_no_room_go_on_below() {
    let sandbox = Sandbox::local();
    sandbox.put("web/prod", "hunter2");
    stored(&sandbox, "web/prod", 3 * MINUTE);
    let version = &versions(&sandbox, "web/prod")[0];
    let expected = format!(
        "[bold]NAME[/]      [bold]SIZE[/]  [bold]MODIFIED[/]\n  [bold]VERSION[/]     [bold]FORMAT[/]\n\
         web/prod   335  3 minutes ago\n  {}  1\n",
        &version[..10]
    );
    assert_eq!(marked(&sandbox, 40, "list --long"), expected);
    let expected = format!(
        "VERSION  MODIFIED\n  SIZE  STATE\n{}   3 minutes ago\n   335  current\n",
        &version[..6]
    );
    assert_eq!(shown(&sandbox, 24, "history web/prod"), expected);
}

#[test]
fn doctor_breaks_its_lines_between_words_but_never_what_is_to_be_copied() {
    let sandbox = Sandbox::local();
    sandbox.put("web", "hunter2");
    sandbox.write("secrets/README.md", "for people\n");
    let text = shown(&sandbox, 60, "doctor web");
    let end = "ok       read             opened `web`\n\
               verdict: everything needed to read works; --write tries\n         storing too\n";
    assert!(text.ends_with(end), "{text}");
    // What is too long for its column begins further left, and only that.
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "file:secrets/", "key_alias": "local:a-rather-long-name"}"#,
    );
    let mut screen = Screen::start(24, 60, sandbox.run("doctor --offline"));
    assert_eq!(screen.ends(), 0);
    // What is wider than the terminal is wrapped by it alone.
    let text = screen.unwrapped();
    let file = format!("`{}/.lazycred`", sandbox.work().display());
    let left = 60_usize.saturating_sub(file.width()).clamp(2, 26);
    let detail = format!(
        "ok       key_alias        `local:a-rather-long-name`, from\n{}{file}\n",
        " ".repeat(left)
    );
    assert!(text.contains(&detail), "{text}");
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "file:secrets/", "key_alias": "local:dev"}"#,
    );
    let text = shown(&sandbox, 40, "doctor");
    let warning = "warning  other files\n  `README.md` is not a record\n         remedy: move them elsewhere:\n                 \
                   they are listed as\n                 secrets but cannot be\n                 read\n";
    assert!(text.contains(warning), "{text}");
    let aws = FakeAws::start();
    let arn = aws.state().kms.key(ALIAS).arn.clone();
    let mut screen = Screen::start(24, 60, aws.run("doctor"));
    assert_eq!(screen.ends(), 0);
    let command = format!("\n  `aws kms enable-key-rotation --key-id {arn}`\n");
    let text = screen.unwrapped();
    assert!(text.contains(&command), "{text}");
}

#[test]
fn few_long_names_leave_the_other_variables_in_their_columns() {
    let sandbox = Sandbox::local();
    let long = "a_variable_with_a_long_name_for_a_narrow_terminal_to_show";
    sandbox.put(
        "db",
        format!(r#"{{"db": {{"host": "h", "port": 1}}, "user": "app", "{long}": 1}}"#),
    );
    sandbox.put("token", "hunter2");
    let expected = format!(
        "VARIABLE  REFERENCE  PATH      BYTES\n{}\n          db\n  /{long}\n                                   1\n\
         DB_HOST   db         /db/host      1\n\
         DB_PORT   db         /db/port      1\n\
         TOKEN     token                    7\n\
         USER      db         /user         3\n",
        long.to_uppercase()
    );
    assert_eq!(shown(&sandbox, 60, "exec db token -n"), expected);
    // A whole secret has no path.
    let alone = "VARIABLE  REFERENCE  BYTES\nTOKEN     token          7\n";
    assert_eq!(shown(&sandbox, 60, "exec token -n"), alone);
}

#[test]
fn a_terminal_of_one_column_or_of_none_shows_all_of_it() {
    let sandbox = Sandbox::local();
    sandbox.put("db", r#"{"user": "app", "port": 5432}"#);
    sandbox.put("token", "hunter2");
    for command in [
        "exec db token -n",
        "list --long",
        "history db",
        "diff db token",
        "doctor",
    ] {
        let usual = shown(&sandbox, 200, command);
        let first = usual.split_whitespace().next().unwrap();
        for columns in [1, 2] {
            let mut screen = Screen::start(24, columns, sandbox.run(command));
            assert_eq!(screen.ends(), 0, "{command} {columns}");
            let bytes = String::from_utf8_lossy(&screen.bytes);
            assert!(bytes.contains(first), "{bytes}");
        }
        // Such a terminal has no size.
        let (shown, status) = at_terminal(sandbox.run(command), "");
        assert_eq!(status, 0, "{shown}");
        assert!(shown.contains(first), "{shown}");
    }
}

#[test]
fn wide_combining_and_hidden_characters_leave_columns_where_they_are() {
    let sandbox = Sandbox::local();
    let mut expected = "NAME        SIZE  MODIFIED       VERSION     FORMAT\n".to_owned();
    for (name, shown) in [
        ("abcd", "abcd      "),
        ("e\u{301}e\u{301}", "e\u{301}e\u{301}        "),
        ("x\u{202e}y", "x\\u{202e}y"),
        ("日本", "日本      "),
        ("🔑x", "🔑x       "),
    ] {
        sandbox.put(name, "hunter2");
        stored(&sandbox, name, 3 * MINUTE);
        let version = &versions(&sandbox, name)[0][..10];
        writeln!(expected, "{shown}   335  3 minutes ago  {version}  1").unwrap();
    }
    assert_eq!(shown(&sandbox, 80, "list --long"), expected);
}

#[test]
fn etags_stay_whole_and_versions_of_s3_are_shortened() {
    let aws = FakeAws::start();
    put(&aws, "web", "hunter2");
    let etag = aws.versions(&place("web"))[0].etag.replace('"', "");
    for (columns, command) in [
        (100, "list --long"),
        (60, "list --long"),
        (60, "history web"),
    ] {
        let (text, status) = Screen::of(24, columns, aws.run(command));
        assert_eq!(status, 0, "{text}");
        assert!(text.contains(&etag), "{text}");
        assert!(text.lines().all(|line| line.len() <= usize::from(columns)));
    }
    let aws = versioned();
    let old = put(&aws, "web", "hunter2");
    let new = put(&aws, "web", "hunter3");
    let (text, _) = Screen::of(24, 80, aws.run("list --long"));
    assert!(text.contains(&format!("  {}  1\n", &new[..10])), "{text}");
    let (text, _) = Screen::of(24, 80, aws.run("history web"));
    for (version, secret) in [(&old, "hunter2"), (&new, "hunter3")] {
        let short = &version[..6];
        assert!(text.contains(&format!("\n{short}   ")), "{text}");
        aws.prints(["get", "web", "--version", short], secret);
    }
}
