//! Wrapping keys, their aliases and their ciphertexts.
//!
//! A ciphertext is an opaque number of bytes that stands in a table, so a
//! changed bit makes it one that nobody knows. Who may use which wrapping key,
//! and how that is answered, is the business of `kms`.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

/// An encryption context.
pub type Context = BTreeMap<String, String>;

/// A wrapping key; its ARN is its place in the table.
#[derive(Debug, Clone)]
pub struct WrappingKey {
    pub arn: String,
    pub account: String,
    pub region: String,
    pub status: Status,
    /// Other accounts that its policy lets use it.
    pub open_to: Vec<String>,
    /// Operations that the caller may not do with it.
    pub denied: Vec<String>,
    /// Whether its material is rotated each year.
    pub rotated: bool,
    pub description: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Enabled,
    Disabled,
    PendingDeletion,
}

/// The content of a ciphertext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// The wrapping key's ARN.
    pub arn: String,
    pub plaintext: Vec<u8>,
    pub context: Context,
}

/// All wrapping keys of all accounts and regions.
#[derive(Debug, Default)]
pub struct Kms {
    keys: BTreeMap<String, WrappingKey>,
    /// By their ARN, the ARN of the wrapping key that they point to.
    aliases: BTreeMap<String, String>,
    wrapped: HashMap<Vec<u8>, Wrapped>,
}

impl WrappingKey {
    /// `1234abcd-…`: the end of its ARN.
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }
}

impl Kms {
    /// Makes a wrapping key, and gives its ARN.
    pub fn create(&mut self, account: &str, region: &str) -> String {
        let number = self.keys.len() + 1;
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        let arn = format!("arn:aws:kms:{region}:{account}:key/{id}");
        let key = WrappingKey {
            arn: arn.clone(),
            account: account.to_owned(),
            region: region.to_owned(),
            status: Status::Enabled,
            open_to: Vec::new(),
            denied: Vec::new(),
            rotated: false,
            description: String::new(),
        };
        self.keys.insert(arn.clone(), key);
        arn
    }

    /// Points an alias (without `alias/`) of the wrapping key's account and region to it.
    pub fn point(&mut self, alias: &str, arn: &str) {
        let key = &self.keys[arn];
        let (account, region) = (&key.account, &key.region);
        let alias = format!("arn:aws:kms:{region}:{account}:alias/{alias}");
        self.aliases.insert(alias, arn.to_owned());
    }

    /// Removes an alias (without `alias/`) in every account and region.
    pub fn unpoint(&mut self, alias: &str) {
        let end = format!(":alias/{alias}");
        self.aliases.retain(|known, _| !known.ends_with(&end));
    }

    /// The wrapping key that an alias (without `alias/`) points to, or that an ARN names.
    #[track_caller]
    pub fn key(&mut self, alias_or_arn: &str) -> &mut WrappingKey {
        let end = format!(":alias/{alias_or_arn}");
        let mut aliases = self.aliases.iter();
        let pointed = aliases.find(|(known, _)| known.ends_with(&end));
        let arn = pointed.map_or(alias_or_arn, |(_, arn)| arn);
        let key = self.keys.get_mut(arn);
        key.unwrap_or_else(|| panic!("no wrapping key {alias_or_arn}"))
    }

    /// The wrapping key of this ARN.
    pub fn of_arn(&self, arn: &str) -> Option<&WrappingKey> {
        self.keys.get(arn)
    }

    pub fn of_arn_mut(&mut self, arn: &str) -> Option<&mut WrappingKey> {
        self.keys.get_mut(arn)
    }

    /// ARNs of aliases, with those of the wrapping keys that they point to.
    pub fn aliases(&self) -> &BTreeMap<String, String> {
        &self.aliases
    }

    /// Wraps without checking permissions.
    pub fn wrap(&mut self, arn: &str, plaintext: &[u8], context: Context) -> Vec<u8> {
        let wrapped = Wrapped {
            arn: arn.to_owned(),
            plaintext: plaintext.to_vec(),
            context,
        };
        // As a ciphertext of KMS starts, and about as long.
        let mut blob = vec![0x01, 0x02, 0x02, 0x00, 0x78];
        for part in 0..5 {
            let seed = format!("{part} {} {wrapped:?}", self.wrapped.len());
            blob.extend(Sha256::digest(seed));
        }
        self.wrapped.insert(blob.clone(), wrapped);
        blob
    }

    /// The content of a ciphertext; `None` if it is unknown or altered.
    pub fn look_into(&self, blob: &[u8]) -> Option<&Wrapped> {
        self.wrapped.get(blob)
    }

    /// Everything that was ever wrapped, for the search for leaks.
    pub fn plaintexts(&self) -> impl Iterator<Item = &[u8]> {
        self.wrapped.values().map(|wrapped| &*wrapped.plaintext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_ciphertext_is_one_that_nobody_knows() {
        let mut kms = Kms::default();
        let arn = kms.create("123456789012", "us-east-1");
        let blob = kms.wrap(&arn, b"data key", Context::new());
        assert_eq!(kms.look_into(&blob).unwrap().plaintext, b"data key");
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 1;
            assert_eq!(kms.look_into(&changed), None);
        }
        assert_ne!(blob, kms.wrap(&arn, b"data key", Context::new()));
    }

    #[test]
    fn an_alias_points_elsewhere_when_it_is_told_to() {
        let mut kms = Kms::default();
        let first = kms.create("123456789012", "us-east-1");
        let second = kms.create("123456789012", "us-east-1");
        kms.point("acme", &first);
        assert_eq!(kms.key("acme").arn, first);
        kms.point("acme", &second);
        assert_eq!(kms.key("acme").arn, second);
        kms.unpoint("acme");
        assert!(kms.aliases().is_empty());
    }
}
