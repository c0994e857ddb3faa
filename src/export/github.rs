//! Files that a step on GitHub Actions hands variables and outputs on by, and the
//! commands that hide values in its log.
//!
//! Source: `src/Runner.Worker/FileCommandManager.cs` and `GitHubContext.cs` of
//! <https://github.com/actions/runner>.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::exported::{Cannot, Exported};
use crate::secret::Secret;

/// What a step hands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Variables, to the steps behind it.
    Variables,
    /// Outputs, to whoever asks for them.
    Outputs,
}

/// Variables that the runner gives every step anew, whatever was handed on:
/// these behind `GITHUB_`, and all that start with `RUNNER_`.
#[rustfmt::skip]
const GIVEN: &[&str] = &[
    "ACTION", "ACTION_PATH", "ACTION_REF", "ACTION_REPOSITORY", "ACTOR", "ACTOR_ID", "API_URL", "BASE_REF", "ENV",
    "EVENT_NAME", "EVENT_PATH", "GRAPHQL_URL", "HEAD_REF", "JOB", "OUTPUT", "PATH", "REF", "REF_NAME",
    "REF_PROTECTED", "REF_TYPE", "REPOSITORY", "REPOSITORY_ID", "REPOSITORY_OWNER", "REPOSITORY_OWNER_ID",
    "RETENTION_DAYS", "RUN_ATTEMPT", "RUN_ID", "RUN_NUMBER", "SERVER_URL", "SHA", "STATE", "STEP_SUMMARY",
    "TRIGGERING_ACTOR", "WORKFLOW", "WORKFLOW_REF", "WORKFLOW_SHA", "WORKSPACE", "ACTIONS",
];

/// One variable or output, between two lines that hold `random`.
pub(super) fn write(
    step: Step,
    name: &str,
    text: &str,
    random: &str,
    out: &mut Vec<u8>,
) -> Result<(), Cannot> {
    if step == Step::Variables {
        let given = name.strip_prefix("GITHUB_");
        if given.is_some_and(|name| GIVEN.contains(&name)) || name.starts_with("RUNNER_") {
            return Err((
                "has a name that the runner sets itself",
                "it sets it again for each step",
            ));
        }
        if name.eq_ignore_ascii_case("NODE_OPTIONS") {
            return Err(("has a name that the runner blocks", "it fails the step"));
        }
    }
    if text.contains(random) {
        return Err(("holds the delimiter", "run it again for another one"));
    }
    let head = format!("{name}<<{random}\n");
    let tail = format!("\n{random}\n");
    for part in [head.as_bytes(), text.as_bytes(), tail.as_bytes()] {
        out.extend_from_slice(part);
    }
    Ok(())
}

/// Refuses the second of two outputs whose names differ by case alone: the runner
/// takes them for one.
pub(super) fn alike(step: Step, name: &str, before: &mut BTreeSet<String>) -> Result<(), Cannot> {
    if step == Step::Outputs && !before.insert(name.to_ascii_lowercase()) {
        return Err((
            "has a name that differs from another only in case",
            "the runner takes them for one output",
        ));
    }
    Ok(())
}

/// The lines of a value, as the commands that have GitHub Actions hide them.
pub(crate) fn masks(variables: &[Exported]) -> Secret {
    let size = |variable: &Exported| variable.value.as_ref().map_or(0, |value| 20 * value.len());
    let room = variables.iter().map(size).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    for value in variables.iter().filter_map(|one| one.value.as_ref()) {
        let lines = value.as_bytes().split(|byte| matches!(byte, b'\n' | b'\r'));
        for line in lines.filter(|line| is_worth_hiding(line)) {
            out.extend_from_slice(b"::add-mask::");
            for byte in line {
                match byte {
                    b'%' => out.extend_from_slice(b"%25"),
                    byte => out.push(*byte),
                }
            }
            out.push(b'\n');
        }
    }
    Secret::from(out)
}

/// Whether a line is more than what stands in every log: hidden, `true` or `},`
/// would take the log apart, and tell by that what they were.
fn is_worth_hiding(line: &[u8]) -> bool {
    let characters = line.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    let says_something = |byte: &u8| !byte.is_ascii_punctuation() && !byte.is_ascii_whitespace();
    let word = line.trim_ascii();
    let everyday = [&b"true"[..], b"false", b"null"];
    characters >= 3 && line.iter().any(says_something) && !everyday.contains(&word)
}
