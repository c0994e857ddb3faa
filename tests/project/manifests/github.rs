//! The workflows in `examples/github/`, and the action that they use.
//!
//! Steps run as GitHub's runner runs them, as far as [`Runner`] knows it; the action
//! loads, but installs nothing. `tests/paths/github.sh` runs all of it in a runner.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::support::full;
use crate::support::harness::{PROGRAM, Sandbox};
use crate::support::local_store::{self, DATA_HOME, RECORDS};
use crate::support::manifests::read::{self, string, variables};
use crate::support::manifests::start::{COMMAND, S3_PATH, Started, filled_store};
use crate::support::runner::Runner;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const RELEASE: &str = concat!("lazycred/lazycred@v", env!("CARGO_PKG_VERSION"));

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

fn only_document(name: &str) -> Value {
    let [document] = &read::yaml(name)[..] else {
        panic!("one document");
    };
    document.clone()
}

/// The job of a workflow, and the outputs of its steps so far.
struct Job<'a> {
    runner: Runner<'a>,
    outputs: BTreeMap<String, BTreeMap<String, String>>,
}

impl<'a> Job<'a> {
    /// Runs the steps of a workflow's only job, in which each script tells what it got.
    #[track_caller]
    fn run(file: &str, store: &'a Sandbox) -> Self {
        let workflow = only_document(file);
        let [job] = &workflow["jobs"]
            .as_object()
            .unwrap()
            .values()
            .collect::<Vec<_>>()[..]
        else {
            panic!("one job");
        };
        assert_eq!(job["permissions"]["id-token"], "write");
        let mut of_job = variables(&job["env"]);
        assert_eq!(of_job["LAZYCRED_S3_PATH"], S3_PATH);
        let (records, data_home) = (store.home().join(RECORDS), store.home().join(DATA_HOME));
        let settings = local_store::settings(&records, &data_home);
        of_job.extend(settings.map(|(name, value)| (name.to_owned(), value)));
        let bin = store.home().join("bin");
        fs::create_dir_all(&bin).unwrap();
        let _ = symlink(PROGRAM, bin.join("lazycred"));
        of_job.insert(
            "PATH".to_owned(),
            format!("{}:/usr/bin:/bin", bin.display()),
        );
        let mut this = Self {
            runner: Runner::new(store, of_job),
            outputs: BTreeMap::new(),
        };
        for step in job["steps"].as_array().unwrap() {
            this.step(step, store);
        }
        this
    }

    #[track_caller]
    fn step(&mut self, step: &Value, store: &Sandbox) {
        let own = match step["env"].as_object() {
            Some(_) => variables(&step["env"]),
            None => BTreeMap::new(),
        };
        let own = own
            .iter()
            .map(|(name, value)| (name.clone(), self.evaluated(value)));
        let mut own: BTreeMap<_, _> = own.collect();
        let script = match step["uses"].as_str() {
            Some(RELEASE) => {
                let export_env = if step["with"]["export-env"] == true {
                    "true"
                } else {
                    "false"
                };
                let secrets = string(&step["with"]["secrets"]);
                let temp = store.home().display().to_string();
                for (name, value) in [
                    ("INPUT_SECRETS", &*secrets),
                    ("INPUT_EXPORT_ENV", export_env),
                    ("INPUT_PROGRAM", PROGRAM),
                    ("RUNNER_TEMP", &*temp),
                ] {
                    own.insert(name.to_owned(), value.to_owned());
                }
                format!("bash '{ROOT}/action/load'")
            }
            Some(_) => return,
            None => string(&step["run"]),
        };
        let status = self.runner.step_with(&script, &own);
        assert_eq!(status, 0, "{script}: {}", self.runner.log);
        if let Some(id) = step["id"].as_str() {
            let outputs = self.runner.outputs.clone();
            self.outputs.insert(id.to_owned(), outputs);
        }
    }

