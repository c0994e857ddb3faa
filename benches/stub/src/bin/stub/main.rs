//! A stub of S3, KMS, Secrets Manager and of what gives credentials, to measure clients with.
//!
//! Usage: `stub --cert CHAIN --key FILE [--log FILE] [--delay MS] [--rate N] LISTENER...`
//! where KMS throttles what is more than N requests a second, and a LISTENER is `http:ADDRESS`, `https:ADDRESS` or `https+pq:ADDRESS`;
//! the last one prefers X25519MLKEM768, the others do not offer it. Each
//! listener serves all of it. The addresses are printed, one a line, in their
//! order. It ends when its standard input does.
//!
//! It checks no signature and keeps no secret.

mod gather;
mod http;
mod kms;
mod log;
mod rate;
mod s3;
mod secrets_manager;
mod sources;
mod tls;
mod wire;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use gather::{Gather, Stage};
use http::{Answer, Request};
use log::Log;
use rate::Rate;
use wire::Counted;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What the stub holds and how it behaves; one for all connections.
struct Stub {
    objects: Mutex<s3::Objects>,
    secrets: Mutex<secrets_manager::Secrets>,
    log: Log,
    delay: Duration,
    rate: Option<Rate>,
    gather: Gather,
}

fn main() -> Result<()> {
    let mut options = BTreeMap::new();
    let mut places = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.strip_prefix("--") {
            Some(name) => {
                let value = words.next().ok_or("an option without its value")?;
                options.insert(name.to_owned(), value);
            }
            None => places.push(word),
        }
    }
    let delay = options.get("delay").map_or(Ok(0), |text| text.parse())?;
    let rate = options.get("rate").map(|text| text.parse().map(Rate::new));
    let stub = Arc::new(Stub {
        objects: Mutex::default(),
        secrets: Mutex::default(),
        log: Log::open(options.get("log").map(String::as_str))?,
        delay: Duration::from_millis(delay),
        rate: rate.transpose()?,
        gather: Gather::default(),
    });
    let file = |name: &str| options.get(name).ok_or(format!("--{name} is needed"));
    let mut out = std::io::stdout();
    for place in places {
        let (scheme, address) = place.split_once(':').ok_or("no scheme")?;
        let tls = match scheme {
            "http" => None,
            "https" => Some(tls::config(
                file("cert")?,
                file("key")?,
                tls::Groups::Classic,
            )?),
            "https+pq" => Some(tls::config(
                file("cert")?,
                file("key")?,
                tls::Groups::Hybrid,
            )?),
            _ => return Err(format!("no such scheme: {scheme}").into()),
        };
        let listener = TcpListener::bind(address)?;
        writeln!(out, "{}", listener.local_addr()?)?;
        let stub = Arc::clone(&stub);
        thread::spawn(move || accept(&listener, &stub, tls.as_ref()));
    }
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn accept(listener: &TcpListener, stub: &Arc<Stub>, tls: Option<&Arc<ServerConfig>>) {
    for socket in listener.incoming().flatten() {
        let (stub, tls) = (Arc::clone(stub), tls.cloned());
        thread::spawn(move || {
            let id = stub.log.connection();
            let _ = socket.set_nodelay(true);
            if tls.is_some() {
                let _ = socket.peek(&mut [0]);
                stub.gather.wait(Stage::Greeted);
            }
            let socket = Counted::new(socket);
            let counts = socket.counts();
            stub.log.write(&json!({"event": "connection", "id": id}));
            let end = converse(&stub, socket, tls, id).err();
            let (read, written) = counts.total();
            stub.log.write(&json!({
                "event": "closed", "id": id, "in": read, "out": written,
                "error": end.map(|error| error.to_string()),
            }));
        });
    }
}

fn converse(
    stub: &Stub,
    mut socket: Counted<TcpStream>,
    tls: Option<Arc<ServerConfig>>,
    id: u64,
) -> Result<()> {
    let Some(config) = tls else {
        return serve(stub, socket, id);
    };
    let mut connection = ServerConnection::new(config)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    stub.gather.wait(Stage::Secured);
    stub.log.write(&json!({
        "event": "handshake", "id": id,
        "version": connection.protocol_version().map(|version| format!("{version:?}")),
        "suite": connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())),
        "group": connection.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name())),
        "kind": connection.handshake_kind().map(|kind| format!("{kind:?}")),
    }));
    serve(stub, StreamOwned::new(connection, socket), id)
}

/// Requests and answers in turn, until the client closes.
fn serve(stub: &Stub, stream: impl Read + Write, id: u64) -> Result<()> {
    let mut stream = BufReader::with_capacity(64 << 10, stream);
    while let Some(request) = Request::read(&mut stream)? {
        thread::sleep(stub.delay);
        let (operation, answer) = answer(stub, &request);
        if operation != "bench" {
            stub.log.write(&json!({
                "event": "request", "id": id, "at": stub.log.now(), "operation": operation, "status": answer.status,
                "method": request.method, "target": request.target,
                "in": request.body.len(), "out": answer.body.len(),
            }));
        }
        answer.write(stream.get_mut(), request.method == "HEAD")?;
    }
    Ok(())
}

fn answer(stub: &Stub, request: &Request) -> (String, Answer) {
    if let Some(target) = request.header("x-amz-target") {
        let (service, operation) = target.split_once('.').unwrap_or(("", target));
        if service == "secretsmanager" {
            let mut secrets = stub.secrets.lock().unwrap_or_else(|held| held.into_inner());
            return (operation.to_owned(), secrets.answer(operation, request));
        }
        let refusal = stub.rate.as_ref().and_then(Rate::refusal);
        let answer = refusal.unwrap_or_else(|| kms::answer(operation, request));
        return (operation.to_owned(), answer);
    }
    if request.body.starts_with(b"Action=GetCallerIdentity") {
        return ("GetCallerIdentity".to_owned(), kms::caller());
    }
    if let Some(answer) = stub.gather.order(request) {
        return ("bench".to_owned(), answer);
    }
    if let Some((operation, answer)) = sources::answer(request) {
        return (operation.to_owned(), answer);
    }
    let mut objects = stub.objects.lock().unwrap_or_else(|held| held.into_inner());
    objects.answer(request)
}
