//! Help, as it is shown; `LAZYCRED_BLESS=1 cargo test` writes `help/*.txt` again.

use std::fs;
use std::path::Path;

use crate::support::harness::Sandbox;

#[test]
fn help_text_is_unchanged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/project/help");
    let bless = std::env::var_os("LAZYCRED_BLESS").is_some();
    let mut commands = Sandbox::new().commands();
    commands.push(String::new());
    for command in &commands {
        for (flag, suffix) in [("-h", "short"), ("--help", "long")] {
            let args: Vec<_> = [command.as_str(), flag]
                .into_iter()
                .filter(|arg| !arg.is_empty())
                .collect();
            let shown = Sandbox::new().run(args).gives().text();
            let name = if command.is_empty() {
                "lazycred"
            } else {
                command
            };
            let file = folder.join(format!("{name}.{suffix}.txt"));
            if bless {
                fs::write(&file, &shown).unwrap();
            }
            assert_eq!(
                shown,
                fs::read_to_string(&file).unwrap_or_default(),
                "{}",
                file.display()
            );
            assert!(
                shown.lines().all(|line| line.chars().count() <= 80),
                "{shown}"
            );
            assert!(shown.contains("Examples:\n  $ lazycred "), "{shown}");
        }
    }
}

#[test]
fn without_arguments_the_short_help_is_on_stderr() {
    let sandbox = Sandbox::new();
    let short = sandbox.run(["-h"]).gives().text();
    let nothing: [&str; 0] = [];
    sandbox.run(nothing).stderr(&short).status(2);
}

#[test]
fn the_version_is_the_packages() {
    let expected = format!("lazycred {}\n", env!("CARGO_PKG_VERSION"));
    Sandbox::new().run(["--version"]).stdout(expected).ok();
}
