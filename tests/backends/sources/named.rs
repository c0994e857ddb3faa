//! What the user named is binding: a profile, and a pair of variables.

use super::*;

const PART: &str = "lazycred: hint: set both, or unset";

/// Both files, for messages.
fn files(sandbox: &Sandbox) -> String {
    let home = sandbox.home().display();
    format!("`{home}/.aws/config` or `{home}/.aws/credentials`")
}

#[test]
fn a_missing_profile_is_named_if_it_is_needed() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    let files = files(&sandbox);
    let none = "neither file has a profile; `[profile NAME]` starts one in the first";
    let by =
        |name: &str, by: &str| format!("no AWS profile `{name}`, which {by} names, in {files}");
    let by_flag = "--profile or `profile`";
    let get = || sandbox.run(["get", "s"]);
    for name in ["nope", "default"] {
        let flag = sandbox.run(["get", "s", "--profile", name]);
        flag.stderr(told(&by(name, by_flag), none)).status(2);
        let variable = get().env("AWS_PROFILE", name);
        variable
            .stderr(told(&by(name, "AWS_PROFILE"), none))
            .status(2);
    }
    let homeless = sandbox.run(["get", "s", "--profile", "nope"]).unset("HOME");
    let error =
        format!("no AWS profile `nope`, which {by_flag} names, in any file, since HOME is not set");
    homeless.stderr(told(&error, none)).status(2);
    assert!(server.requests().is_empty());
}

#[test]
fn nothing_makes_up_for_a_missing_profile() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    let files = files(&sandbox);
    let none = "neither file has a profile; `[profile NAME]` starts one in the first";
    let by =
        |name: &str, by: &str| format!("no AWS profile `{name}`, which {by} names, in {files}");
    let by_flag = "--profile or `profile`";
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "acme/", "key_alias": "acme", "region": "us-east-1", "profile": "nope"}"#,
    );
    let configured = sandbox.run(["--quiet", "get", "s"]);
    configured
        .stderr(told(&by("nope", by_flag), none))
        .status(2);
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "acme/", "key_alias": "acme", "region": "us-east-1"}"#,
    );
    sandbox.write(
        ".aws/config",
        "[profile b]\nregion = eu-west-1\n[a]\nx = y\n",
    );
    sandbox.write(".aws/credentials", format!("[c]\n{}", keys("FROMC")));
    let there = "there are `b`, `c`; in the first file `[profile NAME]` starts one";
    let run = sandbox.run(["--quiet", "get", "s", "--profile", "a"]);
    run.stderr(told(&by("a", by_flag), there)).status(2);
    // Key variables do not make up for it, nor does a role of the container.
    let run = with_keys(sandbox.run(["--quiet", "get", "s"]), "FROMKEYS").env("AWS_PROFILE", "a");
    run.stderr(told(&by("a", "AWS_PROFILE"), there)).status(2);
    let run = sandbox.run(["--quiet", "exec", "s", "--profile", "a", "--", "true"]);
    let run = run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url());
    run.stderr(told(&by("a", by_flag), there)).status(125);
    assert!(server.requests().is_empty());
}

#[test]
fn a_misspelt_profile_leads_to_the_one_that_is_meant() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    let files = files(&sandbox);
    sandbox.write(
        ".aws/config",
        "[profile acme-prod]\nsource_profile = bsae\nrole_arn = arn:aws:iam::123456789012:role/r\n[profile base]\n",
    );
    let there = "there are `acme-prod`, `base`; in the first file `[profile NAME]` starts one";
    for typed in ["acme-prdo", "ACME_PROD", "acmeprod"] {
        let run = sandbox.run(["get", "s"]).env("AWS_PROFILE", typed);
        let error = format!("no AWS profile `{typed}`, which AWS_PROFILE names, in {files}");
        let hint = format!("did you mean `acme-prod`? {there}");
        run.stderr(told(&error, &hint)).status(2);
    }
    let run = sandbox.run(["get", "s", "--profile", "acme-prod"]);
    let error = format!("no AWS profile `bsae`, the `source_profile` of `acme-prod`, in {files}");
    let hint = format!("did you mean `base`? {there}");
    run.stderr(told(&error, &hint)).status(2);
}

#[test]
fn an_empty_aws_profile_is_unset() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    let get = || sandbox.run(["get", "s"]).env("AWS_PROFILE", "").stdout("x");
    with_keys(get(), "FROMKEYS").ok();
    sandbox.write(
        ".aws/credentials",
        format!("[default]\n{}", keys("FROMDEFAULT")),
    );
    get().ok();
    assert_eq!(ids(&server), ["FROMKEYS", "FROMDEFAULT"]);
}

#[test]
fn a_profile_by_flag_or_configuration_comes_before_key_variables_and_aws_profile_after_them() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    sandbox.write(
        ".aws/credentials",
        format!("[ci]\n{}[other]\n{}", keys("FROMCI"), keys("FROMOTHER")),
    );
    let get = || with_keys(sandbox.run(["--quiet", "get", "s"]), "FROMKEYS").stdout("x");
    let flag = ["get", "s", "--profile", "ci"];
    with_keys(sandbox.run(flag), "FROMKEYS").stdout("x").ok();
    get().env("AWS_PROFILE", "ci").ok();
    let flag = with_keys(sandbox.run(flag), "FROMKEYS").stdout("x");
    flag.env("AWS_PROFILE", "other").ok();
    sandbox.write(
        ".lazycred",
        r#"{"s3_path": "acme/", "key_alias": "acme", "region": "us-east-1", "profile": "ci"}"#,
    );
    get().ok();
    assert_eq!(ids(&server), ["FROMCI", "FROMKEYS", "FROMCI", "FROMCI"]);
}

