//! A profile's way to its credentials: nothing on it is passed over.

use super::*;

/// The files of one test.
struct Files {
    sandbox: Sandbox,
    config: String,
}

fn with(server: &FakeAws, config: &str) -> Files {
    let sandbox = sandbox(server);
    let path = sandbox.write(".aws/config", config);
    let config = format!("in `{}`", path.display());
    Files { sandbox, config }
}

impl Files {
    fn refuses(&self, profile: &str, error: &str, hint: &str) {
        let error = error.replace("HERE", &self.config);
        for run in [
            self.sandbox.run(["get", "s", "--profile", profile]),
            self.sandbox.run(["get", "s"]).env("AWS_PROFILE", profile),
        ] {
            run.stderr(told(&error, hint)).status(2);
        }
    }
}

#[test]
fn a_source_profile_that_is_missing_circular_or_empty_is_named() {
    let server = server(|_, _| None);
    let (r, home) = (role("r"), "source_profile");
    let files = with(
        &server,
        &format!(
            "[profile a]\n{r}{home} = gone\n[profile b]\n{r}{home} = c\n[profile c]\n{r}{home} = d\n[profile d]\n{r}{home} = b\n\
             [profile e]\n{r}{home} = empty\n[profile empty]\nregion = eu-west-1\n[profile f]\n{r}{home} = f\n\
             [profile g]\n{r}{home} = h\n[profile h]\naws_access_key_id = FROMH\n"
        ),
    );
    let folder = files.sandbox.home().join(".aws");
    let both = format!("`{0}/config` or `{0}/credentials`", folder.display());
    let there = "there are `a`, `b`, `c`, `d`, `e`, `empty`, `f`, `g`, …; in the first file `[profile NAME]` starts one";
    files.refuses(
        "a",
        &format!("no AWS profile `gone`, the `source_profile` of `a`, in {both}"),
        there,
    );
    files.refuses(
        "b",
        "`source_profile` of the AWS profiles leads in a circle: `b` → `c` → `d` → `b`",
        "break the circle: give one of them credentials of its own",
    );
    files.refuses(
        "e",
        "the AWS profile `empty`, HERE, the `source_profile` of `e`, holds no credentials",
        "give it credentials, or name another `source_profile`",
    );
    files.refuses(
        "f",
        "the AWS profile `f`, HERE, is its own `source_profile`, but holds no credentials",
        "give it credentials, or name another `source_profile`",
    );
    files.refuses(
        "g",
        "the AWS profile `h`, HERE, has an incomplete key pair: `aws_secret_access_key` is missing",
        "`aws configure --profile h` asks for both keys",
    );
    assert!(server.requests().is_empty());
}

#[test]
fn a_role_without_a_source_or_with_two_or_with_a_code_is_named() {
    let server = server(|_, _| None);
    let r = role("r");
    let files = with(
        &server,
        &format!(
            "[profile none]\n{r}[profile two]\n{r}source_profile = k\ncredential_source = Environment\n[profile k]\n{}\
             [profile mfa]\n{r}source_profile = k\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n[profile over]\n{r}source_profile = mfa\n\
             [profile odd]\n{r}credential_source = Moon\n[profile web]\nweb_identity_token_file = /t\n",
            keys("FROMK")
        ),
    );
    files.refuses(
        "none",
        "the AWS profile `none`, HERE, has `role_arn`, but nothing to assume the role with",
        "add `source_profile`, `credential_source` or `web_identity_token_file` to it",
    );
    files.refuses(
        "two",
        "the AWS profile `two`, HERE, has both `source_profile` and `credential_source`",
        "remove one of them",
    );
    let mfa = "the AWS profile `mfa`, HERE, has `mfa_serial`: its role needs a code, which lazycred cannot ask for";
    let hint = "use another profile with `credential_process = aws configure export-credentials --profile mfa`, which asks for the code at a terminal, or run `eval \"$(aws configure export-credentials --profile mfa --format env)\"` and unset AWS_PROFILE";
    files.refuses("mfa", mfa, hint);
    files.refuses("over", mfa, hint);
    files.refuses(
        "odd",
        "the AWS profile `odd`, HERE, has an unknown `credential_source`",
        "it is Environment, EcsContainer or Ec2InstanceMetadata",
    );
    files.refuses(
        "web",
        "the AWS profile `web`, HERE, has `web_identity_token_file`, but no `role_arn`",
        "add the role that the token is for",
    );
    // Where the role is not assumed its code is not needed.
    let run = files
        .sandbox
        .run(["--quiet", "get", "s"])
        .env("AWS_PROFILE", "mfa");
    with_keys(run, "FROMKEYS").stdout("x").ok();
}

