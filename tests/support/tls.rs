//! TLS on this machine, and in front of the fake of AWS: whoever ends it holds
//! what KMS answers too.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::accepted::accepted;
use crate::support::fake_aws::FakeAws;
use crate::support::http::Message;

/// What a server on this machine speaks TLS with, and its authority in PEM.
pub fn loopback() -> (Arc<ServerConfig>, String) {
    loopback_with(&["127.0.0.1"], |_| {})
}

/// The same for these hosts, with something about the certificate changed.
pub fn loopback_with(
    hosts: &[&str],
    change: impl FnOnce(&mut CertificateParams),
) -> (Arc<ServerConfig>, String) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signer = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&signer).unwrap().pem();
    let own = KeyPair::generate().unwrap();
    let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
    let mut about = CertificateParams::new(hosts).unwrap();
    change(&mut about);
    let issuer = Issuer::new(authority, signer);
    let certificate = about.signed_by(&own, &issuer).unwrap();
    let own = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    (speaking(certificate.into(), own), pem)
}

/// What a server speaks TLS with by a certificate of `fixtures/certificates`.
pub fn loopback_by(name: &str) -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_file(certificate_file(name)).unwrap();
    let own = certificate_file(&format!("{name}.private"));
    speaking(certificate, PrivateKeyDer::from_pem_file(own).unwrap())
}

/// The path of a certificate there.
pub fn certificate_file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/fixtures/certificates");
    folder.join(format!("{name}.pem"))
}

fn speaking(
    certificate: CertificateDer<'static>,
    own: PrivateKeyDer<'static>,
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], own)
        .unwrap();
    Arc::new(config)
}

/// Where it is to be asked, and its authority in PEM. It lives as long as the
/// test process.
pub fn in_front_of(aws: &FakeAws) -> (String, String) {
    let (config, authority) = loopback();
    let port = serving(aws, &config, false);
    (format!("https://127.0.0.1:{port}"), authority)
}

/// The port where it is to be asked by TLS. `once` has it hang up after each answer.
pub fn serving(aws: &FakeAws, config: &Arc<ServerConfig>, once: bool) -> u16 {
    let (config, behind) = (Arc::clone(config), aws.port());
    listening(move |socket| {
        // A client that hangs up is no failure.
        serve(socket, Arc::clone(&config), behind, once).ok();
    })
}

/// The port of a server that has this done to each connection, in a thread of its own.
pub fn listening(each: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let each = Arc::new(each);
    thread::spawn(move || {
        for socket in accepted(&listener) {
            let each = Arc::clone(&each);
            thread::spawn(move || each(socket));
        }
    });
    port
}

/// Reads the first message of a TLS client, in its record.
pub fn first_message(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut record = vec![0; 5];
    client.read_exact(&mut record)?;
    let length = u16::from_be_bytes([record[3], record[4]]);
    record.resize(5 + usize::from(length), 0);
    client.read_exact(&mut record[5..])?;
    Ok(record)
}

/// The port of a server that answers it with these bytes and hangs up, and how many
/// times it did.
pub fn answering(bytes: &'static [u8]) -> (u16, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let port = listening(move |mut socket| {
        counted.fetch_add(1, Ordering::Relaxed);
        first_message(&mut socket).unwrap();
        socket.write_all(bytes).unwrap();
        socket.shutdown(Shutdown::Write).ok();
        socket.read_to_end(&mut Vec::new()).ok();
    });
    (port, count)
}

fn serve(socket: TcpStream, config: Arc<ServerConfig>, behind: u16, once: bool) -> io::Result<()> {
    let session = ServerConnection::new(config).unwrap();
    let mut client = BufReader::new(StreamOwned::new(session, socket));
    let mut server = None;
    while let Some(request) = Message::read(&mut client)? {
        let server = match &mut server {
            Some(server) => server,
            none => {
                let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, behind))?;
                none.insert(BufReader::new(socket))
            }
        };
        server.get_mut().write_all(&text(&request))?;
        let Some(answer) = Message::read(server)? else {
            return Ok(());
        };
        client.get_mut().write_all(&text(&answer))?;
        client.get_mut().flush()?;
        if once {
            client.get_mut().conn.send_close_notify();
            return client.get_mut().flush();
        }
    }
    Ok(())
}

fn text(message: &Message) -> Vec<u8> {
    let mut text = format!("{}\r\n", message.start).into_bytes();
    for (name, value) in &message.headers {
        text.extend(format!("{name}: {value}\r\n").bytes());
    }
    text.extend(b"\r\n");
    text.extend(&message.body);
    text
}
