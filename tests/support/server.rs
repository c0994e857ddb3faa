//! A server that answers as a test tells it to, and remembers what was asked.
//!
//! For answers that AWS would not give, and for silence: `None` for an answer
//! keeps the connection open and says nothing. It has no state and no rules of
//! its own; what AWS itself would do with a request is `fake_aws`.

use std::io::BufReader;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::record;
pub use crate::http::Answer;
use crate::http::Message;

/// Answers as the services write them.
impl Answer {
    /// An error as S3 writes it.
    pub fn s3(status: u16, code: &str, message: &str) -> Self {
        Self::new(
            status,
            format!(
                "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            ),
        )
    }

    /// What STS says to a caller of an account.
    pub fn caller(account: &str) -> Self {
        Self::new(
            200,
            format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                 <GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>{account}</Account>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        )
    }

    /// An error as KMS writes it.
    pub fn kms(status: u16, code: &str, message: &str) -> Self {
        Self::new(
            status,
            json!({"__type": code, "message": message}).to_string(),
        )
    }
}

/// The longest that a test waits for a request.
const PATIENCE: Duration = Duration::from_mins(1);

type Rule = dyn Fn(&Message, &str) -> Option<Answer> + Send + Sync;

/// The server; it lives as long as the test process.
pub struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    opened: Arc<AtomicUsize>,
}

/// The ARN that stands in every answer.
pub const WRAPPING_KEY: &str =
    "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

impl Server {
    /// Answers by a rule, which is given the request and its operation:
    /// `GetObject`, `PutObject`, `Encrypt`, `Decrypt`, `GetCallerIdentity`.
    pub fn start(rule: impl Fn(&Message, &str) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (rule, log): (Arc<Rule>, _) = (Arc::new(rule), Arc::clone(&asked));
        let opened = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&opened);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let (rule, log) = (Arc::clone(&rule), Arc::clone(&log));
                thread::spawn(move || serve(stream, &*rule, &log));
            }
        });
        Self {
            address,
            asked,
            opened,
        }
    }

    /// Never answers.
    pub fn stalled() -> Self {
        Self::start(|_, _| None)
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were opened so far.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// Waits until a connection was opened; whether one was in a minute.
    pub fn is_dialled(&self) -> bool {
        let until = Instant::now() + PATIENCE;
        while self.opened() == 0 && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
        self.opened() > 0
    }

    /// Waits until something was asked.
    #[track_caller]
    pub fn wait_for_request(&self) {
        let until = Instant::now() + PATIENCE;
        while self.asked().is_empty() {
            assert!(Instant::now() < until, "nothing was asked");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// The operations so far, in their order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, rule: &Rule, log: &Mutex<Vec<String>>) {
    let mut input = BufReader::new(stream.try_clone().unwrap());
    while let Ok(Some(message)) = Message::read(&mut input) {
        let operation = operation(&message);
        log.lock().unwrap().push(operation.clone());
        let Some(answer) = rule(&message, &operation) else {
            // Silence, until the other side gives up.
            std::io::copy(&mut input, &mut std::io::sink()).ok();
            return;
        };
        let sent = answer.send(&mut stream);
        if sent.is_err() || answer.claimed.is_some() {
            stream.shutdown(std::net::Shutdown::Both).ok();
            return;
        }
    }
}

fn operation(message: &Message) -> String {
    if let Some(target) = message.header("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    match message.start.split(' ').next() {
        Some("GET") => "GetObject".to_owned(),
        Some("PUT") => "PutObject".to_owned(),
        _ => "GetCallerIdentity".to_owned(),
    }
}

/// A record whose data key is wrapped by writing it down, for [`plain_kms`].
pub fn record(secret: &[u8]) -> Vec<u8> {
    record::version_1(secret, |data_key, _| data_key.to_vec())
}

/// A KMS that wraps nothing: what it is given is what it gives back.
pub fn plain_kms(message: &Message, operation: &str) -> Answer {
    let request: Value = serde_json::from_slice(&message.body).unwrap();
    let answer = match operation {
        "Encrypt" => json!({"CiphertextBlob": request["Plaintext"], "KeyId": WRAPPING_KEY}),
        _ => json!({"Plaintext": request["CiphertextBlob"], "KeyId": WRAPPING_KEY}),
    };
    Answer::new(200, answer.to_string())
}
