//! What the command line says of what it refuses on macOS.

use crate::Error;

/// Why `edit` is refused on macOS.
pub(super) fn no_edit() -> Error {
    Error::usage_hint(
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
