//! Trust roots and proxies, with a certificate authority of our own.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

/// A TLS server for `secrets.test` and 127.0.0.1 that responds with `secret`, and the
/// PEM of the authority that signed its certificate.
fn tls_server() -> (u16, String) {
    let provider = rustls::crypto::ring::default_provider();
    tls_server_by(provider, |_| {})
}

/// The same with a given TLS provider; `seen` gets the connection after each request.
pub(super) fn tls_server_by(
    provider: CryptoProvider,
    seen: impl Fn(&ServerConnection) + Send + Sync + 'static,
) -> (u16, String) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signer = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&signer).unwrap().pem();
    let issuer = Issuer::new(authority, signer);
    let own = KeyPair::generate().unwrap();
    let names = ["secrets.test".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&own, &issuer)
        .unwrap();

    let chain: Vec<CertificateDer<'static>> = vec![certificate.into()];
    let own = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, own)
        .unwrap();
    let config = Arc::new(config);
    let port = server(move |_, socket| {
        let session = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(session, socket);
        while hear(&mut stream).is_some() {
            seen(&stream.conn);
            say(&mut stream, "secret");
        }
    });
    (port, pem)
}

/// A proxy that always connects to `target` if it gets the password, and reports each
/// CONNECT.
fn proxy(target: u16) -> (u16, mpsc::Receiver<String>) {
    let (heard, requests) = mpsc::channel();
    let port = server(move |_, mut socket| {
        let request = hear(&mut socket).unwrap();
        // hear() folds the case of base64, too.
        let known = request.contains("proxy-authorization: basic dxnlcjpwqhnz\r\n");
        heard
            .send(request.lines().next().unwrap().to_owned())
            .unwrap();
        if !known {
            let answer = "HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n";
            socket.write_all(answer.as_bytes()).unwrap();
            return;
        }
        socket
            .write_all(b"HTTP/1.1 200 Yes\r\nVia: us\r\n\r\n")
            .unwrap();
        let upstream = TcpStream::connect(("127.0.0.1", target)).unwrap();
        let (mut from, mut to) = (socket.try_clone().unwrap(), upstream.try_clone().unwrap());
        thread::spawn(move || io::copy(&mut from, &mut to));
        let _ = io::copy(&mut &upstream, &mut socket);
    });
    (port, requests)
}

