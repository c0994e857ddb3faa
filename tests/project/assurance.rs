//! `docs/assurance.md` and `docs/threat-model.md` name tests and scripts that there are, and figures that those hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use regex_lite::Regex;

use crate::support::files::rust_files_below;

const PAGE: &str = "docs/assurance.md";
const LINES: usize = 26;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All tests of this program, by their whole names.
fn tests() -> BTreeSet<String> {
    let list = Command::new(std::env::current_exe().unwrap())
        .arg("--list")
        .env_clear()
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let names = list.lines().filter_map(|line| line.strip_suffix(": test"));
    names.map(str::to_owned).collect()
}

/// What stands between backquotes, over lines too.
fn code(text: &str) -> Vec<String> {
    let code = text.split('`').skip(1).step_by(2);
    code.map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// A line of the page: its row of the table, and its section.
struct Line {
    name: String,
    row: String,
    section: String,
    commands: Vec<String>,
}

impl Line {
    /// The paragraph of the section's list that begins with this word.
    fn item(&self, word: &str) -> String {
        let start = format!("\n- *{word}:* ");
        let (_, rest) = self
            .section
            .split_once(&start)
            .unwrap_or_else(|| panic!("{} does not say *{word}:*", self.name));
        let end = rest.find("\n- *").unwrap_or(rest.len());
        rest[..end].to_owned()
    }
}

fn lines() -> Vec<Line> {
    let page = read(PAGE);
    let mut sections = page.split("\n## ");
    let summary = sections.next().unwrap().to_owned();
    let sections: Vec<&str> = sections.collect();
    let line = |number: usize| {
        let name = format!("T{number}");
        let mut rows = summary.lines();
        let row = rows.find(|row| row.starts_with(&format!("| [{name}](#")));
        let row = row
            .unwrap_or_else(|| panic!("{name} has no row"))
            .to_owned();
        let mut found = sections.iter();
        let section = found.find(|section| section.starts_with(&format!("{name} ")));
        let section = section.unwrap_or_else(|| panic!("{name} has no section"));
        let commands = ["sh", "bash"].map(|language| {
            let block = section.split_once(&format!("\n```{language}\n"));
            let block = block.and_then(|(_, block)| block.split_once("\n```\n"));
            block.map_or(String::new(), |(block, _)| {
                block.replace("\\\n", " ") + "\n"
            })
        });
        let commands = commands.concat().lines().map(str::to_owned).collect();
        let section = format!("## {section}");
        Line {
            name,
            row,
            section,
            commands,
        }
    };
    (1..=LINES).map(line).collect()
}

#[test]
fn every_line_has_a_figure_a_command_what_fails_it_and_what_it_does_not_cover() {
    for line in lines() {
        let cells: Vec<&str> = line.row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 4, "{}", line.row);
        let has_number = |cell: &&&str| cell.contains(|c: char| c.is_ascii_digit());
        assert!(
            cells[2..].iter().any(|cell| has_number(&cell)),
            "{}",
            line.row
        );
        assert!(!line.commands.is_empty(), "{}", line.name);
        for word in ["Held by", "Long run", "Seen to fail", "Not covered"] {
            assert!(line.item(word).len() > 3, "{}: {word}", line.name);
        }
    }
}

/// Whether the unit tests have a module or a test of this name.
fn is_unit_test(filter: &str, sources: &str) -> bool {
    let last = filter.trim_end_matches("::").rsplit("::").next().unwrap();
    sources.contains(&format!("fn {last}")) || sources.contains(&format!("mod {last}"))
}

#[test]
fn every_test_script_and_file_that_the_page_names_is_there() {
    let (tests, mut sources) = (tests(), String::new());
    for file in rust_files_below(&root().join("src")) {
        sources += &fs::read_to_string(file).unwrap();
    }
    let path = Regex::new(
        r"^(\.ci|benches|docs|examples|fuzz|packaging|python|scripts|src|tests)/[\w./-]+$|^\w+\.toml$",
    )
    .unwrap();
    let mut named = 0;
    for line in lines() {
        let of_text = code(&line.section);
        let words = line.commands.iter().flat_map(|command| command.split(' '));
        let words: Vec<String> = words.map(str::to_owned).chain(of_text).collect();
        for word in words.iter().filter(|word| path.is_match(word)) {
            // What a command makes is not there before.
            if !word.starts_with("target/") {
                assert!(root().join(word).exists(), "{}: no {word}", line.name);
                named += 1;
            }
        }
        for command in &line.commands {
            let (command, _) = command.split_once(" #").unwrap_or((command, ""));
            let Some((before, filters)) = command.split_once(" -- ") else {
                continue;
            };
            if !before.contains("cargo test") {
                continue;
            }
            let exact = filters.split(' ').any(|word| word == "--exact");
            let filters = filters
                .split(' ')
                .filter(|word| !word.is_empty() && !word.starts_with("--"));
            for filter in filters {
                let is_there = if before.contains("--test integration") {
                    tests.contains(filter)
                        || !exact && tests.iter().any(|test| test.contains(filter))
                } else {
                    is_unit_test(filter, &sources)
                };
                assert!(is_there, "{}: no test {filter}", line.name);
                named += 1;
            }
        }
    }
    assert!(named >= 2 * LINES, "{named}");
}

