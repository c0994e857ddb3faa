//! A configuration file that is there already, read once.

use std::fs::File as Opened;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::StoreAddress;
use super::file::File;
use super::find::LARGEST;
use super::settings::Settings;
use super::small_file;
use crate::base::{Error, OneLine, Result};

/// A configuration file that is there already.
///
/// Shape: its text and its permissions, as [`Draft::present`](super::Draft::present)
/// found them.
///
/// # Examples
///
/// ```
/// use lazycred::{Variables, config::Draft};
/// let draft = Draft { file: "no-such-file".into(), ..Draft::default() };
/// assert!(draft.present(&Variables::new([], std::env::temp_dir()))?.is_none());
/// # Ok::<(), lazycred::Error>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Present {
    /// The text, or why it cannot be read.
    text: std::result::Result<Vec<u8>, String>,
    mode: u32,
}

impl Present {
    /// Reads a regular file.
    pub(super) fn read(file: &Opened) -> io::Result<Self> {
        let text = small_file::read(file, LARGEST);
        Ok(Self {
            text: text
                .map(|text| text.to_vec())
                .map_err(|error| error.to_string()),
            mode: file.metadata()?.permissions().mode() & 0o777,
        })
    }

    /// Its permissions, which a file that replaces it has too.
    ///
    /// # Examples
    ///
    /// ```
    /// use lazycred::{Variables, config::Draft};
    /// let draft = Draft { file: "Cargo.toml".into(), ..Draft::default() };
    /// let there = draft.present(&Variables::new([], env!("CARGO_MANIFEST_DIR")))?;
    /// assert_eq!(there.map(|there| there.mode() & 0o400), Some(0o400));
    /// # Ok::<(), lazycred::Error>(())
    /// ```
    #[must_use]
    pub fn mode(&self) -> u32 {
        self.mode
    }

    /// Its text; messages name it as `shown`.
    pub(super) fn text(&self, shown: &str) -> Result<&str> {
        let unreadable = |why: &str| {
            Error::usage_hint(
                format!("cannot read `{shown}`: {why}"),
                "name another file with --config FILE",
            )
        };
        let bytes = self.text.as_deref().map_err(|why| unreadable(why))?;
        std::str::from_utf8(bytes).map_err(|_| {
            Error::usage_hint(
                format!("`{shown}` is not UTF-8"),
                "name another file with --config FILE",
            )
        })
    }

    /// What it says.
    pub(super) fn parsed(&self, shown: &str) -> Result<File> {
        let place = format!("`{}`", OneLine(shown));
        match &self.text {
            Ok(bytes) => File::parse(bytes, &place),
            Err(_) => self
                .text(shown)
                .and_then(|text| File::parse(text.as_bytes(), &place)),
        }
    }

    /// Whose records are in a store already, in words: another environment's, or the
    /// file's own. Relative folders start at `base`.
    pub(super) fn has_store(
        &self,
        store: &StoreAddress,
        base: &Path,
        (but_for, shown): (&str, &str),
    ) -> Result<Option<String>> {
        let File { own, environments } = self.parsed(shown)?;
        let is_there = |settings: &Settings| {
            let address = settings.address()?.ok()?.within(base);
            Some(same(&address, store))
        };
        if is_there(&own) == Some(true) {
            return Ok(Some(format!("`{shown}` itself")));
        }
        let mut others = environments.into_iter();
        let other = others.find(|(name, environment)| {
            name != but_for && is_there(&environment.settings) == Some(true)
        });
        Ok(other.map(|(name, _)| format!("environment `{}` of `{shown}`", OneLine(name))))
    }
}

/// Whether two addresses name one place.
fn same(one: &StoreAddress, other: &StoreAddress) -> bool {
    match (one, other) {
        (StoreAddress::Folder(one), StoreAddress::Folder(other)) => {
            let real = |folder: &Path| {
                let plain = || folder.components().collect();
                folder.canonicalize().unwrap_or_else(|_| plain())
            };
            real(one) == real(other)
        }
        (one, other) => one == other,
    }
}
