//! What `import` takes of a YAML file, every reader of YAML makes of it too:
//! hundreds of files, by the program and by the readers.
//!
//! One difference is known and left: where the last line of a block of text has
//! no newline (`k: |` and `  x`, and there the file ends), some readers give the
//! text without one. YAML's own grammar and npm's readers have `x` and a newline.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Sandbox, readers};

/// Plain scalars, as a value and as a name.
const PLAIN: &str = "yes Yes YES yEs no NO on oN off OFF y Y n N true True TRUE tRUE false null \
    Null NULL nULL ~ = << < 1 -1 +1 0 -0 00 017 08 0o17 0O17 0b11 0B11 0x1F 0X1f -0x1 1_000 1__0 \
    _1 1_ 1_a 1,000 12:30 1:2:3 1:60 12:30.5 -1:30 8080:80 .5 -.5 . .. ._ ._5 1. 1.5 1.50 1.5_0 \
    1e3 1E3 1e+3 1.0e3 1.0e+3 1.0E-3 1.0e+400 1.0e-400 e3 .inf -.inf .iNF .nan .Nan NaN 2026-01-01 \
    2026-1-1 2026-01-01T00:00:00Z 2026-13-45 2026-01 2026-01-01x 20260101 1.2.3 10.0.0.1:80 \
    123e4567-e89b 12e4567 0123abcd 9007199254740991 9007199254740993 12345678901234567890 :sym ::1 \
    x:y 0x 1a 1e -- + none 0.0 1.10 01.5 a::b 1:00:00:00 60:00 00:00 0x1.8p3 1f $ ?x ?";

/// Values behind `a:` and a space, or a line end.
const VALUES: [&str; 76] = [
    "b # c",
    "b #",
    "b#c",
    "\"b\" #c",
    "b\tc",
    "b\t",
    "\tb",
    "b\t# c",
    "{c: d}",
    "{c: d,}",
    "{c}",
    "{c:d}",
    "{\"c\":d}",
    "[a,]",
    "[a: b]",
    "[a:b]",
    "[a, \"b\", 'c']",
    "[\n a,\n b\n ]",
    "[\n\tb]",
    "{c:\n d}",
    "[-]",
    "[-1]",
    "[?x]",
    "[]",
    "{}",
    "{{a: b}: c}",
    "{<<: {b: c}}",
    "{\"<<\": {b: c}}",
    "\n  <<: {b: c}",
    "\n  __proto__: c",
    "\"\\/\"",
    "\"\\x41\\u00e9\\U0001F600\"",
    "\"\\ud83d\\ude00\"",
    "\"\\e\\_\\N\\L\\P\"",
    "\"\\0\\a\\b\\t\\n\\v\\f\\r\"",
    "\"\\q\"",
    "'\\n'",
    "''''",
    "\"a\\\"b\"",
    "\"x\n\ty\"",
    "'x\n\n\ty'",
    "\"x \\\n  y\"",
    "\"x\u{2028}y\"",
    "x\u{2028}y",
    "x\u{85}y",
    "\u{a0}x",
    "x\u{3000}",
    "x\u{feff}y",
    "x\u{7f}y",
    "x\u{1}y",
    "x\u{c}y",
    "\u{1f600}",
    "\u{fffe}",
    "x\ry",
    "x\r",
    "&a b",
    "*a",
    "!!str b",
    "! b",
    "%b",
    "@b",
    "b: c",
    "\n- b\n- c",
    "\n -\tb: c",
    "\n - \tb",
    "\n  b: c\n\td: e",
    "\n\tb: c",
    "\n \tb: c",
    "b\n c",
    "b\n\n c",
    "b\n\tc",
    "\n  ? b\n  : c",
    "\n- - b\n  - c",
    "a'b\"c",
    "a\\nb",
    "http://x/y?z#w",
];
const HEADERS: [&str; 5] = ["|", ">-", "|+", ">2", "|  # c"];
const BLOCKS: [&str; 20] = [
    "  x\n",
    "  x\n  y\n",
    "  x\n\n  y\n",
    "  x\n   y\n  z\n",
    "  x\n\n",
    "",
    "\n",
    "  x\n  \n",
    "  x\n    \n",
    "\n  x\n",
    "  x\n# c\n",
    "  # c\n",
    "  x\n\tc\n",
    "  x\n  \ty\n",
    "\tx\n",
    "  x\n\t\n  y\n",
    "  x\n \t\n",
    "  x\t\n",
    "  x\r\n  y\r\n",
    "  x\ry\n",
];
/// What stands before and behind a mapping.
const AROUND: [(&str, &str); 22] = [
    ("\u{feff}", ""),
    ("---\n", ""),
    ("--- ", ""),
    ("--- # c\n", ""),
    ("%YAML 1.2\n---\n", ""),
    ("%YAML 1.1\n---\n", ""),
    ("# c\n", ""),
    ("\t", ""),
    (" \t", ""),
    ("\t\n", ""),
    ("\t# c\n", ""),
    ("...\n", ""),
    ("\r", ""),
    ("\u{2028}", ""),
    ("", "...\n"),
    ("", "---\n"),
    ("", "...\n---\n"),
    ("", "\t\n"),
    ("", " \t# c\n"),
    ("", "\tc: d\n"),
    ("", "\u{feff}"),
    ("", "\rc: d\n"),
];

