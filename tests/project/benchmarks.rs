//! What README and the page of benchmarks say of counts is what CI holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::console::section;
use crate::support::{full, temporary};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn limits() -> BTreeMap<String, u64> {
    serde_json::from_str(&read("benches/limits.json")).unwrap()
}

/// As it is written in a sentence.
fn millions(count: u64, digits: usize) -> String {
    let tenths = 10_u64.pow(u32::try_from(6 - digits).unwrap());
    let rounded = (count + tenths / 2) / tenths;
    if digits == 0 {
        rounded.to_string()
    } else {
        format!("{}.{}", rounded / 10, rounded % 10)
    }
}

/// A document's words with single blanks between.
fn words(document: &str) -> String {
    let words = document.split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_counts_that_readme_and_the_page_give_in_words_are_those_that_are_held() {
    let limits = limits();
    let exec = |what: &str| limits[&format!("exec.https.{what}")];
    let names_a_request = limits["list.names"] / limits["list.requests"];
    assert_eq!(names_a_request, 1000, "a request for a thousand names");
    let size = format!("{} MB", millions(limits["binary.bytes"], 1));
    let readme = words(&read("README.md"));
    for claim in [
        format!("one static file of {size}"),
        format!("A start is {} requests", exec("requests")),
    ] {
        assert!(readme.contains(&claim), "README does not say: {claim}");
    }
    let page = words(&section("docs/benchmarks.md", "In short"));
    for claim in [
        format!("is {size}"),
        format!(
            "over HTTPS takes {} million instructions",
            millions(exec("instructions"), 1)
        ),
        format!("{} connections", exec("connections")),
        format!("{} requests", exec("requests")),
        format!("{} system calls", exec("syscalls")),
        format!("{} opened files", exec("opened_files")),
        format!(
            "20 secrets take {} million",
            millions(limits["exec.20.https.instructions"], 0)
        ),
        format!(
            "`--version` takes {} million",
            millions(limits["version.instructions"], 1)
        ),
    ] {
        assert!(page.contains(&claim), "the page does not say: {claim}");
    }
}

#[test]
fn the_page_of_benchmarks_has_every_count_that_is_held_and_near_its_limit() {
    let page = read("docs/benchmarks.md");
    let (_, counts) = page.split_once("\n## Counts\n").unwrap();
    let counts: BTreeMap<&str, u64> = counts
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(name, count)| {
            let digits: String = count.chars().filter(char::is_ascii_digit).collect();
            (name, digits.parse().unwrap())
        })
        .collect();
    for (name, limit) in limits() {
        let count = counts.get(&*name);
        let count = *count.unwrap_or_else(|| panic!("{name} is not in docs/benchmarks.md"));
        let room = limit / 20;
        assert!(
            count.abs_diff(limit) <= room,
            "{name}: the page says {count}, and {limit} is held"
        );
    }
}

