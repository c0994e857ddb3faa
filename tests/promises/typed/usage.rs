//! Usage errors: one line and a hint, whatever is wrong.

use crate::support::Sandbox;

/// Arguments, and what is said of them.
const TOLD: [(&[&str], i32, &str, &str); 40] = [
    (
        &["get"],
        2,
        "`lazycred get` needs NAME",
        "usage: lazycred get <NAME>",
    ),
    (
        &["rm"],
        2,
        "`lazycred rm` needs NAME",
        "usage: lazycred rm <NAME>...",
    ),
    (
        &["set"],
        2,
        "`lazycred set` needs NAME and FIELD",
        "usage: lazycred set <NAME> <FIELD> [FILE]",
    ),
    (
        &["diff", "a"],
        2,
        "`lazycred diff` needs OTHER",
        "usage: lazycred diff <NAME> <OTHER>; `--version VERSION` compares with an older version of NAME",
    ),
    (
        &["export", "db"],
        2,
        "`lazycred export` needs `--format FORMAT`",
        "usage: lazycred export --format <FORMAT> <REFERENCE>...",
    ),
    (
        &["exec", "db", "--json"],
        125,
        "`--json` needs `--dry-run`",
        "`lazycred exec --help` lists its options",
    ),
    (
        &["exec", "db", "--keep=A", "--", "true"],
        125,
        "`--keep` needs `--pristine`",
        "`lazycred exec --help` lists its options",
    ),
    (
        &["get", "db", "--from", "old"],
        2,
        "`--from` needs `--version`",
        "`lazycred get --help` lists its options",
    ),
    (
        &["list", "--timeout", "-1"],
        2,
        "invalid value `-1` for `--timeout`: expected a number of seconds greater than 0",
        "`lazycred list --help` lists its options",
    ),
    (
        &["get", "db", "--feild", "x"],
        2,
        "`lazycred get` has no option `--feild`",
        "did you mean `--field`? `lazycred get --help` lists its options",
    ),
    (
        &["mv", "a", "b", "--force"],
        2,
        "`lazycred mv` has no option `--force`",
        "did you mean `--replace`? `lazycred mv --help` lists its options",
    ),
    (
        &["get", "db", "-F", "x"],
        2,
        "`lazycred get` has no option `-F`",
        "did you mean `-f`? `lazycred get --help` lists its options",
    ),
    (
        &["list", "-json"],
        2,
        "`lazycred list` has no option `-j`",
        "did you mean `--json`? `lazycred list --help` lists its options",
    ),
    (
        &["list", "--zzz"],
        2,
        "`lazycred list` has no option `--zzz`",
        "`lazycred list --help` lists its options",
    ),
    (
        &["--versoin"],
        2,
        "`lazycred` has no option `--versoin`",
        "did you mean `--version`? `lazycred --help` lists its options",
    ),
    (
        &["run", "db", "./server", "--port", "80"],
        125,
        "`lazycred run` has no option `--port`",
        "put `--` before the command: `lazycred run db -- ./server --port …`",
    ),
    (
        &["get", "db", "user"],
        2,
        "unexpected extra argument: `user`",
        "usage: lazycred get [OPTIONS] <NAME>; `lazycred get NAME --field FIELD` prints one field",
    ),
    (
        &["rollback", "db", "3sL4kq"],
        2,
        "unexpected extra argument: `3sL4kq`",
        "usage: lazycred rollback [OPTIONS] <NAME>; `--to VERSION` names a version",
    ),
    (
        &["rollback", "db", "--version", "3sL4kq"],
        2,
        "`lazycred rollback` has no option `--version`",
        "`--to VERSION` names a version",
    ),
    (
        &["history", "db", "--version", "3sL4kq"],
        2,
        "`lazycred history` has no option `--version`",
        "`lazycred history NAME` lists the versions of a secret, \
         `lazycred get NAME --version VERSION` prints one",
    ),
    (
        &["exec", "db", "--version", "3sL4kq", "--", "env"],
        125,
        "`lazycred exec` has no option `--version`",
        "NAME@VERSION names a version",
    ),
    (
        &["init", "--version"],
        2,
        "`lazycred init` has no option `--version`",
        "`lazycred --version` prints the version",
    ),
    (
        &["get", "db", "-field", "x"],
        2,
        "unexpected extra argument: `x`",
        "did you mean `--field`? `lazycred get --help` lists its options",
    ),
    (
        &["export", "db", "-format", "json"],
        2,
        "invalid value `ormat` for `--format`",
        "did you mean `--format`? `lazycred export --help` lists its options",
    ),
    (
        &["exec", "db", "--zzz"],
        125,
        "`lazycred exec` has no option `--zzz`",
        "the options of the command come after `--`: `lazycred exec REFERENCE -- COMMAND`; \
         `lazycred exec --help` lists its options",
    ),
    (
        &["cp", "a", "b", "c"],
        2,
        "unexpected extra argument: `c`",
        "usage: lazycred cp [OPTIONS] <NAME> <TO>",
    ),
    (
        &["export", "db", "-f", "yml"],
        2,
        "invalid value `yml` for `--format`",
        "did you mean `yaml`? `--format` takes `shell`, `dotenv`, `json`, `yaml`, `github`, `docker`, `systemd` or `k8s`",
    ),
    (
        &["exec", "db", "--case", "title", "--", "env"],
        125,
        "invalid value `title` for `--case`",
        "`--case` takes `upper`, `keep` or `lower`",
    ),
    (
        &["completions", "bsh"],
        2,
        "invalid value `bsh` for `SHELL`",
        "did you mean `bash` or `zsh`? SHELL takes `bash`, `zsh`, `fish`, `elvish` or `powershell`",
    ),
    (
        &["get", "db", "--output"],
        2,
        "`--output` needs FILE",
        "`lazycred get --help` lists its options",
    ),
    (
        &["get", "db", "--timeout", "0"],
        2,
        "invalid value `0` for `--timeout`: expected a number of seconds greater than 0",
        "`lazycred get --help` lists its options",
    ),
    (
        &["get", ""],
        2,
        "invalid `NAME`: a secret's name cannot be empty",
        "`lazycred get --help` lists its options",
    ),
    (
        &["exec", "db#", "--", "env"],
        125,
        "invalid value `db#` for `REFERENCE`: the field after `#` is missing",
        "a reference is NAME[@VERSION][#FIELD], VAR=REFERENCE or PREFIX+=REFERENCE",
    ),
    (
        &["put", "a", "--if-absent", "--if-version", "3"],
        2,
        "`--if-absent` cannot be used with `--if-version`",
        "`lazycred put --help` lists its options",
    ),
    (
        &["exec", "db", "-c", "env", "--", "env"],
        125,
        "`-c` cannot be used with `COMMAND`",
        "`lazycred exec --help` lists its options",
    ),
    (
        &["list", "--json", "--json"],
        2,
        "`--json` cannot be used more than once",
        "`lazycred list --help` lists its options",
    ),
    (
        &["list", "--json=yes"],
        2,
        "`--json` takes no value",
        "`lazycred list --help` lists its options",
    ),
    (
        &["-v"],
        2,
        "`lazycred` needs a command",
        "`lazycred --help` lists the commands",
    ),
    (
        &["cache"],
        2,
        "`lazycred cache` needs a command",
        "the only one is `lazycred cache clear`",
    ),
    (
        &["cache", "wipe"],
        2,
        "there is no command `cache wipe`",
        "the only command is `lazycred cache clear`",
    ),
];

