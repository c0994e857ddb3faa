//! `edit` with editors that are started and save in other ways than most.

use std::fs;

use crate::commands::edit::editor::Desk;

#[test]
fn what_is_saved_is_stored_exactly_however_the_editor_saves() {
    let Some(desk) = Desk::with_db() else { return };
    for (script, stored) in [
        ("printf 'a\\r\\nb\\r\\n' >\"$1\"", "a\r\nb\r\n"),
        ("printf '\\357\\273\\277a' >\"$1\"", "\u{feff}a"),
        ("printf x >\"$1~\"; mv \"$1~\" \"$1\"", "x"),
        ("mv \"$1\" \"$1.bak\"; printf y >\"$1\"", "y"),
        ("rm \"$1\"; umask 0; printf z >\"$1\"", "z"),
        (
            "printf 'line\\n' >\"$1\"; touch \"$(dirname \"$1\")/.secret.swp\"",
            "line\n",
        ),
    ] {
        desk.edit(script, &[]).stderr_has("saved db").ok();
        desk.sandbox.prints("get db", stored);
        assert_eq!(desk.left(), [""; 0], "{script}");
    }
}

#[test]
fn what_is_no_file_of_the_editors_is_neither_stored_nor_kept() {
    let Some(desk) = Desk::with_db() else { return };
    for script in [
        "ln -sf /etc/passwd \"$1\"",
        "rm \"$1\"",
        "rm \"$1\"; mkdir \"$1\"",
    ] {
        let run = desk.edit(script, &[]);
        let shown = run.stderr_has("error: cannot read `").fails(1).stderr;
        let hint = "hint: the editor must save to the file that it opened; nothing changed\n";
        assert!(
            shown.ends_with(hint) && !shown.contains("kept in"),
            "{shown}"
        );
        assert_eq!(desk.left(), [""; 0], "{script}");
    }
}

#[test]
fn json_with_a_byte_order_mark_or_other_line_ends_is_still_json() {
    let Some(desk) = Desk::local() else { return };
    for saved in [
        "\u{feff}{\"a\": 1}",
        "{\r\n  \"a\": 2\r\n}\r\n",
        "{\"a\": 3}\r",
    ] {
        desk.sandbox.put("db", "{}");
        let saves = desk.sandbox.write("saves", saved);
        let script = format!("cat '{}' >\"$1\"", saves.display());
        desk.edit(&script, &[]).stderr_has("saved db").ok();
        desk.sandbox.prints("get db", saved);
    }
}

#[test]
fn an_editor_whose_path_or_arguments_have_blanks_and_quotes_is_started() {
    let Some(desk) = Desk::with_db() else { return };
    let editor = desk.editor(
        "my editor's",
        "printf '%s|' \"$@\" >args; printf x$# >\"$3\"",
    );
    let quoted = editor.display().to_string().replace('\'', "'\\''");
    let editor = format!("'{quoted}' --wait \"-c set nobackup\"");
    let run = desk.sandbox.run("edit db").env("EDITOR", editor);
    run.stderr_has("saved db").ok();
    desk.sandbox.prints("get db", "x3");
    let args = fs::read_to_string(desk.sandbox.home().join("args")).unwrap();
    assert!(args.starts_with("--wait|-c set nobackup|/"), "{args}");
}