/// What a program of Python says that knows the benches' modules; none where there is no Python.
fn python(program: &str) -> Option<String> {
    let interpreter = full::tool("python3")?;
    let folder = temporary::folder();
    let mut command = Command::new(interpreter);
    command.env_clear().env("TMPDIR", folder.path());
    command.args(["-B", "-c", program]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_count_over_its_limit_by_more_than_5_percent_fails() {
    let program = r#"
import json, pathlib, tempfile
from bench import limits
limits.FILE = pathlib.Path(tempfile.mkdtemp()) / "limits.json"
held = {"exec.https.instructions": 1000, "exec.https.connections": 2,
        "exec.https.processes_left": 0, "exec.https.full_handshakes": 2}
limits.bless(held | {"floor.https.instructions": 7})
for more in [{}, {"exec.https.instructions": 1050, "floor.http.instructions": 9},
             {"exec.https.instructions": 1051}, {"exec.https.connections": 3},
             {"exec.https.processes_left": 1}, {"exec.https.full_handshakes": 1},
             {"list.requests": 1}]:
    print([line.split(":")[0] for line in limits.check(held | more)])
print([line.split(":")[0] for line in limits.check({})])
limits.FILE.unlink()
limits.FILE.parent.rmdir()
"#;
    let Some(said) = python(program) else { return };
    let held = "['exec.https.connections', 'exec.https.full_handshakes', 'exec.https.instructions', 'exec.https.processes_left']";
    let expected = [
        "[]",
        "[]",
        "['exec.https.instructions']",
        "['exec.https.connections']",
        "['exec.https.processes_left']",
        "['exec.https.full_handshakes']",
        "['list.requests']",
        held,
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn what_cannot_be_had_to_compare_with_is_left_out_of_the_page() {
    let program = r#"
from bench import bulk, goals, report
from bench.peers import install
def nothing(*_):
    raise install.Unavailable("no network")
install.Installer.pip = nothing
took = {"wall": 0.001, "cpu": 1, "memory": 2}
sizes = {size: {"put": took, "get": took} for size in bulk.SIZES}
sealed = {size: {"put": 1, "get": 1} for size in bulk.SIZES}
results = {"python": bulk.python(lambda _: None), "limit": {"put": 1, "get": 1},
           "bulk": {"folder": sizes}}
for alone in sealed, bulk.alone(lambda _: None, None):
    for row in goals.large(results | {"alone": alone}):
        print(row.id, row.verdict())
    print("by the Python" in report.large_part(results | {"alone": alone}))
"#;
    let Some(said) = python(program) else { return };
    let mut expected = Vec::new();
    for limit in ["P6-limit yes", "P6-limit not measured"] {
        expected.extend(["P6-alone not measured", limit].repeat(4));
        expected.extend(["P6 yes"; 4]);
        expected.extend(["P6-memory yes", "False"]);
    }
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_option_that_would_do_nothing_is_refused() {
    for words in [
        "'--peers', '--check'",
        "'--check', '--bless'",
        "'--shape', '--counted'",
        "'--part', 'far', '--fleet'",
    ] {
        let program = format!(
            "import subprocess, sys\n\
             print(subprocess.run([sys.executable, '-B', 'run', {words}], capture_output=True).returncode)"
        );
        let Some(said) = python(&program) else { return };
        assert_eq!(said, "2\n", "{words}");
    }
}

#[test]
fn what_costs_more_than_12_times_as_much_for_10_times_the_input_fails() {
    let program = r#"
from bench import shape
# A start of 1000, then a thousand an item; and so many squared.
linear, squared = ("w", 10, 1000, 11_000, 101_000), ("w", 10, 1000, 2000, 101_000)
print(list(shape.over({"linear": linear})))
print(list(shape.over({"linear": linear, "squared": squared})))
"#;
    let Some(said) = python(program) else { return };
    let expected = "[]\n['squared: 10 × the input takes 100.0 × the instructions']\n";
    assert_eq!(said, expected);
}

#[test]
fn a_part_that_fails_loses_no_other_and_is_all_that_is_measured_again() {
    let program = r#"
import pathlib, tempfile
from bench import parts
from bench.world import Failed
parts.HOME = pathlib.Path(tempfile.mkdtemp())
binary = parts.HOME / "binary"
binary.write_bytes(b"a program")
measured, stuck = [], [True]
def part(name):
    def measure(*_):
        measured.append(name)
        if name == "b" and stuck:
            raise Failed("stuck")
        return name.upper()
    return measure
parts.PARTS = {name: part(name) for name in "abc"}
kept = parts.Kept(binary)
print(kept.measure("abc", None, None, lambda _: None), kept.results, kept.is_whole())
stuck.clear()
kept = parts.Kept(binary)
print(kept.measure("abc", None, None, lambda _: None), kept.is_whole(), measured)
binary.write_bytes(b"another program")
print(parts.Kept(binary).results)
"#;
    let Some(said) = python(program) else { return };
    let expected = "{'b': 'Failed: stuck'} {'a': 'A', 'c': 'C'} False\n\
                    {} True ['a', 'b', 'c', 'b']\n{}\n";
    assert_eq!(said, expected);
}

#[test]
fn every_section_of_the_page_names_the_command_that_gives_its_figures() {
    let page = read("docs/benchmarks.md");
    let sections: Vec<&str> = page.split("\n## ").skip(1).collect();
    assert!(sections.len() >= 11, "{}", sections.len());
    for section in sections {
        let (title, text) = section.split_once('\n').unwrap();
        // The first two are read off the others; `How` has no figures.
        if !["In short", "Goals", "How"].contains(&title) {
            assert!(text.contains("`benches/run --"), "{title}");
        }
    }
}
