//! `export`: every reader gets the stored value, or the export fails.

use std::collections::BTreeMap;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphyr::LoadableYamlNode;
use serde_json::{Map, Value};

use crate::support::Sandbox;

/// Values that careless quoting would change, or have a shell run, with `¦` between two.
const HARD: &str = "¦ ¦plain¦it's¦\"quoted\"¦back\\slash¦\\\\two¦$HOME ${HOME} $(touch ran)¦\
    `touch ran`¦'; touch ran; '¦\"; touch ran; \"¦one\ntwo\n¦\n¦ # no comment¦\
    a=b:c, {d} [e] &f *g !h %i @j¦null¦yes¦1e3¦tab\there¦- item¦{\"a\": [1, \"b\"]}¦\
    \u{e9}\u{20ac}\u{1f600}¦%25 ::add-mask::x";

/// More that only some formats hold.
const HARDER: &str = "end\\¦it's $HOME `touch ran`¦carriage\rreturn\r\n¦\u{1}\u{1b}[31m\u{7f}¦\
    \u{85}\u{a0}\u{2028}\u{2029}\u{feff}\u{ffff}¦end\r¦\\'$(touch ran)¦\u{8}\u{c}";

pub fn hard() -> Vec<&'static str> {
    HARD.split('¦').collect()
}

pub fn hard_and_harder() -> Vec<&'static str> {
    HARD.split('¦').chain(HARDER.split('¦')).collect()
}

pub fn stored(sandbox: &Sandbox, values: &[&str]) -> BTreeMap<String, String> {
    let named = |(at, value): (usize, &&str)| (format!("V{at:02}"), (*value).to_owned());
    let all: BTreeMap<_, _> = values.iter().enumerate().map(named).collect();
    let fields = all
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    let object: Map<String, Value> = fields.collect();
    sandbox.put("hard", Value::from(object).to_string());
    all
}

pub fn exported(sandbox: &Sandbox, format: &str) -> Vec<u8> {
    let args = ["export", "hard", "--format", format];
    sandbox.run(args).gives().stdout
}

