//! `cache clear`: what is removed, and what stays.

use std::fs;
use std::os::unix::fs::symlink;

use super::{Bench, SECRET};
use crate::support::harness::{Run, Sandbox, store};

/// Clears the cache of a home, without any configuration.
fn clear(sandbox: &Sandbox) -> Run {
    Run::new(["cache", "clear"]).sandbox(sandbox).local()
}

#[test]
fn it_removes_the_records_says_how_many_and_needs_no_configuration() {
    let bench = Bench::warm();
    store(&bench.aws, "acme-secrets/prod/other", "x", 1);
    bench.run(["get", "other"]).stdout("x").status(0);
    bench.sandbox.write(".lazycred", "not even JSON");
    let cleared = || bench.run(["cache", "clear"]).no_config();
    cleared()
        .stderr("removed 2 records from the cache\n")
        .status(0);
    assert!(!bench.folder().exists());
    cleared()
        .stderr("removed 0 records from the cache\n")
        .status(0);
    bench.sandbox.write(".lazycred", r#"{"cache": true}"#);
    assert!(!bench.is_warm());
    cleared()
        .stderr("removed 1 record from the cache\n")
        .status(0);
    bench.aws.forget();
    let nothing: [&str; 0] = [];
    assert_eq!(bench.aws.operations(), nothing);
}

#[test]
fn it_leaves_files_that_are_not_its_own() {
    let bench = Bench::warm();
    let folder = bench.folder();
    let hash = |digit: &str| digit.repeat(64);
    let aside = bench.sandbox.root().join("aside");
    fs::write(&aside, "mine").unwrap();
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    let (short, temporary) = ("a".repeat(63), format!(".{}", hash("a")));
    for name in [
        format!("{}.bak", hash("a")),
        format!("{temporary}.bak"),
        hash("A"),
        short.clone(),
        temporary.clone(),
    ] {
        fs::write(folder.join(name), "mine").unwrap();
    }
    fs::create_dir(folder.join(hash("b"))).unwrap();
    symlink(&aside, folder.join(hash("c"))).unwrap();
    // One that somebody was writing when the power went.
    fs::write(folder.join(format!(".{}.0123456789abcdef", hash("d"))), "").unwrap();
    let said = "removed 1 record from the cache\n";
    clear(&bench.sandbox).stderr(said).status(0);
    let left = bench.files();
    let mut left: Vec<_> = left.iter().map(|file| file.file_name().unwrap()).collect();
    left.sort();
    let kept = [
        temporary.clone(),
        format!("{temporary}.bak"),
        hash("A"),
        short,
        format!("{}.bak", hash("a")),
        hash("b"),
        hash("c"),
        "notes.txt".into(),
    ];
    assert_eq!(left, kept.map(std::ffi::OsString::from).each_ref());
    assert_eq!(fs::read(&aside).unwrap(), b"mine");
}

#[test]
fn it_does_not_follow_a_link_in_the_place_of_the_folder() {
    let bench = Bench::warm();
    let aside = bench.sandbox.root().join("aside");
    fs::rename(bench.folder(), &aside).unwrap();
    symlink(&aside, bench.folder()).unwrap();
    clear(&bench.sandbox)
        .stderr_has("error: cannot clear `")
        .status(1);
    assert_eq!(fs::read_dir(&aside).unwrap().count(), 1);
}

#[test]
fn without_a_home_there_is_nothing_to_clear() {
    let said = "removed 0 records from the cache\n";
    clear(&Sandbox::apart()).stderr(said).status(0);
    clear(&Sandbox::apart())
        .unset("HOME")
        .stderr(said)
        .status(0);
}

#[test]
fn moto_confirms_a_record_too() {
    let Some(moto) = crate::support::moto::Moto::shared() else {
        return;
    };
    let bucket = moto.fresh_bucket();
    moto.fresh_wrapping_key("cache-test");
    let sandbox = Sandbox::apart();
    let settings = format!(
        r#"{{"s3_path": "{bucket}/p/", "key_alias": "cache-test", "region": "us-east-1", "cache": true}}"#
    );
    sandbox.write(".lazycred", settings);
    let run = |arguments: &[&str]| {
        Run::new(arguments)
            .sandbox(&sandbox)
            .no_config()
            .env("AWS_ENDPOINT_URL", moto.endpoint())
    };
    run(&["--quiet", "put", "web"]).stdin(SECRET).status(0);
    run(&["get", "web"]).stdout(SECRET).status(0);
    let get = ["-v", "get", "web"];
    run(&get)
        .stdout(SECRET)
        .stderr_has(": unchanged in ")
        .status(0);
    run(&["--quiet", "put", "web"])
        .stdin("a newer one")
        .status(0);
    let outcome = run(&get).stdout("a newer one").any_stderr().status(0);
    assert!(!outcome.stderr.contains("unchanged"));
    run(&get)
        .stdout("a newer one")
        .stderr_has(": unchanged in ")
        .status(0);
}
