//! `edit` where no variable names an editor: the usual ones on PATH.

use std::fs;

use crate::commands::edit::editor::Desk;
use crate::support::{Run, Screen};

/// Puts editors into a folder, each of which stores its own name.
fn install(desk: &Desk, folder: &str, editors: &[&str]) {
    for editor in editors {
        let script = format!("#!/bin/sh\nprintf {folder}/{editor} >\"$1\"\n");
        desk.sandbox.program(format!("{folder}/{editor}"), script);
    }
}

/// A run of `edit db` that finds editors in folders of the home.
fn edit(desk: &Desk, folders: &[&str]) -> Run {
    let home = desk.sandbox.home();
    let folders: Vec<_> = folders.iter().map(|folder| home.join(folder)).collect();
    let path = std::env::join_paths(folders).unwrap();
    desk.sandbox.run("edit db").env("PATH", path)
}

#[track_caller]
fn opens(desk: &Desk, run: Run, editor: &str) {
    let (shown, status) = Screen::of(24, 80, run);
    assert!(status == 0 && shown.contains("saved db"), "{shown}");
    desk.sandbox.prints("get db", editor);
}

#[test]
fn the_first_of_the_usual_editors_on_path_opens_it() {
    let Some(desk) = Desk::local() else { return };
    for (folder, editors) in [
        ("all", &["vi", "vim", "nano", "sensible-editor", "ed"][..]),
        ("some", &["vi", "vim", "nano"]),
        ("vims", &["vi", "vim"]),
        ("old", &["vi", "ed"]),
    ] {
        install(&desk, folder, editors);
    }
    opens(&desk, edit(&desk, &["all"]), "all/sensible-editor");
    opens(&desk, edit(&desk, &["some"]), "some/nano");
    opens(&desk, edit(&desk, &["vims"]), "vims/vim");
    opens(&desk, edit(&desk, &["old"]), "old/vi");
    // The better editor counts, wherever it is.
    opens(&desk, edit(&desk, &["nowhere", "old", "some"]), "some/nano");
}

#[test]
fn an_empty_variable_counts_as_unset_and_a_set_one_comes_first() {
    let Some(desk) = Desk::local() else { return };
    install(&desk, "old", &["vi"]);
    for empty in ["", "  ", "\n"] {
        let run = edit(&desk, &["old"]).env("VISUAL", empty);
        opens(&desk, run.env("EDITOR", empty), "old/vi");
        desk.sandbox.put("db", "before");
    }
    let own = desk.editor("own", "printf own >\"$1\"");
    opens(&desk, edit(&desk, &["old"]).env("EDITOR", own), "own");
}

#[test]
fn what_is_no_program_or_lies_on_a_relative_entry_is_passed_over() {
    let Some(desk) = Desk::local() else { return };
    install(&desk, "here", &["nano"]);
    install(&desk, "old", &["vi"]);
    desk.sandbox.write("text/nano", "#!/bin/sh\n");
    fs::create_dir_all(desk.sandbox.home().join("folders/nano")).unwrap();
    let old = desk.sandbox.home().join("old");
    let text = desk.sandbox.home().join("text");
    let folders = desk.sandbox.home().join("folders");
    let path = std::env::join_paths(["here".into(), "".into(), text, folders, old]).unwrap();
    let run = desk.sandbox.run("edit db").env("PATH", path);
    opens(&desk, run, "old/vi");
}

#[test]
fn without_any_editor_the_error_says_what_to_set_and_nothing_is_begun() {
    let Some(desk) = Desk::with_db() else { return };
    install(&desk, "old", &["vi"]);
    let said = "lazycred: error: no editor: neither VISUAL nor EDITOR is set, and WHY\n\
        lazycred: hint: set EDITOR to the command of an editor that returns when the file is closed, as in EDITOR='code --wait'; without one, `lazycred get db --output FILE` and `lazycred put db FILE` change the secret\n";
    // None of the usual ones works without a terminal.
    let alone = said.replace("WHY", "there is no terminal for the usual ones");
    for folder in ["nowhere", "old"] {
        let run = edit(&desk, &[folder]).env("EDITOR", "").env("VISUAL", " ");
        run.stderr(&alone).status(2);
    }
    let there = "neither sensible-editor, nano, vim nor vi is on PATH";
    let mut screen = Screen::start(24, 200, edit(&desk, &["nowhere"]));
    assert_eq!(screen.ends(), 2);
    assert_eq!(screen.unwrapped(), said.replace("WHY", there));
    // Nor one that would draw into a pipe.
    let program = crate::support::PROGRAM;
    let run = desk.sandbox.shell(&format!("'{program}' edit db | cat"));
    let old = std::env::join_paths([desk.sandbox.home().join("old"), "/bin".into()]).unwrap();
    let (shown, _) = Screen::of(24, 80, run.env("PATH", old));
    assert!(shown.contains("there is no te"), "{shown}");
    assert_eq!(fs::read_dir(desk.memory.path()).unwrap().count(), 0);
    // The other way that the hint names.
    desk.sandbox.run("get db --output copy").ok();
    desk.sandbox.write("copy", "after");
    desk.sandbox.run("--quiet put db copy").ok();
    desk.sandbox.prints("get db", "after");
}