    /// A value, in which an expression may read one secret of an output.
    #[track_caller]
    fn evaluated(&self, value: &str) -> String {
        let Some(expression) = value.strip_prefix("${{ ") else {
            return value.to_owned();
        };
        let expression = expression.strip_suffix(" }}").unwrap();
        let call = expression.strip_prefix("fromJSON(steps.").unwrap();
        let (output, name) = call.split_once(").").unwrap();
        let (id, output) = output.split_once(".outputs.").unwrap();
        let json: Value = serde_json::from_str(&self.outputs[id][output]).unwrap();
        json[name].as_str().unwrap().to_owned()
    }
}

/// What a script of the example got.
fn told(store: &Sandbox, script: &str) -> Started {
    let told = fs::read_to_string(store.home().join(format!("{script}.told")));
    Started::read(&told.unwrap())
}

fn store_with_scripts() -> Sandbox {
    let store = filled_store();
    for script in ["migrate.sh", "deploy.sh", "smoke-test.sh"] {
        let text = format!("#!/bin/sh\necho \"$DB_PASSWORD $@\"\n'{COMMAND}' $@ >{script}.told\n");
        store.program(script, text);
    }
    store
}

const OF_RUNNER: [&str; 4] = ["GITHUB_ACTIONS", "GITHUB_ENV", "GITHUB_OUTPUT", "SHLVL"];

#[test]
fn a_github_step_has_the_secrets_that_it_names_and_no_other_and_the_log_shows_none() {
    let store = store_with_scripts();
    let job = Job::run("github/deploy.yaml", &store);
    let migrate = told(&store, "migrate.sh").variables;
    assert_eq!(
        (&*migrate["DB_USER"], &*migrate["DB_PASSWORD"]),
        ("app", "hunter2")
    );
    assert!(!migrate.contains_key("API_TOKEN"));
    let deploy = told(&store, "deploy.sh");
    deploy.has_the_secrets_and(&OF_RUNNER);
    assert_eq!(deploy.arguments, ["--wait"]);
    assert!(!job.runner.log.contains("hunter2"), "{}", job.runner.log);
    assert!(job.runner.log.contains("*** --wait"), "{}", job.runner.log);
}

#[test]
fn all_later_github_steps_have_what_was_set_for_them_and_the_log_shows_none() {
    let store = store_with_scripts();
    let job = Job::run("github/smoke-test.yaml", &store);
    told(&store, "smoke-test.sh").has_the_secrets_and(&OF_RUNNER);
    assert!(!job.runner.log.contains("hunter2"), "{}", job.runner.log);
    assert!(
        job.runner.log.ends_with("*** \n\n\n"),
        "{:?}",
        job.runner.log
    );
}

