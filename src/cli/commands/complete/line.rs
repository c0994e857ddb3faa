//! A line as typed in bash: its words, and how the last one is quoted.
//!
//! Expands nothing: what a shell would compute (`$HOME`, `$(…)`) stays as typed.

/// The words of a line up to the cursor.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Line {
    /// The complete words.
    pub(super) words: Vec<String>,
    /// The word at the cursor, without its quotes.
    pub(super) current: String,
    /// The bytes of `current` before the part that readline replaces.
    pub(super) kept: usize,
    /// The quote that is open at the cursor.
    pub(super) quote: Option<char>,
    /// Whether `current` is the target of a redirection.
    pub(super) redirects: bool,
}

impl Line {
    /// Splits a line as bash does; `breaks` is its `COMP_WORDBREAKS`.
    pub(super) fn split(text: &str, breaks: &str) -> Self {
        let mut line = Self::default();
        let mut any = false;
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match (c, line.quote) {
                (quote @ ('"' | '\''), None) => {
                    any = true;
                    line.quote = Some(quote);
                    let closed = chars.as_str().contains(quote);
                    if !closed {
                        line.kept = line.current.len();
                    }
                }
                (c, Some(quote)) if c == quote => line.quote = None,
                ('\\', None | Some('"')) => {
                    any = true;
                    match chars.next() {
                        Some(c) if line.quote.is_some() && !"\\\"$`".contains(c) => {
                            line.current.extend(['\\', c]);
                        }
                        Some(c) => line.current.push(c),
                        None => {}
                    }
                }
                (' ' | '\t' | '\n', None) => {
                    if any {
                        line.end();
                        any = false;
                    }
                }
                ('<' | '>', None) => {
                    if line.current.bytes().all(|byte| byte.is_ascii_digit()) {
                        line.current.clear();
                    } else {
                        line.end();
                    }
                    line.redirects = true;
                    any = false;
                }
                (c, quote) => {
                    any = true;
                    line.current.push(c);
                    if quote.is_none() && breaks.contains(c) {
                        line.kept = line.current.len();
                    }
                }
            }
        }
        line
    }

    fn end(&mut self) {
        let word = std::mem::take(&mut self.current);
        if !std::mem::take(&mut self.redirects) {
            self.words.push(word);
        }
        self.kept = 0;
    }

    /// The text by which readline replaces the rest of `current`, so that bash reads
    /// the whole word as exactly `value`.
    pub(super) fn insertion(&self, value: &str) -> String {
        let rest = value.get(self.kept..).unwrap_or_default();
        let mut text = String::new();
        for c in rest.chars() {
            match (self.quote, c) {
                (Some('\''), '\'') => text.push_str(r"'\''"),
                (Some('"'), '!') => text.push_str("\"'!'\""),
                (Some('"'), '\\' | '"' | '$' | '`') => text.extend(['\\', c]),
                (None, c) if c.is_ascii() && !is_plain(c) => text.extend(['\\', c]),
                _ => text.push(c),
            }
        }
        text
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default of bash 5.
    const BREAKS: &str = " \t\n\"'@><=;|&(:";

    #[test]
    fn a_line_is_split_as_bash_reads_it() {
        for (text, words, current, kept, quote) in [
            ("lazycred ge", &["lazycred"][..], "ge", 0, None),
            ("lazycred get ", &["lazycred", "get"], "", 0, None),
            (
                "l a\\ b 'c d' \"e\\$\\f\" x",
                &["l", "a b", "c d", "e$\\f"],
                "x",
                0,
                None,
            ),
            ("l '' x", &["l", ""], "x", 0, None),
            (
                "l exec TOKEN=web:a",
                &["l", "exec"],
                "TOKEN=web:a",
                10,
                None,
            ),
            ("l exec DB_+=", &["l", "exec"], "DB_+=", 5, None),
            ("l get a\\:b", &["l", "get"], "a:b", 0, None),
            ("l get 'a b", &["l", "get"], "a b", 0, Some('\'')),
            ("l exec T=\"a $", &["l", "exec"], "T=a $", 2, Some('"')),
            ("l get \"a\"b", &["l", "get"], "ab", 0, None),
            ("l get x 2>e y", &["l", "get", "x"], "y", 0, None),
        ] {
            let line = Line::split(text, BREAKS);
            let seen = (
                &line.words[..],
                line.current.as_str(),
                line.kept,
                line.quote,
            );
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            assert_eq!(seen, (&words[..], current, kept, quote), "{text}");
        }
        assert!(Line::split("l get x >e", BREAKS).redirects);
    }

    #[test]
    fn the_insertion_is_read_as_exactly_the_value() {
        let hostile = "a $(touch x) `y` \"z\" 'w' \\ ; & ! * ~ é # {1,2} [x]";
        for start in ["l get ", "l get '", "l get \"", "l exec V=", "l exec V='a"] {
            let line = Line::split(start, BREAKS);
            let value = match line.current.split_once('=') {
                Some(_) => format!("V={hostile}"),
                None => hostile.to_owned(),
            };
            let typed = start.strip_suffix('a').unwrap_or(start);
            let mut text = format!("{typed}{}", line.insertion(&value));
            text.extend(line.quote);
            let seen = shell_words::split(&text).unwrap();
            assert_eq!(seen[2..], [value], "{start}");
        }
    }
}
