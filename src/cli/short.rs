//! Versions at a terminal: as much of each as tells it from the others.

use crate::Version;
use crate::text::{is_etag, telling_apart};

/// The characters of a version whose name may have others that are not known here: more
/// than tell most apart, so that they seldom stand for two.
const ALONE: usize = 10;

/// The versions of one secret: the shortest beginnings, of one length, that differ;
/// etags whole, since no part of one is accepted.
pub(super) fn unique(versions: &[Version]) -> Vec<String> {
    let length = telling_apart(versions.iter().map(|it| it.version.as_str()));
    let shown = versions.iter().map(|it| {
        if it.etag {
            it.version.clone()
        } else {
            start(&it.version, length)
        }
    });
    shown.collect()
}

/// The version of a secret whose other versions are not known; `etag` is that of its
/// record, if a list tells it.
pub(super) fn alone(version: &str, etag: Option<&str>) -> String {
    // The record may have been replaced since.
    if etag == Some(version) || etag.is_some() && is_etag(version) {
        return version.to_owned();
    }
    start(version, ALONE)
}

fn start(version: &str, length: usize) -> String {
    version.chars().take(length).collect()
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

    fn shown(versions: &[&str]) -> Vec<String> {
        let versions = versions.iter().map(|version| Version {
            version: (*version).to_owned(),
            etag: *version == MD5,
            modified: UNIX_EPOCH,
            size: 1,
            deleted: false,
            current: false,
        });
        unique(&versions.collect::<Vec<_>>())
    }

    #[test]
    fn versions_are_cut_to_what_tells_them_apart_but_to_six_characters_at_least() {
        assert_eq!(shown(&["3sL4kqtJlcp", "Qz81hGfa"]), ["3sL4kq", "Qz81hG"]);
        let close = ["01234567-a", "01234567-b", "null"];
        assert_eq!(shown(&close), close);
        assert_eq!(shown(&["0123456a9", "0123456b9"]), ["0123456a", "0123456b"]);
        assert_eq!(shown(&["ééééééé", "aaaaaaa"]), ["éééééé", "aaaaaa"]);
        assert_eq!(shown(&["a", "a"]), ["a", "a"]);
        assert_eq!(shown(&[]), [""; 0]);
    }

    #[test]
    fn etags_stay_whole() {
        assert_eq!(shown(&[MD5, "0123456789"]), [MD5, "012345"]);
        let parts = format!("{MD5}-12");
        assert_eq!(alone(MD5, Some("other")), MD5);
        assert_eq!(alone(&parts, Some("other")), parts);
        assert_eq!(
            alone("another-shape", Some("another-shape")),
            "another-shape"
        );
        assert_eq!(alone(MD5, None), "d41d8cd98f");
        assert_eq!(alone(&format!("{MD5}0"), Some(MD5)), "d41d8cd98f");
    }
}
