//! Whole tables, as text.

use super::*;

fn table(width: usize, columns: &[Column], rows: &[&[&str]]) -> String {
    let screen = Screen {
        width: (width > 0).then_some(width),
        coloured: false,
    };
    let mut table = Table::new(screen, columns.to_vec());
    for row in rows {
        table.row(row.iter().map(|text| Cell::new(text)).collect());
    }
    table.text().to_string()
}

fn listed() -> [Column; 4] {
    [
        Column::left("NAME"),
        Column::right("SIZE"),
        Column::left("VERSION"),
        Column::left("STATE").if_any(),
    ]
}

#[test]
fn columns_are_as_wide_as_what_is_in_them_and_those_without_anything_are_left_out() {
    let rows: [&[&str]; 2] = [&["web/prod", "7", "3sL4kq", ""], &["db", "1262", "x", ""]];
    let shown = "NAME      SIZE  VERSION\n\
                 web/prod     7  3sL4kq\n\
                 db        1262  x\n";
    for width in [0, 23, 80] {
        assert_eq!(table(width, &listed(), &rows), shown);
    }
    let state: [&[&str]; 2] = [&["a", "1", "x", "current"], &["b", "", "y", ""]];
    let shown = "NAME  SIZE  VERSION  STATE\na        1  x        current\nb           y\n";
    assert_eq!(table(0, &listed(), &state), shown);
    assert_eq!(table(80, &listed(), &[]), "");
}

#[test]
fn wide_and_combining_characters_count_by_what_they_take() {
    let names = ["日本", "e\u{301}e\u{301}", "🔑x", "abcd", "a\u{202e}b"];
    let rows = names.map(|name| [name, "1", "v", ""]);
    let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
    let text = table(0, &listed(), &rows);
    let columns: Vec<usize> = text
        .lines()
        .map(|line| line[..line.rfind("  ").unwrap()].width())
        .collect();
    assert_eq!(columns[1..], [columns[0]; 5]);
    assert!(text.contains(r"a\u{202e}b"), "{text}");
}

#[test]
fn one_long_name_takes_a_line_of_its_own_and_leaves_the_others_alone() {
    let long = "a/name/that/is/longer/than/the/others";
    let rows: [&[&str]; 3] = [
        &["db", "1262", "3sL4kq", ""],
        &[long, "7", "x", ""],
        &["web", "12", "y", ""],
    ];
    let shown = "NAME  SIZE  VERSION\n\
                 db    1262  3sL4kq\n\
                 a/name/that/is/longer/than/the/others\n\
                 \x20        7  x\n\
                 web     12  y\n";
    assert_eq!(table(35, &listed(), &rows), shown);
    let columns = ["VARIABLE", "REFERENCE", "PATH"].map(Column::left);
    let rows: [&[&str]; 4] = [
        &["A", "db", "/a"],
        &["A_LONG_VARIABLE_NAME", "db", "/a_long_variable_name"],
        &["DB_HOSTNAME", "db", "/db/hostname"],
        &["TOKEN", "token", ""],
    ];
    let shown = "VARIABLE     REFERENCE  PATH\n\
                 A            db         /a\n\
                 A_LONG_VARIABLE_NAME\n\
                 \x20            db\n\
                 \x20 /a_long_variable_name\n\
                 DB_HOSTNAME  db         /db/hostname\n\
                 TOKEN        token\n";
    assert_eq!(table(40, &columns, &rows), shown);
}

#[test]
fn columns_that_do_not_fit_go_on_in_the_next_line() {
    let version = "d41d8cd98f00b204e9800998ecf8427e";
    let rows: [&[&str]; 2] = [
        &["web/prod", "7", version, "current"],
        &["db", "1262", version, ""],
    ];
    let shown = "NAME      SIZE\n  VERSION                           STATE\n\
                 web/prod     7\n  d41d8cd98f00b204e9800998ecf8427e  current\n\
                 db        1262\n  d41d8cd98f00b204e9800998ecf8427e\n";
    assert_eq!(table(45, &listed(), &rows), shown);
    let narrow = table(10, &listed(), &rows);
    assert!(
        narrow.starts_with("NAME\n  SIZE\n  VERSION\n  STATE\nweb/prod\n"),
        "{narrow}"
    );
}

#[test]
fn prose_is_broken_between_words_but_what_is_quoted_stays_whole() {
    let columns = [Column::left("CHECK"), Column::words("DETAIL")];
    let rows: [&[&str]; 1] = [&[
        "bucket",
        "use `a b c d e f g h` with care and with patience",
    ]];
    let shown = "CHECK   DETAIL\n\
                 bucket  use `a b c d e f g h` with\n\
                 \x20       care and with patience\n";
    assert_eq!(table(34, &columns, &rows), shown);
    let rows: [&[&str]; 1] = [&["bucket", "use `a b c d e f g h i j k l m`"]];
    let shown = "CHECK   DETAIL\nbucket  use\n       `a b c d e f g h i j k l m`\n";
    assert_eq!(table(34, &columns, &rows), shown);
    let shown = "CHECK\n  DETAIL\nbucket\n  use\n  `a b c d e f g h i j k l m`\n";
    assert_eq!(table(1, &columns, &rows), shown);
}

#[test]
fn what_is_added_later_stays_below_the_same_columns() {
    let screen = Screen {
        width: Some(80),
        coloured: true,
    };
    let mut table = Table::new(screen, vec![Column::left("A"), Column::left("B")]);
    let cells = |text: &str| vec![Cell::new(text), Cell::new("x").coloured(Colour::Red)];
    table.row(cells("long"));
    let first = "\x1b[1mA\x1b[0m     \x1b[1mB\x1b[0m\nlong  \x1b[31mx\x1b[0m\n";
    assert_eq!(*table.text(), first);
    table.row(cells("s"));
    assert_eq!(*table.text(), "s     \x1b[31mx\x1b[0m\n");
    assert_eq!(*table.text(), "");
}
