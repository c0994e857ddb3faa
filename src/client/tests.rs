//! Clients in memory.

use serde_json::{Map, Value, json};

use super::*;
use crate::backends::store::{Condition, Outcome};
use crate::base::test_support::run;
use crate::client::copies::Rekey;
use crate::client::put::Replace;

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
    spawnable(&client.undo(&name, None));
    spawnable(&client.rollback(&name, "1", None));
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
fn a_version_that_every_write_replaces_is_no_precondition() {
    let client = client(2);
    run(client.put("db", "hunter2")).unwrap();
    let null = Precondition::Version("null".to_owned());
    let put = run(client.put_if("db", "hunter3", &null)).unwrap_err();
    let deleted = run(client.delete_if("db", &null)).unwrap_err();
    for error in [put, deleted] {
        assert_eq!(error.kind(), "usage");
        assert_eq!(
            error.to_string(),
            "version `null` is overwritten by every write"
        );
    }
    assert_eq!(run(client.get("db")).unwrap().as_bytes(), b"hunter2");
}
