//! What `install` says where it cannot do what was meant, and what comes next.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{DONE, is_installed, names};
use crate::support::{PROGRAM, Sandbox, full};

#[test]
fn a_folder_that_no_shell_has_expanded_is_refused_and_not_made() {
    let sandbox = Sandbox::new();
    for (given, sign) in [
        ("~/bin", '~'),
        ("~", '~'),
        ("~me/bin", '~'),
        ("$HOME/bin", '$'),
        ("${HOME}", '$'),
        ("bin/$USER", '$'),
    ] {
        let told = format!(
            "lazycred: error: `{given}` has a `{sign}`, which no shell has expanded\n\
             lazycred: hint: write out the whole path; `./{given}` means the folder of that name\n"
        );
        for args in [&["install", given][..], &["install", "--prefix", given]] {
            sandbox.run(args).stderr(&told).status(2);
        }
        let joined = format!("--prefix={given}");
        sandbox.run(["install", &joined]).stderr(&told).status(2);
    }
    let absolute = sandbox.run(["install", "/nowhere/$USER/bin"]);
    let hint = "lazycred: hint: write out the whole path\n";
    absolute.stderr_has(hint).status(2);
    assert_eq!(names(sandbox.home()), [""; 0]);
    for given in ["./~/bin", "./$HOME", "a~b"] {
        sandbox.run(["install", given, "--quiet"]).ok();
        is_installed(&sandbox.home().join(given));
    }
}

#[test]
fn a_prefix_that_is_not_on_path_is_followed_by_the_command_that_puts_it_there() {
    let sandbox = Sandbox::new();
    for prefix in ["usr", "a $b 'c", "q\"`id`"] {
        let given = format!("./{prefix}");
        let install = || sandbox.run(["install", "--prefix", &given]);
        let outcome = install().any_stderr().ok();
        let (_, next) = outcome.stderr.split_once("\nnext: `").unwrap();
        let command = next.split("` lets this shell find it").next().unwrap();
        let script = format!("{command}; lazycred --version; command -v lazycred-exec");
        let bin = sandbox.home().join(prefix).join("bin");
        let version = env!("CARGO_PKG_VERSION");
        let link = bin.join("lazycred-exec");
        let found = format!("lazycred {version}\n{}\n", link.display());
        sandbox.shell(&script).stdout(found).ok();
        let quiet = ["install", "--quiet", "--prefix", &given];
        sandbox.run(quiet).ok();
        // Where it is on PATH already, under any name, nothing is left to do.
        let said =
            format!("installed lazycred, its manual pages and completions below ./{prefix}\n");
        let link = sandbox.home().join("link");
        symlink(&bin, &link).unwrap();
        for folder in [&bin, &link] {
            let path = format!("/nowhere::{}:/bin", folder.display());
            install().env("PATH", path).stderr(&said).ok();
        }
        fs::remove_file(link).unwrap();
    }
    // Into a volume, from which no shell runs it.
    sandbox.run("install out").stderr(DONE).ok();
}

#[test]
fn who_may_not_write_there_is_told_what_to_do() {
    const NOBODY: &str = "65534";
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.home().join("theirs")).unwrap();
    for folder in sandbox.home().ancestors().take(2) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    if !nix::unistd::geteuid().is_root() {
        return full::skip("install as nobody", "only root becomes another user");
    }
    let Some(setpriv) = full::tool("setpriv") else {
        return;
    };
    let as_nobody = |words: &[&str]| {
        let id = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"];
        let args = [&id[..], &[PROGRAM], words].concat();
        sandbox.run(args).program(&setpriv)
    };
    if as_nobody(&["--version"]).outcome().status != 0 {
        return full::skip("install as nobody", "nobody may come to this folder");
    }
    for (args, what) in [
        (
            &["install", "theirs"][..],
            "cannot install `theirs/lazycred`",
        ),
        (&["install", "new/bin"], "cannot make the folder `new`"),
        (
            &["install", "--prefix", "theirs"],
            "cannot make the folder `theirs/share`",
        ),
    ] {
        let told = format!(
            "lazycred: error: {what}: Permission denied\n\
             lazycred: hint: install as root, or `lazycred install --prefix ~/.local`; in a container, which runs as user {NOBODY}, `user: \"0\"` installs as root, or let that user write to the volume\n"
        );
        as_nobody(args).stderr(told).status(1);
    }
    // Root without its capabilities.
    fs::set_permissions(
        sandbox.home().join("theirs"),
        fs::Permissions::from_mode(0o555),
    )
    .unwrap();
    let args = ["--bounding-set=-all", PROGRAM, "install", "theirs"];
    let run = sandbox.run(args).program(&setpriv);
    run.stderr_has("hint: not even root may write there")
        .status(1);
}

#[test]
fn without_a_folder_both_ways_are_shown() {
    let told = "lazycred: error: `lazycred install` needs DIR\n\
         lazycred: hint: usage: lazycred install DIR, or lazycred install --prefix DIR\n";
    Sandbox::new().run("install").stderr(told).status(2);
}

#[test]
fn a_file_on_the_way_is_named_itself() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "mine");
    sandbox.write("folder/file", "mine");
    symlink("file", sandbox.home().join("link")).unwrap();
    for (args, named) in [
        ("install --prefix file", "file"),
        ("install --prefix file/", "file"),
        ("install file/in/it", "file"),
        ("install --prefix folder/file/in", "folder/file"),
        ("install link/in", "link"),
    ] {
        let told = format!("lazycred: error: `{named}` is not a folder\n");
        let outcome = sandbox.run(args).stderr_has(&told).status(2);
        assert_eq!(outcome.stderr.lines().count(), 2, "{outcome}");
    }
}

#[test]
fn its_removal_is_answered_with_the_files_that_it_installs() {
    let sandbox = Sandbox::new();
    sandbox.run("install --prefix usr --quiet").ok();
    for word in ["uninstall", "self-uninstall", "Uninstall"] {
        let outcome = sandbox.run([word, "x"]).fails(2);
        let (_, told) = outcome
            .stderr
            .split_once("lazycred: hint: remove the files: ")
            .unwrap();
        assert!(!told.trim_end().contains('\n'), "{told}");
        for file in sandbox.files() {
            let below = file.strip_prefix("usr/").unwrap();
            let (folder, name) = below.rsplit_once('/').unwrap();
            let is_page = name.starts_with("lazycred-") && folder.ends_with("man1");
            let name = if is_page { "lazycred-*.1" } else { name };
            let short = format!("{folder}/{name}");
            let short = short
                .trim_start_matches("bin/")
                .trim_start_matches("share/");
            assert!(told.contains(short), "{short}: {told}");
        }
    }
}