/// What `env -0` gives of our variables.
fn variables(output: &[u8]) -> BTreeMap<String, String> {
    let entries = output.split(|byte| *byte == 0);
    let entries = entries.map(|entry| String::from_utf8(entry.to_vec()).unwrap());
    let pairs = entries.filter_map(|entry| {
        let (name, value) = entry.split_once('=')?;
        let ours = name.starts_with('V');
        ours.then(|| (name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

/// Where other programs are.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What Python makes of the file `out`; `None` where its module is not here.
fn python(sandbox: &Sandbox, module: &str, read: &str) -> Option<BTreeMap<String, String>> {
    let here = |python: &&str| {
        let script = format!("import {module}");
        let mut command = Command::new(python);
        command.env_clear().env("PATH", PATH);
        let tried = command.args(["-c", &script]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let python = ["python3", "/usr/bin/python3"].into_iter().find(here)?;
    let script = format!("import json, {module}; print(json.dumps(dict({read})))");
    let mut command = Command::new(python);
    command.env_clear().env("PATH", PATH);
    let output = command
        .args(["-c", &script])
        .current_dir(sandbox.home())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn a_shell_gets_bytes_that_are_no_text_and_unsets_what_is_null() {
    let sandbox = Sandbox::local();
    sandbox.put("v", b"\xff'\xfe");
    sandbox.put("null", r#"{"a": null}"#);
    let export = sandbox.run(["export", "v", "X=null#a", "--format", "shell"]);
    export.stdout(b"unset X\nexport V='\xff'\\''\xfe'\n").ok();
}

#[test]
fn dotenv_is_read_back_by_ourselves() {
    let sandbox = Sandbox::local();
    let taken = |value: &&str| !value.contains("\\\\") && !value.contains("${");
    let values: Vec<&str> = hard().into_iter().filter(taken).collect();
    let all = stored(&sandbox, &values);
    sandbox.put("again", exported(&sandbox, "dotenv"));
    let exec = sandbox.run("exec --pristine again --format dotenv -- /usr/bin/env -0");
    assert_eq!(variables(&exec.gives().stdout), all);
}

#[test]
fn json_and_yaml_hold_every_text() {
    let sandbox = Sandbox::local();
    let all = stored(&sandbox, &hard_and_harder());
    let json = exported(&sandbox, "json");
    assert_eq!(
        serde_json::from_slice::<BTreeMap<String, String>>(&json).unwrap(),
        all
    );
    let text = String::from_utf8(exported(&sandbox, "yaml")).unwrap();
    sandbox.write("out", &text);
    let documents = saphyr::Yaml::load_from_str(&text).unwrap();
    let mapping = documents[0].as_mapping().unwrap();
    let pair = |(name, value): (&saphyr::Yaml, &saphyr::Yaml)| {
        let text = |node: &saphyr::Yaml| node.as_str().unwrap().to_owned();
        (text(name), text(value))
    };
    assert_eq!(mapping.iter().map(pair).collect::<BTreeMap<_, _>>(), all);
    let read = "yaml.safe_load(open('out', newline=''))";
    if let Some(read) = python(&sandbox, "yaml", read) {
        assert_eq!(read, all);
    }
    sandbox.put("hard", "{}");
    assert_eq!(exported(&sandbox, "json"), b"{}\n");
    assert_eq!(exported(&sandbox, "yaml"), b"{}\n");
}

#[test]
fn a_name_that_yaml_has_a_meaning_for_stays_a_name() {
    let sandbox = Sandbox::local();
    sandbox.put("hard", r#"{"no": "1", "y": "2", "null": "3"}"#);
    assert_eq!(
        exported(&sandbox, "yaml"),
        b"\"NO\": \"1\"\n\"NULL\": \"3\"\n\"Y\": \"2\"\n"
    );
}

#[test]
fn a_value_a_format_cannot_represent_is_an_error_that_does_not_show_it() {
    let sandbox = Sandbox::local();
    for (format, ends) in [
        ("docker", "\nx¦\r"),
        ("systemd", "\r¦\u{1}¦\u{fffe}¦\u{fdd0}¦\u{10ffff}"),
        ("dotenv", "\r¦'$x¦'`x`¦'\"¦'\\¦\\\\¦\\\\x¦\\¦${HOME}¦${"),
    ] {
        for end in ends.split('¦') {
            stored(&sandbox, &[&format!("hunter2{end}")]);
            let outcome = sandbox.run(["export", "hard", "--format", format]).fails(5);
            let said = outcome.stderr;
            assert!(
                said.contains("`V00` of `hard`") && !said.contains("hunter2"),
                "{said}"
            );
        }
    }
    // All of them are told, each by its name.
    stored(&sandbox, &["hunter2\r", "x", "hunter2\\"]);
    let outcome = sandbox.run("export hard --format dotenv").outcome();
    let errors = outcome
        .stderr
        .matches("lazycred: error: cannot export `V0")
        .count();
    assert_eq!((outcome.status, errors), (5, 2), "{}", outcome.stderr);
    sandbox.put("hard", "x".repeat(1024 * 1024 + 1));
    sandbox.run("export V=hard --format k8s").fails(5);
    sandbox.put("hard", b"hunter2\xff");
    for format in ["dotenv", "json", "yaml", "docker", "systemd"] {
        sandbox.run(["export", "hard", "--format", format]).fails(5);
    }
}

#[test]
fn a_kubernetes_secret_is_named_after_the_first_reference_and_holds_any_bytes() {
    let sandbox = Sandbox::local();
    sandbox.put("Web/prod_1", b"\xff\n\n");
    sandbox.put("b", r#"{"user": "app"}"#);
    sandbox.prints("export TOKEN=Web/prod_1 b --format k8s", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"web-prod-1\"\ntype: Opaque\ndata:\n  \"TOKEN\": \"/wo=\"\n  \"USER\": \"YXBw\"\n");
}

#[test]
fn a_kubernetes_secret_holds_every_value() {
    let sandbox = Sandbox::local();
    let all = stored(&sandbox, &hard_and_harder());
    let text = String::from_utf8(exported(&sandbox, "k8s")).unwrap();
    let documents = saphyr::Yaml::load_from_str(&text).unwrap();
    let data = documents[0].as_mapping_get("data").unwrap();
    let pair = |(name, value): (&saphyr::Yaml, &saphyr::Yaml)| {
        let value = STANDARD.decode(value.as_str().unwrap()).unwrap();
        let name = name.as_str().unwrap().to_owned();
        (name, String::from_utf8(value).unwrap())
    };
    let data = data.as_mapping().unwrap().iter().map(pair);
    assert_eq!(data.collect::<BTreeMap<_, _>>(), all);
    sandbox.write("out", &text);
    let read = "{name: base64.b64decode(value, validate=True).decode() for name, value in yaml.safe_load(open('out'))['data'].items()}";
    if let Some(read) = python(&sandbox, "base64, yaml", read) {
        assert_eq!(read, all);
    }
}

#[test]
fn the_rules_and_the_refused_names_are_those_of_exec() {
    let sandbox = Sandbox::local();
    sandbox.put(
        "a",
        r#"{"db": {"host": "h", "n": 1.10}, "l": [1, 2], "LD_PRELOAD": "/x"}"#,
    );
    sandbox.put("b", r#"{"db_host": "later"}"#);
    sandbox
        .run(["export", "a", "--format", "json"])
        .stderr_has("`LD_PRELOAD` of `a` can make another program run code")
        .status(5);
    for (line, expected) in [
        ("a b --except LD_*", "DB_HOST=later\nDB_N=1.10\nL=[1,2]\n"),
        ("a --only L_* --arrays index", "L_0=1\nL_1=2\n"),
        ("a --only LD_* --allow LD_PRELOAD", "LD_PRELOAD=/x\n"),
        ("PATH=a#/db/host", "PATH=h\n"),
        ("P_+=b --case lower --prefix x-", "x_p_db_host=later\n"),
        ("a#db --separator __", "HOST=h\nN=1.10\n"),
    ] {
        sandbox.prints(&format!("export {line} --format docker"), expected);
    }
    for (line, status) in [
        ("a --only X*", 5),
        ("a --only DB_HOTS", 5),
        ("a --except LD_*,L", 2),
        ("a --except db_*", 2),
        ("nope b", 3),
        ("b#nope", 3),
        ("", 2),
    ] {
        sandbox
            .run(&format!("export {line} --format json"))
            .fails(status);
    }
}
