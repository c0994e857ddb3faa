//! Records that move, on stores without AWS.

mod in_place;
mod meddled;
mod names;

use serde_json::{Map, Value, json};

use super::*;
use crate::backends::store::{Condition, Outcome};
use crate::base::test_support::run;
use crate::client::get::Description;

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

fn stored(client: &Client, at: &str) -> Stored {
    let place = client.place(at).unwrap();
    run(client.fetch(&place, None)).unwrap()
}

fn members(client: &Client, at: &str) -> Map<String, Value> {
    serde_json::from_slice(&stored(client, at).bytes).unwrap()
}

/// Puts bytes there as they are.
fn plant(client: &Client, at: &str, members: &Map<String, Value>) {
    let place = client.place(at).unwrap();
    let bytes = serde_json::to_vec(members).unwrap();
    let saved = run(client
        .store
        .save(&place, &bytes.into(), Condition::Whatever))
    .unwrap();
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
