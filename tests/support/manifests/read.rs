//! Manifests as their platforms read them, all as JSON values.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};

/// Variables and their values.
pub type Variables = BTreeMap<String, String>;

/// A file under `examples/`.
pub fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(file)
}

/// Its text.
#[track_caller]
pub fn text(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[track_caller]
pub fn json(file: &str) -> Value {
    serde_json::from_str(&text(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The documents of a YAML file; a member that stands twice is an error.
#[track_caller]
pub fn yaml(file: &str) -> Vec<Value> {
    let text = text(file);
    let documents = Yaml::load_from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    documents.iter().map(value).collect()
}

fn value(node: &Yaml) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(it)) => (*it).into(),
        Yaml::Value(Scalar::Integer(it)) => (*it).into(),
        Yaml::Value(Scalar::String(it)) => it.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(members) => {
            let member = |(name, it): (&Yaml, &Yaml)| {
                let name = name.as_str().expect("members have names that are text");
                (name.to_owned(), value(it))
            };
            members.iter().map(member).collect::<Map<_, _>>().into()
        }
        other => panic!("a manifest has no {other:?}"),
    }
}

/// A list of words.
#[track_caller]
pub fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("a list: {list}"));
    list.iter().map(string).collect()
}

/// A text, where a platform takes nothing else.
#[track_caller]
pub fn string(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("a text: {value}")).to_owned()
}

/// Variables from an object, whose nulls are not set here.
#[track_caller]
pub fn variables(object: &Value) -> Variables {
    let members = object.as_object().expect("an object of variables");
    let set = members.iter().filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| (name.clone(), string(value)))
        .collect()
}

/// Variables from a list of `{"name": …, "value": …}`.
#[track_caller]
pub fn named_variables(list: &Value) -> Variables {
    let list = list.as_array().expect("a list of variables");
    let pair = |it: &Value| (string(&it["name"]), string(&it["value"]));
    list.iter().map(pair).collect()
}

/// `${NAME}` and `${NAME:-DEFAULT}` as Compose and `CloudFormation` replace them.
#[track_caller]
pub fn interpolated(text: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').expect("`${` ends with `}`");
        let (name, default) = match name.split_once(":-") {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (name, None),
        };
        let value = lookup(name).or(default);
        done += before;
        done += &value.unwrap_or_else(|| panic!("nothing for `{name}` in `{text}`"));
        rest = after;
    }
    done + rest
}

/// The words of a Dockerfile's instruction, in the form that needs no shell.
#[track_caller]
pub fn instruction(name: &str) -> Vec<String> {
    let file = text("docker/Dockerfile");
    let mut lines = file.lines().filter_map(|line| line.split_once(' '));
    let (_, words) = lines.find(|(it, _)| *it == name).expect("the instruction");
    serde_json::from_str(words).expect("a JSON list of words")
}

/// The one service of a Compose file.
#[track_caller]
pub fn service(file: &str) -> Value {
    let [document] = &yaml(file)[..] else {
        panic!("one document");
    };
    document["services"]["web"].clone()
}
