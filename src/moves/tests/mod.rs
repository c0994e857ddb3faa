//! Records that move, on stores without AWS.

use serde_json::{Map, Value, json};

use super::*;
use crate::config::Config;
use crate::keyring::{LocalKeyring, create_key_file};
use crate::read::{Description, ReadOptions};
use crate::secret::Secret;
use crate::store::{Condition, Outcome, Pages, Removal, Store, Version};

fn run<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap().block_on(work)
}

fn name(text: &str) -> SecretName {
    text.parse().unwrap()
}

fn client(write: u8) -> Client {
    let mut client = Client::in_memory();
    client.sealer.formats.write = write;
    client
}

fn put(client: &Client, to: &str, secret: &str) -> String {
    run(client.put(&name(to), &secret.into())).unwrap()
}

fn get(client: &Client, from: &str) -> Result<Vec<u8>> {
    run(client.get(&name(from))).map(|secret| secret.as_bytes().to_vec())
}

fn stored(client: &Client, at: &str) -> Stored {
    let place = client.place(&name(at)).unwrap();
    run(client.fetch(&place, None)).unwrap()
}

fn members(client: &Client, at: &str) -> Map<String, Value> {
    serde_json::from_slice(&stored(client, at).bytes).unwrap()
}

/// Puts bytes there as they are.
fn plant(client: &Client, at: &str, members: &Map<String, Value>) {
    let place = client.place(&name(at)).unwrap();
    let bytes = serde_json::to_vec(members).unwrap();
    let saved = run(client.store.save(&place, &bytes, Condition::Whatever)).unwrap();
    assert!(matches!(saved, Outcome::Saved(_)));
}

fn described(client: &Client, of: &str) -> Description {
    run(client.describe(&name(of), None)).unwrap()
}

fn generation(client: &Client, of: &str) -> u64 {
    described(client, of).bound.unwrap().generation
}

fn status<T: std::fmt::Debug>(result: Result<T>) -> u8 {
    result.unwrap_err().exit_code()
}

/// Members that a move does not change.
const KEPT: [&str; 5] = ["created", "type", "tool", "token", "token_sha256"];

