//! Tables, for a terminal: a header, columns that are aligned, colours.
//!
//! No text is ever cut, since all of it may be needed elsewhere. Where a terminal is
//! too narrow, a row goes on in the next line, below the column that it belongs to;
//! prose is broken between words.

#[cfg(test)]
mod tests;

use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

pub(super) use super::output::Colour;
use super::output::Screen;
use super::wrap::broken;
use crate::text::OneLine;

/// The blanks between two columns, and before what continues a row.
const GAP: usize = 2;

/// The narrowest column of prose that is still easy to read.
const READABLE: usize = 24;

/// One text of a table, on one line, safe to print.
#[derive(Debug)]
pub(super) struct Cell {
    text: Zeroizing<String>,
    width: usize,
    colour: Option<Colour>,
}

impl Cell {
    pub(super) fn new(text: &str) -> Self {
        Self::from(Zeroizing::new(OneLine(text).to_string()))
    }

    pub(super) fn coloured(self, colour: Colour) -> Self {
        Self {
            colour: Some(colour),
            ..self
        }
    }

    fn write(&self, screen: Screen, to: &mut String) {
        write(&self.text, self.colour, screen, to);
    }
}

/// Text without hidden characters.
impl From<Zeroizing<String>> for Cell {
    fn from(text: Zeroizing<String>) -> Self {
        Self {
            width: text.width(),
            text,
            colour: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
    /// Prose, which is broken between words: for the last column.
    Words,
}

/// A column: its header, and how what stands below is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    header: &'static str,
    align: Align,
    least: usize,
    /// Whether it is left out while it has nothing to show.
    if_any: bool,
}

impl Column {
    pub(super) fn left(header: &'static str) -> Self {
        Self {
            header,
            align: Align::Left,
            least: header.len(),
            if_any: false,
        }
    }

    pub(super) fn right(header: &'static str) -> Self {
        Self {
            align: Align::Right,
            ..Self::left(header)
        }
    }

    pub(super) fn words(header: &'static str) -> Self {
        Self {
            align: Align::Words,
            ..Self::left(header)
        }
    }

    pub(super) fn at_least(self, least: usize) -> Self {
        Self { least, ..self }
    }

    pub(super) fn if_any(self) -> Self {
        Self {
            if_any: true,
            ..self
        }
    }
}

/// Where a column stands: in which of a row's lines, from where on, how wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    line: usize,
    start: usize,
    width: usize,
}

/// A table that is shown piece by piece.
#[derive(Debug)]
pub(super) struct Table {
    screen: Screen,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    has_header: bool,
}

impl Table {
    pub(super) fn new(screen: Screen, columns: Vec<Column>) -> Self {
        Self {
            screen,
            columns,
            rows: Vec::new(),
            has_header: false,
        }
    }

    /// Adds a row: a cell for each column.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The rows that were added since the last call, the first of all below the
    /// header. Columns become no narrower later.
    pub(super) fn text(&mut self) -> Zeroizing<String> {
        if self.rows.is_empty() {
            return Zeroizing::default();
        }
        let slots = self.slots();
        let header = (!self.has_header).then(|| {
            let headers = self.columns.iter();
            let header = headers.map(|column| Cell::new(column.header).coloured(Colour::Bold));
            header.collect::<Vec<_>>()
        });
        self.has_header = true;
        let size = |row: &Vec<Cell>| {
            let cells = row.iter().zip(&slots);
            let size = cells.map(|(cell, slot)| cell.text.len() + 2 * slot.start + 32);
            size.sum::<usize>()
        };
        let size = header.iter().chain(&self.rows).map(size).sum();
        // A string that grows would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(size));
        for row in header.iter().chain(&self.rows) {
            self.write_row(row, &slots, &mut text);
        }
        for (column, slot) in self.columns.iter_mut().zip(&slots) {
            column.least = column.least.max(slot.width);
        }
        self.rows.clear();
        text
    }

    /// A line of prose that belongs to the last row, behind its label.
    pub(super) fn note(&self, start: usize, label: &Cell, text: &str) -> String {
        let is_narrow = |width| start + label.width + READABLE > width;
        let start = if self.screen.width.is_some_and(is_narrow) {
            start.min(GAP)
        } else {
            start
        };
        let mut note = " ".repeat(start);
        label.write(self.screen, &mut note);
        let end = start + label.width;
        let text = OneLine(text).to_string();
        self.write_words(&text, None, (end + 1, end), &mut note);
        note.push('\n');
        note
    }

