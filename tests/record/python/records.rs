//! Records of version 1 with a fault or more, as they may come from anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fernet::Fernet;

use super::Random;
use crate::support::fake_aws::Context;
use crate::support::harness::record::{local_wrapping_key, wrap_locally};

/// What other members a record can have: some only for Python, or for nobody.
const MEMBERS: [&str; 22] = [
    r#""x": null"#,
    r#""x": [1, {"y": [true, false, -0.5e-3]}]"#,
    r#""lazycred": 2"#,
    r#""lazycred": "2""#,
    r#""gen": 18446744073709551616"#,
    r#""x": NaN"#,
    r#""x": [Infinity, -Infinity]"#,
    r#""x": -NaN"#,
    r#""x": nan"#,
    r#""x": 1e999"#,
    r#""x": 01"#,
    r#""x": 1."#,
    r#""\ud800": 1"#,
    r#""x": "\udfff\ud800""#,
    r#""x": "\u12""#,
    "\"x\": \"\u{1f511}\"",
    "\"x\": \"\t\"",
    r#""data": null"#,
    r#""data": "gAAA""#,
    r#""key": null"#,
    r#""key": 5"#,
    r#""Data": "","#,
];

/// Secrets and wrapped data keys, and records of them with a fault or more.
pub(super) struct Records {
    random: Random,
    /// Tokens and wrapped data keys that fit.
    pairs: Vec<(String, String)>,
}

impl Records {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let file = local_wrapping_key();
        let mut pair = |at: usize| {
            let data_key = Fernet::generate_key();
            let token = Fernet::new(&data_key).unwrap().encrypt(&random.bytes(80));
            // Data keys that only a lenient reader takes.
            let wrapped = match at % 4 {
                0 => format!("{data_key}\n"),
                1 => data_key.replace('-', "+").replace('_', "/"),
                _ => data_key,
            };
            let blob = wrap_locally("dev", &file, wrapped.as_bytes(), &Context::new());
            (token, STANDARD.encode(blob))
        };
        let pairs = (0..40).map(&mut pair).collect();
        Self { random, pairs }
    }

    /// Base64 with some mutations.
    fn respelt(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..self.random.below(3) {
            let at = self.random.below(text.len() + 1);
            let at = text.floor_char_boundary(at);
            match self.random.below(9) {
                0 => text.insert_str(
                    at,
                    self.random
                        .pick(&["\\n", "\\r\\n", " ", "!", "%", "=", "\\u0000"]),
                ),
                1 => text.insert_str(at, self.random.pick(&["é", "==", "A", "-", "_", "+", "/"])),
                2 => text.push_str(self.random.pick(&["=", "====", "AAAA", "\\n", "x"])),
                3 => text = text.trim_end_matches('=').to_owned(),
                4 => text = text.replace('-', "+"),
                5 => text = text.replace('_', "\\/"),
                6 => text = text.replacen('A', "\\u0041", 3),
                7 => text.truncate(at),
                _ => text = text.replace('/', "_"),
            }
        }
        text
    }

    fn space(&mut self) -> &'static str {
        self.random.pick(
            &["", "", "", " ", "\n", "\t\r\n ", "\u{a0}"]
                [..6 + usize::from(self.random.0.is_multiple_of(50))],
        )
    }

    pub(super) fn next(&mut self) -> Vec<u8> {
        let at = self.random.below(self.pairs.len());
        let (mut data, mut key) = self.pairs[at].clone();
        if self.random.below(20) == 0 {
            data.clone_from(&self.pairs[(at + 1) % self.pairs.len()].0);
        }
        if self.random.below(3) == 0 {
            data = self.respelt(&data);
        }
        if self.random.below(3) == 0 {
            key = self.respelt(&key);
        }
        let name = |name: &str, escaped: bool| {
            if escaped {
                format!("\"\\u{:04x}{}\"", u32::from(name.as_bytes()[0]), &name[1..])
            } else {
                format!("\"{name}\"")
            }
        };
        let mut escaped = || self.random.below(8) == 0;
        let names = [name("data", escaped()), name("key", escaped())];
        let mut members: Vec<String> = names
            .iter()
            .zip([data, key])
            .map(|(name, value)| format!("{name}{}:{}\"{value}\"", self.space(), self.space()))
            .collect();
        if self.random.below(2) == 0 {
            members.swap(0, 1);
        }
        for _ in 0..self.random.below(3) {
            let at = self.random.below(members.len() + 1);
            let deep = self.random.below(12);
            let member = match deep {
                0 => format!("\"x\": {}{}", "[".repeat(300), "]".repeat(300)),
                _ => (*self.random.pick(&MEMBERS.each_ref())).to_owned(),
            };
            members.insert(at, member);
        }
        let between = format!("{},{}", self.space(), self.space());
        let text = format!(
            "{}{{{}{}}}{}",
            self.space(),
            members.join(&between),
            self.space(),
            self.space()
        );
        let mut bytes = text.into_bytes();
        if self.random.below(6) == 0 {
            let at = self.random.below(bytes.len());
            match self.random.below(7) {
                0 => bytes[at] ^= 1 << self.random.below(8),
                1 => bytes.insert(at, self.random.next().to_le_bytes()[0]),
                2 => {
                    bytes.remove(at);
                }
                3 => bytes.truncate(at),
                4 => bytes.extend_from_slice(self.random.pick(&[&b" x"[..], b"\0", b"}", b","])),
                5 => drop(bytes.splice(at..at, *b"\xed\xa0\x80")),
                _ => drop(bytes.splice(0..0, *b"\xef\xbb\xbf")),
            }
        }
        bytes
    }
}
