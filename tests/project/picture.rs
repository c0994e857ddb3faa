//! `docs/terminal.svg`: drawn again from a real session, it is the same.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::moto::install;
use crate::support::{PROGRAM, Sandbox, full};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Python with what the script draws with, at the version of `scripts/tool`.
fn python() -> Result<String, String> {
    full::refused()?;
    let mut tool = Command::new(Path::new(ROOT).join("scripts/tool"));
    tool.arg("rich")
        .env("LAZYCRED_TOOLS", install::target().join("tools"));
    let output = tool.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().last().unwrap_or_default().to_owned())
}

#[test]
fn the_picture_of_a_terminal_is_the_same_when_it_is_drawn_again() {
    let python = match python() {
        Ok(python) => python,
        Err(reason) => return full::or_skip("rich", &reason),
    };
    let sandbox = Sandbox::new();
    let drawn = sandbox.home().join("terminal.svg");
    let script = format!("{ROOT}/scripts/picture");
    let words = [script.as_str(), PROGRAM, drawn.to_str().unwrap()];
    sandbox.run(words).program(python).ok();
    let committed = Path::new(ROOT).join("docs/terminal.svg");
    if std::env::var_os("LAZYCRED_BLESS").is_some() {
        fs::copy(&drawn, &committed).unwrap();
    }
    let drawn = fs::read_to_string(drawn).unwrap();
    let same = drawn == fs::read_to_string(committed).unwrap();
    assert!(same, "scripts/picture draws another docs/terminal.svg");
}

#[test]
fn the_picture_is_small_has_a_title_and_asks_nobody_for_anything() {
    let text = fs::read_to_string(Path::new(ROOT).join("docs/terminal.svg")).unwrap();
    assert!(text.len() < 30_000, "{} bytes", text.len());
    assert!(text.contains("<title id=\"t-title\">"));
    for wrong in ["@font-face", "<!--", "url(http", "href", "<script", "/tmp"] {
        assert!(!text.contains(wrong), "{wrong}");
    }
    let addresses = text.matches("http").count();
    assert_eq!(addresses, 1, "the name of SVG itself");
}
