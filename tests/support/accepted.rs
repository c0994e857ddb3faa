//! The connections of a listener.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};

/// Each connection until the listener is shut down; `incoming` would give the same error
/// from then on, without end.
pub fn accepted(listener: &TcpListener) -> impl Iterator<Item = TcpStream> {
    let is_open = |error: &std::io::Error| error.kind() != ErrorKind::InvalidInput;
    let incoming = listener.incoming();
    let until = incoming.take_while(move |socket| socket.as_ref().err().is_none_or(is_open));
    until.flatten()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Shutdown};

    use socket2::SockRef;

    use super::*;

    #[test]
    fn what_waits_for_connections_ends_when_the_listener_is_shut_down() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(accepted(&listener).next().is_some());
        drop(client);
        SockRef::from(&listener).shutdown(Shutdown::Both).unwrap();
        assert!(accepted(&listener).next().is_none());
    }
}
