//! Stand-ins for Lambda: layers at `/opt`, and the interface that runtimes ask.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use nix::unistd::geteuid;

use super::read;
use crate::support::files::files_below;
use crate::support::full;
use crate::support::harness::{PROGRAM, Run, Sandbox};

/// The folder of the examples' templates in a home, with the layers that the first
/// of them says how to make, here of the program under test for both architectures.
#[track_caller]
pub fn with_layers(sandbox: &Sandbox) -> Option<PathBuf> {
    full::tool("xz")?;
    let folder = sandbox.home().join("examples/lambda");
    let release = format!("lazycred-{}", env!("CARGO_PKG_VERSION"));
    for arch in ["x86_64", "aarch64"] {
        let name = format!("{release}-{arch}-linux");
        for file in ["share/man/man1/lazycred.1", "bin/lazycred"] {
            sandbox.write(folder.join(&name).join(file), "");
        }
        let script = format!(
            "ln -s lazycred {name}/bin/lazycred-exec\n\
             tar -cJf {name}.tar.xz {name} && rm -r {name}"
        );
        shell(sandbox, &folder, &script);
    }
    let head = read::text("lambda/template.yaml");
    let commands = head.lines().map_while(|line| line.strip_prefix('#'));
    let commands = commands.filter_map(|line| line.strip_prefix("   "));
    let commands: Vec<_> = commands.filter(|line| !line.starts_with("sam ")).collect();
    assert_eq!(commands.len(), 6, "{commands:?}");
    // What it downloads is there already, by the name in its address.
    let downloads = "curl() { test -f \"${2##*/}\"; }\n".to_owned();
    shell(sandbox, &folder, &(downloads + &commands.join("\n")));
    // An archive of the program itself would take a while to make.
    for file in files_below(&folder.join("layers")) {
        if file.ends_with("bin/lazycred") {
            fs::remove_file(&file).unwrap();
            symlink(PROGRAM, file).unwrap();
        }
    }
    Some(folder)
}

#[track_caller]
fn shell(sandbox: &Sandbox, folder: &Path, script: &str) {
    let run = sandbox.run(["-euc", script]).program("/bin/sh");
    run.cwd(folder).ok();
}

/// A program that sees a layer at `/opt`, or `None` after [`full::or_skip`].
#[track_caller]
pub fn at_opt(layer: &Path, program: &Path, sandbox: &Sandbox) -> Option<Run> {
    let run = |program: &Path| {
        let mut words = vec!["--mount"];
        if !geteuid().is_root() {
            words.extend(["--user", "--map-root-user"]);
        }
        words.extend(["--", "/bin/sh", "-ec"]);
        words.push(r#"mount --bind "$0" /opt && exec "$1""#);
        words.extend([layer.to_str().unwrap(), program.to_str().unwrap()]);
        sandbox.run(words).program("unshare")
    };
    match run(Path::new("/bin/true")).command().output() {
        Ok(output) if output.status.success() => Some(run(program)),
        Ok(output) => {
            let reason = String::from_utf8_lossy(&output.stderr);
            full::or_skip("a mount namespace", &reason);
            None
        }
        Err(error) => {
            full::or_skip("a mount namespace", &error.to_string());
            None
        }
    }
}

/// Lambda's interface for runtimes, which has one event.
pub struct Runtime {
    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub address: String,
    answers: Receiver<String>,
}

impl Runtime {
    pub fn with_event(event: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (told, answers) = channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let asked = request(&mut stream);
            let next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n";
            assert!(asked.starts_with(next), "{asked}");
            let length = event.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536\r\n\
                 Content-Length: {length}\r\nConnection: close\r\n\r\n{event}"
            );
            stream.write_all(answer.as_bytes()).unwrap();
            drop(stream);
            let (mut stream, _) = listener.accept().unwrap();
            told.send(request(&mut stream)).unwrap();
            let accepted =
                b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(accepted).unwrap();
        });
        Self { address, answers }
    }

    /// What the runtime answered for the event.
    #[track_caller]
    pub fn answer(&self) -> String {
        let posted = self.answers.recv_timeout(Duration::from_mins(1)).unwrap();
        let (head, body) = posted.split_once("\r\n\r\n").unwrap();
        let path = "POST /2018-06-01/runtime/invocation/8476a536/response HTTP/1.1\r\n";
        assert!(head.starts_with(path), "{head}");
        body.to_owned()
    }
}

/// One request, with the body that its head announces.
fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "ended after {text}");
        bytes.extend(&piece[..count]);
    }
}
