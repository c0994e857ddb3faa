//! Puts packages of Python and npm, and programs of Go, under the target folder, once.
//!
//! Knows where interpreters are, how two test processes keep out of each
//! other's way, and what a child process may see of our environment. It
//! refuses to know what is installed. What stands under a final name is whole.

use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::progress;

/// Why something is not there is told, never acted on.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The longest that one step of an installation may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// How packages are reached: all that pip, npm and Go may see of our environment.
const OF_THE_USER: &str = "\
    GOINSECURE GONOPROXY GONOSUMDB GOPRIVATE GOPROXY GOSUMDB GOTOOLCHAIN HTTPS_PROXY \
    HTTP_PROXY NODE_EXTRA_CA_CERTS NO_PROXY PIP_CERT PIP_CLIENT_CERT PIP_DEFAULT_TIMEOUT \
    PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_INDEX_URL PIP_PROXY PIP_TRUSTED_HOST \
    REQUESTS_CA_BUNDLE SSL_CERT_DIR SSL_CERT_FILE https_proxy http_proxy no_proxy \
    npm_config_cafile npm_config_https_proxy npm_config_proxy npm_config_registry";

/// Where our Python sources are.
pub fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/python")
}

/// The target folder.
pub fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap_or(tmp).to_owned()
}

/// A folder under the target folder, and what runs: the program in it, or the
/// interpreter of what is in it.
#[derive(Debug)]
pub struct Installed {
    pub folder: PathBuf,
    pub program: PathBuf,
}

/// Runs `build` on an empty folder, unless that was done before for this recipe.
///
/// `build` gives the path of what runs, absolute or in the folder. While it
/// works the folder has another name, and other test processes wait.
pub fn once(
    label: &str,
    recipe: &str,
    build: impl FnOnce(&Path) -> Outcome<PathBuf>,
) -> Outcome<Installed> {
    let folder = folder(label, recipe);
    if let Some(installed) = complete(&folder) {
        return Ok(installed);
    }
    let lock = File::create(folder.with_extension("lock"))?;
    lock.lock()?;
    if let Some(installed) = complete(&folder) {
        return Ok(installed);
    }
    let partial = folder.with_extension("partial");
    for leftover in [&folder, &partial] {
        if leftover.exists() {
            fs::remove_dir_all(leftover)?;
        }
    }
    fs::create_dir_all(&partial)?;
    let doing = progress::doing(format!("installing {label} under {}", target().display()));
    let outcome = build(&partial);
    drop(doing);
    if outcome.is_err() {
        fs::remove_dir_all(&partial)?;
    }
    let program = outcome?;
    let marker = program.as_os_str().as_encoded_bytes();
    fs::write(partial.join("complete"), marker)?;
    fs::rename(&partial, &folder)?;
    complete(&folder).ok_or_else(|| format!("nothing to run at {}", program.display()).into())
}

/// Whether [`once`] has nothing to do.
pub fn is_there(label: &str, recipe: &str) -> bool {
    complete(&folder(label, recipe)).is_some()
}

fn folder(label: &str, recipe: &str) -> PathBuf {
    target().join(format!("{label}-{:016x}", fnv1a(recipe)))
}

/// The marker names the program, which may have been removed since.
fn complete(folder: &Path) -> Option<Installed> {
    let program = folder.join(fs::read_to_string(folder.join("complete")).ok()?);
    program.exists().then(|| Installed {
        folder: folder.to_owned(),
        program,
    })
}

