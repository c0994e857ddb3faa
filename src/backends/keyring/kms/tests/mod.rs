//! Which requests go to KMS, under which wrapping keys, and what its answers mean.

mod fake;

use serde_json::json;

use self::fake::Fake;
use super::*;
use crate::base::base64;
use crate::base::test_support::run;

const OURS: &str = "111122223333";
const THEIRS: &str = "444455556666";

fn arn(account: &str, id: &str) -> String {
    format!("arn:aws:kms:us-east-1:{account}:key/{id}")
}

fn place() -> Place {
    crate::base::test_support::place("s3://acme/", "prod/", "db")
}

fn context(path: &str) -> Context {
    Context::from([("lazycred:path".to_owned(), path.to_owned())])
}

/// `alias/now` and `alias/old` are ours, `alias/theirs` is another account's,
/// `alias/shut` may not be used, and `alias/mute` does not return its ARN.
fn kms() -> Fake {
    Fake::new(
        [
            ("alias/now", Ok(arn(OURS, "now"))),
            ("alias/old", Ok(arn(OURS, "old"))),
            ("alias/theirs", Ok(arn(THEIRS, "theirs"))),
            ("alias/mute", Ok(arn(OURS, "now"))),
            ("alias/shut", Err("AccessDeniedException")),
        ]
        .into(),
    )
}

fn keyring(fake: &Fake, wrapping_key: Option<&str>, more: &[&str]) -> KmsKeyring {
    let aws = Aws::at(fake.endpoint.clone());
    let id = |text: &&str| text.parse().unwrap();
    let mut config = Config::new("acme/").unwrap();
    config.account = Some(OURS.into());
    config.wrapping_key = wrapping_key.as_ref().map(id);
    config.more_wrapping_keys = more.iter().map(id).collect();
    of_kms(aws, &config).unwrap()
}

/// A data key that KMS wrapped under an ARN.
fn wrapped(under: &str, context: &Context) -> Vec<u8> {
    let data_key = base64::encode(DataKey::generate().as_bytes());
    let text = fake::wrapped(under, &json!(context), &json!(data_key));
    base64::decode(text.as_bytes(), base64::Alphabet::Standard).unwrap()
}

fn unwrap(
    keyring: &KmsKeyring,
    wrapped: &[u8],
    context: &Context,
    from: Option<&str>,
) -> Result<DataKey> {
    let from = from.map(|from| from.parse().unwrap());
    run(keyring.unwrap(&place(), wrapped, context, from.as_ref()))
}

fn rewrap(
    keyring: &KmsKeyring,
    wrapped: &[u8],
    contexts: (&Context, &Context),
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Rewrapped> {
    let id = |text: Option<&str>| text.map(|text| text.parse().unwrap());
    let (from, to) = (id(from), id(to));
    run(keyring.rewrap(Rewrap {
        place: &place(),
        wrapped,
        before: contexts.0,
        after: contexts.1,
        from: from.as_ref(),
        to: to.as_ref(),
    }))
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>, status: u8, said: &str) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.exit_code(), status, "{error}");
    assert!(error.to_string().contains(said), "{error}");
    error
}

#[test]
fn what_is_wrapped_with_a_context_unwraps_with_the_same_only() {
    let fake = kms();
    let keyring = keyring(&fake, Some("now"), &[]);
    let data_key = DataKey::generate();
    for bound in [Context::new(), context("a")] {
        let wrapped = run(keyring.wrap(&place(), &data_key, &bound)).unwrap();
        let opened = unwrap(&keyring, &wrapped, &bound, None).unwrap();
        assert_eq!(opened.as_bytes(), data_key.as_bytes());
        let opened = unwrap(&keyring, &wrapped, &context("b"), None);
        refused(opened, 4, "fails authentication");
    }
}

#[test]
fn without_a_context_the_wrapping_key_that_the_ciphertext_names_is_asked_once() {
    let fake = kms();
    let free = Context::new();
    let old = wrapped(&arn(OURS, "old"), &free);
    for (alias, asked) in [
        ("now", "Decrypt alias/now"),
        ("gone", "Decrypt alias/gone"),
        ("shut", "Decrypt alias/shut"),
    ] {
        let keyring = keyring(&fake, Some(alias), &[]);
        assert!(unwrap(&keyring, &old, &free, None).is_ok());
        assert_eq!(fake.requests(), [asked, "Decrypt -"]);
    }
}

#[test]
fn with_a_context_only_wrapping_keys_that_were_named_are_asked() {
    let fake = kms();
    let bound = context("a");
    let old = wrapped(&arn(OURS, "old"), &bound);
    let ours = keyring(&fake, Some("now"), &["gone", "shut"]);
    // Two of them could not be asked, so it may be under one of those.
    let error = refused(unwrap(&ours, &old, &bound, None), 1, "alias/now: Incorrect");
    for code in ["alias/gone: NotFound", "alias/shut: AccessDenied"] {
        assert!(error.to_string().contains(code), "{error}");
    }
    let all = [
        "Decrypt alias/now",
        "Decrypt alias/gone",
        "Decrypt alias/shut",
    ];
    assert_eq!(fake.requests(), all);
    assert!(unwrap(&ours, &old, &bound, Some("old")).is_ok());
    assert_eq!(fake.requests()[3], "Decrypt alias/old");

    let opened = unwrap(&keyring(&fake, Some("now"), &[]), &old, &bound, None);
    let error = refused(opened, 4, "");
    assert!(error.hint().unwrap().contains("rekey db --from ALIAS"));
    assert!(unwrap(&keyring(&fake, Some("now"), &["old"]), &old, &bound, None).is_ok());
    fake.requests();
    refused(
        unwrap(&keyring(&fake, None, &[]), &old, &bound, None),
        2,
        "",
    );
    assert!(fake.requests().is_empty());
}

