//! No message has more than eight bytes in a row of what may be secret.
//!
//! Its first byte says whether an input is a secret, or a record, a token and a data key,
//! or a template.
//! What a message may repeat are names: of fields, of variables, of a record's members,
//! and what stands in a template's braces. What the sources themselves say is not the
//! input's, either.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{DATA_KEY, choice, place};
use crate::base::text::OneLine;
use crate::base::{Error, Reference, Secret};
use crate::launch::refused;
use crate::plaintext::export::{self, Export, Step};
use crate::plaintext::rules::{Arrays, Format, Null, Rules};
use crate::plaintext::template::Template;
use crate::plaintext::{diff, dotenv, json, pick, references, set_field};
use crate::record::fernet::{self, DataKey};
use crate::record::{Kind, Record};

/// How many bytes in a row are too many.
const MANY: usize = 9;

/// Names of so many bytes or more are cut out of a message; shorter ones occur in any word.
const NAME: usize = 4;

/// The line that ends a value in GitHub's files.
const DELIMITER: &str = "delimiter";

type Windows = HashSet<[u8; MANY]>;

fn windows(text: &[u8]) -> impl Iterator<Item = [u8; MANY]> {
    let window = |seen: &[u8]| seen.try_into().expect("nine bytes");
    text.windows(MANY).map(window)
}

macro_rules! sources {
    ($($file:literal)+) => {
        [$(include_str!(concat!("../../../src/", $file, ".rs"))),+]
    };
}

/// What the sources say, without their comments and tests.
static SAID: LazyLock<Windows> = LazyLock::new(|| {
    let sources = sources!(
        "base/error/chain" "base/error/constructors" "base/error/display" "base/error/kind"
        "base/error" "base/name" "base/reference" "base/secret" "base/similar" "base/text"
        "launch/refused" "plaintext/detect" "plaintext/diff" "plaintext/dotenv"
        "plaintext/export/dotenv" "plaintext/export/github" "plaintext/export/mod"
        "plaintext/export/shell" "plaintext/export/yaml" "plaintext/filter" "plaintext/flatten"
        "plaintext/json" "plaintext/pick" "plaintext/references" "plaintext/rules"
        "plaintext/set_field/mod" "plaintext/template" "plaintext/template/value"
        "record/fault" "record/fernet" "record/mod" "record/v1" "record/v2"
    );
    let mut said = Windows::new();
    for source in sources {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for line in source.lines().map(str::trim) {
            if !line.starts_with("//") {
                said.extend(windows(line.as_bytes()));
            }
        }
    }
    // The delimiter is put into a sentence of theirs.
    let delimiter = format!("contains the {DELIMITER}: run");
    for own in [place().to_string(), format!("{:?}", place()), delimiter] {
        said.extend(windows(own.as_bytes()));
    }
    said
});

/// Collects the messages.
struct Messages<'a> {
    input: &'a [u8],
    all: Vec<String>,
}

impl Messages<'_> {
    fn of<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.error(&error)).ok()
    }

    fn error(&mut self, error: &Error) {
        self.all.push(format!("{error}\n{error:?}"));
        self.all.extend(error.hint());
    }

    fn other<T, E: std::fmt::Display + std::fmt::Debug>(
        &mut self,
        result: Result<T, E>,
    ) -> Option<T> {
        result
            .map_err(|error| self.all.push(format!("{error}\n{error:?}")))
            .ok()
    }

    /// Asserts that no message repeats the input.
    fn are_silent(self) {
        if self.all.is_empty() || self.input.len() < MANY {
            return;
        }
        let input: Windows = windows(self.input).collect();
        let is_repeated = |seen: &[u8; MANY]| input.contains(seen) && !SAID.contains(seen);
        let mut all = self.all;
        all.retain(|message| windows(message.as_bytes()).any(|seen| is_repeated(&seen)));
        if all.is_empty() {
            return;
        }
        let mut names = names(self.input);
        // In the quotes that messages have around them, which the input may have, too.
        let quoted = |name: &String| format!("`{name}`\"{name}\"");
        let quoted: Vec<String> = names.iter().map(quoted).collect();
        let quoted: Windows = quoted
            .iter()
            .flat_map(|name| windows(name.as_bytes()))
            .collect();
        // What stands around a name is the message's own, and may be the input's.
        names.retain(|name| name.len() >= NAME);
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let repeated = |text: &str| {
            windows(text.as_bytes()).find(|seen| is_repeated(seen) && !quoted.contains(seen))
        };
        let without = |message: String, name: &String| message.replace(&**name, "\0");
        for message in all {
            if repeated(&message).is_none() {
                continue;
            }
            let rest = names.iter().fold(message.clone(), without);
            if let Some(seen) = repeated(&rest) {
                panic!("{:?} in {message:?}", String::from_utf8_lossy(&seen));
            }
        }
    }
}

/// No message repeats what may be secret.
pub fn error_text(input: &[u8]) {
    let (chosen, text) = choice(input);
    let mut messages = Messages {
        input: text,
        all: Vec::new(),
    };
    let secret = Secret::from(text);
    messages.all.push(format!("{secret:?}"));
    match chosen % 7 {
        0..5 => as_secret(&secret, chosen / 7, &mut messages),
        5 => as_stored(text, &mut messages),
        _ => as_value(&secret, &mut messages),
    }
    messages.are_silent();
}

