//! `put`: conflicts, limits and missing wrapping keys.

use crate::support::Sandbox;

#[test]
fn a_write_that_somebody_was_faster_with_is_a_conflict() {
    let sandbox = Sandbox::local();
    let put = sandbox.run(["put", "s", "--if-absent"]).stdin("one");
    put.stderr("saved s\n").ok();
    let refused = sandbox.run("put s --if-absent").stdin("two").fails(6);
    let said = "it already exists\nlazycred: hint: without --if-absent, `put` replaces it\n";
    assert!(refused.stderr.ends_with(said), "{refused}");
    let other = sandbox.run("put s --if-version 0123").stdin("two").fails(6);
    let said = "`, not `0123`\nlazycred: hint: `lazycred history s` shows its versions\n";
    assert!(other.stderr.ends_with(said), "{other}");
    sandbox.run("put s --if-version null").stdin("two").fails(2);
    sandbox.run("get s").stdout("one").ok();
}

#[test]
fn a_secret_that_is_too_large_is_refused_before_anything_is_written() {
    let sandbox = Sandbox::local();
    sandbox
        .run(["put", "s", "--max-size", "10"])
        .stdin("12345678901")
        .stderr(
            "lazycred: error: `s` would have 11 bytes, more than 10\n\
             lazycred: hint: --max-size BYTES allows larger secrets; readers need the same option\n",
        )
        .status(2);
    assert!(!sandbox.home().join("secrets").exists());
}

#[test]
fn a_missing_local_wrapping_key_hints_at_the_command_that_makes_it() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "x");
    std::fs::remove_dir_all(sandbox.home().join(".local/share/lazycred")).unwrap();
    for (name, command) in [
        ("dev", "lazycred init --local"),
        ("ci", "lazycred init --local --key-alias local:ci"),
    ] {
        let file = sandbox
            .home()
            .join(format!(".local/share/lazycred/{name}.key"));
        let alias = format!("local:{name}");
        let put = || sandbox.run(["put", "t", "--key-alias", &alias]).stdin("x");
        put()
            .stderr(&format!(
                "lazycred: error: the wrapping key `{alias}` does not exist: no file `{}`\n\
                 lazycred: hint: copy there the `{name}.key` that wrapped these records; only for a new store, create one with `{command}` in an empty folder\n",
                file.display()
            ))
            .status(2);
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let folder = sandbox.home().join(name);
        std::fs::create_dir(&folder).unwrap();
        let script = format!(
            "cd {name} && exec '{}' {}",
            crate::support::PROGRAM,
            words.join(" ")
        );
        sandbox.shell(&script).any_stdout().any_stderr().ok();
        put().stderr_has("saved t").ok();
    }
}
