//! Static programs: lazycred itself, and a probe that shows what it is given.
//!
//! They are built on first use, lazycred by the same cargo as the tests, with
//! nothing fetched. Knows no container.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use super::CONTAINER;
use crate::support::{full, progress};

/// Two programs that need no other file.
pub struct Binaries {
    pub lazycred: PathBuf,
    pub probe: PathBuf,
}

/// The ones of this test process, or `None` after [`full::or_skip`]: they are a
/// second build of everything.
#[track_caller]
pub fn binaries() -> Option<&'static Binaries> {
    static BUILT: OnceLock<Result<Binaries, String>> = OnceLock::new();
    full::once(&BUILT, CONTAINER, || {
        full::only()?;
        let _doing = progress::doing("building the static program");
        build()
    })
}

/// A folder under the target folder; what is made there can be linked there.
pub fn folder() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap_or(tmp).join("static")
}

fn build() -> Result<Binaries, String> {
    let cargo = Path::new(env!("CARGO"));
    let beside = cargo.with_file_name("rustc");
    let rustc = if beside.exists() {
        beside
    } else {
        "rustc".into()
    };
    let about = run(clean(&rustc).arg("-vV"))?;
    let about = String::from_utf8_lossy(&about.stdout).into_owned();
    let target = about.lines().find_map(|line| line.strip_prefix("host: "));
    let target = target.ok_or("rustc does not name its host")?;

    let mut build = clean(cargo);
    build.args(["build", "--quiet", "--locked", "--offline"]);
    build.args(["--bin", "lazycred", "--target", target]);
    build.arg("--target-dir").arg(folder());
    build.env("RUSTFLAGS", "-C target-feature=+crt-static");
    // Copied into images: a tenth of the size, and built in less time.
    build.envs([
        ("CARGO_INCREMENTAL", "0"),
        ("CARGO_PROFILE_DEV_DEBUG", "false"),
        ("CARGO_PROFILE_DEV_STRIP", "true"),
    ]);
    run(&mut build)?;

    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/containers");
    let probe = folder().join("probe");
    let new = folder().join(format!("probe.{}", std::process::id()));
    let mut build = clean(&rustc);
    build.args(["--edition", "2024", "--target", target]);
    build.args(["-C", "target-feature=+crt-static", "-C", "strip=symbols"]);
    build.arg("-o").arg(&new).arg(sources.join("probe.rs"));
    run(&mut build)?;
    std::fs::rename(&new, &probe).map_err(|error| error.to_string())?;
    Ok(Binaries {
        lazycred: folder().join(target).join("debug/lazycred"),
        probe,
    })
}

/// A tool without what cargo and the caller tell about another build.
fn clean(tool: &Path) -> Command {
    let mut command = Command::new(tool);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_") && text != "CARGO_HOME" || text.starts_with("RUSTC_") {
            command.env_remove(&name);
        }
    }
    command.env_remove("RUSTFLAGS");
    command
}

fn run(command: &mut Command) -> Result<Output, String> {
    let tool = command.get_program().display().to_string();
    let output = command.output();
    let output = output.map_err(|error| format!("{tool}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let error = said.lines().find(|line| line.starts_with("error"));
    Err(format!(
        "{tool}: {}: {}",
        output.status,
        error.unwrap_or_default()
    ))
}
