//! Values and names that some reader of some format is known, or feared, to change.
//!
//! Made by rules, so that every run has the same ones. Knows no format.

use std::collections::BTreeSet;

/// Well over a thousand texts, none twice, none with a NUL.
pub fn texts() -> Vec<String> {
    let mut all = BTreeSet::new();
    let mut add = |text: String| {
        all.insert(text);
    };
    let punctuation: Vec<char> = (' '..='~').filter(|c| !c.is_ascii_alphanumeric()).collect();
    let controls = ('\u{1}'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
    let odd = "\u{a0}\u{ad}\u{2028}\u{2029}\u{200b}\u{202e}\u{feff}\u{fffd}\u{fffe}\
        \u{ffff}\u{fdd0}\u{e000}\u{1f600}\u{1fffe}\u{10ffff}\u{d7ff}\u{e9}\u{130}";
    // Alone, at either end, in the middle, and at the ends of lines.
    let odd = controls.chain(odd.chars());
    for c in punctuation.iter().copied().chain(odd) {
        for text in [
            format!("{c}"),
            format!("{c}x"),
            format!("x{c}"),
            format!("x{c}y"),
            format!("x {c} y"),
            format!("{c}{c}"),
            format!("x\n{c}\ny"),
        ] {
            add(text);
        }
    }
    // What quotes, escapes, expands or ends, in pairs.
    let loud = "'\"`\\$#!%&=:;,|<>()[]{}*?~@- \t\n\r";
    for a in loud.chars() {
        for b in loud.chars() {
            add(format!("a{a}{b}b"));
        }
    }
    for quote in ['\'', '"', '`'] {
        for text in ["x", "it", "$X", "a\\", "a b", "\n", "#", ""] {
            add(format!("{quote}{text}{quote}"));
            add(format!("{quote}{text}"));
            add(format!("{text}{quote}#c"));
            add(format!("\\{quote}{text}\\{quote}"));
        }
    }
    for word in WORDS.iter().copied().chain(PLAIN_WORDS.split_whitespace()) {
        add(word.to_owned());
    }
    // What is a word to somebody, among blanks and with a comment behind it.
    for word in ["true", "null", "1", "~", "- a", "a: b", "<<", "EOF"] {
        for text in [
            format!(" {word}"),
            format!("{word} "),
            format!("{word} # c"),
            format!("{word}\n"),
        ] {
            add(text);
        }
    }
    for length in [80, 1000, 1024, 4096] {
        add("x".repeat(length));
    }
    add("long words ".repeat(100));
    add("line\n".repeat(200));
    add("\u{20ac}".repeat(500));
    all.into_iter().collect()
}

/// Whole values as they stand in secrets, or in other formats.
const WORDS: &[&str] = &[
    "",
    "!!str x",
    "--- x",
    "%YAML 1.1",
    "? x",
    "- x",
    "[a, b]",
    "{a: b}",
    "a: b",
    "a : b",
    "a #b",
    " #a",
    "key: |\n  text\n",
    "- a\n- b\n",
    "$(touch ran)",
    "`touch ran`",
    "a[$(touch ran)]",
    "x;touch ran",
    "x\ntouch ran",
    "'; touch ran; '",
    "\"; touch ran; \"",
    "A=1\nB=2",
    "export A=1",
    "\n",
    "\n\n",
    "x\n",
    "\nx",
    " x ",
    "\tx\t",
    "x\r\ny",
    "\r\n",
    "it's \"q\"",
    "it's $x",
    "it's a\\b",
    "::set-env name=A::b",
    "x<<EOF\ny\nEOF",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQ==\n-----END PRIVATE KEY-----\n",
    "{\"a\": [1, \"b\", null], \"c\": \"it's\"}",
    "{\n  \"a\": 1\n}\n",
    "correct horse battery staple",
    "<a href=\"x\">y & z</a>",
    "SELECT * FROM t WHERE a = 'b' -- c",
    "x #y",
    "x# y",
    "x\t#y",
    " #",
    "# x",
    "\u{feff}x",
    "x\u{feff}",
    "\u{e9}\u{20ac}\u{1f600}",
    "e\u{301}",
    "\u{202e}abc",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{fffd}",
    "Zm9v\nYmFy\n",
    "-e x",
    "0 ",
    " 0",
    "1 2",
    "a  b",
];

/// The same without a blank.
const PLAIN_WORDS: &str = r#"
    null Null NULL ~ true True TRUE false yes Yes no NO on off y n 0 00 007 0o7 0x1F 0b1 1_000 1,000
    1e3 1E400 -0 +1 .5 5. 1.10 .inf -.INF .nan NaN Infinity 190:20:30 2001-12-14
    2001-12-14T21:59:43.10-05:00 12:30 << = !x &a *a --- ... - | >- #a a: :a @a `a` %a $ $$ $HOME
    ${HOME} ${HOME:-x} ${ $((1+1)) \$HOME $'x' $"x" x|y x& !! ^a^b ~root * /* {a,b} a=b A='1' A="1"
    x\ x\\ \ \\ \n \\n \r \t \x41 \u0041 \' \" \\' it's 'x" a\\b pa${HOME}x C:\new\table
    \\server\share %s%n%d %25 %0A ::add-mask::x ##[group] EOF [1,2] "json"
    postgres://u:p%40ss@h:5432/db?sslmode=require&x=y#f https://user:pa$$word@host/p?q=1
    AKIA/wJalrXUtnFEMI+K7MDENG== P@$$w0rd!#%^&*() a,b;c|d x#y # -n -- ----- __proto__ constructor
"#;

/// Bytes that are no text.
pub const BYTES: [&[u8]; 12] = [
    b"\xff",
    b"a\xfe\xff",
    b"a\xffb",
    b"'\xff'",
    b"\xc3",
    b"x\xc3",
    b"\xc3'",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\xaf",
    b"\x80\n\x80",
    b"$(touch ran)\xe2\x82",
];

/// Names that a language or a format has a meaning for, or that are long.
pub fn names() -> Vec<String> {
    let words = "\
        y n yes no on off true false null NULL Null NaN nan inf Infinity None nil undefined self this \
        __proto__ constructor prototype toString valueOf hasOwnProperty __defineGetter__ length name \
        if then else elif fi do done case esac while until for in function select time coproc \
        export unset alias set typeset declare readonly local eval exec source test return exit trap \
        EXPORT UNSET EOF LAZY lazy _1 __ ___ _0x10 e1 E1 x X a A b B i n1 O0 \
        USER LOGNAME HOSTNAME HOST MAIL TZ LANG TERM TMPDIR NAME DISPLAY PASSWORD USERNAME_X RANDOM_X UID_ \
        DB_HOST DATABASE_URL API_KEY TOKEN GITHUB_TOKEN CI NODE_ENV AWS_REGION AWS_SECRET_ACCESS_KEY \
        data kind metadata apiVersion type stringData password username url host port dbname engine \
        rem REM set_ def class import from as lambda env ENVIRONMENT path_ Path status_ argv_ s3 k8s";
    let mut all: BTreeSet<String> = words.split_whitespace().map(str::to_owned).collect();
    for length in [128, 250, 253, 254, 1000, 1001, 1024, 4000] {
        all.insert("L".repeat(length));
    }
    all.into_iter().collect()
}

#[test]
fn there_are_as_many_as_are_said() {
    assert!(texts().len() >= 1000, "{}", texts().len());
    assert!(names().len() >= 100, "{}", names().len());
}