pub(super) fn path(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_own_authority_is_trusted_where_it_is_named() {
    let (port, pem) = tls_server();
    let folder = crate::base::test_support::folder();
    let file = path(&folder, "authority.pem", &pem);
    let default = Network::default;
    let folders = format!("/nonexistent:{}", folder.path().display());
    let mut networks = [default(), default(), default(), default()];
    networks[0].ca_bundle = Some(file.clone());
    networks[1].ssl_cert_file = Some(file.clone());
    networks[2].ssl_cert_dir = Some(folders.into());
    networks[3].ca_bundle = Some(file);
    networks[3].ssl_cert_file = Some("/nonexistent".into());
    for network in networks {
        let client = connector(network);
        let url = format!("https://127.0.0.1:{port}/");
        run(async {
            assert_eq!(client.get(&url).await.unwrap(), "secret");
            assert_eq!(client.get(&url).await.unwrap(), "secret");
        });
        if !has_localhost() {
            continue;
        }
        let error = run(client.get(&format!("https://localhost:{port}/"))).unwrap_err();
        let told = chain(&error);
        let expected =
            "the server's certificate is not for `localhost` but for `secrets.test`, `127.0.0.1`";
        assert!(told.ends_with(expected), "{told}");
    }
}

#[test]
fn an_unknown_authority_is_not_trusted_and_not_asked_again() {
    let (port, _) = tls_server();
    let url = format!("https://127.0.0.1:{port}/");
    let error = run(connector(Network::default()).get(&url)).unwrap_err();
    assert!(error.is_other() && error.as_other().is_none());
    let expected = format!(
        "other: cannot connect to 127.0.0.1:{port}: \
         the server's certificate is signed by an unknown authority, `rcgen self signed cert`"
    );
    assert_eq!(chain(&error), expected);
    let cause = error.source().unwrap().source().unwrap();
    let fault: &TlsFault = cause.downcast_ref().unwrap();
    assert!(fault.hint().unwrap().contains("set AWS_CA_BUNDLE"));
}

#[test]
fn a_bundle_without_a_certificate_is_refused_by_its_path() {
    let folder = crate::base::test_support::folder();
    let empty = path(&folder, "empty.pem", "nothing\n");
    let missing = folder.path().join("missing.pem");
    let refused = |change: &dyn Fn(&mut Network), named: &PathBuf, why: &str| {
        let mut network = Network::default();
        change(&mut network);
        let error = run(connector(network).get("https://127.0.0.1:1/")).unwrap_err();
        let Some(Refusal::TrustRoots { path, reason, .. }) = refusal(&error) else {
            panic!("{}", chain(&error));
        };
        assert_eq!(path, named);
        assert!(reason.contains(why), "{reason}");
    };
    let absent = "No such file";
    for (named, why) in [(&empty, "it contains no certificate"), (&missing, absent)] {
        refused(
            &|network| network.ca_bundle = Some(named.clone()),
            named,
            why,
        );
        refused(
            &|network| network.ssl_cert_file = Some(named.clone()),
            named,
            why,
        );
    }
    refused(
        &|network| network.ssl_cert_dir = Some(missing.clone()),
        &missing,
        absent,
    );
}

#[test]
fn a_proxy_that_is_asked_with_its_password_leads_to_the_service() {
    let (target, pem) = tls_server();
    let (port, requests) = proxy(target);
    let folder = crate::base::test_support::folder();
    let network = Network {
        https_proxy: Some(format!("http://user:p%40ss@127.0.0.1:{port}")),
        no_proxy: Some("10.0.0.0/8".into()),
        ca_bundle: Some(path(&folder, "authority.pem", &pem)),
        ..Network::default()
    };
    // Only the proxy could resolve this name.
    let url = "https://secrets.test/";
    let client = connector(network.clone());
    run(async {
        assert_eq!(client.get(url).await.unwrap(), "secret");
        assert_eq!(client.get(url).await.unwrap(), "secret");
    });
    let asked: Vec<String> = requests.try_iter().collect();
    assert_eq!(asked, ["connect secrets.test:443 http/1.1"]);

    let direct = format!("https://127.0.0.1:{target}/");
    let mut exceptions = [network.clone(), network.clone()];
    exceptions[0].no_proxy = Some("127.0.0.1".into());
    exceptions[1].credential_endpoints = vec![Origin::of(&direct.parse().unwrap()).unwrap()];
    for network in exceptions {
        assert_eq!(run(connector(network).get(&direct)).unwrap(), "secret");
    }
    assert!(requests.try_recv().is_err(), "an exception used the proxy");

    let nameless = Network {
        https_proxy: Some(format!("127.0.0.1:{port}")),
        ..network
    };
    let error = run(connector(nameless).get(url)).unwrap_err();
    let expected = format!(
        "other: cannot connect to secrets.test:443 through the proxy 127.0.0.1:{port} of \
         HTTPS_PROXY: it demands a user and password (407)"
    );
    assert_eq!(chain(&error), expected);
}

#[test]
fn a_server_that_never_speaks_tls_costs_the_connect_timeout() {
    let port = server(|_, mut socket| {
        hear(&mut socket);
    });
    let mut client = connector(Network::default());
    client.connect = Duration::from_millis(200);
    let error = run(client.get(&format!("https://127.0.0.1:{port}/"))).unwrap_err();
    assert!(error.is_timeout());
    let expected = format!("timeout: cannot connect to 127.0.0.1:{port}: no response within 0.2 s");
    assert_eq!(chain(&error), expected);
}
