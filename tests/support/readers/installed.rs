//! Readers that an interpreter runs, or that Go builds.
//!
//! Of what is not on this machine, `PyPI`'s, npm's and Go's are put under the
//! target folder, once, where everything is to run.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{How, Reader};
use crate::support::full;
use crate::support::moto::install::{self, Installed, Outcome};
use crate::support::real_s3;

/// Packages of Python, by versions that are read alike today and tomorrow.
const PYTHON: [&str; 4] = [
    "python-dotenv==1.2.4",
    "PyYAML==6.0.4",
    "ruamel.yaml==0.19.1",
    "--only-binary=:all:",
];
/// Packages of npm; one of them in two versions.
const NPM: [&str; 5] = [
    "dotenv@18.0.10",
    "dotenv-16@npm:dotenv@16.6.1",
    "yaml@2.9.1",
    "js-yaml@5.5.0",
    "js-yaml-4@npm:js-yaml@4.3.2",
];
/// What Go builds.
const GO: [(&str, &str); 3] = [
    ("go.mod", include_str!("go/go.mod")),
    ("go.sum", include_str!("go/go.sum")),
    ("main.go", include_str!("go/main.go")),
];

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/support/readers")
        .join(name)
}

type Once = OnceLock<Result<Installed, String>>;

/// What is there, or is put there where everything is to run.
fn installed(
    once: &'static Once,
    label: &str,
    recipe: &str,
    build: fn(&Path) -> Outcome<PathBuf>,
) -> Result<&'static Installed, String> {
    let get = || {
        full::refused()?;
        if full::wanted() || install::is_there(label, recipe) {
            return install::once(label, recipe, build).map_err(|error| error.to_string());
        }
        Err("LAZYCRED_TEST_FULL=1 fetches it".to_owned())
    };
    once.get_or_init(get).as_ref().map_err(Clone::clone)
}

fn or_name(name: &'static str, how: Result<How, String>) -> Vec<Reader> {
    match how {
        Ok(how) => vec![Reader::new(name, how)],
        Err(reason) => {
            full::or_skip(name, &reason);
            Vec::new()
        }
    }
}

/// A reader of `read.py`, in an environment of its own.
pub(super) fn python(name: &'static str, reader: &str) -> Vec<Reader> {
    static ONCE: Once = OnceLock::new();
    let build = |folder: &Path| {
        let probe = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
        let base = install::python(&["3.13", "3.12", "3.11", "3.10"], probe)?;
        let python = install::virtual_environment(&base, folder)?;
        install::pip(&python, folder, &PYTHON)?;
        Ok(PathBuf::from("bin/python"))
    };
    let read = |python: PathBuf| {
        let args = vec!["-B".into(), "-X".into(), "utf8".into()];
        How::Frames(
            python,
            [args, vec![script("read.py"), reader.into()]].concat(),
        )
    };
    let found = installed(&ONCE, "test-readers-python", &PYTHON.join("\n"), build);
    let how = match found {
        Ok(installed) => Ok(installed.program.clone()),
        // Python's own, and what Debian has for it.
        Err(reason) => here(&["python3", "/usr/bin/python3"], |python| {
            vec![
                "-c".to_owned(),
                format!("import {}", python_module(reader)),
                python.to_owned(),
            ]
        })
        .ok_or(reason),
    };
    or_name(name, how.map(read))
}

fn python_module(reader: &str) -> &str {
    match reader.trim_end_matches("/json") {
        "libyaml" => "yaml._yaml",
        "k8s" => "yaml",
        "ruamel" => "ruamel.yaml",
        module => module,
    }
}

/// The first of some programs that takes some arguments.
fn here(programs: &[&str], args: impl Fn(&str) -> Vec<String>) -> Option<PathBuf> {
    let works = |program: &&&str| {
        let mut command = install::clean(Path::new(program));
        let output = command.args(args(program)).output();
        output.is_ok_and(|output| output.status.success())
    };
    programs.iter().find(works).map(PathBuf::from)
}

/// A reader of `read.js` that npm has.
pub(super) fn npm(name: &'static str, reader: &str) -> Vec<Reader> {
    static ONCE: Once = OnceLock::new();
    let build = |folder: &Path| {
        install::npm(folder, &NPM)?;
        Ok(PathBuf::from("node_modules"))
    };
    let how = installed(&ONCE, "test-readers-npm", &NPM.join("\n"), build).map(|installed| {
        let folder = installed.folder.clone();
        How::Frames(
            "node".into(),
            vec![script("read.js"), reader.into(), folder],
        )
    });
    or_name(name, how)
}

/// A reader of `read.js` that node has itself.
pub(super) fn node(name: &'static str, reader: &str) -> Vec<Reader> {
    let has = "process.exit(require('util').parseEnv ? 0 : 1)";
    let args = |_: &str| vec!["-e".to_owned(), has.to_owned()];
    let node = here(&["node"], args).ok_or_else(|| "there is no node since 20.12".to_owned());
    let args = vec![script("read.js"), reader.into()];
    or_name(name, node.map(|node| How::Frames(node, args)))
}

/// A reader of `go/main.go`.
pub(super) fn go(name: &'static str, reader: &str) -> Vec<Reader> {
    static ONCE: Once = OnceLock::new();
    if !real_s3::go_is_new_enough() {
        full::skip(name, "there is no Go that builds it");
        return Vec::new();
    }
    let build = |folder: &Path| {
        for (name, text) in GO {
            std::fs::write(folder.join(name), text)?;
        }
        install::go_build(folder, "readers")?;
        Ok(PathBuf::from("readers"))
    };
    let recipe = GO.map(|(_, text)| text).concat();
    let how = installed(&ONCE, "test-readers-go", &recipe, build);
    or_name(
        name,
        how.map(|installed| How::Frames(installed.program.clone(), vec![reader.into()])),
    )
}

/// A reader of `read.rb`.
pub(super) fn ruby(name: &'static str, reader: &str) -> Vec<Reader> {
    let library = if reader.starts_with("psych") {
        "yaml"
    } else {
        reader
    };
    let args = |_: &str| {
        vec![
            "-r".to_owned(),
            library.to_owned(),
            "-e".to_owned(),
            String::new(),
        ]
    };
    let ruby = here(&["ruby"], args).ok_or_else(|| format!("there is no ruby with `{library}`"));
    let args = vec![script("read.rb"), reader.into()];
    or_name(name, ruby.map(|ruby| How::Frames(ruby, args)))
}

/// Ruby's dotenv, which spans lines since version 2.8.
pub(super) fn ruby_dotenv() -> Vec<Reader> {
    let old = "require 'dotenv/version'; exit(Gem::Version.new(Dotenv::VERSION) < Gem::Version.new('2.8') ? 0 : 1)";
    let args = |_: &str| vec!["-e".to_owned(), old.to_owned()];
    let mut all = ruby("Ruby's dotenv", "dotenv");
    let is_old = here(&["ruby"], args).is_some();
    for reader in &mut all {
        reader.spans_lines = !is_old;
    }
    all
}
