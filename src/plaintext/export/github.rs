//! The files through which a GitHub Actions step passes on variables and outputs,
//! and the commands that mask values in its log.
//!
//! Source: `src/Runner.Worker/FileCommandManager.cs` and `GitHubContext.cs` of
//! <https://github.com/actions/runner>.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::exported::{Cannot, put};
use crate::base::Secret;
use crate::plaintext::vars::Var;

/// What a step passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Variables, to later steps.
    Variables,
    /// Outputs, to other steps and jobs that refer to them.
    Outputs,
}

/// Variables that the runner sets again for every step: these after `GITHUB_`, and
/// all that start with `RUNNER_`.
#[rustfmt::skip]
const GIVEN: &[&str] = &[
    "ACTION", "ACTION_PATH", "ACTION_REF", "ACTION_REPOSITORY", "ACTOR", "ACTOR_ID", "API_URL", "BASE_REF", "ENV",
    "EVENT_NAME", "EVENT_PATH", "GRAPHQL_URL", "HEAD_REF", "JOB", "OUTPUT", "PATH", "REF", "REF_NAME",
    "REF_PROTECTED", "REF_TYPE", "REPOSITORY", "REPOSITORY_ID", "REPOSITORY_OWNER", "REPOSITORY_OWNER_ID",
    "RETENTION_DAYS", "RUN_ATTEMPT", "RUN_ID", "RUN_NUMBER", "SERVER_URL", "SHA", "STATE", "STEP_SUMMARY",
    "TRIGGERING_ACTOR", "WORKFLOW", "WORKFLOW_REF", "WORKFLOW_SHA", "WORKSPACE", "ACTIONS",
];

/// Writes one variable or output, delimited by lines with `random`.
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
                "each step would get the runner's value",
            ));
        }
        if name.eq_ignore_ascii_case("NODE_OPTIONS") {
            return Err((
                "has a name that the runner blocks",
                "it would fail the step",
            ));
        }
    }
    if text.contains(random) {
        return Err((
            "contains the delimiter",
            "run the command again to get another one",
        ));
    }
    let head = format!("{name}<<{random}\n");
    let tail = format!("\n{random}\n");
    put(out, &[head.as_bytes(), text.as_bytes(), tail.as_bytes()]);
    Ok(())
}

/// Rejects the second of two outputs whose names differ only in case: the runner
/// treats them as one.
pub(super) fn alike(step: Step, name: &str, before: &mut BTreeSet<String>) -> Result<(), Cannot> {
    if step == Step::Outputs && !before.insert(name.to_ascii_lowercase()) {
        return Err((
            "has a name that differs from another only in case",
            "the runner treats them as one output",
        ));
    }
    Ok(())
}

/// The commands that make GitHub Actions mask the lines of all values.
///
/// # Examples
///
/// ```
/// let client = lazycred::blocking::Client::in_memory()?;
/// client.put("token", "hunter2")?;
/// let variables: Vec<_> = client.load(["token"])?.iter().cloned().collect();
/// let masks = lazycred::export::masks(&variables);
/// assert_eq!(masks.as_bytes(), b"::add-mask::hunter2\n");
/// # Ok::<(), lazycred::Error>(())
/// ```
#[must_use]
pub fn masks(variables: &[Var]) -> Secret {
    let size = |variable: &Var| variable.value.as_ref().map_or(0, |value| 20 * value.len());
    let room = variables.iter().map(size).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    for value in variables.iter().filter_map(|one| one.value.as_ref()) {
        let lines = value.as_bytes().split(|byte| matches!(byte, b'\n' | b'\r'));
        let spellings = lines.flat_map(|line| {
            // A shell shows a value without the blanks at its ends.
            let word = line.trim_ascii();
            [Some(line), (word != line).then_some(word)]
        });
        for line in spellings.flatten().filter(|line| is_worth_hiding(line)) {
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

/// Whether a line is unusual enough to mask: masking `true` or `},` would garble the
/// log and reveal what they were.
fn is_worth_hiding(line: &[u8]) -> bool {
    let characters = line.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    let says_something = |byte: &u8| !byte.is_ascii_punctuation() && !byte.is_ascii_whitespace();
    let word = line.trim_ascii();
    let everyday = [&b"true"[..], b"false", b"null"];
    characters >= 3 && line.iter().any(says_something) && !everyday.contains(&word)
}
