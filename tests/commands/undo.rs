//! `rollback` without `--to`: the last write or removal is undone.

use std::fs;

use crate::support::harness::record;
use crate::support::versions::{get, put, undo, versioned};
use crate::support::{ALIAS, FakeAws, Fault, Moto, Sandbox, place, store};

const NOW: &str =
    "lazycred: error: no version of `s` (s3://acme-secrets/prod/s) before the current one\n";

const MEANWHILE: &str =
    "lazycred: hint: somebody wrote it meanwhile: look at `lazycred history s` before retrying\n";

#[test]
fn a_rollback_restores_what_was_there_before_and_a_second_one_undoes_it() {
    for format in [1, 2] {
        let aws = versioned();
        for secret in ["one", "two", "three"] {
            store(&aws, &place("s"), secret, format);
        }
        for secret in ["two", "three", "two"] {
            aws.forget();
            let said = "rolled back s (replaced; undo: lazycred rollback s)\n";
            let outcome = aws.run("rollback s").stderr(said).status(0);
            assert!(!outcome.operations().contains(&"Decrypt"), "{outcome}");
            get(&aws, "s", secret);
        }
        assert_eq!(aws.versions(&place("s")).len(), 6);
    }
}

#[test]
fn a_folder_goes_back_and_forth_too_also_to_bytes_that_it_had_before() {
    let sandbox = Sandbox::local();
    for secret in ["one", "two"] {
        sandbox.put("web/s", secret);
    }
    let said = "rolled back web/s (replaced; undo: lazycred rollback web/s)\n";
    for secret in ["one", "two", "one", "two"] {
        sandbox.says("rollback web/s", said);
        sandbox.prints("get web/s", secret);
    }
    sandbox.put("web/s", "three");
    sandbox.says("rollback web/s", said);
    sandbox.prints("get web/s", "two");
}

#[test]
fn what_was_removed_comes_back_however_often_it_was_removed() {
    let aws = versioned();
    put(&aws, "s", "one");
    put(&aws, "s", "two");
    aws.state().delete_object(&place("s"));
    aws.state().delete_object(&place("s"));
    aws.says("rollback s", "rolled back s\n");
    get(&aws, "s", "two");
    // The removals before it do not count.
    let said = "rolled back s (replaced; undo: lazycred rollback s)\n";
    aws.says("rollback s", said);
    get(&aws, "s", "two");

    let sandbox = Sandbox::local();
    sandbox.put("s", "one");
    sandbox.put("s", "two");
    let removed = sandbox.run("rm s").any_stderr().status(0);
    sandbox
        .run(undo(&removed.stderr))
        .stderr("rolled back s\n")
        .ok();
    sandbox.prints("get s", "two");
    sandbox.says("rollback s", said);
    sandbox.prints("get s", "two");
}

#[test]
fn where_there_is_none_before_the_hint_says_whether_versions_are_kept() {
    let kept = "lazycred: hint: versions are kept: whatever is replaced or removed from now on can be restored\n";
    let lost = "lazycred: hint: the bucket keeps no versions: `lazycred doctor` says how to turn that on\n";
    for (aws, hint) in [(versioned(), kept), (FakeAws::start(), lost)] {
        put(&aws, "s", "one");
        aws.run("rollback s")
            .stderr(format!("{NOW}{hint}"))
            .status(3);
        aws.fault("GetBucketVersioning", Fault::Denied.once());
        let unknown = aws
            .run("rollback s")
            .stderr_has("hint: whether versions are kept is not known: ");
        unknown.stderr_has("AccessDenied").status(3);
        get(&aws, "s", "one");
    }
    // A name that never was is one that is mistyped.
    versioned().refuses("rollback nope", 3, "no secret named `nope`");
    let gone = FakeAws::start();
    put(&gone, "s", "one");
    gone.says("rm s", "removed s permanently\n");
    let gone = gone.run("rollback s").stderr_has("no secret named `s`");
    gone.stderr_has(", and no version of it\n")
        .stderr_has(lost)
        .status(3);
    let sandbox = Sandbox::local();
    sandbox.put("s", "one");
    let rollback = sandbox
        .run("rollback s")
        .stderr_has("before the current one");
    rollback.stderr_has(kept).status(3);
    sandbox.refuses("rollback nope", 3, "no secret named `nope`");
}