fn files() -> Vec<String> {
    let mut all = Vec::new();
    for plain in PLAIN.split(' ').filter(|plain| !plain.is_empty()) {
        all.extend([format!("a: {plain}\n"), format!("{plain}: a\n")]);
    }
    for value in VALUES {
        all.push(format!("a: {value}\nz: 1\n"));
    }
    for header in HEADERS {
        for block in BLOCKS {
            all.push(format!("a: {header}\n{block}z: 1\n"));
            all.push(format!("a:\n- {header}\n{block}"));
        }
    }
    for (before, behind) in AROUND {
        all.push(format!("{before}a: b\n{behind}"));
    }
    all
}

/// Numbers as a double has them, but whole ones to the last digit.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => {
            a == b
                || ((a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64())
                || a.as_i64() == Some(0) && b.as_f64() == Some(0.0)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

#[test]
fn what_is_taken_of_a_yaml_file_every_reader_makes_of_it() {
    let sandbox = Sandbox::local();
    let mut taken = Vec::new();
    let mut refused = 0;
    for text in files() {
        let import = ["import", "-", "--as", "one", "--format", "yaml"];
        let more = ["--replace", "--quiet"];
        let command = sandbox.run(import.iter().chain(&more)).stdin(&text);
        let outcome = command.outcome();
        if outcome.status == 0 {
            let stored = sandbox.run(["get", "one"]).gives().text();
            taken.push((text, serde_json::from_str::<Value>(&stored).unwrap()));
        } else {
            assert_eq!(outcome.status, 2, "{text:?}: {}", outcome.stderr);
            refused += 1;
        }
    }
    assert!(
        taken.len() > 150 && refused > 100,
        "{} {refused}",
        taken.len()
    );
    let texts: Vec<Vec<u8>> = taken.iter().map(|(text, _)| text.clone().into()).collect();
    let readers = readers::yaml_as_json();
    let mut said = String::new();
    let mut refusals = vec![0; taken.len()];
    for reader in &readers {
        for (at, answer) in reader.read_all(&texts).into_iter().enumerate() {
            let (text, ours) = &taken[at];
            // Who refuses a file reads nothing else in it.
            let Ok(pairs) = answer else {
                refusals[at] += 1;
                continue;
            };
            let theirs: Value = serde_json::from_slice(&pairs[0].1).unwrap();
            if !same(ours, &theirs) {
                writeln!(said, "{reader:?}: {text:?}: {theirs}, not {ours}").unwrap();
            }
        }
    }
    for ((text, _), refusals) in taken.iter().zip(refusals) {
        if refusals > readers.len() / 2 {
            writeln!(said, "{text:?}: {refusals} readers refuse it").unwrap();
        }
    }
    assert!(said.is_empty(), "{said}");
}
