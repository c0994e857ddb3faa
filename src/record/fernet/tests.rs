//! Both ways through Fernet, at sizes on either side of [`LARGE`]: the crate
//! `fernet` is the reference for the in-place one.

use aes::Aes128;
use base64_simd::URL_SAFE;
use cbc::cipher::inout::InOutBuf;
use cbc::cipher::{BlockEncryptMut, KeyIvInit};
use hmac::Mac;
use serde::Deserialize;

use super::large::{BLOCK, PIECE, signer};
use super::*;
use crate::base::test_random::Generator;
use crate::base::test_support::{suite, unhex};

const VECTOR_KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
const VECTOR: &str = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

fn data_key(text: &str) -> DataKey {
    DataKey::parse(text.as_bytes()).unwrap()
}

fn bytes(secret: &Secret) -> Vec<u8> {
    secret.as_bytes().to_vec()
}

/// What the crate and the in-place way make of a token.
fn opened(data_key: &DataKey, token: &str) -> [Option<Vec<u8>>; 2] {
    let small = canonical(token).and_then(|token| open_small(data_key, &token).ok());
    let large = canonical(token).and_then(|token| {
        let whole = 0..token.len();
        large::open(&data_key.bytes(), token.into_owned().into_bytes(), whole)
    });
    [small.as_ref().map(bytes), large.as_ref().map(bytes)]
}

/// A token with a valid signature over any content.
fn signed(data_key: &DataKey, mut unsigned: Vec<u8>) -> String {
    let mut signer = signer(&data_key.bytes());
    signer.update(&unsigned);
    unsigned.extend_from_slice(&signer.finalize().into_bytes());
    URL_SAFE.encode_to_string(unsigned)
}

/// A signed token of these last blocks, at both sizes: blocks before them make it
/// large, and decrypt to anything.
fn at_both_sizes(data_key: &DataKey, iv: &[u8], sealed: &[u8]) -> [String; 2] {
    let before = [&[7; BLOCK][..], &vec![0x5a; LARGE], iv].concat();
    [iv, &before].map(|iv| signed(data_key, [&[VERSION][..], &[0; 8], iv, sealed].concat()))
}

/// Every length around the edges of blocks, of base64, of pieces and of [`LARGE`];
/// and random ones.
fn lengths(random: &mut Generator) -> Vec<usize> {
    let around = |edge: usize| edge.saturating_sub(17)..=edge + 17;
    let edges = [PIECE, LARGE, 3 * PIECE].into_iter().flat_map(around);
    let others = (0..60).map(|_| random.below(5 * PIECE));
    (0..200).chain(edges).chain([1000]).chain(others).collect()
}

#[test]
fn a_token_is_the_crates_byte_for_byte_and_opens_under_its_own_data_key_at_every_length() {
    let mut random = Generator::new(31);
    for length in lengths(&mut random) {
        let (data_key, other) = (DataKey::generate(), DataKey::generate());
        let byte = |_| random.next().to_le_bytes()[0];
        let secret: Vec<u8> = (0..length).map(byte).collect();
        let theirs = data_key.fernet().encrypt(&secret);

        let parts = URL_SAFE.decode_to_vec(&theirs).unwrap();
        let seconds = u64::from_be_bytes(parts[1..9].try_into().unwrap());
        let iv = parts[9..25].try_into().unwrap();
        let ours = large::seal(&data_key.bytes(), &secret, seconds, iv, 7);
        assert!(ours == theirs, "{length} bytes");
        assert!(ours.capacity() >= ours.len() + 7);

        let sealed = seal(&data_key, &Secret::new(secret.clone()));
        let read = open(&data_key, &sealed).unwrap();
        assert!(read.as_bytes() == secret, "{length} bytes");
        assert_eq!(open(&other, &sealed).unwrap_err(), OpenError::Forged);
        let [small, large] = opened(&data_key, &ours).map(|read| read == Some(secret.clone()));
        assert!(small && large, "{length} bytes");
        assert_eq!(opened(&other, &ours), [None, None]);
    }
}

#[test]
fn a_token_opens_inside_its_record_and_a_large_one_in_the_same_memory() {
    let data_key = DataKey::generate();
    for size in [5, LARGE - 1, LARGE, LARGE + 5] {
        let secret = vec![0xa5; size];
        let token = data_key.fernet().encrypt(&secret);
        for before in ["", "{\"data\": \"", "x"] {
            let bytes = format!("{before}{token}\", and more").into_bytes();
            let memory = bytes.as_ptr();
            let at = before.len()..before.len() + token.len();
            let opened = open_in(&data_key, bytes, at).unwrap();
            assert!(opened.as_bytes() == secret);
            assert_eq!(
                opened.as_bytes().as_ptr() == memory,
                size >= LARGE,
                "{size}"
            );
        }
    }
}

