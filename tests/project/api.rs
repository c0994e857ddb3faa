//! The public API's documentation: an example for everything a user can name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::files::rust_files_below;

/// Whose `pub use` and `pub struct` lines name what a user can reach.
const OFFERING: [&str; 4] = [
    "lib.rs",
    "client/blocking.rs",
    "client/setup/mod.rs",
    "launch/mod.rs",
];

/// The twins of `blocking::Client`: the examples of the async methods call them.
const WITHOUT: [&str; 1] = ["$name"];

fn source(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(file)).unwrap()
}

/// The word behind `pub fn`, `pub async fn` and so on, or behind `pub struct` and `pub enum`.
fn declared(line: &str) -> Option<(&str, &str)> {
    let mut words = line.strip_prefix("pub ")?.split(' ');
    let kind = words.find(|word| ["fn", "struct", "enum", "use"].contains(word))?;
    let name = words.next()?;
    let end = name.find(['(', '<', ';', ':', '{']);
    Some((kind, &name[..end.unwrap_or(name.len())]))
}

/// The words of the `pub use` declarations of a file, and its own public types.
fn offered(text: &str) -> Vec<String> {
    let declarations = text
        .split(";\n")
        .filter_map(|item| item.find("pub use ").map(|at| &item[at..]));
    let words =
        declarations.flat_map(|item| item.split(|c: char| !c.is_alphanumeric() && c != '_'));
    let own = text.lines().filter_map(declared).map(|(_, name)| name);
    words.chain(own).map(str::to_owned).collect()
}

#[test]
fn every_public_function_and_type_has_an_example() {
    let reachable = OFFERING.map(|file| offered(&source(&format!("src/{file}"))));
    let reachable: BTreeSet<String> = reachable.into_iter().flatten().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut functions, mut types, mut without) = (0, 0, Vec::new());
    for path in rust_files_below(&root) {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap();
        if file.contains("test") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let mut has_example = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("///") || line.starts_with("#[") {
                has_example |= line == "/// # Examples";
                continue;
            }
            match declared(line) {
                Some(("fn", name)) if !WITHOUT.contains(&name) => functions += 1,
                Some(("struct" | "enum", name)) if reachable.contains(name) => types += 1,
                _ => has_example = true,
            }
            if !has_example {
                without.push(format!("src/{file}: `{line}`"));
            }
            has_example = false;
        }
    }
    assert_eq!(without, [""; 0], "no `# Examples`");
    assert!(functions > 90 && types > 40, "{functions} {types}");
}

#[test]
fn the_page_about_the_library_shows_an_example_of_the_crate_doc() {
    let page = source("docs/library.md");
    let example = page.split("\n```rust\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let commented = example.lines().map(|line| format!("//! {line}\n"));
    let commented: String = commented.collect();
    assert!(source("src/lib.rs").contains(&commented), "{commented}");
}
