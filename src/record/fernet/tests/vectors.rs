//! Fernet's own vectors and Wycheproof's, through both ways of opening a token.

use serde::Deserialize;

use super::*;
use crate::base::test_support::{suite, unhex};

#[derive(Deserialize)]
struct FernetCase {
    about: String,
    token: String,
    data_key: String,
    secret: Option<String>,
    iv: Option<[u8; BLOCK]>,
    seconds: Option<u64>,
}

#[test]
fn fernets_own_tokens_open_or_are_refused_both_ways() {
    for case in suite::<FernetCase>("fernet", 10) {
        let data_key = DataKey::parse_exactly(case.data_key.as_bytes()).unwrap();
        let expected = case.secret.clone().map(String::into_bytes);
        let about = case.about.as_str();
        let read = open(&data_key, &case.token).ok();
        assert_eq!(
            read.map(|secret| secret.as_bytes().to_vec()),
            expected,
            "{about}"
        );
        assert_eq!(
            opened(&data_key, &case.token),
            [expected.clone(), expected],
            "{about}"
        );
        if let (Some(iv), Some(seconds), Some(secret)) = (case.iv, case.seconds, &case.secret) {
            let sealed = large::seal(&data_key.bytes(), secret.as_bytes(), seconds, iv, 0);
            assert_eq!(sealed, case.token, "{about}");
        }
        // Two of the invalid ones are so by their time alone, which lazycred ignores.
        let now = 499_162_800 + if about == "expired TTL" { 100 } else { 0 };
        let clocked = data_key.fernet();
        let clocked = clocked.decrypt_at_time(&case.token, Some(60), now);
        assert_eq!(
            clocked.is_ok(),
            matches!(about, "generate" | "verify"),
            "{about}"
        );
    }
    // Another version, with a valid signature.
    let data_key = DataKey::generate();
    for version in [0x00, 0x7f, 0x81, 0xff] {
        for length in [40, LARGE] {
            let token = signed(&data_key, [&[version][..], &vec![0; length]].concat());
            let refused = open(&data_key, &token).err();
            assert_eq!(refused, Some(OpenError::Version));
        }
    }
}

#[derive(Deserialize)]
struct PaddingCase {
    about: String,
    key: String,
    iv: String,
    sealed: String,
    /// The plaintext; `None` for wrong padding.
    clear: Option<String>,
}

#[test]
fn wycheproofs_paddings_are_taken_or_refused_at_both_sizes() {
    for case in suite::<PaddingCase>("aes-128-cbc-pkcs7", 72) {
        let about = &case.about;
        let key = [&[0x11; 16][..], &unhex(&case.key)].concat();
        let data_key = data_key(&URL_SAFE.encode_to_string(key));
        let (iv, sealed) = (unhex(&case.iv), unhex(&case.sealed));
        let [small, large] = at_both_sizes(&data_key, &iv, &sealed);
        let clear = case.clear.as_deref().map(unhex);
        let read = open(&data_key, &small).ok();
        assert_eq!(
            read.map(|secret| secret.as_bytes().to_vec()),
            clear,
            "{about}"
        );
        assert_eq!(
            opened(&data_key, &small),
            [clear.clone(), clear.clone()],
            "{about}"
        );
        match (&clear, open(&data_key, &large).ok()) {
            (Some(clear), Some(large)) => assert!(large.as_bytes().ends_with(clear), "{about}"),
            (None, None) => {}
            // Without a block of its own there is no padding to be wrong.
            (None, Some(_)) if sealed.is_empty() => {}
            (clear, large) => panic!("{about}: {} {}", clear.is_some(), large.is_some()),
        }
        if let Some(clear) = clear {
            let token = large::seal(&data_key.bytes(), &clear, 0, iv.try_into().unwrap(), 0);
            let parts = URL_SAFE.decode_to_vec(&token).unwrap();
            assert_eq!(parts[HEAD..parts.len() - TAG], sealed, "{about}");
        }
    }
}

#[derive(Deserialize)]
struct TagCase {
    key: String,
    message: String,
    tag: String,
    valid: bool,
}

#[test]
fn wycheproofs_tags_are_right_and_half_a_tag_is_none() {
    for case in suite::<TagCase>("hmac-sha256", 6) {
        let mut data_key = large::DataKeyBytes::default();
        data_key[..16].copy_from_slice(&unhex(&case.key));
        let mut signer = signer(&data_key);
        signer.update(&unhex(&case.message));
        let tag = unhex(&case.tag);
        let whole = case.valid && tag.len() == TAG;
        assert_eq!(signer.clone().verify_slice(&tag).is_ok(), whole);
        assert!(signer.finalize().into_bytes().starts_with(&tag));
    }
}
