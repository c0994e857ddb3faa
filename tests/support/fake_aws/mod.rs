//! A fake of S3, KMS and STS on a port of this machine, that records.
//!
//! It keeps AWS's rules (conditions, versions, rights, encryption contexts),
//! so that a test sees the program refuse for AWS's reasons, and does wrong
//! what a test orders it to. A request that it does not know, and a fault that
//! no request meets, fail the test when the fake is dropped. Signatures are
//! not checked; it knows nothing of records. For answers that AWS would not
//! give, and for silence, a test tells it what to say (`script`).

mod bucket;
mod fault;
mod kms;
mod list;
mod request;
mod s3;
mod script;
mod serve;
mod state;
mod sts;
#[cfg(test)]
mod tests;
mod wrapping_key;

use std::collections::HashMap;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use bucket::{Elsewhere, Version, Versioning, etag};
pub use fault::{Fault, Gate, Order};
pub use request::Request;
pub use script::{WRAPPING_KEY, plain_kms, record};
pub use state::{ACCOUNT, ALIAS, BUCKET, REGION, State};
pub use wrapping_key::{Context, Status};

use crate::support::accepted::accepted;
pub use crate::support::http::Answer;
use fault::Orders;
use script::Rule;

/// The longest that a test waits for a request.
const PATIENCE: Duration = Duration::from_mins(1);

/// The fake; it ends when the last of its clones is dropped.
#[derive(Clone)]
pub struct FakeAws(Arc<Server>);

struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

/// Shared by all threads.
struct Shared {
    /// Answers given instead of AWS's.
    script: Option<Box<Rule>>,
    state: Mutex<State>,
    log: Mutex<Log>,
    recorded: Condvar,
    orders: Mutex<Orders>,
    hooks: Mutex<Vec<(String, Hook)>>,
    connections: Mutex<HashMap<usize, TcpStream>>,
    accepted: AtomicUsize,
    answered: AtomicUsize,
    /// Connections that are to be closed before anything is read.
    unwelcome: AtomicUsize,
    ended: AtomicBool,
}

#[derive(Default)]
struct Log {
    requests: Vec<Request>,
    failures: Vec<String>,
}

type Hook = Box<dyn FnOnce(&mut State) + Send>;

impl FakeAws {
    /// Starts with [`BUCKET`] and a wrapping key with [`ALIAS`], in [`REGION`] and [`ACCOUNT`].
    pub fn start() -> Self {
        Self::with(None)
    }