#[test]
fn a_copy_is_bound_to_its_own_place_and_starts_at_generation_1() {
    let client = client(2);
    put(&client, "a", "zero");
    put(&client, "a", r#"{"x": 1}"#);
    let mut old = members(&client, "a");
    run(client.copy(&name("a"), &name("b"), Replace::Never)).unwrap();
    let new = members(&client, "b");
    assert_eq!(get(&client, "b").unwrap(), br#"{"x": 1}"#);
    assert!(KEPT.iter().all(|name| old[*name] == new[*name]));
    assert_ne!(old["wrapped_key"], new["wrapped_key"]);
    assert_eq!((generation(&client, "a"), generation(&client, "b")), (2, 1));

    // Neither record opens in the other's place.
    old["gen"] = json!(1);
    plant(&client, "b", &old);
    assert_eq!(status(get(&client, "b")), 4);
}

#[test]
fn a_name_that_is_taken_is_replaced_on_demand_only_and_counts_on() {
    let client = client(2);
    put(&client, "a", "one");
    for _ in 0..3 {
        put(&client, "b", "two");
    }
    let (a, b) = (name("a"), name("b"));
    assert_eq!(status(run(client.copy(&a, &b, Replace::Never))), 6);
    assert_eq!(status(run(client.copy(&name("no"), &b, Replace::Never))), 6);
    assert_eq!(status(run(client.rename(&a, &b, Replace::Never))), 6);
    assert_eq!(get(&client, "b").unwrap(), b"two");
    run(client.copy(&a, &b, Replace::Existing)).unwrap();
    assert_eq!(
        (get(&client, "b").unwrap(), generation(&client, "b")),
        (b"one".to_vec(), 4)
    );
    assert_eq!(
        status(run(client.copy(&name("no"), &name("c"), Replace::Never))),
        3
    );
    assert_eq!(status(run(client.copy(&a, &a, Replace::Existing))), 2);
}

#[test]
fn a_copy_has_the_highest_version_of_source_destination_and_the_least() {
    for (source, destination, least, expected) in [
        (1, None, 1, 1),
        (1, Some(1), 1, 1),
        (2, None, 1, 2),
        (2, Some(1), 1, 2),
        (1, Some(2), 1, 2),
        (1, None, 2, 2),
    ] {
        let mut client = client(source);
        put(&client, "a", "{}");
        if let Some(version) = destination {
            client.sealer.formats.write = version;
            put(&client, "b", "x");
        }
        client.sealer.formats.write = 1;
        client.sealer.formats.least = least;
        run(client.copy(&name("a"), &name("b"), Replace::Existing)).unwrap();
        assert_eq!(get(&client, "b").unwrap(), b"{}");
        let description = described(&client, "b");
        assert_eq!(description.format, expected);
        if let Some(bound) = description.bound {
            // What nobody has looked into has no other type.
            let kept = if source == 2 {
                "application/json"
            } else {
                "application/octet-stream"
            };
            let after = u64::from(destination == Some(2));
            assert_eq!((bound.media_type, bound.generation), (kept, after + 1));
        }
    }
}

#[test]
fn a_renamed_secret_is_gone_under_its_old_name_only_after_it_is_there_under_the_new_one() {
    for version in [1, 2] {
        let client = client(version);
        put(&client, "a", "one");
        run(client.rename(&name("a"), &name("b"), Replace::Never)).unwrap();
        assert_eq!(get(&client, "b").unwrap(), b"one");
        assert_eq!(status(get(&client, "a")), 3);
        assert_eq!(
            status(run(client.rename(&name("a"), &name("b"), Replace::Never))),
            6
        );
        assert_eq!(
            status(run(client.rename(&name("a"), &name("c"), Replace::Never))),
            3
        );
    }
}

#[test]
fn an_interrupted_rename_is_finished_by_the_same_call() {
    for version in [1, 2] {
        let client = client(version);
        let (a, b) = (name("a"), name("b"));
        put(&client, "a", "one");
        run(client.copy(&a, &b, Replace::Never)).unwrap();
        let before = stored(&client, "b");
        run(client.rename(&a, &b, Replace::Never)).unwrap();
        assert_eq!(stored(&client, "b"), before);
        assert_eq!(status(get(&client, "a")), 3);
    }
}

#[test]
fn a_rename_is_not_finished_by_a_record_that_does_not_open() {
    for (version, wrapped) in [(1, "key"), (2, "wrapped_key")] {
        let client = client(version);
        put(&client, "a", "one");
        let mut forged = members(&client, "a");
        forged[wrapped] = json!("aGk=");
        plant(&client, "b", &forged);
        assert_eq!(
            status(run(client.rename(&name("a"), &name("b"), Replace::Never))),
            4
        );
        assert_eq!(get(&client, "a").unwrap(), b"one");
    }
}

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
    assert!(
        KEPT.iter()
            .all(|name| members(&client, "a")[*name] == made[*name])
    );
    assert_eq!(described(&client, "a").version, third);

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
        let folder = tempfile::tempdir().unwrap();
        for name in ["old", "new", "third"] {
            assert!(create_key_file(&LocalKeyring::new(name, folder.path())).unwrap());
        }
        Self(folder)
    }

    fn client(&self, key_alias: &str, format: u8) -> Client {
        let address = format!("file:{}/secrets", self.0.path().display());
        let config = Config::new(&address).unwrap();
        let config = config.with_wrapping_key(key_alias).unwrap();
        let config = config.with_data_home(self.0.path()).with_format(format);
        run(Client::new(config.unwrap())).unwrap()
    }
}

