//! `docs/recipes.md`: each recipe does what it says, as it stands there.
//!
//! The programs of others are those that this machine has; where one is lacking,
//! or asks a service that nothing here stands for, a script prints what it documents.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::journeys::{local, of_the_original};
use crate::support::console::{follow_section, section};
use crate::support::containers::of_aws;
use crate::support::{Moto, PROGRAM, Sandbox, full};

const RECIPES: &str = "docs/recipes.md";
const APP: &str = r#"{"db_host": "db.internal", "db_password": "hunter2"}"#;

/// Writes the files that a recipe shows, each below a line that ends with its name.
fn files_of(heading: &str, sandbox: &Sandbox) -> usize {
    let text = section(RECIPES, heading);
    let blocks = text.split("`:\n\n```").skip(1);
    let names = text
        .split("`:\n\n```")
        .filter_map(|part| part.rsplit('`').next());
    let mut written = 0;
    for (name, block) in names.zip(blocks) {
        let (_, block) = block.split_once('\n').unwrap();
        let (block, _) = block.split_once("\n```").unwrap();
        sandbox.write(sandbox.home().join(name), format!("{block}\n"));
        written += 1;
    }
    written
}

/// A program of somebody else, in the home's `bin`.
fn stand_in(sandbox: &Sandbox, name: &str, script: &str) {
    let path = sandbox.home().join("bin").join(name);
    sandbox.program(path, format!("#!/bin/bash\nset -eu\n{script}"));
}

/// The program of this machine, or the script where it has none.
fn real_or(sandbox: &Sandbox, name: &str, script: &str) {
    let Some(path) = full::find(name) else {
        full::skip(name, "a script prints what it documents");
        return stand_in(sandbox, name, script);
    };
    let bin = sandbox.home().join("bin");
    fs::create_dir_all(&bin).unwrap();
    symlink(path, bin.join(name)).unwrap();
}

/// This machine's `aws` at moto, after these commands, where everything must run;
/// else the script.
fn aws_or(sandbox: &mut Sandbox, before: &[&[&str]], script: &str) {
    let stood_in = |reason| full::skip("aws", reason);
    let real = full::find("aws").filter(|_| full::wanted());
    let (Some(aws), Some(moto)) = (real, Moto::shared()) else {
        stood_in("a script prints what it documents");
        return stand_in(sandbox, "aws", script);
    };
    let path = std::env::var("PATH").unwrap();
    let aws = format!("PATH='{path}' exec '{}' \"$@\"\n", aws.display());
    stand_in(sandbox, "aws", &aws);
    for (name, value) in of_aws(&moto.endpoint()) {
        if name.starts_with("AWS_") {
            sandbox.set(name, value);
        }
    }
    // Its version 1 reads this one alone.
    sandbox.set("AWS_DEFAULT_REGION", "us-east-1");
    for arguments in before {
        let run = sandbox.run(*arguments).may_leak();
        run.program(sandbox.home().join("bin/aws")).gives();
    }
}

#[test]
fn a_dotenv_file_becomes_one_secret() {
    let Some(sandbox) = local(&[]) else {
        return;
    };
    let env = "# of the application\nDB_HOST=db.internal\nDB_PASSWORD='two words'\n";
    sandbox.write(sandbox.home().join(".env"), env);
    follow_section(RECIPES, "From `.env`", &sandbox);
    assert!(!sandbox.home().join(".env").exists());
}

#[test]
fn what_chamber_exports_becomes_one_secret() {
    let Some(sandbox) = local(&[]) else {
        return;
    };
    // One line, sorted, and letters that HTML has a meaning for are escaped.
    let script = r#"test "$*" = "export --format json app"
printf '%s\n' '{"db_host":"db.internal","db_password":"a\u003cb\u0026c"}'
"#;
    stand_in(&sandbox, "chamber", script);
    follow_section(RECIPES, "From chamber", &sandbox);
}

#[test]
fn what_sops_decrypts_becomes_one_secret() {
    let Some(sandbox) = local(&[]) else {
        return;
    };
    let script = "test \"$*\" = \"--decrypt --output-type json secrets.yaml\"\n\
        printf '{\\n\\t\"db\": {\\n\\t\\t\"host\": \"db.internal\",\\n\\t\\t\"port\": 5432\\n\\t}\\n}\\n'\n";
    stand_in(&sandbox, "sops", script);
    follow_section(RECIPES, "From sops", &sandbox);
}

