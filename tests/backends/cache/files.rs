//! The files of the cache: what is in them, and which of them are relied on.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::{geteuid, mkfifo};

use super::{Bench, SECRET, WEB, condition};
use crate::support::fake_aws::{ACCOUNT, Fault, Gate};
use crate::support::harness::{leak, store};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

#[test]
fn cache_files_are_private_to_the_user_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let bench = Bench::new();
        let run = bench.get().after(&format!("umask {umask}"));
        run.stdout(SECRET).status(0);
        let folder = bench.folder();
        let found = [folder.parent().unwrap(), &folder, &bench.file()].map(mode);
        assert_eq!(found, [0o700, 0o700, 0o600], "umask {umask}");
        assert!(bench.is_warm());
    }
}

#[test]
fn cache_files_contain_the_record_but_no_secret_or_data_key() {
    let bench = Bench::warm();
    store(&bench.aws, "acme-secrets/prod/second", SECRET, 2);
    bench.run(["get", "second"]).stdout(SECRET).status(0);
    let files = bench.files();
    assert_eq!(files.len(), 2);
    let all: Vec<u8> = files
        .iter()
        .flat_map(|file| fs::read(file).unwrap())
        .collect();
    assert!(leak::contains(&all, &bench.aws.object(WEB).unwrap()));
    assert_eq!(leak::find(&all, SECRET.as_bytes()), None);
    assert_eq!(leak::find(&all, b"hunter2-of-the-cache"), None);
    let state = bench.aws.state();
    let mut data_keys = 0;
    for data_key in state.kms.plaintexts() {
        assert_eq!(leak::find(&all, data_key), None);
        data_keys += 1;
    }
    assert!(data_keys >= 2);
}

#[test]
fn without_the_setting_nothing_is_written() {
    let bench = Bench::new();
    for settings in ["{}", r#"{"cache": false}"#] {
        bench.sandbox.write(".lazycred", settings);
        bench.get().stdout(SECRET).status(0);
        assert!(!bench.sandbox.home().join(".cache").exists());
    }
    bench.sandbox.write(".lazycred", r#"{"cache": "yes"}"#);
    let run = bench.get();
    run.stderr_has("`cache` must be true or false\n").status(2);
    assert!(bench.aws.operations().contains(&"GetObject".to_owned()));
}

#[test]
fn xdg_cache_home_is_used_only_if_it_is_absolute() {
    let bench = Bench::new();
    let elsewhere = bench.sandbox.root().join("elsewhere");
    let run = bench.get().env("XDG_CACHE_HOME", &elsewhere);
    run.stdout(SECRET).status(0);
    assert_eq!(fs::read_dir(elsewhere.join("lazycred")).unwrap().count(), 1);
    assert!(bench.files().is_empty());
    let run = bench.get().env("XDG_CACHE_HOME", "elsewhere");
    run.stdout(SECRET).status(0);
    assert_eq!(bench.files().len(), 1);
    assert_eq!(bench.sandbox.files(), [".lazycred"]);
}

#[test]
fn an_unusable_cache_is_one_warning_and_no_failure() {
    let bench = Bench::new();
    let warning = "lazycred: warning: cannot cache records: neither XDG_CACHE_HOME nor HOME is an absolute path\n";
    let run = bench.get();
    run.unset("HOME").stdout(SECRET).stderr(warning).status(0);
    fs::write(bench.sandbox.home().join(".cache"), "a file").unwrap();
    store(&bench.aws, "acme-secrets/prod/other", "x", 1);
    let command = ["exec", "web", "other", "--", "printenv", "TOKEN"];
    let outcome = bench.run(command).stdout("hunter2-of-the-cache\n");
    let outcome = outcome
        .stderr_has("warning: cannot cache anything in `")
        .status(0);
    assert_eq!(outcome.stderr.lines().count(), 1);
}

/// Puts something at a path; the good file is at the other.
type Plant = fn(&Path, &Path);

/// Each is as if there were nothing, and is replaced by a good one.
#[test]
fn a_planted_cache_file_is_not_used() {
    let plant: [(&str, Plant); 6] = [
        ("a link", |file, aside| symlink(aside, file).unwrap()),
        ("a link to nowhere", |file, _| {
            symlink("/nonexistent/x", file).unwrap();
        }),
        ("a file for others", |file, aside| {
            fs::copy(aside, file).unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o640)).unwrap();
        }),
        ("a pipe", |file, _| {
            mkfifo(file, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        }),
        ("another form", |file, _| {
            fs::write(file, "lazycred-cache 9\n").unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
        }),
        ("a file of somebody else's", |file, aside| {
            fs::copy(aside, file).unwrap();
            if geteuid().is_root() {
                chown(file, Some(12345), Some(12345)).unwrap();
            } else {
                fs::set_permissions(file, Permissions::from_mode(0o604)).unwrap();
            }
        }),
    ];
    for (what, plant) in plant {
        let bench = Bench::warm();
        let file = bench.file();
        let aside = bench.sandbox.root().join("aside");
        fs::rename(&file, &aside).unwrap();
        let before = fs::read(&aside).unwrap();
        plant(&file, &aside);
        assert!(!bench.is_warm(), "{what}");
        assert_eq!(fs::read(&aside).unwrap(), before, "{what}");
        let about = fs::symlink_metadata(&file).unwrap();
        assert!(about.is_file() && about.mode() & 0o777 == 0o600, "{what}");
        assert!(about.uid() == geteuid().as_raw(), "{what}");
        assert!(bench.is_warm(), "{what}");
    }
}