/// The first block of the manual in a language.
#[track_caller]
fn block_of_the_manual(language: &str) -> String {
    let manual = text("docs/github.md");
    let (_, block) = manual.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_workflow_that_the_manual_begins_with_runs_and_the_log_shows_none() {
    let store = store_with_scripts();
    let file = store.write("page.yaml", block_of_the_manual("yaml"));
    let job = Job::run(file.to_str().unwrap(), &store);
    let deploy = told(&store, "deploy.sh").variables;
    assert_eq!(
        (&*deploy["DB_PASSWORD"], &*deploy["TOKEN"]),
        ("hunter2", "t 0\nken")
    );
    assert!(!deploy.contains_key("LOG_LEVEL"));
    assert!(!job.runner.log.contains("hunter2"), "{}", job.runner.log);
}

#[test]
fn the_role_of_the_manual_trusts_one_branch_of_one_repository() {
    let trust: Value = serde_json::from_str(&block_of_the_manual("json")).unwrap();
    let [statement] = &trust["Statement"].as_array().unwrap()[..] else {
        panic!("one statement");
    };
    assert_eq!(statement["Action"], "sts:AssumeRoleWithWebIdentity");
    let issuer = "token.actions.githubusercontent.com";
    let provider = string(&statement["Principal"]["Federated"]);
    assert!(provider.ends_with(&format!(":oidc-provider/{issuer}")));
    let condition = statement["Condition"].as_object().unwrap();
    assert_eq!(condition.keys().collect::<Vec<_>>(), ["StringEquals"]);
    let of = |claim: &str| string(&condition["StringEquals"][&format!("{issuer}:{claim}")]);
    let expected = "repo:OWNER/REPO:ref:refs/heads/main".to_owned();
    assert_eq!(
        (of("aud"), of("sub")),
        ("sts.amazonaws.com".to_owned(), expected)
    );
}

#[test]
fn other_systems_install_what_has_the_sum_that_they_name_and_stop_at_anything_else() {
    if full::tool("xz").is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("ci/lazycred", block_of_the_manual("sh"));
    let name = concat!("lazycred-", env!("CARGO_PKG_VERSION"), "-x86_64-linux");
    let archive = format!(
        "mkdir -p {name}/bin && ln -s '{PROGRAM}' {name}/bin/lazycred\n\
         tar -cJf {name}.tar.xz {name} && rm -r {name}\n"
    );
    let sum = format!(
        "sum=$(sha256sum <{name}.tar.xz | cut -d ' ' -f 1)\n\
         sed -i \"s/^sum=0*$/sum=$sum/\" ci/lazycred\n"
    );
    let says = concat!("lazycred ", env!("CARGO_PKG_VERSION"), "\n");
    for (prepare, said, status) in [(&archive, "", 1), (&sum, says, 0)] {
        // What it downloads is there already, by the name in its address.
        let script = format!(
            "{prepare}curl() {{ test -f \"${{2##*/}}\"; }}\n. ci/lazycred >&2\nlazycred --version"
        );
        let run = sandbox.run(["-euc", &script]).program("/bin/sh");
        let run = run.cwd(sandbox.home()).any_stderr();
        run.stdout(said).status(status);
    }
}

#[test]
fn the_action_installs_this_version_and_what_names_the_action_names_it_too() {
    let action = only_document("../action.yml");
    let version = &action["inputs"]["version"]["default"];
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    for name in [
        "docs/github.md",
        "examples/github/deploy.yaml",
        "examples/github/smoke-test.yaml",
    ] {
        let text = text(name);
        let uses = text.matches("uses: lazycred/lazycred@").count();
        assert_eq!(
            uses,
            text.matches(&format!("uses: {RELEASE}")).count(),
            "{name}"
        );
        assert!(uses > 0, "{name}");
    }
}

#[test]
fn the_manual_of_the_action_has_each_input_and_output_with_its_default() {
    let action = only_document("../action.yml");
    let manual = text("docs/github.md");
    let section = |heading: &str| {
        let (_, after) = manual.split_once(&format!("## {heading}\n")).unwrap();
        after.split("\n## ").next().unwrap().to_owned()
    };
    for (heading, member) in [("Inputs", "inputs"), ("Outputs", "outputs")] {
        let rows = section(heading);
        let rows = rows.lines().filter_map(|line| line.strip_prefix("| `"));
        let documented: BTreeSet<&str> = rows.filter_map(|row| row.split('`').next()).collect();
        let there = action[member].as_object().unwrap();
        let there: BTreeSet<&str> = there.keys().map(String::as_str).collect();
        assert_eq!(documented, there);
    }
    assert!(section("Inputs").contains("| `export-env` | `false` |"));
    assert_eq!(action["inputs"]["export-env"]["default"], "false");
}

#[test]
fn everything_that_workflows_use_is_pinned_by_its_commit_with_the_version_beside_it() {
    let mut used = 0;
    for name in [
        ".github/workflows/ci.yaml",
        ".github/workflows/release.yaml",
        "examples/github/deploy.yaml",
        "examples/github/smoke-test.yaml",
    ] {
        let text = text(name);
        for line in text.lines() {
            let Some((_, used_there)) = line.split_once("uses: ") else {
                continue;
            };
            used += 1;
            if used_there == RELEASE {
                continue;
            }
            let (action, version) = used_there.split_once(" # v").expect(line);
            let (_, commit) = action.split_once('@').expect(line);
            let hexadecimal = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(commit.len() == 40 && hexadecimal, "{name}: {line}");
            assert_eq!(version.split('.').count(), 3, "{name}: {line}");
        }
        assert!(text.contains("\npermissions: {}\n"), "{name}");
        let checkouts = text.matches("actions/checkout@").count();
        assert_eq!(
            text.matches("persist-credentials: false").count(),
            checkouts,
            "{name}"
        );
    }
    assert!(used > 8);
}
