//! Clients in memory and in folders.

use serde_json::{Map, Value, json};

use super::*;
use crate::backends::keyring::create_key_file;
use crate::backends::store::{Condition, Outcome};
use crate::base::test_support::run;
use crate::client::copies::Rekey;
use crate::client::fields::FieldValue;
use crate::client::put::Replace;
use crate::config::Config;

#[test]
fn calls_can_be_spawned_on_other_threads() {
    fn spawnable<T: Send>(_: &T) {}
    let client = Client::in_memory();
    let (name, rules, rekey) = (
        name("db"),
        crate::plaintext::rules::Rules::default(),
        Rekey::default(),
    );
    spawnable(&client.get(&name));
    spawnable(&client.get(String::from("db")));
    spawnable(&client.put("db", "hunter2"));
    spawnable(&client.set("db", "user", Secret::from("app")));
    spawnable(&client.load(["db", "A=db#user"]));
    spawnable(&client.load_with([&name], &rules));
    spawnable(&client.check_put(vec![&name], Replace::Never));
    spawnable(&client.diff((&name, None), ("db", None)));
    spawnable(&client.update(&name, |_| Ok(None)));
    spawnable(&client.rename(&name, "to", Replace::Never));
    spawnable(&client.rekey(&name, &rekey));
    spawnable(&client.delete(name.clone()));
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
    run(client.put(to, secret)).unwrap().version
}

fn get(client: &Client, from: &str) -> Result<Vec<u8>> {
    run(client.get(&name(from))).map(|secret| secret.as_bytes().to_vec())
}

fn members(client: &Client, at: &str) -> Map<String, Value> {
    let place = client.place(name(at)).unwrap();
    let stored = run(client.fetch(&place, None)).unwrap();
    serde_json::from_slice(&stored.bytes).unwrap()
}

/// Stores a record as it is.
fn plant(client: &Client, at: &str, members: &Map<String, Value>) {
    let place = client.place(name(at)).unwrap();
    let bytes = serde_json::to_vec(members).unwrap().into();
    let saved = run(client.store.save(&place, &bytes, Condition::Whatever));
    assert!(matches!(saved.unwrap(), Outcome::Saved(_)));
}

/// The format and the generation of a record.
fn format(client: &Client, of: &str) -> (u8, u64) {
    let described = run(client.describe(&name(of), None)).unwrap();
    let generation = described.bound.map_or(0, |bound| bound.generation);
    (described.format, generation)
}

fn status<T: std::fmt::Debug>(result: Result<T>) -> u8 {
    result.unwrap_err().exit_code()
}

#[test]
fn a_roll_back_stores_the_old_secret_as_the_newest_generation() {
    let mut client = client(1);
    let first = put(&client, "a", "one");
    client.sealer.formats.write = 2;
    let second = put(&client, "a", "two");
    put(&client, "a", "three");
    for (version, secret, generation) in [(second, b"two", 3), (first, b"one", 4)] {
        run(client.rollback(&name("a"), &version, None)).unwrap();
        assert_eq!(get(&client, "a").unwrap(), secret);
        assert_eq!(format(&client, "a"), (2, generation));
    }
    let removed = run(client.delete(&name("a"))).unwrap();
    run(client.rollback(&name("a"), &removed.version.unwrap(), None)).unwrap();
    assert_eq!(get(&client, "a").unwrap(), b"one");
    assert_eq!(format(&client, "a"), (2, 1));
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
        let generation = match (expected, destination) {
            (1, _) => 0,
            (_, Some(2)) => 2,
            _ => 1,
        };
        assert_eq!(format(&client, "b"), (expected, generation));
        if expected == 2 {
            // A token that has not been opened keeps its type, or has none.
            let kind = if source == 2 { "json" } else { "octet-stream" };
            assert_eq!(members(&client, "b")["type"], format!("application/{kind}"));
        }
    }
}

#[test]
fn a_rename_is_neither_repeated_nor_finished_by_a_record_that_does_not_open() {
    let (a, b, c) = (name("a"), name("b"), name("c"));
    for (version, wrapped) in [(1, "key"), (2, "wrapped_key")] {
        let client = client(version);
        put(&client, "a", "one");
        let mut forged = members(&client, "a");
        forged[wrapped] = json!("aGk=");
        plant(&client, "b", &forged);
        assert_eq!(status(run(client.rename(&a, &b, Replace::Never))), 4);
        assert_eq!(get(&client, "a").unwrap(), b"one");
        run(client.rename(&a, &b, Replace::Existing)).unwrap_err();
        run(client.delete(&b)).unwrap();
        run(client.rename(&a, &b, Replace::Never)).unwrap();
        assert_eq!(status(run(client.rename(&a, &b, Replace::Never))), 6);
        assert_eq!(status(run(client.rename(&a, &c, Replace::Never))), 3);
    }
}

