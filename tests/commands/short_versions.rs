//! A version is given by its first characters.

use std::fs;

use crate::support::versions::{get, put, versioned};
use crate::support::{FakeAws, Fault, Moto, Sandbox, place};

/// A fake with `one` and `two` under `s`, and the version of `one`.
fn two_versions() -> (FakeAws, String) {
    let aws = versioned();
    let old = put(&aws, "s", r#"{"a": "one"}"#);
    put(&aws, "s", r#"{"a": "two"}"#);
    aws.forget();
    (aws, old)
}

#[test]
fn the_first_six_characters_stand_for_a_version_wherever_one_is_given() {
    let (aws, old) = two_versions();
    let short = &old[..6];
    aws.prints(["get", "s", "--version", short], r#"{"a": "one"}"#);
    aws.prints(["get", "s", "--field", "a", "--version", &old[..9]], "one");
    let diff = aws.run(["diff", "s", "--version", short]);
    diff.stdout("changed\t/a\n").status(0);
    let reference = format!("s@{short}");
    let export = aws.run(["export", &reference, "--format", "dotenv"]);
    export.stdout_has("one").status(0);
    let exec = aws.run(["exec", &reference, "--", "sh", "-c", "printf %s \"$A\""]);
    exec.stdout("one").may_leak().status(0);
    let rollback = aws.run(["rollback", "s", "--to", short]);
    rollback.stderr_has("rolled back s").status(0);
    get(&aws, "s", r#"{"a": "one"}"#);
}

#[test]
fn versions_are_listed_only_where_there_is_none_as_given_and_once() {
    let (aws, old) = two_versions();
    let whole = aws
        .run(["get", "s", "--version", &old])
        .any_stdout()
        .status(0);
    assert_eq!(whole.operations(), ["GetObject", "Decrypt"]);
    let short = aws.run(["get", "s", "--version", &old[..6]]).any_stdout();
    let asked = ["GetObject", "ListObjectVersions", "GetObject", "Decrypt"];
    assert_eq!(short.status(0).operations(), asked);
    let none = aws.run(["get", "s", "--version", "v.nothing"]).any_stderr();
    let none = none.status(3);
    assert_eq!(none.operations(), ["GetObject", "ListObjectVersions"]);
    let few = aws.run(["get", "s", "--version", &old[..5]]);
    let few = few
        .stderr_has(&format!("error: no version `{}` of `s`", &old[..5]))
        .stderr_has("hint: `lazycred history s` shows its versions; 6 or more of the first characters of one are enough\n")
        .status(3);
    assert_eq!(few.operations(), ["GetObject"]);
}

#[test]
fn a_folder_knows_its_versions_by_their_beginning_too() {
    let sandbox = Sandbox::local();
    for secret in ["one", "two", "three"] {
        sandbox.put("web/s", secret);
    }
    let told = sandbox.run("history web/s").gives().lines();
    for (line, secret) in told.iter().zip(["three", "two", "one"]) {
        sandbox.prints(["get", "web/s", "--version", &line[..8]], secret);
        let exec = [
            "exec",
            &format!("web/s@{}", &line[..8]),
            "--",
            "printenv",
            "S",
        ];
        sandbox
            .run(exec)
            .stdout(format!("{secret}\n"))
            .may_leak()
            .ok();
    }
    let rollback = sandbox.run(["rollback", "web/s", "--to", &told[2][..6]]);
    rollback.any_stderr().ok();
    sandbox.prints("get web/s", "one");
    // It stands there twice now, and is one version.
    sandbox.prints(["get", "web/s", "--version", &told[2][..6]], "one");
    let upper = told[0][..12].to_uppercase();
    if upper != told[0][..12] {
        sandbox.refuses(["get", "web/s", "--version", &upper], 3, "no version `");
    }
    let nowhere = "error: no secret named `nowhere`";
    sandbox.refuses("get nowhere --version abcdef", 3, nowhere);
}

#[test]
fn where_several_begin_so_they_are_listed_as_short_as_they_differ() {
    let aws = versioned();
    aws.state().bucket("acme-secrets").alike = true;
    for secret in ["one", "two"] {
        put(&aws, "s", secret);
    }
    aws.state().delete_object(&place("s"));
    let zeros = "v.00000000000000000000000000000";
    let message = format!(
        "lazycred: error: `v.0000` matches 3 versions of `s` (s3://acme-secrets/prod/s): \
         {zeros}3 (a removal), {zeros}2, {zeros}1\n\
         lazycred: hint: give more of its characters; `lazycred history s` shows all of them\n"
    );
    let get = aws.run(["get", "s", "--version", "v.0000"]);
    get.stderr(&message).status(2);
    let exec = aws.run(["exec", "s@v.0000", "--", "true"]);
    exec.stderr(&message).status(125);
    let rollback = aws.run(["rollback", "s", "--to", "v.0000"]);
    rollback.stderr(&message).status(2);
    for _ in 0..20 {
        put(&aws, "s", "more");
    }
    let many = aws.run(["get", "s", "--version", "v.000000"]);
    let many = many
        .stderr_has("matches 23 versions")
        .stderr_has(" and 15 more\n")
        .status(2);
    assert!(many.stderr.len() < 900, "{many}");
}

#[test]
fn a_removal_is_named_as_one_and_cannot_be_read_or_restored() {
    let aws = versioned();
    put(&aws, "s", "one");
    aws.state().delete_object(&place("s"));
    let removal = aws.versions(&place("s"))[1].id.clone();
    let sandbox = Sandbox::local();
    sandbox.put("s", "one");
    sandbox.run("rm s").any_stderr().ok();
    let history = sandbox.run("history s").gives().lines();
    let in_folder = history[0].split('\t').next().unwrap();
    let (in_bucket, in_folder) = (removal.as_str(), in_folder);
    for (at, removal) in [("s3://acme-secrets/prod/s", in_bucket), ("", in_folder)] {
        for given in [removal, &removal[..8]] {
            let reference = format!("s@{given}");
            let commands: [(&[&str], i32); 4] = [
                (&["get", "s", "--version", given], 3),
                (&["rollback", "s", "--to", given], 3),
                (&["export", &reference, "--format", "json"], 3),
                (&["exec", &reference, "--", "true"], 125),
            ];
            for (args, status) in commands {
                let run = if at.is_empty() {
                    sandbox.run(args)
                } else {
                    aws.run(args)
                };
                let said = format!("lazycred: error: version `{removal}` of `s` ({at}");
                run.stderr_has(&said)
                    .stderr_has(") is a removal, which has no secret\n")
                    .stderr_has("hint: `lazycred history s` shows the versions; `lazycred rm s` removes the secret\n")
                    .status(status);
            }
        }
    }
}

#[test]
fn an_etag_has_to_be_given_whole_and_so_has_null() {
    let aws = FakeAws::start();
    put(&aws, "s", "one");
    let etag = aws.versions(&place("s"))[0]
        .etag
        .trim_matches('"')
        .to_owned();
    aws.forget();
    aws.prints(["get", "s", "--version", &etag], "one");
    let part = aws.run(["get", "s", "--version", &etag[..12]]);
    part.stderr_has(&format!("no version `{}` of `s`", &etag[..12]))
        .status(3);
    let put = aws
        .run(["put", "s", "--if-version", &etag[..12]])
        .stdin("two");
    put.stderr_has("cannot store `s`").status(6);
    get(&aws, "s", "one");
    aws.prints("get s --version null", "one");
    aws.refuses("get s --version nul", 3, "no version `nul`");
}

#[test]
fn without_the_right_to_list_versions_only_a_whole_one_is_found() {
    let (aws, old) = two_versions();
    let deny = || aws.fault("ListObjectVersions", Fault::Denied.once());
    deny();
    let short = aws.run(["get", "s", "--version", &old[..8]]);
    let short = short.stderr(format!(
        "lazycred: error: no version `{}` of `s` (s3://acme-secrets/prod/s)\n\
         lazycred: hint: give the whole version: finding it by its beginning needs s3:ListBucketVersions\n",
        &old[..8]
    ));
    short.status(3);
    aws.prints(["get", "s", "--version", &old], r#"{"a": "one"}"#);
    let now = aws.versions(&place("s"))[1].id.clone();
    deny();
    let put = aws.run(["put", "s", "--if-version", &now[..8]]).stdin("x");
    put.stderr_has("hint: give the whole version: whether no other begins so is not known without s3:ListBucketVersions")
        .status(6);
    // Any other failure to list is what it is.
    aws.fault(
        "ListObjectVersions",
        Fault::Error(503, "SlowDown", "reduce").times(50),
    );
    let run = aws.run(["--timeout", "1", "get", "s", "--version", &old[..8]]);
    run.stderr_has("SlowDown").status(1);
}

#[test]
fn if_version_takes_a_short_one_and_compares_the_whole() {
    let (aws, old) = two_versions();
    let now = aws.versions(&place("s"))[1].id.clone();
    let put_if = |version: &str| {
        aws.run(["put", "s", "--if-version", version])
            .stdin("three")
    };
    put_if(&old[..8]).stderr_has("cannot store `s`").status(6);
    let few =
        put_if(&now[..5]).stderr_has("hint: give at least the first six characters of the version");
    few.status(6);
    get(&aws, "s", r#"{"a": "two"}"#);
    aws.forget();
    let saved = put_if(&now[..8]).stderr_has("saved s").status(0);
    let mut requests = saved.requests.iter();
    let sent = requests.find(|request| request.operation == "PutObject");
    assert!(sent.unwrap().header("if-match").is_some());
    get(&aws, "s", "three");
    let whole = aws.versions(&place("s"))[2].id.clone();
    let whole = put_if(&whole).stderr_has("saved s").status(0);
    assert!(
        !whole.operations().contains(&"ListObjectVersions"),
        "{whole}"
    );

    let alike = versioned();
    alike.state().bucket("acme-secrets").alike = true;
    put(&alike, "s", "one");
    put(&alike, "s", "two");
    let refused = alike
        .run(["put", "s", "--if-version", "v.000000"])
        .stdin("x");
    refused
        .stderr_has("`v.000000` matches 2 versions of `s`")
        .status(2);
    get(&alike, "s", "two");

    let sandbox = Sandbox::local();
    sandbox.put("s", "one");
    sandbox.put("s", "two");
    let told = sandbox.run("history s").gives().lines();
    let put_if = |line: &str| {
        sandbox
            .run(["put", "s", "--if-version", &line[..7]])
            .stdin("three")
    };
    put_if(&told[1]).stderr_has("cannot store `s`").status(6);
    put_if(&told[0]).any_stderr().ok();
    sandbox.prints("get s", "three");
}

#[test]
fn versions_that_were_planted_in_a_folder_are_not_opened_by_their_beginning() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "one");
    sandbox.put("s", "two");
    let versions = sandbox.work().join("secrets/.lazycred/versions/s.d");
    let name = format!("{:020}-{}", 1, "abcdef0123456789".repeat(4));
    fs::write(versions.join(name), "{}").unwrap();
    let get = sandbox.run("get s --version abcdef");
    get.stderr_has("was changed on disk").status(4);
}

#[test]
fn moto_finds_versions_by_their_beginning() {
    let Some(moto) = Moto::shared() else {
        return;
    };
    moto.fresh_wrapping_key("test-short");
    let s3_path = format!("{}/app/", moto.fresh_versioned_bucket());
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, "test-short");
    sandbox.put("s", "one");
    sandbox.put("s", "two");
    sandbox.run("rm s").any_stderr().ok();
    let told = sandbox.run("history s").gives().lines();
    sandbox.prints(["get", "s", "--version", &told[2][..10]], "one");
    sandbox.refuses(["get", "s", "--version", &told[0][..10]], 3, "is a removal");
    sandbox.refuses("get s --version nothing-so", 3, "no version `nothing-so`");
}
