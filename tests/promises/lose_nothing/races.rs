//! Many write one secret at once, on real servers: nothing is lost, and a
//! conflict is told.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rand_core::{OsRng, RngCore as _};
use serde_json::{Value, json};

use crate::support::harness::record;
use crate::support::real_s3::RealS3;
use crate::support::{ALIAS, BUCKET, FakeAws, Moto, PROGRAM, Run, Sandbox, full, temporary};

/// So many processes write at the same time.
const WRITERS: usize = 16;

/// So often each of them writes.
fn rounds() -> usize {
    full::many(8, 50)
}

/// Gives a home whose wrapping key is `local:dev` that wrapping key.
fn with_local_wrapping_key(mut sandbox: Sandbox) -> Sandbox {
    patient(&mut sandbox);
    let file = record::local_wrapping_key();
    sandbox.write(".local/share/lazycred/dev.key", file);
    sandbox
}

fn versitygw(prefix: &str) -> Option<Sandbox> {
    let server = RealS3::versitygw()?;
    Some(with_local_wrapping_key(server.sandbox(prefix)))
}

/// `SeaweedFS` for the records, and moto's KMS for the wrapping key.
fn seaweedfs(prefix: &str) -> Option<Sandbox> {
    let mut sandbox = RealS3::seaweedfs()?.sandbox(prefix);
    let moto = Moto::shared()?;
    let alias = format!("test-races-{prefix}");
    moto.fresh_wrapping_key(&alias);
    sandbox.set("AWS_ENDPOINT_URL_KMS", moto.endpoint());
    patient(&mut sandbox);
    sandbox.set("LAZYCRED_KEY_ALIAS", alias);
    Some(sandbox)
}

fn moto() -> Option<Sandbox> {
    let moto = Moto::shared()?;
    let s3_path = format!("{}/app/", moto.fresh_bucket());
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, "local:dev");
    Some(with_local_wrapping_key(sandbox))
}

/// The fake of AWS, which keeps versions; each call has a prefix of its own.
fn fake() -> Sandbox {
    static FAKE: LazyLock<FakeAws> = LazyLock::new(FakeAws::start);
    static PREFIXES: AtomicUsize = AtomicUsize::new(0);
    FAKE.versioning(true);
    let number = PREFIXES.fetch_add(1, Ordering::SeqCst);
    let prefix = format!("{BUCKET}/{number}/");
    let mut sandbox = Sandbox::aws(&FAKE.url(), &prefix, ALIAS);
    patient(&mut sandbox);
    sandbox
}

/// A server that so many ask at once may be silent for a while.
fn patient(sandbox: &mut Sandbox) {
    sandbox.set("AWS_MAX_ATTEMPTS", "10");
}

/// One of each, as many as there are.
fn all(prefix: &str) -> Vec<Sandbox> {
    let servers = [versitygw(prefix), seaweedfs(prefix), moto()];
    let servers = servers.into_iter().flatten();
    servers.chain([fake(), Sandbox::local()]).collect()
}

/// Has records of version 2 from now on, which count how often they were written.
fn counting(sandbox: &Sandbox) {
    let of = |name: &str| sandbox.variable(name).unwrap_or_default();
    let [s3_path, key_alias] = ["LAZYCRED_S3_PATH", "LAZYCRED_KEY_ALIAS"].map(of);
    let config = match &*s3_path {
        "" => json!({"s3_path": "file:secrets/", "key_alias": "local:dev", "format": 2}),
        _ => json!({"s3_path": s3_path, "key_alias": key_alias, "format": 2}),
    };
    sandbox.write(".lazycred", config.to_string());
}

/// A run whose output is not searched for all that was ever written: other tests do that,
/// and here it would take longer than the writing.
fn quietly(sandbox: &Sandbox, words: &[&str]) -> Run {
    sandbox.run(words).may_leak()
}

/// Panics unless so many writes have come after the first one, and all that each writer
/// wrote is there.
#[track_caller]
fn has_all(sandbox: &Sandbox, rounds: usize) {
    let secret = sandbox.run(["get", "db"]).gives().stdout;
    let secret: Value = serde_json::from_slice(&secret).unwrap();
    for writer in 0..WRITERS {
        for round in 0..rounds {
            let value = &secret[writer.to_string()][round.to_string()];
            assert_eq!(value, &format!("{writer} {round}"));
        }
    }
    let generation = 1 + WRITERS * rounds;
    let at_least = |generation: usize| {
        let least = format!("db={generation}");
        sandbox.run(["get", "db", "--min-gen", &least]).outcome()
    };
    let (reached, beyond) = (at_least(generation), at_least(generation + 1));
    assert_eq!(reached.status, 0, "{reached}");
    assert_eq!(beyond.status, 4, "{beyond}");
}

/// Many processes set fields of one secret at once, each its own, and all are there.
#[track_caller]
fn none_is_lost(sandbox: &Sandbox, rounds: usize) {
    counting(sandbox);
    sandbox.put("db", "{}");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for round in 0..rounds {
                    let field = format!("/{writer}/{round}");
                    let set = ["set", "db", &field, "--timeout", "300", "--quiet"];
                    let set = quietly(sandbox, &set).stdin(format!("{writer} {round}"));
                    set.ok();
                }
            });
        }
    });
    has_all(sandbox, rounds);
}

