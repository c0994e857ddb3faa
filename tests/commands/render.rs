//! `render`: a file with secrets in it, on standard output or in a private file.

use std::os::unix::fs::MetadataExt;

use crate::support::{FakeAws, Run, Sandbox, at_terminal};

const PASSWORD: &str = "hunter2 \"of\" the database";
const LITERAL: &str = "literal-swordfish";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local();
    let db = serde_json::json!({"pw": PASSWORD, "port": 5432, "none": null, "hosts": ["a"]});
    sandbox.put("db", db.to_string());
    sandbox.put("digits", "123456\n");
    sandbox
}

#[test]
fn exactly_the_rendered_bytes_are_printed() {
    let sandbox = sandbox();
    let template = b"\xef\xbb\xbf{\"pw\": {{db#pw|json}}, \"p\": {{db#port|json}}, \"h\": {{ db#hosts|json }}}\r\n\0\xff}} ${{db#port}}";
    sandbox.write("t", template);
    let expected =
        "\u{feff}{\"pw\": \"hunter2 \\\"of\\\" the database\", \"p\": 5432, \"h\": [\"a\"]}\r\n\0";
    let expected = [expected.as_bytes(), b"\xff}} $5432"].concat();
    for args in [
        &["render", "t"][..],
        &["render", "t", "-o", "-"],
        &["render", "-", "--output=-"],
        &["render", "/dev/stdin"],
    ] {
        let outcome = sandbox.run(args).stdin(template).may_leak().outcome();
        assert_eq!((outcome.status, &*outcome.stderr), (0, ""), "{outcome}");
        assert_eq!(outcome.stdout, expected, "{args:?}");
    }
}

#[test]
fn at_a_terminal_the_prompt_starts_on_a_line_of_its_own() {
    let sandbox = sandbox();
    for text in ["<{{db#port}}>", "<{{db#port}}>\n"] {
        sandbox.write("t", text);
        let (shown, status) = at_terminal(sandbox.run("render t"), "");
        assert_eq!((&*shown, status), ("<5432>\n", 0));
    }
}

#[test]
fn output_is_written_for_its_owner_alone_and_only_if_all_is_well() {
    let sandbox = sandbox();
    sandbox.write("t", "{{db#pw}}\n");
    for option in ["--output", "-o"] {
        sandbox
            .run(["render", "t", option, "out"])
            .after("umask 0")
            .ok();
        let file = sandbox.home().join("out");
        assert_eq!(
            sandbox.read("out").unwrap(),
            format!("{PASSWORD}\n").as_bytes()
        );
        assert_eq!(file.metadata().unwrap().mode() & 0o7777, 0o600);
        std::fs::remove_file(file).unwrap();
    }
    sandbox.write("out", "old");
    sandbox.write("bad", "{{db#pw}}{{db#nope}}");
    sandbox
        .run("render bad --output out")
        .stderr_has("`bad`: line 1: no field `nope` in `db`")
        .status(3);
    assert_eq!(sandbox.read("out").unwrap(), b"old");
    sandbox
        .run("render t -o /dev/full")
        .stderr_has("not a regular file")
        .status(2);
}

#[test]
fn a_template_without_references_is_printed_as_it_is() {
    let sandbox = sandbox();
    for (text, expected) in [("", ""), ("a\n", "a\n"), ("{{{{ x }}", "{{ x }}")] {
        sandbox.run("render -").stdin(text).stdout(expected).ok();
    }
}

#[test]
fn null_and_format_change_what_a_reference_gives() {
    let sandbox = sandbox();
    let run = |options: &str, text: &str| {
        let run = sandbox.run(format!("render - {options}").as_str());
        run.stdin(text).may_leak()
    };
    run("", "{{db#none}}")
        .stderr_has("standard input: line 1: cannot use `db`")
        .stderr_has("the field `/none` is null\n")
        .stderr_has("lazycred: hint: `--null empty`")
        .status(5);
    run("--null error", "{{db#none|json}}")
        .any_stderr()
        .status(5);
    run("--null empty", "[{{db#none}}]").stdout("[]").ok();
    run("", "{{digits|json}}").stdout("123456").ok();
    run("--format text", "{{digits|json}}")
        .stdout("\"123456\"")
        .ok();
}

