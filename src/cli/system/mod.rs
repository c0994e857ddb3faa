//! What the command line asks of the system that Linux and macOS offer differently; the
//! library has a seam of its own in `base/system`.
//!
//! `linux.rs` and `macos.rs` have the same items.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

#[cfg(target_os = "linux")]
pub(super) use self::linux::*;
#[cfg(target_os = "macos")]
pub(super) use self::macos::*;

/// Why `edit` is refused on macOS.
#[cfg(any(test, target_os = "macos"))]
fn no_edit() -> crate::Error {
    crate::Error::usage_hint(
        "`edit` does not work on macOS yet: no folder there is known to be only in memory, and secrets are never written to disk",
        "change the secret with `lazycred set` or `put`",
    )
}

#[cfg(test)]
mod tests {
    use super::no_edit;

    #[test]
    fn edit_is_refused_on_macos_with_the_reason_and_another_way() {
        let error = no_edit();
        assert_eq!(error.exit_code(), 2);
        assert_eq!(
            error.to_string(),
            "`edit` does not work on macOS yet: no folder there is known to be only in \
             memory, and secrets are never written to disk"
        );
        let hint = error.hint().unwrap();
        assert!(hint.contains("`lazycred set`"), "{hint}");
    }
}
