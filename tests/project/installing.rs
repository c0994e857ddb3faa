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
    let curl = format!(
        "#!/bin/sh\nset -eu\ntest \"$1\" = -fsSLO\nname=${{2#{address}}}\ntest \"$name\" != \"$2\"\n\
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
    let install = &blocks("Archive")[0];
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
    shell(&sandbox, &format!("set -e\n{}", blocks("Uninstall")[0])).ok();
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
    let run = shell(&sandbox, &blocks("Archive")[0]);
    run.any_stdout().stderr_has("did NOT match").status(1);
    assert!(!prefix(&sandbox).exists());
    let downloads = sandbox.home().join("downloads");
    assert_eq!(
        fs::read_dir(downloads).unwrap().count(),
        2,
        "nothing is unpacked"
    );
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
