//! Reaches one of a host's addresses.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The head start of an address over the next one, if there is time for all of them.
const HEAD_START: Duration = Duration::from_millis(300);

/// How many addresses are tried at most: a name may have thousands.
const ADDRESSES: usize = 16;

/// The size of the system's send buffer, in bytes. A slow upload shows progress only
/// when this buffer drains.
const SEND_BUFFER: u32 = 128 * 1024;

/// No address of a host can be reached: each one tried, and why. Never empty.
#[derive(Debug)]
pub(super) struct Unreachable(Vec<(SocketAddr, io::Error)>);

/// Says the cause alone if it is the same for all.
impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told: Vec<(SocketAddr, String)> = Vec::new();
        for (address, error) in &self.0 {
            let cause = error.to_string();
            if told.iter().all(|(_, earlier)| *earlier != cause) {
                told.push((*address, cause));
            }
        }
        match told.as_slice() {
            [] => f.write_str("no address"),
            [(_, cause)] => f.write_str(cause),
            [first, second, ..] => {
                let [(one, why), (other, why_not)] = [first, second];
                write!(f, "{}: {why}, {}: {why_not}", one.ip(), other.ip())
            }
        }
    }
}

impl Error for Unreachable {}

/// Tries a host's addresses in turn, each with a head start over the next: a shorter
/// one if otherwise the last would be tried after half of `limit`.
pub(super) async fn reach(found: &[SocketAddr], limit: Duration) -> Result<TcpStream, Unreachable> {
    let mut turns = alternating(found);
    turns.truncate(ADDRESSES);
    let count = u32::try_from(turns.len()).unwrap_or(u32::MAX).max(1);
    let head_start = HEAD_START.min(limit / 2 / count);
    let mut unreachable = Unreachable(Vec::new());
    let mut attempts = JoinSet::new();
    let mut keep = |done: Result<Result<TcpStream, _>, _>| match done {
        Ok(Ok(socket)) => Some(socket),
        Ok(Err(error)) => {
            unreachable.0.push(error);
            None
        }
        Err(_) => None,
    };
    for address in turns {
        attempts.spawn(async move {
            let socket = connect(address).await;
            socket.map_err(|error| (address, error))
        });
        if let Ok(Some(done)) = timeout(head_start, attempts.join_next()).await
            && let Some(socket) = keep(done)
        {
            return Ok(socket);
        }
    }
    while let Some(done) = attempts.join_next().await {
        if let Some(socket) = keep(done) {
            return Ok(socket);
        }
    }
    Err(unreachable)
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_nodelay(true)?;
    socket.connect(address).await
}

/// The addresses with IPv6 and IPv4 alternating, in the resolver's order, so that a
/// family without a route costs only one head start.
///
/// Source: RFC 8305, section 4.
fn alternating(found: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = found.first().map(SocketAddr::is_ipv6) else {
        return Vec::new();
    };
    let (ahead, behind): (Vec<SocketAddr>, Vec<_>) =
        found.iter().partition(|address| address.is_ipv6() == first);
    let mut behind = behind.into_iter();
    let mut turns = Vec::new();
    for address in ahead {
        turns.push(address);
        turns.extend(behind.next());
    }
    turns.extend(behind);
    turns
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;
    use crate::base::test_support::run;

    #[test]
    fn address_families_take_turns() {
        let table = [
            ("a::1 a::2 a::3 1.1.1.1", "a::1 1.1.1.1 a::2 a::3"),
            ("1.1.1.1 a::1 a::2", "1.1.1.1 a::1 a::2"),
            ("1.1.1.1", "1.1.1.1"),
            ("", ""),
        ];
        for (found, expected) in table {
            let parse = |text: &str| -> Vec<SocketAddr> {
                let words = text.split_whitespace();
                words
                    .map(|word| (word.parse::<std::net::IpAddr>().unwrap(), 1).into())
                    .collect()
            };
            assert_eq!(alternating(&parse(found)), parse(expected));
        }
    }

    /// A listener whose queue is full: the system drops what else comes.
    fn silent() -> (SocketAddr, Vec<std::net::TcpStream>) {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let socket = socket.unwrap();
        let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        socket.bind(&any.into()).unwrap();
        socket.listen(0).unwrap();
        let listener: TcpListener = socket.into();
        let address = listener.local_addr().unwrap();
        let mut held = Vec::new();
        while let Ok(one) =
            std::net::TcpStream::connect_timeout(&address, Duration::from_millis(50))
        {
            held.push(one);
        }
        std::mem::forget(listener);
        (address, held)
    }

    #[test]
    fn silent_addresses_leave_time_for_the_others() {
        let (address, _held) = silent();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let open = listener.local_addr().unwrap();
        let mut found = vec![address; ADDRESSES - 1];
        found.push(open);
        let limit = Duration::from_secs(2);
        let reached = run(async { timeout(limit, reach(&found, limit)).await });
        assert_eq!(reached.unwrap().unwrap().peer_addr().unwrap(), open);
    }

    #[test]
    fn of_a_name_with_very_many_addresses_only_some_are_dialled() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let open = listener.local_addr().unwrap();
        let refusing = |last: u16| SocketAddr::from(([127, 0, 1, 1], last));
        for (before, is_reached) in [(15, true), (16, false), (4000, false)] {
            let mut found: Vec<SocketAddr> = (1..=before).map(refusing).collect();
            found.push(open);
            let reached = run(reach(&found, Duration::from_secs(2)));
            assert_eq!(reached.is_ok(), is_reached, "{before}");
            let tried = reached.map_or_else(|unreachable| unreachable.0.len(), |_| ADDRESSES);
            assert_eq!(tried, ADDRESSES, "{before}");
        }
    }

    #[test]
    fn the_same_cause_is_told_once_and_others_with_their_addresses() {
        let fault = |address: &str, kind: io::ErrorKind| {
            let address: SocketAddr = address.parse().unwrap();
            (address, io::Error::from(kind))
        };
        let refused = io::ErrorKind::ConnectionRefused;
        let same = Unreachable(vec![
            fault("1.1.1.1:1", refused),
            fault("[a::1]:1", refused),
        ]);
        assert_eq!(same.to_string(), "connection refused");
        let mixed = Unreachable(vec![
            fault("[a::1]:1", io::ErrorKind::NetworkUnreachable),
            fault("1.1.1.1:1", refused),
        ]);
        assert_eq!(
            mixed.to_string(),
            "a::1: network unreachable, 1.1.1.1: connection refused"
        );
    }
}
