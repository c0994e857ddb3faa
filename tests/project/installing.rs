//! `docs/install.md`: the archive is fetched, checked, installed and removed as it says.
//!
//! The release is one of the program under test, in a folder; `curl` is a script that
//! takes its files from there. The other ways need what they install into:
//! `scripts/unpack-check` and `tests/paths` try them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::files::files_below;
use crate::support::{PROGRAM, Run, Sandbox, full};

/// The blocks for a shell below a heading of the page.
#[track_caller]
fn blocks(heading: &str) -> Vec<String> {
    let text = crate::support::console::section("docs/install.md", heading);
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

/// A release in the folder `release`, and a `curl` that knows it.
fn with_release() -> Option<Sandbox> {
    full::tool("xz")?;
    let sandbox = Sandbox::new();
    let machine = sandbox
        .run("-m")
        .program("/bin/uname")
        .any_stdout()
        .ok()
        .text();
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("lazycred-{version}-{}-linux", machine.trim());
    let script = format!(
        "mkdir -p release/{name}/bin && cd release\n\
         strip -o {name}/bin/lazycred '{PROGRAM}' || cp '{PROGRAM}' {name}/bin/lazycred\n\
         XZ_OPT=-0 tar -cJf {name}.tar.xz {name} && rm -r {name}\n\
         echo other >lazycred-{version}.crate\n\
         sha256sum * >../SUMS && mv ../SUMS SHA256SUMS && rm *.crate"
    );
    sandbox.run(["-euc", &script]).program("/bin/sh").ok();
    let address = format!("https://github.com/lazycred/lazycred/releases/download/v{version}/");
    let key = format!(
        "https://raw.githubusercontent.com/lazycred/lazycred/v{version}/packaging/lazycred.pub"
    );
    let curl = format!(
        "#!/bin/sh\nset -eu\ntest \"$1\" = -fsSLO\ncase $2 in\n{key}) name=lazycred.pub ;;\n\
         {address}*) name=${{2#{address}}} ;;\n*) exit 22 ;;\nesac\n\
         cp \"$HOME/release/$name\" .\n"
    );
    sandbox.program("bin/curl", curl);
    Some(sandbox)
}

fn shell(sandbox: &Sandbox, script: &str) -> Run {
    let path = format!("{}:/usr/bin:/bin", sandbox.home().join("bin").display());
    let here = sandbox.home().join("downloads");
    fs::create_dir_all(&here).unwrap();
    let run = sandbox.run(["-c", script]).program("/bin/sh");
    run.cwd(here).env("PATH", path)
}

fn prefix(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".local")
}

#[test]
fn the_archive_is_fetched_checked_installed_and_removed_by_the_commands_of_the_page() {
    let Some(sandbox) = with_release() else {
        return;
    };
    let blocks = [blocks("Archive"), blocks("Uninstall")];
    let [[fetch, _, install], [remove]] = blocks.each_ref().map(Vec::as_slice) else {
        panic!("{blocks:?}");
    };
    let install = &format!("{fetch}{install}");
    shell(&sandbox, install).any_stdout().any_stderr().ok();
    let program = prefix(&sandbox).join("bin/lazycred");
    let version = sandbox.run("--version").program(&program);
    version
        .stdout(format!("lazycred {}\n", env!("CARGO_PKG_VERSION")))
        .ok();
    let files = files_below(&prefix(&sandbox));
    assert!(
        files
            .iter()
            .any(|file| file.ends_with("man/man1/lazycred-exec.1"))
    );
    // What is the reader's own stays.
    sandbox.write(prefix(&sandbox).join("share/lazycred/dev.key"), "");
    shell(&sandbox, install).any_stdout().any_stderr().ok();
    shell(&sandbox, &format!("set -e\n{remove}")).ok();
    let left: Vec<_> = files_below(&prefix(&sandbox));
    assert_eq!(left, [prefix(&sandbox).join("share/lazycred/dev.key")]);
}

