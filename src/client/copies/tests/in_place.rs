//! Records that stay where they are, and are made again.

use super::*;
use crate::backends::keyring::create_key_file;
use crate::base::Secret;
use crate::client::get::ReadOptions;
use crate::config::Config;

#[test]
fn a_roll_back_stores_the_old_secret_as_the_newest_generation() {
    let mut client = client(1);
    let first = put(&client, "a", "one");
    client.sealer.formats.write = 2;
    let second = put(&client, "a", "two");
    let made = members(&client, "a");
    put(&client, "a", "three");
    let third = run(client.rollback(&name("a"), &second, None)).unwrap();
    assert_eq!(get(&client, "a").unwrap(), b"two");
    assert_eq!(generation(&client, "a"), 3);
    let restored = members(&client, "a");
    assert!(KEPT.iter().all(|name| restored[*name] == made[*name]));
    assert_eq!(described(&client, "a").version, third.version);

    run(client.rollback(&name("a"), &first, None)).unwrap();
    assert_eq!(get(&client, "a").unwrap(), b"one");
    let description = described(&client, "a");
    assert_eq!(
        (description.format, description.bound.unwrap().generation),
        (2, 4)
    );

    assert_eq!(status(run(client.rollback(&name("a"), "77", None))), 3);
    let removed = run(client.delete(&name("a"))).unwrap();
    run(client.rollback(&name("a"), &removed.version.unwrap(), None)).unwrap();
    assert_eq!(
        (get(&client, "a").unwrap(), generation(&client, "a")),
        (b"one".to_vec(), 1)
    );
}

/// A folder, and wrapping keys `old`, `new` and `third` for it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = crate::base::test_support::folder();
        for name in ["old", "new", "third"] {
            let id = format!("local:{name}").parse().unwrap();
            assert!(create_key_file(&id, folder.path()).unwrap().is_some());
        }
        Self(folder)
    }

    fn config(&self, folder: &str, key_alias: &str) -> Config {
        let address = format!("file:{}/{folder}", self.0.path().display());
        let config = Config::new(&address).unwrap().with_wrapping_key(key_alias);
        config.unwrap().with_data_home(self.0.path())
    }

    fn client(&self, key_alias: &str, format: u8) -> Client {
        let config = self.config("secrets", key_alias).with_format(format);
        run(Client::new(config.unwrap())).unwrap()
    }
}

#[test]
fn a_rekeyed_record_is_under_the_new_wrapping_key_and_otherwise_as_it_was() {
    for version in [1, 2] {
        let folder = Folder::new();
        let [old, new] = ["local:old", "local:new"].map(|id| folder.client(id, version));
        put(&old, "a", "one");
        let before = members(&old, "a");
        let error = get(&new, "a").unwrap_err();
        assert!(error.to_string().contains("`local:old`"), "{error}");
        assert_eq!(status(run(new.rekey(&name("a"), &Rekey::default()))), 4);

        let rekey = Rekey {
            from: Some("local:old".parse().unwrap()),
            ..Rekey::default()
        };
        let options = ReadOptions {
            from: rekey.from.clone(),
            ..ReadOptions::default()
        };
        let secret: Secret = run(new.get_with(&name("a"), &options)).unwrap();
        assert_eq!(secret.as_bytes(), b"one");
        assert!(run(new.needs_rekey(&name("a"), &rekey)).unwrap());
        assert_eq!(members(&new, "a"), before);
        assert!(run(new.rekey(&name("a"), &rekey)).unwrap().changed);
        assert_eq!(
            (get(&new, "a").unwrap(), status(get(&old, "a"))),
            (b"one".to_vec(), 4)
        );
        let after = members(&new, "a");
        let kept = if version == 1 { &["data"][..] } else { &KEPT };
        assert!(kept.iter().all(|name| before[*name] == after[*name]));
        assert_eq!(described(&new, "a").format, version);
        if version == 2 {
            assert_eq!(generation(&new, "a"), 2);
        }

        assert!(!run(new.needs_rekey(&name("a"), &rekey)).unwrap());
        assert!(!run(new.rekey(&name("a"), &rekey)).unwrap().changed);
        assert_eq!(members(&new, "a"), after);
        let again = Rekey {
            already: Already::Rewrap,
            ..Rekey::default()
        };
        assert!(run(new.rekey(&name("a"), &again)).unwrap().changed);
        let to_third = Rekey {
            to: Some("local:third".parse().unwrap()),
            ..Rekey::default()
        };
        assert!(run(new.rekey(&name("a"), &to_third)).unwrap().changed);
        assert_eq!(get(&folder.client("local:third", 1), "a").unwrap(), b"one");
        let to_kms = Rekey {
            to: Some("acme".parse().unwrap()),
            from: to_third.to,
            ..Rekey::default()
        };
        assert_eq!(status(run(new.rekey(&name("a"), &to_kms))), 2);
        assert_eq!(status(run(new.rekey(&name("no"), &rekey))), 3);
    }
}

