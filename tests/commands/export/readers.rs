//! `export`: whoever reads a format gets the stored bytes, or the program says
//! which variable it cannot be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::support::Sandbox;
use crate::support::hostile_values::{BYTES, names, texts};
use crate::support::readers::{self, Answer, Reader};

type Variables = BTreeMap<String, Vec<u8>>;

/// What a format is asked for, beside its name.
struct Case<'a> {
    sandbox: &'a Sandbox,
    format: &'static str,
    arguments: Vec<String>,
}

impl<'a> Case<'a> {
    fn new(sandbox: &'a Sandbox, format: &'static str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
        Self {
            sandbox,
            format,
            arguments,
        }
    }

    /// The text, and the variables that were refused by name.
    #[track_caller]
    fn exported(&self, without: &BTreeSet<String>) -> Result<Vec<u8>, BTreeSet<String>> {
        let mut arguments = ["export", "--format", self.format]
            .map(str::to_owned)
            .to_vec();
        arguments.extend_from_slice(&self.arguments);
        for name in without {
            arguments.extend(["--except".to_owned(), name.clone()]);
        }
        let outcome = self.sandbox.run(&arguments).outcome();
        if outcome.status == 0 {
            assert_eq!(outcome.stderr, "", "{}", self.format);
            return Ok(outcome.stdout);
        }
        assert_eq!((outcome.status, &*outcome.text()), (5, ""), "{outcome}");
        // A name that is too long for an error is whole for `-v`.
        arguments.push("-v".to_owned());
        let outcome = self.sandbox.run(arguments).outcome();
        let cut = |line: &&str| !line.contains('…');
        let named = |line| {
            let whole = str::strip_prefix(
                line,
                "lazycred: info: the next message in full: cannot export `",
            );
            whole.or_else(|| line.strip_prefix("lazycred: error: cannot export `"))
        };
        let errors = outcome.stderr.lines().filter(cut).filter_map(named);
        let refused: BTreeSet<_> = errors
            .map(|line| line.split_once('`').unwrap().0.to_owned())
            .collect();
        assert!(!refused.is_empty(), "{}", outcome.stderr);
        Err(refused)
    }

    /// Has each reader read all of `stored` that is not refused, and gives what is.
    #[track_caller]
    fn proven(&self, stored: &Variables, readers: &[Reader]) -> BTreeSet<String> {
        let refused = self.exported(&BTreeSet::new()).err().unwrap_or_default();
        let lines = stored.iter().filter(|(_, value)| value.contains(&b'\n'));
        let lines = lines.map(|(name, _)| name.clone()).chain(refused.clone());
        for (without, spans_lines) in [(&refused, true), (&lines.collect(), false)] {
            let readers: Vec<_> = readers
                .iter()
                .filter(|reader| reader.spans_lines == spans_lines)
                .collect();
            if readers.is_empty() {
                continue;
            }
            let text = self
                .exported(without)
                .unwrap_or_else(|more| panic!("{more:?}"));
            let held = stored.iter().filter(|(name, _)| !without.contains(*name));
            let held = held.map(|(name, value)| (name.clone(), value.clone()));
            let held: Variables = held.collect();
            for reader in readers {
                let answer = reader.read_all(std::slice::from_ref(&text)).remove(0);
                same(self.format, reader, answer, &held);
            }
        }
        refused
    }
}

#[track_caller]
fn same(format: &str, reader: &Reader, answer: Answer, expected: &Variables) {
    let pairs = answer.unwrap_or_else(|said| panic!("{reader:?} of {format}: {said}"));
    let read: Variables = pairs
        .into_iter()
        .map(|(name, value)| (String::from_utf8(name).unwrap(), value))
        .collect();
    let shown =
        |value: Option<&Vec<u8>>| value.map(|value| String::from_utf8_lossy(value).into_owned());
    let all: BTreeSet<_> = read.keys().chain(expected.keys()).collect();
    let other: Vec<_> = all
        .into_iter()
        .filter(|name| read.get(*name) != expected.get(*name))
        .map(|name| (name, shown(expected.get(name)), shown(read.get(name))))
        .collect();
    assert!(
        other.is_empty(),
        "{reader:?} of {format}, stored and read: {other:#?}"
    );
}

fn store(sandbox: &Sandbox, name: &str, all: &Variables) {
    let text = |value: &[u8]| Value::from(String::from_utf8(value.to_vec()).unwrap());
    let fields = all.iter().map(|(name, value)| (name.clone(), text(value)));
    sandbox.put(name, Value::from(fields.collect::<Map<_, _>>()).to_string());
}

/// Every text, each as a variable of its own.
fn every_text(sandbox: &Sandbox) -> Variables {
    let named = |(at, text): (usize, String)| (format!("V{at:04}"), text.into_bytes());
    let all = texts().into_iter().enumerate().map(named).collect();
    store(sandbox, "hard", &all);
    all
}

/// The texts that a format refuses.
#[track_caller]
fn refused_texts(format: &'static str, readers: &[Reader]) -> Vec<String> {
    let sandbox = &Sandbox::local();
    let stored = every_text(sandbox);
    let refused = Case::new(sandbox, format, &["hard"])
        .proven(&stored, readers)
        .into_iter();
    refused
        .map(|name| String::from_utf8(stored[&name].clone()).unwrap())
        .collect()
}

#[test]
fn every_shell_reads_every_text() {
    assert_eq!(refused_texts("shell", &readers::shells()), [""; 0]);
}