#[test]
fn a_folder_in_the_place_of_a_record_is_left_alone() {
    let bench = Bench::warm();
    let file = bench.file();
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let outcome = bench.get().stdout(SECRET);
    outcome
        .stderr_has("warning: cannot cache anything in `")
        .status(0);
    assert_eq!(bench.files(), [file]);
}

#[test]
fn a_cache_folder_that_is_a_link_or_somebody_elses_is_not_used() {
    let bench = Bench::warm();
    let aside = bench.sandbox.root().join("aside");
    fs::rename(bench.folder(), &aside).unwrap();
    symlink(&aside, bench.folder()).unwrap();
    let times = |path: &Path| fs::metadata(path).unwrap().ctime_nsec();
    let before = times(&aside);
    let said = "warning: cannot cache anything in `";
    let outcome = bench.get().stdout(SECRET).stderr_has(said).status(0);
    assert_eq!(condition(&outcome), None);
    assert_eq!(times(&aside), before);
    if geteuid().is_root() {
        fs::remove_file(bench.folder()).unwrap();
        fs::rename(&aside, bench.folder()).unwrap();
        chown(bench.folder(), Some(12345), Some(12345)).unwrap();
        let outcome = bench.get().stdout(SECRET).stderr_has(said).status(0);
        assert_eq!(condition(&outcome), None);
        assert_eq!(bench.files().len(), 1);
    }
}

#[test]
fn a_torn_or_swapped_cache_file_is_fetched_again() {
    let bench = Bench::warm();
    store(&bench.aws, "acme-secrets/prod/other", "of the other", 1);
    let file = bench.file();
    let whole = fs::read(&file).unwrap();
    bench.run(["get", "other"]).stdout("of the other").status(0);
    let files = bench.files();
    let other = files.iter().find(|other| **other != file).unwrap();
    let half = whole.len() / 2;
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    let longer = [&whole[..], b"x"].concat();
    let torn = [
        b"".to_vec(),
        whole[..half].to_vec(),
        changed,
        longer,
        fs::read(other).unwrap(),
    ];
    for bytes in torn {
        fs::write(&file, &bytes).unwrap();
        assert!(!bench.is_warm());
        assert_eq!(fs::read(&file).unwrap(), whole);
    }
    assert!(bench.is_warm());
}

#[test]
fn the_same_path_at_another_endpoint_or_of_another_owner_is_another_record() {
    let bench = Bench::warm();
    let other = Bench::new();
    let outcome = other.run(["get", "web"]).sandbox(&bench.sandbox);
    let outcome = outcome.stdout(SECRET).status(0);
    assert_eq!(condition(&outcome), None);
    assert_eq!(bench.files().len(), 2);
    bench.settings(&format!(r#""account": "{ACCOUNT}""#));
    assert!(!bench.is_warm());
    assert!(bench.is_warm());
}

#[test]
fn processes_that_read_at_the_same_time_do_not_harm_each_other() {
    let bench = Bench::warm();
    for newer in ["one", "two", "three"] {
        store(&bench.aws, WEB, newer, 1);
        let gate = Gate::default();
        let hold = Fault::Hold(gate.clone()).times(16);
        bench.aws.fault("GetObject", hold);
        let all: Vec<_> = (0..16).map(|_| bench.get().stdout(newer).spawn()).collect();
        bench.aws.wait_for("GetObject", 16);
        gate.open();
        for running in all {
            running.status(0);
        }
        bench.aws.forget();
        let again = bench.get().stdout(newer).status(0);
        assert!(condition(&again).is_some());
        assert_eq!(again.requests.len(), 2);
        bench.aws.forget();
    }
    assert_eq!(bench.files().len(), 1);
}