#[test]
fn what_somebody_writes_meanwhile_is_not_undone() {
    let theirs = |aws: &FakeAws| {
        record::version_1(b"theirs", |data_key, context| {
            aws.wrap(ALIAS, data_key, context)
        })
    };
    for operation in ["GetObject", "PutObject"] {
        for removed in [false, true] {
            let aws = versioned();
            put(&aws, "s", "one");
            put(&aws, "s", "two");
            if removed {
                aws.state().delete_object(&place("s"));
            }
            let bytes = theirs(&aws);
            aws.before(operation, move |state| {
                state.put_object("acme-secrets/prod/s", &bytes);
            });
            let rollback = aws.run("rollback s").stderr_has("cannot store `s`");
            rollback.stderr_has(MEANWHILE).status(6);
            get(&aws, "s", "theirs");
        }
    }
}

/// Every request in its turn is not done, or done with its answer lost.
#[test]
fn an_interrupted_rollback_leaves_the_one_or_the_other_and_says_which() {
    let start = || {
        let aws = versioned();
        put(&aws, "s", "one");
        put(&aws, "s", "two");
        aws
    };
    let requests = start().run("rollback s").any_stderr().status(0).requests;
    for at in 1..=requests.len() {
        for fault in [Fault::Close, Fault::Lost] {
            let aws = start();
            aws.fault("*", fault.clone().at(at));
            let ended = aws.run("rollback s").any_stderr().outcome();
            let now = aws.run("get s").any_stdout().status(0).text();
            match ended.code() {
                Some(0) => assert_eq!(now, "one", "{at} {fault:?}: {ended}"),
                _ => assert!(["one", "two"].contains(&&*now), "{at} {fault:?}: {ended}"),
            }
            assert!(aws.versions(&place("s")).len() <= 3, "{at} {fault:?}");
        }
    }
}

#[test]
fn a_removal_meanwhile_is_not_undone_either() {
    let aws = versioned();
    put(&aws, "s", "one");
    put(&aws, "s", "two");
    aws.before("PutObject", |state| {
        state.delete_object("acme-secrets/prod/s");
    });
    aws.refuses("rollback s", 6, "cannot store `s`");
    aws.refuses("get s", 3, "no secret named `s`");
}

#[test]
fn a_damaged_version_before_is_named_and_stays_where_it_is() {
    let aws = versioned();
    let damaged = aws.put_object(&place("s"), b"{\"data\": 1}");
    let said =
        format!("saved s (replaced a damaged record, which is kept as version `{damaged}`)\n");
    let put = aws.run("put s").stdin("two");
    put.stderr_has("; replacing it\n")
        .stderr_has(&said)
        .status(0);
    let rollback = aws.run("rollback s");
    rollback
        .stderr_has(&format!("cannot open `s` (s3://acme-secrets/prod/s): version `{damaged}`: "))
        .stderr_has("hint: `lazycred rollback s --to VERSION` restores another of those that `lazycred history s` shows")
        .status(4);
    get(&aws, "s", "two");
}

#[test]
fn what_was_stored_before_versions_were_kept_is_restored_by_its_etag() {
    let aws = FakeAws::start();
    put(&aws, "s", "one");
    aws.versioning(true);
    let said = "saved s (replaced; undo: lazycred rollback s)\n";
    aws.run("put s").stdin("two").stderr(said).status(0);
    aws.run("rollback s").any_stderr().status(0);
    get(&aws, "s", "one");
}

#[test]
fn while_versioning_is_suspended_only_what_is_kept_is_promised() {
    let aws = versioned();
    put(&aws, "s", "one");
    aws.versioning(false);
    let kept = "saved s (replaced; undo: lazycred rollback s)\n";
    aws.run("put s").stdin("two").stderr(kept).status(0);
    // This one takes the place of the last.
    aws.run("put s")
        .stdin("three")
        .stderr("saved s\n")
        .status(0);
    aws.says("rollback s", "rolled back s\n");
    get(&aws, "s", "one");
}

