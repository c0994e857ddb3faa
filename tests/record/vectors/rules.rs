//! Every rule of `docs/format.md` has a test, and every sentence with MUST a rule.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::vectors;
use crate::support::files::rust_files_below;

/// The sentence that says what the word means.
const MEANING: &str = "MUST marks what an implementation can be tested for.";

/// The rule that a line states.
fn stated_by(line: &str) -> Option<&str> {
    let (rule, _) = line.strip_prefix("- **")?.split_once("** ")?;
    Some(rule)
}

/// Every sentence with MUST, and the rule that it belongs to. A rule is one line.
fn sentences(text: &str) -> Vec<(Option<&str>, &str)> {
    let sentences = text.lines().flat_map(|line| {
        let sentences = line.split_inclusive(". ");
        sentences.map(move |sentence| (stated_by(line), sentence.trim()))
    });
    sentences
        .filter(|(_, sentence)| sentence.contains("MUST") && *sentence != MEANING)
        .collect()
}

/// Every rule stands in the document's own table of tests, and what that names
/// is there: vectors that say so, or a test function.
#[test]
fn every_rule_of_the_format_has_a_test() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md")).unwrap();
    let (rules, _) = text.split_once("## 8. Tests").expect("tests");
    let (_, table) = text
        .split_once("| rules | tests |")
        .expect("the table of tests");
    let mut stated: BTreeSet<&str> = BTreeSet::new();
    for line in rules.lines() {
        if let Some(rule) = stated_by(line) {
            assert!(stated.insert(rule), "{rule} is stated twice");
        }
    }
    // A row of the table of members is a rule, too.
    for line in rules.lines().filter(|line| line.starts_with("| V")) {
        let rule = line.split(' ').nth(1).unwrap();
        assert!(stated.contains(rule), "{rule} is in the table alone");
    }
    // Nothing refers to a rule that is not there.
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.') {
        let word = word.trim_end_matches('.');
        let rest = word.strip_prefix(['C', 'V', 'R', 'W', 'G']).unwrap_or("x");
        if rest.chars().all(|c| c.is_ascii_digit() || c == '.') && !rest.is_empty() {
            assert!(stated.contains(word), "no rule {word}");
        }
    }
    let files = ["v1.json", "v2.json"].map(vectors);
    let covered: BTreeSet<&str> = files
        .iter()
        .flat_map(|vectors| &vectors.cases)
        .flat_map(|case| &case.rules)
        .map(String::as_str)
        .collect();
    let mut sources = String::new();
    for folder in ["src", "tests"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in rust_files_below(&folder) {
            let source = fs::read_to_string(file).unwrap();
            for line in source.lines() {
                sources.push_str(line.trim_start());
                sources.push('\n');
            }
        }
    }
    let mut tested = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for rule in cells[1].split(' ') {
            tested.insert(rule);
            for test in cells[2].split(", ") {
                let name = test.strip_prefix('`');
                if let Some(name) = name.and_then(|name| name.strip_suffix('`')) {
                    let function = format!("#[test]\nfn {name}(");
                    assert_eq!(sources.matches(&function).count(), 1, "{name}");
                } else {
                    assert_eq!(test, "vectors");
                    assert!(covered.contains(rule), "no vector for {rule}");
                }
            }
        }
    }
    assert_eq!(tested, stated);
    let sentences = sentences(&text);
    for (rule, sentence) in &sentences {
        let rule = rule.unwrap_or_else(|| panic!("it belongs to no rule: {sentence}"));
        assert!(tested.contains(rule), "{rule} has no test: {sentence}");
    }
    assert!(sentences.len() >= 55, "{}", sentences.len());
    let unknown: Vec<_> = covered.difference(&stated).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
