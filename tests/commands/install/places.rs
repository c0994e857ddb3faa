//! What is installed where, and what it replaces.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::{DONE, is_installed, names};
use crate::support::{PROGRAM, Sandbox};

#[test]
fn the_program_and_its_link_are_installed_and_run() {
    let sandbox = Sandbox::new();
    sandbox.run("install out").stderr(DONE).ok();
    is_installed(&sandbox.home().join("out"));
    let version = format!("lazycred {}\n", env!("CARGO_PKG_VERSION"));
    let installed = sandbox.run("--version").program("out/lazycred");
    installed.stdout(version).ok();
    let sandbox = Sandbox::local();
    sandbox.put("greeting", "hello");
    sandbox.run("install out").stderr(DONE).ok();
    let exec = sandbox.run("printenv GREETING");
    let exec = exec.program("out/lazycred-exec").arg0("out/lazycred-exec");
    let exec = exec.env("LAZYCRED_SECRETS", "greeting");
    exec.stdout("hello\n").ok();
}

#[test]
fn everybody_may_run_it_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let sandbox = Sandbox::new();
        let install = sandbox.run("install a/out --quiet");
        install.after(&format!("umask {umask}")).ok();
        is_installed(&sandbox.home().join("a/out"));
        for folder in ["a", "a/out"] {
            let about = sandbox.home().join(folder).metadata().unwrap();
            assert_eq!(about.mode() & 0o777, 0o755, "{umask} {folder}");
        }
    }
}

#[test]
fn it_needs_no_variables_and_reads_no_configuration() {
    let sandbox = Sandbox::new();
    sandbox.write(".lazycred", "broken");
    let install = sandbox.run(["-i", PROGRAM, "install", "out"]);
    install.program("/usr/bin/env").stderr(DONE).ok();
    sandbox.run("install out -e nope").stderr(DONE).ok();
    is_installed(&sandbox.home().join("out"));
}

#[test]
fn a_prefix_has_the_program_and_all_that_is_read_and_asked() {
    let sandbox = Sandbox::new();
    let prefix = sandbox.home().join("usr/local");
    let said = format!(
        "installed lazycred, its manual pages and completions below usr/local\n\
         next: `export PATH={}:\"$PATH\"` lets this shell find it; the same line in ~/.profile, each new one\n",
        prefix.join("bin").display()
    );
    sandbox.run("install --prefix usr/local").stderr(said).ok();
    is_installed(&prefix.join("bin"));
    let mut expected = vec!["bin/lazycred".to_owned(), "bin/lazycred-exec".to_owned()];
    let mut is_printed = |file: &str, args: &[&str]| {
        let printed = sandbox.run(args).gives().stdout;
        let path = prefix.join(file);
        assert!(fs::read(&path).unwrap() == printed, "{file}");
        assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o644, "{file}");
        expected.push(file.to_owned());
    };
    is_printed("share/man/man1/lazycred.1", &["man"]);
    for command in sandbox.commands() {
        let page = format!("share/man/man1/lazycred-{command}.1");
        is_printed(&page, &["man", &command]);
    }
    for (shell, file) in [
        ("bash", "share/bash-completion/completions/lazycred"),
        ("zsh", "share/zsh/site-functions/_lazycred"),
        ("fish", "share/fish/vendor_completions.d/lazycred.fish"),
    ] {
        is_printed(file, &["completions", shell]);
    }
    expected.sort();
    let found = sandbox.files();
    let found = found
        .iter()
        .filter_map(|file| file.strip_prefix("usr/local/"));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn files_and_links_are_replaced_and_never_followed() {
    for target in [None, Some("../precious"), Some("nowhere"), Some("/")] {
        let sandbox = Sandbox::new();
        let out = sandbox.write("out/lazycred", "old");
        let out = out.parent().unwrap();
        sandbox.write("out/lazycred-exec", "old");
        sandbox.write("precious", "precious");
        for name in ["lazycred", "lazycred-exec"] {
            let path = out.join(name);
            match target {
                None => fs::hard_link(&path, sandbox.home().join(format!("other-{name}"))).unwrap(),
                Some(target) => {
                    fs::remove_file(&path).unwrap();
                    symlink(target, path).unwrap();
                }
            }
        }
        sandbox.run("install out").stderr(DONE).ok();
        is_installed(out);
        assert_eq!(sandbox.read("precious").unwrap(), b"precious");
        if target.is_none() {
            assert_eq!(sandbox.read("other-lazycred").unwrap(), b"old");
            assert_eq!(sandbox.read("other-lazycred-exec").unwrap(), b"old");
        }
    }
}

#[test]
fn a_running_program_is_replaced_and_runs_on() {
    let sandbox = Sandbox::new();
    let out = sandbox.home().join("out");
    sandbox.run("install out --quiet").ok();
    fs::remove_file(out.join("lazycred")).unwrap();
    fs::copy("/bin/sleep", out.join("lazycred")).unwrap();
    let mut running = sandbox.run("60").program("out/lazycred").spawn();
    sandbox.run("install out").stderr(DONE).ok();
    is_installed(&out);
    assert!(running.is_running());
}

