//! The code's own rules: a folder is a layer, and an import goes only down.

mod command_line;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::support::files::files_below;

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
const ONLY: [(&str, &[&str]); 14] = [
    ("fernet", &["record/fernet"]),
    ("aes", &["record/fernet/"]),
    ("aws_sdk_s3", &["backends/aws/", "backends/store/s3/"]),
    ("aws_sdk_kms", &["backends/aws/", "backends/keyring/kms/"]),
    ("os_shim_internal", &["backends/aws/"]),
    ("clap", &["cli/"]),
    ("env::var", &["cli/"]),
    ("env::var_os", &["cli/"]),
    ("env::vars", &["cli/"]),
    ("env::vars_os", &["cli/", "config/variables.rs"]),
    (
        "unsafe",
        &[
            "backends/aws/shell.rs",
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
];

/// A file of `src`.
struct Source {
    /// From `src` on.
    file: String,
    module: Vec<String>,
    /// Paths that begin with `crate`, `self` or `super`, from the crate's root on.
    imports: Vec<Vec<String>>,
    /// The same of what is compiled into the program, tests left out.
    shipped: Vec<Vec<String>>,
    /// All its paths and single words, as they are written.
    words: Vec<Vec<String>>,
    public: Vec<String>,
    lines: usize,
}

/// The paths of a file: where we are, and what was found.
#[derive(Default)]
struct Paths {
    all: Vec<(Vec<String>, bool)>,
    words: Vec<Vec<String>>,
}

impl Paths {
    /// Reads tokens in a module; `test` says that they are compiled only for tests.
    fn read(&mut self, tokens: TokenStream, module: &[String], test: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut for_tests) = (0, false);
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    if let Some(TokenTree::Group(attribute)) = tokens.get(at + 1) {
                        let written = attribute.stream().to_string().replace(' ', "");
                        for_tests |= written == "cfg(test)" || written == "test";
                        at += 1;
                    }
                    at += 1;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    let inner = tokens.get(at + 2);
                    if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                        (tokens.get(at + 1), inner)
                    {
                        let mut inside = module.to_vec();
                        inside.push(name.to_string());
                        self.read(body.stream(), &inside, test || for_tests);
                    }
                    for_tests = false;
                    at += 3;
                }
                TokenTree::Ident(_) => {
                    at = self.path(&tokens, at, &[], module, test || for_tests);
                }
                TokenTree::Group(group) => {
                    self.read(group.stream(), module, test || for_tests);
                    for_tests &= group.delimiter() != Delimiter::Brace;
                    at += 1;
                }
                mark => {
                    for_tests &= mark.to_string() != ";";
                    at += 1;
                }
            }
        }
    }

    /// Reads a path that begins here, each of a `use` group's own; gives where it ends.
    fn path(
        &mut self,
        tokens: &[TokenTree],
        mut at: usize,
        before: &[String],
        module: &[String],
        test: bool,
    ) -> usize {
        let is = |at: usize, c| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == c);
        let mut path = before.to_vec();
        while let Some(TokenTree::Ident(word)) = tokens.get(at) {
            path.push(word.to_string());
            at += 1;
            if !(is(at, ':') && is(at + 1, ':')) {
                break;
            }
            at += 2;
            if let Some(TokenTree::Group(group)) = tokens.get(at) {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let mut within = 0;
                while within < inner.len() {
                    within = match &inner[within] {
                        TokenTree::Ident(_) => self.path(&inner, within, &path, module, test),
                        _ => within + 1,
                    };
                }
                return at + 1;
            }
        }
        if let Some(absolute) = from_root(&path, module) {
            self.all.push((absolute, test));
        }
        self.words.push(path);
        at
    }
}

