//! The tables of each command on a usual terminal, with their colours.

use super::{DAY, MINUTE, marked, set_time, shown, stored, versions};
use crate::support::fake_aws::nowhere;
use crate::support::files::files_below;
use crate::support::{ALIAS, BUCKET, Sandbox, Screen};

use std::time::{Duration, SystemTime};

#[test]
fn list_long_is_aligned_and_says_how_long_ago() {
    let sandbox = Sandbox::local();
    sandbox.put("api-token", "hunter2");
    sandbox.put("web/prod", r#"{"user": "app", "hosts": ["a", "b", "c"]}"#);
    sandbox.write("secrets/README.md", "for people\n");
    stored(&sandbox, "api-token", 3 * MINUTE);
    stored(&sandbox, "web/prod", DAY);
    stored(&sandbox, "README.md", 800 * DAY);
    let version = |name| versions(&sandbox, name)[0][..10].to_owned();
    let expected = format!(
        "[bold]NAME[/]       [bold]SIZE[/]  [bold]MODIFIED[/]       [bold]VERSION[/]     [bold]FORMAT[/]\n\
         README.md    11  2 years ago    -           -\n\
         api-token   335  3 minutes ago  {}  1\n\
         web/prod    375  1 day ago      {}  1\n",
        version("api-token"),
        version("web/prod"),
    );
    for (columns, command) in [(80, "list --long"), (60, "list -l")] {
        assert_eq!(marked(&sandbox, columns, command), expected);
    }
    let names = "README.md\napi-token\nweb/prod\n";
    assert_eq!(shown(&sandbox, 80, "list"), names);
    assert_eq!(shown(&sandbox, 80, "list nothing --long --quiet"), "");
}

#[test]
fn history_shows_of_each_version_what_is_unique_and_that_is_enough_to_get_it() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "one");
    stored(&sandbox, "s", 40 * DAY);
    sandbox.put("s", "two");
    stored(&sandbox, "s", 2 * DAY);
    sandbox.run("--quiet rm s").ok();
    for file in files_below(&sandbox.work().join("secrets")) {
        if file.to_string_lossy().ends_with(".removed") {
            let hour = Duration::from_secs(90 * MINUTE);
            set_time(&file, SystemTime::now() - hour);
        }
    }
    sandbox.put("s", "three");
    // As if another machine's clock, which is ahead, had stored it.
    let ahead = Duration::from_secs(2 * MINUTE + 30);
    let record = sandbox.work().join("secrets/s");
    set_time(&record, SystemTime::now() + ahead);
    let short: Vec<String> = versions(&sandbox, "s")
        .iter()
        .map(|version| version[..6].to_owned())
        .collect();
    let expected = format!(
        "[bold]VERSION[/]  [bold]MODIFIED[/]      [bold]SIZE[/]  [bold]STATE[/]\n\
         {}   in 2 minutes   335  [green]current[/]\n\
         {}   1 hour ago          [red]removed[/]\n\
         {}   2 days ago     335\n\
         {}   1 month ago    335\n",
        short[0], short[1], short[2], short[3]
    );
    for columns in [80, 60, 40] {
        assert_eq!(marked(&sandbox, columns, "history s"), expected);
    }
    for (version, secret) in [(&short[0], "three"), (&short[2], "two"), (&short[3], "one")] {
        sandbox.prints(["get", "s", "--version", version], secret);
    }
}

