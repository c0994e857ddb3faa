//! Manual pages: one for each command, whole, and as their readers want them.

use std::process::Command;

use crate::support::{Sandbox, full};

/// The pages, each by the command that it is of.
fn pages() -> Vec<(String, String)> {
    let sandbox = Sandbox::new();
    let mut pages = vec![(String::new(), sandbox.run(["man"]).gives().text())];
    for command in sandbox.commands() {
        let page = sandbox.run(["man", command.as_str()]).gives().text();
        pages.push((command, page));
    }
    pages
}

/// The commands that look at no store.
const ALONE: [&str; 5] = ["completions", "man", "install", "cache", "help"];

/// What a page says to somebody who reads it.
fn plain(page: &str) -> String {
    page.replace("\\-", "-")
        .replace("\\fB", "")
        .replace("\\fR", "")
}

#[test]
fn each_command_has_a_page_with_its_options_examples_and_statuses() {
    let sandbox = Sandbox::new();
    for (command, page) in pages() {
        let page = plain(&page);
        let help = format!("{command} --help");
        let help = sandbox.run(help.trim_start()).gives().text();
        let options = help
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with('-'));
        let mut count = 0;
        for option in
            options.flat_map(|line| line.split_whitespace().filter(|word| word.starts_with('-')))
        {
            let option = option.trim_end_matches(['.', ',']);
            assert!(page.contains(option), "{command}: {option}");
            count += 1;
        }
        assert!(count > 4, "{command}");
        let example = help.lines().find(|line| line.starts_with("  $ ")).unwrap();
        let example = example.trim().replace('\'', "\\*(Aq");
        assert!(page.contains(&example), "{command}: {example}");
        assert!(page.contains("\n.SH \"EXIT STATUS\"\n"), "{command}");
        let title = format!("lazycred-{command}")
            .trim_end_matches('-')
            .to_uppercase();
        assert!(page.contains(&format!("\n.TH {title} 1 ")), "{page}");
    }
}

#[test]
fn the_options_that_choose_a_store_are_explained_where_a_command_looks_at_one() {
    for (command, page) in pages() {
        let said = "--config <FILE>\nConfiguration file, instead";
        let page = plain(&page).replace("\\fI", "");
        if ALONE.contains(&&*command) {
            let help = Sandbox::new().run([&command, "--help"]).gives().text();
            for option in ["--config", "--s3-path", "--region", "--timeout", "-e"] {
                let mut lines = page.lines().chain(help.lines()).map(str::trim);
                let is_shown = lines.any(|line| line.starts_with(option));
                assert!(!is_shown, "{command} {option}");
            }
            continue;
        }
        assert!(page.contains(said), "{command}: {page}");
    }
}

#[test]
fn the_main_page_documents_every_environment_variable() {
    let man = Sandbox::new().run(["man"]).gives().text();
    let page = man.replace("\\-", "-");
    for variable in [
        "LAZYCRED_CONFIG",
        "LAZYCRED_S3_PATH",
        "LAZYCRED_KEY_ALIAS",
        "LAZYCRED_SECRETS",
        "LAZYCRED_OPTIONS",
        "LAZYCRED_LOG",
        "LAZYCRED_ALLOW_HTTP",
        "AWS_REGION",
    ] {
        assert!(
            page.contains(&format!("\n\\fB{variable}\\fR\n")),
            "{variable}"
        );
    }
}

/// Has a linter check each page.
#[track_caller]
fn is_accepted(name: &str, args: &[&str]) {
    let sandbox = Sandbox::new();
    let Some(program) = full::tool(name) else {
        return;
    };
    for (command, page) in pages() {
        let file = sandbox.write("page.1", page);
        let mut check = Command::new(&program);
        check.args(args).arg(file).current_dir(sandbox.home());
        check.env_clear().env("PATH", "/usr/bin:/bin");
        let output = check.output().unwrap();
        let said = String::from_utf8_lossy(if name == "groff" {
            &output.stderr
        } else {
            &output.stdout
        });
        // There is no date in it, since it is made when it is asked for.
        let mut wrong = said.lines().filter(|line| !line.contains("missing date"));
        assert_eq!(wrong.next(), None, "{command}");
    }
}

#[test]
fn groff_has_nothing_to_say_of_any_page() {
    is_accepted("groff", &["-man", "-ww", "-Tutf8"]);
}

#[test]
fn mandoc_has_nothing_to_say_of_any_page() {
    is_accepted("mandoc", &["-Tlint", "-W", "warning"]);
}

#[test]
fn help_and_manual_of_lazycred_exec_are_those_of_exec() {
    let sandbox = Sandbox::new();
    for command in ["help", "man"] {
        let exec = sandbox.run([command, "exec"]).gives().text();
        let run = sandbox.run([command, "lazycred-exec"]);
        run.stdout(exec).ok();
    }
}
