//! The names that a secret may not give: the whole list, and what is no name of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::harness::{PROGRAM, Sandbox};

/// What stands between backquotes in the table of docs/refused-names.md, by row.
fn documented() -> Vec<Vec<String>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/refused-names.md");
    let text = fs::read_to_string(file).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let names = |row: &str| {
        row.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    rows.skip(1).map(names).collect()
}

#[test]
fn the_documented_list_is_the_programs() {
    let rows = documented();
    let (prefixes, names) = rows.split_first().unwrap();
    assert_eq!(prefixes, lazycred::REFUSED_PREFIXES);
    let names: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
    assert_eq!(names, lazycred::REFUSED_NAMES);
    let once: BTreeSet<_> = names.iter().collect();
    assert_eq!(once.len(), names.len());
}

#[test]
fn names_that_make_programs_run_code_are_refused_where_a_field_gives_them() {
    let sandbox = Sandbox::local();
    for field in "zdotdir ps1 PS0 ps2 viminit exinit tar_options goflags shell home aws_config_file
        aws_shared_credentials_file kubeconfig lua_init lua_init_5_4 lua-path-5.3
        LUA_CPATH_5_4 erl_flags erl_aflags sudo_editor sudo_askpass rustc rsync_rsh
        git_config_count ld_anything lazycred_options bash_func_x%% coreclr_profiler_path_64
        CORECLR_PROFILER_PATH_ARM64 coreclr-profiler-path-32 cor_profiler_path_32
        gnumakeflags _handler aws_lambda_runtime_api aws-lambda-exec-wrapper lambda_task_root
        lambda_runtime_dir FUNCTION_SOURCE function_target"
        .split_whitespace()
    {
        let secret = serde_json::json!({field: "/x", "fine": "y"}).to_string();
        sandbox.put("s", secret);
        let outcome = sandbox.run(["exec", "s", "--", "touch", "ran"]).fails(125);
        let said = "of `s` can make another program run code, so it is refused\n";
        assert!(outcome.stderr.contains(said), "{field}: {}", outcome.stderr);
        sandbox.run(["export", "s", "--format", "json"]).fails(5);
    }
    assert!(!sandbox.home().join("ran").exists());
    // The secret's own name counts as well, one that the user types does not.
    sandbox.put("web/zdotdir", "x");
    sandbox.run("exec web/zdotdir -- true").fails(125);
    sandbox.run("exec ZDOTDIR=web/zdotdir -- true").ok();
    let marked = sandbox.run(["exec", "--from-env", "ZDOTDIR", "--", "true"]);
    marked.env("ZDOTDIR", "lazycred:web/zdotdir").ok();
    sandbox.run("exec web/zdotdir --allow ZDOTDIR -- true").ok();
}

#[test]
fn several_refused_names_are_shown_with_the_secrets_that_set_them() {
    let sandbox = Sandbox::local();
    sandbox.put("a", r#"{"ld_preload": "/x", "viminit": "/x"}"#);
    sandbox.put("b", r#"{"ps1": "/x", "fine": "y"}"#);
    let exec = sandbox.run("exec a b -- true").fails(125);
    assert_eq!(
        exec.stderr,
        "lazycred: error: `LD_PRELOAD`, `VIMINIT` of `a`, `PS1` of `b` can make another program \
         run code, so they are refused\n\
         lazycred: hint: --except VAR leaves one out; --allow VAR passes one on; repeat for each\n"
    );
}

#[test]
fn env_is_refused_only_where_a_shell_would_do_something_about_it() {
    let sandbox = Sandbox::local();
    sandbox.write("prod", "echo ran >&2\n");
    sandbox.write("folder/file", "");
    std::os::unix::fs::symlink("prod", sandbox.work().join("link")).unwrap();
    let status = |value: &str| {
        sandbox.put("s", serde_json::json!({"env": value}).to_string());
        sandbox.run(["exec", "s", "--", "true"]).outcome().status
    };
    for value in "prod link ./prod $HOME ~ ~root `id` /etc/x".split(' ') {
        assert_eq!(status(value), 125, "{value}");
    }
    for value in ["staging", "", "production", "folder", "dev-1"] {
        assert_eq!(status(value), 0, "{value}");
    }
}

#[test]
fn a_file_of_the_name_that_env_has_would_have_been_run_by_a_shell_at_a_terminal() {
    if !Path::new("/bin/dash").exists() {
        return;
    }
    let sandbox = Sandbox::local();
    sandbox.write("prod", ": > proof\n");
    sandbox.put("s", r#"{"env": "prod"}"#);
    let start = |options: &str| {
        let script = format!("'{PROGRAM}' exec s {options} -- /bin/dash -i -c true");
        drop(sandbox.shell(&script).outcome());
        sandbox.work().join("proof").exists()
    };
    assert!(!start(""));
    assert!(start("--allow ENV"));
}
