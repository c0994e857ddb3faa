//! S3 and KMS by moto, and the Python original on the same server.
//!
//! Where moto is not there, the golden records of the original are read from
//! recorded exchanges instead.

use crate::support::fixtures::{self, golden};
use crate::support::harness::Sandbox;
use crate::support::moto::{Backend, Moto, Original};

/// A wrapping key of the test's own, by its alias.
fn alias_of(moto: &Moto, alias: &str) -> String {
    moto.fresh_wrapping_key(alias);
    alias.to_owned()
}

#[test]
fn every_record_of_the_original_is_read_byte_for_byte() {
    let backend = Backend::golden();
    let sandbox = Sandbox::aws(
        &backend.endpoint(),
        &backend.s3_path(),
        &fixtures::key_alias(),
    );
    let (mut sizes, mut binary, mut broken) = (Vec::new(), 0, 0);
    for golden in golden() {
        let run = sandbox.run(["get", &golden.name]);
        if let Some(plaintext) = golden.plaintext {
            sizes.push(plaintext.len());
            binary += usize::from(str::from_utf8(&plaintext).is_err());
            run.stdout(plaintext).ok();
            continue;
        }
        broken += 1;
        run.stderr_has("0.2.3").status(4);
    }
    assert!(sizes.len() >= 24, "{}", sizes.len());
    assert!(
        sizes.contains(&0) && sizes.contains(&(1 << 20)),
        "{sizes:?}"
    );
    assert!(binary >= 4 && broken == 2, "{binary} {broken}");
}

#[test]
fn what_the_original_puts_we_read_and_what_we_put_the_original_reads() {
    let (Some(moto), Some(original)) = (Moto::shared(), Original::shared()) else {
        return;
    };
    let wrapping_key = alias_of(moto, "test-1");
    let [theirs, ours] = [(); 2].map(|()| format!("{}/app/", moto.fresh_bucket()));
    let read = Sandbox::aws(&moto.endpoint(), &theirs, &wrapping_key);
    let write = Sandbox::aws(&moto.endpoint(), &ours, &wrapping_key);
    let (mut exchanged, mut largest) = (0, 0);
    for golden in golden() {
        let Some(plaintext) = golden.plaintext else {
            continue;
        };
        largest = largest.max(plaintext.len());
        let name = golden.name.as_str();
        original
            .put(moto, &theirs, &wrapping_key, name, &plaintext)
            .unwrap();
        read.run(["get", name]).stdout(&plaintext).ok();
        write.put(name, &plaintext);
        let got = original.get(moto, &ours, &wrapping_key, name).unwrap();
        assert_eq!(got.as_deref(), Some(&plaintext[..]), "{name}");
        exchanged += 1;
    }
    assert!(exchanged >= 24 && largest == 1 << 20, "{exchanged}");
}

#[test]
fn a_secret_that_the_original_put_becomes_the_environment_of_a_command() {
    let (Some(moto), Some(original)) = (Moto::shared(), Original::shared()) else {
        return;
    };
    let wrapping_key = alias_of(moto, "test-2");
    let s3_path = format!("{}/", moto.fresh_bucket());
    let secret = br#"{"db": {"host": "db.internal", "port": 5432}}"#;
    original
        .put(moto, &s3_path, &wrapping_key, "db_credentials", secret)
        .unwrap();
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, &wrapping_key);
    sandbox
        .run([
            "exec",
            "db_credentials",
            "--",
            "sh",
            "-c",
            "echo $DB_HOST:$DB_PORT; exit 3",
        ])
        .stdout("db.internal:5432\n")
        .status(3);
}

#[test]
fn a_bucket_that_keeps_versions_gives_an_earlier_one_back() {
    let Some(moto) = Moto::shared() else { return };
    let (bucket, wrapping_key) = (moto.fresh_versioned_bucket(), alias_of(moto, "test-3"));
    let sandbox = Sandbox::aws(&moto.endpoint(), &format!("{bucket}/p/"), &wrapping_key);
    sandbox.put("s", "one");
    sandbox.run("get s -v").stdout("one").any_stderr().ok();
    let listed = moto.s3("GET", &format!("/{bucket}?versions"), &[]);
    let listed = String::from_utf8(listed.body).unwrap();
    let version = listed
        .split("<VersionId>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    sandbox.put("s", "two");
    sandbox.prints(["get", "s", "--version", version], "one");
    let run = sandbox.run(["exec", &format!("V=s@{version}"), "--", "printenv", "V"]);
    run.stdout("one\n").ok();
    let put = sandbox.run(["put", "s", "--if-version", version]);
    put.stdin("three").fails(6);
    sandbox.run(["get", "s"]).stdout("two").ok();
}

#[test]
fn a_missing_secret_and_a_taken_name_have_their_statuses_in_s3() {
    let Some(moto) = Moto::shared() else { return };
    let s3_path = format!("{}/", moto.fresh_bucket());
    let sandbox = Sandbox::aws(&moto.endpoint(), &s3_path, &alias_of(moto, "test-4"));
    let missing = sandbox.run(["get", "nope"]).fails(3);
    assert!(missing.stderr.starts_with(&format!(
        "lazycred: error: no secret named `nope` (s3://{s3_path}nope)\n"
    )));
    sandbox.put("s", "one");
    sandbox.run(["put", "s", "--if-absent"]).stdin("x").fails(6);
    sandbox.run(["get", "s"]).stdout("one").ok();
}
