//! Proofs that a refused name runs code: a program does what the variable says if it
//! is given it, and lazycred does not give it unless the user says so.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value};

use crate::support::harness::{Outcome, Sandbox};
use crate::support::{PROGRAM, full};

/// What a case is, the command, and the variables that make it run `./payload` or load it.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// The eleven cases of the threat model.
const CASES: [Case; 11] = [
    ("LD_PRELOAD", "true", &[("LD_PRELOAD", "./payload.so")]),
    ("LD_AUDIT", "true", &[("LD_AUDIT", "./payload.so")]),
    ("BASH_ENV", "bash -c true", &[("BASH_ENV", "./payload")]),
    (
        "a function of bash in place of a command",
        "bash -c ls",
        &[("BASH_FUNC_ls%%", "() { ./payload; }")],
    ),
    ("ENV of dash", "dash -i -c true", &[("ENV", "./payload")]),
    (
        "sitecustomize of Python",
        "python3 -c 0",
        &[("PYTHONPATH", ".")],
    ),
    (
        "warnings of Python, and a browser",
        "python3 -c 0",
        &[
            ("PYTHONWARNINGS", "all:0:antigravity.x:0:0"),
            ("BROWSER", "./payload %s"),
        ],
    ),
    (
        "NODE_OPTIONS",
        "node -e 0",
        &[("NODE_OPTIONS", "--require ./payload.js")],
    ),
    (
        "modules of Perl",
        "perl -e 1",
        &[("PERL5OPT", "-Mpayload"), ("PERL5LIB", ".")],
    ),
    (
        "settings of Git",
        "git x",
        &[
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "alias.x"),
            ("GIT_CONFIG_VALUE_0", "!./payload"),
        ],
    ),
    ("LESSOPEN", "less payload", &[("LESSOPEN", "|./payload %s")]),
];

/// Further ones.
const MORE: [Case; 8] = [
    ("a prompt of dash", "dash -i", &[("PS1", "$(./payload)")]),
    ("zsh's folder", "zsh -c true", &[("ZDOTDIR", ".")]),
    (
        "options of tar",
        "tar -cf proof.tar payload",
        &[(
            "TAR_OPTIONS",
            "--checkpoint=1 --checkpoint-action=exec=./payload",
        )],
    ),
    (
        "what Python starts with",
        "python3 -i",
        &[("PYTHONSTARTUP", "sitecustomize.py")],
    ),
    (
        "Git's ssh",
        "git ls-remote ssh://localhost/x",
        &[("GIT_SSH_COMMAND", "./payload")],
    ),
    (
        "Git's diff",
        "git diff --no-index --ext-diff payload payload.pm",
        &[("GIT_EXTERNAL_DIFF", "./payload")],
    ),
    ("files of make", "make -n", &[("MAKEFILES", "payload.mk")]),
    (
        "a module of Ruby",
        "ruby -e 0",
        &[("RUBYOPT", "-r./payload.rb")],
    ),
];

/// A folder in which everything makes `proof`.
fn scene() -> Sandbox {
    let mut sandbox = Sandbox::local();
    // Git must not find the checkout that the tests are in.
    let above = sandbox.home().parent().unwrap().to_owned();
    sandbox.set("GIT_CEILING_DIRECTORIES", above);
    sandbox.program("payload", "#!/bin/sh\n: > ./proof\n");
    sandbox.write("payload.pm", "open(F, '>', './proof'); 1;\n");
    sandbox.write("payload.js", "require('fs').writeFileSync('proof', '')\n");
    sandbox.write("payload.rb", "File.write('proof', '')\n");
    sandbox.write("payload.mk", "$(shell ./payload)\nall:\n");
    sandbox.write(".zshenv", "./payload\n");
    sandbox.write("sitecustomize.py", "open('proof', 'w')\n");
    sandbox
}

/// A library that runs code when it is loaded, also where the loader looks for an auditor.
fn library(sandbox: &Sandbox) -> Result<(), String> {
    let source = "#include <fcntl.h>\n\
        __attribute__((constructor)) static void loaded(void) { creat(\"proof\", 0600); }\n\
        unsigned la_version(unsigned version) { return version; }\n";
    sandbox.write("payload.c", source);
    let cc = full::find("cc").ok_or("it is not installed")?;
    let mut cc = Command::new(cc);
    cc.args(["-shared", "-fPIC", "-o", "payload.so", "payload.c"]);
    let made = cc.current_dir(sandbox.work()).output();
    let made = made.map_err(|error| error.to_string())?;
    made.status
        .success()
        .then_some(())
        .ok_or_else(|| String::from_utf8_lossy(&made.stderr).into_owned())
}

