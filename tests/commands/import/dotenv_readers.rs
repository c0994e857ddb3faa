//! What `import` takes of a dotenv file, every reader of that format makes of
//! it too: thousands of files, by the program's own parser and by the readers.

use std::fmt::Write as _;

use lazycred::dotenv;

use crate::support::Sandbox;
use crate::support::readers::{self, Answer, Reader};

/// A value as a file has it; `¦` is between two, here and below.
const VALUES: &str = "¦x¦x y¦x  y z¦it's¦x'¦x\"y\"¦say \"x¦a=b¦=¦a: b¦{\"a\":1}¦[1]¦C:\\new¦x\\¦\
    a\\\\b¦\\'x'¦\\\"x\"¦x;y&&z|<>¦!x*?[]~¦~¦x`y`¦`x`¦é¦x\u{200b}¦\u{a0}x¦x\u{3000}¦x\u{85}y¦\
    x\u{2028}y¦x\u{feff}¦x\u{1f}¦x\u{c}¦x\u{b}y¦#x¦x#y¦##¦$A¦${A}¦a$¦\\$A¦$(x)¦''¦'x'¦' x '¦\
    'it is'¦'x\ny'¦'\nB=1\n'¦'x\n# y\n'¦'x\r\ny'¦'say \"x\"'¦'#x # y'¦'$A'¦'${A}'¦'\\n'¦\
    'a\\\\b'¦'x\\'¦'it\\'s'¦'x¦'x'y¦'\u{2028}'¦\"\"¦\"x\"¦\" x \"¦\"it's\"¦\"x\ny\"¦\"\nC=1\"¦\
    \"x\n#y'\n\"¦\"x\r\ny\"¦\"#x # y\"¦\"$A\"¦\"x\\ny\"¦\"x\\ry\"¦\"x\\ty\"¦\"a\\\"b\"¦\
    \"a\\\\b\"¦\"x\\\\\"¦\"x\\qy\"¦\"x¦\"x\"y¦\"\u{a0}\"";
const TAILS: &str = "¦ ¦\t¦ # c¦#c¦\t# c¦\u{a0}# c¦ #¦ # c # d¦ # it's¦ # \"q\"¦ # x\u{2028}C=1¦\
    \0¦\r";
const ENDS: [&str; 3] = ["\n", "\r\n", ""];
const BEFORE: &str = "¦ ¦\t¦export ¦export  ¦export\t¦ export ¦EXPORT ¦# c\n¦# it's \"c\"\n¦  # c=d\n¦\
    \t# c\n¦#A=1\n¦\n¦ \n¦\t\n¦\r\n¦\u{feff}¦\u{2028}¦\u{c}¦x\n¦# c\r";
const NAMES: &str = "A¦a.b¦_¦1A¦.¦export¦A-B¦é¦A B¦A'¦¦exportA¦__proto__¦constructor";
const EQUALS: [&str; 9] = ["=", " =", "= ", " = ", "\t=\t", "==", ":", ": ", ""];

/// One of the lot: its text and the values in it.
struct File {
    text: String,
    values: Vec<String>,
}

fn files() -> Vec<File> {
    let mut all = Vec::new();
    let mut add = |text: String, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        all.push(File { text, values });
    };
    for value in VALUES.split('¦') {
        for tail in TAILS.split('¦') {
            for end in ENDS {
                add(format!("A={value}{tail}{end}"), &[value]);
            }
        }
        for other in VALUES.split('¦') {
            let text = format!("A={value}\nB={other}\n");
            match value {
                // The second line has the quote that closes it, or none has.
                "'x" | "\"x" => add(text, &[&format!("{value}\nB={other}")]),
                _ => add(text, &[value, other]),
            }
        }
    }
    for before in BEFORE.split('¦') {
        for name in NAMES.split('¦') {
            for equals in EQUALS {
                for value in ["", "x", "'x'", "\"x y\""] {
                    let line = format!("{before}{name}{equals}{value}");
                    add(format!("Z=1\n{line}\n"), &[value]);
                    add(line, &[value]);
                }
            }
        }
    }
    let lasts = "¦\n¦\n\n¦# c¦#C=1¦ # c\n¦\n\n# c=d\n¦C¦A=2¦a=2";
    for last in lasts.split('¦') {
        add(format!("A=1\n{last}"), &[]);
    }
    all
}

impl File {
    fn is_quoted(value: &str) -> bool {
        value.starts_with(['\'', '"'])
    }

    /// The first point: `#` in a value without quotes.
    fn hash(&self) -> bool {
        // A tail may become a part of the value before it.
        let bare = self.values.iter().any(|value| !Self::is_quoted(value));
        let cut = |line: &str| line.split(" #").next().unwrap_or_default().contains('#');
        bare && self
            .text
            .lines()
            .any(|line| !line.trim_start().starts_with('#') && cut(line))
    }

    /// The second: escapes, less those that a reader knows.
    fn escapes(&self, known: &str) -> bool {
        let double = |value: &&String| value.starts_with('"');
        self.values.iter().filter(double).any(|value| {
            let escapes = value
                .match_indices('\\')
                .map(|(at, _)| &value[at + 1..=at + 1]);
            escapes.into_iter().any(|escape| !known.contains(escape))
        })
    }

