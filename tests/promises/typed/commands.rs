//! Commands by the words of other programs, and slips in ours.

use crate::support::Sandbox;

/// What users type, and the command that it leads to.
const ANSWERED: [(&str, &str); 37] = [
    ("delete", "rm NAME"),
    ("remove", "rm NAME"),
    ("del", "rm NAME"),
    ("Delete", "rm NAME"),
    ("copy", "cp NAME TO"),
    ("rename", "mv NAME TO"),
    ("move", "mv NAME TO"),
    ("show", "get NAME"),
    ("read", "get NAME"),
    ("cat", "get NAME"),
    ("view", "get NAME"),
    ("decrypt", "get NAME"),
    ("write", "put NAME [FILE]"),
    ("add", "put NAME [FILE]"),
    ("create", "put NAME [FILE]"),
    ("store", "put NAME [FILE]"),
    ("new", "put NAME [FILE]"),
    ("encrypt", "put NAME [FILE]"),
    ("ls-files", "list [PREFIX]"),
    ("list-services", "list [PREFIX]"),
    ("search", "list | grep TEXT"),
    ("find", "list | grep TEXT"),
    ("versions", "history NAME"),
    ("log", "history NAME"),
    ("undo", "rollback NAME"),
    ("restore", "rollback NAME"),
    ("env", "export REFERENCE --format shell"),
    ("exec-env", "exec REFERENCE -- COMMAND"),
    ("rotate", "rekey"),
    ("reencrypt", "rekey"),
    ("login", "doctor"),
    ("status", "doctor"),
    ("setup", "init"),
    ("completion", "completions SHELL"),
    ("self-install", "install DIR"),
    ("clear", "cache clear"),
    ("version", "--version"),
];

#[test]
fn the_words_of_other_programs_are_answered_with_ours() {
    let sandbox = Sandbox::new();
    let commands = sandbox.commands();
    for (typed, command) in ANSWERED {
        for (before, flags) in [
            (&[][..], ""),
            (&["--quiet"], ""),
            (&["--profile", "p"], " --profile p"),
            (&["-q", "--region=r"], " --region r"),
        ] {
            let run = sandbox.run([before, &[typed, "db", "hunter2-typed"]].concat());
            let told = run.never("hunter2-typed").fails(2).stderr;
            let lines: Vec<&str> = told.lines().collect();
            assert_eq!(lines.len(), 2, "{told}");
            assert_eq!(
                lines[0],
                format!("lazycred: error: there is no command `{typed}`")
            );
            let is_alone =
                ["init", "install DIR", "completions SHELL", "--version"].contains(&command);
            let at = command.find(" -- ").or(command.find(" | "));
            let (first, rest) = command.split_at(at.unwrap_or(command.len()));
            let flags = if is_alone { "" } else { flags };
            let start = format!("lazycred: hint: `lazycred {first}{flags}{rest}` ");
            assert!(lines[1].starts_with(&start), "{told}");
        }
        let first = command.split(' ').next().unwrap().to_owned();
        assert!(first == "--version" || commands.contains(&first), "{first}");
    }
}

#[test]
fn a_slip_in_a_command_leads_to_the_commands_that_help_shows() {
    let sandbox = Sandbox::new();
    for (typed, meant) in [
        ("exce", "`exec`"),
        ("EXEC", "`exec`"),
        ("--quiet histroy", "`history`"),
        ("upgarde", "`upgrade`"),
        ("rollbak", "`rollback`"),
        ("comp", "`completions`"),
        ("complet", "`completions`"),
        ("completion-s", "`completions`"),
        ("lst", "`list` or `ls`"),
        ("halp", "`help`"),
    ] {
        let word = typed.rsplit(' ').next().unwrap();
        sandbox
            .run(typed)
            .stderr(format!(
                "lazycred: error: there is no command `{word}`\n\
                 lazycred: hint: did you mean {meant}? `lazycred --help` lists the commands\n"
            ))
            .status(2);
    }
}

#[test]
fn a_word_that_is_no_command_is_not_taken_for_a_secret() {
    let sandbox = Sandbox::new();
    for typed in [
        "sync", "kv", "backup", "describe", "open", "migrate", "profiles",
    ] {
        sandbox
            .run(typed)
            .stderr(format!(
                "lazycred: error: there is no command `{typed}`\n\
                 lazycred: hint: `lazycred --help` lists the commands\n"
            ))
            .status(2);
    }
}

