//! Each call to AWS, and each fault that it alone may meet: the calls before it
//! are answered rightly. What comes of it has its status and names the cause, in
//! time; no command is run, and no file and no record is half written.

mod kms;
mod s3;

use std::io::Read as _;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConnection, StreamOwned};

use crate::support::accepted::accepted;
use crate::support::fake_aws::{Fault, Order};
use crate::support::harness::{self, SECRET_ACCESS_KEY, place};
use crate::support::network::Network;
use crate::support::{ACCOUNT, ALIAS, Answer, BUCKET, FakeAws, REGION, S3_PATH, Sandbox, tls};

/// What goes wrong, in the order of the tables.
const FAULTS: [&str; 18] = [
    "refused",
    "no name",
    "bad TLS",
    "reset before the body",
    "reset after the body",
    "stall",
    "cut short",
    "wrong length",
    "garbage",
    "301",
    "403",
    "404",
    "409",
    "412",
    "429",
    "503",
    "500, then 200",
    "skewed clock",
];

/// The calls, each of which has a table of its own.
const CALLS: [&str; 7] = [
    "GetObject",
    "PutObject",
    "DeleteObject",
    "HeadObject",
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
];
const CELLS: usize = CALLS.len() * FAULTS.len();
const _: () = assert!(CELLS >= 112);

const OTHER: &str = r#"{"word": "hunter-other"}"#;
const OLD: &str = r#"{"password": "hunter-old"}"#;
const NEW: &str = r#"{"password": "hunter-new"}"#;

const START: &[&str] = &["exec", "ok", "db", "--", "sh", "-c", "env >ran"];
const GET: &[&str] = &["get", "db", "--output", "out"];

/// How often a command may be late before that is no accident of a busy machine.
const TRIES: usize = 5;

/// Where nothing listens, and where somebody else's certificate is shown.
const REFUSING: &str = "198.51.100.99";
const IMPOSTOR: &str = "198.51.100.98";
/// Where S3 sends a call whose connection is to fail, since earlier ones have one.
const ELSEWHERE: &str = "eu-west-3";

/// A call, and the commands that make it.
struct Call {
    operation: &'static str,
    commands: &'static [&'static [&'static str]],
    /// A line a fault: what it is, the status, and what is said, a `+` between the parts.
    /// `exec` ends with 125 wherever others do not succeed.
    table: &'static str,
    /// Whether what is stored is changed by the commands that succeed.
    writes: bool,
}

impl Call {
    fn is_kms(&self) -> bool {
        ["Encrypt", "Decrypt", "ReEncrypt"].contains(&self.operation)
    }

    /// Whether the answer has a body if all is well.
    fn has_body(&self) -> bool {
        self.is_kms() || self.operation == "GetObject"
    }

    /// The given limit: a short one where the program waits until it is over.
    fn limit(&self, fault: &str) -> Duration {
        let waits = match (fault, self.operation) {
            ("stall" | "429", _) | ("412", "PutObject") => true,
            ("503", _) => !self.is_kms(),
            ("409", operation) => ["PutObject", "DeleteObject"].contains(&operation),
            _ => false,
        };
        Duration::from_secs(if waits { 3 } else { 20 })
    }

    /// Each fault, with each command.
    #[track_caller]
    fn meets_all(&self) {
        let mut met = Vec::new();
        for row in self.table.lines() {
            let row: Vec<_> = row.splitn(3, '|').map(str::trim).collect();
            let [fault, status, said] = row[..] else {
                panic!("{row:?}");
            };
            for command in self.commands {
                let status = match (command[0], status.parse().unwrap()) {
                    ("exec", 1..) => 125,
                    (_, status) => status,
                };
                self.meets(fault, command, status, said);
            }
            met.push(fault);
        }
        assert_eq!(met, FAULTS);
    }

