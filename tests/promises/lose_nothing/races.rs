//! Many write one secret at once, on real servers: nothing is lost, and a
//! conflict is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::support::harness::record;
use crate::support::real_s3::RealS3;
use crate::support::{Moto, PROGRAM, Sandbox, full, temporary};

/// So many processes write at the same time.
const WRITERS: usize = 16;

/// So often each of them writes: fifty times, but a few where it takes minutes.
fn rounds() -> usize {
    match full::only() {
        Ok(()) => 50,
        Err(reason) => {
            full::skip("races of fifty rounds (four are run)", &reason);
            4
        }
    }
}

/// Gives a home whose wrapping key is `local:dev` that wrapping key.
fn with_local_wrapping_key(sandbox: Sandbox) -> Sandbox {
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
    sandbox.set("LAZYCRED_KEY_ALIAS", alias);
    Some(sandbox)
}

fn moto() -> Option<Sandbox> {
    let moto = Moto::shared()?;
    let s3_path = format!("{}/app/", moto.fresh_bucket());
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, "local:dev");
    Some(with_local_wrapping_key(sandbox))
}

/// One of each, as many as there are.
fn all(prefix: &str) -> Vec<Sandbox> {
    let servers = [versitygw(prefix), seaweedfs(prefix), moto()];
    let servers = servers.into_iter().flatten();
    servers.chain([Sandbox::local()]).collect()
}

/// Many processes set fields of one secret at once, each its own, and all are there.
#[track_caller]
fn none_is_lost(sandbox: &Sandbox, rounds: usize) {
    sandbox.put("db", "{}");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for round in 0..rounds {
                    let field = format!("/{writer}/{round}");
                    let set = ["set", "db", &field, "--timeout", "300", "--quiet"];
                    sandbox.run(set).stdin(format!("{writer} {round}")).ok();
                }
            });
        }
    });
    let secret = sandbox.run(["get", "db"]).gives().stdout;
    let secret: Value = serde_json::from_slice(&secret).unwrap();
    for writer in 0..WRITERS {
        for round in 0..rounds {
            let value = &secret[writer.to_string()][round.to_string()];
            assert_eq!(value, &format!("{writer} {round}"));
        }
    }
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
        for name in ["a", "web/b", "c"] {
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
