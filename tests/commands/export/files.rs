//! `export --format systemd` and `docker`: read by the rules of those who read
//! such files, and by themselves where they are here.

use std::collections::BTreeMap;
use std::process::Command;

use crate::commands::export::formats::{exported, hard, hard_and_harder, stored};
use crate::support::Sandbox;
use crate::support::containers::Image;

/// `EnvironmentFile=` as systemd.exec(5) and its `env-file.c` have it.
fn systemd(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, quoted) = rest.split_once("=\"").unwrap();
        let (mut value, mut chars) = (String::new(), quoted.char_indices());
        let end = loop {
            match chars.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => match chars.next().unwrap().1 {
                    '\n' => {}
                    c @ ('"' | '\\' | '`' | '$') => value.push(c),
                    c => value.extend(['\\', c]),
                },
                (_, c) => value.push(c),
            }
        };
        all.insert(name.to_owned(), value);
        rest = quoted[end + 1..].strip_prefix('\n').unwrap();
    }
    all
}

/// What systemd's own reader of such files makes of one, but for values with a
/// `$`, which it would replace there; `None` where it is not on this machine.
fn systemd_itself(sandbox: &Sandbox, text: &str) -> Option<BTreeMap<String, String>> {
    const READER: &str =
        "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";
    sandbox.write("config/environment.d/out.conf", text);
    let mut command = Command::new(READER);
    command.env_clear().env("HOME", sandbox.home());
    command.env("XDG_CONFIG_HOME", sandbox.home().join("config"));
    let output = command.output().ok()?;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.is_empty(), "{said}");
    let told = String::from_utf8(output.stdout).unwrap();
    let ours = told.lines().filter(|line| line.starts_with('V'));
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), plain(value))
    };
    Some(ours.map(pair).collect())
}

/// A value as systemd prints it: bare, or in quotes with C's escapes.
fn plain(shown: &str) -> String {
    let quoted = shown.strip_prefix('$').unwrap_or(shown);
    let Some(quoted) = quoted.strip_prefix(['"', '\'']) else {
        return shown.to_owned();
    };
    let mut value = String::new();
    let mut chars = quoted[..quoted.len() - 1].chars();
    while let Some(c) = chars.next() {
        value.push(match c {
            '\\' => match chars.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                escaped => escaped,
            },
            c => c,
        });
    }
    value
}

#[test]
fn systemd_reads_what_was_stored() {
    let sandbox = Sandbox::local();
    let more = ["end\\", "it's $HOME `x`", "\\'$(touch ran)"];
    let all = stored(&sandbox, &[&hard()[..], &more].concat());
    let text = String::from_utf8(exported(&sandbox, "systemd")).unwrap();
    assert_eq!(systemd(&text), all);
    // Of an empty value its reader says there that it is no syntax.
    let taken = |value: &&str| {
        let is_control = |c: char| c.is_control() && !"\n\t".contains(c);
        !value.is_empty() && !value.contains('$') && !value.contains(is_control)
    };
    let values: Vec<&str> = hard_and_harder().into_iter().filter(taken).collect();
    let all = stored(&sandbox, &values);
    let text = String::from_utf8(exported(&sandbox, "systemd")).unwrap();
    if let Some(read) = systemd_itself(&sandbox, &text) {
        assert_eq!(read, all);
    }
}

/// A line a variable, `#` at its start for a comment: the rules of `--env-file`.
fn docker(text: &str) -> BTreeMap<String, String> {
    let lines = text.split_terminator('\n');
    let lines = lines.map(|line| line.trim_start_matches([' ', '\t']));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    lines.map(pair).collect()
}

#[test]
fn docker_and_podman_read_what_was_stored() {
    let sandbox = Sandbox::local();
    let one_line = |value: &&str| !value.contains(['\n', '\r']);
    let values: Vec<&str> = hard_and_harder().into_iter().filter(one_line).collect();
    let all = stored(&sandbox, &values);
    let text = String::from_utf8(exported(&sandbox, "docker")).unwrap();
    assert_eq!(docker(&text), all);
    let Some(image) = Image::shared() else { return };
    let file = sandbox.write("variables", text);
    let container = image
        .container()
        .option("--env-file", file.to_str().unwrap());
    let container = container.option("--entrypoint", "/server");
    let told = container.run(&["tell"], &sandbox).gives().text();
    for (name, value) in all {
        let line = format!("{name}={value:?}");
        assert!(told.lines().any(|told| told == line), "{line}: {told}");
    }
}