    /// A command that meets a fault: again if it is late, which a busy machine may be.
    #[track_caller]
    fn meets(&self, fault: &str, command: &[&str], status: i32, said: &str) {
        let what = format!("{} {fault}: {command:?}", self.operation);
        let limit = self.limit(fault) + Duration::from_secs(1);
        let mut late = Vec::new();
        while late.len() < TRIES {
            let network = match fault {
                "refused" | "no name" | "bad TLS" => match Network::start() {
                    None => return,
                    some => some,
                },
                _ => None,
            };
            let took = self.meets_on(network.as_ref(), fault, command, (status, said, &what));
            if took < limit {
                return;
            }
            late.push(took);
        }
        panic!("{what}: {late:?}");
    }

    /// How long it took to run.
    #[track_caller]
    fn meets_on(
        &self,
        network: Option<&Network>,
        fault: &str,
        command: &[&str],
        (status, said, what): (i32, &str, &str),
    ) -> Duration {
        let aws = network.map_or_else(FakeAws::start, |network| network.aws.clone());
        aws.wrapping_key("next", ACCOUNT, REGION);
        for (name, secret) in [("db", OLD), ("ok", OTHER)] {
            harness::store(&aws, &place(name), secret, 1);
        }
        let before = aws.object(&place("db"));
        if self.operation == "HeadObject" {
            let no_versions = Fault::Error(501, "NotImplemented", "versions");
            aws.fault("ListObjectVersions", no_versions);
        }
        let seconds = self.limit(fault).as_secs().to_string();
        let args = [&["--timeout", &seconds][..], command].concat();
        let run = if let Some(network) = network {
            self.order_of_network(fault, network);
            let run = network.run(args).env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
            run.env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        } else {
            aws.fault(self.operation, self.order(fault, command));
            Sandbox::aws(&aws.url(), S3_PATH, ALIAS).run(args)
        };
        let run = run.env("AWS_MAX_ATTEMPTS", "2").stdin(NEW);
        let start = Instant::now();
        let outcome = run.outcome();
        let took = start.elapsed();
        // What this machine needs now to start a program at all is not counted.
        let start = Instant::now();
        outcome.sandbox.run("--version").any_stdout().ok();
        let took = took.saturating_sub(start.elapsed());

        assert_eq!(outcome.status, status, "{what}: {outcome}");
        let is_error = |line: &&str| line.starts_with("lazycred: error: ");
        let errors = outcome.stderr.lines().filter(is_error).count();
        assert_eq!(errors > 0, status != 0, "{what}: {outcome}");
        assert!(
            !outcome.stderr.contains("internal error at"),
            "{what}: {outcome}"
        );
        for part in said.split(" + ") {
            assert!(outcome.stderr.contains(part), "{what}: {part}: {outcome}");
        }
        let written = outcome.sandbox.files();
        match (command[0], status) {
            ("get", 0) => {
                assert_eq!(written, ["out"], "{what}");
                let out = outcome.sandbox.read("out").unwrap();
                assert_eq!(out, OLD.as_bytes(), "{what}");
            }
            ("exec", 0) => {
                let ran = outcome.sandbox.read("ran").unwrap();
                let ran = String::from_utf8(ran).unwrap();
                let whole = ["WORD=hunter-other\n", "PASSWORD=hunter-old\n"];
                assert!(whole.iter().all(|line| ran.contains(line)), "{what}: {ran}");
            }
            _ => assert_eq!(written, [""; 0], "{what}"),
        }
        let after = aws.object(&place("db"));
        let changed = self.writes && status == 0;
        assert_eq!(after != before, changed, "{what}: {outcome}");
        let versions = aws.versions(&place("db")).len();
        assert!(versions <= 2, "{what}: {versions}");
        took
    }