#[test]
fn a_folder_never_goes_back_to_what_was_planted_among_its_versions() {
    let sandbox = Sandbox::local();
    sandbox.put("s", "one");
    sandbox.put("s", "two");
    let versions = sandbox.work().join("secrets/.lazycred/versions/s.d");
    let kept = fs::read_dir(&versions).unwrap().next().unwrap().unwrap();
    fs::write(kept.path(), "{}").unwrap();
    let refused = sandbox.run("rollback s").stderr_has("was changed on disk");
    refused.status(4);
    sandbox.prints("get s", "two");
}

#[test]
fn the_command_that_undoes_finds_the_same_store() {
    let sandbox = Sandbox::local();
    let config = sandbox.read(".lazycred").unwrap();
    fs::create_dir(sandbox.work().join("a b")).unwrap();
    let moved = sandbox.write("a b/else", config);
    fs::remove_file(sandbox.work().join(".lazycred")).unwrap();
    let flag = format!("--config '{}'", moved.display());
    let put = |secret: &str| {
        let config = moved.to_str().unwrap();
        let args = ["--config", config, "put", "--", "-x y"];
        sandbox
            .run(args)
            .stdin(secret)
            .any_stderr()
            .status(0)
            .stderr
    };
    put("one");
    let told = put("two");
    let said = format!("saved -x y (replaced; undo: lazycred rollback {flag} -- '-x y')\n");
    assert_eq!(told, said);
    sandbox.run(undo(&told)).any_stderr().ok();
    let config = moved.to_str().unwrap();
    sandbox.prints(["get", "--config", config, "--", "-x y"], "one");
    let removed = sandbox.run(["rm", "--config", config, "--", "-x y"]);
    let removed = removed.any_stderr().status(0).stderr;
    sandbox.run(undo(&removed)).any_stderr().ok();
    sandbox.prints(["get", "--config", config, "--", "-x y"], "one");
}

#[test]
fn the_command_that_undoes_names_the_environment_too() {
    let sandbox = Sandbox::local();
    let own = r#""s3_path": "file:SECRETS/", "key_alias": "local:dev""#;
    let other = own.replace("SECRETS", "of prod");
    let file = format!(r#"{{{own}, "environments": {{"prod": {{{other}}}}}}}"#);
    sandbox.write(".lazycred", file);
    let put = |secret: &str| {
        let put = sandbox.run("put s -e prod").stdin(secret);
        put.any_stderr().status(0).stderr
    };
    put("one");
    let told = put("two");
    assert_eq!(
        told,
        "saved s (replaced; undo: lazycred rollback s -e prod)\n"
    );
    sandbox.run(undo(&told)).any_stderr().ok();
    sandbox.prints("get s -e prod", "one");
    let kept = "its history stays under s: lazycred history s -e prod";
    sandbox.says("mv s t -e prod", format!("renamed s to t ({kept})\n"));
}

#[test]
fn a_version_under_another_wrapping_key_is_restored_with_from() {
    let aws = versioned();
    aws.wrapping_key("earlier", crate::support::ACCOUNT, crate::support::REGION);
    let wrap = |data_key: &[u8], context: &crate::support::fake_aws::Context| {
        aws.wrap("earlier", data_key, context)
    };
    let about = record::About::new(format!("s3://{}", place("s")), b"one");
    aws.put_object(&place("s"), &record::version_2(&about, b"one", wrap));
    store(&aws, &place("s"), "two", 2);
    aws.refuses("rollback s", 4, "cannot open `s`");
    aws.run("rollback s --from earlier").any_stderr().status(0);
    get(&aws, "s", "one");
}

#[test]
fn moto_goes_back_and_forth_too() {
    let Some(moto) = Moto::shared() else {
        return;
    };
    moto.fresh_wrapping_key("test-undo");
    let s3_path = format!("{}/app/", moto.fresh_versioned_bucket());
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, "test-undo");
    sandbox.put("s", "one");
    sandbox.put("s", "two");
    for secret in ["one", "two"] {
        sandbox.run("rollback s").any_stderr().ok();
        sandbox.prints("get s", secret);
    }
    sandbox.run("rm s").any_stderr().ok();
    sandbox.says("rollback s", "rolled back s\n");
    sandbox.prints("get s", "two");
}
