//! `init` at a terminal: it asks for what it lacks, and before it makes anything.

use crate::commands::init::create::changes;
use crate::support::{FakeAws, PROGRAM, Sandbox, at_terminal};

fn file(sandbox: &Sandbox) -> String {
    let text = sandbox.read(".lazycred").unwrap_or_default();
    String::from_utf8(text).unwrap()
}

#[test]
fn init_alone_asks_for_the_store_and_its_wrapping_key() {
    for (typed, expected) in [
        (
            "file:secrets/\n\n",
            "{\"s3_path\": \"file:secrets/\", \"key_alias\": \"local:dev\"}\n",
        ),
        (
            " file:s \nlocal:ci\n",
            "{\"s3_path\": \"file:s\", \"key_alias\": \"local:ci\"}\n",
        ),
        (
            "acme/prod/\nacme\neu-west-1\nn\n",
            "{\"s3_path\": \"acme/prod/\", \"key_alias\": \"acme\", \"region\": \"eu-west-1\"}\n",
        ),
        (
            "acme/prod/\n\n\n\n",
            "{\"s3_path\": \"acme/prod/\", \"region\": \"eu-north-1\"}\n",
        ),
    ] {
        let sandbox = Sandbox::new();
        let init = sandbox.run("init").env("AWS_REGION", "eu-north-1");
        let (shown, status) = at_terminal(init, typed);
        assert_eq!((status, &*file(&sandbox)), (0, expected), "{shown}");
    }
    let sandbox = Sandbox::new();
    for nothing in ["\n", "\u{4}"] {
        let (shown, status) = at_terminal(sandbox.run("init"), nothing);
        assert!(status == 2 && shown.contains("no store given"), "{shown}");
    }
    sandbox.refuses("init", 2, "hint: pass --s3-path BUCKET/PREFIX/");
    assert_eq!(file(&sandbox), "");
}

#[test]
fn what_is_answered_is_checked_before_anything_is_made() {
    let sandbox = Sandbox::new();
    let (shown, status) = at_terminal(sandbox.run("init"), "no-slash\nk\n\n");
    assert!(
        status == 2 && shown.contains("without a `/` after the bucket"),
        "{shown}"
    );
    assert_eq!(file(&sandbox), "");
}

#[test]
fn an_answer_that_would_be_refused_is_asked_for_again() {
    let sandbox = Sandbox::apart();
    let typed = "/srv/secrets\nfoo\nfile:/srv/s\nfile:~/s\nfile:s/\na b\nlocal:\nlocal:ci\n";
    let (shown, status) = at_terminal(sandbox.run("init"), typed);
    for (said, times) in [
        ("for a folder, write `file:/srv/secrets`\n", 1),
        ("`s3_path` is `foo`, without a `/` after the bucket\n", 1),
        (
            "a `file:` path that is absolute or has `..` is accepted only",
            1,
        ),
        ("in which `~` and `$` are not expanded\n", 1),
        ("`a b` is not a valid `key_alias`", 1),
        ("store, BUCKET/PREFIX/ in S3 or file:FOLDER/: ", 5),
        ("or local:NAME [local:dev]: ", 3),
    ] {
        assert_eq!(shown.matches(said).count(), times, "{said}: {shown}");
    }
    let expected = "{\"s3_path\": \"file:s/\", \"key_alias\": \"local:ci\"}\n";
    assert_eq!((status, &*file(&sandbox)), (0, expected), "{shown}");
}

