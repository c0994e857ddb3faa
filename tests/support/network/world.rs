//! What all threads of a network share: what was asked, and what is to be said.

use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::AWS;
use super::nameserver::{Nameserver, Table};
use super::sources::Sources;
use crate::support::fake_aws::Request;
use crate::support::http::Answer;

/// What AWS's names end with, by partition.
const SUFFIXES: [&str; 8] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".api.aws",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
];
/// What a test has said instead of an answer.
#[derive(Debug, Clone)]
pub enum Said {
    Answer(Answer),
    /// Nothing, until the client has gone.
    Nothing,
    Close,
    Reset,
}

impl From<Answer> for Said {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The host that it names; of CONNECT, with the port.
    pub host: String,
    /// As it was sent: without a bucket that the host names.
    pub path: String,
    /// Whether it came through [`Network::proxy`].
    pub proxied: bool,
    /// With the bucket in its path.
    pub request: Request,
}

/// `Decrypt kms.us-east-1.amazonaws.com by AKIDEXAMPLE via the proxy`: the
/// operation or the method, host and path, and whose signature it has.
impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = &self.request;
        let what = match &*request.operation {
            "" => &request.method,
            operation => operation,
        };
        write!(f, "{what} {}", self.host)?;
        if self.path != "/" && self.path != self.host {
            write!(f, "{}", self.path)?;
        }
        let signed = request.header("authorization").unwrap_or_default();
        if let Some((_, scope)) = signed.split_once("Credential=") {
            let id = scope.split('/').next().unwrap_or_default();
            write!(f, " by {id}")?;
        }
        f.write_str(if self.proxied { " via the proxy" } else { "" })
    }
}

pub type Rule = dyn Fn(&Asked) -> Option<Said> + Send + Sync;

/// Shared by all threads.
#[derive(Default)]
pub struct World {
    /// The port of the fake of AWS, in the network of the tests.
    pub aws: u16,
    pub asked: Mutex<Vec<Asked>>,
    pub dialled: Mutex<Vec<String>>,
    pub questions: Mutex<Vec<String>>,
    pub nameservers: Mutex<Vec<Nameserver>>,
    pub names: Mutex<Table>,
    pub sources: Mutex<Sources>,
    pub rules: Mutex<Vec<Arc<Rule>>>,
    pub ended: AtomicBool,
}

impl World {
    pub fn asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        lock(&self.asked)
    }

    pub fn dialled(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.dialled)
    }

    pub fn questions(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.questions)
    }

    pub fn nameservers(&self) -> MutexGuard<'_, Vec<Nameserver>> {
        lock(&self.nameservers)
    }

    pub fn sources(&self) -> MutexGuard<'_, Sources> {
        lock(&self.sources)
    }

    pub fn ruled(&self, asked: &Asked) -> Option<Said> {
        // One that takes its time holds up nobody else.
        let rules = lock(&self.rules).clone();
        rules.iter().find_map(|rule| rule(asked))
    }

    /// `None` if there is no such name.
    pub fn addresses(&self, name: &str) -> Option<Vec<IpAddr>> {
        if let Some(known) = lock(&self.names).get(name) {
            return Some(known.clone());
        }
        let is_aws = SUFFIXES.iter().any(|end| name.ends_with(end));
        is_aws.then(|| vec![AWS.parse().expect("an address")])
    }

    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }
}

/// The bucket that a host of S3 names, and the host without it.
pub fn bucket_of(host: &str) -> Option<(&str, &str)> {
    let places = ["s3.", "s3-fips.", "s3-accesspoint.", "s3-accesspoint-fips."];
    let find = |place: &&str| host.find(&format!(".{place}"));
    let at = places.iter().find_map(find)?;
    Some((&host[..at], &host[at + 1..]))
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
