//! AES-128-CBC over whole blocks.
//!
//! The crate `cbc` does the same, but its loops are generic, so they are compiled here,
//! where code is optimised for size: they then take seven times as long to decrypt.
//! These are as fast either way. Padding is the caller's part.

#![expect(
    clippy::inline_always,
    reason = "only where the instructions for AES may be used are they compiled in"
)]

use aes::Aes128;
use aes::cipher::consts::U16;
use aes::cipher::inout::InOutBuf;
use aes::cipher::typenum::Unsigned;
use aes::cipher::{
    Block, BlockBackend, BlockClosure, BlockDecrypt, BlockEncrypt, BlockSizeUser, KeyInit,
};

pub(super) const BLOCK: usize = 16;

/// How many blocks at once the implementation without AES instructions takes at most.
const SOFT: usize = 4;

/// A cipher, and the block that the next one is combined with.
pub(super) struct Cbc {
    cipher: Aes128,
    last: u128,
}

impl Cbc {
    pub(super) fn new(key: &[u8; BLOCK], iv: [u8; BLOCK]) -> Self {
        Self {
            cipher: Aes128::new(key.into()),
            last: u128::from_ne_bytes(iv),
        }
    }

    /// Encrypts whole blocks in place.
    pub(super) fn encrypt(&mut self, bytes: &mut [u8]) {
        let Self { cipher, last } = self;
        let blocks = blocks(bytes);
        cipher.encrypt_with_backend(Encryption { last, blocks });
    }

    /// Decrypts whole blocks in place.
    pub(super) fn decrypt(&mut self, bytes: &mut [u8]) {
        let Self { cipher, last } = self;
        let blocks = blocks(bytes);
        cipher.decrypt_with_backend(Decryption { last, blocks });
    }
}

fn blocks(bytes: &mut [u8]) -> &mut [Block<Aes128>] {
    let (blocks, rest) = InOutBuf::from(bytes).into_chunks();
    debug_assert!(rest.is_empty(), "only whole blocks");
    blocks.into_out()
}

fn number(block: &Block<Aes128>) -> u128 {
    u128::from_ne_bytes((*block).into())
}

fn combine(block: &mut Block<Aes128>, with: u128) {
    *block = (number(block) ^ with).to_ne_bytes().into();
}

struct Encryption<'a> {
    last: &'a mut u128,
    blocks: &'a mut [Block<Aes128>],
}

impl BlockSizeUser for Encryption<'_> {
    type BlockSize = U16;
}

impl BlockClosure for Encryption<'_> {
    #[inline(always)]
    fn call<B: BlockBackend<BlockSize = U16>>(self, backend: &mut B) {
        for block in self.blocks {
            combine(block, *self.last);
            backend.proc_block_inplace(block);
            *self.last = number(block);
        }
    }
}

struct Decryption<'a> {
    last: &'a mut u128,
    blocks: &'a mut [Block<Aes128>],
}

impl BlockSizeUser for Decryption<'_> {
    type BlockSize = U16;
}

impl BlockClosure for Decryption<'_> {
    #[inline(always)]
    fn call<B: BlockBackend<BlockSize = U16>>(self, backend: &mut B) {
        let Self { last, blocks } = self;
        let mut blocks = InOutBuf::from(blocks);
        // Without AES instructions, some blocks at once take as long as one. With them,
        // the processor itself overlaps single blocks.
        if B::ParBlocksSize::USIZE <= SOFT {
            let (many, rest) = blocks.into_chunks::<B::ParBlocksSize>();
            for mut several in many {
                let sealed = several.clone_in();
                backend.proc_par_blocks(several.reborrow());
                for (block, sealed) in several.get_out().iter_mut().zip(&sealed) {
                    combine(block, *last);
                    *last = number(sealed);
                }
            }
            blocks = rest;
        }
        for block in blocks.into_out() {
            let sealed = number(block);
            backend.proc_block_inplace(block);
            combine(block, *last);
            *last = sealed;
        }
    }
}
