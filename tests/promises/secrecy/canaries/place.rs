//! Where a run with canaries takes place, and what is searched when it is over.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::unistd::geteuid;
use tempfile::TempDir;

use crate::support::files::files_below;
use crate::support::harness::leak::Search;
use crate::support::harness::{SECRET_ACCESS_KEY, record};
use crate::support::{
    ALIAS, FakeAws, Outcome, PROGRAM, Run, Running, S3_PATH, Sandbox, full, place, store, temporary,
};

/// What the secrets hold. It has what JSON escapes, and what Rust escapes alone.
pub const VALUE: &str = "Zq7-\"kXm\\2pV-\u{e9}\u{7f}-v9RtLc4N8bJ";
/// What a run is given to store; it is in no secret before.
pub const NEW: &str = "Rn4cVb8xLs2kTd6w-new";
/// What an editor writes.
const EDITED: &str = "Jh5gFd3sQw8eRt1y-edited";
const TOKEN: &str = "FwoGZXIvYXdzEXAMPLE-session-token-canary";
/// What a credential process says before it breaks off.
const ROLE_SECRET: &str = "pRoCeSs/SecretAccess+CanaryOf40Characters";

/// A sandbox whose runs have a /tmp and a /dev/shm of their own.
pub struct Place {
    pub sandbox: Sandbox,
    /// On a file system in memory, as /dev/shm is.
    shm: TempDir,
    aws: Option<FakeAws>,
    before: BTreeMap<PathBuf, (u64, i64, i64)>,
}

impl Place {
    /// With nothing in it, or `None` after [`full::or_skip`].
    #[track_caller]
    pub fn new() -> Option<Self> {
        Self::with(Sandbox::new(), None)
    }

    /// With secrets in a fake's bucket.
    #[track_caller]
    pub fn in_bucket(aws: &FakeAws) -> Option<Self> {
        let mut sandbox = Sandbox::aws(&aws.url(), S3_PATH, ALIAS);
        sandbox.set("AWS_SESSION_TOKEN", TOKEN);
        for (at, (name, secret)) in secrets().into_iter().enumerate() {
            store(aws, &place(name), secret, if at % 2 == 0 { 1 } else { 2 });
        }
        // Of another data key than its own, and with a token that was changed.
        let mut stored: serde_json::Value =
            serde_json::from_slice(&aws.object(&place("s")).unwrap()).unwrap();
        let token = stored["data"].as_str().unwrap().to_owned();
        let other = if token.as_bytes()[40] == b'A' {
            'B'
        } else {
            'A'
        };
        stored["data"] = format!("{}{other}{}", &token[..40], &token[41..]).into();
        aws.put_object(&place("damaged"), stored.to_string().as_bytes());
        let other: serde_json::Value =
            serde_json::from_slice(&aws.object(&place("text")).unwrap()).unwrap();
        stored["key"] = other["key"].clone();
        aws.put_object(&place("mixed"), stored.to_string().as_bytes());
        aws.put_object(&place("plain"), VALUE.as_bytes());
        Self::with(sandbox, Some(aws.clone()))
    }

    /// With the same in a folder, under a wrapping key in a file.
    #[track_caller]
    pub fn in_folder() -> Option<Self> {
        let sandbox = Sandbox::local();
        for (name, secret) in secrets().into_iter().take(3) {
            sandbox.put(name, secret);
        }
        Self::with(sandbox, None)
    }

    #[track_caller]
    fn with(sandbox: Sandbox, aws: Option<FakeAws>) -> Option<Self> {
        let shm = temporary::in_memory_or_skip()?;
        sandbox.write("tmp/.keep", "");
        files(&sandbox);
        let mut place = Self {
            sandbox,
            shm,
            aws,
            before: BTreeMap::new(),
        };
        // Those folders are hidden from its runs.
        let root = place.sandbox.root().to_owned();
        let reason = if ["/tmp", "/dev/shm"]
            .iter()
            .any(|folder| root.starts_with(folder))
        {
            Some(format!("{} is below it", root.display()))
        } else {
            let tried = place.run_of("/bin/true", &[]).may_leak().outcome();
            (tried.status != 0).then_some(tried.stderr)
        };
        if let Some(reason) = reason {
            full::or_skip("a /tmp of its own", &reason);
            return None;
        }
        place.forget();
        Some(place)
    }

    /// Takes all files for searched.
    pub fn forget(&mut self) {
        self.before = self.files();
    }

    /// A program with those folders, core files allowed, and everything that talks.
    pub fn run_of(&self, program: &str, words: &[&str]) -> Run {
        const SCRIPT: &str = "mount --bind \"$0\" /tmp; mount --bind \"$1\" /dev/shm; shift\n\
            ulimit -c unlimited; exec \"$@\"";
        let mut all = vec!["--mount"];
        if !geteuid().is_root() {
            all.extend(["--user", "--map-root-user"]);
        }
        let tmp = self.sandbox.work().join("tmp");
        let [tmp, shm] = [&tmp, self.shm.path()].map(|path| path.to_str().unwrap());
        all.extend(["/bin/sh", "-ec", SCRIPT, tmp, shm, program]);
        all.extend(words);
        self.sandbox
            .run(all)
            .program("unshare")
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env("LOG_SENSITIVE_BODIES", "true")
            .any_stdout()
            .any_stderr()
    }

