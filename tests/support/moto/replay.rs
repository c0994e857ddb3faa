//! What moto answered when the golden records were made, told again.
//!
//! A server of nothing but `std` for `GetObject` (path style) and `Decrypt`,
//! so that reading is tested without Python. Whatever was not recorded gets a
//! 500, is remembered, and fails the test when the server is dropped.

use std::collections::HashMap;
use std::fs;
use std::io::BufReader;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use crate::fixtures;
use crate::http::{Message, decode_path, send};

/// The server; it ends when this is dropped.
pub struct Replay {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    objects: HashMap<String, Recorded>,
    decrypts: HashMap<String, Recorded>,
    /// What `KeyId` may be; null stands for none.
    key_ids: Vec<Value>,
    ended: AtomicBool,
    seen: Mutex<Seen>,
}

struct Recorded {
    status: u64,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

#[derive(Default)]
struct Seen {
    requests: Vec<String>,
    unexpected: Vec<String>,
    connections: Vec<TcpStream>,
}

impl Replay {
    /// Starts on a port of 127.0.0.1 that the system picks.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::load());
        let listening = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&listener, &shared)
        });
        Self {
            address,
            shared,
            listening: Some(listening),
        }
    }

    /// `http://127.0.0.1:PORT`, for S3 and KMS.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far: `GET /golden/app/NAME` (decoded), `Decrypt KEY_ID`.
    pub fn requests(&self) -> Vec<String> {
        self.shared.seen().requests.clone()
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).ok();
        if let Some(listening) = self.listening.take() {
            listening.join().ok();
        }
        let seen = self.shared.seen();
        for connection in &seen.connections {
            connection.shutdown(Shutdown::Both).ok();
        }
        let unexpected = seen.unexpected.join("\n  ");
        drop(seen);
        assert!(
            unexpected.is_empty() || thread::panicking(),
            "requests that were not recorded:\n  {unexpected}"
        );
    }
}

impl Shared {
    fn load() -> Self {
        let folder = fixtures::folder();
        let document = fs::read(folder.join("exchanges.json")).expect("exchanges.json");
        let document: Value = serde_json::from_slice(&document).expect("exchanges.json is JSON");
        let list = |name: &str| document[name].as_array().expect("a list").clone();
        let recorded = |member: &str, exchange: Value| {
            let headers = exchange["headers"].as_object().into_iter().flatten();
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let body = match exchange["body_file"].as_str() {
                Some(file) => fs::read(folder.join(file)).expect("a recorded body"),
                None => text(&exchange["body"]).into_bytes(),
            };
            let answer = Recorded {
                status: exchange["status"].as_u64().expect("a status"),
                headers: headers
                    .map(|(name, value)| (name.clone(), text(value)))
                    .collect(),
                body,
            };
            (text(&exchange[member]), answer)
        };
        let objects = list("get_object").into_iter();
        let decrypts = list("decrypt").into_iter();
        Self {
            objects: objects.map(|exchange| recorded("path", exchange)).collect(),
            decrypts: decrypts
                .map(|exchange| recorded("CiphertextBlob", exchange))
                .collect(),
            key_ids: list("decrypt_key_ids"),
            ended: AtomicBool::new(false),
            seen: Mutex::default(),
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The recorded answer, and the request in short.
    fn answer(&self, request: &Message) -> (Option<&Recorded>, String) {
        let mut words = request.start.split(' ');
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let action = request.header("x-amz-target").unwrap_or("");
        if method == "POST" && path == "/" && action == "TrentService.Decrypt" {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let wrapped = body["CiphertextBlob"].as_str().unwrap_or("");
            let no_context = body["EncryptionContext"]
                .as_object()
                .is_none_or(serde_json::Map::is_empty);
            let known = no_context && self.key_ids.contains(&body["KeyId"]);
            let short = format!("Decrypt {}", body["KeyId"].as_str().unwrap_or(""));
            return (
                self.decrypts.get(wrapped).filter(|_| known),
                short.trim().to_owned(),
            );
        }
        let conditional = ["range", "if-none-match", "if-match"];
        let plain = (query.is_empty() || query == "x-id=GetObject")
            && conditional
                .iter()
                .all(|name| request.header(name).is_none());
        if method == "GET" && plain {
            let path = decode_path(path).unwrap_or_default();
            return (self.objects.get(&path), format!("GET {path}"));
        }
        (
            None,
            format!("{method} {target} {action}").trim().to_owned(),
        )
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        if let Ok(connection) = stream.try_clone() {
            shared.seen().connections.push(connection);
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || serve(stream, &shared).ok());
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = Message::read(&mut reader)? {
        let (answer, short) = shared.answer(&request);
        {
            let mut seen = shared.seen();
            if answer.is_none() {
                seen.unexpected.push(short.clone());
            }
            seen.requests.push(short);
        }
        let Some(answer) = answer else {
            send(&mut stream, "HTTP/1.1 500 Not recorded", &[], &[])?;
            continue;
        };
        let headers = answer.headers.iter();
        let headers: Vec<_> = headers.map(|(name, value)| (&**name, &**value)).collect();
        let start = format!("HTTP/1.1 {} Recorded", answer.status);
        send(&mut stream, &start, &headers, &answer.body)?;
    }
    Ok(())
}