#[test]
fn a_value_with_a_nul_can_be_encoded() {
    let sandbox = sandbox();
    sandbox.put("nul", b"a\0b\n");
    sandbox.put("nuls", r#"{"z": "a\u0000b"}"#);
    sandbox.write(
        "t",
        "{{nul|uri}} {{nul|json}} {{nuls#z|uri}} {{nuls#z|json}}",
    );
    let shown = sandbox.run("render t");
    shown.stdout(r#"a%00b "a\u0000b" a%00b "a\u0000b""#).ok();
    let set = sandbox.run(["exec", "--set", "X={{nul|uri}}", "--", "printenv", "X"]);
    set.stdout("a%00b\n").ok();
}

#[test]
fn each_failure_has_its_line_and_no_text_of_the_file() {
    let sandbox = sandbox();
    sandbox.put("bytes", b"hunter2\xff");
    sandbox.put("nul", b"hunter2\0");
    let text = format!(
        "{LITERAL}\n{{{{nope}}}}\n{{{{bytes|json}}}}\n{{{{nul}}}}\n{LITERAL}{{{{db#x|uri}}}}\n"
    );
    sandbox.write("t", &text);
    let shown = sandbox.run("render t").never(LITERAL).fails(3).stderr;
    assert!(
        shown.starts_with("lazycred: error: `t`: line 2: no secret named `nope`"),
        "{shown}"
    );
    sandbox.write("t", text.replace("{{nope}}", ""));
    let shown = sandbox.run("render t").never(LITERAL).fails(5).stderr;
    for said in [
        "`t`: line 3: cannot use `bytes`",
        "`t`: line 4: cannot use `nul`",
        "`t`: line 5: no field",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    sandbox.write("t", format!("{LITERAL}{{{{x\n{LITERAL}}}}}\n{{{{y z}}}}"));
    let shown = sandbox.run("render t").never(LITERAL).fails(2).stderr;
    assert!(
        shown.contains("`t`: line 1: ") && shown.contains("`t`: line 3: "),
        "{shown}"
    );
    for (args, status) in [
        (&["render"][..], 2),
        (&["render", "nowhere"], 1),
        (&["render", "."], 1),
    ] {
        sandbox.run(args).any_stderr().status(status);
    }
    let typed = sandbox.run(["render", "postgres://u:hunter2@h/{{db#pw}}"]);
    let typed = typed.never("hunter2").stderr_has("FILE holds the template");
    typed.status(1);
    for file in ["/dev/stdin", "/dev/fd/0", "-"] {
        let closed = sandbox.run(["render", file, "-o", "out"]).after("exec <&-");
        closed.stderr_has("Bad file descriptor").status(1);
        assert!(!sandbox.home().join("out").exists(), "{file}");
    }
    for args in [
        &["put", "new", "/dev/stdin"][..],
        &["set", "db", "pw", "/dev/fd/0"],
        &["import", "/dev/stdin", "--format", "json"],
    ] {
        let closed = sandbox.run(args).after("exec <&-");
        closed.stderr_has("Bad file descriptor").status(1);
    }
    sandbox.run("get new").fails(3);
    sandbox.write("t", "{{nosuch}}\n{{db#zz}}\n");
    let both = sandbox.run("render t").stderr_has("`t`: line 1: no secret");
    both.stderr_has("`t`: line 2: no field `zz`").status(3);
    let large = sandbox.run("render - --max-size 3").stdin("four");
    large
        .stderr_has("cannot read standard input: it is larger than 3 bytes")
        .status(2);
}

#[test]
fn a_record_is_read_once_and_not_older_than_asked() {
    let aws = FakeAws::start();
    let run = |least: &str| {
        let run = Run::new(["render", "-", "--min-gen", least]).aws(&aws);
        run.secret_2("db", "{\"a\": 1}")
            .stdin("{{db#a}}{{db}}{{db#a|uri}}")
    };
    run("db=1").may_leak().stdout("1{\"a\": 1}1").ok();
    assert_eq!(aws.operations(), ["GetObject", "Decrypt"]);
    run("db=7")
        .stderr_has("standard input: line 1: cannot open `db`")
        .status(4);
    run("x=1").stderr_has("does not read `x`").status(2);
}