#[test]
fn parameters_of_ssm_become_the_fields_of_one_secret() {
    if full::tool("jq").is_none() {
        return;
    }
    let Some(mut sandbox) = local(&[]) else {
        return;
    };
    let script = r#"test "$*" = "ssm get-parameters-by-path --path /app/prod/ --recursive --with-decryption --output json"
cat <<'END'
{
    "Parameters": [
        {
            "Name": "/app/prod/db/host",
            "Type": "String",
            "Value": "db.internal",
            "Version": 1,
            "LastModifiedDate": "2026-01-02T03:04:05.678000+00:00",
            "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/app/prod/db/host",
            "DataType": "text"
        },
        {
            "Name": "/app/prod/token",
            "Type": "SecureString",
            "Value": "hunter2",
            "Version": 3,
            "LastModifiedDate": "2026-01-02T03:04:05.678000+00:00",
            "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/app/prod/token",
            "DataType": "text"
        }
    ]
}
END
"#;
    let put = |name, kind, value| {
        [
            "ssm",
            "put-parameter",
            "--name",
            name,
            "--type",
            kind,
            "--value",
            value,
        ]
    };
    let before = [
        put("/app/prod/db/host", "String", "db.internal"),
        put("/app/prod/token", "SecureString", "hunter2"),
    ];
    aws_or(
        &mut sandbox,
        &before.each_ref().map(|line| &line[..]),
        script,
    );
    follow_section(RECIPES, "From SSM Parameter Store", &sandbox);
}

#[test]
fn a_secret_of_secrets_manager_keeps_its_fields() {
    let Some(mut sandbox) = local(&[]) else {
        return;
    };
    let script = r#"test "$1 $2 $3" = "secretsmanager get-secret-value --secret-id"
test "$5 $6 $7 $8" = "--query SecretString --output text"
case $4 in
app/prod) echo '{"username":"app","password":"hunter2"}' ;;
app/token) echo s3cret ;;
esac
"#;
    let create = |name, text| {
        [
            "secretsmanager",
            "create-secret",
            "--name",
            name,
            "--secret-string",
            text,
        ]
    };
    let before = [
        create("app/prod", r#"{"username":"app","password":"hunter2"}"#),
        create("app/token", "s3cret"),
    ];
    aws_or(
        &mut sandbox,
        &before.each_ref().map(|line| &line[..]),
        script,
    );
    follow_section(RECIPES, "From Secrets Manager", &sandbox);
}

#[test]
fn records_and_configuration_of_0_2_3_are_read_as_they_are() {
    let Some((_fake, sandbox)) = of_the_original() else {
        return;
    };
    follow_section(RECIPES, "From lazycred 0.2.3", &sandbox);
}

#[test]
fn a_field_is_changed_and_the_change_is_undone() {
    let Some(sandbox) = local(&[("app", APP)]) else {
        return;
    };
    follow_section(RECIPES, "Change a secret", &sandbox);
    let run = sandbox.run("get app --field db_password");
    run.stdout("hunter2").ok();
}

#[test]
fn direnv_has_the_variables_in_a_folder_or_says_why_not() {
    let Some(mut sandbox) = local(&[("app", APP)]) else {
        return;
    };
    // It says what it loads in another way in each version.
    sandbox.set("DIRENV_LOG_FORMAT", "");
    assert_eq!(files_of("direnv", &sandbox), 1);
    let script = r#"case $1 in
allow) ;;
exec)
  shift 2
  watch_file() { :; }
  . ./.envrc
  exec "$@"
  ;;
esac
"#;
    real_or(&sandbox, "direnv", script);
    follow_section(RECIPES, "direnv", &sandbox);
    sandbox
        .run("rm app")
        .cwd(sandbox.home())
        .any_stderr()
        .status(0);
    let direnv = sandbox.home().join("bin/direnv");
    let programs = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
    let path = format!("{programs}:/usr/bin:/bin");
    let run = sandbox.run("exec . /bin/echo never").program(direnv);
    let run = run.cwd(sandbox.home()).env("PATH", path);
    run.stderr_has("no secret named `app`").status(1);
}