#[test]
fn half_of_a_pair_in_a_profile_is_named_with_its_file() {
    let server = server(|_, _| None);
    let files = with(
        &server,
        "[profile id]\naws_access_key_id = FROMID\n[profile secret]\naws_secret_access_key = s\n[profile token]\naws_session_token = t\n[profile blank]\naws_access_key_id = FROMB\naws_secret_access_key =\n",
    );
    for (profile, missing) in [
        ("id", "aws_secret_access_key"),
        ("secret", "aws_access_key_id"),
        ("token", "aws_access_key_id"),
        ("blank", "aws_secret_access_key"),
    ] {
        files.refuses(
            profile,
            &format!("the AWS profile `{profile}`, HERE, has an incomplete key pair: `{missing}` is missing"),
            &format!("`aws configure --profile {profile}` asks for both keys"),
        );
    }
    // The file that holds the profile's keys is the one that is named.
    let path = files
        .sandbox
        .write(".aws/credentials", "[mine]\naws_access_key_id = FROMID\n");
    let error = format!(
        "the AWS profile `mine`, in `{}`, has an incomplete key pair",
        path.display()
    );
    files
        .sandbox
        .refuses(["get", "s", "--profile", "mine"], 2, &error);
    // The two files make one profile.
    files
        .sandbox
        .write(".aws/credentials", "[id]\naws_secret_access_key = s\n");
    files.sandbox.prints(["get", "s", "--profile", "id"], "x");
}

#[test]
fn the_environment_may_be_the_source_of_a_role() {
    let server = server(|_, _| None);
    let source = "credential_source = Environment\n";
    let files = with(
        &server,
        &format!(
            "[profile p]\n{}{source}[profile q]\n{}source_profile = p\n",
            role("r"),
            role("q")
        ),
    );
    let get = |profile| files.sandbox.run(["get", "s", "--profile", profile]);
    with_keys(get("p"), "FROMKEYS").stdout("x").ok();
    with_keys(get("q"), "FROMKEYS").stdout("x").ok();
    let assumed = server.requests().into_iter();
    let assumed = assumed.filter(|request| request.operation == "AssumeRole");
    let by: Vec<String> = assumed.map(|request| signed(&request).to_owned()).collect();
    assert_eq!(by, ["FROMKEYS", "FROMKEYS", "FROMR"]);
    assert_eq!(ids(&server), ["FROMR", "FROMQ"]);

    let error = "the AWS profile `p`, HERE, has `credential_source = Environment`, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set";
    files.refuses("p", error, "set them, or name another `credential_source`");
    let half = get("p").env("AWS_ACCESS_KEY_ID", "FROMHALF");
    half.stderr(told(
        "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is missing or empty",
        "set both, or unset AWS_ACCESS_KEY_ID to use another source of credentials",
    ))
    .status(2);
}

#[test]
fn a_container_and_an_instance_may_be_the_source_of_a_role() {
    let server = server(|request, _| match &*request.path {
        "/latest/api/token" => {
            Some(Answer::new(200, "t").header("x-aws-ec2-metadata-token-ttl-seconds", "60"))
        }
        "/latest/meta-data/iam/security-credentials/" => Some(Answer::new(200, "web")),
        "/latest/meta-data/iam/security-credentials/web" => {
            Some(Answer::credentials("FROMINSTANCE"))
        }
        "/container" => Some(Answer::credentials("FROMCONTAINER")),
        _ => None,
    });
    let files = with(
        &server,
        &format!(
            "[profile c]\n{}credential_source = ecscontainer\n[profile i]\n{}credential_source = Ec2InstanceMetadata\nec2_metadata_service_endpoint = {}\n",
            role("c"),
            role("i"),
            server.url()
        ),
    );
    let get = |profile| {
        files
            .sandbox
            .run(["get", "s", "--profile", profile])
            .stdout("x")
    };
    let container = format!("{}/container", server.url());
    get("c")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container)
        .ok();
    get("i").env("AWS_EC2_METADATA_DISABLED", "false").ok();
    assert_eq!(ids(&server), ["FROMC", "FROMI"]);
    let or = "set them, or name another `credential_source`";
    files.refuses("c", "the AWS profile `c`, HERE, has `credential_source = ecscontainer`, but AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set", or);
    files.refuses("i", "the AWS profile `i`, HERE, has `credential_source = Ec2InstanceMetadata`, but AWS_EC2_METADATA_DISABLED is set", "unset it, or name another `credential_source`");
}

