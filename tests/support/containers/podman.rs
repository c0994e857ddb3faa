//! The image of `examples/docker`, built and run by podman and runc.
//!
//! Everything that podman keeps lies under the target folder. The network is
//! the host's.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::build::{Binaries, binaries, folder};
use crate::support::manifests::read;
use crate::support::{Run, Sandbox, full};

/// Where podman and what it calls is looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The limits are given, since a runtime that may not raise them fails without.
const OF_EVERY_CONTAINER: [&str; 3] = [
    "--network=host",
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=4096:4096",
];

/// The image, with the probe as its server.
pub struct Image {
    /// podman, and the options that every call has.
    program: PathBuf,
    options: Vec<String>,
    name: String,
    containers: AtomicUsize,
}

impl Image {
    /// The one of this test process, or `None` after [`full::skip`].
    #[track_caller]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Image, String>> = OnceLock::new();
        let binaries = binaries()?;
        match SHARED.get_or_init(|| Self::build(binaries)) {
            Ok(image) => Some(image),
            Err(reason) => {
                // The same program is the first process in `namespace`.
                full::skip("podman and runc", reason);
                None
            }
        }
    }

    fn build(binaries: &Binaries) -> Result<Self, String> {
        let program = tool("podman").ok_or("podman is not installed")?;
        let runtime = tool("runc").ok_or("runc is not installed")?;
        let storage = folder().join("podman");
        fs::create_dir_all(&storage).map_err(|error| error.to_string())?;
        let under = |folder: &str| storage.join(folder).display().to_string();
        let options = [
            ("--runtime", runtime.display().to_string()),
            ("--root", under("root")),
            ("--runroot", under("run")),
            ("--tmpdir", under("tmp")),
            // These need neither systemd nor a file system with layers.
            ("--storage-driver", "vfs".to_owned()),
            ("--cgroup-manager", "cgroupfs".to_owned()),
            ("--events-backend", "file".to_owned()),
        ];
        let options = options.map(|(name, value)| [name.to_owned(), value]);
        let image = Self {
            program,
            options: options.concat(),
            name: "lazycred-test".to_owned(),
            containers: AtomicUsize::new(0),
        };
        let context = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"));
        let context = context.map_err(|error| error.to_string())?;
        for (program, name) in [
            (&binaries.lazycred, "lazycred"),
            (&binaries.probe, "server"),
        ] {
            fs::hard_link(program, context.path().join(name)).map_err(|error| error.to_string())?;
        }
        let lock = File::create(storage.join("lock")).map_err(|error| error.to_string())?;
        lock.lock().map_err(|error| error.to_string())?;
        let folder = context.path().display().to_string();
        let build = ["build", "--quiet", "--network=none", "--layers=false"];
        // What is published under this name, as far as it is copied from.
        let (file, published) = (context.path().join("published"), published());
        fs::write(&file, "FROM scratch\nCOPY lazycred /lazycred\n")
            .map_err(|error| error.to_string())?;
        let file = file.display().to_string();
        let arguments = ["--file", &file, "--tag", &published, &folder];
        image.call(&[&build[..], &arguments].concat())?;
        let file = read::path("docker/Dockerfile").display().to_string();
        image.call(
            &[
                &build[..],
                &["--file", &file, "--tag", &image.name, &folder],
            ]
            .concat(),
        )?;
        // The images that this one replaces.
        image.call(&["image", "prune", "--force"])?;
        Ok(image)
    }

    /// A podman command that succeeds.
    pub fn call(&self, args: &[&str]) -> Result<Output, String> {
        let mut command = Command::new(&self.program);
        command.args(&self.options).args(args);
        command.env_clear().env("PATH", PATH);
        command.env("HOME", env!("CARGO_TARGET_TMPDIR"));
        let output = command.output().map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default();
        Err(format!("podman {}: {last}", args[0]))
    }

    /// The paths of all files in the image.
    #[track_caller]
    pub fn files(&self) -> Vec<String> {
        let create = [&["create"], &OF_EVERY_CONTAINER[..], &[&self.name]].concat();
        let made = self.call(&create);
        let container = String::from_utf8(made.unwrap().stdout).unwrap();
        let archive = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let archive = archive.path().join("files.tar");
        let file = archive.to_str().unwrap();
        let container = container.trim();
        self.call(&["export", "--output", file, container]).unwrap();
        self.call(&["rm", container]).unwrap();
        let listed = Command::new("tar").arg("-tf").arg(&archive).output();
        let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
        listed.lines().map(str::to_owned).collect()
    }

    /// One container, not started yet; it is removed when it ends.
    pub fn container(&self) -> Container<'_> {
        let number = self.containers.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{number}", self.name, std::process::id());
        let mut options = vec!["run", "--rm", "--name", &name];
        options.extend(OF_EVERY_CONTAINER);
        Container {
            options: options.into_iter().map(str::to_owned).collect(),
            image: self,
            name,
        }
    }
}

/// A container and how it is to be run.
pub struct Container<'a> {
    image: &'a Image,
    options: Vec<String>,
    name: String,
}

impl Container<'_> {
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.options.push(format!("{name}={value}"));
        self
    }

    pub fn env(self, name: &str, value: &str) -> Self {
        self.option("--env", &format!("{name}={value}"))
    }

    /// Runs the image's ENTRYPOINT with these words.
    pub fn run(&self, words: &[&str], sandbox: &Sandbox) -> Run {
        let args = [&self.image.options[..], &self.options].concat();
        let words = [self.image.name.as_str()]
            .into_iter()
            .chain(words.iter().copied());
        let args = args.into_iter().chain(words.map(str::to_owned));
        sandbox.run(args).program(&self.image.program)
    }

    /// Sends a signal to its first process, from outside.
    #[track_caller]
    pub fn kill(&self, signal: &str) {
        self.image
            .call(&["kill", "--signal", signal, &self.name])
            .unwrap();
    }

    /// What `docker stop` does: SIGTERM, and SIGKILL where that is not heard.
    #[track_caller]
    pub fn stop(&self) {
        self.image
            .call(&["stop", "--time", "30", &self.name])
            .unwrap();
    }
}

/// The image that the Dockerfile copies lazycred from.
fn published() -> String {
    let file = read::text("docker/Dockerfile");
    let mut words = file.split_whitespace();
    let name = words.find_map(|word| word.strip_prefix("--from="));
    name.expect("COPY --from=IMAGE").to_owned()
}

fn tool(name: &str) -> Option<PathBuf> {
    let mut folders = PATH.split(':').map(Path::new);
    folders.find_map(|folder| Some(folder.join(name)).filter(|tool| tool.exists()))
}
