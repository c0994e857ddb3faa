//! A configuration that somebody else planted: what is tried, one row each, and what comes of it.
//!
//! Each is tried by the real program on a bucket of the user's and one of the
//! attacker's, whose secret is sealed under the user's own wrapping key: the worst
//! case. What is refused sends nothing to anybody.

mod rows;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::support::harness::{Run, store_under};
use crate::support::{ACCOUNT, FakeAws, REGION, Sandbox, full, place, store};

const SOMEBODY: u32 = 12345;
const OURS: &str = "hunter2-of-our-own-bucket";
const THEIRS: &str = "hunter2-that-the-attacker-chose";
const THEIR_ALIAS: &str = "attackers";

/// What the planted file says, unless a row has it otherwise.
const HIJACK: &str = r#"{"s3_path": "attackers/", "key_alias": "acme"}"#;

/// What comes of it.
enum Outcome {
    /// Status 2 and this message; nobody is asked anything.
    Refused(&'static str),
    /// The secret of the user's own bucket, and this on standard error.
    Ours(&'static str),
    /// Status 4 and this message: the attacker's store is asked, and opens nothing.
    NotOpened(&'static str),
    /// The file is the user's own, and counts; this warning says what it overrides.
    Told(&'static str),
}

/// Where it is planted, and who may be asked.
struct Scene {
    aws: FakeAws,
    /// An endpoint that nobody must dial.
    evil: FakeAws,
    sandbox: Sandbox,
    root: PathBuf,
    project: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let (aws, evil) = (FakeAws::start(), FakeAws::start());
        store(&aws, &place("db"), OURS, 1);
        aws.make_bucket("attackers", REGION);
        store(&aws, "attackers/db", THEIRS, 1);
        let foreign = aws.wrapping_key(THEIR_ALIAS, "999988887777", REGION);
        aws.state().kms.key(&foreign).open_to.push(ACCOUNT.into());
        store_under(&aws, "attackers/foreign", THEIRS, 1, &foreign);
        let sandbox = Sandbox::new();
        let root = sandbox.home().to_owned();
        let project = root.join("shared/project");
        fs::create_dir_all(project.join("src")).unwrap();
        fs::create_dir_all(root.join("home")).unwrap();
        Self {
            aws,
            evil,
            sandbox,
            root,
            project,
        }
    }

    /// The planted file, which is ours until a row makes it somebody's.
    fn plant(&self, folder: impl AsRef<Path>, text: &str) -> PathBuf {
        let file = self.root.join(folder).join(".lazycred");
        fs::write(&file, text).unwrap();
        mode(&file, 0o644);
        file
    }

    fn run(&self) -> Run {
        let run = self.aws.run("get db").sandbox(&self.sandbox);
        let home = self.root.join("home");
        run.cwd(&self.project).env("HOME", home)
    }
}

const HERE: &str = "shared/project";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn somebodys(path: &Path) {
    chown(path, Some(SOMEBODY), None).unwrap();
}

/// One thing that is tried.
struct Row {
    what: &'static str,
    by_root: bool,
    outcome: Outcome,
    plant: Box<dyn Fn(&Scene) -> Run>,
}

fn row(what: &'static str, outcome: Outcome, plant: impl Fn(&Scene) -> Run + 'static) -> Row {
    let plant = Box::new(plant);
    Row {
        what,
        by_root: false,
        outcome,
        plant,
    }
}

/// One that only root can prepare.
fn by_root(what: &'static str, outcome: Outcome, plant: impl Fn(&Scene) -> Run + 'static) -> Row {
    let row = row(what, outcome, plant);
    Row {
        by_root: true,
        ..row
    }
}

/// One that is only a matter of what the file says.
fn says(what: &'static str, outcome: Outcome, text: &'static str) -> Row {
    row(what, outcome, move |scene| {
        scene.plant(HERE, text);
        scene.run()
    })
}

#[test]
fn a_planted_configuration_is_refused_or_harmless_in_each_of_39_ways() {
    let rows = [
        rows::owners(),
        rows::kinds(),
        rows::members(),
        rows::more_members(),
        rows::passed_over(),
    ]
    .into_iter();
    let (mut tried, mut left_out) = (0, 0);
    for row in rows.flatten() {
        if row.by_root && !geteuid().is_root() {
            full::skip("planted by somebody else", "only root gives files away");
            left_out += 1;
            continue;
        }
        tried += 1;
        let scene = Scene::new();
        let end = (row.plant)(&scene).may_leak().outcome();
        let what = row.what;
        let answer = (end.code(), &*end.text());
        match row.outcome {
            Outcome::Refused(why) => {
                assert_eq!(answer, (Some(2), ""), "{what}: {end}");
                assert!(end.stderr.contains(why), "{what}: {end}");
                assert_eq!(scene.aws.connections(), 0, "{what}");
            }
            Outcome::Ours(said) => {
                assert_eq!(answer, (Some(0), OURS), "{what}: {end}");
                assert_eq!(end.stderr, said, "{what}");
            }
            Outcome::NotOpened(why) => {
                assert_eq!(answer, (Some(4), ""), "{what}: {end}");
                assert!(end.stderr.contains(why), "{what}: {end}");
            }
            Outcome::Told(warning) => {
                assert_eq!(answer, (Some(0), THEIRS), "{what}: {end}");
                assert!(end.stderr.contains(warning), "{what}: {end}");
            }
        }
        assert_eq!(scene.evil.connections(), 0, "{what}: {end}");
        assert!(!scene.project.join("planted").exists(), "{what}");
    }
    assert_eq!(tried + left_out, 39);
    assert!(tried >= 18, "{tried}");
}