/// The same by what is there for programs: each reads a version, and puts what it made of
/// it only where that is still the current one, else it begins anew.
#[track_caller]
fn none_is_lost_of_what_was_read(sandbox: &Sandbox, rounds: usize) {
    counting(sandbox);
    sandbox.put("db", "{}");
    let edited = |writer: usize, round: usize| {
        let told = quietly(sandbox, &["history", "db"]).gives().lines();
        let version = told[0].split('\t').next().unwrap().to_owned();
        let read = quietly(sandbox, &["get", "db", "--version", &version]).outcome();
        if read.status == 3 {
            // Where a server keeps no versions, it is gone.
            return false;
        }
        let mut secret: Value = serde_json::from_slice(&read.stdout).unwrap();
        secret[writer.to_string()][round.to_string()] = format!("{writer} {round}").into();
        let put = ["put", "db", "--if-version", &version, "--timeout", "300"];
        let put = quietly(sandbox, &put).stdin(secret.to_string()).outcome();
        assert!([0, 6].contains(&put.status), "{put}");
        put.status == 0
    };
    let conflicts = AtomicUsize::new(0);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (edited, conflicts) = (&edited, &conflicts);
            scope.spawn(move || {
                for round in 0..rounds {
                    let mut wait = 10;
                    while !edited(writer, round) {
                        conflicts.fetch_add(1, Ordering::SeqCst);
                        wait = 1000.min(2 * wait);
                        let part = (u64::from(OsRng.next_u32()) * wait) >> 32;
                        thread::sleep(Duration::from_millis(part));
                    }
                }
            });
        }
    });
    // Otherwise it was no race.
    assert!(conflicts.into_inner() > 0);
    has_all(sandbox, rounds);
}

#[test]
fn sixteen_that_put_fifty_versions_each_of_what_they_read_lose_none() {
    none_is_lost_of_what_was_read(&fake(), full::many(2, 50));
}

#[test]
fn sixteen_that_put_versions_of_what_they_read_lose_none_on_a_real_server() {
    if let Some(sandbox) = versitygw("read") {
        none_is_lost_of_what_was_read(&sandbox, full::many(1, 50));
    }
}

#[test]
fn sixteen_that_set_fifty_fields_each_lose_none_on_the_fake() {
    none_is_lost(&fake(), rounds());
}

#[test]
fn sixteen_that_set_fifty_fields_each_lose_none_on_a_real_server() {
    if let Some(sandbox) = versitygw("fifty") {
        none_is_lost(&sandbox, rounds());
    }
}

#[test]
fn sixteen_that_set_fields_lose_none_on_a_server_that_is_slow_at_conflicts() {
    if let Some(sandbox) = seaweedfs("some") {
        none_is_lost(&sandbox, 3);
    }
}

#[test]
fn sixteen_that_set_fifty_fields_each_lose_none_on_moto() {
    if let Some(sandbox) = moto() {
        none_is_lost(&sandbox, rounds());
    }
}

#[test]
fn sixteen_that_set_fifty_fields_each_lose_none_in_a_folder() {
    none_is_lost(&Sandbox::local(), rounds());
}

#[test]
fn of_sixteen_that_create_one_name_exactly_one_succeeds_and_the_rest_have_a_conflict() {
    for sandbox in all("create") {
        for round in 0..full::many(4, 100) {
            let name = &*format!("{}{round}", ["a", "web/b"][round % 2]);
            let (made, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let winner = AtomicUsize::new(WRITERS);
            thread::scope(|scope| {
                for writer in 0..WRITERS {
                    let (sandbox, made, refused) = (&sandbox, &made, &refused);
                    let winner = &winner;
                    scope.spawn(move || {
                        let put = ["put", name, "--if-absent", "--timeout", "300"];
                        let put = sandbox.run(put).stdin(format!("secret {writer}"));
                        let outcome = put.outcome();
                        let count = match outcome.status {
                            0 => made,
                            6 => refused,
                            _ => panic!("{outcome:?}"),
                        };
                        count.fetch_add(1, Ordering::SeqCst);
                        if outcome.status == 0 {
                            winner.store(writer, Ordering::SeqCst);
                        }
                    });
                }
            });
            assert_eq!(made.into_inner(), 1);
            assert_eq!(refused.into_inner(), WRITERS - 1);
            let expected = format!("secret {}", winner.into_inner());
            sandbox.run(["get", name]).stdout(expected).ok();
        }
    }
}

#[test]
fn an_edit_during_which_somebody_writes_is_a_conflict_on_every_server() {
    if temporary::in_memory_or_skip().is_none() {
        return;
    }
    for sandbox in all("edit") {
        let script = format!("printf theirs | '{PROGRAM}' --quiet put db\nprintf ours >\"$1\"\n");
        let script = sandbox.write("script", script);
        let edit = || {
            let editor = format!("/bin/sh {}", script.display());
            let memory = temporary::in_memory().unwrap();
            let edit = sandbox.run(["edit", "db"]).env("EDITOR", editor);
            edit.env("XDG_RUNTIME_DIR", memory.path()).outcome()
        };
        let created = edit();
        assert_eq!(created.status, 6, "{}", created.stderr);
        sandbox.put("db", "before");
        let changed = edit();
        assert_eq!(changed.status, 6, "{}", changed.stderr);
        sandbox.run(["get", "db"]).stdout("theirs").ok();
    }
}

#[test]
fn a_version_that_is_no_longer_current_is_a_conflict_on_every_server() {
    for sandbox in all("version") {
        let version = || {
            let told = sandbox.run(["history", "db"]).gives().lines();
            told[0].split('\t').next().unwrap().to_owned()
        };
        sandbox.put("db", "one");
        let old = version();
        sandbox.put("db", "two");
        let put = |version: &str| {
            let put = sandbox.run(["put", "db", "--if-version", version]);
            put.stdin("three").outcome()
        };
        let refused = put(&old);
        assert_eq!(refused.status, 6, "{}", refused.stderr);
        sandbox.run(["get", "db"]).stdout("two").ok();
        let stored = put(&version());
        assert_eq!(stored.status, 0, "{}", stored.stderr);
        sandbox.run(["get", "db"]).stdout("three").ok();
    }
}