#[test]
fn a_profile_without_credentials_says_so_before_another_source_is_used() {
    let server = server(|request, _| {
        (request.path == "/container").then(|| Answer::credentials("FROMCONTAINER"))
    });
    let files = with(
        &server,
        "[profile p]\nregion = eu-west-1\n[default]\nregion = eu-west-1\n",
    );
    let empty = format!(
        "the AWS profile `p`, {}, holds no credentials",
        files.config
    );
    let hint = "add a pair of keys, `credential_process`, `sso_session` or `role_arn` to it, or choose another with --profile";
    files.refuses("p", &empty, hint);
    // A chosen profile is not made up for by key variables.
    let chosen = files.sandbox.run(["get", "s", "--profile", "p"]);
    with_keys(chosen, "FROMKEYS")
        .stderr(told(&empty, hint))
        .status(2);
    let container = format!("{}/container", server.url());
    let in_container = |run: Run| {
        run.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container)
            .stdout("x")
    };
    let warning = format!("lazycred: warning: {empty}; those of the container are used\n");
    let chosen = || files.sandbox.run(["get", "s", "--profile", "p"]);
    in_container(chosen()).stderr(&warning).status(0);
    let named = files.sandbox.run(["get", "s"]).env("AWS_PROFILE", "p");
    in_container(named).stderr(&warning).status(0);
    // Nobody named the default profile.
    in_container(files.sandbox.run(["get", "s"])).ok();
    let keys = files.sandbox.run(["get", "s"]).env("AWS_PROFILE", "p");
    with_keys(keys, "FROMKEYS").stdout("x").ok();
}

#[test]
fn no_credentials_at_all_is_one_line_and_one_hint() {
    let server = server(|_, _| None);
    let sandbox = sandbox(&server);
    let said = unread(
        "no credentials: no access-key variables, profile, web identity or container role, and AWS_EC2_METADATA_DISABLED is set",
        NO_ROLE,
    );
    sandbox.run(["get", "s"]).stderr(&said).status(1);
    let exec = sandbox.run(["exec", "s", "--", "true"]);
    exec.stderr(&said).status(125);
    assert!(server.requests().is_empty());
}

#[test]
fn a_pair_in_the_credentials_file_comes_before_a_process_and_that_before_a_pair_beside_it() {
    let server = server(|_, _| None);
    let tool = r#"{"Version":1,"AccessKeyId":"FROMTOOL","SecretAccessKey":"s"}"#;
    let process = format!("credential_process = echo '{tool}'\n");
    let files = with(
        &server,
        &format!(
            "[profile p]\n{process}{}[profile over]\n{}source_profile = p\n",
            keys("FROMCONFIG"),
            role("over")
        ),
    );
    files.sandbox.prints(["get", "s", "--profile", "p"], "x");
    files.sandbox.prints(["get", "s", "--profile", "over"], "x");
    files
        .sandbox
        .write(".aws/credentials", format!("[p]\n{}", keys("FROMFILE")));
    files.sandbox.prints(["get", "s", "--profile", "p"], "x");
    files.sandbox.prints(["get", "s", "--profile", "over"], "x");
    assert_eq!(
        ids(&server),
        ["FROMTOOL", "FROMOVER", "FROMFILE", "FROMOVER"]
    );
    let assumed = server.requests().into_iter();
    let assumed = assumed.filter(|request| request.operation == "AssumeRole");
    let by: Vec<String> = assumed.map(|request| signed(&request).to_owned()).collect();
    assert_eq!(by, ["FROMTOOL", "FROMFILE"]);
}

#[test]
fn services_that_a_profile_names_are_there_and_have_usable_endpoints() {
    let server = server(|_, _| None);
    let files = with(
        &server,
        "[profile p]\nservices = gone\n[services here]\ns3 =\n  addressing_style = path\n",
    );
    let config = files.sandbox.home().join(".aws/config");
    let config = config.display();
    files.refuses(
        "p",
        &format!("`services` of the AWS profile `p` names the section `[services gone]`, which is not in `{config}`"),
        "add the section, or remove `services` from the profile",
    );
    let ignored = files.sandbox.run(["get", "s"]).env("AWS_PROFILE", "p");
    with_keys(ignored, "FROMKEYS")
        .env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
        .env("AWS_ENDPOINT_URL", server.url())
        .any_stdout()
        .outcome();
    for (url, what, hint) in [
        (
            "http://u:hunter2-p@127.0.0.1:1",
            "has a user name before the `@`, which requests cannot use",
            "remove it; in a path, write `@` as %40",
        ),
        (
            "http://127.0.0.1:1/?hunter2-p",
            "`http://127.0.0.1:1/?…`, has a `?` or `#`, which requests cannot use",
            "remove it and everything after it",
        ),
    ] {
        files.sandbox.never(b"hunter2-p");
        files.sandbox.write(
            ".aws/config",
            format!(
                "[profile p]\nservices = here\n{}[services here]\ns3 =\n  endpoint_url = {url}\n",
                keys("FROMK")
            ),
        );
        let run = files.sandbox.run(["get", "s", "--profile", "p"]);
        let outcome = run.unset("AWS_ENDPOINT_URL").fails(2);
        let place = format!(
            "the endpoint of S3 in `services` of the AWS profile `p`, in `{config}`, {what}"
        );
        assert!(outcome.stderr.contains(&place), "{}", outcome.stderr);
        assert!(outcome.stderr.ends_with(&format!("hint: {hint}\n")));
    }
}