    /// Has the call alone meet a fault of its connection.
    fn order_of_network(&self, fault: &str, network: &Network) {
        let addresses: &[&str] = match fault {
            "refused" => &[REFUSING],
            "bad TLS" => &[IMPOSTOR],
            _ => &[],
        };
        if fault == "bad TLS" {
            let listener = network.bind(&format!("{IMPOSTOR}:443")).unwrap();
            thread::spawn(move || impostor(&listener));
        }
        let region = match self.operation {
            "PutObject" | "DeleteObject" | "HeadObject" => ELSEWHERE,
            _ => REGION,
        };
        let host = if self.is_kms() {
            format!("kms.{region}.amazonaws.com")
        } else {
            format!("{BUCKET}.s3.{region}.amazonaws.com")
        };
        network.resolves(&host, addresses);
        if region == ELSEWHERE {
            let operation = self.operation;
            network.answer(move |asked| {
                let answer = match operation {
                    "HeadObject" => Answer::empty(301),
                    _ => Answer::s3(301, "PermanentRedirect", "elsewhere"),
                };
                let answer = answer.header("x-amz-bucket-region", ELSEWHERE);
                (asked.request.operation == operation).then(|| answer.into())
            });
        }
    }

    /// What the fake does to the call.
    fn order(&self, name: &str, command: &[&str]) -> Order {
        let fault = match name {
            "reset before the body" => Fault::Reset,
            "reset after the body" => Fault::LostByReset,
            "stall" => Fault::Stall,
            "cut short" if self.has_body() => Fault::Cut(20),
            "cut short" if self.operation == "HeadObject" => {
                Fault::Raw("HTTP/1.1 200 OK\r\ncontent-len")
            }
            "cut short" => Fault::Raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n<cut"),
            "wrong length" if self.has_body() => Fault::Length(20),
            "wrong length" => Fault::Raw("HTTP/1.1 200 OK\r\ncontent-length: nine\r\n\r\n"),
            "garbage" if self.has_body() => Fault::Body(b"{\"\xff]".into()),
            "garbage" if self.operation == "HeadObject" => Fault::Header("last-modified", "soon"),
            "garbage" => Fault::Error(400, "<Code", "]]>"),
            "301" => Fault::Error(301, "PermanentRedirect", "elsewhere"),
            "403" if self.is_kms() => Fault::Error(403, "AccessDeniedException", "not authorized"),
            "403" => Fault::Denied,
            "404" if self.is_kms() => Fault::Error(404, "NotFoundException", "no such alias"),
            "404" if self.operation == "PutObject" => Fault::Error(404, "NoSuchBucket", "none"),
            "404" => Fault::Error(404, "NoSuchKey", "none"),
            "409" if self.is_kms() => Fault::Error(409, "KMSInvalidStateException", "pending"),
            "409" => Fault::Error(409, "ConditionalRequestConflict", "again"),
            "412" => Fault::Error(412, "PreconditionFailed", "no"),
            "429" if self.is_kms() => Fault::Error(429, "ThrottlingException", "rate exceeded"),
            "429" => Fault::Error(429, "TooManyRequests", "rate exceeded"),
            "503" if self.is_kms() => Fault::Error(503, "KMSInternalException", "later"),
            "503" => Fault::Error(503, "SlowDown", "reduce your rate"),
            "500, then 200" => Fault::Error(500, "InternalError", "again"),
            "skewed clock" => Fault::Skewed,
            other => panic!("{other}"),
        };
        // Of two references the first is answered.
        let first = usize::from(command[0] == "exec" && self.operation == "Decrypt");
        let order = match name {
            "500, then 200" => fault.at(first + 1),
            _ => fault.after(first),
        };
        match self.operation {
            "GetObject" => order.on("/db"),
            _ => order,
        }
    }
}

/// Shows everybody a certificate of an authority that nobody knows.
fn impostor(listener: &TcpListener) {
    let (config, _) = tls::loopback_with(&["*.amazonaws.com"], |_| {});
    for socket in accepted(listener) {
        let session = ServerConnection::new(config.clone()).unwrap();
        StreamOwned::new(session, socket).read_exact(&mut [0]).ok();
    }
}

#[test]
fn each_of_the_seven_calls_has_a_table_with_every_fault() {
    let tables = [include_str!("s3.rs"), include_str!("kms.rs")].concat();
    let named = tables.split("operation: \"").skip(1);
    let named: Vec<_> = named.filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(named, CALLS);
    assert_eq!(tables.matches(".meets_all()").count(), CALLS.len());
}
