//! The crate `fernet` is the measure: equal tokens, equal secrets, and what it
//! refuses is refused.

mod vectors;

use super::*;
use crate::envelope::{DataKey, open_small};
use crate::generator::Generator;

/// Every length around the edges of blocks, of base64 and of pieces; others.
fn lengths(random: &mut Generator) -> Vec<usize> {
    let around = |edge: usize| edge.saturating_sub(17)..=edge + 17;
    let mut lengths: Vec<usize> = (0..200).collect();
    lengths.extend([PIECE, 2 * PIECE, 3 * PIECE].into_iter().flat_map(around));
    lengths.extend((0..60).map(|_| random.below(5 * PIECE)));
    lengths
}

fn open_whole(data_key: &DataKey, token: &str) -> Option<Secret> {
    open(&data_key.bytes(), token.as_bytes().to_vec(), 0..token.len())
}

/// A token whose last step, the signature, is ours: what lies in it is not.
fn signed(data_key: &DataKey, mut unsigned: Vec<u8>) -> String {
    let mut signer = signer(&data_key.bytes());
    signer.update(&unsigned);
    unsigned.extend_from_slice(&signer.finalize().into_bytes());
    URL_SAFE.encode_to_string(unsigned)
}

#[test]
fn a_token_is_the_crates_byte_for_byte_at_every_length() {
    let mut random = Generator::new(31);
    for length in lengths(&mut random) {
        let data_key = DataKey::generate();
        let secret: Vec<u8> = (0..length)
            .map(|_| random.next().to_le_bytes()[0])
            .collect();
        let theirs = data_key.fernet().encrypt(&secret);

        let parts = URL_SAFE.decode_to_vec(&theirs).unwrap();
        let seconds = u64::from_be_bytes(parts[1..9].try_into().unwrap());
        let iv = parts[9..25].try_into().unwrap();
        let ours = seal(&data_key.bytes(), &secret, seconds, iv, 7);
        assert!(ours == theirs, "{length} bytes");
        assert!(ours.capacity() >= ours.len() + 7);

        let opened = open_whole(&data_key, &theirs).unwrap();
        assert!(opened.as_bytes() == secret, "{length} bytes");
        let opened = open_small(&data_key, &ours).unwrap();
        assert!(opened.as_bytes() == secret, "{length} bytes");
    }
}

#[test]
fn a_token_is_opened_where_it_lies() {
    let data_key = DataKey::generate();
    let secret = vec![0xa5; 2 * PIECE + 5];
    let token = data_key.fernet().encrypt(&secret);
    for before in ["", "{\"data\": \"", "x"] {
        let bytes = format!("{before}{token}\", and more").into_bytes();
        let memory = bytes.as_ptr();
        let at = before.len()..before.len() + token.len();
        let opened = open(&data_key.bytes(), bytes, at).unwrap();
        assert!(opened.as_bytes() == secret);
        assert_eq!(opened.as_bytes().as_ptr(), memory);
    }
}

#[test]
fn what_the_crate_refuses_is_refused() {
    let mut random = Generator::new(32);
    let mut refused = 0;
    for turn in 0..600 {
        let data_key = DataKey::generate();
        let longest = if turn % 20 == 0 { 3 * PIECE } else { 100 };
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
            // Authentic, and yet its padding or its length is none.
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
        let theirs = open_small(&data_key, &token).ok();
        let ours = open_whole(&data_key, &token);
        let bytes_of = |secret: &Secret| secret.as_bytes().to_vec();
        assert!(
            ours.as_ref().map(bytes_of) == theirs.as_ref().map(bytes_of),
            "{token}"
        );
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
            let unsigned = [&[VERSION][..], &[0; 8], &iv, &block].concat();
            let token = signed(&data_key, unsigned);
            let theirs = open_small(&data_key, &token).ok();
            let ours = open_whole(&data_key, &token);
            let bytes_of = |secret: &Secret| secret.as_bytes().to_vec();
            assert_eq!(ours.as_ref().map(bytes_of), theirs.as_ref().map(bytes_of));
        }
    }
}

#[test]
fn another_data_key_opens_nothing() {
    let token = DataKey::generate().fernet().encrypt(&[1; 100]);
    assert!(open_whole(&DataKey::generate(), &token).is_none());
}
