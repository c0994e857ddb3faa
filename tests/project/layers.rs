//! The code's own rules: which module may use which, and how long a file may be.

use std::fs;
use std::path::Path;

use crate::support::files::files_below;

/// A module may use its own layer and those above it here.
const LAYERS: [&[&str]; 6] = [
    &[
        "secret",
        "name",
        "error",
        "reference",
        "rules",
        "refused",
        "vars",
        "hidden",
        "generator",
        "wipe",
    ],
    &[
        "base64", "hash", "json", "dotenv", "flatten", "shape", "edit", "diff", "envelope",
        "inherit", "environ", "export", "yaml", "policy",
    ],
    &["http", "config", "small_file"],
    &[
        "aws", "store", "keyring", "cache", "record", "process", "sealed", "scratch", "exec",
    ],
    &[
        "write", "client", "read", "repeat", "seal", "rewrap", "moves", "life", "change", "load",
        "blocking",
    ],
    &["cli", "lib", "main"],
];

/// What only some files may name.
const ONLY: [(&str, &[&str]); 9] = [
    ("fernet::", &["envelope.rs"]),
    ("aes::", &["envelope/large.rs"]),
    ("aws_sdk_s3::", &["aws.rs", "aws/", "store/s3/"]),
    ("aws_sdk_kms::", &["aws.rs", "aws/", "keyring/kms/"]),
    ("os_shim_internal::", &["aws/"]),
    ("clap::", &["cli/"]),
    ("std::env::var", &["cli/", "client.rs"]),
    ("unsafe {", &["process.rs", "wipe.rs"]),
    ("io::stdout", &["cli/output.rs"]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for path in files_below(&root) {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        let is_test = |part: &str| part == "tests" || part == "tests.rs";
        let is_code = path.extension().is_some_and(|extension| extension == "rs");
        if is_code && !name.split('/').any(is_test) {
            all.push((name.to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
    all
}

fn layer(module: &str) -> usize {
    let layer = LAYERS.iter().position(|layer| layer.contains(&module));
    layer.unwrap_or_else(|| panic!("`{module}` is in no layer"))
}

#[test]
fn every_module_uses_only_what_is_above_it() {
    let mut looked_at = 0;
    for (file, text) in sources() {
        let module = file.split(['/', '.']).next().unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        if module == "lib" {
            continue;
        }
        for line in code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            for used in line.split("crate::").skip(1) {
                let used: String = used
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                if used.starts_with(char::is_lowercase) {
                    assert!(layer(&used) <= layer(module), "{file} uses {used}");
                    looked_at += 1;
                }
            }
        }
    }
    assert!(looked_at > 50);
}

#[test]
fn what_one_file_is_responsible_for_no_other_names() {
    for (file, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (word, files) in ONLY {
            let may = files.iter().any(|allowed| file.starts_with(allowed));
            let names = code
                .lines()
                .any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(may || !names, "{file} names {word}");
        }
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for (file, text) in sources() {
        assert!(text.lines().count() <= 400, "{file}");
    }
}
