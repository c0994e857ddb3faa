//! What users type: other programs' words, slips, and arguments that do not fit.

mod commands;
mod flags;
mod names;
mod short_flags;
mod slips;
mod usage;

use crate::support::Sandbox;

/// What the hint says.
#[track_caller]
fn hinted(sandbox: &Sandbox, args: &[&str], status: i32) -> String {
    let told = sandbox.run(args).any_stdout().fails(status).stderr;
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    let hint = lines[1].strip_prefix("lazycred: hint: ");
    hint.unwrap_or_else(|| panic!("{told}")).to_owned()
}
