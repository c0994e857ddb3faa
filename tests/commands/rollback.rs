//! `rollback`: an earlier version comes back.

use crate::support::fake_aws::Context;
use crate::support::harness::record::{self, About};
use crate::support::versions::{get, put, versioned};
use crate::support::{ACCOUNT, ALIAS, REGION, place, store};
use serde_json::{Value, json};

#[test]
fn rollback_stores_an_old_version_again_without_opening_it() {
    for format in [1, 2] {
        let aws = versioned();
        let place = place("s");
        let old = store(&aws, &place, "one", format);
        let new = store(&aws, &place, "two", format);
        aws.forget();
        let rollback = aws.run(["rollback", "s", "--to", &old]);
        let outcome = rollback.stderr_has("rolled back s").status(0);
        assert!(!outcome.operations().contains(&"Decrypt"), "{outcome}");
        let saved = outcome
            .requests
            .iter()
            .find(|request| request.operation == "PutObject");
        assert!(saved.unwrap().header("if-match").is_some());
        get(&aws, "s", "one");
        let kept: Vec<String> = aws
            .versions(&place)
            .into_iter()
            .map(|kept| kept.id)
            .collect();
        assert_eq!(kept.len(), 3);
        assert_eq!(kept[..2], [old, new]);
    }
}

#[test]
fn a_rollback_increments_the_current_generation_and_keeps_everything_else() {
    let aws = versioned();
    let place = place("s");
    let stored = |generation, tool: &str| {
        let mut about = About::new(format!("s3://{place}"), b"hunter2");
        (about.generation, about.tool) = (generation, tool.into());
        let wrap = |data_key: &[u8], context: &Context| aws.wrap(ALIAS, data_key, context);
        aws.put_object(&place, &record::version_2(&about, b"hunter2", wrap))
    };
    let old = stored(3, "old/1");
    stored(8, "new/1");
    let rollback = aws.run(["rollback", "s", "--to", &old]);
    rollback.stderr_has("rolled back s").status(0);
    let record: Value = serde_json::from_slice(&aws.object(&place).unwrap()).unwrap();
    assert_eq!(
        (&record["gen"], &record["tool"], &record["created"]),
        (&json!(9), &json!("old/1"), &json!("2026-01-01T00:00:00Z"))
    );
    get(&aws, "s", "hunter2");
}

#[test]
fn rolling_back_rewraps_an_old_version_under_the_configured_wrapping_key() {
    for format in [1, 2] {
        let aws = versioned();
        let earlier = aws.wrapping_key("earlier", ACCOUNT, REGION);
        let place = place("s");
        let wrap = |data_key: &[u8], context: &Context| aws.wrap("earlier", data_key, context);
        let bytes = match format {
            1 => record::version_1(b"one", wrap),
            _ => record::version_2(&About::new(format!("s3://{place}"), b"one"), b"one", wrap),
        };
        let old = aws.put_object(&place, &bytes);
        store(&aws, &place, "two", format);
        let mut args = vec!["rollback", "s", "--to", &old];
        if format == 2 {
            aws.refuses(&args, 4, "cannot open `s`");
            assert_eq!(aws.versions(&place).len(), 2);
            args.extend(["--from", "earlier"]);
        }
        let rollback = aws.run(args);
        rollback.stderr_has("rolled back s").status(0);
        aws.state().kms.key(&earlier).denied.push("Decrypt".into());
        get(&aws, "s", "one");
    }
}

#[test]
fn a_rollback_to_what_is_no_version_changes_nothing() {
    let aws = versioned();
    let place = place("s");
    put(&aws, "s", "one");
    aws.state().delete_object(&place);
    put(&aws, "s", "two");
    let shows = "lazycred: hint: `lazycred history s` shows its versions";
    let fewest = "; 6 or more of the first characters of one are enough";
    for (version, fewest) in [("nope", fewest), ("-nope", fewest), ("no-such", "")] {
        let rollback = aws.run(["rollback", "s", "--to", version]);
        let said = format!("no version `{version}` of `s` (s3://acme-secrets/prod/s)");
        let hint = format!("{shows}{fewest}");
        rollback
            .stderr(format!("lazycred: error: {said}\n{hint}\n"))
            .status(3);
    }
    assert_eq!(aws.versions(&place).len(), 3);
}

#[test]
fn a_version_wrapped_in_another_account_is_never_rolled_back_to() {
    let aws = versioned();
    let foreign = aws.wrapping_key("foreign", "999999999999", REGION);
    aws.state().kms.key(&foreign).open_to.push(ACCOUNT.into());
    let place = place("s");
    let planted = record::version_1(b"planted", |data_key, context| {
        aws.wrap(&foreign, data_key, context)
    });
    let planted = aws.put_object(&place, &planted);
    put(&aws, "s", "ours");
    let rollback = aws.run(["rollback", "s", "--to", &planted]);
    rollback
        .stderr_has("which is not in account 123456789012")
        .status(4);
    assert_eq!(aws.versions(&place).len(), 2);
    get(&aws, "s", "ours");
}
