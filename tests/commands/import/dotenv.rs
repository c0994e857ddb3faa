//! Dotenv files, as `import` and `exec --format dotenv` read them.

use std::time::{Duration, Instant};

use crate::support::Sandbox;

/// What `import --as` makes of a text.
fn imported(sandbox: &Sandbox, text: impl AsRef<[u8]>) -> String {
    let import = ["import", "-", "--as", "one", "--format", "dotenv"];
    let more = ["--replace", "--quiet", "--allow-empty"];
    let run = sandbox.run(import.iter().chain(&more));
    run.stdin(text).ok();
    sandbox.run(["get", "one"]).gives().text()
}

#[test]
fn a_value_is_what_every_reader_of_dotenv_makes_of_it() {
    let sandbox = Sandbox::local();
    for (text, expected) in [
        ("A={\"a\":1}\n", r#"{"A": "{\"a\":1}"}"#),
        ("PASSWORD=ab\"c\"d\n", r#"{"PASSWORD": "ab\"c\"d"}"#),
        ("A=x\\\nB=y", r#"{"A": "x\\", "B": "y"}"#),
        ("A=C:\\new\n", r#"{"A": "C:\\new"}"#),
        ("A=a\\\\b\n", r#"{"A": "a\\\\b"}"#),
        ("PASSWORD=#S3cr3t\n", r##"{"PASSWORD": "#S3cr3t"}"##),
        ("PASSWORD=S#3 #t\n", r#"{"PASSWORD": "S#3"}"#),
        ("A=\"x\"#c\n", r#"{"A": "x"}"#),
        ("A='x' \t# c\n", r#"{"A": "x"}"#),
        ("A=x ", r#"{"A": "x"}"#),
        ("A=x\t", r#"{"A": "x"}"#),
        ("A=it's\nB=\"it's\"\n", r#"{"A": "it's", "B": "it's"}"#),
        ("A=x'\nB=y'\n", r#"{"A": "x'", "B": "y'"}"#),
        (
            "A=$x\nB='${x}'\nC=\"$(x)\"\n",
            r#"{"A": "$x", "B": "${x}", "C": "$(x)"}"#,
        ),
        (
            "A=\nB=''\nC=\"\"\nD= \n",
            r#"{"A": "", "B": "", "C": "", "D": ""}"#,
        ),
        ("A=\"\\n\\r\\t\\\"\\\\\"\n", r#"{"A": "\n\r\t\"\\"}"#),
        ("A='\\n'\nB=\\n\n", r#"{"A": "\\n", "B": "\\n"}"#),
        (
            "A=\"x\n# y\n\"\nB='\nC=1\n'\n",
            r#"{"A": "x\n# y\n", "B": "\nC=1\n"}"#,
        ),
        (
            "\u{feff}A=1\r\n\r\n# c\r\n B = 2 \r\n",
            r#"{"A": "1", "B": "2"}"#,
        ),
        (
            "export A=1\nexport=2\nexport export2=3\n",
            r#"{"A": "1", "export": "2", "export2": "3"}"#,
        ),
        ("a.b=1\n2=3\n_=4\n", r#"{"a.b": "1", "2": "3", "_": "4"}"#),
        ("A=a=b: c\nB==\n", r#"{"A": "a=b: c", "B": "="}"#),
        ("A=x y  z\n", r#"{"A": "x y  z"}"#),
        ("\t# c='\n  # d=\"\n \t \nA=1\n#B=2", r#"{"A": "1"}"#),
        ("# no members\n", "{}"),
    ] {
        assert_eq!(imported(&sandbox, text), expected, "{text:?}");
    }
}

#[test]
fn exec_reads_a_dotenv_secret_by_the_same_rules() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "A=a\\\\b\nB=#x # y\nC='it is\n$C'");
    let exec = sandbox.run("exec s --format dotenv --pristine -- /usr/bin/env");
    exec.stdout("A=a\\\\b\nB=#x\nC=it is\n$C\n").ok();
    sandbox.put("s", "A=1\nB='hunter2\n");
    let path = format!("file://{}/secrets/s", sandbox.home().display());
    let why = "it is not in dotenv format: line 2: the quote that starts a value is never closed";
    let exec = || sandbox.run("exec s --format dotenv -- /bin/true");
    let said = format!("lazycred: error: cannot use `s` ({path}): {why}\n");
    exec().stderr(&said).status(125);
    sandbox.put("s", "A=1\nA=hunter2\n");
    let said = "line 2: an earlier line has the same name";
    exec().stderr_has(said).status(125);
}

#[test]
fn each_dotenv_error_names_its_line_and_its_rule() {
    for (text, line, said) in [
        ("A=1\nexport A # x", 2, "before `=`"),
        ("export A", 1, "without `=`"),
        ("export =1", 1, "`export`"),
        ("export\t=1", 1, "`export`"),
        ("export\tA=1", 1, "`export`"),
        ("=1", 1, "without a name"),
        ("A-B=1", 1, "letters, digits"),
        ("\u{e9}=1", 1, "letters, digits"),
        ("{\"A\": 1}", 1, "letters, digits"),
        ("A=1\n\n# no\r\nA=2", 4, "earlier"),
        ("export A=1\nA=1\n", 2, "earlier"),
        ("A=1\nB=\"open\nC=1\nD=2\n", 2, "never closed"),
        ("A='open", 1, "never closed"),
        ("A=\"open\\\"", 1, "never closed"),
        ("A=\"x\ny\" 'z'", 2, "only a comment"),
        ("A='it\\'s'", 1, "before a single quote"),
        ("A='x\\'", 1, "before a single quote"),
        ("A=\"x\n\\$y\"", 2, "escapes"),
        ("A=\"x\\\ny\"", 1, "escapes"),
        ("A=\"x\\\\\"\nB=\"y\"", 1, "ends with a backslash"),
        ("A= # x", 1, "a comment where"),
        ("A=x # y # z", 1, "` #`"),
        ("A=x\t#y", 1, "before `#`"),
        ("A=x\u{a0}#y", 1, "before `#`"),
        ("A=x\u{3000}", 1, "other than spaces"),
        ("A=1\n__proto__=1", 2, "__proto__"),
        ("A=\u{feff}x", 1, "other than spaces"),
        ("A='x' # it's", 1, "the quote of its"),
        ("# x\u{2028}A=1", 1, "separator"),
        ("A=1 # x\u{2029}B=1", 1, "separator"),
        ("A='x\r\ny'", 1, "LF"),
        ("A=1\rB=2\n", 1, "carriage return"),
        ("A=1\n#\r", 2, "carriage return"),
        ("\u{feff}\u{feff}A=1", 1, "letters, digits"),
    ] {
        let error = lazycred::dotenv::parse(text.as_bytes()).unwrap_err();
        let error = error.to_string();
        let rule = error.strip_prefix(&format!("line {line}: "));
        assert!(rule.unwrap().contains(said), "{text:?}: {error}");
    }
    let long = format!("A={}\nB\n", "x".repeat(100_000));
    let error = lazycred::dotenv::parse(long.as_bytes()).unwrap_err();
    assert!(error.to_string().starts_with("line 2: "));
}

#[test]
fn dotenv_errors_name_the_line_and_the_rule_but_show_no_value() {
    let sandbox = Sandbox::local();
    let said = |why: &str| format!("lazycred: error: cannot import `.env`: {why}\n");
    for (text, why) in [
        ("A=1\nhunter2\n", "line 2: a name without `=`"),
        (
            "A=1\n\nB='hunter2' hunter2\n",
            "line 3: only a comment may follow the quote that ends a value",
        ),
        (
            "A=1\n# x\nA=hunter2\n",
            "line 3: an earlier line has the same name",
        ),
        (
            "A=`hunter2`\n",
            "line 1: a value that starts with a backquote",
        ),
        ("A: hunter2\n", "line 1: `:` after a name: write NAME=value"),
        (
            "A=hunter2\rB=hunter2\n",
            "line 1: a carriage return without a line feed",
        ),
        ("A=1\nB=hunter2\0\n", "line 2: it contains a NUL byte"),
        (
            "A=\"hunter2\\x\"\n",
            "line 1: only \\n \\r \\t \\\" and \\\\ are escapes in double quotes",
        ),
    ] {
        sandbox.write(".env", text);
        sandbox.run(["import", ".env"]).stderr(&said(why)).status(2);
    }
    sandbox.write(".env", b"A=1\nB=hunter2\xff\n");
    let import = sandbox.run(["import", ".env"]);
    import.stderr(&said("line 2: it is not UTF-8")).status(2);
    sandbox.run(["list"]).stdout("").ok();
}

#[test]
fn the_name_says_which_files_are_dotenv() {
    let sandbox = Sandbox::local();
    let named = ".env .env.local prod.env a/.env.prod.example .env.json x.yaml.env";
    for file in named.split(' ') {
        std::fs::create_dir_all(sandbox.home().join("a")).unwrap();
        sandbox.write(file, "A=1\n");
        let import = sandbox.run(["import", file, "--replace"]);
        import.stderr_has("saved A").ok();
    }
    for file in ["env", ".environment", "x.env.txt", ".envrc", "env.local"] {
        sandbox.write(file, "A=1\n");
        sandbox
            .run(["import", file])
            .stderr(&format!(
                "lazycred: error: cannot tell the format of `{file}` from its name\n\
                 lazycred: hint: use --format json, dotenv or yaml\n"
            ))
            .status(2);
    }
}

#[test]
fn ten_megabytes_take_no_more_than_their_share_of_time() {
    type Text = fn(usize) -> String;
    let sandbox = Sandbox::local();
    let hostile: [(&str, Text); 9] = [
        ("one line", |size| format!("A={}", "x".repeat(size))),
        ("many lines", |size| {
            let line = |at: usize| format!("A{at}=x\n");
            (0..size / 12).map(line).collect()
        }),
        ("quotes", |size| format!("A=x{}", "\"'".repeat(size / 2))),
        ("quotes over lines", |size| {
            let line = |at: usize| format!("A{at}='\n' # \"\n");
            (0..size / 24).map(line).collect()
        }),
        ("backslashes", |size| format!("A=\"{}", "\\".repeat(size))),
        ("escapes", |size| {
            format!("A=\"{}x\"", "\\\\\\\"".repeat(size / 4))
        }),
        ("comments", |size| "#\n".repeat(size / 2)),
        ("hashes", |size| format!("A=x{}", "##\t".repeat(size / 3))),
        ("white space", |size| {
            format!("A={}#", "\u{a0}".repeat(size / 2))
        }),
    ];
    for (about, text) in hostile {
        let [small, large] = [1_000_000, 10_000_000].map(|size| {
            // Whatever it is, a last line that is wrong has it read to its end, and not stored.
            sandbox.write("big.env", text(size) + "\nB");
            let start = Instant::now();
            let outcome = sandbox.run(["import", "big.env"]).fails(2);
            assert!(outcome.stderr.len() < 500, "{about}");
            start.elapsed()
        });
        let most = 30 * small + Duration::from_secs(10);
        assert!(
            large < most,
            "{about}: {large:?}, and {small:?} for a tenth"
        );
    }
}