fn as_secret(secret: &Secret, chosen: usize, messages: &mut Messages) {
    let place = place();
    match chosen % 6 {
        0 => drop(messages.other(dotenv::parse(secret.as_bytes()))),
        1 => drop(messages.other(json::members(secret.as_bytes()))),
        2 => {
            let other = Secret::from("{\"a\": 1}");
            messages.of(diff::diff((&place, secret), (&place, &other)));
        }
        3 => {
            let steps = [String::from("a"), String::from("0")];
            messages.other(set_field::set(secret, &steps, b"1"));
            messages.other(set_field::unset(secret, &steps[..1]));
            let empty = Secret::from("{}");
            messages.other(set_field::set(&empty, &steps, secret.as_bytes()));
            if let Ok(raw) = json::document(secret.as_bytes()) {
                messages.other(pick::pick(raw, &steps));
            }
        }
        _ => as_variables(secret, messages),
    }
}

/// By each kind of reference, in a format that the length chooses.
fn as_variables(secret: &Secret, messages: &mut Messages) {
    let place = place();
    let chosen = secret.len();
    let references = ["db", "V=db", "db#password", "V=db#/a/0", "P_+=db", "db#a.b"];
    let reference: Reference = references[chosen % 6].parse().expect("a reference");
    let formats = [Format::Auto, Format::Json, Format::Dotenv, Format::Text];
    let rules = Rules {
        format: formats[chosen / 6 % 4],
        arrays: [Arrays::Json, Arrays::Index][chosen / 2 % 2],
        null: [Null::Error, Null::Empty][chosen % 2],
        ..Rules::default()
    };
    let shaped = references::shape(&reference, &place, secret, &rules);
    if let Some(shaped) = messages.of(shaped) {
        let step = (Step::Variables, DELIMITER);
        let formats = [
            Export::Shell,
            Export::Dotenv,
            Export::Github,
            Export::Systemd,
        ];
        let first = "db".parse().expect("a name");
        messages.of(export::write(
            formats[chosen / 3 % 4],
            &shaped.vars,
            step,
            &first,
        ));
        let names = shaped
            .vars
            .iter()
            .map(|var| (var.name.as_str().as_ref(), "db"));
        messages.of(refused::none_refused(names));
    }
}

fn as_stored(bytes: &[u8], messages: &mut Messages) {
    match Record::parse(bytes) {
        Ok(Record::V1(record)) => drop(messages.other(fernet::open(&DATA_KEY, &record.token))),
        Ok(Record::V2(record)) => {
            drop(messages.other(fernet::open(&DATA_KEY, record.token.as_str())));
        }
        Err(error) => {
            messages.all.push(error.to_string());
            messages.all.push(error.detail());
            messages.all.extend(error.hint().map(str::to_owned));
        }
    }
    let data_key = DataKey::parse(bytes);
    messages.all.push(format!("{data_key:?}"));
    if let Ok(token) = str::from_utf8(bytes) {
        messages.other(fernet::open(&DATA_KEY, token));
    }
}

fn as_value(secret: &Secret, messages: &mut Messages) {
    if let Some(template) = messages.of(Template::parse("`app.conf`", secret.as_bytes())) {
        messages.all.push(template.listed().unwrap_or_default());
    }
    // A text that only might be a reference: the rule that it breaks is all that is told.
    if let Ok(text) = str::from_utf8(secret.as_bytes())
        && let Err(fault) = Reference::read(text)
    {
        messages.all.push(fault.rule.to_owned());
    }
}

/// What messages may repeat: names of fields, of variables, and what is in braces.
fn names(text: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].iter().position(|byte| *byte == b'"') {
        let start = at + start;
        let mut end = start + 1;
        while end < text.len() && text[end] != b'"' {
            end += if text[end] == b'\\' { 2 } else { 1 };
        }
        at = (end + 1).min(text.len());
        if text[at..].trim_ascii_start().starts_with(b":") {
            // As it is written, and as it is read.
            if let Ok(name) = serde_json::from_slice::<String>(&text[start..at]) {
                names.push(String::from_utf8_lossy(&text[start..at]).into_owned());
                names.push(name);
            }
        }
    }
    let pairs = dotenv::parse(text).into_iter().flatten();
    names.extend(pairs.map(|pair| pair.name));
    let text = String::from_utf8_lossy(text);
    let inside = |text: &str| text.split("}}").next().unwrap_or_default().to_owned();
    let braces = text.split("{{").skip(1).map(inside);
    for inside in braces {
        names.extend(inside.split('|').map(|part| part.trim().to_owned()));
        names.push(format!("{{{{{inside}}}}}"));
        names.push(format!("{{{{{}}}}}", inside.trim()));
    }
    let spell = |character: char| match character {
        'a'..='z' => character.to_ascii_uppercase(),
        'A'..='Z' | '0'..='9' => character,
        _ => '_',
    };
    let upper: Vec<String> = names.iter().map(|name| name.to_ascii_uppercase()).collect();
    let spelt: Vec<String> = names
        .iter()
        .map(|name| name.chars().map(spell).collect())
        .collect();
    let pointer = |name: &String| name.replace('~', "~0").replace('/', "~1");
    let pointers: Vec<String> = names.iter().map(pointer).collect();
    names.extend(upper.into_iter().chain(spelt).chain(pointers));
    // As messages write them, and `Debug` then.
    let lines: Vec<String> = names.iter().map(|name| OneLine(name).to_string()).collect();
    names.extend(lines);
    let without_quotes = |text: String| text[1..text.len() - 1].to_owned();
    let escaped: Vec<String> = names
        .iter()
        .map(|name| without_quotes(format!("{name:?}")))
        .collect();
    names.extend(escaped);
    names
}
