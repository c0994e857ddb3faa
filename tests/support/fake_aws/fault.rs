//! What goes wrong on order, and at which request.
//!
//! A test orders a fault for an operation; each request that matches takes the
//! first order that is still open. `serve` carries it out.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::request::Request;

/// One thing that goes wrong. Where nothing else is said, the operation is done.
#[derive(Clone)]
pub enum Fault {
    /// Not done: the service's error with this status, code and message.
    Error(u16, &'static str, &'static str),
    /// Not done: the caller has no right to.
    Denied,
    /// Not done: the connection is reset while the body is still to be read.
    Reset,
    /// Not done: the connection is closed without an answer.
    Close,
    /// Not done: nothing is ever answered.
    Stall,
    /// Done, and the connection is closed without an answer.
    Lost,
    /// Done, and the connection is reset without an answer.
    LostByReset,
    /// Done, and nothing is ever answered.
    DoneThenStall,
    /// Done, and answered with an error nevertheless.
    DoneThenError(u16, &'static str, &'static str),
    /// That many bytes of the body are sent, and then nothing more.
    StallAfter(usize),
    /// That many bytes of the body are sent, and then the connection is closed.
    Cut(usize),
    /// The answer claims to be this long.
    Length(usize),
    /// The answer's body is sent a byte at a time, with a pause before each.
    Slow(Duration),
    /// The answer's body is this one.
    Body(Vec<u8>),
    /// Done, and these bytes are sent in place of an answer, and then the connection is closed.
    Raw(&'static str),
    /// Not done: refused, since the caller's clock is wrong; `Date` tells how much.
    Skewed,
    /// The answer has this header, or none of this name where the value is empty.
    Header(&'static str, &'static str),
    /// The answer's body goes through this.
    Sent(Change),
    /// The request's body goes through this.
    Received(Change),
    /// `If-Match`, `If-None-Match` and the expected owner are not looked at.
    Unconditional,
    /// Not done before the gate is open.
    Hold(Gate),
}

/// A change of bytes.
pub type Change = Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>;

impl Fault {
    /// The answer's body goes through `change`.
    pub fn sent(change: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::Sent(Arc::new(change))
    }

    /// The request's body goes through `change` before it is looked at.
    pub fn received(change: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::Received(Arc::new(change))
    }

    /// At the first request that matches.
    pub fn once(self) -> Order {
        self.times(1)
    }

    /// At the first so many requests that match.
    pub fn times(self, times: usize) -> Order {
        Order {
            times: Some(times),
            ..Order::from(self)
        }
    }

    /// At the nth request that matches, counted from 1, and at no other.
    pub fn at(self, nth: usize) -> Order {
        Order {
            skip: nth - 1,
            ..self.once()
        }
    }

    /// At every request that matches but the first so many.
    pub fn after(self, first: usize) -> Order {
        Order {
            skip: first,
            ..Order::from(self)
        }
    }

    /// At requests beyond so many a second; as many may come at once.
    pub fn beyond(self, rate: u32) -> Order {
        let rate = f64::from(rate);
        let allowance = Allowance {
            rate,
            left: rate,
            since: Instant::now(),
        };
        Order {
            allowance: Some(allowance),
            ..Order::from(self)
        }
    }

    /// Whether the body is not even read.
    fn is_early(&self) -> bool {
        matches!(self, Self::Reset)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(status, code, _) => write!(f, "{status} {code}"),
            Self::DoneThenError(status, code, _) => write!(f, "done, then {status} {code}"),
            Self::Denied => f.write_str("denied"),
            Self::Reset => f.write_str("reset"),
            Self::Close => f.write_str("close"),
            Self::Stall => f.write_str("stall"),
            Self::Lost | Self::LostByReset => f.write_str("lost answer"),
            Self::DoneThenStall => f.write_str("done, then stall"),
            Self::StallAfter(length) => write!(f, "stall after {length} bytes"),
            Self::Cut(length) => write!(f, "cut after {length} bytes"),
            Self::Length(length) => write!(f, "length {length}"),
            Self::Slow(pause) => write!(f, "{pause:?} a byte"),
            Self::Body(body) => write!(f, "another body of {} bytes", body.len()),
            Self::Raw(bytes) => write!(f, "{bytes:?}"),
            Self::Skewed => f.write_str("skewed clock"),
            Self::Header(name, value) => write!(f, "header {name}: {value}"),
            Self::Sent(_) => f.write_str("body changed when sent"),
            Self::Received(_) => f.write_str("body changed when received"),
            Self::Unconditional => f.write_str("conditions not looked at"),
            Self::Hold(_) => f.write_str("hold"),
        }
    }
}

/// A fault and when it happens: at every request, unless it says otherwise.
#[derive(Debug)]
pub struct Order {
    fault: Fault,
    operation: String,
    target: String,
    skip: usize,
    times: Option<usize>,
    allowance: Option<Allowance>,
    seen: usize,
    fired: usize,
}

/// Requests that go through, a token bucket.
#[derive(Debug)]
struct Allowance {
    rate: f64,
    left: f64,
    since: Instant,
}

