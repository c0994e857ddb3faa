//! The examples, run or read.

use std::path::Path;

use crate::support::harness::{PROGRAM, Sandbox};

#[test]
fn the_quickstart_shows_what_the_command_saw_and_that_lazycred_is_gone() {
    let program = Path::new(PROGRAM)
        .parent()
        .unwrap()
        .join("examples/quickstart");
    assert!(
        program.exists(),
        "`cargo test` builds it; `cargo build --examples` does too"
    );
    let sandbox = Sandbox::new();
    let nothing: [&str; 0] = [];
    let run = sandbox.run(nothing);
    let outcome = run.program(program).any_stdout().stderr("").ok();
    let lines = outcome.lines();
    for expected in ["DB_HOST=db.internal", "DB_PORT=5432", "API_TOKEN=hunter2"] {
        assert!(
            lines.iter().any(|line| line == expected),
            "{expected}: {}",
            outcome.text()
        );
    }
    let pid = |label: &str| {
        let line = lines.iter().find_map(|line| line.strip_prefix(label));
        line.unwrap_or_else(|| panic!("{label}: {}", outcome.text()))
            .to_owned()
    };
    let started: Vec<_> = pid("started lazycred as process ")
        .split('.')
        .map(str::to_owned)
        .collect();
    let command = pid("the command is process ");
    assert_eq!(Some(started[0].as_str()), command.split(',').next());
    assert!(!command.contains("quickstart"), "{command}");
}
