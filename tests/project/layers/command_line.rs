//! The command line's imports: the library as anybody has it, and no other command.

use super::sources;

#[test]
fn the_command_line_imports_only_what_the_library_offers_everybody() {
    let all = sources();
    let public = &all
        .iter()
        .find(|source| source.file == "lib.rs")
        .unwrap()
        .public;
    assert!(public.len() > 20, "{public:?}");
    for source in all.iter().filter(|source| source.file.starts_with("cli/")) {
        for path in source.shipped.iter().filter(|path| path[0] != "cli") {
            let is_public = public.contains(&path[0]);
            assert!(is_public, "{} imports {}", source.file, path.join("::"));
        }
    }
}

#[test]
fn a_command_imports_no_other_command_and_nothing_of_the_dispatcher() {
    let all = sources();
    let is_module = |path: &[String]| all.iter().any(|source| source.module == path);
    let mut looked_at = 0;
    for source in &all {
        let [_, _, own, ..] = &source.module[..] else {
            continue;
        };
        if !source.file.starts_with("cli/commands/") {
            continue;
        }
        // `pub(in crate::cli)` is no import.
        for path in source.imports.iter().filter(|path| path.len() > 1) {
            let allowed = match &path[..] {
                [layer, commands, other, ..] if layer == "cli" && commands == "commands" => {
                    other == own
                }
                [layer, ..] if layer == "cli" => is_module(&path[..2]) && path[1] != "commands",
                _ => true,
            };
            assert!(allowed, "{} imports {}", source.file, path.join("::"));
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}
