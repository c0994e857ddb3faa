//! TLS on this machine, and in front of the fake of AWS: whoever ends it holds
//! what KMS answers too.

use std::io::{self, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::fake_aws::FakeAws;
use crate::support::http::Message;

/// What a server on this machine speaks TLS with, and its authority in PEM.
pub fn loopback() -> (Arc<ServerConfig>, String) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signer = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&signer).unwrap().pem();
    let own = KeyPair::generate().unwrap();
    let names = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let issuer = Issuer::new(authority, signer);
    let certificate = names.signed_by(&own, &issuer).unwrap();
    let chain: Vec<CertificateDer<'static>> = vec![certificate.into()];
    let own = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, own)
        .unwrap();
    (Arc::new(config), pem)
}

/// Where it is to be asked, and its authority in PEM. It lives as long as the
/// test process.
pub fn in_front_of(aws: &FakeAws) -> (String, String) {
    let (config, authority) = loopback();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let behind = aws.port();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            // A client that hangs up is no failure.
            thread::spawn(move || serve(socket, config, behind).ok());
        }
    });
    (url, authority)
}

fn serve(socket: TcpStream, config: Arc<ServerConfig>, behind: u16) -> io::Result<()> {
    let session = ServerConnection::new(config).unwrap();
    let mut client = BufReader::new(StreamOwned::new(session, socket));
    let mut server = BufReader::new(TcpStream::connect((Ipv4Addr::LOCALHOST, behind))?);
    while let Some(request) = Message::read(&mut client)? {
        server.get_mut().write_all(&text(&request))?;
        let Some(answer) = Message::read(&mut server)? else {
            return Ok(());
        };
        client.get_mut().write_all(&text(&answer))?;
        client.get_mut().flush()?;
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