    fn write_row(&self, row: &[Cell], slots: &[Slot], text: &mut String) {
        // Where the line ends so far, and which of the row's lines it is.
        let (mut end, mut line) = (0, 0);
        for ((cell, slot), column) in row.iter().zip(slots).zip(&self.columns) {
            if cell.text.is_empty() || slot.width == 0 {
                continue;
            }
            let mut start = slot.start;
            if column.align == Align::Right {
                start += slot.width.saturating_sub(cell.width);
            }
            let is_prose = column.align == Align::Words;
            let fits = |screen| start + cell.width <= screen;
            let fits = is_prose || cell.width <= slot.width || self.screen.width.is_none_or(fits);
            if !fits {
                start = start.min(GAP);
            }
            if slot.line > line || end > 0 && end + GAP > start {
                text.push('\n');
                end = 0;
            }
            line = slot.line;
            if is_prose {
                self.write_words(&cell.text, cell.colour, (start, end), text);
            } else {
                text.extend(std::iter::repeat_n(' ', start - end));
                cell.write(self.screen, text);
            }
            end = start + cell.width;
        }
        text.push('\n');
    }

    /// Prose from a column on, in a line that has an end already. Only what is too long
    /// for it begins further left.
    fn write_words(
        &self,
        words: &str,
        colour: Option<Colour>,
        (start, mut end): (usize, usize),
        text: &mut String,
    ) {
        let room = self.screen.width.map(|width| width.saturating_sub(start));
        for (at, line) in broken(words, room).into_iter().enumerate() {
            let left = |width: usize| start.min(width.saturating_sub(line.width()).max(GAP));
            let start = self.screen.width.map_or(start, left);
            if at > 0 || start < end {
                text.push('\n');
                end = 0;
            }
            text.extend(std::iter::repeat_n(' ', start - end));
            write(line, colour, self.screen, text);
        }
    }

    /// Where each column stands; one that is left out has no width.
    fn slots(&self) -> Vec<Slot> {
        let mut widths = self.widths();
        if let Some(width) = self.screen.width {
            self.squeeze(&mut widths, width);
        }
        let mut slots = Vec::with_capacity(widths.len());
        let (mut line, mut start) = (0, 0);
        for width in widths {
            let is_over = |screen| start > 0 && start + width > screen;
            if width > 0 && self.screen.width.is_some_and(is_over) {
                (line, start) = (line + 1, GAP);
            }
            slots.push(Slot { line, start, width });
            if width > 0 {
                start += width + GAP;
            }
        }
        slots
    }

    /// The width of each column, if there is room for all.
    fn widths(&self) -> Vec<usize> {
        let of = |(at, column): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            let widest = cells.map(|cell| cell.width).max().unwrap_or_default();
            match column.align {
                _ if widest == 0 && column.if_any => 0,
                Align::Words => widest.min(READABLE).max(column.least),
                _ => widest.max(column.least),
            }
        };
        self.columns.iter().enumerate().map(of).collect()
    }

    /// If few long texts alone make the table too wide, makes columns narrower, as far as
    /// half of what is in each still fits.
    fn squeeze(&self, widths: &mut [usize], screen: usize) {
        let shown = widths.iter().filter(|width| **width > 0).count();
        let total = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * shown.saturating_sub(1);
        if total(widths) <= screen {
            return;
        }
        let cells: Vec<Vec<usize>> = (0..widths.len()).map(|at| self.sorted(at)).collect();
        let mut narrow: Vec<usize> = cells
            .iter()
            .zip(&self.columns)
            .zip(&*widths)
            .map(|((cells, column), width)| {
                let middle = cells.get(cells.len().saturating_sub(1) / 2);
                column.header.len().max(*middle.unwrap_or(&0)).min(*width)
            })
            .collect();
        let Some(mut spare) = screen.checked_sub(total(&narrow)) else {
            return;
        };
        // The room that is left goes to whatever needs least of it for one more cell.
        let more = |narrow: &[usize], at: usize| {
            let next = cells[at].partition_point(|width| *width <= narrow[at]);
            cells[at].get(next).map(|width| (width - narrow[at], at))
        };
        let next = |narrow: &[usize]| (0..narrow.len()).filter_map(|at| more(narrow, at)).min();
        while let Some((more, at)) = next(&narrow).filter(|(more, _)| *more <= spare) {
            spare -= more;
            narrow[at] += more;
        }
        widths.copy_from_slice(&narrow);
    }

    /// The widths of a column's cells, the narrowest first.
    fn sorted(&self, at: usize) -> Vec<usize> {
        let cells = self.rows.iter().filter_map(|row| row.get(at));
        let mut cells: Vec<usize> = cells.map(|cell| cell.width).collect();
        cells.sort_unstable();
        cells
    }
}

fn write(text: &str, colour: Option<Colour>, screen: Screen, to: &mut String) {
    match colour.filter(|_| screen.coloured) {
        Some(colour) => {
            let (begin, end) = colour.codes();
            to.extend([&*begin, text, end]);
        }
        None => to.push_str(text),
    }
}
