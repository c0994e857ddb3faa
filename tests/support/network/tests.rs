//! The network does what tests rely on.

use std::io::ErrorKind::{
    ConnectionRefused, ConnectionReset, NetworkUnreachable, TimedOut, WouldBlock,
};
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::time::Duration;

use super::*;
use crate::support::http::Answer;

/// For what comes, and for what never does.
const PATIENCE: Duration = Duration::from_mins(1);
const MOMENT: Duration = Duration::from_millis(300);

/// Asks a nameserver for a name: the code of the answer and its last bytes.
fn ask(network: &Network, number: usize, kind: u8, name: &str) -> Option<(u8, Vec<u8>)> {
    ask_for(PATIENCE, network, number, kind, name)
}

fn ask_for(
    wait: Duration,
    network: &Network,
    number: usize,
    kind: u8,
    name: &str,
) -> Option<(u8, Vec<u8>)> {
    let mut packet = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        packet.push(u8::try_from(label.len()).unwrap());
        packet.extend(label.bytes());
    }
    packet.extend([0, 0, kind, 0, 1]);
    network.inside(|| {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let place = format!("198.51.100.{}:53", 53 + number);
        socket.send_to(&packet, place).unwrap();
        socket.set_read_timeout(Some(wait)).unwrap();
        let mut answer = [0; 512];
        let length = socket.recv(&mut answer).ok()?;
        Some((answer[3] & 15, answer[packet.len()..length].to_vec()))
    })
}

#[test]
fn a_nameserver_answers_as_it_is_told_to() {
    let Some(network) = Network::start() else {
        return;
    };
    network.resolves("both.test", &["192.0.2.1", "2001:db8::1", "192.0.2.2"]);
    let (code, answers) = ask(&network, 0, 1, "both.test").unwrap();
    assert_eq!((code, answers.len()), (0, 32));
    assert_eq!(answers[28..], [192, 0, 2, 2]);
    let (code, answers) = ask(&network, 0, 28, "both.test").unwrap();
    assert_eq!((code, answers.len(), answers[27]), (0, 28, 1));
    assert_eq!(ask(&network, 0, 1, "acme.test"), Some((3, Vec::new())));
    let (_, answers) = ask(&network, 0, 1, "s3.cn-north-1.amazonaws.com.cn").unwrap();
    assert_eq!(answers[12..], [198, 51, 100, 10]);
    let late = Nameserver::Late(Duration::from_millis(1));
    for (mode, of_a, of_aaaa) in [
        (Nameserver::Silent, None, None),
        (Nameserver::SilentForAaaa, Some(0), None),
        (late, Some(0), Some(0)),
        (Nameserver::Fails, Some(2), Some(2)),
        (Nameserver::Denies, Some(3), Some(3)),
    ] {
        network.nameservers(&[Nameserver::Answers, mode]);
        for (kind, expected) in [(1, of_a), (28, of_aaaa)] {
            let wait = expected.map_or(MOMENT, |_| PATIENCE);
            let answer = ask_for(wait, &network, 1, kind, "both.test");
            assert_eq!(answer.map(|(code, _)| code), expected, "{mode:?} {kind}");
        }
    }
    assert_eq!(network.questions().len(), 14);
}

#[test]
fn packets_are_dropped_connections_refused_and_the_rest_is_unreachable() {
    let Some(network) = Network::start() else {
        return;
    };
    network.drops("192.0.2.1:443");
    network.listen("192.0.2.2:443", Kind::Plain);
    let dial = |wait: Duration, place: &str| {
        let address = place.parse().unwrap();
        network
            .inside(|| TcpStream::connect_timeout(&address, wait).map(drop))
            .map_err(|error| error.kind())
    };
    assert_eq!(dial(MOMENT, "192.0.2.1:443"), Err(TimedOut));
    assert_eq!(dial(PATIENCE, "192.0.2.2:443"), Ok(()));
    assert_eq!(dial(PATIENCE, "192.0.2.3:443"), Err(ConnectionRefused));
    assert_eq!(dial(PATIENCE, "10.9.8.7:443"), Err(NetworkUnreachable));
}

#[test]
fn a_request_is_answered_closed_or_reset_as_a_rule_says() {
    let Some(network) = Network::start() else {
        return;
    };
    network.listen("192.0.2.2:80", Kind::Plain);
    network.answer(|asked| match &*asked.path {
        "/close" => Some(Said::Close),
        "/reset" => Some(Said::Reset),
        "/never" => Some(Said::Nothing),
        _ => Some(Answer::new(200, "here").into()),
    });
    let ask = |path: &str| -> std::io::Result<usize> {
        let mut socket = network.inside(|| TcpStream::connect("192.0.2.2:80"))?;
        let wait = if path == "/never" { MOMENT } else { PATIENCE };
        socket.set_read_timeout(Some(wait))?;
        write!(socket, "GET {path} HTTP/1.0\r\nhost: acme.test\r\n\r\n")?;
        socket.read(&mut [0; 500])
    };
    assert!(ask("/").is_ok_and(|length| length > 0));
    assert!(ask("/close").is_ok_and(|length| length == 0));
    assert_eq!(
        ask("/reset").map_err(|error| error.kind()),
        Err(ConnectionReset)
    );
    assert_eq!(ask("/never").map_err(|error| error.kind()), Err(WouldBlock));
    assert_eq!(network.told()[0], "GET acme.test");
}
