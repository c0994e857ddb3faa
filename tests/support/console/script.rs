//! Documents with `console` blocks: which commands are typed, and what is then shown.

use std::fmt::Write as _;

/// Stands in an answer that is not echoed.
pub const NOT_SHOWN: &str = ", not shown";

/// A piece of a document; all of them make the document again.
pub enum Part {
    /// Prose and fences.
    Text(String),
    Step(Step),
}

/// A command, and all up to the next one.
pub struct Step {
    /// What is typed: the line of the command, and those that continue it.
    pub lines: Vec<String>,
    /// What is shown below, with the marks of what is typed there.
    output: String,
    pub answers: Vec<Answer>,
}

/// Something typed while a command runs.
pub struct Answer {
    /// What its line shows before.
    pub after: String,
    pub typed: String,
}

impl Answer {
    /// What is sent to the terminal.
    pub fn keys(&self) -> String {
        match self.typed.as_bytes() {
            [b'^', key @ b'@'..=b'_'] => char::from(key & 0x1f).to_string(),
            _ => format!("{}\r", self.typed),
        }
    }
}

impl Step {
    fn new(lines: Vec<String>, output: String) -> Self {
        let (mut answers, mut rest) = (Vec::new(), output.as_str());
        let mut before = String::new();
        while let Some((shown, tail)) = rest.split_once('«') {
            let (typed, tail) = tail.split_once('»').expect("a `»` after `«`");
            before += shown;
            answers.push(Answer {
                after: before.rsplit('\n').next().unwrap_or_default().to_owned(),
                typed: typed.strip_suffix(NOT_SHOWN).unwrap_or(typed).to_owned(),
            });
            write!(before, "«{typed}»").unwrap();
            rest = tail;
        }
        Self {
            lines,
            output,
            answers,
        }
    }

    /// As it stands in the document.
    pub fn text(&self) -> String {
        let marks = ["$ "].into_iter().chain(std::iter::repeat("> "));
        let lines = marks.zip(&self.lines);
        let mut text = String::new();
        for (mark, line) in lines {
            writeln!(text, "{mark}{line}").unwrap();
        }
        text + &self.output
    }
}

/// The pieces of a document, in its order.
pub fn parts(document: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut text, mut typed, mut output) = (String::new(), Vec::new(), String::new());
    let mut inside = false;
    for line in document.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let fence = if inside { "```" } else { "```console" };
        let command = bare.strip_prefix("$ ").filter(|_| inside);
        if (bare == fence || command.is_some()) && !typed.is_empty() {
            let step = Step::new(std::mem::take(&mut typed), std::mem::take(&mut output));
            parts.push(Part::Step(step));
        }
        if bare == fence {
            inside = !inside;
        }
        let more = bare
            .strip_prefix('>')
            .filter(|_| output.is_empty() && !typed.is_empty());
        if let Some(command) = command {
            parts.push(Part::Text(std::mem::take(&mut text)));
            typed.push(command.to_owned());
        } else if let Some(more) = more {
            typed.push(more.strip_prefix(' ').unwrap_or(more).to_owned());
        } else if typed.is_empty() {
            text += line;
        } else {
            output += line;
        }
    }
    parts.push(Part::Text(text));
    parts
}

#[test]
fn the_parts_of_a_document_make_it_again() {
    let document = "# A\n\n```console\n$ cat <<E\n> x\n>\n> E\nx\n\n$ put db\nvalue: «a, not shown»\nsure? «y»\n```\n\n\
        $ prose\n```sh\n$ no\n```\nend";
    let (mut again, mut typed) = (String::new(), Vec::new());
    for part in parts(document) {
        match part {
            Part::Text(text) => again += &text,
            Part::Step(step) => {
                again += &step.text();
                let answers = step.answers.iter();
                let answers: Vec<_> = answers.map(|a| (a.after.clone(), a.keys())).collect();
                typed.push((step.lines, answers));
            }
        }
    }
    assert_eq!(again, document.replace("\n>\n", "\n> \n"));
    let lines = |lines: &[&str]| -> Vec<String> { lines.iter().map(|l| (*l).to_owned()).collect() };
    let pair = |after: &str, keys: &str| (after.to_owned(), keys.to_owned());
    let answers = vec![pair("value: ", "a\r"), pair("sure? ", "y\r")];
    let expected = [
        (lines(&["cat <<E", "x", "", "E"]), vec![]),
        (lines(&["put db"]), answers),
    ];
    assert_eq!(typed, expected);
}
