//! How S3 is to encrypt objects at rest, for buckets whose policy demands that a
//! request says so.

use super::wrapping_key::WrappingKeyId;

/// What `sse` may be, as the end of a sentence.
pub(super) const ALLOWED: &str = "`AES256`, `aws:kms` or `aws:kms:KEY`, in which KEY is an id, `alias/NAME` or an ARN of a KMS key";

/// How S3 is to encrypt objects at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sse {
    /// With S3's own keys.
    Aes256,
    /// With a KMS key; with S3's own of the account if none is named.
    Kms(Option<WrappingKeyId>),
}

impl Sse {
    /// The algorithm, as S3 names it.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Aes256 => "AES256",
            Self::Kms(_) => "aws:kms",
        }
    }

    /// The KMS key, if one is named.
    pub(crate) fn kms_key(&self) -> Option<&WrappingKeyId> {
        match self {
            Self::Kms(id) => id.as_ref(),
            Self::Aes256 => None,
        }
    }

    /// Reads the value of `sse`; `None` if it is not [`ALLOWED`].
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "AES256" => Some(Self::Aes256),
            "aws:kms" => Some(Self::Kms(None)),
            _ => {
                let named = text.strip_prefix("aws:kms:")?;
                let id: WrappingKeyId = named.parse().ok()?;
                // A bare alias would be taken for an id.
                let is_whole = id.local_name().is_none() && id.to_string() == named;
                is_whole.then_some(Self::Kms(Some(id)))
            }
        }
    }
}

/// In the notation of the configuration file.
impl std::fmt::Display for Sse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.algorithm())?;
        match self.kms_key() {
            Some(id) => write!(f, ":{id}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_s3_knows_is_taken_and_nothing_else() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{id}");
        for (text, kms_key) in [
            ("AES256".to_owned(), None),
            ("aws:kms".to_owned(), None),
            (format!("aws:kms:{id}"), Some(id)),
            ("aws:kms:alias/acme/s3".to_owned(), Some("alias/acme/s3")),
            (format!("aws:kms:{arn}"), Some(arn.as_str())),
        ] {
            let sse = Sse::parse(&text).unwrap();
            assert_eq!(sse.to_string(), text);
            let named = sse.kms_key().map(ToString::to_string);
            assert_eq!(named.as_deref(), kms_key, "{text}");
            assert!(text.starts_with(sse.algorithm()));
        }
        for bad in [
            "",
            "aes256",
            "AES256 ",
            "AES-256",
            "AWS:KMS",
            "aws:kms:",
            "aws:kms:acme",
            "aws:kms:alias/",
            "aws:kms:local:dev",
            "aws:kms:alias/a b",
            "aws:kms:alias/a\r",
            "aws:kms:arn:aws:s3:::b",
            "aws:kms:dsse",
            "aws:fsx",
            "kms",
        ] {
            assert_eq!(Sse::parse(bad), None, "{bad:?}");
        }
    }
}