#[test]
fn each_usage_error_is_one_line_and_a_hint() {
    let sandbox = Sandbox::local();
    for (args, status, error, hint) in TOLD {
        sandbox
            .run(args)
            .stderr(format!(
                "lazycred: error: {error}\nlazycred: hint: {hint}\n"
            ))
            .status(status);
    }
}

#[test]
fn usage_errors_have_no_more_than_can_be_read_and_no_control_characters() {
    let sandbox = Sandbox::local();
    let long = "x".repeat(100_000);
    let option = format!("--{long}");
    let field = format!("--field={long}\u{1b}[31m");
    let timeout = format!("--timeout={long}\u{1b}[31m");
    for args in [
        &["get", "db", &option][..],
        &["get", "db", &long],
        &["get", "db", &timeout],
        &["get", &field],
        &["list", "--json=\u{1b}[31m"],
        &["cache", &long],
        &["export", "db", "-f", &long],
        &["get", "db", "a\u{1b}[31m\nb"],
    ] {
        let told = sandbox.run(args).fails(2).stderr;
        assert!(told.len() <= 900 && !told.contains('\u{1b}'), "{told}");
        let starts: Vec<&str> = told.lines().map(|line| &line[..16]).collect();
        assert_eq!(starts, ["lazycred: error:", "lazycred: hint: "], "{told}");
    }
}

#[test]
fn arguments_that_may_be_secrets_are_never_repeated() {
    let sandbox = Sandbox::local();
    let secret = "hunter2-typed";
    let assigned = "--password=hunter2-typed";
    let value = "A=hunter2-typed";
    for (args, status) in [
        (&["put", "db", "f", secret][..], 2),
        (&["put", "db", assigned], 2),
        (&["put", "db", "--hunter2-typed"], 2),
        (&["--profile", "p", "set", "db", "pw", "f", secret], 2),
        (&["-q", "edit", "db", secret], 2),
        (&["import", "file", secret], 2),
        (&["get", "db", "--quiet=hunter2-typed"], 2),
        (
            &["exec", "db", "--keep", value, "--pristine", "--", "env"],
            125,
        ),
        (&["run", "db", "--allow", value, "--", "env"], 125),
        (&["list", "web/", value], 2),
        (&["putt", "db", secret], 2),
        (&["write", "db", secret], 2),
        (&["help", "exec", value], 2),
    ] {
        let run = sandbox.run(args).never(secret);
        run.stderr_has("lazycred: error: ").status(status);
    }
}

#[test]
fn under_its_other_name_usage_errors_name_the_variable() {
    let sandbox = Sandbox::local();
    sandbox
        .run(["env"])
        .arg0("lazycred-exec")
        .env("LAZYCRED_OPTIONS", "--pristin")
        .stderr(
            "lazycred: error: `lazycred exec` has no option `--pristin`\n\
             lazycred: hint: the variable LAZYCRED_OPTIONS holds the options of exec; \
             did you mean `--pristine`? `lazycred exec --help` lists its options\n",
        )
        .status(125);
}