/// A path from the crate's root on; `None` if it is not said to be the crate's.
fn from_root(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let mut absolute = match path[0].as_str() {
        // `pub(crate)` imports nothing.
        "crate" | "self" | "super" if path.len() == 1 => return None,
        "crate" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return None,
    };
    for segment in path {
        match segment.as_str() {
            "crate" | "self" => {}
            "super" => drop(absolute.pop()),
            name => absolute.push(name.to_owned()),
        }
    }
    Some(absolute)
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for path in files_below(&root) {
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let stem = file.strip_suffix(".rs").unwrap();
        let stem = stem.strip_suffix("/mod").unwrap_or(stem);
        let module: Vec<String> = match stem {
            "lib" | "main" => Vec::new(),
            _ => stem.split('/').map(str::to_owned).collect(),
        };
        let tokens = TokenStream::from_str(&text).unwrap();
        let public = public_names(&tokens);
        let mut paths = Paths::default();
        paths.read(tokens, &module, module.iter().any(|part| part == "tests"));
        let shipped = paths.all.iter().filter(|(_, test)| !test);
        all.push(Source {
            file: file.to_owned(),
            shipped: shipped.map(|(path, _)| path.clone()).collect(),
            imports: paths.all.into_iter().map(|(path, _)| path).collect(),
            words: paths.words,
            module,
            public,
            lines: text.lines().count(),
        });
    }
    assert!(all.len() > 100);
    all
}

/// The names that a file's `pub mod` and `pub use` offer.
fn public_names(tokens: &TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let (Some(what), true) = (tokens.get(at + 1), token.to_string() == "pub") else {
            continue;
        };
        let rest = tokens[at + 2..].iter().map(ToString::to_string);
        let item: String = rest.take_while(|token| token != ";").collect();
        match what.to_string().as_str() {
            "mod" => names.push(item),
            "use" => {
                let last = item
                    .rsplit_once("::")
                    .map_or(item.as_str(), |(_, last)| last);
                let last = last.trim_matches(['{', '}', ' ']);
                names.extend(last.split(',').map(|name| name.trim().to_owned()));
            }
            _ => {}
        }
    }
    names
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == name)
}

#[test]
fn an_import_goes_only_down() {
    let mut looked_at = 0;
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
            assert!(is_down, "{} imports {}", source.file, path.join("::"));
            looked_at += 1;
        }
    }
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
    for start in 0..all.len() {
        let (mut reached, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(at) = next.pop() {
            next.extend(uses[at].iter().filter(|used| reached.insert(**used)));
        }
        let back = reached.iter().filter(|at| uses[**at].contains(&start));
        let back: Vec<_> = back.map(|at| &all[*at].file).collect();
        assert!(
            !reached.contains(&start),
            "{} and {back:?}",
            all[start].file
        );
    }
    assert!(uses.iter().map(BTreeSet::len).sum::<usize>() > 500);
}

#[test]
fn what_one_file_is_responsible_for_no_other_names() {
    for (word, files) in ONLY {
        let word: Vec<&str> = word.split("::").collect();
        let mut named = false;
        for source in sources() {
            let is_named = source.words.iter().any(|path| {
                let mut parts = path.windows(word.len());
                match word.len() {
                    1 => path[0] == word[0],
                    _ => parts.any(|part| part == word),
                }
            });
            let may = files.iter().any(|allowed| source.file.starts_with(allowed));
            let is_test = source.module.iter().any(|part| part == "tests");
            assert!(
                may || !is_named || is_test,
                "{} names {}",
                source.file,
                word.join("::")
            );
            named |= is_named;
        }
        let is_banned = word[0] == "env";
        assert!(named || is_banned, "nobody names {}", word.join("::"));
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for source in sources() {
        assert!(source.lines <= 400, "{}", source.file);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in files_below(&root.join("tests")) {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.lines().count() <= 400, "{}", path.display());
        }
    }
}

#[test]
fn the_pictures_in_the_readme_and_the_crate_doc_are_the_layers_of_src() {
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

    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let picture = readme.split("\nsrc/\n").nth(1).unwrap();
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
    for (place, text) in [("README.md", readme), ("lib.rs", crate_doc)] {
        assert!(text.contains(order), "{place} does not show `{order}`");
    }
}
