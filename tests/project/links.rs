//! Every link of the documents leads to a file, and to a heading in it; every page is in the book.
//!
//! Without a network: addresses of others are not asked. Headings are spelt as
//! GitHub and mdbook do. `scripts/book` checks the links of the built book.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::support::files::files_below;

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn names(files: impl IntoIterator<Item = PathBuf>) -> Vec<String> {
    let below = |file: PathBuf| {
        file.strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    files.into_iter().map(below).collect()
}

/// The documents, wherever they are: the pages of tests are none.
fn documents() -> Vec<String> {
    let at_the_root = fs::read_dir(root()).unwrap();
    let mut files: Vec<PathBuf> = at_the_root.map(|entry| entry.unwrap().path()).collect();
    for folder in [".github", "docs", "examples", "packaging", "scripts"] {
        if root().join(folder).exists() {
            files.extend(files_below(&root().join(folder)));
        }
    }
    files
        .extend(["python", "tests", "benches"].map(|folder| root().join(folder).join("README.md")));
    files.retain(|file| file.extension().is_some_and(|end| end == "md"));
    names(files)
}

/// The languages of the code in fences, and all that stands outside of it.
fn without_fences(text: &str) -> (Vec<&str>, String) {
    let (mut languages, mut prose, mut inside) = (Vec::new(), String::new(), false);
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            if !inside {
                languages.push(language);
            }
            inside = !inside;
        } else if !inside {
            prose += line;
            prose.push('\n');
        }
    }
    assert!(!inside, "a fence that does not end");
    (languages, prose)
}

/// The text without what stands between backquotes, over lines too.
fn without_code(prose: &str) -> String {
    prose.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// Where the links and the pictures of a document lead.
fn targets(text: &str) -> Vec<String> {
    let prose = without_code(&without_fences(text).1);
    let (mut targets, mut rest) = (Vec::new(), prose.as_str());
    while let Some((_, after)) = rest.split_once("](") {
        let (target, after) = after.split_once(')').expect("a `)` after `](`");
        targets.push(target.to_owned());
        rest = after;
    }
    for line in prose.lines().filter(|line| line.starts_with('[')) {
        targets.extend(line.split_once("]: ").map(|(_, target)| target.to_owned()));
    }
    for start in ["src=\"", "srcset=\"", "href=\""] {
        let found = prose.split(start).skip(1);
        targets.extend(found.map(|text| text.split('"').next().unwrap().to_owned()));
    }
    targets
}

/// The anchors of a document's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let prose = without_fences(text).1;
    let mut anchors = BTreeSet::new();
    for line in prose.lines().filter(|line| line.starts_with('#')) {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let anchor: String = heading.chars().filter(kept).collect();
        let anchor = anchor.replace(' ', "-");
        let mut same = (0..).map(|number| match number {
            0 => anchor.clone(),
            _ => format!("{anchor}-{number}"),
        });
        anchors.insert(same.find(|one| !anchors.contains(one)).unwrap());
    }
    anchors
}

/// The path from the root of what a document names relative to itself.
fn resolve(document: &str, path: &str) -> PathBuf {
    let mut resolved = Path::new(document).parent().unwrap().to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => assert!(resolved.pop(), "{document}: {path} leaves the clone"),
            part => resolved.push(part),
        }
    }
    resolved
}

/// A link of this clone as a path from its root, whether relative or an address of the repository.
fn within(document: &str, path: &str) -> Option<PathBuf> {
    if let Some(rest) = path.strip_prefix(REPOSITORY) {
        let file = ["/blob/HEAD/", "/tree/HEAD/"]
            .iter()
            .find_map(|kind| rest.strip_prefix(kind));
        return file.map(PathBuf::from);
    }
    let elsewhere = path.contains("://") || path.starts_with("mailto:");
    (!elsewhere).then(|| resolve(document, path))
}

#[test]
fn every_link_of_the_documents_leads_to_a_file_and_to_a_heading() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for document in documents() {
        let text = read(&document);
        for target in targets(&text) {
            seen += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = match path {
                "" => Some(PathBuf::from(&document)),
                path => within(&document, path),
            };
            let Some(file) = file else { continue };
            let whole = root().join(&file);
            let is_there = whole.exists()
                && (anchor.is_empty()
                    || fs::read_to_string(whole).is_ok_and(|text| anchors(&text).contains(anchor)));
            if !is_there {
                wrong.push(format!("{document}: {target}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(seen > 200, "{seen}");
}

#[test]
fn the_book_has_every_page_of_docs_once_and_nothing_else() {
    let summary = read("docs/SUMMARY.md");
    let mut listed: Vec<String> = targets(&summary);
    listed.sort();
    let pages = names(files_below(&root().join("docs"))).into_iter();
    let pages = pages.filter_map(|name| name.strip_prefix("docs/").map(str::to_owned));
    let mut pages: Vec<String> = pages
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
        .filter(|name| name != "SUMMARY.md")
        .collect();
    pages.sort();
    assert_eq!(listed, pages);
}

/// It is the page that README calls all of them.
#[test]
fn the_first_page_of_the_book_links_every_other() {
    let mut listed = targets(&read("docs/SUMMARY.md"));
    listed.retain(|page| page != "README.md");
    let linked = targets(&read("docs/README.md"));
    listed.retain(|page| !linked.contains(page));
    assert_eq!(listed, [""; 0]);
}

#[test]
fn what_lies_beside_the_pages_is_linked_from_one() {
    let text: String = documents().iter().map(|name| read(name)).collect();
    let linked: Vec<String> = targets(&text);
    for file in names(files_below(&root().join("docs"))) {
        let name = file.rsplit('/').next().unwrap();
        let is_linked = linked.iter().any(|target| target.ends_with(name));
        let is_page = Path::new(name).extension().is_some_and(|end| end == "md");
        assert!(is_page || is_linked, "{file}");
    }
}

/// Both GitHub and the book colour code by its language, and show a `text` as it is.
#[test]
fn every_fence_says_what_language_it_is_in() {
    for document in documents() {
        let text = read(&document);
        for language in without_fences(&text).0 {
            assert!(!language.is_empty(), "{document}");
        }
    }
}

#[test]
fn readme_is_one_screen() {
    let text = read("README.md");
    let words = text.split_whitespace().count();
    assert!(text.lines().count() < 90 && words <= 700, "{words} words");
}

#[test]
fn anchors_are_spelt_as_github_spells_them() {
    let text = "# A\n## `exec`: what, and why?\n## A\n```\n# no\n```\n### `--set VAR=T`, `x`\n## From lazycred 0.2.3\n";
    let expected = [
        "--set-vart-x",
        "a",
        "a-1",
        "exec-what-and-why",
        "from-lazycred-023",
    ];
    assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), expected);
}
