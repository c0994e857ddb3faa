//! What README and the page of benchmarks say of counts is what CI holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

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

#[test]
fn readme_gives_the_counts_that_are_held() {
    let readme = read("README.md");
    let (_, section) = readme.split_once("\n## Performance\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let section = section.split_whitespace().collect::<Vec<_>>().join(" ");
    let limits = limits();
    let exec = |what: &str| limits[&format!("exec.https.{what}")];
    let names_a_request = limits["list.names"] / limits["list.requests"];
    assert_eq!(names_a_request, 1000, "a request for a thousand names");
    for claim in [
        format!("has {} MB", millions(limits["binary.bytes"], 1)),
        format!(
            "over HTTPS takes it {} million instructions",
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
        assert!(section.contains(&claim), "README does not say: {claim}");
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
