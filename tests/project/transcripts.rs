//! Every `console` block of README and of `docs/` is what the screen shows.
//!
//! A page is one session: README's starts in an empty home, and that of a page
//! below `docs/` where the session of `docs/commands.md` ends. `ELSEWHERE` are
//! the pages that need another home, or none.

use std::fs;
use std::path::Path;
use std::thread;

use crate::support::console::follow;
use crate::support::files::files_below;
use crate::support::harness::Sandbox;

const SECRETS: &str = "docs/commands.md";

/// Pages whose blocks run in a test of their own, and the file that it is in.
const ELSEWHERE: [(&str, &str); 5] = [
    (
        "docs/aws-in-five-commands.md",
        "tests/project/where_it_runs.rs",
    ),
    ("docs/recipes.md", "tests/project/recipes.rs"),
    ("docs/python.md", "python/tests/test_docs.py"),
    ("docs/python-recipes.md", "python/tests/test_docs.py"),
    ("docs/python-upgrade.md", "python/tests/test_docs.py"),
];

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// README, and all below `docs/`, with a block that is typed.
fn pages() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = files_below(&root.join("docs")).into_iter();
    let below = below.map(|file| {
        file.strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    });
    let all = std::iter::once("README.md".to_owned()).chain(below);
    all.filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
        .filter(|name| read(name).contains("```console"))
        .collect()
}

#[test]
fn the_transcripts_are_what_the_screen_shows() {
    let pages = pages().into_iter();
    let pages = pages.filter(|page| ELSEWHERE.iter().all(|(other, _)| other != page));
    thread::scope(|scope| {
        for page in pages {
            thread::Builder::new()
                .name(page.clone())
                .spawn_scoped(scope, move || {
                    let Some(sandbox) = Sandbox::short() else {
                        return;
                    };
                    if page != "README.md" && page != SECRETS {
                        follow(SECRETS, &sandbox);
                    }
                    follow(&page, &sandbox);
                })
                .unwrap();
        }
    });
}

#[test]
fn no_transcript_is_one_that_nobody_types() {
    let pages = pages();
    assert!(pages.len() > 8, "{pages:?}");
    for (page, test) in ELSEWHERE {
        let test = read(test);
        assert!(test.contains(&format!("\"{page}\"")), "{page}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for file in files_below(&root.join("docs")) {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let (mut language, mut inside) = ("", false);
        for line in text.lines() {
            if let Some(named) = line.trim_start().strip_prefix("```") {
                (language, inside) = (named, !inside);
                continue;
            }
            let typed = inside && line.starts_with("$ ");
            seen += usize::from(typed);
            let place = file.display();
            assert!(!typed || language == "console", "{place}: {line}");
        }
    }
    assert!(seen > 70, "{seen}");
}
