//! `edit`: its folder is the user's own, and what is stored is what the editor
//! left in that folder.

use std::fs;

use crate::commands::edit::editor::Desk;
use crate::config::found::as_nobody;
use crate::support::temporary;

#[test]
fn a_session_folder_of_another_users_is_passed_over_by_root() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let Some(desk) = Desk::local() else { return };
    desk.sandbox.put("db", "before");
    let other = Some(nix::unistd::Uid::from_raw(65_534));
    nix::unistd::chown(desk.memory.path(), other, None).unwrap();
    desk.edit("echo \"$1\" >seen; printf after >\"$1\"", &[])
        .stderr_has("saved db")
        .ok();
    let seen = fs::read_to_string(desk.sandbox.home().join("seen")).unwrap();
    assert!(seen.starts_with("/dev/shm/lazycred-edit-"), "{seen}");
}

#[test]
fn edit_stores_nothing_if_its_folder_or_file_was_swapped() {
    let Some(desk) = Desk::local() else { return };
    let theirs = desk.sandbox.write("theirs", "chosen by another");
    for (swap, status, now) in [
        // The file that was made has not changed, so there is nothing to store.
        (
            "mv \"$d\" \"$d.aside\"; mkdir \"$d\"; cp theirs \"$1\"".to_owned(),
            0,
            "before",
        ),
        (format!("ln -sf {} \"$1\"", theirs.display()), 1, "before"),
        ("rm \"$1\"; mkfifo \"$1\"".to_owned(), 1, "before"),
        ("rm \"$1\"; mkdir \"$1\"".to_owned(), 1, "before"),
        ("rm \"$1\"".to_owned(), 1, "before"),
        // As editors save: another file under the name.
        (
            "printf after >\"$1.new\"; mv \"$1.new\" \"$1\"".to_owned(),
            0,
            "after",
        ),
    ] {
        desk.sandbox.put("db", "before");
        let script = format!("d=$(dirname \"$1\"); {swap}");
        let command = desk.edit(&script, &[]).any_stdout().any_stderr();
        command.status(status);
        desk.sandbox.run(["get", "db"]).stdout(now).ok();
    }
}

#[test]
fn an_emptied_edit_changes_nothing_unless_that_is_said() {
    let Some(desk) = Desk::local() else { return };
    for emptied in [": >\"$1\"", "echo >\"$1\"", "printf '\\r\\n' >\"$1\""] {
        for before in ["before", "{\"a\": 1}"] {
            desk.sandbox.put("db", before);
            desk.edit(emptied, &[])
                .stderr(
                    "lazycred: error: the file was emptied; nothing changed\n\
                     lazycred: hint: --allow-empty stores it empty\n",
                )
                .status(2);
            desk.sandbox.run(["get", "db"]).stdout(before).ok();
            desk.edit(emptied, &["--allow-empty"])
                .stderr_has("saved db (replaced; ")
                .ok();
            assert_ne!(desk.sandbox.run(["get", "db"]).gives().text(), before);
        }
    }
    assert_eq!(fs::read_dir(desk.memory.path()).unwrap().count(), 0);
}

#[test]
fn edit_works_and_cleans_up_under_any_umask() {
    // Told where there is no memory.
    if temporary::in_memory_or_skip().is_none() {
        return;
    }
    let script = "
        t=$(mktemp -d) && d=$(mktemp -d /dev/shm/test-XXXXXX) && cd $t || exit 1
        export HOME=$t XDG_RUNTIME_DIR=$d EDITOR=$t/ed
        printf '#!/bin/sh\nstat -c %%a $(dirname $1)/ $1 >>seen; echo x >>$1' >ed && chmod 700 ed
        $L --quiet init --local && printf x | $L --quiet put db || exit 1
        >seen
        # As one that died at once leaves it.
        mkdir -m 0 $d/lazycred-edit-0123456789abcdef
        for mask in 0777 0477 0277 0177; do (umask $mask; $L --quiet edit db) || echo failed; done
        tr '\n' ' ' <seen; ls -A $d
        chmod -R u+rwx $t $d && rm -r $t $d";
    let Some((out, err)) = as_nobody(script) else {
        return;
    };
    assert_eq!((&*out, &*err), (&*"700 600 ".repeat(4), ""));
}
