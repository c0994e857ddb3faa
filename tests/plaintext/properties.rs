//! What holds for any JSON, by documents that a generator makes.

use std::collections::BTreeSet;

use lazycred::blocking::Client;
use serde_json::Value;

use crate::support::harness::Sandbox;

/// Source: Steele, Lea and Flood, <https://doi.org/10.1145/2714064.2660195>.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((word ^ (word >> 31)) % most as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// An object with field names that are likely to collide.
    fn object(&mut self, depth: usize) -> String {
        let members: Vec<_> = (0..self.below(4))
            .map(|_| {
                let name = self.pick(&[
                    "a", "b", "A", "a_b", "a-b", "b_c", "1", "_1", "é", "c.d", "x",
                ]);
                format!("\"{name}\": {}", self.value(depth))
            })
            .collect();
        format!("{{{}}}", members.join(", "))
    }

    fn value(&mut self, depth: usize) -> String {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => self
                .pick(&["1.10", "-0", "1e400", "12345678901234567890", "0"])
                .to_owned(),
            1 => self.pick(&["true", "false", "null"]).to_owned(),
            2..=4 => self
                .pick(&[
                    "\"\"",
                    "\"x y\"",
                    "\"{}\"",
                    "\"\\u00e9\\n\"",
                    "\"=\"",
                    "\"\\\"'$\"",
                ])
                .to_owned(),
            5 => self
                .pick(&["[]", "[1, \"a\"]", "[{\"a\": null}]"])
                .to_owned(),
            _ => self.object(depth - 1),
        }
    }
}

/// The paths of an object's leaves; `None` if a field stands twice.
fn leaves(text: &str) -> Option<usize> {
    fn count(value: &Value) -> usize {
        match value {
            Value::Object(members) => members.values().map(count).sum(),
            Value::Null => 0,
            _ => 1,
        }
    }
    fn members(text: &str) -> usize {
        text.matches("\": ").count()
    }
    let value: Value = serde_json::from_str(&text.replace("1e400", "1")).unwrap();
    let unique = members(&value.to_string().replace("\":", "\": ")) == members(text);
    unique.then(|| count(&value))
}

#[test]
fn two_leaves_of_a_secret_give_two_variables_or_an_error_and_never_one() {
    let client = Client::in_memory().unwrap();
    let (mut flat, mut refused) = (0, 0);
    for seed in 0..3000 {
        let text = Random(seed).object(3);
        client.put("s", text.as_str()).unwrap();
        match client.load(["s"]) {
            Ok(vars) => {
                let names: BTreeSet<_> = vars.iter().map(|var| var.name.to_string()).collect();
                assert_eq!(Some(names.len()), leaves(&text), "{text}");
                assert_eq!(names.len(), vars.iter().count(), "{text}");
                flat += 1;
            }
            Err(error) => {
                assert_eq!(error.exit_code(), 5, "{text}");
                refused += 1;
            }
        }
    }
    assert!(flat > 500 && refused > 50, "{flat} {refused}");
}

#[test]
fn what_exec_gives_is_what_a_dry_run_announced() {
    let sandbox = Sandbox::local();
    let mut compared = 0;
    for seed in 0..60 {
        let text = Random(seed * 7919).object(3);
        sandbox.put("s", &text);
        let announced = sandbox.run(["exec", "s", "--dry-run", "--json"]).outcome();
        let given = sandbox
            .run(["exec", "--pristine", "s", "--", "/usr/bin/env", "-0"])
            .outcome();
        assert_eq!(announced.status, given.status, "{text}");
        if given.status != 0 {
            assert_eq!(
                (announced.text(), given.text()),
                (String::new(), String::new())
            );
            continue;
        }
        let announced: Value = serde_json::from_slice(&announced.stdout).unwrap();
        let announced: BTreeSet<_> = announced
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (
                    one["name"].as_str().unwrap().to_owned(),
                    usize::try_from(one["bytes"].as_u64().unwrap()).unwrap(),
                )
            })
            .collect();
        let text = given.text();
        let given: BTreeSet<_> = text
            .split_terminator('\0')
            .map(|entry| entry.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.len()))
            .collect();
        assert_eq!(announced, given);
        compared += 1;
    }
    assert!(compared > 10, "{compared}");
}
