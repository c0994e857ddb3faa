//! Fernet's own vectors and Wycheproof's, through both ways that a token opens.

use serde::Deserialize;

use super::*;
use crate::envelope::{self, OpenError};

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// What each of the two ways makes of a token.
fn opened(data_key: &DataKey, token: &str) -> [Option<Vec<u8>>; 2] {
    let of = |secret: Option<Secret>| secret.map(|secret| secret.as_bytes().to_vec());
    let large = envelope::canonical(token).and_then(|token| open_whole(data_key, &token));
    [of(envelope::open(data_key, token).ok()), of(large)]
}

/// A token with as much before it as makes it a large one, of the same fault:
/// whole blocks, each decrypted by the one before it.
fn enlarged(data_key: &DataKey, iv: &[u8], sealed: &[u8]) -> String {
    let before = vec![0x5a; crate::envelope::LARGE];
    let parts = [&[VERSION][..], &[0; 8], &[7; BLOCK], &before, iv, sealed];
    signed(data_key, parts.concat())
}

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
    let text = include_str!("../../../../tests/vectors/suites/fernet.json");
    let tokens: Vec<FernetCase> = serde_json::from_str(text).unwrap();
    assert_eq!(tokens.len(), 10);
    for case in &tokens {
        let data_key = DataKey::parse_exactly(case.data_key.as_bytes()).unwrap();
        let expected = case.secret.clone().map(String::into_bytes);
        let about = &case.about;
        assert_eq!(
            opened(&data_key, &case.token),
            [expected.clone(), expected],
            "{about}"
        );
        if let (Some(iv), Some(seconds), Some(secret)) = (case.iv, case.seconds, &case.secret) {
            let sealed = seal(&data_key.bytes(), secret.as_bytes(), seconds, iv, 0);
            assert_eq!(sealed, case.token, "{about}");
        }
    }
    // Another version, with a signature that is right.
    let data_key = DataKey::generate();
    for version in [0x00, 0x7f, 0x81, 0xff] {
        let token = signed(&data_key, [&[version][..], &[0; 40]].concat());
        let refused = envelope::open(&data_key, &token).err();
        assert_eq!(refused, Some(OpenError::Version));
    }
}

#[derive(Deserialize)]
struct PaddingCase {
    about: String,
    key: String,
    iv: String,
    sealed: String,
    /// What it holds; without it, its padding is wrong.
    clear: Option<String>,
}

#[test]
fn wycheproofs_paddings_are_taken_or_refused_at_both_sizes() {
    let text = include_str!("../../../../tests/vectors/suites/aes-128-cbc-pkcs7.json");
    let cases: Vec<PaddingCase> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 72);
    for case in &cases {
        let about = &case.about;
        let key = [&[0x11; 16][..], &bytes(&case.key)].concat();
        let data_key = DataKey::parse(URL_SAFE.encode_to_string(key).as_bytes()).unwrap();
        let (iv, sealed) = (bytes(&case.iv), bytes(&case.sealed));
        let token = signed(&data_key, [&[VERSION][..], &[0; 8], &iv, &sealed].concat());
        let clear = case.clear.as_deref().map(bytes);
        assert_eq!(
            opened(&data_key, &token),
            [clear.clone(), clear.clone()],
            "{about}"
        );
        // The blocks before decrypt to anything; the last ones to what they did.
        let large = envelope::open(&data_key, &enlarged(&data_key, &iv, &sealed)).ok();
        match (&clear, large) {
            (Some(clear), Some(large)) => assert!(large.as_bytes().ends_with(clear), "{about}"),
            (None, None) => {}
            // Without a block of its own there is no padding to be wrong.
            (None, Some(_)) if sealed.is_empty() => {}
            (clear, large) => panic!("{about}: {} {}", clear.is_some(), large.is_some()),
        }
        if let Some(clear) = clear {
            let token = seal(&data_key.bytes(), &clear, 0, iv.try_into().unwrap(), 0);
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
    let text = include_str!("../../../../tests/vectors/suites/hmac-sha256.json");
    let cases: Vec<TagCase> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 6);
    for case in &cases {
        let mut data_key = DataKeyBytes::default();
        data_key[..16].copy_from_slice(&bytes(&case.key));
        let mut signer = signer(&data_key);
        signer.update(&bytes(&case.message));
        let tag = bytes(&case.tag);
        let whole = case.valid && tag.len() == TAG;
        assert_eq!(signer.clone().verify_slice(&tag).is_ok(), whole);
        assert!(signer.finalize().into_bytes().starts_with(&tag));
    }
}