    /// lazycred with `-vv`. Words before its command that are `NAME=VALUE` are variables.
    pub fn loud(&self, words: &str, stdin: &str) -> Run {
        let mut words: Vec<&str> = words.split(' ').collect();
        let is_variable = |word: &&str| word.contains('=');
        let count = words.iter().take_while(|word| is_variable(word)).count();
        let variables: Vec<&str> = words.drain(..count).collect();
        words.insert(1, "-vv");
        let run = self.run_of(PROGRAM, &words);
        let variables = variables.iter().map(|word| word.split_once('=').unwrap());
        let run = variables.fold(run, |run, (name, value)| run.env(name, value));
        // What is looked for is looked for here, in more places.
        let run = run.may_leak();
        if stdin.is_empty() {
            run
        } else {
            run.stdin(stdin)
        }
    }

    #[track_caller]
    pub fn wait_until_named(running: &Running, name: &str) {
        let named = || fs::read_to_string(format!("/proc/{}/comm", running.pid())).unwrap();
        while named().trim() != name {
            thread::yield_now();
        }
    }

    /// All that must be nowhere, with its name.
    pub fn canaries(&self) -> Vec<(String, Vec<u8>)> {
        let named = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
        let mut all = vec![
            named("a value", VALUE.as_bytes()),
            named("a new value", NEW.as_bytes()),
            named("an edited value", EDITED.as_bytes()),
            named("the secret access key", SECRET_ACCESS_KEY.as_bytes()),
            named("the session token", TOKEN.as_bytes()),
            named("a process's secret access key", ROLE_SECRET.as_bytes()),
        ];
        let mut keys: Vec<(&str, Vec<u8>)> = Vec::new();
        if let Some(aws) = &self.aws {
            let data_keys = aws.state();
            let data_keys = data_keys.kms.plaintexts();
            keys.extend(data_keys.map(|data_key| ("a data key", data_key.to_vec())));
            assert!(!keys.is_empty(), "there are data keys");
        }
        if let Ok(file) = fs::read_to_string(self.sandbox.local_wrapping_key_file("dev")) {
            let file = file.trim();
            for name in ["s", "text"] {
                let stored = self.sandbox.read(format!("secrets/{name}"));
                let stored: Option<serde_json::Value> =
                    stored.and_then(|bytes| serde_json::from_slice(&bytes).ok());
                let wrapped = stored.and_then(|stored| {
                    use base64::Engine as _;
                    let member = stored["wrapped_key"].as_str()?;
                    base64::engine::general_purpose::STANDARD
                        .decode(member)
                        .ok()
                });
                if let (Some(wrapped), 44) = (wrapped, file.len()) {
                    keys.push(("a data key", record::unwrap_locally(file, &wrapped)));
                }
            }
            keys.push(("a wrapping key", file.as_bytes().to_vec()));
        }
        for (name, key) in keys {
            use base64::Engine as _;
            if let Ok(raw) = base64::engine::general_purpose::URL_SAFE.decode(&key) {
                all.push((format!("{name}'s bytes"), raw));
            }
            all.push(named(name, &key));
        }
        all
    }

    /// A search for all of them.
    pub fn search(&self) -> Search {
        let mut search = Search::default();
        self.add_to(&mut search);
        search
    }

    /// Has a search look for the canaries of this place too.
    pub fn add_to(&self, search: &mut Search) {
        for (name, canary) in self.canaries() {
            search.add(&name, &canary);
        }
    }

    /// The canaries that a run has left, and where.
    pub fn left_by(&self, outcome: &Outcome) -> Vec<String> {
        let mut found = Vec::new();
        let search = self.search();
        let mut look = |place: &str, bytes: &[u8]| {
            let seen = search.find(bytes).into_iter();
            found.extend(seen.map(|(name, spelling)| format!("{place} has {name} {spelling}")));
        };
        look("stdout", &outcome.stdout);
        look("stderr", outcome.stderr.as_bytes());
        for (file, about) in self.files() {
            if self.before.get(&file) != Some(&about) {
                let bytes = fs::read(&file).unwrap_or_default();
                look(&file.display().to_string(), &bytes);
                look("a file's name", file.as_os_str().as_encoded_bytes());
            }
        }
        found
    }

    /// All files that a run here can have written, and what tells that they were changed.
    fn files(&self) -> BTreeMap<PathBuf, (u64, i64, i64)> {
        let below = [self.sandbox.root(), self.shm.path()];
        let all = below.into_iter().flat_map(files_below);
        let about = |file: PathBuf| {
            let about = file.symlink_metadata().ok()?;
            Some((file, (about.len(), about.mtime(), about.mtime_nsec())))
        };
        all.filter_map(about).collect()
    }
}

