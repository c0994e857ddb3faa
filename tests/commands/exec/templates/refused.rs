//! What stops a start with templates, and what is said of it.

use super::{LITERAL, refused, sandbox, value};

#[test]
fn every_reference_that_fails_is_named_with_its_file_and_line() {
    let sandbox = sandbox();
    let text = format!(
        "{LITERAL}\n{{{{db#nope}}}}{{{{gone}}}}\n{{{{db#pw}}}}\n{{{{gone}}}} {{{{db#none}}}}\n"
    );
    sandbox.write("a.conf", text);
    let said = refused(
        &sandbox,
        &["--template", "C=a.conf", "--set", "D={{gone#x}}"],
    );
    let gone = "lazycred: error: --set D: line 1; `a.conf`: lines 2, 4: no secret named `gone` (";
    assert!(said.starts_with(gone), "{said}");
    sandbox.put("gone", "{\"x\": 1}");
    let said = refused(
        &sandbox,
        &["--template", "C=a.conf", "--set", "D={{gone#y}}"],
    );
    for part in [
        "error: --set D: line 1: no field `y` in `gone`",
        "error: `a.conf`: line 2: no field `nope` in `db`",
        "error: `a.conf`: line 4: cannot use `db`",
        "the field `/none` is null\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let text = format!("{LITERAL}{{{{a b}}}}\n{{{{{LITERAL}\n}}}}{{{{V=db}}}}\n{{{{db");
    sandbox.write("b.conf", text);
    let said = refused(&sandbox, &["--template", "C=b.conf"]);
    let lines: Vec<_> = said
        .lines()
        .filter(|line| line.contains("error: "))
        .collect();
    assert_eq!(lines.len(), 4, "{said}");
    for (line, at) in lines.iter().zip([1, 2, 3, 4]) {
        assert!(
            line.starts_with(&format!("lazycred: error: `b.conf`: line {at}: ")),
            "{said}"
        );
    }
}

#[test]
fn what_is_no_template_stops_exec_and_its_text_is_not_repeated() {
    let sandbox = sandbox();
    std::fs::create_dir(sandbox.home().join("folder")).unwrap();
    let with = |text: &str| format!("X={LITERAL}{text}");
    for (option, given, said) in [
        (
            "--set",
            &*with("{{db#pw"),
            "--set X: line 1: `{{` is not closed by `}}`\n",
        ),
        (
            "--set",
            &with("{{}}"),
            "--set X: line 1: there is nothing in the braces\n",
        ),
        (
            "--set",
            &with("{{db#pw|url}}"),
            "--set X: line 1: `{{db#pw|url}}`: after `|`",
        ),
        ("--set", LITERAL, "--set: expected VAR=TEMPLATE\n"),
        (
            "--set",
            &format!("postgres://u:{LITERAL}@h/?a=b"),
            "--set: expected VAR=TEMPLATE\n",
        ),
        (
            "--set",
            "a-b.c=x",
            "--set: `a-b.c` is not a valid variable name",
        ),
        ("--set", "=a", "--set: expected VAR=TEMPLATE\n"),
        ("--template", LITERAL, "--template: expected VAR=FILE\n"),
        ("--template", "X=", "--template: expected VAR=FILE\n"),
        ("--template", "X=-", "--template cannot read standard input"),
        (
            "--template",
            "X=nowhere",
            "cannot read `nowhere`: no such file\nlazycred: hint: a relative",
        ),
        (
            "--template",
            "X=folder",
            "cannot read `folder`: it is a folder\n",
        ),
    ] {
        let shown = refused(&sandbox, &["token", option, given]);
        assert!(shown.contains(said), "{option} {given}: {shown}");
        assert!(shown.lines().count() <= 2, "{shown}");
    }
    let all = refused(
        &sandbox,
        &["--set", "X={{", "--set", "Y={{a b}}", "--set", "Z"],
    );
    assert_eq!(all.matches("error: ").count(), 3, "{all}");
    sandbox.write("large", "x".repeat(2000));
    let said = refused(
        &sandbox,
        &["--max-size", "1999", "--template", "X=large", "token"],
    );
    assert!(
        said.contains("cannot read `large`: it is larger than 1999 bytes\n"),
        "{said}"
    );
}

#[test]
fn a_reference_counts_wherever_it_stands_and_without_any_it_is_an_error() {
    let sandbox = sandbox();
    sandbox.write("plain", "no reference {{{{");
    assert_eq!(value(&sandbox, &["--set", "V={{token}}"]), "t0ken-canary\n");
    let all = &["--set", "X={{{{db}}", "--template", "Y=plain"][..];
    for options in [&all[..2], &all[2..], all, &[]] {
        let said = refused(&sandbox, options);
        assert!(
            said.starts_with("lazycred: error: no secret given\n"),
            "{said}"
        );
    }
    sandbox
        .run([
            "exec",
            "--set",
            "X={{token}}",
            "--template",
            "Y=plain",
            "--",
            "true",
        ])
        .ok();
}