#[test]
fn what_runs_is_installed_even_if_its_own_file_is_gone() {
    let sandbox = Sandbox::new();
    let script = format!(
        "cp '{PROGRAM}' mine && exec 3<mine && rm mine && echo other >mine && \
         /proc/self/fd/3 install out"
    );
    sandbox.shell(&script).stderr(DONE).ok();
    is_installed(&sandbox.home().join("out"));
}

#[test]
fn a_program_that_is_there_already_is_not_harmed() {
    let sandbox = Sandbox::new();
    sandbox.run("install out --quiet").ok();
    for program in ["out/lazycred", "out/lazycred", "link/lazycred"] {
        symlink("out", sandbox.home().join("link")).ok();
        let again = sandbox.run("install link").program(program);
        let said = "installed lazycred and lazycred-exec in link\n";
        again.stderr(said).ok();
        is_installed(&sandbox.home().join("out"));
    }
}

#[test]
fn what_is_no_file_is_in_the_way_and_nothing_changes() {
    let hint = "lazycred: hint: move it away, or install elsewhere\n";
    for name in ["lazycred", "lazycred-exec"] {
        for (what, is_folder) in [("a folder", true), ("not a regular file", false)] {
            let sandbox = Sandbox::new();
            let out = sandbox.home().join("out");
            fs::create_dir(&out).unwrap();
            if is_folder {
                fs::create_dir(out.join(name)).unwrap();
            } else {
                mkfifo(&out.join(name), Mode::S_IRWXU).unwrap();
            }
            let error = format!("`out/{name}` is {what}, which is not replaced");
            let said = format!("lazycred: error: {error}\n{hint}");
            sandbox.run("install out").stderr(said).status(2);
            assert_eq!(names(&out), [name]);
        }
    }
    let sandbox = Sandbox::new();
    let there = sandbox.home().join("usr/bin/lazycred");
    fs::create_dir_all(&there).unwrap();
    let install = sandbox.run("install --prefix usr");
    install
        .stderr_has("`usr/bin/lazycred` is a folder")
        .status(2);
    assert_eq!(names(&sandbox.home().join("usr")), ["bin"]);
}

#[test]
fn a_folder_of_any_name_is_made_and_named_on_one_line() {
    let cases: [(&[u8], &str); 6] = [
        (b"a b/c  d", "a b/c  d"),
        (b"./x/../y", "./x/../y"),
        (b"z/", "z/"),
        (b"caf\xc3\xa9", "café"),
        (b"n\xff", "n\u{fffd}"),
        (b"l\ne\x1b[31m", "l\\ne\\u{1b}[31m"),
    ];
    let sandbox = Sandbox::new();
    for (folder, shown) in cases {
        let folder = OsStr::from_bytes(folder);
        let run = sandbox.run([OsStr::new("install"), folder]);
        let said = format!("installed lazycred and lazycred-exec in {shown}\n");
        run.stderr(said).ok();
        is_installed(&sandbox.home().join(folder));
    }
    let absolute = sandbox.home().join("deep/er/folder");
    sandbox
        .run(["install".as_ref(), absolute.as_os_str()])
        .any_stderr()
        .ok();
    is_installed(&absolute);
    sandbox.run("install .").any_stderr().ok();
    assert!(sandbox.read("lazycred") == fs::read(PROGRAM).ok());
}

#[test]
fn a_dir_that_is_none_is_refused_with_what_dir_is() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "mine");
    symlink("nowhere", sandbox.home().join("dangling")).unwrap();
    for (args, status, error) in [
        (&["install", "file"][..], 2, "`file` is not a folder"),
        (&["install", "file/"], 2, "`file/` is not a folder"),
        (&["install", "file/in"], 2, "`file` is not a folder"),
        (&["install", ""], 2, "`DIR` needs a value"),
        (&["install", "--prefix", ""], 2, "`--prefix` needs DIR"),
        (&["install", "--prefix="], 2, "`--prefix` needs DIR"),
        (
            &["install", "dangling"],
            1,
            "cannot open the folder `dangling`: ",
        ),
        (&["install"], 2, "DIR"),
        (&["install", "a", "b"], 2, "unexpected extra argument: `b`"),
        (&["install", "a", "--prefix", "b"], 2, "--prefix"),
        (
            &["install", "--prefix", "a", "--prefix", "b"],
            2,
            "--prefix",
        ),
    ] {
        let outcome = sandbox.run(args).stderr_has(error).status(status);
        let lines = outcome.stderr.lines().count();
        assert!(lines <= 2, "{args:?}: {outcome}");
    }
    assert_eq!(sandbox.read("file").unwrap(), b"mine");
    assert_eq!(names(sandbox.home()), ["dangling", "file"]);
    let made = sandbox.run("install /proc/nope/bin");
    made.stderr_has("cannot make the folder `/proc/nope`: ")
        .status(1);
}
