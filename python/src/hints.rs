//! The program's options, in Python's words.

/// What a message calls an option, and what Python calls it.
const WORDS: [(&str, &str); 3] = [
    ("--timeout SECONDS", "`timeout=SECONDS`"),
    ("--max-size BYTES", "`max_size=BYTES`"),
    ("--region REGION", "`region=REGION`"),
];

/// A message or a hint for a user of Python.
pub(crate) fn for_python(text: &str) -> String {
    let replaced = |text: String, (program, python): &(&str, &str)| text.replace(program, python);
    WORDS.iter().fold(text.to_owned(), replaced)
}