#[test]
fn a_rekeyed_record_is_under_the_new_wrapping_key_and_otherwise_as_it_was() {
    for version in [1, 2] {
        let folder = Folder::new();
        let (old, new) = (
            folder.client("local:old", version),
            folder.client("local:new", version),
        );
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
        assert!(run(new.rekey(&name("a"), &rekey)).unwrap().is_some());
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
        assert_eq!(run(new.rekey(&name("a"), &rekey)).unwrap(), None);
        assert_eq!(members(&new, "a"), after);
        let again = Rekey {
            already: Already::Rewrap,
            ..Rekey::default()
        };
        assert!(run(new.rekey(&name("a"), &again)).unwrap().is_some());
        let to_third = Rekey {
            to: Some("local:third".parse().unwrap()),
            ..Rekey::default()
        };
        assert!(run(new.rekey(&name("a"), &to_third)).unwrap().is_some());
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
fn a_folder_that_lies_elsewhere_now_still_opens() {
    let folder = Folder::new();
    put(&folder.client("local:old", 2), "a", "one");
    let moved = folder.0.path().join("elsewhere");
    std::fs::rename(folder.0.path().join("secrets"), &moved).unwrap();
    std::os::unix::fs::symlink(&moved, folder.0.path().join("secrets")).unwrap();
    assert_eq!(get(&folder.client("local:old", 2), "a").unwrap(), b"one");
    let config = Config::new(&format!("file:{}", moved.display())).unwrap();
    let config = config.with_wrapping_key("local:old").unwrap();
    let client = run(Client::new(config.with_data_home(folder.0.path()))).unwrap();
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
    let version = run(client.upgrade(&name("a"), None)).unwrap();
    assert_eq!(get(&client, "a").unwrap(), b"{}");
    let description = described(&client, "a");
    let bound = description.bound.unwrap();
    assert_eq!(
        (description.format, Some(description.version)),
        (2, version)
    );
    assert_eq!(
        (bound.generation, bound.media_type),
        (1, "application/octet-stream")
    );
    assert_eq!(members(&client, "a")["token"], canonical);
    assert_eq!(run(client.upgrade(&name("a"), None)).unwrap(), None);

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
        run(client.update(&name("a"), append)).unwrap().unwrap();
        assert_eq!(
            (get(&client, "a").unwrap().len(), generation(&client, "a")),
            (length, length as u64)
        );
    }
    let before = stored(&client, "a");
    assert_eq!(run(client.update(&name("a"), |_| Ok(None))).unwrap(), None);
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

/// A store in which something happens to `a` or `b` once `b` is written.
#[derive(Debug)]
struct Meddled {
    inner: Box<dyn Store>,
    with: Meddling,
    done: std::sync::atomic::AtomicBool,
}

#[derive(Debug, PartialEq)]
enum Meddling {
    /// Nobody may read `b` any more.
    Forbid,
    /// Somebody stores `a` again.
    Rewrite,
}

impl Store for Meddled {
    fn place(&self, name: &SecretName) -> Result<Place> {
        self.inner.place(name)
    }

    fn fetch<'a>(&'a self, place: &'a Place, version: Option<&'a str>) -> Step<'a, Result<Lookup>> {
        let done = self.done.load(std::sync::atomic::Ordering::Relaxed);
        if done && self.with == Meddling::Forbid && place.name.as_str() == "b" {
            return Box::pin(async { Ok(Lookup::Forbidden(Error::usage("forbidden"))) });
        }
        self.inner.fetch(place, version)
    }

    fn save<'a>(
        &'a self,
        place: &'a Place,
        record: &'a [u8],
        condition: Condition<'a>,
    ) -> Step<'a, Result<Outcome>> {
        if place.name.as_str() != "b" {
            return self.inner.save(place, record, condition);
        }
        self.done.store(true, std::sync::atomic::Ordering::Relaxed);
        Box::pin(async move {
            if self.with == Meddling::Rewrite {
                let other = self.inner.place(&name("a"))?;
                let saved = self.inner.save(&other, b"theirs", Condition::Whatever);
                assert!(matches!(saved.await?, Outcome::Saved(_)));
            }
            self.inner.save(place, record, condition).await
        })
    }

    fn delete<'a>(&'a self, place: &'a Place, current: &'a Stored) -> Step<'a, Result<Removal>> {
        self.inner.delete(place, current)
    }

    fn list(&self, prefix: &str) -> Box<dyn Pages + '_> {
        self.inner.list(prefix)
    }

    fn versions<'a>(&'a self, place: &'a Place) -> Step<'a, Result<Vec<Version>>> {
        self.inner.versions(place)
    }
}

#[test]
fn a_rename_that_cannot_be_seen_through_leaves_the_secret_under_its_old_name() {
    for (with, expected) in [(Meddling::Forbid, 1), (Meddling::Rewrite, 6)] {
        let mut client = client(2);
        put(&client, "a", "one");
        let inner = std::mem::replace(&mut client.store, Client::in_memory().store);
        client.store = Box::new(Meddled {
            inner,
            with,
            done: false.into(),
        });
        let renamed = run(client.rename(&name("a"), &name("b"), Replace::Never));
        assert_eq!(status(renamed), expected);
        assert!(run(client.fetch(&client.place(&name("a")).unwrap(), None)).is_ok());
    }
}