    fn with(script: Option<Box<Rule>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            script,
            state: Mutex::new(State::new()),
            log: Mutex::default(),
            recorded: Condvar::new(),
            orders: Mutex::default(),
            hooks: Mutex::default(),
            connections: Mutex::default(),
            accepted: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            unwelcome: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let listening = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&listener, &shared)
        });
        Self(Arc::new(Server {
            address,
            shared,
            listening: Some(listening),
        }))
    }

    /// `http://127.0.0.1:PORT`, for all services.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    pub fn port(&self) -> u16 {
        self.0.address.port()
    }

    /// All requests so far, in the order in which they came.
    pub fn requests(&self) -> Vec<Request> {
        self.0.shared.log().requests.clone()
    }

    /// Their operations: `GetObject`, `Decrypt`.
    pub fn operations(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.map(|request| request.operation).collect()
    }

    /// Their operations and targets: `GetObject acme-secrets/prod/web`, `Decrypt alias/acme`.
    pub fn told(&self) -> Vec<String> {
        self.requests().iter().map(ToString::to_string).collect()
    }

    /// The number of requests performed so far, including those with lost answers.
    pub fn done(&self) -> usize {
        self.0.shared.answered.load(Ordering::SeqCst)
    }

    /// The number of connections opened so far.
    pub fn connections(&self) -> usize {
        self.0.shared.accepted.load(Ordering::SeqCst)
    }

    /// Waits until a connection was opened; whether one was in a minute.
    pub fn is_dialled(&self) -> bool {
        let until = Instant::now() + PATIENCE;
        while self.connections() == 0 && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
        self.connections() > 0
    }

    /// Waits until nobody is connected: whatever was sent is done.
    pub fn wait_until_idle(&self) {
        // Connections are accepted in turn, and this one asks for nothing.
        let mut last = TcpStream::connect(self.0.address).expect("a connection");
        last.shutdown(Shutdown::Write).ok();
        std::io::copy(&mut last, &mut std::io::sink()).ok();
        while !self.0.shared.connections().is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.0.shared.log().requests.clear();
    }

    /// Waits until an operation has been asked for so many times.
    #[track_caller]
    pub fn wait_for(&self, operation: &str, times: usize) {
        let until = Instant::now() + PATIENCE;
        let mut log = self.0.shared.log();
        let count = |log: &Log| {
            let requests = log.requests.iter();
            requests
                .filter(|request| fault::is_of(operation, request))
                .count()
        };
        while count(&log) < times {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {operation} in {PATIENCE:?}");
            let waited = self.0.shared.recorded.wait_timeout(log, left);
            (log, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Orders a fault for an operation (`GetObject`), a service (`kms`), or `*`.
    ///
    /// Each request meets the first order that is still open. Shape:
    /// `fake.fault("PutObject", Fault::Lost.once())`.
    pub fn fault(&self, operation: &str, order: impl Into<Order>) {
        self.0.shared.orders().push(order.into().of(operation));
    }

    /// Closes so many further connections before anything is read.
    pub fn refuse_connections(&self, times: usize) {
        self.0.shared.unwelcome.store(times, Ordering::SeqCst);
    }

    /// Changes the state just before the next such request is done, once.
    pub fn before(&self, operation: &str, hook: impl FnOnce(&mut State) + Send + 'static) {
        let hook: Hook = Box::new(hook);
        self.0.shared.hooks().push((operation.to_owned(), hook));
    }

    /// Holds such requests back, undone, until the gate is opened.
    pub fn hold(&self, operation: &str) -> Gate {
        let gate = Gate::default();
        self.fault(operation, Fault::Hold(gate.clone()));
        gate
    }

    /// All that is kept, to look at and to change. No request is done meanwhile.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.shared.state()
    }

    /// The current bytes at `BUCKET/PATH`.
    pub fn object(&self, place: &str) -> Option<Vec<u8>> {
        self.state().object(place)
    }

    /// Stores bytes at `BUCKET/PATH`, and says which version they are.
    #[track_caller]
    pub fn put_object(&self, place: &str, bytes: &[u8]) -> String {
        self.state().put_object(place, bytes)
    }

    /// The versions at `BUCKET/PATH`, the oldest first.
    pub fn versions(&self, place: &str) -> Vec<Version> {
        self.state().versions(place)
    }

    /// Whether [`BUCKET`] keeps versions from now on.
    pub fn versioning(&self, on: bool) {
        self.state().bucket(BUCKET).versioning = if on {
            Versioning::On
        } else {
            Versioning::Suspended
        };
    }

    /// Makes a bucket in a region, owned by the caller.
    pub fn make_bucket(&self, name: &str, region: &str) {
        let mut state = self.state();
        let bucket = bucket::Bucket::new(region, &state.caller);
        state.buckets.insert(name.to_owned(), bucket);
    }

    /// Makes a wrapping key in an account and a region, points an alias
    /// (without `alias/`) to it, and gives its ARN.
    pub fn wrapping_key(&self, alias: &str, account: &str, region: &str) -> String {
        let mut state = self.state();
        let arn = state.kms.create(account, region);
        state.kms.point(alias, &arn);
        arn
    }

    /// Wraps a data key under the wrapping key of an alias or an ARN.
    #[track_caller]
    pub fn wrap(&self, alias_or_arn: &str, data_key: &[u8], context: &Context) -> Vec<u8> {
        let mut state = self.state();
        let arn = state.kms.key(alias_or_arn).arn.clone();
        state.kms.wrap(&arn, data_key, context.clone())
    }
}

/// A place on this machine where nothing listens, as `http://127.0.0.1:PORT`.
pub fn nowhere() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    format!("http://{address}")
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).ok();
        if let Some(listening) = self.listening.take() {
            listening.join().ok();
        }
        for connection in self.shared.connections().values() {
            connection.shutdown(Shutdown::Both).ok();
        }
        let mut failures = std::mem::take(&mut self.shared.log().failures);
        let unmet = self.shared.orders().unmet();
        failures.extend(
            unmet
                .iter()
                .map(|order| format!("no request met the fault: {order}")),
        );
        let hooks = self.shared.hooks();
        let waiting = hooks.iter().map(|(operation, _)| operation);
        failures.extend(waiting.map(|operation| format!("no {operation} for its hook")));
        drop(hooks);
        let left = self.shared.unwelcome.load(Ordering::SeqCst);
        failures.extend((left > 0).then(|| format!("{left} connections fewer than to be refused")));
        assert!(
            failures.is_empty() || thread::panicking(),
            "the fake of AWS was not asked as the test has it:\n  {}",
            failures.join("\n  ")
        );
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        lock(&self.orders)
    }

    fn hooks(&self) -> MutexGuard<'_, Vec<(String, Hook)>> {
        lock(&self.hooks)
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<usize, TcpStream>> {
        lock(&self.connections)
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// A number that no other answer has.
    fn count(&self) -> usize {
        self.answered.fetch_add(1, Ordering::SeqCst)
    }

    fn record(&self, request: Request, known: bool) {
        let mut log = self.log();
        if !known {
            let (method, path, query) = (&request.method, &request.path, &request.query);
            let line = format!("unknown request: {request} ({method} {path} {query:?})");
            log.failures.push(line);
        }
        log.requests.push(request);
        self.recorded.notify_all();
    }

    fn take_hooks(&self, is_due: impl Fn(&str) -> bool) -> Vec<Hook> {
        let mut hooks = self.hooks();
        let (due, later) = hooks
            .drain(..)
            .partition(|(operation, _)| is_due(operation));
        *hooks = later;
        let due: Vec<(String, Hook)> = due;
        due.into_iter().map(|(_, hook)| hook).collect()
    }

    /// Whether a connection is to be closed at once.
    fn turns_away(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        let (set, fetch) = (Ordering::SeqCst, Ordering::SeqCst);
        self.unwelcome.fetch_update(set, fetch, less).is_ok()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in accepted(listener) {
        if shared.has_ended() {
            return;
        }
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
        if shared.turns_away() {
            continue;
        }
        if let Ok(connection) = stream.try_clone() {
            shared.connections().insert(number, connection);
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            let served = catch_unwind(AssertUnwindSafe(|| serve::serve(stream, &shared)));
            if served.is_err() {
                shared
                    .log()
                    .failures
                    .push("the fake itself panicked".to_owned());
            }
            shared.connections().remove(&number);
        });
    }
}
