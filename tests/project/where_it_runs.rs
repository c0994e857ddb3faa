//! The pages that say where lazycred runs: what they show is in the examples, which other
//! tests start, and what a reader types is typed.

use std::fs;
use std::path::Path;

use crate::journeys::with_credentials;
use crate::support::console::follow;
use crate::support::{FakeAws, full};

/// Pages, and how many pieces of the examples each shows.
const PAGES: [(&str, usize); 5] = [
    ("docs/docker.md", 2),
    ("docs/ecs.md", 3),
    ("docs/kubernetes.md", 2),
    ("docs/lambda.md", 4),
    ("docs/systemd.md", 2),
];

/// Those that a reader starts with, and what they lead to.
const NEW: [&str; 9] = [
    "docs/aws-in-five-commands.md",
    "docs/comparison.md",
    "docs/docker.md",
    "docs/ecs.md",
    "docs/install.md",
    "docs/kubernetes.md",
    "docs/lambda.md",
    "docs/systemd.md",
    "docs/where-it-runs.md",
];

#[track_caller]
fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn five_commands_lead_from_an_aws_account_to_a_program_with_its_secret() {
    if full::tool("jq").is_none() {
        return;
    }
    let fake = FakeAws::start();
    let Some(sandbox) = with_credentials(&fake) else {
        return;
    };
    let page = "docs/aws-in-five-commands.md";
    assert!(follow(page, &sandbox) >= 5);
    let headings = read(page);
    let headings = headings.lines().filter(|line| line.starts_with("## "));
    let numbered = headings.filter(|line| line.as_bytes()[3].is_ascii_digit());
    assert_eq!(numbered.count(), 5);
}

/// A line as it is compared: without its indentation, a comment's mark and a last comma.
fn bare(line: &str) -> &str {
    let line = line.trim();
    let line = line.strip_prefix("# ").unwrap_or(line).trim();
    line.trim_end_matches(',')
}

#[test]
fn what_the_pages_show_of_an_example_stands_in_it_in_that_order() {
    for (page, expected) in PAGES {
        let text = read(page);
        let (mut file, mut shown, mut lines) = (None, 0, text.lines());
        while let Some(line) = lines.next() {
            for link in line.split("](../").skip(1) {
                file = link
                    .split(')')
                    .next()
                    .filter(|path| path.starts_with("examples/"));
            }
            // What follows is tried in tests/paths/container.sh.
            if line == "## Try it" {
                break;
            }
            if !line.starts_with("```") {
                continue;
            }
            let file = file.unwrap_or_else(|| panic!("{page}: {line} is of no example"));
            let example = read(file);
            let mut rest = example.lines();
            for line in lines.by_ref().take_while(|line| *line != "```") {
                let there = rest.any(|other| bare(other) == bare(line));
                assert!(there, "{page}: not in {file}, or not there: {line}");
            }
            shown += 1;
        }
        assert_eq!(shown, expected, "{page}");
    }
}

#[test]
fn the_new_pages_are_short_and_found_from_the_page_that_lists_them() {
    let list = read("docs/where-it-runs.md");
    for (page, _) in PAGES {
        let name = page.strip_prefix("docs/").unwrap();
        assert!(list.contains(&format!("]({name})")), "{name}");
    }
    for page in NEW {
        let lines = read(page).lines().count();
        assert!(lines < 200, "{page} has {lines} lines");
    }
}

/// One release is named everywhere: the one that this is.
#[test]
fn pages_and_examples_name_the_release_that_this_is() {
    let version = env!("CARGO_PKG_VERSION");
    let mut files: Vec<String> = NEW.map(str::to_owned).into();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for path in crate::support::files::files_below(&examples) {
        let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        files.push(path.to_str().unwrap().to_owned());
    }
    let mut named = 0;
    for file in files {
        let Ok(text) = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)) else {
            continue;
        };
        for before in [
            "lazycred/lazycred:",
            "lazycred/lazycred@v",
            "\nversion=",
            "/download/v",
            "lazycred-",
            "lazycred_",
        ] {
            for piece in text.split(before).skip(1) {
                if piece.starts_with(|c: char| c.is_ascii_digit()) {
                    assert!(
                        piece.starts_with(version),
                        "{file}: {before}{}",
                        &piece[..9]
                    );
                    named += 1;
                }
            }
        }
    }
    assert!(named > 15, "{named}");
}