/// The first interpreter that runs `probe` with status 0.
///
/// Tried are `$PYTHON`, then each version among pyenv's and as `pythonX.Y` on
/// PATH, then `python3`.
pub fn python(versions: &[&str], probe: &str) -> Outcome<PathBuf> {
    let chosen = std::env::var_os("PYTHON").filter(|path| !path.is_empty());
    let mut candidates: Vec<_> = chosen.map(PathBuf::from).into_iter().collect();
    for version in versions {
        candidates.extend(of_pyenv(version));
        candidates.push(format!("python{version}").into());
    }
    candidates.push("python3".into());
    let runs = |candidate: &PathBuf| {
        let output = clean(candidate).args(["-c", probe]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let found = candidates.into_iter().find(runs);
    found.ok_or_else(|| format!("no Python {} that can install", versions.join(", ")).into())
}

fn of_pyenv(version: &str) -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let versions = root.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let entries = versions.into_iter().flatten().flatten();
    let starts = format!("{version}.");
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&starts))
        .map(|entry| entry.path().join("bin/python"))
        .collect()
}

/// Makes a virtual environment in `folder`, and gives its interpreter.
pub fn virtual_environment(python: &Path, folder: &Path) -> Outcome<PathBuf> {
    finish(clean(python).args(["-m", "venv"]).arg(folder), folder)?;
    Ok(folder.join("bin/python"))
}

/// `pip install`, with pip's own settings from our environment.
pub fn pip(python: &Path, folder: &Path, arguments: &[&str]) -> Outcome<()> {
    let mut command = clean(python);
    command.args("-m pip install --quiet --no-input --retries 2".split(' '));
    command.args(arguments);
    finish(command.envs(of_the_user()), folder)
}

/// `npm install` of packages, none of which runs anything.
pub fn npm(folder: &Path, packages: &[&str]) -> Outcome<()> {
    fs::write(folder.join("package.json"), "{}")?;
    let mut command = clean(Path::new("npm"));
    command.args(["install", "--ignore-scripts", "--no-audit", "--no-fund"]);
    command.args(packages).current_dir(folder);
    finish(command.envs(of_the_user()), folder)
}

/// `go install`; the program lies in `folder`, and all that Go keeps in [`clean`]'s home.
pub fn go(folder: &Path, package: &str) -> Outcome<()> {
    let arguments = ["install", "-trimpath", "-ldflags=-s -w", package];
    go_with(folder, &arguments)
}

/// `go build` of a module that lies in `folder`, where the program lies too.
pub fn go_build(folder: &Path, program: &str) -> Outcome<()> {
    let arguments = ["build", "-trimpath", "-ldflags=-s -w", "-o", program, "."];
    go_with(folder, &arguments)
}

fn go_with(folder: &Path, arguments: &[&str]) -> Outcome<()> {
    let mut command = clean(Path::new("go"));
    command.args(arguments);
    command.envs(of_the_user());
    // What it fetches can be removed, as all that is under the target folder.
    command.env("GOFLAGS", "-modcacherw");
    finish(command.env("GOBIN", folder).current_dir(folder), folder)
}

fn of_the_user() -> Vec<(OsString, OsString)> {
    let wanted = |name: &OsString| OF_THE_USER.split(' ').any(|wanted| name == wanted);
    let all = std::env::vars_os();
    all.filter(|(name, _)| wanted(name)).collect()
}

/// A command that sees nothing of our environment but PATH, and has a home of its own.
pub fn clean(program: &Path) -> Command {
    let home = target().join("test-python-home");
    fs::create_dir_all(&home).expect("the target folder can be written");
    let mut command = Command::new(program);
    command.env_clear().env("HOME", &home).stdin(Stdio::null());
    command.env("TMPDIR", home);
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

/// Waits for one step, and gives the last line that it complained with.
pub fn finish(command: &mut Command, folder: &Path) -> Outcome<()> {
    let log = folder.join("install.log");
    let file = File::create(&log)?;
    command.stdout(Stdio::null()).stderr(file);
    let mut child = command.spawn()?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                let said = fs::read_to_string(&log).unwrap_or_default();
                let last = said.lines().rfind(|line| !line.trim().is_empty());
                return Err(format!("installing: {status}: {}", last.unwrap_or_default()).into());
            }
            None if Instant::now() > deadline => {
                child.kill()?;
                child.wait()?;
                return Err("installing takes too long".into());
            }
            None => sleep(Duration::from_millis(20)),
        }
    }
}

/// A hash that is the same for every build of the tests.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