#[test]
fn an_archive_that_is_not_the_one_in_the_sums_is_not_unpacked() {
    let Some(sandbox) = with_release() else {
        return;
    };
    let release = sandbox.home().join("release");
    let archive = files_below(&release);
    let archive = archive
        .iter()
        .find(|file| file.extension().is_some_and(|end| end == "xz"));
    let archive = archive.unwrap();
    let mut bytes = fs::read(archive).unwrap();
    bytes.extend(b"x");
    fs::write(archive, bytes).unwrap();
    let blocks = blocks("Archive");
    let run = shell(&sandbox, &blocks[0]);
    run.any_stdout().stderr_has("did NOT match").status(1);
    assert_eq!(downloads(&sandbox), ["SHA256SUMS"]);
    // Whoever does not look and pastes on.
    let run = shell(&sandbox, &format!("{}{}", blocks[0], blocks[2]));
    run.any_stdout().stderr_has("did NOT match").status(2);
    assert!(!prefix(&sandbox).exists());
}

fn downloads(sandbox: &Sandbox) -> Vec<String> {
    let files = files_below(&sandbox.home().join("downloads"));
    let names = files
        .iter()
        .map(|file| file.file_name().unwrap().to_str().unwrap());
    names.map(str::to_owned).collect()
}

#[test]
fn an_archive_whose_sums_another_key_has_signed_is_removed_before_anything_of_it_runs() {
    let (Some(sandbox), Some(_)) = (with_release(), full::tool("minisign")) else {
        return;
    };
    let sign = "cd release\n\
        minisign -G -W -p lazycred.pub -s ../own.key >../log\n\
        minisign -G -W -p ../other.pub -s ../other.key >../log\n\
        minisign -S -s ../$1.key -m SHA256SUMS </dev/null >../log";
    let blocks = blocks("Archive");
    let check = format!("{}{}", blocks[0], blocks[1]);
    for (signer, status) in [("own", 0), ("other", 1)] {
        let run = sandbox.run(["-euc", &sign.replace("$1", signer), "sh"]);
        run.program("/bin/sh").any_stdout().any_stderr().ok();
        shell(&sandbox, &check)
            .any_stdout()
            .any_stderr()
            .status(status);
        let archives = downloads(&sandbox);
        let archives = archives
            .iter()
            .filter(|name| name.ends_with("-linux.tar.xz"));
        assert_eq!(archives.count(), usize::from(status == 0), "{signer}");
        fs::remove_dir_all(sandbox.home().join("downloads")).unwrap();
        for key in ["release/lazycred.pub", "own.key", "other.pub", "other.key"] {
            fs::remove_file(sandbox.home().join(key)).unwrap();
        }
    }
}

/// An interactive zsh has no comments: it takes their words for arguments.
#[test]
fn what_is_pasted_has_no_comments() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = files_below(&root.join("docs"));
    pages.extend(["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root.join(name)));
    let mut seen = 0;
    for page in pages {
        let is_page = page.extension().is_some_and(|end| end == "md");
        let text = if is_page {
            fs::read_to_string(&page).unwrap()
        } else {
            continue;
        };
        for block in text.split("\n```sh\n").skip(1) {
            seen += 1;
            for line in block.split("\n```").next().unwrap().lines() {
                let script = line.starts_with("#!");
                let comment = line.trim_start().starts_with('#') || line.contains(" # ");
                assert!(script || !comment, "{}: {line}", page.display());
            }
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn every_way_of_the_table_has_a_section_and_says_how_it_is_removed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/install.md");
    let text = fs::read_to_string(path).unwrap();
    let mut ways = 0;
    for line in text.lines().filter(|line| line.starts_with("| [")) {
        let anchor = line.split("](#").nth(1).unwrap().split(')').next().unwrap();
        let mut headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        let of = |heading: &str| heading.to_lowercase().replace(',', "").replace(' ', "-");
        assert!(headings.any(|heading| of(heading) == anchor), "{anchor}");
        ways += 1;
    }
    assert!(ways >= 7, "{ways}");
}
