//! The format of `s3_path`: a bucket and a prefix, or a folder.

use std::path::{Path, PathBuf};

use super::access_point;
use crate::base::{Error, OneLine, Result};

/// Where records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAddress {
    /// In S3, under `s3://BUCKET/PREFIX`.
    S3 {
        /// The bucket's name, or an access point's ARN.
        bucket: String,
        /// What comes before each name; it may be empty.
        prefix: String,
    },
    /// A folder on this machine.
    Folder(PathBuf),
}

impl StoreAddress {
    /// The address, with a relative folder resolved against `base`: the folder of the
    /// configuration file, or the working directory for flags and variables.
    pub(super) fn within(self, base: &Path) -> Self {
        match self {
            Self::Folder(folder) => Self::Folder(base.join(folder)),
            s3 @ Self::S3 { .. } => s3,
        }
    }

    /// Parses `BUCKET/PREFIX/`, with an access point's ARN for a bucket too, or
    /// `file:FOLDER`.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if it is neither.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::config::StoreAddress;
    /// assert!(StoreAddress::parse("acme-secrets/prod/").is_ok());
    /// assert!(StoreAddress::parse("acme-secrets").is_err());
    /// ```
    pub fn parse(s3_path: &str) -> Result<Self> {
        if s3_path.contains(char::is_control) {
            return Err(Error::usage(format!(
                "`s3_path` is `{}`, which contains a control character",
                OneLine(s3_path)
            )));
        }
        if let Some(folder) = s3_path.strip_prefix("file:") {
            if folder.is_empty() {
                return Err(Error::usage("`s3_path` has no folder after `file:`"));
            }
            if folder.starts_with('~') || folder.contains('$') {
                return Err(Error::usage_hint(
                    format!(
                        "`s3_path` is `{}`, in which `~` and `$` are not expanded",
                        OneLine(s3_path)
                    ),
                    "write the path itself, absolute or relative",
                ));
            }
            return Ok(Self::Folder(PathBuf::from(folder)));
        }
        if let Some(folder) = like_folder(s3_path) {
            return Err(Error::usage_hint(
                format!(
                    "`s3_path` is `{}`, which looks like a folder",
                    OneLine(s3_path)
                ),
                folder,
            ));
        }
        if let Some((scheme, rest)) = s3_path.split_at_checked(5)
            && scheme.eq_ignore_ascii_case("s3://")
        {
            return Err(Error::usage_hint(
                format!("`s3_path` is `{}`, but must not be a URL", OneLine(s3_path)),
                format!("remove `{scheme}`: `{}`", OneLine(rest)),
            ));
        }
        if s3_path.starts_with("http://") || s3_path.starts_with("https://") {
            return Err(Error::usage_hint(
                format!("`s3_path` is `{}`, but must not be a URL", OneLine(s3_path)),
                "use BUCKET/PREFIX/, as in `acme-secrets/prod/`; AWS_ENDPOINT_URL_S3 names a server other than AWS",
            ));
        }
        let start = s3_path.get(..4).unwrap_or_default();
        if start.eq_ignore_ascii_case("arn:") {
            let (bucket, prefix) = access_point::split(s3_path)?;
            return Ok(Self::S3 { bucket, prefix });
        }
        match s3_path.split_once('/') {
            Some((bucket, prefix)) => Ok(Self::S3 {
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
            }),
            None => Err(Error::usage_hint(
                format!(
                    "`s3_path` is `{}`, without a `/` after the bucket",
                    OneLine(s3_path)
                ),
                "use BUCKET/PREFIX/, as in `acme-secrets/prod/`, `acme-secrets/` for no prefix, or `file:FOLDER/`",
            )),
        }
    }
}

/// The remedy for what is a folder's path rather than a bucket's.
fn like_folder(s3_path: &str) -> Option<String> {
    if s3_path.starts_with('~') {
        return Some("write `file:` and the whole path: `~` is not expanded".to_owned());
    }
    let starts = ["./", "../", "/"].iter().any(|it| s3_path.starts_with(it));
    (starts || matches!(s3_path, "." | ".."))
        .then(|| format!("for a folder, write `file:{}`", OneLine(s3_path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_bucket_a_slash_and_any_prefix() {
        let s3 = |bucket: &str, prefix: &str| StoreAddress::S3 {
            bucket: bucket.into(),
            prefix: prefix.into(),
        };
        for (text, expected) in [
            ("eFart/credentials/", s3("eFart", "credentials/")),
            ("buck/creds", s3("buck", "creds")),
            ("b/", s3("b", "")),
            ("b//x", s3("b", "/x")),
            ("file:secrets/", StoreAddress::Folder("secrets/".into())),
            ("file:a~", StoreAddress::Folder("a~".into())),
            ("b/$x/~", s3("b", "$x/~")),
            ("arn/x", s3("arn", "x")),
            ("acme-xyz-s3alias/x", s3("acme-xyz-s3alias", "x")),
        ] {
            assert_eq!(StoreAddress::parse(text).unwrap(), expected);
        }
        let bad = "|bucket|/prefix|./a|../a/|.|~|~/a/|~me/a|file:|file:~/secrets|file:~me/secrets|file:$HOME/secrets|\
            file:a/${X}|file:a\n|b/\r|b\u{85}/p|s3://b/x|S3://b/|\
            arn:aws:s3:::b/x|ARN:aws:s3:us-east-1:123456789012:accesspoint/a/";
        for bad in bad.split('|') {
            let error = StoreAddress::parse(bad).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{bad}");
        }
    }

    #[test]
    fn no_message_has_a_hidden_character() {
        let hidden = '\u{202e}';
        for bad in [
            "/a",
            "~/a",
            "./a",
            "file:~",
            "s3://b",
            "https://b",
            "arn:aws:",
            "b",
        ] {
            let error = StoreAddress::parse(&format!("{bad}{hidden}")).unwrap_err();
            let said = format!("{error}{}", error.hint().unwrap_or_default());
            assert!(!said.contains(hidden), "{bad}");
        }
    }
}