#[test]
fn half_of_a_pair_of_key_variables_is_refused_where_the_pair_would_be_used() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    sandbox.write(
        ".aws/credentials",
        format!("[default]\n{}[ci]\n{}", keys("FROMDEFAULT"), keys("FROMCI")),
    );
    let [id, secret] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    for (given, missing, value) in [
        (id, secret, None),
        (id, secret, Some("")),
        (id, secret, Some(" ")),
        (secret, id, None),
        (secret, id, Some("")),
    ] {
        let half = |run: Run| {
            let run = run.env(given, "FROMHALF");
            match value {
                None => run,
                Some(value) => run.env(missing, value),
            }
        };
        let said = format!(
            "lazycred: error: {given} is set, but {missing} is missing or empty\n{PART} {given} to use another source of credentials\n"
        );
        half(sandbox.run(["get", "s"])).stderr(&said).status(2);
        let named = sandbox.run(["get", "s"]).env("AWS_PROFILE", "ci");
        half(named).stderr(&said).status(2);
        // A profile that was chosen needs no variables.
        let chosen = sandbox.run(["get", "s", "--profile", "ci"]);
        half(chosen).stdout("x").ok();
    }
    // Without either there is no pair, whatever a lone token says.
    let run = sandbox.run(["get", "s"]).env("AWS_SESSION_TOKEN", "t");
    run.env(id, "").env(secret, "").stdout("x").ok();
    assert_eq!(ids(&server).last().unwrap(), "FROMDEFAULT");
}

#[test]
fn a_role_that_key_variables_pass_over_is_told() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    sandbox.write(
        ".aws/config",
        format!(
            "[profile p]\n{}source_profile = k\n[profile k]\n{}[default]\n{}source_profile = k\n",
            role("r"),
            keys("FROMK"),
            role("d")
        ),
    );
    let get = || with_keys(sandbox.run(["get", "s"]), "FROMKEYS").stdout("x");
    get()
        .env("AWS_PROFILE", "p")
        .stderr("lazycred: warning: the role of the AWS profile `p` is not assumed, since AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set; --profile chooses it\n")
        .status(0);
    let doctor = with_keys(sandbox.run(["doctor"]), "FROMKEYS");
    let doctor = doctor.env("AWS_PROFILE", "p").any_stdout().outcome();
    assert_eq!(
        doctor.stderr.matches("is not assumed").count(),
        1,
        "{}",
        doctor.stderr
    );
    server.forget();
    get().env("AWS_PROFILE", "k").ok();
    get().ok();
    let chosen = sandbox.run(["get", "s", "--profile", "p"]);
    with_keys(chosen, "FROMKEYS").stdout("x").ok();
    assert_eq!(ids(&server), ["FROMKEYS", "FROMKEYS", "FROMR"]);
}

#[test]
fn aws_default_profile_is_not_used_and_that_is_told() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    sandbox.write(
        ".aws/credentials",
        format!(
            "[default]\n{}[my ci]\n{}",
            keys("FROMDEFAULT"),
            keys("FROMCI")
        ),
    );
    let get = || {
        sandbox
            .run(["get", "s"])
            .env("AWS_DEFAULT_PROFILE", "my ci")
            .stdout("x")
    };
    let warning = "lazycred: warning: AWS_DEFAULT_PROFILE is not used; AWS_PROFILE='my ci' chooses that profile\n";
    get().stderr(warning).status(0);
    with_keys(get(), "FROMKEYS").stderr(warning).status(0);
    get().env("AWS_PROFILE", "default").ok();
    assert_eq!(ids(&server), ["FROMDEFAULT", "FROMKEYS", "FROMDEFAULT"]);
}

#[test]
fn a_file_of_profiles_that_cannot_be_parsed_is_named_with_its_line() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    let hint = "`[profile NAME]` starts a profile, and `[NAME]` does in the credentials file; a line in it is `member = value`";
    for (text, why) in [
        (
            "[default]\nregion eu-west-1\n",
            "line 2, cannot be read: `=` is missing",
        ),
        (
            "[default\nregion = eu-west-1\n",
            "line 1, cannot be read: `]` is missing",
        ),
        (
            "region = eu-west-1\n",
            "line 1, cannot be read: it stands before the first `[`",
        ),
        (
            "[default]\n\n= hunter2\n",
            "line 3, cannot be read: there is no name before `=`",
        ),
        (
            "[default]\n hunter2\n",
            "line 2, cannot be read: it does not belong to a profile",
        ),
    ] {
        for file in [".aws/config", ".aws/credentials"] {
            let path = sandbox.write(file, text);
            let error = format!("the AWS file `{}`, {why}", path.display());
            sandbox
                .run(["get", "s"])
                .stderr(told(&error, hint))
                .status(2);
            let run = with_keys(sandbox.run(["get", "s"]), "FROMKEYS");
            run.stderr(told(&error, hint)).status(2);
            sandbox.write(file, "");
        }
    }
}
