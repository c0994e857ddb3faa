//! README and the reference say what is: their tables are the code's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::console::section;
use crate::support::files::files_below;
use crate::support::harness::Sandbox;

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn rows(section: &str) -> Vec<Vec<String>> {
    let rows = section
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1);
    rows.map(|line| {
        line.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    })
    .collect()
}

#[test]
fn every_status_of_the_table_is_given_and_no_other() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    sandbox.put("t", "y");
    sandbox.write("secrets/damaged", "null");
    let unreachable = "s3-path-is-unreachable/";
    let given: BTreeSet<i32> = [
        &["get", "s"][..],
        &[
            "get",
            "s",
            "--s3-path",
            unreachable,
            "--key-alias",
            "k",
            "--region",
            "r",
        ],
        &["get"],
        &["get", "nope"],
        &["get", "damaged"],
        &["get", "s", "--field", "f"],
        &["cp", "t", "s"],
        &["diff", "s", "t", "--exit-code"],
        &["exec", "nope", "--", "true"],
        &["exec", "s", "--", "/etc/passwd"],
        &["exec", "s", "--", "nope"],
    ]
    .map(|args| {
        sandbox
            .run(args)
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            .env("AWS_MAX_ATTEMPTS", "1")
            .outcome()
            .status
    })
    .into();
    let listed: BTreeSet<i32> = rows(&section("docs/commands.md", "Exit status"))
        .iter()
        .map(|row| row[0].parse().unwrap())
        .collect();
    assert_eq!(listed, given);
}

#[test]
fn every_flag_of_the_program_is_listed_and_no_other() {
    let mut flags = BTreeSet::new();
    for command in Sandbox::new().commands() {
        let help = Sandbox::new()
            .run([command.as_str(), "--help"])
            .gives()
            .text();
        let (_, options) = help.split_once("Options:").unwrap();
        let (options, _) = options.split_once("Examples:").unwrap();
        for line in options
            .lines()
            .filter(|line| line.trim_start().starts_with('-'))
        {
            let words = line
                .split([' ', ',', '.'])
                .filter(|word| word.starts_with("--"));
            flags.extend(words.map(str::to_owned));
        }
    }
    flags.remove("--help");
    let options = section("docs/commands.md", "Options");
    let listed: BTreeSet<String> = quoted(&(page("docs/configuration.md") + &options))
        .into_iter()
        .filter(|text| text.starts_with("--") && text != "--help")
        .collect();
    assert_eq!(listed, flags);
}

#[test]
fn every_variable_of_the_program_is_listed_and_no_other() {
    let mut found = BTreeSet::new();
    for path in files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        found.extend(
            code.split('"')
                .skip(1)
                .step_by(2)
                .filter(|text| {
                    let rest = text.strip_prefix("LAZYCRED_").unwrap_or_default();
                    !rest.is_empty()
                        && rest.bytes().all(|byte| {
                            byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit()
                        })
                })
                .map(str::to_owned),
        );
    }
    let table = rows(&page("docs/configuration.md"));
    let listed = table
        .iter()
        .flat_map(|row| quoted(&row[1]))
        .filter(|name| name.starts_with("LAZYCRED_"));
    assert_eq!(listed.collect::<BTreeSet<_>>(), found);
}

#[test]
fn every_member_of_the_configuration_file_is_listed_and_no_other() {
    let page = page("docs/configuration.md");
    let (intro, rest) = page.split_once("| Member |").unwrap();
    let table = format!("| Member |{}", rest.split("\n\n").next().unwrap());
    let mut listed: BTreeSet<String> = rows(&table)
        .iter()
        .map(|row| quoted(&row[0]).remove(0))
        .collect();
    let example = quoted(intro).remove(1);
    let example: serde_json::Value = serde_json::from_str(&example).unwrap();
    listed.extend(example.as_object().unwrap().keys().cloned());
    assert_eq!(listed, crate::config::schema::read());
}

#[test]
fn every_row_of_the_flattening_table_is_true() {
    let sandbox = Sandbox::local();
    let rows = rows(&page("docs/flattening.md"));
    assert!(rows.len() >= 6);
    for row in rows {
        sandbox.put("s", &quoted(&row[0])[0]);
        let mut expected = quoted(&row[1]);
        expected.sort();
        let seen = sandbox.run("exec --pristine s -- /usr/bin/env").gives();
        assert_eq!(seen.lines(), expected, "{row:?}");
    }
}

#[test]
fn the_policy_is_json() {
    let text = page("docs/iam.md");
    let json = text
        .split("```json\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let policy: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
}

#[test]
fn the_two_commands_that_a_stranger_needs_are_there() {
    let text = page("README.md");
    assert!(
        text.contains("\n    cargo run --example quickstart\n")
            && text.contains("\n    cargo test\n")
    );
    let needs = concat!("Rust ", env!("CARGO_PKG_RUST_VERSION"), " or later");
    assert!(text.contains(needs), "{needs}");
}

/// Its code, with each variable that a line has set.
fn with_variables(text: &str) -> String {
    let mut set: Vec<(String, String)> = Vec::new();
    let mut out = String::new();
    for line in text.lines() {
        let mut line = line.replace('"', "");
        for (name, value) in set.iter().rev() {
            let braced = format!("${{{name}}}");
            line = line.replace(&braced, value);
            line = line.replace(&format!("${name}"), value);
        }
        let setting = line.split_once('=').filter(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
        });
        if let Some((name, value)) = setting {
            set.retain(|(other, _)| other != name);
            set.push((name.to_owned(), value.to_owned()));
        }
        out += &line;
        out.push('\n');
    }
    out
}

/// How each of them is tried, or that it is not, is said there.
#[test]
fn every_command_that_installs_is_on_the_page_about_installing() {
    let there = with_variables(&page("docs/install.md"));
    let there: Vec<&str> = there.split_whitespace().collect();
    let there = there.join(" ");
    let text = section("README.md", "Install");
    let rows = rows(&text);
    assert!(rows.len() >= 10, "{rows:?}");
    for row in rows {
        for command in quoted(&row[1]) {
            assert!(there.contains(&command), "{command}");
        }
    }
}

#[test]
fn every_command_of_the_program_has_a_row_in_the_reference() {
    let text = page("docs/commands.md");
    let (table, _) = text.split_once("\n## ").unwrap();
    let listed: BTreeSet<String> = rows(table)
        .iter()
        .flat_map(|row| quoted(&row[0]))
        .filter_map(|names| names.split(' ').next().map(str::to_owned))
        .collect();
    for command in Sandbox::new().commands() {
        assert!(listed.contains(&command), "{command}");
    }
}
