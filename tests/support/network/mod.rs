//! A network of a test's own, where AWS has its real names and addresses.
//!
//! The program runs in it without any endpoint: its own nameserver knows AWS's
//! names, which lead to the fake of AWS over TLS on port 443, and credentials
//! are at 169.254.169.254, 169.254.170.2, 169.254.170.23, STS and SSO, as in
//! AWS. Every request, connection and question is recorded.
//!
//! ```ignore
//! let Some(network) = Network::start() else { return };
//! network.imds(Imds::V2);
//! network.run("get web").secret("web", "hunter2").stdout("hunter2").ok();
//! assert_eq!(network.told(), ["PUT 169.254.169.254/latest/api/token", …,
//!     "GetObject acme-secrets.s3.us-east-1.amazonaws.com/prod/web by FROMIMDS",
//!     "Decrypt kms.us-east-1.amazonaws.com by FROMIMDS"]);
//! ```
//!
//! All of `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24`, `127.0.0.0/8`,
//! and of IPv6 `2001:db8::1`, `::2`, `::3` and `::10` is this machine: where
//! nothing listens a connection is refused. Any other address is unreachable.

mod certificates;
mod front;
mod nameserver;
mod namespace;
mod sources;
#[cfg(test)]
mod tests;
mod world;

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::{fs, thread};

use nix::unistd::geteuid;
use socket2::{Domain, SockRef, Socket, Type};

pub use nameserver::Nameserver;
pub use namespace::Namespace;
pub use sources::{ECS, EKS, EKS_6, IMDS, IMDS_6, Imds, POD_TOKEN, WEB_TOKEN};
pub use sources::{SSO_CACHE, SSO_CACHE_OF_START, SSO_START, sso_cache};
pub use world::{Asked, Said};

use world::{World, lock};

use crate::support::fake_aws::{ALIAS, FakeAws, REGION};
use crate::support::full;
use crate::support::harness::{Arguments, Run, S3_PATH, Sandbox};

/// Where AWS's names lead.
pub const AWS: &str = "198.51.100.10";
/// Where [`Network::proxy`] is.
pub const PROXY: &str = "198.51.100.80";

/// What a listener speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Tls,
}

/// The network; nothing in it answers any more when this is dropped.
pub struct Network {
    /// S3, KMS, and who is calling.
    pub aws: FakeAws,
    /// What every run here has: a region and the authority, no credentials.
    pub sandbox: Sandbox,
    space: Arc<Namespace>,
    world: Arc<World>,
    /// Listeners, and the connections that fill those that drop packets.
    held: Mutex<Vec<Socket>>,
}

impl Network {
    /// With AWS's names on port 443, a nameserver, and nobody who gives
    /// credentials but STS and SSO.
    ///
    /// `None` where this has been left out, or where the test has just been run
    /// by another process, whose user may do this.
    #[track_caller]
    pub fn start() -> Option<Self> {
        let space = match Namespace::new() {
            Ok(space) => Arc::new(space),
            Err(reason) => {
                run_as_root_of_ones_own(&reason);
                return None;
            }
        };
        let aws = FakeAws::start();
        let world = Arc::new(World {
            aws: aws.port(),
            ..World::default()
        });
        let mut sandbox = Sandbox::new();
        let authority = space.folder().join("authority.pem");
        fs::write(&authority, certificates::pem()).expect("a folder of ours");
        sandbox.set("AWS_CA_BUNDLE", authority);
        sandbox.set("AWS_REGION", REGION);
        sandbox.set("LAZYCRED_S3_PATH", S3_PATH);
        sandbox.set("LAZYCRED_KEY_ALIAS", ALIAS);
        let network = Self {
            aws,
            sandbox,
            space,
            world,
            held: Mutex::default(),
        };
        network.nameservers(&[Nameserver::Answers]);
        network.listen(&format!("{AWS}:443"), Kind::Tls);
        Some(network)
    }

    /// A run in here, with the sandbox's variables.
    pub fn run(&self, arguments: impl Arguments) -> Run {
        Run::within(&self.sandbox, arguments)
            .aws(&self.aws)
            .network(&self.space)
    }

    /// All requests so far, as [`Asked`] writes them.
    pub fn told(&self) -> Vec<String> {
        self.world.asked().iter().map(ToString::to_string).collect()
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.world.asked().clone()
    }

    /// The addresses of all connections so far: `198.51.100.10:443`.
    pub fn dialled(&self) -> Vec<String> {
        self.world.dialled().clone()
    }

    /// All that nameservers were asked: `AAAA kms.us-east-1.amazonaws.com of nameserver 0`.
    pub fn questions(&self) -> Vec<String> {
        self.world.questions().clone()
    }

    /// Forgets requests, connections and questions.
    pub fn forget(&self) {
        self.world.asked().clear();
        self.world.dialled().clear();
        self.world.questions().clear();
    }

    /// What this says comes before all other answers; the newest rule first.
    pub fn answer(&self, rule: impl Fn(&Asked) -> Option<Said> + Send + Sync + 'static) {
        lock(&self.world.rules).insert(0, Arc::new(rule));
    }

    /// Has a machine's metadata at 169.254.169.254, and at its IPv6 address.
    pub fn imds(&self, how: Imds) {
        self.world.sources().imds = how;
        self.listen(&format!("{IMDS}:80"), Kind::Plain);
        self.listen(&format!("[{IMDS_6}]:80"), Kind::Plain);
    }