/// The numbers in a text, however their thousands are separated.
fn numbers(text: &str) -> BTreeSet<String> {
    let number = Regex::new(r"\d[\d_,]*").unwrap();
    let found = number.find_iter(text);
    found
        .map(|number| number.as_str().replace(['_', ','], ""))
        .collect()
}

#[test]
fn the_figures_of_the_page_are_those_that_the_sources_hold() {
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in lines() {
        let held = line.item("Held by");
        let code = code(&held);
        let [file, fragments @ ..] = &code[..] else {
            panic!("{}: no file in *Held by*", line.name);
        };
        let mut file = file;
        let mut quoted: BTreeSet<String> = BTreeSet::new();
        for fragment in fragments {
            if root().join(fragment).is_file() {
                file = fragment;
                continue;
            }
            let text = joined(&read(file));
            assert!(
                text.contains(fragment),
                "{}: {file} has no `{fragment}`",
                line.name
            );
            let figures = numbers(&line.row);
            let held = numbers(fragment);
            assert!(
                held.is_empty() || held.intersection(&figures).next().is_some(),
                "{}: none of {held:?} is in {}",
                line.name,
                line.row
            );
            quoted.extend(held);
        }
        // A script that compares has no number of its own.
        let compares = file.starts_with("scripts/");
        assert!(
            !quoted.is_empty() || compares,
            "{}: *Held by* has no number",
            line.name
        );
        // What there is none of needs no number.
        let mut claimed = numbers(line.row.split(" | ").nth(2).unwrap());
        claimed.remove("0");
        assert!(
            compares || claimed.is_subset(&quoted),
            "{}: {claimed:?} in CI, where {quoted:?} are held",
            line.name
        );
    }
}

#[test]
fn the_script_knows_each_line_and_no_other() {
    let script = |words: &[&str]| {
        let script = root().join("scripts/assurance");
        let ran = Command::new(script).args(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (ran.status.code(), text(ran.stdout), text(ran.stderr))
    };
    if crate::support::full::tool("python3").is_none() {
        return;
    }
    let (status, listed, errors) = script(&["--list"]);
    assert_eq!((status, &*errors), (Some(0), ""));
    let expected = lines().into_iter().map(|line| {
        let commands: Vec<String> = line
            .commands
            .iter()
            .map(|line| format!("    {line}\n"))
            .collect();
        format!("{}\n{}", line.name, commands.concat())
    });
    let spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(spaces(&listed), spaces(&expected.collect::<String>()));
    let (status, listed, errors) = script(&["T27"]);
    assert_eq!((status, &*listed), (Some(2), ""));
    assert_eq!(
        errors,
        "scripts/assurance: docs/assurance.md has no line T27\n"
    );
}

/// The rows of a page's tables, without their heads.
fn rows(page: &str) -> Vec<[String; 2]> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let cells = |row: &str| -> [String; 2] {
        let cells = row.trim_matches('|').split(" | ");
        let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
        let cells = cells.try_into();
        cells.unwrap_or_else(|_| panic!("not two cells: {row}"))
    };
    let rows = rows.map(cells);
    rows.filter(|[_, shown]| shown != "Shown by").collect()
}

#[test]
fn every_sentence_of_the_threat_model_names_the_tests_that_would_show_it_wrong() {
    let (page, tests) = (read("docs/threat-model.md"), tests());
    let rows = rows(&page);
    let mut named = 0;
    for [sentence, shown] in &rows {
        assert!(sentence.ends_with('.'), "{sentence}");
        if let Some(why) = shown.strip_prefix("not tested: ") {
            assert!(why.len() > 10, "{sentence}");
            continue;
        }
        for test in shown.split(", ") {
            let name = test
                .strip_prefix('`')
                .and_then(|name| name.strip_suffix('`'));
            let name = name.unwrap_or_else(|| panic!("no test's name: {shown}"));
            let mut known = tests.iter();
            let is_it = |known: &String| *known == name || known.ends_with(&format!("::{name}"));
            assert!(known.any(is_it), "no test `{name}`");
            named += 1;
        }
    }
    assert!(
        rows.len() >= 20 && named >= 40,
        "{} rows, {named} tests",
        rows.len()
    );
    // Nothing is promised outside of the tables but in the two sentences before the first.
    let prose = page
        .lines()
        .filter(|line| !line.starts_with(['|', '#']) && !line.is_empty());
    assert!(prose.count() <= 6, "a sentence that names no test");
}