#[test]
fn what_the_crate_refuses_is_refused() {
    let mut random = Generator::new(32);
    let mut refused = 0;
    for turn in 0..600 {
        let data_key = DataKey::generate();
        let longest = if turn % 21 == 0 { 4 * PIECE } else { 100 };
        let secret = random.bytes(longest);
        let mut bytes = URL_SAFE
            .decode_to_vec(data_key.fernet().encrypt(&secret))
            .unwrap();
        match turn % 4 {
            0 => {
                let at = 1 + random.below(bytes.len() - 1);
                bytes[at] ^= 1 << random.below(8);
            }
            1 => bytes.truncate(HEAD + TAG + random.below(bytes.len() - HEAD - TAG)),
            // A valid signature over invalid padding or length.
            2 => {
                bytes.truncate(bytes.len() - TAG);
                let at = HEAD - BLOCK + random.below(bytes.len() - HEAD + BLOCK);
                bytes[at] ^= 1 << random.below(8);
                bytes = URL_SAFE.decode_to_vec(signed(&data_key, bytes)).unwrap();
            }
            _ => {
                bytes.truncate(HEAD + random.below(bytes.len() - HEAD - TAG));
                bytes = URL_SAFE.decode_to_vec(signed(&data_key, bytes)).unwrap();
            }
        }
        let token = URL_SAFE.encode_to_string(&bytes);
        let theirs = open_small(&data_key, &token).ok().as_ref().map(self::bytes);
        let whole = 0..token.len();
        let ours = large::open(&data_key.bytes(), token.clone().into_bytes(), whole);
        let ours = ours.as_ref().map(self::bytes);
        assert!(ours == theirs, "{token}");
        refused += usize::from(ours.is_none());
        assert!(turn % 4 > 1 || ours.is_none(), "{token}");
    }
    assert!((300..600).contains(&refused), "{refused}");
}

#[test]
fn every_padding_is_read_as_the_crate_reads_it() {
    let data_key = DataKey::generate();
    let iv = [7; BLOCK];
    for fill in 0..=255_u8 {
        for last in [0, 1, 2, 15, 16, 17, 32, 255] {
            let mut block = [fill; BLOCK];
            block[BLOCK - 1] = last;
            let bytes = data_key.bytes();
            let mut cipher = cbc::Encryptor::<Aes128>::new(bytes[16..].into(), &iv.into());
            let (blocks, _) = InOutBuf::from(&mut block[..]).into_chunks();
            cipher.encrypt_blocks_inout_mut(blocks);
            // Large tokens for some: each costs 64 KiB.
            let sizes = 1 + usize::from(matches!(fill, 0..3 | 15..18 | 255));
            for token in &at_both_sizes(&data_key, &iv, &block)[..sizes] {
                let [theirs, ours] = opened(&data_key, token);
                assert!(ours == theirs, "{fill} {last}");
            }
        }
    }
}

#[test]
fn a_token_opens_in_any_spelling_that_python_accepts() {
    let data_key = data_key(VECTOR_KEY);
    let large = vec![0xa5; LARGE];
    let sealed = seal(&data_key, &Secret::from(&large[..]));
    for (token, secret) in [(VECTOR, &b"hello"[..]), (&sealed, &large)] {
        let spaced = format!(" {}\n{}", &token[..40], &token[40..]);
        let standard = token.replace('-', "+").replace('_', "/");
        let joined = format!("{token}{token}");
        for token in [token, &spaced, &standard, &joined] {
            assert!(open(&data_key, token).unwrap().as_bytes() == secret);
        }
    }
}

#[test]
fn each_kind_of_damage_has_its_own_error() {
    let data_key = data_key(VECTOR_KEY);
    let large = seal(&data_key, &Secret::new(vec![0xa5; LARGE]));
    for token in [VECTOR, &large] {
        let mut flipped = URL_SAFE.decode_to_vec(token).unwrap();
        *flipped.last_mut().unwrap() ^= 1;
        let flipped = URL_SAFE.encode_to_string(flipped);
        let unpadded = token.trim_end_matches('=');
        for (token, expected) in [
            ("!", OpenError::TooShort),
            ("gAA", OpenError::NotBase64),
            (unpadded, OpenError::NotBase64),
            ("gAAA", OpenError::TooShort),
            (&flipped, OpenError::Forged),
        ] {
            assert_eq!(open(&data_key, token).unwrap_err(), expected);
        }
    }
}

