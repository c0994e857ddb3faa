//! Documents that say how something is tested name tests that there are.

use std::fs;
use std::path::Path;

use crate::support::files::rust_files_below;

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
