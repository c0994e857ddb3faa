//! The code's own rules: a folder is a layer, and an import goes only down.

mod command_line;
mod systems;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::files::rust_files_below;
use crate::support::sources::{Source, sources};

/// The folders of `src`, the lowest first. A file may import from its own and
/// from those before it, but for [`SEPARATE`].
const LAYERS: [&str; 8] = [
    "base",
    "config",
    "plaintext",
    "record",
    "backends",
    "client",
    "launch",
    "cli",
];

/// Layers of which none uses another.
const SEPARATE: [&str; 3] = ["config", "plaintext", "record"];

/// What only some files may name. In the words, `::` joins a path's segments.
const ONLY: [(&str, &[&str]); 16] = [
    ("fernet", &["record/fernet"]),
    ("aes", &["record/fernet/"]),
    ("aws_sdk_s3", &["backends/aws/", "backends/store/s3/"]),
    ("aws_sdk_kms", &["backends/aws/", "backends/keyring/kms/"]),
    ("aws_types::os_shim_internal", &["backends/aws/"]),
    ("clap", &["cli/"]),
    ("env::var", &["cli/"]),
    ("env::var_os", &["cli/"]),
    ("env::vars", &["cli/"]),
    ("env::vars_os", &["cli/", "client/connect.rs"]),
    (
        "unsafe",
        &[
            "backends/aws/credential_process/child.rs",
            "base/system/",
            "base/wipe.rs",
            "cli/signals.rs",
            "launch/process.rs",
            "main.rs",
        ],
    ),
    // What runs before `main`, or instead of what others chose, is the program's.
    ("link_section", &["main.rs"]),
    ("global_allocator", &["main.rs"]),
    ("io::stdout", &["cli/output.rs"]),
    // Their handlers and their pipe would be those of the whole process, which is not ours.
    ("tokio::process", &[]),
    ("tokio::signal", &[]),
];

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == name)
}

#[test]
fn an_import_goes_only_down() {
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for source in sources() {
        let Some(own) = source.module.first() else {
            continue;
        };
        let from = layer(own).unwrap_or_else(|| panic!("{} is in no layer", source.file));
        for path in &source.imports {
            let used = path.first().map_or("the crate's root", String::as_str);
            if used == own || own == "cli" {
                continue;
            }
            let to = layer(used);
            let beside = SEPARATE.contains(&own.as_str()) && SEPARATE.contains(&used);
            let is_down = to.is_some_and(|to| to < from) && !beside;
            if !is_down {
                wrong.push(format!("{} imports {}", source.file, path.join("::")));
            }
            looked_at += 1;
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(looked_at > 300, "{looked_at}");
}

#[test]
fn no_two_files_import_each_other_by_any_way_round() {
    let all = sources();
    let modules: BTreeMap<&[String], usize> = all
        .iter()
        .enumerate()
        .filter(|(_, source)| source.file != "main.rs")
        .map(|(at, source)| (source.module.as_slice(), at))
        .collect();
    let file_of = |path: &[String]| {
        let prefixes = (1..=path.len()).rev().map(|length| &path[..length]);
        prefixes
            .into_iter()
            .find_map(|prefix| modules.get(prefix).copied())
    };
    let uses: Vec<BTreeSet<usize>> = all
        .iter()
        .enumerate()
        .map(|(at, source)| {
            let used = source.shipped.iter().filter_map(|path| file_of(path));
            used.filter(|used| *used != at).collect()
        })
        .collect();
    let mut circles = Vec::new();
    for start in 0..all.len() {
        let (mut reached, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(at) = next.pop() {
            next.extend(uses[at].iter().filter(|used| reached.insert(**used)));
        }
        if reached.contains(&start) {
            let back = reached.iter().filter(|at| uses[**at].contains(&start));
            let back: Vec<&str> = back.map(|at| all[*at].file.as_str()).collect();
            circles.push(format!("{} and {}", all[start].file, back.join(", ")));
        }
    }
    assert_eq!(circles, [""; 0]);
    assert!(uses.iter().map(BTreeSet::len).sum::<usize>() > 500);
}

#[test]
fn what_one_file_is_responsible_for_no_other_names() {
    let (all, mut wrong) = (sources(), Vec::new());
    for (word, files) in ONLY {
        let parts: Vec<&str> = word.split("::").collect();
        let names = |source: &&Source| {
            // A module of ours may be called like a crate.
            let ours = |path: &Vec<String>| path.iter().any(|part| part == word);
            let is_word = |path: &Vec<String>| match parts.as_slice() {
                [one] => path[0] == *one && !source.imports.iter().any(ours),
                _ => path.windows(parts.len()).any(|part| part == parts),
            };
            source.words.iter().any(is_word)
        };
        let naming: Vec<&Source> = all.iter().filter(names).collect();
        let is_elsewhere = |source: &&&Source| {
            let may = files.iter().any(|allowed| source.file.starts_with(allowed));
            !may && !source.module.iter().any(|part| part == "tests")
        };
        let elsewhere = naming.iter().filter(is_elsewhere);
        wrong.extend(elsewhere.map(|source| format!("{} names {word}", source.file)));
        let is_banned = files.is_empty() || files == ["cli/"] && word.starts_with("env::");
        assert!(!naming.is_empty() || is_banned, "nobody names {word}");
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "tests", "examples", "benches/stub/src", "fuzz/src"];
    let files = folders.map(|folder| rust_files_below(&root.join(folder)));
    for path in files.concat() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.lines().count() <= 400, "{}", path.display());
    }
}

#[test]
fn the_pictures_in_contributing_and_the_crate_doc_are_the_layers_of_src() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join("src")).unwrap();
    let entries: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let files = ["lib.rs", "main.rs"];
    let expected: BTreeSet<String> = LAYERS
        .iter()
        .chain(&files)
        .map(ToString::to_string)
        .collect();
    assert_eq!(entries, expected);

    let contributing = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let picture = contributing.split("\nsrc/\n").nth(1).unwrap();
    let picture = picture.split("```").next().unwrap();
    let drawn = picture.lines().filter_map(|line| line.strip_prefix("  "));
    let drawn = drawn.filter(|line| !line.starts_with(' '));
    let drawn = drawn.map(|line| line.split_whitespace().next().unwrap());
    let drawn: Vec<&str> = drawn.map(|name| name.trim_end_matches('/')).collect();
    assert_eq!(drawn, LAYERS);

    let order = "base · config, plaintext, record · backends · client · launch · cli";
    let words: Vec<&str> = order
        .split([' ', ',', '·'])
        .filter(|word| !word.is_empty())
        .collect();
    assert_eq!(words, LAYERS);
    let crate_doc = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    for (place, text) in [("CONTRIBUTING.md", contributing), ("lib.rs", crate_doc)] {
        assert!(text.contains(order), "{place} does not show `{order}`");
    }
}
