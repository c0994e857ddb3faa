//! The least that a program with rustls can do: two full handshakes, two
//! requests, then another program in its place.
//!
//! Usage: `floor URL URL PROGRAM`. It knows no command line, no JSON, no
//! signatures and no secrets, so that what lazycred costs beyond it is
//! lazycred's own. Trust roots are those in the file that AWS_CA_BUNDLE names,
//! as they are lazycred's.

use std::error::Error;
use std::ffi::CString;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, second, program] = &arguments[..] else {
        return Err("usage: floor URL URL PROGRAM".into());
    };
    let mut tls = None;
    for url in [first, second] {
        let (scheme, rest) = url.split_once("://").ok_or("no scheme")?;
        let (place, path) = rest.split_once('/').ok_or("no path")?;
        let socket = TcpStream::connect(place)?;
        socket.set_nodelay(true)?;
        if scheme == "http" {
            ask(socket, place, path)?;
            continue;
        }
        if tls.is_none() {
            tls = Some(config()?);
        }
        let host = place.split(':').next().unwrap_or(place).to_owned();
        let config = tls.clone().ok_or("no configuration")?;
        let connection = ClientConnection::new(config, host.try_into()?)?;
        ask(StreamOwned::new(connection, socket), place, path)?;
    }
    let program = CString::new(program.as_str())?;
    let arguments = [program.as_ptr(), std::ptr::null()];
    // SAFETY: both are C strings, the second in an array that ends with a null pointer. `exec`
    // of the standard library would try a shell where the program cannot be run.
    unsafe { libc::execv(program.as_ptr(), arguments.as_ptr()) };
    Err(io::Error::last_os_error().into())
}

fn config() -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let bundle = std::env::var("AWS_CA_BUNDLE")?;
    for certificate in CertificateDer::pem_file_iter(bundle)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// One request; the answer is read to the end that its length announces.
fn ask(mut stream: impl Read + Write, host: &str, path: &str) -> Result<()> {
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\n\r\n")?;
    stream.flush()?;
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part)?;
        if read == 0 {
            return Err("the answer was cut short".into());
        }
        answer.extend_from_slice(&part[..read]);
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&answer[..end])?;
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .ok_or("no length")?
            .parse()?;
        if answer.len() >= end + 4 + length {
            return Ok(());
        }
    }
}