#[test]
fn a_region_that_aws_needs_is_asked_for_once_more() {
    let with = |region: &str| {
        format!("{{\"s3_path\": \"acme/\", \"key_alias\": \"k\", \"region\": \"{region}\"}}\n")
    };
    let without = "{\"s3_path\": \"acme/\", \"key_alias\": \"k\"}\n";
    let needs = "AWS needs a region";
    for (typed, said, expected) in [
        ("\neu_west\neu-west-1", needs, with("eu-west-1")),
        (
            "eu_west\neu-west-1",
            "`eu_west`, from the answer, is not a valid region",
            with("eu-west-1"),
        ),
        ("\n", needs, without.to_owned()),
    ] {
        let mut sandbox = Sandbox::apart();
        sandbox.write("aws", "[default]\nregion = eu-west-2\n");
        sandbox.set("AWS_CONFIG_FILE", sandbox.work().join("aws"));
        let init = sandbox
            .run("init")
            .unset("AWS_REGION")
            .unset("AWS_DEFAULT_REGION");
        let (shown, _) = at_terminal(init, &format!("acme/\nk\n{typed}\nn\n"));
        assert!(shown.contains(said), "{shown}");
        assert_eq!(file(&sandbox), expected, "{shown}");
    }
}

#[test]
fn init_alone_offers_to_create_what_is_missing_in_aws() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "", "");
    // The offer, and the question once it is known what for.
    let typed = "fresh/p/\nnew\n\ny\ny\n";
    let (shown, status) = at_terminal(sandbox.run("init"), typed);
    assert_eq!(status, 0, "{shown}");
    assert!(
        shown.contains("create what is missing in AWS? [y/N]"),
        "{shown}"
    );
    assert_eq!(changes(&fake).len(), 7, "{shown}");
    let text = "{\"s3_path\": \"fresh/p/\", \"key_alias\": \"new\", \"region\": \"us-east-1\"}\n";
    assert_eq!(file(&sandbox), text);
    // Without a configuration, --create asks as well.
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "", "");
    sandbox.refuses("init --create", 2, "no store given");
    let typed = "fresh/p/\nnew\n\ny\n";
    let (shown, status) = at_terminal(sandbox.run("init --create"), typed);
    assert_eq!((status, changes(&fake).len()), (0, 7), "{shown}");
}

#[test]
fn account_and_identity_are_said_before_the_question_even_if_quiet() {
    for quiet in ["", "--quiet "] {
        let fake = FakeAws::start();
        let sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
        let (shown, status) = at_terminal(sandbox.run(&*format!("{quiet}init --create")), "n\n");
        assert_eq!((status, changes(&fake).len()), (0, 0), "{shown}");
        let at = |text: &str| {
            shown
                .find(text)
                .unwrap_or_else(|| panic!("{text}: {shown}"))
        };
        let who = at(
            "in account 123456789012, as arn:aws:iam::123456789012:user/tester, region us-east-1\n",
        );
        let (will, question) = (
            at("will create the bucket `fresh`"),
            at("continue in account 123456789012? [y/N]"),
        );
        assert!(who < will && will < question, "{shown}");
    }
}

#[test]
fn a_question_that_nobody_would_see_makes_nothing() {
    let fake = FakeAws::start();
    let sandbox = Sandbox::aws(&fake.url(), "fresh/", "new");
    let script = format!("'{PROGRAM}' init --create 2>said");
    let run = sandbox.run(["-c", &*script]).program("/bin/sh");
    let (_, status) = at_terminal(run, "y\n");
    let said = String::from_utf8(sandbox.read("said").unwrap()).unwrap();
    assert_eq!((status, changes(&fake).len()), (2, 0), "{said}");
    assert!(
        said.ends_with("lazycred: hint: pass --yes to create it without a question\n"),
        "{said}"
    );
    let script = format!("'{PROGRAM}' init --create --yes 2>said");
    let run = sandbox.run(["-c", &*script]).program("/bin/sh");
    assert_eq!(at_terminal(run, "").1, 0);
    assert_eq!(changes(&fake).len(), 7);
}

#[test]
fn what_a_question_shows_cannot_control_the_terminal() {
    let mut sandbox = Sandbox::new();
    sandbox.set("AWS_REGION", "r\u{1b}[31m");
    let (shown, _) = at_terminal(sandbox.run("init"), "acme/\nk\nus-east-1\nn\n");
    assert!(shown.contains("region [r\\u{1b}[31m]: "), "{shown:?}");
}