#[test]
fn a_token_that_is_not_one_is_not_upgraded() {
    let client = client(1);
    put(&client, "a", "{}");
    let mut damaged = members(&client, "a");
    damaged["data"] = json!("gAAAAAA=");
    plant(&client, "a", &damaged);
    assert_eq!(status(run(client.upgrade(&name("a"), None))), 4);
    assert_eq!(members(&client, "a"), damaged);
    assert_eq!(status(run(client.upgrade(&name("no"), None))), 3);
    assert_eq!(status(run(client.rekey(&name("no"), &Rekey::default()))), 3);
}

#[test]
fn only_the_version_that_was_named_is_removed() {
    let client = client(1);
    put(&client, "a", "one");
    let delete = |version: &str| {
        let version = Precondition::Version(version.into());
        run(client.delete_if(&name("a"), &version))
    };
    assert_eq!(
        delete("2").unwrap_err().to_string(),
        "cannot remove `a` (memory://a): the current version is `1`, not `2`"
    );
    assert!(get(&client, "a").is_ok());
    assert_eq!(delete("1").unwrap().version.as_deref(), Some("1"));
    assert_eq!(status(get(&client, "a")), 3);
}

#[test]
fn a_field_that_cannot_be_changed_is_named_and_nothing_is_stored() {
    let client = client(1);
    put(&client, "a", r#"{"a": 1}"#);
    let unset = |field: &str| run(client.unset("a", field));
    let set = |value| run(client.set("a", "a", value));
    for (result, status, words) in [
        (unset("/b/c"), 3, "no field `/b/c` in `a`"),
        (unset("/a/c"), 5, "`/a` is neither an object nor an array"),
        (
            set(FieldValue::Json("x".into())),
            5,
            "not valid JSON at line 1",
        ),
        (
            set(FieldValue::Text(b"\xff"[..].into())),
            5,
            "the new value is not valid UTF-8",
        ),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.exit_code(), status, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    assert_eq!(run(client.history(&name("a"))).unwrap().len(), 1);
}

/// A folder with a store and the wrapping key `local:old`.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = crate::base::test_support::folder();
        let id = "local:old".parse().unwrap();
        assert!(create_key_file(&id, folder.path()).unwrap().is_some());
        Self(folder)
    }

    fn config(&self, folder: &str, key_alias: &str) -> Config {
        let address = format!("file:{}/{folder}", self.0.path().display());
        let config = Config::new(&address).unwrap().with_wrapping_key(key_alias);
        config.unwrap().with_data_home(self.0.path())
    }
}

fn in_folder(config: Config, format: u8) -> Client {
    run(Client::new(config.with_format(format).unwrap())).unwrap()
}

#[test]
fn nothing_is_stored_where_wrapping_fails() {
    for version in [1, 2] {
        let folder = Folder::new();
        let [old, gone] =
            ["local:old", "local:gone"].map(|id| in_folder(folder.config("secrets", id), version));
        assert_eq!(status(run(gone.put("a", "one"))), 2);
        assert_eq!(status(get(&old, "a")), 3);
        put(&old, "a", "one");
        let before = members(&old, "a");
        let to_gone = Rekey {
            to: Some("local:gone".parse().unwrap()),
            ..Rekey::default()
        };
        assert_eq!(status(run(gone.put("a", "two"))), 2);
        assert_eq!(status(run(old.rekey(&name("a"), &to_gone))), 2);
        assert_eq!(members(&old, "a"), before);
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
        let error = get(&in_folder(config, 1), "a").unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.exit_code(), 4);
    }
}

#[test]
fn a_folder_that_was_moved_still_opens() {
    let folder = Folder::new();
    let client = |at| in_folder(folder.config(at, "local:old"), 2);
    put(&client("secrets"), "a", "one");
    let [at, moved] = ["secrets", "elsewhere"].map(|name| folder.0.path().join(name));
    std::fs::rename(&at, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &at).unwrap();
    assert_eq!(get(&client("secrets"), "a").unwrap(), b"one");
    assert_eq!(get(&client("elsewhere"), "a").unwrap(), b"one");
}
