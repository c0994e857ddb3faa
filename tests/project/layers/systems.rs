//! The seam between Linux and macOS: what only one of them has is named in its files
//! alone, so that what compiles here compiles there, too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::files::rust_files_below;

/// The files that may name what one system has, or their folders.
const SEAM: [&str; 3] = ["base/system/", "cli/system/", "main.rs"];

/// What Linux has and macOS has not, in Rust, as a part of what is written. Those that
/// nothing uses yet are here for whoever comes to use them.
const ONLY_ON_LINUX: [&str; 43] = [
    "accept4",
    "/dev/shm",
    "close_range",
    "copy_file_range",
    "epoll",
    "eventfd",
    "execveat",
    "explicit_bzero",
    "fallocate",
    "fanotify",
    "fexecve",
    "filesystem_type",
    "FsType",
    "getauxval",
    "getrandom",
    "inotify",
    ".init_array",
    "MADV_DONTDUMP",
    "memfd_create",
    "MFdFlags",
    "MSG_CMSG_CLOEXEC",
    "MSG_NOSIGNAL",
    "O_DIRECT ",
    "O_PATH",
    "O_TMPFILE",
    "os::linux",
    "pidfd",
    "pipe2",
    "prctl",
    "/proc/",
    "pthread_getattr_np",
    "renameat2",
    "SO_PEERCRED",
    "sendfile",
    "SFD_",
    "signalfd",
    "SIGPWR",
    "SIGSTKFLT",
    "SOCK_CLOEXEC",
    "ST_NOEXEC",
    "target_os",
    "timerfd",
    "TMPFS_MAGIC",
];

/// Those that the seam is there for.
const NEEDED: [&str; 13] = [
    "/dev/shm",
    "explicit_bzero",
    "FsType",
    ".init_array",
    "memfd_create",
    "O_PATH",
    "O_TMPFILE",
    "pipe2",
    "prctl",
    "/proc/",
    "pthread_getattr_np",
    "target_os",
    "TMPFS_MAGIC",
];

/// What a file has beside comments and its own unit tests.
fn code(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = shipped.lines();
    let code: Vec<&str> = lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    code.join("\n")
}

#[test]
fn what_only_linux_has_is_named_in_the_seam_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut wrong, mut found) = (Vec::new(), BTreeSet::new());
    for path in rust_files_below(&root) {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap();
        if file.contains("test") {
            continue;
        }
        let code = code(&fs::read_to_string(&path).unwrap());
        let named = ONLY_ON_LINUX.into_iter().filter(|word| code.contains(word));
        if SEAM.iter().any(|seam| file.starts_with(seam)) {
            found.extend(named);
        } else {
            wrong.extend(named.map(|word| format!("src/{file} names {word}")));
        }
    }
    assert_eq!(
        wrong, [""; 0],
        "the seams are src/base/system and src/cli/system"
    );
    for word in NEEDED {
        assert!(found.contains(word), "the seam does not name {word}");
    }
}

/// The items that a file of the seam offers to others.
fn items(text: &str) -> BTreeSet<String> {
    let declared = text.lines().filter_map(|line| {
        let rest = line.strip_prefix("pub(")?.split_once(") ")?.1;
        let rest = rest.trim_start_matches("unsafe ");
        let (kind, rest) = rest.split_once(' ')?;
        let name = rest
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()?;
        Some(format!("{kind} {name}"))
    });
    declared.collect()
}

#[test]
fn both_systems_offer_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (seam, least) in [("base/system", 10), ("cli/system", 6)] {
        let of = |system: &str| {
            let file = root.join(seam).join(system).with_extension("rs");
            items(&fs::read_to_string(file).unwrap())
        };
        let linux = of("linux");
        assert_eq!(linux, of("macos"), "{seam}");
        assert!(linux.len() >= least, "{linux:?}");
    }
}

#[test]
fn what_macos_refuses_is_documented_in_the_words_of_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    let seam = ["base", "cli"].map(|layer| read(&format!("src/{layer}/system/refusal.rs")));
    let document = read("docs/macos.md");
    let errors = document
        .lines()
        .filter_map(|line| line.strip_prefix("lazycred: error: "));
    let errors: Vec<&str> = errors.collect();
    assert_eq!(errors.len(), 2);
    for error in errors {
        let made = "cannot make the file of `TLS`: ";
        let words = error.strip_prefix(made).unwrap_or(error);
        assert!(seam.concat().contains(&format!("\"{words}\"")), "{words}");
    }
}