    /// Has a container's credentials at 169.254.170.2, for any path: after
    /// answers with these statuses.
    pub fn ecs(&self, statuses: &[u16]) {
        self.world.sources().ecs = statuses.iter().copied().collect();
        self.listen(&format!("{ECS}:80"), Kind::Plain);
    }

    /// Has a pod's credentials at 169.254.170.23 and at its IPv6 address, for
    /// whoever has [`POD_TOKEN`].
    pub fn eks(&self, statuses: &[u16]) {
        self.world.sources().eks = statuses.iter().copied().collect();
        self.listen(&format!("{EKS}:80"), Kind::Plain);
        self.listen(&format!("[{EKS_6}]:80"), Kind::Plain);
    }

    /// Has a proxy for CONNECT, and gives its URL. Its tunnels lead to the same
    /// answers, whatever address the name has.
    pub fn proxy(&self) -> String {
        let place = format!("{PROXY}:3128");
        self.listen(&place, Kind::Plain);
        format!("http://{place}")
    }

    /// Listens at an address and port, where who answers depends on the host
    /// that a request names: at `PROXY:3128` with [`Kind::Tls`] it is a proxy
    /// for `https://`.
    pub fn listen(&self, place: &str, kind: Kind) {
        if let Some(listener) = self.bind(place) {
            front::listen(listener, kind, &self.world);
        }
    }

    /// The same for a server of the test's own; `None` if something listens
    /// there already.
    pub fn bind(&self, place: &str) -> Option<TcpListener> {
        let listener = self.socket(place, 128)?;
        let copy = listener.try_clone().expect("a descriptor more");
        lock(&self.held).push(listener);
        Some(copy.into())
    }

    /// Does something in here: what it binds and dials is this network's.
    pub fn inside<T: Send>(&self, job: impl FnOnce() -> T + Send) -> T {
        self.space.inside(job)
    }

    /// Has packets to an address and port dropped: connecting takes for ever.
    pub fn drops(&self, place: &str) {
        let Some(listener) = self.socket(place, 0) else {
            return;
        };
        // One connection that nobody accepts fills it.
        let address: SocketAddr = place.parse().expect("an address and a port");
        let filling = self.inside(|| TcpStream::connect(address));
        let filling = filling.expect("room for one");
        lock(&self.held).extend([listener, filling.into()]);
    }

    /// Whether this machine has IPv6.
    pub fn has_ipv6(&self) -> bool {
        self.inside(|| TcpListener::bind("[2001:db8::1]:0").is_ok())
    }

    /// `None` if something listens there already.
    fn socket(&self, place: &str, backlog: i32) -> Option<Socket> {
        let address: SocketAddr = place.parse().expect("an address and a port");
        self.inside(|| {
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).ok()?;
            socket.bind(&address.into()).ok()?;
            socket.listen(backlog).expect("it is bound");
            Some(socket)
        })
    }

    /// What a name's addresses are; without any it exists all the same.
    pub fn resolves(&self, name: &str, addresses: &[&str]) {
        let parse = |address: &&str| address.parse().expect("an address");
        let addresses = addresses.iter().map(parse).collect();
        lock(&self.world.names).insert(name.to_owned(), addresses);
    }

    /// Has these nameservers, at 198.51.100.53 and the addresses after it, and
    /// has `resolv.conf` name them in their order.
    pub fn nameservers(&self, all: &[Nameserver]) {
        let address = |number: usize| format!("198.51.100.{}", 53 + number);
        let before = {
            let mut known = self.world.nameservers();
            let before = known.len();
            known.resize(before.max(all.len()), Nameserver::Answers);
            known[..all.len()].copy_from_slice(all);
            before
        };
        for number in before..all.len() {
            let place = format!("{}:53", address(number));
            let socket = self.inside(|| UdpSocket::bind(place));
            nameserver::serve(socket.expect("a free port"), number, &self.world);
        }
        let lines = (0..all.len()).map(|number| format!("nameserver {}\n", address(number)));
        self.resolv_conf(&lines.collect::<String>());
    }

    /// Writes `/etc/resolv.conf` in here.
    pub fn resolv_conf(&self, text: &str) {
        self.space.write("resolv.conf", text);
    }

    /// Writes `/etc/hosts` in here.
    pub fn hosts(&self, text: &str) {
        self.space.write("hosts", text);
    }
}

/// Runs this thread's test where its user is root, if there is such a place.
#[track_caller]
fn run_as_root_of_ones_own(reason: &str) {
    const WHAT: &str = "a network of its own";
    let unshare = |args: &[&str]| Command::new("unshare").args(args).output();
    let make = "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up";
    let may = unshare(&["-rnm", "sh", "-c", make]);
    let may = may.is_ok_and(|made| made.status.success()) && !geteuid().is_root();
    let current = thread::current();
    let test = current.name().filter(|name| may && *name != "main");
    let program = std::env::current_exe().expect("a path");
    let (Some(test), Some(program)) = (test, program.to_str()) else {
        return full::or_skip(WHAT, reason);
    };
    let done = unshare(&["-r", program, "--exact", test, "--test-threads", "2"]);
    let done = done.expect("it ran before");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    // Its own summary is read by nobody.
    if String::from_utf8_lossy(&done.stderr).contains(WHAT) {
        full::or_skip(WHAT, reason);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.world.ended.store(true, Ordering::SeqCst);
        for socket in lock(&self.held).iter() {
            // What listens then accepts nothing more.
            SockRef::from(socket)
                .shutdown(std::net::Shutdown::Both)
                .ok();
        }
    }
}