/// Secrets that fail at different stages; all have [`VALUE`].
fn secrets() -> Vec<(&'static str, Vec<u8>)> {
    let json =
        serde_json::json!({"user": VALUE, "list": [VALUE, 1], "n": {"m": VALUE}}).to_string();
    let text = |text: String| text.into_bytes();
    vec![
        ("s", text(json.clone())),
        ("t", text(json.replace("user", "name"))),
        ("text", text(VALUE.to_owned())),
        ("later", text(VALUE.to_owned())),
        ("broken", text(json.trim_end_matches('}').to_owned())),
        (
            "nul",
            serde_json::json!({"a": format!("{VALUE}\0")})
                .to_string()
                .into_bytes(),
        ),
        (
            "bad",
            serde_json::json!({"ld_preload": VALUE})
                .to_string()
                .into_bytes(),
        ),
        ("big", text(VALUE.repeat(6000))),
        (
            "twice",
            serde_json::json!({"a-b": VALUE, "a.b": VALUE})
                .to_string()
                .into_bytes(),
        ),
        ("same", text(format!("{{\"a\": {json}, \"a\": 1}}"))),
        (
            "lines",
            serde_json::json!({"a": format!("{VALUE}\n{VALUE}\r'\"")})
                .to_string()
                .into_bytes(),
        ),
        ("bytes", [b"\xff", VALUE.as_bytes()].concat()),
    ]
}

/// Files that ways use.
fn files(sandbox: &Sandbox) {
    let json = serde_json::json!({"a": NEW, "b": VALUE}).to_string();
    sandbox.write("file", NEW);
    sandbox.write("good.json", &json);
    sandbox.write("broken.json", json.trim_end_matches('}'));
    sandbox.write("broken.env", format!("A={NEW}\nno equals {VALUE}\n"));
    sandbox.write("broken.yaml", format!("a: {NEW}\n  b: [{VALUE}\n"));
    sandbox.write("good.env", format!("A={NEW}\nB=lazycred:s#nope\n"));
    sandbox.write("template", "{{s#user}} {{s#nope}}\n");
    sandbox.write("open.template", "{{s#user}} {{s#user\n");
    sandbox.write("folder/in", "");
    sandbox.program("script", "no program\n");
    sandbox.program("lost", "#!/no/such/interpreter\n");
    sandbox.program(
        "breaks",
        format!("#!/bin/sh\nprintf '{{\"a\": \"{EDITED}' > \"$1\"\n"),
    );
    sandbox.program("edits", format!("#!/bin/sh\nprintf '{EDITED}' > \"$1\"\n"));
    sandbox.program(
        "fails",
        format!("#!/bin/sh\nprintf '{EDITED}' > \"$1\"; exit 3\n"),
    );
    let process = format!(
        "#!/bin/sh\nprintf '{{\"Version\": 1, \"AccessKeyId\": \"AKIDEXAMPLE\", \"SecretAccessKey\": \"{ROLE_SECRET}\"'\n"
    );
    sandbox.program("credentials", &process);
    let wrong = format!(
        "{}, \"SessionToken\": 7, \"Expiration\": \"{TOKEN}\"}}'\n",
        process.trim_end_matches("'\n")
    );
    sandbox.program("wrong-credentials", wrong);
    let home = sandbox.home().display();
    sandbox.write(
        "config",
        format!(
            "[profile process]\ncredential_process = {home}/credentials\n\
             [profile wrong]\ncredential_process = {home}/wrong-credentials\n\
             [profile half]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {ROLE_SECRET}\nrole_arn = {TOKEN}\n"
        ),
    );
    sandbox.write(
        "credentials-file",
        format!("[default\naws_secret_access_key = {ROLE_SECRET}\n"),
    );
}

/// Held by who watches: what one test plants is no other's to find.
static WATCHED: Mutex<()> = Mutex::new(());

/// The command lines of all processes, for as long as it lives.
pub struct CommandLines {
    _alone: MutexGuard<'static, ()>,
    ended: Arc<AtomicBool>,
    watching: JoinHandle<HashSet<Vec<u8>>>,
}

impl CommandLines {
    pub fn watch() -> Self {
        let alone = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&ended);
        let watching = thread::spawn(move || {
            let mut seen = HashSet::new();
            while !stop.load(Ordering::Relaxed) {
                for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
                    let is_process = entry
                        .file_name()
                        .to_str()
                        .is_some_and(|name| name.parse::<u32>().is_ok());
                    if is_process
                        && let Ok(line) = fs::read(Path::new(&entry.path()).join("cmdline"))
                    {
                        seen.insert(line);
                    }
                }
                thread::sleep(Duration::from_millis(5));
            }
            seen
        });
        Self {
            _alone: alone,
            ended,
            watching,
        }
    }

    /// All that were there.
    pub fn end(self) -> HashSet<Vec<u8>> {
        self.ended.store(true, Ordering::Relaxed);
        self.watching.join().unwrap()
    }
}