/// What `docker compose up` does with an entry of `environment` that is a name alone.
#[test]
fn compose_hands_on_the_variables_that_it_is_started_with() {
    let Some(sandbox) = local(&[("app", APP)]) else {
        return;
    };
    assert_eq!(files_of("docker compose", &sandbox), 1);
    let script = r#"test "$*" = "compose up"
sed -n 's/^ *- \([A-Z_]*\)$/\1/p' compose.yaml | while read -r name; do
  echo "web  | $name=${!name}"
done
"#;
    stand_in(&sandbox, "docker", script);
    follow_section(RECIPES, "docker compose", &sandbox);
}

#[test]
fn a_makefile_starts_single_lines_or_whole_targets_with_secrets() {
    if full::tool("make").is_none() {
        return;
    }
    let Some(sandbox) = local(&[("app", APP)]) else {
        return;
    };
    assert_eq!(files_of("make", &sandbox), 1);
    follow_section(RECIPES, "make", &sandbox);
    sandbox
        .run("rm app")
        .cwd(sandbox.home())
        .any_stderr()
        .status(0);
    let programs = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
    let path = format!("{programs}:/usr/bin:/bin");
    let make = sandbox.run("deploy").program("/usr/bin/make");
    let make = make.cwd(sandbox.home()).env("PATH", path);
    make.stderr_has("no secret named `app`").status(2);
}

#[test]
fn tasks_and_the_debugger_of_an_editor_start_with_secrets() {
    let Some(sandbox) = local(&[("app", APP)]) else {
        return;
    };
    assert_eq!(files_of("VS Code", &sandbox), 2);
    let text = section(RECIPES, "VS Code");
    let documents: Vec<Value> = text
        .split("```jsonc\n")
        .skip(1)
        .map(|block| jsonc(block.split("```").next().unwrap()))
        .collect();
    let [tasks, launch] = &documents[..] else {
        panic!("two files: {text}");
    };
    let task = &tasks["tasks"][0];
    let configuration = &launch["configurations"][0];
    let mut launched = words(&configuration["runtimeArgs"]);
    launched.push(configuration["program"].as_str().unwrap().to_owned());
    let folder = sandbox.home().to_str().unwrap().to_owned();
    let started = [
        (&task["command"], words(&task["args"])),
        (&configuration["runtimeExecutable"], launched),
    ];
    let server = "echo \"$DB_HOST $DB_PASSWORD\"\n";
    sandbox.write(sandbox.home().join("server.js"), server);
    // A shell, to show what it is started with.
    stand_in(&sandbox, "node", "exec sh \"$@\"\n");
    for (program, arguments) in started {
        assert_eq!(program, "lazycred");
        let arguments = arguments
            .iter()
            .map(|word| word.replace("${workspaceFolder}", &folder));
        let run = sandbox
            .run(arguments.collect::<Vec<_>>())
            .cwd(sandbox.home());
        let run = run.env("PATH", format!("{folder}/bin:/usr/bin:/bin"));
        run.stdout("db.internal hunter2\n").ok();
    }
}

fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// JSON with comments on lines of their own, and commas before what closes.
fn jsonc(text: &str) -> Value {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let lines: String = lines.map(str::trim).collect();
    let json = lines.replace(",]", "]").replace(",}", "}");
    serde_json::from_str(&json).unwrap()
}

#[test]
fn every_recipe_is_run_and_found_from_the_top_of_the_page_and_from_readme() {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        fs::read_to_string(path).unwrap()
    };
    let (text, tests) = (read(RECIPES), read("tests/project/recipes.rs"));
    for line in text.lines().filter_map(|line| line.strip_prefix("## ")) {
        assert!(tests.contains(&format!("RECIPES, \"{line}\"")), "{line}");
        let anchor: String = line.to_lowercase().replace(' ', "-");
        let anchor: String = anchor
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == '-')
            .collect();
        assert!(text.contains(&format!("(#{anchor})")), "{anchor}");
    }
    assert!(read("README.md").contains("(docs/recipes.md)"));
}