#[test]
fn diff_shows_each_change_in_its_colour_and_values_only_on_demand() {
    let sandbox = Sandbox::local();
    sandbox.put("a", r#"{"user": "app", "port": 5432, "hosts": [1, 2]}"#);
    sandbox.put("b", r#"{"user": "web", "hosts": [1, 2], "new\u001b": "é"}"#);
    assert_eq!(
        marked(&sandbox, 80, "diff a b"),
        "[bold]CHANGE[/]   [bold]PATH[/]\n\
         [green]added[/]    /new\\u{1b}\n\
         [red]removed[/]  /port\n\
         [yellow]changed[/]  /user\n"
    );
    assert_eq!(
        marked(&sandbox, 60, "diff a b --show"),
        "[bold]CHANGE[/]   [bold]PATH[/]        [bold]OLD[/]    [bold]NEW[/]\n\
         [green]added[/]    /new\\u{1b}         \"é\"\n\
         [red]removed[/]  /port       5432\n\
         [yellow]changed[/]  /user       \"app\"  \"web\"\n"
    );
    assert_eq!(shown(&sandbox, 80, "diff a a"), "no differences\n");
    sandbox.put("text", "hunter2");
    assert_eq!(
        shown(&sandbox, 60, "diff a text"),
        "CHANGE   PATH\nchanged  (whole secret)\n"
    );
}

#[test]
fn a_dry_run_of_exec_shows_which_variables_and_no_value() {
    let sandbox = Sandbox::local();
    sandbox.put(
        "db",
        r#"{"user": "app-hunter2", "ports": {"main": 5432}, "none": null}"#,
    );
    sandbox.put("token", "hunter2");
    let plain = "exec db TOKEN=token --dry-run";
    assert_eq!(
        marked(&sandbox, 60, plain),
        "[bold]VARIABLE[/]    [bold]REFERENCE[/]    [bold]PATH[/]         [bold]BYTES[/]\n\
         PORTS_MAIN  db           /ports/main      4\n\
         TOKEN       TOKEN=token                   7\n\
         USER        db           /user           11\n"
    );
    let all = "exec db HOME=token USER=db#none --file F=token --dry-run";
    assert_eq!(
        marked(&sandbox, 80, all),
        "[bold]VARIABLE[/]    [bold]REFERENCE[/]     [bold]PATH[/]         [bold]BYTES[/]  [bold]OVERRIDES[/]    [bold]FILE[/]\n\
         F           F=token                        7               yes\n\
         HOME        HOME=token                     7  [yellow]environment[/]\n\
         PORTS_MAIN  db            /ports/main      4\n\
         USER        USER=db#none  /none        unset  [yellow]db[/]\n"
    );
    sandbox.write(".env", "PORT=80\nUSER=x\n");
    assert_eq!(
        marked(&sandbox, 80, "exec db --env-file .env --dry-run"),
        "[bold]VARIABLE[/]    [bold]REFERENCE[/]  [bold]PATH[/]         [bold]BYTES[/]  [bold]OVERRIDES[/]\n\
         PORT                                    2\n\
         PORTS_MAIN  db         /ports/main      4\n\
         USER        db         /user           11  [yellow].env:2[/]\n"
    );
    sandbox.put("bad", r#"{"LD_PRELOAD": "/x"}"#);
    let mut screen = Screen::start(24, 80, sandbox.run("exec bad --dry-run"));
    assert_eq!(screen.ends(), 125);
    let table = "[bold]VARIABLE[/]    [bold]REFERENCE[/]  [bold]PATH[/]         [bold]BYTES[/]  [bold]REFUSED[/]\n\
                 [red]LD_PRELOAD[/]  bad        /LD_PRELOAD      2  [red]yes[/]\n\
                 lazycred: [red]error:[/] ";
    let marked = screen.marked();
    assert!(marked.starts_with(table), "{marked}");
}

#[test]
fn what_rekey_and_upgrade_would_change_stands_below_a_header() {
    let sandbox = Sandbox::local();
    sandbox.put("a", "hunter2");
    sandbox.put("b", "hunter2");
    let names = "[bold]NAME[/]\na\nb\n";
    assert_eq!(marked(&sandbox, 80, "--quiet rekey --all -n"), names);
    assert_eq!(marked(&sandbox, 80, "--quiet upgrade --yes"), names);
    assert_eq!(shown(&sandbox, 80, "--quiet rekey -n"), "");
}

#[test]
fn doctor_tells_its_findings_in_columns_and_each_remedy_below() {
    let sandbox = Sandbox::local();
    sandbox.put("api-token", "hunter2");
    sandbox.write("secrets/README.md", "for people\n");
    let (home, work) = (sandbox.home().display(), sandbox.work().display());
    let expected = format!(
        "[bold]STATUS[/]   [bold]CHECK[/]            [bold]DETAIL[/]\n\
         [green]ok[/]       s3_path          `file:secrets/`, from `{work}/.lazycred`\n\
         [green]ok[/]       key_alias        `local:dev`, from `{work}/.lazycred`\n\
         [green]ok[/]       wrapping key     `{home}/.local/share/lazycred/dev.key`\n\
         [green]ok[/]       folder           `{work}/secrets`\n\
         [yellow]warning[/]  other files      `README.md` is not a record\n         \
         [cyan]remedy:[/] move them elsewhere: they are listed as secrets but cannot be read\n\
         [green]ok[/]       read             opened `api-token`\n\
         [green]verdict:[/] everything needed to read works; --write tries storing too\n"
    );
    // Wide enough for the folder's path, however long that is.
    let columns = 120 + u16::try_from(home.to_string().len()).unwrap();
    assert_eq!(marked(&sandbox, columns, "doctor"), expected);
    let mut screen = Screen::start(24, columns, sandbox.run("doctor nope"));
    assert_eq!(screen.ends(), 1);
    let marked = screen.marked();
    for line in [
        "[red]error[/]    read             no secret named `nope` (file://",
        "[red]verdict:[/] the configuration works, but there is no secret named `nope`\n",
    ] {
        assert!(marked.contains(line), "{marked}");
    }
}

#[test]
fn doctor_tells_a_cause_that_several_checks_have_only_once() {
    let sandbox = Sandbox::aws(&nowhere(), &format!("{BUCKET}/"), ALIAS);
    let (text, status) = Screen::of(24, 250, sandbox.run("doctor"));
    assert_eq!(status, 1, "{text}");
    assert_eq!(text.matches("Connection refused").count(), 1, "{text}");
    assert_eq!(text.matches("remedy: ").count(), 1, "{text}");
    for row in [
        "error    wrapping key     cannot look up the wrapping key: as for `identity`\n",
        "error    bucket           cannot look up the bucket: as for `identity`\n",
        "error    read             cannot list the secrets: s3://acme-secrets/: as for `identity`\n",
        "verdict: not usable yet: each error has its remedy\n",
    ] {
        assert!(text.contains(row), "{text}");
    }
}

#[test]
fn where_there_is_nothing_to_show_a_terminal_says_so_and_a_pipe_nothing() {
    let sandbox = Sandbox::local();
    let all = |silent: &[(&str, &str)]| {
        for (line, said) in silent {
            assert_eq!(shown(&sandbox, 60, line), *said, "{line}");
            assert_eq!(shown(&sandbox, 60, &format!("{line} --quiet")), "");
            sandbox.prints(*line, "");
            let piped = format!("'{}' {line} | cat", crate::support::PROGRAM);
            assert_eq!(
                Screen::of(24, 60, sandbox.shell(&piped)),
                (String::new(), 0)
            );
        }
    };
    all(&[
        ("list", "no secrets yet\n"),
        ("list --long", "no secrets yet\n"),
        ("list nosuch", "no names start with `nosuch`\n"),
        ("rekey -n", "nothing to rekey\n"),
    ]);
    sandbox.put("a", "x");
    all(&[
        ("rekey -n", "nothing to rekey\n"),
        ("rekey a -n", "nothing to rekey\n"),
        ("diff a a", "no differences\n"),
        ("diff a a --exit-code", "no differences\n"),
    ]);
    assert_eq!(shown(&sandbox, 60, "list nosuch --json"), "[]\n");
    assert_eq!(shown(&sandbox, 60, "diff a a --json"), "[]\n");
}