/// What this machine lacks for a case, or the program with its words.
fn words(sandbox: &Sandbox, command: &str) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = command.split(' ').map(str::to_owned).collect();
    let found: Option<PathBuf> = full::find(&words[0]);
    let found = found.ok_or_else(|| format!("{} is not installed", words[0]))?;
    words[0] = found.display().to_string();
    if command == "true" {
        library(sandbox).map_err(|error| format!("cc: {error}"))?;
    }
    Ok(words)
}

/// Whether the code has run; then it has not any more.
fn has_run(sandbox: &Sandbox) -> bool {
    fs::remove_file(sandbox.work().join("proof")).is_ok()
}

/// Whether a case was proven in all its ways, or what it lacks.
#[track_caller]
fn prove(what: &str, command: &str, variables: &[(&str, &str)]) -> Result<(), String> {
    let sandbox = scene();
    let words = words(&sandbox, command)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();

    // The program itself, without lazycred.
    let bare = sandbox.run(&words[1..]).program(words[0]);
    let bare = variables
        .iter()
        .fold(bare, |run, (name, value)| run.env(name, value));
    let bare = bare.may_leak().outcome();
    assert!(has_run(&sandbox), "{what}: it runs no code: {bare}");

    let fields = variables
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.into()));
    let fields: Map<String, Value> = fields.collect();
    sandbox.put("s", Value::from(fields).to_string());
    let through = |options: &[&str]| -> Outcome {
        let run = [
            &["exec", "s", "--case", "keep"],
            options,
            &["--"],
            &words[..],
        ]
        .concat();
        sandbox.run(run).may_leak().outcome()
    };
    let refused = through(&[]);
    assert_eq!(refused.status, 125, "{what}: {refused}");
    for (name, _) in variables {
        // The name that it would have: `%` is in no variable of a secret.
        let name = name.replace('%', "_");
        assert!(refused.stderr.contains(&format!("`{name}`")), "{refused}");
    }
    assert!(!has_run(&sandbox), "{what}: {refused}");
    // Each of them alone is enough to be refused.
    for (name, _) in variables.iter().filter(|_| variables.len() > 1) {
        let others = variables.iter().filter(|(other, _)| other != name);
        let options: Vec<&str> = others.flat_map(|(other, _)| ["--allow", other]).collect();
        let refused = through(&options);
        assert_eq!(refused.status, 125, "{what}: {refused}");
        assert!(!has_run(&sandbox), "{what}: {refused}");
    }
    let can_pass = variables.iter().all(|(name, _)| !name.contains('%'));
    if can_pass {
        let names = variables.iter().flat_map(|&(name, _)| ["--allow", name]);
        let allowed = through(&names.collect::<Vec<_>>());
        assert!(has_run(&sandbox), "{what}: {allowed}");
    }
    Ok(())
}

#[test]
fn eleven_variables_run_code_and_are_refused_unless_allowed() {
    let (mut proven, mut lacking) = (0, 0);
    for (what, command, variables) in CASES {
        match prove(what, command, variables) {
            Ok(()) => proven += 1,
            Err(reason) => {
                full::or_skip(&format!("proof of {what}"), &reason);
                lacking += 1;
            }
        }
    }
    assert_eq!(proven + lacking, 11);
    assert!(lacking == 0 || !full::wanted(), "{proven} proofs");
    assert!(proven >= 3, "a machine has a shell and a compiler");
}

#[test]
fn other_variables_that_run_code_are_refused_unless_allowed() {
    for (what, command, variables) in MORE {
        if let Err(reason) = prove(what, command, variables) {
            full::or_skip(&format!("proof of {what}"), &reason);
        }
    }
}

#[test]
fn a_variable_that_the_caller_has_reaches_the_command_whatever_its_name() {
    // Refused is what a secret says, and never what the user has set.
    let sandbox = scene();
    sandbox.put("s", "x");
    for (name, value) in [
        ("BASH_ENV", "./payload"),
        ("BASH_FUNC_ls%%", "() { ./payload; }"),
    ] {
        let run = ["exec", "s", "--", "/bin/bash", "-c", "ls"];
        let run = sandbox.run(run).program(PROGRAM).env(name, value);
        run.any_stdout().any_stderr().status(0);
        assert!(has_run(&sandbox), "{name}");
    }
}
