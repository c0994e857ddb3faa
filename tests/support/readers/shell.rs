//! Shells, each in its own way of being one.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Answer, How, Pairs, Reader, nul_pairs};
use crate::support::full;
use crate::support::moto::install::{self, Outcome};

/// How a shell takes a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// `eval "$(cat FILE)"`.
    Evaluated,
    /// `set -a; . FILE`.
    Sourced,
}

/// A shell by its command line, which has it read no file of the user's.
#[derive(Debug)]
pub(super) struct Shell {
    command: &'static [&'static str],
    locale: &'static str,
    way: Way,
}

const NONE: &str = "C";
const UTF_8: &str = "C.UTF-8";

/// What they are called, how they are started, and what they take text for.
const SHELLS: [(&str, &[&str], &str); 7] = [
    ("dash", &["dash"], NONE),
    ("bash", &["bash", "--norc"], NONE),
    ("zsh", &["zsh", "-f"], NONE),
    ("ksh93", &["ksh93"], NONE),
    ("mksh", &["mksh"], NONE),
    ("busybox", &["busybox", "sh"], NONE),
    ("yash", &["yash", "--norcfile"], UTF_8),
];

/// The same ones in other ways of theirs, in which they quote alike but do
/// other things to some names.
const MODES: [(&str, &[&str], &str); 9] = [
    ("sh", &["sh"], NONE),
    ("bash of UTF-8", &["bash", "--norc"], UTF_8),
    ("bash --posix", &["bash", "--norc", "--posix"], NONE),
    ("zsh of UTF-8", &["zsh", "-f"], UTF_8),
    ("zsh as sh", &["zsh", "--emulate", "sh", "-f"], NONE),
    ("zsh as ksh", &["zsh", "--emulate", "ksh", "-f"], NONE),
    ("ksh93 of UTF-8", &["ksh93"], UTF_8),
    ("mksh of UTF-8", &["mksh", "-o", "utf8-mode"], UTF_8),
    ("yash --posix", &["yash", "--norcfile", "--posix"], UTF_8),
];

/// Each text is read by a process of its own that the one shell forks. All that
/// it may run is `env`, `cat` and `echo`, which yash looks for. No text can change
/// what is put for `FOLDER` and `WAY`. The arguments are the texts' names.
const DRIVER: &str = r#"
for at; do
  (
    cd 'FOLDER/work'
    case WAY in
      Evaluated) eval "$(cat 'FOLDER/in/'$at)" ;;
      Sourced) set -a; . 'FOLDER/in/'$at ;;
    esac && exec 'FOLDER/bin/env' -0
  ) >'FOLDER/out/'$at 2>'FOLDER/said/'$at </dev/null
  echo $? >'FOLDER/status/'$at
done
"#;

/// Those that are here; the others are named.
pub(super) fn all(way: Way) -> Vec<Reader> {
    let modes = match way {
        Way::Evaluated => &MODES[..],
        Way::Sourced => &[],
    };
    let here =
        |&(name, command, locale): &(&'static str, &'static [&'static str], &'static str)| {
            let tried = install::clean(Path::new(command[0]))
                .args(&command[1..])
                .args(["-c", "exit 7"])
                .output();
            if tried.is_ok_and(|output| output.status.code() == Some(7)) {
                let shell = Shell {
                    command,
                    locale,
                    way,
                };
                return Some(Reader::new(name, How::Shell(shell)));
            }
            full::or_skip(command[0], "it is not on this machine");
            None
        };
    let all = SHELLS.iter().chain(modes).filter_map(here);
    // yash reads characters, and stops at what is none.
    let all = all.map(|mut reader| {
        reader.takes_bytes = !reader.name.starts_with("yash");
        reader
    });
    all.collect()
}

/// What a shell has in its environment after each text, less what it has after none.
pub(super) fn read_all(shell: &Shell, texts: &[Vec<u8>]) -> Outcome<Vec<Answer>> {
    let folder = crate::support::temporary::folder();
    let root = folder.path().canonicalize()?;
    for name in ["in", "out", "said", "status", "work", "bin"] {
        fs::create_dir(root.join(name))?;
    }
    for tool in ["env", "cat", "echo"] {
        symlink(
            Path::new("/usr/bin").join(tool),
            root.join("bin").join(tool),
        )?;
    }
    let all = [&[Vec::new()], texts].concat();
    for (at, text) in all.iter().enumerate() {
        fs::write(root.join(format!("in/{at}")), text)?;
    }
    let find = std::env::var_os("PATH").unwrap_or_default();
    let (name, args) = shell.command.split_first().ok_or("no command")?;
    let mut programs = std::env::split_paths(&find).map(|folder| folder.join(name));
    let program = programs.find(|file| file.is_file());
    let mut command = install::clean(&program.ok_or("it is not on PATH")?);
    let driver = DRIVER.replace("FOLDER", root.to_str().ok_or("no UTF-8")?);
    let driver = driver.replace("WAY", &format!("{:?}", shell.way));
    command.args(args).args(["-c", &driver, "driver"]);
    command.args((0..all.len()).map(|at| at.to_string()));
    command
        .env("PATH", root.join("bin"))
        .env("LC_ALL", shell.locale);
    let output = command.output()?;
    if !output.status.success() || !output.stderr.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {said}", output.status).into());
    }
    let mut answers = (0..all.len()).map(|at| read(&root, at));
    let first = answers.next().ok_or("no answer")??;
    let before: BTreeSet<_> = first?.into_iter().collect();
    let less = |pairs: Pairs| {
        let new = pairs.into_iter().filter(|pair| !before.contains(pair));
        // The last word of the last command, and a note of ksh93 for its own children.
        let theirs = |name: &[u8]| name == b"_" || name == b"_AST_FEATURES";
        new.filter(|(name, _)| !theirs(name)).collect()
    };
    answers.map(|answer| Ok(answer?.map(less))).collect()
}

fn read(root: &Path, at: usize) -> Outcome<Answer> {
    let of = |name: &str| fs::read(root.join(format!("{name}/{at}")));
    let (status, said) = (of("status")?, of("said")?);
    if status == b"0\n" && said.is_empty() {
        return Ok(Ok(nul_pairs(&of("out")?)));
    }
    let status = String::from_utf8_lossy(&status).trim().to_owned();
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok(Err(format!("status {status}: {said}")))
}
