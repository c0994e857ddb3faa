//! Connections: reused, turned away, refused.

use std::io::{BufReader, Write};
use std::net::TcpStream;

use super::{raw, wire};
use crate::support::fake_aws::{FakeAws, nowhere};
use crate::support::http::Message;

#[test]
fn a_connection_serves_one_request_after_another() {
    let fake = FakeAws::start();
    fake.put_object("acme-secrets/a", b"one");
    let mut stream = TcpStream::connect(("127.0.0.1", fake.port())).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let request = wire("GET", "/acme-secrets/a", "").replace("connection: close\r\n", "");
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).unwrap();
        let answer = Message::read(&mut reader).unwrap().unwrap();
        assert_eq!(answer.body, b"one");
    }
    assert_eq!((fake.connections(), fake.requests().len()), (1, 3));
}

#[test]
fn connections_are_turned_away_as_often_as_ordered() {
    let fake = FakeAws::start();
    fake.refuse_connections(1);
    let ask = || raw(&fake, &wire("HEAD", "/acme-secrets", ""));
    assert_eq!(ask().unwrap_or_default(), "");
    assert!(ask().unwrap().starts_with("HTTP/1.1 200"));
    assert_eq!(fake.operations(), ["HeadBucket"]);
}

#[test]
fn nothing_listens_nowhere() {
    let address = nowhere();
    let address = address.strip_prefix("http://").unwrap();
    let refused = TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}