#[test]
fn every_reader_of_dotenv_reads_what_is_not_refused() {
    let refused = refused_texts("dotenv", &readers::dotenv());
    let why = |text: &&String| !text.contains(['\r', '\'', '\\']) && !text.contains("${");
    let other: Vec<_> = refused.iter().filter(why).collect();
    assert!(other.is_empty(), "{other:?}");
    for text in ["pa${HOME}x", "it's \"q\"", "a\\\\b", "'x\"", "\\\\n"] {
        assert!(refused.iter().any(|refused| refused == text), "{text}");
    }
    for text in [
        "it's",
        "C:\\new\\table",
        "P@$$w0rd!#%^&*()",
        "x\n",
        " x ",
        "\u{feff}x",
        "$(touch ran)",
    ] {
        assert!(refused.iter().all(|refused| refused != text), "{text}");
    }
}

#[test]
fn every_reader_of_yaml_and_json_reads_every_text() {
    assert_eq!(refused_texts("yaml", &readers::yaml()), [""; 0]);
    assert_eq!(refused_texts("json", &readers::json()), [""; 0]);
    assert_eq!(refused_texts("k8s", &readers::k8s()), [""; 0]);
}

#[test]
fn docker_reads_every_text_of_one_line_under_64_kib() {
    let refused = refused_texts("docker", &readers::docker());
    let why = |text: &&String| !text.contains('\n') && !text.ends_with('\r');
    let other: Vec<_> = refused.iter().filter(why).collect();
    assert!(other.is_empty(), "{other:?}");
}

#[test]
fn systemd_reads_every_text_of_characters() {
    let refused = refused_texts("systemd", &readers::systemd());
    let control = |c: char| c.is_ascii_control() && c != '\t' && c != '\n';
    let none = |c: char| u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    let why = |text: &&String| !text.contains(control) && !text.contains(none);
    let other: Vec<_> = refused.iter().filter(why).collect();
    assert!(other.is_empty(), "{other:?}");
}

#[test]
fn a_length_that_a_reader_or_the_system_does_not_take_is_refused() {
    let sandbox = &Sandbox::local();
    let lengths = [65_527, 65_528, 70_000, 131_063, 131_064, 140_000];
    // `V065527=` stands before each: 8 bytes; and a NUL or a newline behind it.
    let named = |length: usize| {
        let text = format!("{length:06}-").repeat(length / 7 + 1);
        (format!("V{length:06}"), text.as_bytes()[..length].to_vec())
    };
    let stored: Variables = lengths.into_iter().map(named).collect();
    store(sandbox, "long", &stored);
    for (format, readers, longest) in [
        ("shell", readers::shells(), 131_063),
        ("dotenv", readers::dotenv(), 131_063),
        ("systemd", readers::systemd(), 131_063),
        ("docker", readers::docker(), 65_527),
        ("json", readers::json(), 1 << 20),
        ("yaml", readers::yaml(), 1 << 20),
        ("k8s", readers::k8s(), 1 << 20),
    ] {
        let refused = Case::new(sandbox, format, &["long"]).proven(&stored, &readers);
        let over = stored.iter().filter(|(_, value)| value.len() > longest);
        assert!(
            refused.iter().eq(over.map(|(name, _)| name)),
            "{format}: {refused:?}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_read_back_or_refused() {
    let sandbox = &Sandbox::local();
    let mut stored = Variables::new();
    let mut references = Vec::new();
    for (at, bytes) in BYTES.into_iter().enumerate() {
        sandbox.put(&format!("b{at}"), bytes);
        stored.insert(format!("B{at}"), bytes.to_vec());
        references.push(format!("B{at}=b{at}"));
    }
    let case = |format| Case {
        sandbox,
        format,
        arguments: references.clone(),
    };
    let shells: Vec<_> = readers::shells()
        .into_iter()
        .filter(|shell| shell.takes_bytes)
        .collect();
    assert_eq!(case("shell").proven(&stored, &shells), BTreeSet::new());
    for format in ["dotenv", "json", "yaml", "docker", "systemd"] {
        let refused = case(format).exported(&BTreeSet::new()).unwrap_err();
        assert!(refused.iter().eq(stored.keys()), "{format}: {refused:?}");
    }
}

/// Names of these under which a format refuses a value; under the others each
/// reader must read it.
#[track_caller]
pub fn refused_names(
    format: &'static str,
    readers: &[Reader],
    names: &[String],
    values: &[&str],
) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for value in values {
        let sandbox = &Sandbox::local();
        let stored: Variables = names
            .iter()
            .map(|name| (name.clone(), value.as_bytes().to_vec()))
            .collect();
        store(sandbox, "names", &stored);
        let case = Case::new(sandbox, format, &["names", "--case", "keep"]);
        all.extend(case.proven(&stored, readers));
    }
    all
}

#[test]
fn every_reader_reads_every_name_that_is_not_refused() {
    let evil = ["5", "a[$(touch ran)]", ""];
    assert_eq!(
        refused_names("shell", &readers::shells(), &names(), &evil),
        // One of these is no locale.
        BTreeSet::from(["LANG".to_owned()])
    );
    let proto = BTreeSet::from(["LANG", "__proto__"].map(str::to_owned));
    let seen = refused_names("dotenv", &readers::dotenv(), &names(), &evil);
    assert_eq!(seen, proto);
    for (format, readers) in [
        ("json", readers::json()),
        ("docker", readers::docker()),
        ("systemd", readers::systemd()),
    ] {
        let seen = refused_names(format, &readers, &names(), &["x"]);
        assert_eq!(seen, BTreeSet::new(), "{format}");
    }
    let long = |length: usize| names().into_iter().filter(move |name| name.len() > length);
    let seen = refused_names("yaml", &readers::yaml(), &names(), &["x"]);
    assert_eq!(seen, long(1000).collect());
    let seen = refused_names("k8s", &readers::k8s(), &names(), &["x"]);
    assert_eq!(seen, long(253).collect());
}
