//! Commands that write files which are no store's: whole as they were, or whole as they
//! are to be.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::scene::run;
use super::{Killed, OLD};
use crate::support::files::files_below;
use crate::support::harness::leak;
use crate::support::{ALIAS, FakeAws, Run, S3_PATH, Sandbox, harness};

/// A command that writes a file.
pub struct FileWork {
    pub args: &'static [&'static str],
    /// The file, below the home.
    file: &'static str,
    /// What is in it before, if it is there.
    before: Option<&'static str>,
    /// What is in it then.
    after: Written,
    /// Whether SIGKILL between two names leaves a temporary one.
    may_leave: bool,
}

/// What is written.
#[derive(Clone, Copy)]
enum Written {
    /// This text.
    Text(&'static str),
    /// This text, behind what was there; a delimiter in it is random.
    Appended(&'static str),
    /// Whatever holds no secret: a record, or a configuration.
    Sealed,
}

/// Before each: `db` is stored, and a template is there.
static WRITERS: [FileWork; 8] = [
    FileWork {
        args: &["get", "db", "--output", "out"],
        file: "out",
        before: None,
        after: Written::Text(OLD),
        may_leave: false,
    },
    FileWork {
        args: &["get", "db", "--output", "out"],
        file: "out",
        before: Some("before"),
        after: Written::Text(OLD),
        may_leave: true,
    },
    FileWork {
        args: &["get", "db", "--field", "password", "--output", "out"],
        file: "out",
        before: Some("before"),
        after: Written::Text("hunter-old"),
        may_leave: true,
    },
    FileWork {
        args: &["render", "template", "--output", "out"],
        file: "out",
        before: None,
        after: Written::Text("word=hunter-old"),
        may_leave: false,
    },
    FileWork {
        args: &["render", "template", "--output", "out"],
        file: "out",
        before: Some("before"),
        after: Written::Text("word=hunter-old"),
        may_leave: true,
    },
    FileWork {
        args: &["export", "db", "--format", "github"],
        file: "github",
        before: Some("BEFORE=1\n"),
        after: Written::Appended("hunter-old"),
        may_leave: false,
    },
    // What the cache keeps is a record, which holds no secret in plain.
    FileWork {
        args: &["get", "db", "--quiet"],
        file: "cached",
        before: None,
        after: Written::Sealed,
        may_leave: false,
    },
    FileWork {
        args: &["init", "--local", "--quiet"],
        file: ".lazycred",
        before: None,
        after: Written::Sealed,
        may_leave: false,
    },
];

/// All of a command.
pub fn writers_of_files(command: &str) -> impl Iterator<Item = &'static FileWork> {
    WRITERS.iter().filter(move |work| work.args[0] == command)
}

/// All that there are.
pub fn all() -> impl Iterator<Item = &'static FileWork> {
    WRITERS.iter()
}

impl FileWork {
    /// Whether it needs no AWS: only records from S3 are cached.
    pub fn is_of_folder(&self) -> bool {
        self.file != "cached"
    }
}

/// Where such a command runs.
pub struct Files<'a> {
    work: &'a FileWork,
    sandbox: Sandbox,
}

impl<'a> Files<'a> {
    /// With a store in a folder; for `init` with none at all.
    pub fn folder(work: &'a FileWork) -> Self {
        if work.args[0] == "init" {
            return Self::new(work, Sandbox::new());
        }
        let sandbox = Sandbox::local();
        sandbox.put("db", OLD);
        Self::new(work, sandbox)
    }

    pub fn aws(work: &'a FileWork, aws: &FakeAws, format: u8) -> Self {
        harness::store(aws, &harness::place("db"), OLD, format);
        let sandbox = Sandbox::aws(&aws.url(), S3_PATH, ALIAS);
        let config = format!(
            r#"{{"s3_path": "{S3_PATH}", "key_alias": "{ALIAS}", "cache": {}}}"#,
            work.file == "cached"
        );
        sandbox.write(".lazycred", config);
        Self::new(work, sandbox)
    }

    fn new(work: &'a FileWork, mut sandbox: Sandbox) -> Self {
        sandbox.write("template", "word={{db#password}}");
        if let Some(before) = work.before {
            sandbox.write(work.file, before);
        }
        if work.args[0] == "export" {
            sandbox.set("GITHUB_ACTIONS", "true");
            sandbox.set("GITHUB_ENV", sandbox.home().join(work.file));
        }
        Self { work, sandbox }
    }

    /// Whether the file is as it is to be; if not, it is as it was.
    #[track_caller]
    fn is_written(&self, killed: &str) -> bool {
        let before = self.work.before;
        let now = self.sandbox.read(self.work.file);
        if now.as_deref() == before.map(str::as_bytes) {
            return false;
        }
        let now = String::from_utf8(now.unwrap_or_else(|| panic!("{killed}: it is gone")));
        let now = now.unwrap();
        match self.work.after {
            Written::Text(after) => assert_eq!(now, after, "{killed}"),
            Written::Appended(after) => {
                let added = now.strip_prefix(before.unwrap_or_default());
                let added: Vec<_> = added
                    .unwrap_or_else(|| panic!("{killed}: {now}"))
                    .lines()
                    .collect();
                // NAME<<DELIMITER, the value, DELIMITER: so often as it was written.
                for block in added.chunks(3) {
                    let delimiter = block[0].split_once("<<").unwrap().1;
                    assert_eq!(block[1..], [after, delimiter], "{killed}");
                }
            }
            Written::Sealed => {
                let whole: Result<serde_json::Value, _> = serde_json::from_str(&now);
                assert!(whole.is_ok(), "{killed}: {now}");
            }
        }
        true
    }

    /// What a command that is killed may leave beside the file.
    #[track_caller]
    fn leaves_only(&self, killed: &str, at: Option<&str>) {
        let may_leave = self.work.may_leave && at.is_none_or(|call| call.starts_with("rename"));
        for path in files_below(self.sandbox.home()) {
            let name = path.file_name().unwrap().to_string_lossy();
            if self.work.file == name {
                continue;
            }
            let is_temporary = name.starts_with(".lazycred-");
            // What a cache keeps has such a name until it is whole.
            if is_temporary && may_leave {
                let mode = path.metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o7777, 0o600, "{killed}: {}", path.display());
                continue;
            }
            assert!(!is_temporary, "{killed}: {}", path.display());
            let found = leak::find(&fs::read(&path).unwrap(), b"hunter-old");
            assert_eq!(found, None, "{killed}: {}", path.display());
        }
    }
}

impl Killed for Files<'_> {
    fn run(&self, program: &[&str]) -> Run {
        let args: Vec<String> = self.work.args.iter().map(|&arg| arg.to_owned()).collect();
        run(&self.sandbox, program, &args).any_stdout()
    }

    #[track_caller]
    fn is_whole(&self, killed: &str, at: Option<&str>) {
        self.is_written(killed);
        self.leaves_only(killed, at);
        let outcome = self.run(&[]).env("AWS_MAX_ATTEMPTS", "9").outcome();
        assert_eq!(outcome.status, 0, "{killed}: {outcome:?}");
        match self.work.file {
            // What is made of records is looked at by using it.
            "cached" => assert_eq!(outcome.text(), OLD, "{killed}"),
            ".lazycred" => {
                assert!(self.is_written(killed), "{killed}");
                self.sandbox.put("db", OLD);
                self.sandbox.run("get db").stdout(OLD).ok();
            }
            _ => assert!(self.is_written(killed), "{killed}"),
        }
    }
}
