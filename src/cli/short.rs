//! Versions at a terminal: as much of each as tells it from the others.

/// The fewest characters of a version that are shown.
const LEAST: usize = 6;

/// The characters of a version whose name may have others that are not known here.
const ALONE: usize = 10;

/// The versions of one secret: the shortest beginnings, of one length, that differ.
pub(super) fn unique(versions: &[&str]) -> Vec<String> {
    let mut sorted = versions.to_vec();
    sorted.sort_unstable();
    let alike = |one: &str, other: &str| {
        let both = one.chars().zip(other.chars());
        both.take_while(|(one, other)| one == other).count()
    };
    let alike = sorted.windows(2).map(|two| alike(two[0], two[1]) + 1);
    let length = alike.max().unwrap_or_default().max(LEAST);
    let versions = versions.iter();
    versions.map(|version| start(version, length)).collect()
}

/// The version of a secret whose other versions are not known.
pub(super) fn alone(version: &str) -> String {
    start(version, ALONE)
}

fn start(version: &str, length: usize) -> String {
    if is_etag(version) {
        return version.to_owned();
    }
    version.chars().take(length).collect()
}

/// Whether it is an S3 object's etag, of which no part is accepted: an MD5 in
/// hexadecimal, and after `-` the number of parts that were uploaded.
fn is_etag(version: &str) -> bool {
    let (hash, parts) = version.split_once('-').unwrap_or((version, "1"));
    let is_hash = hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash && !parts.is_empty() && parts.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_cut_to_what_tells_them_apart_but_to_six_characters_at_least() {
        assert_eq!(unique(&["3sL4kqtJlcp", "Qz81hGfa"]), ["3sL4kq", "Qz81hG"]);
        let close = ["01234567-a", "01234567-b", "null"];
        assert_eq!(unique(&close), close);
        assert_eq!(
            unique(&["0123456a9", "0123456b9"]),
            ["0123456a", "0123456b"]
        );
        assert_eq!(unique(&["ééééééé", "aaaaaaa"]), ["éééééé", "aaaaaa"]);
        assert_eq!(unique(&["a", "a"]), ["a", "a"]);
        assert_eq!(unique(&[]), [""; 0]);
    }

    #[test]
    fn etags_stay_whole() {
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        let parts = format!("{md5}-12");
        assert_eq!(unique(&[md5, "0123456789"]), [md5, "012345"]);
        assert_eq!((alone(md5), alone(&parts)), (md5.to_owned(), parts));
        assert_eq!(alone(&format!("{md5}0")), "d41d8cd98f");
        assert_eq!(alone(&format!("{md5}-")), "d41d8cd98f");
    }
}
