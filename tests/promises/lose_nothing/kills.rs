//! Commands that are killed on the way, at every request and at every call
//! that touches a file: what is stored reads back whole, as it was or as it is
//! to be, the same command again finishes, and no plaintext is on a disk.

use crate::support::kills::{OLD, Work, killed_everywhere};
use crate::support::temporary;

#[test]
fn put_stores_all_or_nothing_wherever_it_is_killed() {
    killed_everywhere("put");
}

#[test]
fn set_changes_all_or_nothing_wherever_it_is_killed() {
    killed_everywhere("set");
}

#[test]
fn unset_changes_all_or_nothing_wherever_it_is_killed() {
    killed_everywhere("unset");
}

#[test]
fn edit_changes_all_or_nothing_wherever_it_is_killed() {
    if temporary::in_memory_or_skip().is_none() {
        return;
    }
    killed_everywhere("edit");
}

#[test]
fn cp_copies_all_or_nothing_wherever_it_is_killed() {
    killed_everywhere("cp");
}

#[test]
fn mv_leaves_a_secret_under_one_name_at_least_wherever_it_is_killed() {
    killed_everywhere("mv");
}

#[test]
fn rekey_wraps_all_or_nothing_wherever_it_is_killed() {
    killed_everywhere("rekey");
}

#[test]
fn upgrade_wraps_all_or_nothing_wherever_it_is_killed() {
    killed_everywhere("upgrade");
}

#[test]
fn rollback_stores_all_or_nothing_wherever_it_is_killed() {
    killed_everywhere("rollback");
}

#[test]
fn import_stores_each_secret_whole_or_not_at_all_wherever_it_is_killed() {
    killed_everywhere("import");
}

#[test]
fn rm_removes_all_or_nothing_wherever_it_is_killed() {
    Work {
        again: 3,
        ..Work::new(&["rm", "web/db"], &[&[("web/db", OLD)], &[]])
    }
    .is_whole_wherever_it_is_killed();
}
