//! Documents name tests and flags that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::Sandbox;
use crate::support::files::{files_below, rust_files_below};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Every row of `docs/aws.md` ends with tests, all of which are there: one that
/// is renamed is renamed here too, and nothing is said that nobody has tried.
#[test]
fn every_row_about_aws_has_tests_and_they_are_there() {
    let mut sources = String::new();
    for folder in ["src", "tests"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in rust_files_below(&folder) {
            sources.push_str(&fs::read_to_string(file).unwrap());
        }
    }
    let (text, mut rows) = (read("docs/aws.md"), 0);
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, _, tests] = cells[..] else {
            panic!("not three cells: {line}");
        };
        if tests == "tests" {
            continue;
        }
        rows += 1;
        for test in tests.split(", ") {
            let name = test
                .strip_prefix('`')
                .and_then(|name| name.strip_suffix('`'));
            let name = name.unwrap_or_else(|| panic!("no test's name: {line}"));
            assert!(sources.contains(&format!("fn {name}(")), "no test `{name}`");
        }
    }
    assert!(rows > 30, "{rows} rows");
}

/// The flags of a command, as its help lists them.
fn flags(command: &str) -> BTreeSet<String> {
    let help = Sandbox::new().run([command, "--help"]).gives().text();
    let (_, options) = help.split_once("Options:").unwrap();
    let words = options.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words
        .filter(|word| word.starts_with("--"))
        .map(str::to_owned)
        .collect()
}

/// What is typed: between backquotes, and the lines of blocks.
fn typed(text: &str) -> Vec<String> {
    let (mut prose, mut all, mut inside) = (String::new(), Vec::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside || line.starts_with("    ") {
            all.push(line.to_owned());
        } else {
            prose += line;
            prose.push('\n');
        }
    }
    let code = prose.split('`').skip(1).step_by(2);
    // Of `COMMAND --flag`, too, which does not name the program.
    all.extend(code.map(|code| format!("lazycred {}", code.replace('\n', " "))));
    all
}

#[test]
fn every_flag_that_a_document_gives_to_a_command_is_one_that_it_takes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = ["docs", "examples"]
        .iter()
        .flat_map(|folder| files_below(&root.join(folder)))
        .collect();
    files.extend(
        [
            "README.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "CHANGELOG.md",
        ]
        .map(|name| root.join(name)),
    );
    let commands = Sandbox::new().commands();
    let known: BTreeMap<&str, BTreeSet<String>> = commands
        .iter()
        .map(|command| (command.as_str(), flags(command)))
        .collect();
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in files {
        if file.extension().is_none_or(|end| end != "md") {
            continue;
        }
        for line in typed(&fs::read_to_string(&file).unwrap()) {
            for call in line.split("lazycred ").skip(1) {
                let words = call.split_whitespace();
                // Until another program's: after the command of `exec`, a pipe, a quote.
                let own: Vec<&str> = words
                    .take_while(|word| !["--", "|", "&&", "||", ";", "(", "#"].contains(word))
                    .collect();
                let Some(flags) = own.first().and_then(|command| known.get(command)) else {
                    continue;
                };
                for word in own.iter().filter(|word| word.starts_with("--")) {
                    let flag = word.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
                    let flag = flag.into_iter().next().unwrap();
                    seen += 1;
                    if flag != "--help" && !flags.contains(flag) {
                        wrong.push(format!("{}: lazycred {call}", file.display()));
                    }
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(seen > 100, "{seen}");
}
