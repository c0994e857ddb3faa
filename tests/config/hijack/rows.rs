//! What is tried, one row each.

use std::fs;
use std::os::unix::fs::{lchown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::mkfifo;

use super::Outcome::{NotOpened, Ours, Refused, Told};
use super::{HERE, HIJACK, Row, SOMEBODY, by_root, mode, row, says, somebodys};
use crate::support::{ALIAS, REGION, place};

const WRITABLE: &str = "could have been planted: it is world-writable";
const OWNED: &str =
    "could have been planted: it belongs to user 12345, who is neither you nor root";
const FOUND: &str = "was found by searching; ";

/// Whose it is, and who may write to it.
pub fn owners() -> Vec<Row> {
    vec![
        row("everybody may write to it", Refused(WRITABLE), |scene| {
            mode(&scene.plant(HERE, HIJACK), 0o666);
            scene.run()
        }),
        row(
            "others may write to it, but not read it",
            Refused(WRITABLE),
            |scene| {
                mode(&scene.plant(HERE, HIJACK), 0o602);
                scene.run()
            },
        ),
        row(
            "in a parent of the working folder",
            Refused(WRITABLE),
            |scene| {
                mode(&scene.plant("shared", HIJACK), 0o666);
                scene.run().cwd(scene.project.join("src"))
            },
        ),
        row("in the home folder", Refused(WRITABLE), |scene| {
            mode(&scene.plant("home", HIJACK), 0o666);
            scene.run()
        }),
        row(
            "a link of ours to what everybody may write to",
            Refused(WRITABLE),
            |scene| {
                mode(&scene.plant("shared", HIJACK), 0o666);
                symlink("../.lazycred", scene.project.join(".lazycred")).unwrap();
                scene.run()
            },
        ),
        by_root("somebody else's", Refused(OWNED), |scene| {
            somebodys(&scene.plant(HERE, HIJACK));
            scene.run()
        }),
        by_root(
            "somebody else's, in a folder like /tmp",
            Refused(OWNED),
            |scene| {
                mode(&scene.root.join("shared"), 0o1777);
                somebodys(&scene.plant("shared", HIJACK));
                scene.run()
            },
        ),
        by_root(
            "somebody else's, in a folder that everybody may write to",
            Refused(OWNED),
            |scene| {
                mode(&scene.project, 0o777);
                somebodys(&scene.plant(HERE, HIJACK));
                scene.run()
            },
        ),
        by_root(
            "a link of somebody else's to a file of ours",
            Refused(OWNED),
            |scene| {
                scene.plant("shared", HIJACK);
                let link = scene.project.join(".lazycred");
                symlink("../.lazycred", &link).unwrap();
                lchown(&link, Some(SOMEBODY), None).unwrap();
                scene.run()
            },
        ),
        by_root(
            "a link of ours to a file of somebody else's",
            Refused(OWNED),
            |scene| {
                somebodys(&scene.plant("shared", HIJACK));
                symlink("../.lazycred", scene.project.join(".lazycred")).unwrap();
                scene.run()
            },
        ),
        by_root("SUDO_UID is another user's", Refused(OWNED), |scene| {
            somebodys(&scene.plant(HERE, HIJACK));
            scene.run().env("SUDO_UID", "12346")
        }),
        by_root("SUDO_UID is no number", Refused(OWNED), |scene| {
            somebodys(&scene.plant(HERE, HIJACK));
            scene.run().env("SUDO_UID", "12345 ")
        }),
        by_root(
            "the parent is somebody else's, too",
            Refused(OWNED),
            |scene| {
                somebodys(&scene.root.join("shared"));
                somebodys(&scene.plant("shared", HIJACK));
                scene.run()
            },
        ),
    ]
}

/// What is no ordinary file.
pub fn kinds() -> Vec<Row> {
    const NOT_REGULAR: &str = "cannot be read: it is not a regular file";
    vec![
        row(
            "a link that leads nowhere",
            Refused("cannot be read: "),
            |scene| {
                symlink("nowhere", scene.project.join(".lazycred")).unwrap();
                scene.run()
            },
        ),
        row("a link to itself", Refused("cannot be read: "), |scene| {
            symlink(".lazycred", scene.project.join(".lazycred")).unwrap();
            scene.run()
        }),
        row(
            "a pipe that nobody writes to",
            Refused(NOT_REGULAR),
            |scene| {
                mkfifo(&scene.project.join(".lazycred"), Mode::S_IRUSR).unwrap();
                scene.run()
            },
        ),
        row("a socket", Refused("cannot be read: "), |scene| {
            let path = scene.project.join(".lazycred");
            // Its address may be as long as a short path.
            let here = std::env::current_dir().unwrap();
            let relative = pathdiff(&here, &path);
            let bound = UnixListener::bind(&path).or_else(|_| UnixListener::bind(relative));
            drop(bound.unwrap());
            mode(&path, 0o600);
            scene.run()
        }),
        row(
            "a link to a device that never ends",
            Refused(WRITABLE),
            |scene| {
                symlink("/dev/zero", scene.project.join(".lazycred")).unwrap();
                scene.run()
            },
        ),
        by_root("a device that never ends", Refused(NOT_REGULAR), |scene| {
            let path = scene.project.join(".lazycred");
            mknod(&path, SFlag::S_IFCHR, Mode::S_IRUSR, makedev(1, 5)).unwrap();
            scene.run()
        }),
        row(
            "larger than 64 KiB",
            Refused("cannot be read: it is larger than 65536 bytes"),
            |scene| {
                let text = format!("{HIJACK}{}", " ".repeat(65_537 - HIJACK.len()));
                scene.plant(HERE, &text);
                scene.run()
            },
        ),
        row(
            "a terabyte, of which nothing is on disk",
            Refused("cannot be read: it is larger than 65536 bytes"),
            |scene| {
                let file = scene.plant(HERE, HIJACK);
                let file = fs::File::options().write(true).open(file).unwrap();
                file.set_len(1 << 40).unwrap();
                scene.run()
            },
        ),
        row("a folder", Ours(""), |scene| {
            fs::create_dir(scene.project.join(".lazycred")).unwrap();
            scene.run()
        }),
    ]
}

/// The second path from the first, both of them absolute.
fn pathdiff(from: &Path, to: &Path) -> PathBuf {
    let up = from.components().skip(1).map(|_| "..");
    up.collect::<PathBuf>().join(to.strip_prefix("/").unwrap())
}

/// What a checkout may bring along, which belongs to who has cloned it.
pub fn members() -> Vec<Row> {
    vec![
        says(
            "not JSON",
            Refused("is not a JSON object, at line 1"),
            "s3_path: attackers/",
        ),
        says(
            "a profile",
            Refused("was found by searching; `profile` is accepted only from a file that you name"),
            r#"{"s3_path": "attackers/", "key_alias": "acme", "profile": "attackers"}"#,
        ),
        says(
            "a wrapping key of another account",
            Refused(
                "was found by searching; an ARN as `key_alias` is accepted only from a file that you name",
            ),
            r#"{"s3_path": "attackers/", "key_alias": "arn:aws:kms:us-east-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"}"#,
        ),
        says(
            "more wrapping keys",
            Refused("was found by searching; `keys` is accepted only from a file that you name"),
            r#"{"s3_path": "attackers/", "key_alias": "acme", "keys": ["attackers"]}"#,
        ),
        says(
            "more accounts",
            Refused(
                "was found by searching; `key_accounts` is accepted only from a file that you name",
            ),
            r#"{"s3_path": "attackers/", "key_alias": "acme", "key_accounts": ["999988887777"]}"#,
        ),
        says(
            "a folder that is absolute",
            Refused(FOUND),
            r#"{"s3_path": "file:/etc/", "key_alias": "local:dev"}"#,
        ),
        says(
            "a folder above",
            Refused(FOUND),
            r#"{"s3_path": "file:a/../../..", "key_alias": "local:dev"}"#,
        ),
        says(
            "a URL for a bucket",
            Refused("must not be a URL"),
            r#"{"s3_path": "https://attackers/", "key_alias": "acme"}"#,
        ),
        says(
            "a line break in a bucket's name",
            Refused("control character"),
            r#"{"s3_path": "attackers\n/", "key_alias": "acme"}"#,
        ),
    ]
}

/// What it may bring along that is said elsewhere than at the top, or of no use.
pub fn more_members() -> Vec<Row> {
    vec![
        row(
            "a profile, in the environment that is chosen",
            Refused(FOUND),
            |scene| {
                let text = r#"{"s3_path": "attackers/", "key_alias": "acme", "environments": {"prod": {"profile": "attackers"}}}"#;
                scene.plant(HERE, text);
                scene.run().env("LAZYCRED_ENVIRONMENT", "prod")
            },
        ),
        row(
            "endpoints, under any name",
            Told("ignoring the unknown member `kms_endpoint_url`"),
            |scene| {
                let evil = scene.evil.url();
                let members = [
                    "endpoint",
                    "endpoint_url",
                    "kms_endpoint_url",
                    "s3_endpoint_url",
                    "AWS_ENDPOINT_URL",
                ];
                let members = members
                    .map(|member| format!("\"{member}\": \"{evil}\""))
                    .join(", ");
                scene.plant(HERE, &format!("{{\"s3_path\": \"attackers/\", \"key_alias\": \"acme-secrets\", {members}}}"));
                scene.run()
            },
        ),
        says(
            "a command for credentials, a member that there is not",
            Told("ignoring the unknown member `credential_process`"),
            r#"{"s3_path": "attackers/", "key_alias": "acme", "credential_process": "touch planted"}"#,
        ),
        row(
            "a secret under the attacker's own wrapping key",
            NotOpened("which is not in account 123456789012"),
            |scene| {
                scene.plant(HERE, HIJACK);
                scene
                    .aws
                    .run("get foreign")
                    .sandbox(&scene.sandbox)
                    .cwd(&scene.project)
            },
        ),
        says(
            "another bucket than the variables name",
            Told("ignoring LAZYCRED_S3_PATH, which differs"),
            HIJACK,
        ),
    ]
}

/// What is not looked at.
pub fn passed_over() -> Vec<Row> {
    vec![
        row(
            "where LAZYCRED_CONFIG names another file",
            Ours(""),
            |scene| {
                mode(&scene.plant(HERE, HIJACK), 0o666);
                let ours = format!(
                    "{{\"s3_path\": \"{}\", \"key_alias\": \"{ALIAS}\"}}",
                    place("")
                );
                fs::write(scene.root.join("ours.json"), ours).unwrap();
                scene.run().env("LAZYCRED_CONFIG", "../../ours.json")
            },
        ),
        row("where flags say all", Ours(""), |scene| {
            mode(&scene.plant(HERE, HIJACK), 0o666);
            let (path, project) = (place(""), &scene.project);
            let words = [
                "get",
                "db",
                "--s3-path",
                &path,
                "--key-alias",
                ALIAS,
                "--region",
                REGION,
            ];
            let run = scene
                .aws
                .run(words.map(str::to_owned))
                .sandbox(&scene.sandbox);
            run.cwd(project)
        }),
        row("below the working folder", Ours(""), |scene| {
            mode(&scene.plant("shared/project/src", HIJACK), 0o666);
            scene.run()
        }),
    ]
}
