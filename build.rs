//! Has the linker of a static program pack its relocations, which are read at
//! each start, if the libc that becomes a part of it knows the packed form.
//!
//! A glibc before 2.36 does not, and the program would not start; a shared one
//! may be older than the one here.
//!
//! Says whether the tests are here: the crate that is published has its unit tests
//! alone, and `tests/main.rs` is empty in it.

use std::path::Path;
use std::process::Command;

fn main() {
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let features = of("CARGO_CFG_TARGET_FEATURE");
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    let is_native = of("HOST") == of("TARGET");
    let knows = match &*of("CARGO_CFG_TARGET_ENV") {
        "gnu" => is_native && glibc().is_some_and(|version| packs(&version)),
        // Rust's own, which is new enough wherever this is built.
        _ => true,
    };
    if is_static && knows {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    println!("cargo::rustc-check-cfg=cfg(all_tests)");
    if Path::new("tests/support").exists() {
        println!("cargo::rustc-cfg=all_tests");
    }
    println!("cargo::rerun-if-changed=build.rs");
}

/// What this machine's glibc says of itself: `glibc 2.36`.
fn glibc() -> Option<String> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    String::from_utf8(said.ok()?.stdout).ok()
}

/// Whether a static program of this glibc reads packed relocations.
fn packs(version: &str) -> bool {
    let number = version.trim().strip_prefix("glibc ");
    let Some((major, minor)) = number.and_then(|number| number.split_once('.')) else {
        return false;
    };
    let minor = minor.split('.').next().unwrap_or_default();
    let (Ok(major), Ok(minor)) = (major.parse::<u32>(), minor.parse::<u32>()) else {
        return false;
    };
    (major, minor) >= (2, 36)
}

#[cfg(test)]
mod tests {
    use super::packs;

    #[test]
    fn relocations_are_packed_only_for_a_glibc_that_reads_them() {
        for (version, expected) in [
            ("glibc 2.36\n", true),
            ("glibc 2.41", true),
            ("glibc 2.36.9000", true),
            ("glibc 3.0", true),
            ("glibc 2.35\n", false),
            ("glibc 2.9", false),
            ("musl", false),
            ("", false),
        ] {
            assert_eq!(packs(version), expected, "{version}");
        }
    }
}