#[test]
fn nothing_is_stored_where_wrapping_fails() {
    for version in [1, 2] {
        let folder = Folder::new();
        let [old, gone] = ["local:old", "local:gone"].map(|id| folder.client(id, version));
        assert_eq!(status(run(gone.put(&name("a"), &"one".into()))), 2);
        assert_eq!(status(get(&old, "a")), 3);
        put(&old, "a", "one");
        let before = stored(&old, "a");
        let to_gone = Rekey {
            to: Some("local:gone".parse().unwrap()),
            ..Rekey::default()
        };
        assert_eq!(status(run(gone.put(&name("a"), &"two".into()))), 2);
        assert_eq!(status(run(old.rekey(&name("a"), &to_gone))), 2);
        assert_eq!(stored(&old, "a"), before);
    }
}

#[test]
fn a_record_larger_than_the_limit_is_refused_before_it_is_parsed() {
    let folder = Folder::new();
    std::fs::create_dir(folder.0.path().join("secrets")).unwrap();
    let limit = 3000 / 3 * 4 + (64 << 10);
    for (size, words) in [
        (limit, "not a JSON object"),
        (limit + 1, "larger than 69536 bytes"),
    ] {
        std::fs::write(folder.0.path().join("secrets/a"), vec![b'x'; size]).unwrap();
        let config = folder.config("secrets", "local:old").with_max_size(3000);
        let client = run(Client::new(config)).unwrap();
        let error = get(&client, "a").unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.exit_code(), 4);
    }
}

#[test]
fn a_folder_that_lies_elsewhere_now_still_opens() {
    let folder = Folder::new();
    put(&folder.client("local:old", 2), "a", "one");
    let moved = folder.0.path().join("elsewhere");
    std::fs::rename(folder.0.path().join("secrets"), &moved).unwrap();
    std::os::unix::fs::symlink(&moved, folder.0.path().join("secrets")).unwrap();
    assert_eq!(get(&folder.client("local:old", 2), "a").unwrap(), b"one");
    let client = run(Client::new(folder.config("elsewhere", "local:old"))).unwrap();
    assert_eq!(get(&client, "a").unwrap(), b"one");
}

#[test]
fn an_upgraded_record_is_bound_as_bytes_of_generation_1_made_now() {
    let client = client(1);
    put(&client, "a", "{}");
    let mut lenient = members(&client, "a");
    let canonical = lenient["data"].clone();
    lenient["data"] = json!(format!(" {}\n", canonical.as_str().unwrap()));
    plant(&client, "a", &lenient);
    let upgraded = run(client.upgrade(&name("a"), None)).unwrap();
    assert!(upgraded.changed);
    assert_eq!(get(&client, "a").unwrap(), b"{}");
    let description = described(&client, "a");
    let bound = description.bound.unwrap();
    assert_eq!(
        (description.format, description.version),
        (2, upgraded.version)
    );
    assert_eq!(
        (bound.generation, bound.media_type),
        (1, "application/octet-stream")
    );
    assert_eq!(members(&client, "a")["token"], canonical);
    assert!(!run(client.upgrade(&name("a"), None)).unwrap().changed);

    put(&client, "a b", "{}");
    assert_eq!(status(run(client.upgrade(&name("a b"), None))), 2);
    let mut damaged = members(&client, "a b");
    damaged["data"] = json!("gAAAAAA=");
    plant(&client, "c", &damaged);
    assert_eq!(status(run(client.upgrade(&name("c"), None))), 4);
    assert_eq!(members(&client, "c"), damaged);
    assert_eq!(status(run(client.upgrade(&name("no"), None))), 3);
}

#[test]
fn what_is_made_out_of_the_current_secret_counts_on_and_may_leave_it() {
    let client = client(2);
    let append = |before: Option<Secret>| {
        let before = before.map(|secret| secret.as_bytes().to_vec());
        Ok(Some(Secret::new(
            [before.unwrap_or_default(), b"x".to_vec()].concat(),
        )))
    };
    for length in 1..4 {
        assert!(run(client.update(&name("a"), append)).unwrap().changed);
        assert_eq!(
            (get(&client, "a").unwrap().len(), generation(&client, "a")),
            (length, length as u64)
        );
    }
    let before = stored(&client, "a");
    assert!(
        !run(client.update(&name("a"), |_| Ok(None)))
            .unwrap()
            .changed
    );
    assert_eq!(
        status(run(client.update(&name("a"), |_| Err(Error::usage("no"))))),
        2
    );
    assert_eq!(stored(&client, "a"), before);
}

#[test]
fn several_secrets_are_held_to_the_generations_that_are_asked_for() {
    let client = client(2);
    put(&client, "a", r#"{"X": 1}"#);
    put(&client, "b", r#"{"Y": 2}"#);
    put(&client, "b", r#"{"Y": 3}"#);
    let references = ["a".parse().unwrap(), "b".parse().unwrap()];
    let load = |asked: &[(&str, u64)]| {
        let asked = asked.iter().map(|(of, least)| (name(of), *least)).collect();
        run(client.load_at_least(&references, &crate::Rules::default(), &asked))
    };
    assert_eq!(load(&[("a", 1), ("b", 2)]).unwrap().iter().count(), 2);
    assert_eq!(status(load(&[("a", 1), ("b", 3)])), 4);
    assert_eq!(status(load(&[("a", 2)])), 4);
}
