//! Input for the parser that allows a tab after the colon of a name.
//!
//! The parser accepts `a:<tab>1` but rejects `a:<tab>b`, in order to reject
//! `:<tab>- b` and `:<tab>b: c`, where the tab would indent. Those have the colon at
//! the start of a line; after a name the parser rejects them for other reasons.

use saphyr_parser::input::SkipTabs;
use saphyr_parser::{Input, StrInput};

/// The part of a line read so far.
#[derive(PartialEq, Eq)]
enum Line {
    Blank,
    /// A `:` or `?`, and blanks.
    Indicator,
    Text,
}

pub(super) struct Tabs<'a> {
    text: StrInput<'a>,
    line: Line,
}

impl<'a> Tabs<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text: StrInput::new(text),
            line: Line::Blank,
        }
    }

    fn passed(&mut self, c: char) {
        self.line = match (c, &self.line) {
            ('\n' | '\r', _) => Line::Blank,
            (' ' | '\t', _) => return,
            (':' | '?', Line::Blank) => Line::Indicator,
            _ => Line::Text,
        };
    }
}

impl Input for Tabs<'_> {
    fn lookahead(&mut self, count: usize) {
        self.text.lookahead(count);
    }

    fn buflen(&self) -> usize {
        self.text.buflen()
    }

    fn bufmaxlen(&self) -> usize {
        self.text.bufmaxlen()
    }

    fn raw_read_ch(&mut self) -> char {
        let c = self.text.raw_read_ch();
        self.passed(c);
        c
    }

    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        let c = self.text.raw_read_non_breakz_ch();
        if let Some(c) = c {
            self.passed(c);
        }
        c
    }

    fn skip(&mut self) {
        let c = self.text.peek();
        self.passed(c);
        self.text.skip();
    }

    fn skip_n(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    fn peek(&self) -> char {
        self.text.peek()
    }

    fn peek_nth(&self, n: usize) -> char {
        self.text.peek_nth(n)
    }

    fn peek_opt(&self) -> Option<char> {
        self.text.peek_opt()
    }

    fn skip_ws_to_eol(&mut self, tabs: SkipTabs) -> (usize, Result<SkipTabs, &'static str>) {
        let (skipped, found) = self.text.skip_ws_to_eol(tabs);
        let found = match found {
            Ok(SkipTabs::Result(tabs, _)) if self.line == Line::Text => {
                Ok(SkipTabs::Result(tabs, true))
            }
            found => found,
        };
        (skipped, found)
    }
}