    /// python-dotenv alone has one in single quotes.
    fn single_escapes(&self) -> bool {
        let single = |value: &&String| value.starts_with('\'');
        self.values
            .iter()
            .filter(single)
            .any(|value| value.contains("\\\\"))
    }

    /// The third: `$`, but in single quotes.
    fn dollar(&self) -> bool {
        self.values
            .iter()
            .any(|value| !value.starts_with('\'') && value.contains('$'))
    }

    /// Blanks where releases of node differ from each other: node 20 before
    /// names, comments and empty lines, node 24 for a value.
    fn blanks(&self) -> bool {
        let odd = |line: &str| {
            let clear = line.trim_matches([' ', '\t']);
            line.contains('\t')
                || line.contains("export  ")
                || (line.starts_with(' ') && (clear.is_empty() || clear.starts_with('#')))
                || (line.ends_with(' ') && clear.ends_with('='))
        };
        let last = self.text.rsplit('\n').next().unwrap_or_default();
        self.text.lines().any(odd) || (last.trim_start().starts_with('#') && last.contains('='))
    }

    /// Whether a reader may make something else of it.
    fn is_said_to_differ(&self, reader: &Reader) -> bool {
        match reader.name {
            "python-dotenv" => self.text.contains("${") || self.single_escapes(),
            "npm's dotenv" | "npm's dotenv 16" => self.hash() || self.escapes("nr"),
            "node's own" => self.hash() || self.escapes("n") || self.blanks(),
            "godotenv" => self.escapes("nr") || self.dollar(),
            "compose" => self.dollar(),
            _ => {
                let lines = self.values.iter().any(|value| value.contains('\n'));
                self.hash() || self.escapes("nr") || self.dollar() || (lines && !reader.spans_lines)
            }
        }
    }
}

fn parsed(text: &str) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let pairs = dotenv::parse(text.as_bytes()).ok()?;
    let mut pairs: Vec<_> = pairs
        .into_iter()
        .map(|pair| (pair.name.into_bytes(), pair.value.as_bytes().to_vec()))
        .collect();
    pairs.sort();
    Some(pairs)
}

#[test]
fn what_is_taken_of_a_dotenv_file_every_reader_makes_of_it() {
    let mut taken = Vec::new();
    let all = files();
    assert!(all.len() > 10_000, "{}", all.len());
    for file in &all {
        if let Some(pairs) = parsed(&file.text) {
            taken.push((file, pairs));
        }
    }
    assert!(taken.len() > 3000, "{}", taken.len());
    let texts: Vec<Vec<u8>> = taken
        .iter()
        // That it is skipped is said.
        .map(|(file, _)| file.text.trim_start_matches('\u{feff}').into())
        .collect();
    let shells = |reader: &Reader| {
        let names = ["dotenv", "node's own", "compose"];
        names.iter().any(|name| reader.name.contains(name))
    };
    let mut said = String::new();
    for reader in readers::dotenv().iter().filter(|reader| shells(reader)) {
        let mut compared = 0;
        for ((file, pairs), answer) in taken.iter().zip(reader.read_all(&texts)) {
            if file.is_said_to_differ(reader) {
                continue;
            }
            compared += 1;
            let sorted: Answer = answer.map(|mut pairs| {
                pairs.sort();
                pairs
            });
            if sorted.as_ref() != Ok(pairs) && said.len() < 4000 {
                let shown = |pairs: &[(Vec<u8>, Vec<u8>)]| {
                    let one = |(name, value): &(Vec<u8>, Vec<u8>)| {
                        let both = [&name[..], b"=", &value[..]].concat();
                        String::from_utf8_lossy(&both).into_owned()
                    };
                    format!("{:?}", pairs.iter().map(one).collect::<Vec<_>>())
                };
                let theirs = sorted.map_or_else(|error| error, |pairs| shown(&pairs));
                let ours = shown(pairs);
                writeln!(said, "{reader:?}: {:?}: {theirs}, not {ours}", file.text).unwrap();
            }
        }
        assert!(
            compared > 1000,
            "{reader:?} was asked only {compared} times"
        );
    }
    assert!(said.is_empty(), "{said}");
}

#[test]
fn import_and_the_parser_agree_on_dotenv_files() {
    let sandbox = Sandbox::local();
    for file in files().iter().step_by(151) {
        let import = ["import", "-", "--as", "one", "--format", "dotenv"];
        let more = ["--replace", "--allow-empty", "--quiet"];
        let run = sandbox.run(import.iter().chain(&more)).stdin(&file.text);
        let outcome = run.outcome();
        let Some(pairs) = parsed(&file.text) else {
            assert_eq!(outcome.status, 2, "{:?}", file.text);
            continue;
        };
        assert_eq!(outcome.status, 0, "{:?}: {}", file.text, outcome.stderr);
        let stored = sandbox.run(["get", "one"]).gives().text();
        let stored: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&stored).unwrap();
        let mut stored: Vec<_> = stored
            .into_iter()
            .map(|(name, value)| (name.into_bytes(), value.as_str().unwrap().into()))
            .collect();
        stored.sort();
        assert_eq!(stored, pairs, "{:?}", file.text);
    }
}