#[test]
fn each_kind_of_damage_has_its_own_sentence() {
    for (error, sentence) in [
        (OpenError::NotBase64, "its token is not base64"),
        (OpenError::TooShort, "its token is truncated"),
        (OpenError::Version, "its token is not Fernet version 0x80"),
        (OpenError::Forged, "it fails authentication"),
    ] {
        let said = error.to_string();
        assert!(said.contains(sentence), "{said}");
    }
}

#[test]
fn a_token_of_another_length_or_version_has_no_canonical_spelling() {
    let whole = URL_SAFE.decode_to_vec(VECTOR).unwrap();
    let token = |bytes: &[u8]| canonical(&URL_SAFE.encode_to_string(bytes)).map(Cow::into_owned);
    assert_eq!(token(&whole).as_deref(), Some(VECTOR));
    assert_eq!(token(&whole[..whole.len() - 1]), None);
    assert_eq!(token(&[&[0x81], &whole[1..]].concat()), None);
}

#[test]
fn a_data_key_is_its_44_characters_and_debug_hides_them() {
    let data_key = data_key(VECTOR_KEY);
    assert_eq!(data_key.as_str(), VECTOR_KEY);
    assert_eq!(data_key.as_bytes(), VECTOR_KEY.as_bytes());
    assert_eq!(format!("{data_key:?}"), "DataKey(..)");
}

/// A vector of the Fernet specification.
#[derive(Deserialize)]
struct FernetCase {
    about: String,
    token: String,
    data_key: String,
    secret: Option<String>,
    iv: Option<[u8; BLOCK]>,
    seconds: Option<u64>,
    /// The clock that the specification reads it by, and how old it may be.
    now: u64,
    ttl: Option<u64>,
}

#[test]
fn fernets_own_tokens_open_or_are_refused_both_ways() {
    let mut by_time = 0;
    for case in suite::<FernetCase>("fernet", 10) {
        let data_key = DataKey::parse_exactly(case.data_key.as_bytes()).unwrap();
        let expected = case.secret.clone().map(String::into_bytes);
        let about = case.about.as_str();
        let read = open(&data_key, &case.token).ok().as_ref().map(bytes);
        assert_eq!(read, expected, "{about}");
        let both = opened(&data_key, &case.token);
        assert_eq!(both, [expected.clone(), expected.clone()], "{about}");
        if let (Some(iv), Some(seconds), Some(secret)) = (case.iv, case.seconds, &case.secret) {
            let sealed = large::seal(&data_key.bytes(), secret.as_bytes(), seconds, iv, 0);
            assert_eq!(sealed, case.token, "{about}");
        }
        // Two of the invalid ones are so by their time alone, which lazycred ignores
        // and the crate does not.
        let clocked = data_key
            .fernet()
            .decrypt_at_time(&case.token, case.ttl, case.now);
        let valid = matches!(about, "generate" | "verify");
        assert_eq!(clocked.is_ok(), valid, "{about}");
        by_time += usize::from(expected.is_some() && !valid);
    }
    assert_eq!(by_time, 2);
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

/// A vector of Wycheproof for CBC.
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
    let (mut valid, mut invalid) = (0, 0);
    for case in suite::<PaddingCase>("aes-128-cbc-pkcs7", 72) {
        *if case.clear.is_some() {
            &mut valid
        } else {
            &mut invalid
        } += 1;
        let about = &case.about;
        let key = [&[0x11; 16][..], &unhex(&case.key)].concat();
        let data_key = data_key(&URL_SAFE.encode_to_string(key));
        let (iv, sealed) = (unhex(&case.iv), unhex(&case.sealed));
        let [small, large] = at_both_sizes(&data_key, &iv, &sealed);
        let clear = case.clear.as_deref().map(unhex);
        let read = open(&data_key, &small).ok().as_ref().map(bytes);
        assert_eq!(read, clear, "{about}");
        let both = opened(&data_key, &small);
        assert_eq!(both, [clear.clone(), clear.clone()], "{about}");
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
    assert_eq!((valid, invalid), (24, 48));
}

/// A vector of Wycheproof for HMAC.
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
