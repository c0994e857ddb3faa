//! `docs/comparison.md`: every claim about another tool names its source.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The numbers in brackets that are no links.
fn cited(text: &str) -> BTreeSet<u32> {
    let pieces = text.split('[').skip(1);
    let numbers = pieces.filter_map(|piece| piece.split_once(']')?.0.parse().ok());
    numbers.collect()
}

#[test]
fn every_cell_about_another_tool_has_a_source_and_every_source_is_used() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/comparison.md");
    let text = fs::read_to_string(path).unwrap();
    let (text, sources) = text.split_once("\n## Sources\n").unwrap();
    let numbered = sources.lines().filter_map(|line| line.split_once(". "));
    let numbered: BTreeSet<u32> = numbered
        .filter_map(|(number, _)| number.parse().ok())
        .collect();
    assert_eq!(cited(text), numbered);
    let (mut cells, mut rows) = (0, 0);
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let row: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [what, ours, theirs @ ..] = &row[..] else {
            panic!("{line}");
        };
        assert_eq!(theirs.len(), 5, "{line}");
        if ours.is_empty() || *ours == "LazyCred" {
            continue;
        }
        rows += 1;
        for cell in theirs {
            let said = cell.trim_matches('*');
            // What was not looked up, and what was looked for and is not there.
            let bare = ["", "–"];
            if !bare.contains(&said) {
                cells += 1;
                let by_us = ["**m**", "**h**"].iter().any(|mark| cell.contains(mark));
                let source = !cited(cell).is_empty() || by_us;
                assert!(source, "{what}: {cell}");
            }
        }
    }
    assert!(rows > 15 && cells > 50, "{rows} rows, {cells} cells");
}