impl Allowance {
    fn takes(&mut self) -> bool {
        let now = Instant::now();
        let more = now.duration_since(self.since).as_secs_f64() * self.rate;
        (self.left, self.since) = ((self.left + more).min(self.rate), now);
        let takes = self.left >= 1.0;
        if takes {
            self.left -= 1.0;
        }
        takes
    }
}

impl From<Fault> for Order {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            operation: String::new(),
            target: String::new(),
            skip: 0,
            times: None,
            allowance: None,
            seen: 0,
            fired: 0,
        }
    }
}

impl Order {
    /// Only for this target: its end is compared (`Request::target`).
    #[must_use]
    pub fn on(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// The same for an operation, a service, or `*`.
    pub(super) fn of(mut self, operation: &str) -> Self {
        operation.clone_into(&mut self.operation);
        self
    }

    fn matches(&self, request: &Request) -> bool {
        is_of(&self.operation, request)
            && request.target().ends_with(&self.target)
            && self.times.is_none_or(|times| self.fired < times)
    }
}

/// Whether a request is of an operation, of a service, or of `*`.
pub fn is_of(operation: &str, request: &Request) -> bool {
    [&*request.operation, &*request.service, "*"].contains(&operation)
}

/// All orders of a test.
#[derive(Debug, Default)]
pub struct Orders(Vec<Order>);

impl Orders {
    pub fn push(&mut self, order: Order) {
        self.0.push(order);
    }

    /// A fault that happens before the body is read, if that is what comes next.
    pub fn take_early(&mut self, request: &Request) -> Option<Fault> {
        let next = self.0.iter().filter(|order| order.matches(request));
        let next = next.into_iter().find(|order| order.seen >= order.skip)?;
        next.fault.is_early().then(|| self.take(request))?
    }

    /// The fault that this request meets.
    pub fn take(&mut self, request: &Request) -> Option<Fault> {
        for order in self.0.iter_mut().filter(|order| order.matches(request)) {
            order.seen += 1;
            let allowed = order.allowance.as_mut().is_some_and(Allowance::takes);
            if order.seen > order.skip && !allowed {
                order.fired += 1;
                return Some(order.fault.clone());
            }
        }
        None
    }

    /// Orders that no request has met: a test that orders a fault relies on it. On a
    /// busy machine requests may be too slow to be too many.
    pub fn unmet(&self) -> Vec<String> {
        let is_unmet = |order: &&Order| order.fired == 0 && order.allowance.is_none();
        let unmet = self.0.iter().filter(is_unmet);
        unmet
            .map(|order| format!("{} for {} {}", order.fault, order.operation, order.target))
            .collect()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Holds requests back until it is opened.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub fn open(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Waits until it is open, or until `given_up` says so.
    pub(super) fn wait(&self, given_up: impl Fn() -> bool) {
        let mut open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !*open && !given_up() {
            let waited = self.0.1.wait_timeout(open, Duration::from_millis(50));
            (open, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::http::Head;

    fn get(path: &str) -> Request {
        let scope = "Credential=AK/20260101/us-east-1/s3/aws4_request";
        Request::new(&Head {
            start: format!("GET {path} HTTP/1.1"),
            headers: vec![("authorization".into(), scope.into())],
        })
    }

    fn taken(orders: &mut Orders, paths: &[&str]) -> Vec<String> {
        let take = |path: &&str| {
            orders
                .take(&get(path))
                .map_or("-".into(), |f| f.to_string())
        };
        paths.iter().map(take).collect()
    }

    #[test]
    fn a_request_takes_the_first_order_that_is_open() {
        let mut orders = Orders::default();
        orders.push(Fault::Lost.once().of("GetObject"));
        orders.push(Fault::Close.times(2).of("s3"));
        orders.push(Order::from(Fault::Stall).of("*"));
        orders.push(Fault::Cut(0).once().of("PutObject"));
        let met = taken(&mut orders, &["/b/a"; 4]);
        assert_eq!(met, ["lost answer", "close", "close", "stall"]);
        assert_eq!(orders.unmet(), ["cut after 0 bytes for PutObject "]);
    }

    #[test]
    fn an_order_waits_for_its_turn_and_its_target() {
        let mut orders = Orders::default();
        orders.push(Fault::Stall.at(2).on("b/web").of("GetObject"));
        let met = taken(&mut orders, &["/b/web", "/b/db", "/b/web", "/b/web"]);
        assert_eq!(met, ["-", "-", "stall", "-"]);
        assert!(orders.unmet().is_empty());
    }

    #[test]
    fn as_many_as_are_allowed_go_through() {
        let mut orders = Orders::default();
        orders.push(Fault::Close.beyond(3).of("GetObject"));
        let met = taken(&mut orders, &["/b/a"; 4]);
        assert_eq!(met, ["-", "-", "-", "close"]);
    }

    #[test]
    fn only_a_reset_comes_before_the_body() {
        let mut orders = Orders::default();
        orders.push(Fault::Reset.at(2).of("GetObject"));
        assert!(orders.take_early(&get("/b/a")).is_none());
        assert!(orders.take(&get("/b/a")).is_none());
        assert!(orders.take_early(&get("/b/a")).is_some());
        assert!(orders.take(&get("/b/a")).is_none());
    }
}