#[test]
fn a_forgotten_exec_is_named_with_the_secret() {
    let sandbox = Sandbox::new();
    for (args, flags) in [
        (&["web/prod", "--", "./server", "--port", "80"][..], ""),
        (&["--region", "x", "web/prod", "--", "env"], " --region x"),
    ] {
        sandbox
            .run(args)
            .stderr(format!(
                "lazycred: error: there is no command `web/prod`\n\
                 lazycred: hint: `lazycred exec web/prod{flags} -- COMMAND` runs a command with that secret\n",
            ))
            .status(2);
    }
    sandbox
        .run(["a b"])
        .stderr(
            "lazycred: error: there is no command `a b`\n\
             lazycred: hint: `lazycred get 'a b'` prints a secret, `lazycred exec 'a b' -- COMMAND` \
             runs a command with it; `lazycred --help` lists the commands\n",
        )
        .status(2);
    let assigned = sandbox.run(["TOKEN=hunter2-typed", "put"]);
    assigned
        .never("hunter2-typed")
        .stderr_has("error: there is no command `TOKEN=…`\n")
        .status(2);
    let hostile = sandbox.run(["a\u{1b}[31m\nb"]).fails(2).stderr;
    assert!(hostile.contains("`a\\u{1b}[31m\\nb`"), "{hostile}");
    assert_eq!(hostile.lines().count(), 2);
    let long = sandbox.run(["x".repeat(100_000)]).fails(2).stderr;
    assert!(long.len() <= 900, "{}", long.len());
}

#[test]
fn run_is_exec_and_ls_is_list() {
    let sandbox = Sandbox::local();
    sandbox.put("api-token", "hunter2");
    sandbox.prints(
        ["run", "api-token", "--pristine", "--", "env"],
        "API_TOKEN=hunter2\n",
    );
    sandbox.prints(
        ["-q", "run", "-n", "api-token"],
        "API_TOKEN\tapi-token\t\t7 bytes\n",
    );
    sandbox.prints("ls", "api-token\n");
    sandbox.prints("ls x", "");
    for args in [
        &["run", "nope", "--", "true"][..],
        &["run", "api-token"],
        &["run", "--nope"],
        &["run"],
        &["--region=x", "run", "--nope", "--", "true"],
        &["--profile", "p", "--nope", "run", "x", "--", "true"],
    ] {
        sandbox
            .run(args)
            .stderr_has("lazycred: error: ")
            .status(125);
    }
    sandbox
        .run("run api-token -- nope-there-is-none")
        .any_stderr()
        .status(127);
    for (alias, command) in [("run", "exec"), ("ls", "list")] {
        let help = sandbox.run([command, "--help"]).gives().text();
        sandbox.prints([alias, "--help"], &help);
        sandbox.prints(["help", alias], &help);
        let page = sandbox.run(["man", command]).gives().text();
        sandbox.prints(["man", alias], page);
        let root = sandbox.run(["--help"]).gives().text();
        let line = root
            .lines()
            .find(|line| line.trim_start().starts_with(command));
        assert!(
            line.unwrap().ends_with(&format!("[alias: {alias}]")),
            "{root}"
        );
    }
}

#[test]
fn help_prints_what_the_option_prints() {
    let sandbox = Sandbox::new();
    let mut commands = sandbox.commands();
    commands.extend([String::new(), "cache clear".to_owned()]);
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().collect();
        let option = [&words[..], &["--help"]].concat();
        let shown = sandbox.run(option).gives().text();
        sandbox.prints([&["help"], &words[..]].concat(), &shown);
    }
}

#[test]
fn help_and_man_of_a_command_that_does_not_exist_say_which_is_meant() {
    let sandbox = Sandbox::new();
    let all = "`lazycred --help` lists the commands";
    for (typed, hint) in [
        ("nope", all.to_owned()),
        ("complete", all.to_owned()),
        ("histroy", format!("did you mean `history`? {all}")),
        ("delete", "`lazycred rm NAME` removes a secret".to_owned()),
    ] {
        for command in ["help", "man"] {
            sandbox
                .run([command, typed])
                .stderr(format!(
                    "lazycred: error: there is no command `{typed}`\nlazycred: hint: {hint}\n"
                ))
                .status(2);
        }
    }
    sandbox
        .run("help cache nope")
        .stderr(
            "lazycred: error: there is no command `cache nope`\n\
             lazycred: hint: the only command is `lazycred cache clear`\n",
        )
        .status(2);
    sandbox
        .run("help exec get")
        .stderr(
            "lazycred: error: there is no command `exec get`\n\
             lazycred: hint: `lazycred help exec` shows its help\n",
        )
        .status(2);
    sandbox
        .run("cache help")
        .stderr(
            "lazycred: error: there is no command `cache help`\n\
             lazycred: hint: `lazycred help cache` shows its help\n",
        )
        .status(2);
}
