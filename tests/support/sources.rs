//! The crate's own sources: what each file imports and names.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::support::files::rust_files_below;

/// A file of `src`.
pub struct Source {
    /// From `src` on.
    pub file: String,
    pub module: Vec<String>,
    /// Paths that begin with `crate`, `self` or `super`, from the crate's root on.
    pub imports: Vec<Vec<String>>,
    /// The same of what is compiled into the program, tests left out.
    pub shipped: Vec<Vec<String>>,
    /// All its paths and single words, as they are written.
    pub words: Vec<Vec<String>>,
    /// What its `pub mod` and `pub use` offer.
    pub public: Vec<String>,
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
                        self.read(attribute.stream(), module, test || for_tests);
                        at += 1;
                    }
                    at += 1;
                }
                // `pub(in path)` imports nothing.
                TokenTree::Ident(word) if word == "pub" => {
                    let is_limited = matches!(tokens.get(at + 1), Some(TokenTree::Group(_)));
                    at += 1 + usize::from(is_limited);
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
        _ if path.len() == 1 => return None,
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

/// All of them.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for path in rust_files_below(&root) {
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
