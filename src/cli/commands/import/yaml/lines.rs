//! Lines and characters on which YAML parsers disagree: indentation by tabs,
//! uncommon line endings, and control characters.

use saphyr_parser::{ScalarStyle, Span};

/// The spans of quoted and block scalars.
#[derive(Default)]
pub(super) struct Lines {
    inside: Vec<Inside>,
}

struct Inside {
    /// The first character, and the one after the last.
    start: usize,
    end: usize,
    /// The indentation in spaces; 0 if quoted.
    indent: usize,
}

impl Lines {
    /// Records a scalar; call it in the order of the text.
    pub(super) fn passed(&mut self, style: ScalarStyle, span: Span) {
        let (start, end) = (span.start.index(), span.end.index());
        let (start, indent) = match style {
            ScalarStyle::Plain => return,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => (start + 1, 0),
            // The span of a block starts after the indentation of its first line.
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let indent = span.start.col();
                (start.saturating_sub(indent), indent)
            }
        };
        self.inside.push(Inside { start, end, indent });
    }

    /// The first line that is indented with a tab.
    pub(super) fn tab(&self, text: &str) -> Option<usize> {
        let mut inside = self.inside.iter().peekable();
        let mut at = 0;
        for (number, line) in text.split('\n').enumerate() {
            while inside.next_if(|inside| inside.end <= at).is_some() {}
            let indents = match inside.peek() {
                Some(inside) if inside.start <= at => {
                    let rest = line.trim_start_matches(' ');
                    line.len() - rest.len() < inside.indent && rest.starts_with('\t')
                }
                _ => is_indented_by_tab(line),
            };
            if indents {
                return Some(number + 1);
            }
            at += line.chars().count() + 1;
        }
        None
    }
}

/// Whether a tab comes before anything but spaces and `- `, `? ` or `: `.
fn is_indented_by_tab(line: &str) -> bool {
    let mut rest = line.trim_start_matches(' ');
    while let Some(behind) = rest.strip_prefix(['-', '?', ':']) {
        if !behind.starts_with([' ', '\t']) {
            break;
        }
        rest = behind.trim_start_matches(' ');
    }
    rest.starts_with('\t')
}

/// The first line with a character that some parsers reject, or take for a line
/// ending. A byte order mark may start the text.
pub(super) fn odd_character(text: &str) -> Option<usize> {
    let is_odd = |c: char| {
        let is_control = c.is_control() && !matches!(c, '\t' | '\r');
        let ends_some = matches!(c, '\u{2028}' | '\u{2029}');
        is_control || ends_some || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.split('\n').peekable();
    let mut number = 0;
    while let Some(line) = lines.next() {
        number += 1;
        // Before a newline, a carriage return is part of the line ending.
        let ended = lines.peek().is_some();
        let line = if ended {
            line.strip_suffix('\r').unwrap_or(line)
        } else {
            line
        };
        if line.contains('\r') || line.contains(is_odd) {
            return Some(number);
        }
    }
    None
}

/// Whether a document ends before one starts.
pub(super) fn starts_with_end(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_blank = |line: &&str| {
        let line = line.trim_start();
        line.is_empty() || line.starts_with('#')
    };
    let first = text.lines().find(|line| !is_blank(line));
    first.is_some_and(|line| line.starts_with("..."))
}