#[test]
fn a_data_key_is_moved_by_one_request_that_names_both_contexts() {
    let fake = kms();
    let keyring = keyring(&fake, Some("now"), &["old"]);
    let (a, b) = (context("a"), context("b"));
    let first = wrapped(&arn(OURS, "now"), &a);
    let moved = rewrap(&keyring, &first, (&a, &b), None, None).unwrap();
    assert!(!moved.moved);
    assert!(unwrap(&keyring, &moved.wrapped, &b, None).is_ok());
    assert!(unwrap(&keyring, &moved.wrapped, &a, None).is_err());
    assert_eq!(fake.requests()[0], "ReEncrypt alias/now alias/now");

    let old = wrapped(&arn(OURS, "old"), &a);
    assert!(rewrap(&keyring, &old, (&a, &a), None, None).unwrap().moved);
    let asked = [
        "ReEncrypt alias/now alias/now",
        "ReEncrypt alias/old alias/now",
    ];
    assert_eq!(fake.requests(), asked);
    let moved = rewrap(&keyring, &old, (&a, &a), None, Some("old"));
    assert!(!moved.unwrap().moved);

    refused(rewrap(&keyring, &old, (&b, &a), None, None), 4, "");
    let theirs = wrapped(&arn(THEIRS, "theirs"), &a);
    refused(rewrap(&keyring, &theirs, (&a, &a), None, None), 4, "");
    let moved = rewrap(&keyring, &theirs, (&a, &a), Some("theirs"), None);
    assert!(moved.unwrap().moved);
}

#[test]
fn a_data_key_without_a_context_is_moved_from_accepted_accounts_only() {
    let fake = kms();
    let keyring = keyring(&fake, Some("now"), &[]);
    let (free, a) = (Context::new(), context("a"));
    let old = wrapped(&arn(OURS, "old"), &free);
    let moved = rewrap(&keyring, &old, (&free, &a), None, None).unwrap();
    assert!(moved.moved && unwrap(&keyring, &moved.wrapped, &a, None).is_ok());
    let asked = ["ReEncrypt alias/now alias/now", "ReEncrypt - alias/now"];
    assert_eq!(fake.requests()[..2], asked);
    let theirs = wrapped(&arn(THEIRS, "theirs"), &free);
    for from in [None, Some("theirs")] {
        let moved = rewrap(&keyring, &theirs, (&free, &free), from, None);
        refused(moved, 4, "not in account");
    }
    let mut pinned = keyring;
    pinned.accepted.pinned = true;
    refused(rewrap(&pinned, &old, (&free, &free), None, None), 4, "");
}

#[test]
fn local_wrapping_keys_and_those_of_kms_do_not_mix() {
    let fake = kms();
    let free = Context::new();
    let ours = keyring(&fake, Some("now"), &[]);
    let local = [LOCAL_MARK, b"dev:gAAA"].concat();
    refused(unwrap(&ours, &local, &free, None), 4, "`local:dev`");
    let old = wrapped(&arn(OURS, "old"), &free);
    for (from, to) in [(Some("local:dev"), None), (None, Some("local:dev"))] {
        refused(rewrap(&ours, &old, (&free, &free), from, to), 2, "");
    }
    assert!(fake.requests().is_empty());
    let mut config = Config::new("acme/").unwrap();
    config = config.with_further_wrapping_key("local:dev").unwrap();
    let aws = Aws::at(fake.endpoint.clone());
    refused(of_kms(aws, &config), 2, "");
}

#[test]
fn a_wrapping_key_that_is_not_there_is_named_in_writing() {
    let fake = kms();
    let data_key = DataKey::generate();
    let error = run(keyring(&fake, Some("gone"), &[]).wrap(&place(), &data_key, &context("a")));
    let error = refused(error, 1, "");
    assert!(error.hint().unwrap().contains("alias/gone"), "{error}");
    let wrapped = run(keyring(&fake, None, &[]).wrap(&place(), &data_key, &Context::new()));
    refused(wrapped, 2, "");
}

#[test]
fn a_data_key_is_not_bound_by_an_answer_that_names_no_wrapping_key() {
    let fake = kms();
    let keyring = keyring(&fake, Some("mute"), &[]);
    let data_key = DataKey::generate();
    assert!(run(keyring.wrap(&place(), &data_key, &Context::new())).is_ok());
    let bound = run(keyring.wrap(&place(), &data_key, &context("a")));
    refused(bound, 1, "");
}
