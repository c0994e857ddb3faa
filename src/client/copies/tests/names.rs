//! Copies and renames.

use super::*;

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
