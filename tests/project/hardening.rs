//! What a release's program must be, as the check of releases sees it: each weakness is found where there is one.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::files::rust_files_below;
use crate::support::{PROGRAM, full, temporary};

/// Says what a program is not, a line a weakness.
const CHECK: &str =
    "import sys, elf\nfor words in elf.Program.read(sys.argv[1]).weaknesses(): print(words)";

/// The program header of a kind: where it begins in the file.
fn header(bytes: &[u8], kind: u32) -> usize {
    let number = |at: usize, size: usize| {
        let bytes = bytes[at..at + size].iter().rev();
        bytes.fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let (at, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let mut headers = (0..count).map(|index| at + index * size);
    let found = headers.find(|at| number(*at, 4) == kind as usize);
    found.unwrap_or_else(|| panic!("no header {kind:#x}"))
}

#[test]
fn each_weakness_of_a_program_is_found_and_the_tests_own_has_only_what_releases_change() {
    let Some(python) = full::tool("python3") else {
        return;
    };
    let folder = temporary::folder();
    let file = folder.path().join("program");
    let weaknesses = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/release.d");
        let mut check = Command::new(&python);
        check
            .args(["-B", "-c", CHECK])
            .arg(&file)
            .env("PYTHONPATH", scripts);
        let said = check.output().unwrap();
        let errors = String::from_utf8_lossy(&said.stderr).into_owned();
        assert_eq!(errors, "");
        let said = String::from_utf8(said.stdout).unwrap();
        said.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let program = fs::read(PROGRAM).unwrap();
    let usual = weaknesses(&program);
    assert_eq!(
        usual,
        ["static", "stripped"],
        "it is linked for this machine, with its symbols"
    );
    let (stack, relro) = (0x6474_e551, 0x6474_e552);
    let load = 1;
    for (what, at, byte) in [
        ("position-independent", 16, 2),
        (
            "without relocations that stay writable (full RELRO)",
            header(&program, relro),
            0,
        ),
        (
            "without a stack that can be executed",
            header(&program, stack) + 4,
            7,
        ),
        (
            "without segments that are both written and executed",
            header(&program, load) + 4,
            7,
        ),
    ] {
        let mut weak = program.clone();
        assert_ne!(weak[at], byte, "{what}");
        weak[at] = byte;
        let found = weaknesses(&weak);
        assert!(found.iter().any(|words| words == what), "{what}: {found:?}");
        assert_eq!(found.len(), usual.len() + 1, "{what}: {found:?}");
    }
}

/// How a block begins, in two parts, since this file has none.
const BEGIN: &str = concat!("unsafe", " {");

/// The blocks of a source that begin so: the line of each, and how many it has.
fn unsafe_blocks(text: &str) -> Vec<(usize, usize)> {
    let without = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    let lines: Vec<String> = text.lines().map(without).collect();
    let mut blocks = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(column) = line.find(BEGIN) else {
            continue;
        };
        let mut depth = 0;
        let rest = lines[at..].iter().enumerate().take_while(|(nth, line)| {
            let line = if *nth == 0 { &line[column..] } else { line };
            let ended = *nth > 0 && depth == 0;
            for character in line.chars() {
                depth += i32::from(character == '{') - i32::from(character == '}');
            }
            !ended
        });
        blocks.push((at, rest.count()));
    }
    blocks
}

#[test]
fn at_most_28_unsafe_blocks_on_60_lines_are_in_the_sources_and_each_says_why_it_is_safe() {
    let (mut blocks, mut lines, mut files) = (0, 0, 0);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files_below(&sources) {
        let text = fs::read_to_string(&file).unwrap();
        let found = unsafe_blocks(&text);
        files += usize::from(!found.is_empty());
        for (at, count) in found {
            (blocks, lines) = (blocks + 1, lines + count);
            let before: Vec<&str> = text.lines().take(at + 1).collect();
            let reason = before
                .iter()
                .rev()
                .take(12)
                .any(|line| line.contains("// SAFETY: "));
            assert!(reason, "{}:{} has no `// SAFETY:`", file.display(), at + 1);
        }
    }
    assert!(
        blocks <= 28 && lines <= 60,
        "{blocks} blocks, {lines} lines"
    );
    // Were none found, none would be looked for rightly.
    assert!(
        blocks > 20 && files == 6,
        "{blocks} blocks in {files} files"
    );
    let two = format!("a({BEGIN} b() }});\nlet c = {BEGIN}\n    d()\n}};\n// {BEGIN}\n");
    assert_eq!(unsafe_blocks(&two), [(0, 1), (1, 3)]);
}
