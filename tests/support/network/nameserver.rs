//! Nameservers on UDP port 53: what each does, and what it is asked.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::world::World;

/// What a nameserver does with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nameserver {
    /// Answers out of the table; AWS's names are there.
    Answers,
    /// Never says anything.
    Silent,
    /// Says nothing where an IPv6 address is asked for.
    SilentForAaaa,
    /// Answers so much later.
    Late(Duration),
    /// SERVFAIL.
    Fails,
    /// NXDOMAIN.
    Denies,
}

/// Addresses by name; a name that is none of AWS's and not here is unknown.
pub type Table = HashMap<String, Vec<IpAddr>>;

const A: u16 = 1;
const AAAA: u16 = 28;

/// Answers until the world ends.
pub fn serve(socket: UdpSocket, number: usize, world: &Arc<World>) {
    let wait = Some(Duration::from_millis(100));
    socket.set_read_timeout(wait).expect("a wait");
    let socket = Arc::new(socket);
    let world = Arc::clone(world);
    thread::spawn(move || {
        let mut packet = [0; 1500];
        while !world.has_ended() {
            if let Ok((length, client)) = socket.recv_from(&mut packet) {
                answer(&socket, &packet[..length], client, number, &world);
            }
        }
    });
}

fn answer(
    socket: &Arc<UdpSocket>,
    packet: &[u8],
    client: SocketAddr,
    number: usize,
    world: &World,
) {
    let Some((name, kind, end)) = question(packet) else {
        return;
    };
    let letters = match kind {
        A => "A",
        AAAA => "AAAA",
        _ => "other",
    };
    let asked = format!("{letters} {name} of nameserver {number}");
    world.questions().push(asked);
    let mode = world.nameservers()[number];
    let (code, addresses) = match mode {
        Nameserver::Silent => return,
        Nameserver::SilentForAaaa if kind == AAAA => return,
        Nameserver::Fails => (2, Vec::new()),
        Nameserver::Denies => (3, Vec::new()),
        _ => match world.addresses(&name) {
            Some(all) => (0, all),
            None => (3, Vec::new()),
        },
    };
    let is_asked =
        |address: &&IpAddr| (kind == A && address.is_ipv4()) || (kind == AAAA && address.is_ipv6());
    let addresses: Vec<&IpAddr> = addresses.iter().filter(is_asked).collect();
    // Ours, recursion available, and the result.
    let mut reply = [&packet[..2], &[0x81, 0x80 | code], &[0, 1]].concat();
    let count = u16::try_from(addresses.len()).expect("a few");
    reply.extend(count.to_be_bytes());
    reply.extend([0; 4]);
    reply.extend(&packet[12..end]);
    for address in addresses {
        let bytes = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        // The name as in the question, its kind, class IN, a minute, its length.
        reply.extend([0xc0, 12]);
        reply.extend(kind.to_be_bytes());
        reply.extend([0, 1, 0, 0, 0, 60, 0]);
        reply.push(u8::try_from(bytes.len()).expect("4 or 16"));
        reply.extend(bytes);
    }
    match mode {
        Nameserver::Late(pause) => {
            let socket = Arc::clone(socket);
            thread::spawn(move || {
                thread::sleep(pause);
                socket.send_to(&reply, client).ok();
            });
        }
        _ => drop(socket.send_to(&reply, client)),
    }
}

/// The name in lower case, what is asked of it, and where the question ends.
fn question(packet: &[u8]) -> Option<(String, u16, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        let label = packet.get(at..at + length)?;
        labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        at += length;
    }
    let kind = packet.get(at..at + 2)?;
    packet.get(at + 2..at + 4)?;
    let kind = u16::from_be_bytes([kind[0], kind[1]]);
    Some((labels.join("."), kind, at + 4))
}
