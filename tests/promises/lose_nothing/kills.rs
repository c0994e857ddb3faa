//! Commands that are killed on the way, at every request, at every call that
//! changes a file, and at any time: what is stored reads back whole, as it was or
//! as it is to be, the same command again finishes, and no plaintext is on a disk.

use crate::support::kills::{self, Files, OLD, Work, killed_everywhere, writers_of_files};
use crate::support::{FakeAws, full, temporary};

/// At so many points at least, where calls can be traced; and elsewhere.
const POINTS: usize = 30;

#[test]
fn put_stores_all_or_nothing_wherever_it_is_killed() {
    let points = killed_everywhere("put");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn set_changes_all_or_nothing_wherever_it_is_killed() {
    let points = killed_everywhere("set");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn unset_changes_all_or_nothing_wherever_it_is_killed() {
    let points = killed_everywhere("unset");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn edit_changes_all_or_nothing_wherever_it_is_killed() {
    if temporary::in_memory_or_skip().is_none() {
        return;
    }
    let points = killed_everywhere("edit");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn cp_copies_all_or_nothing_wherever_it_is_killed() {
    let points = killed_everywhere("cp");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn mv_leaves_a_secret_under_one_name_at_least_wherever_it_is_killed() {
    let points = killed_everywhere("mv");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn rekey_wraps_all_or_nothing_wherever_it_is_killed() {
    let points = killed_everywhere("rekey");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn upgrade_wraps_all_or_nothing_wherever_it_is_killed() {
    let points = killed_everywhere("upgrade");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn rollback_stores_all_or_nothing_wherever_it_is_killed() {
    let points = killed_everywhere("rollback");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn import_stores_each_secret_whole_or_not_at_all_wherever_it_is_killed() {
    let points = killed_everywhere("import");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn rm_removes_all_or_nothing_wherever_it_is_killed() {
    let work = Work {
        again: 3,
        ..Work::new(&["rm", "web/db"], &[&[("web/db", OLD)], &[]])
    };
    let points = work.is_whole_wherever_it_is_killed();
    assert!(points >= POINTS, "{points}");
}

/// Kills all of a command that write a file which is no store's.
#[track_caller]
fn is_written_whole(command: &str) -> usize {
    let works = writers_of_files(command).map(|work| {
        let about = format!("{:?}", work.args);
        let mut points = 0;
        if work.args[0] != "init" {
            for format in [1, 2] {
                let make = |aws: &FakeAws| Files::aws(work, aws, format);
                points += kills::kill_at_each_request(&about, make);
            }
        }
        if work.is_of_folder() {
            points += kills::kill_at_each_call(&about, || Files::folder(work));
        } else {
            let aws = FakeAws::start();
            points += kills::kill_at_each_call(&about, || Files::aws(work, &aws, 2));
        }
        points
    });
    works.sum()
}

#[test]
fn get_writes_a_file_or_none_wherever_it_is_killed() {
    let points = is_written_whole("get");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn render_writes_a_file_or_none_wherever_it_is_killed() {
    let points = is_written_whole("render");
    assert!(points >= POINTS, "{points}");
}

#[test]
fn export_appends_all_or_nothing_wherever_it_is_killed() {
    let points = is_written_whole("export");
    assert!(points >= 8, "{points}");
}

#[test]
fn init_makes_a_configuration_and_a_wrapping_key_wherever_it_was_killed_before() {
    let points = is_written_whole("init");
    assert!(points >= 8, "{points}");
}

#[test]
fn whatever_is_killed_at_any_time_leaves_what_was_stored_or_what_is_to_be() {
    kills::kill_at_any_time(full::many(40, 1000));
}
