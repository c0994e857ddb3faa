//! Looks up the addresses of names: once per name, whoever asks.
//!
//! The system's resolver blocks, so it runs in a thread of its own, which nobody waits
//! for at the end. A look-up has no time limit, since the resolver may need several
//! seconds to turn to its next nameserver. A caller that stops waiting loses
//! nothing: the next one joins the same look-up. Addresses are kept, faults are not.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, getaddrinfo};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::fault::{NameFault, NoSuchHost};
use crate::base::waiting;

/// The questions about one family of addresses alone, and how long after the first
/// question, which is about both. They help where a nameserver never answers one
/// family's, for which the system's resolver waits.
const ONE_FAMILY: [(i32, Duration); 2] = [
    (libc::AF_INET, Duration::from_secs(1)),
    (libc::AF_INET6, Duration::from_secs(3)),
];

/// How long addresses count as fresh: older ones are forgotten if none of them can be
/// reached.
const FRESH: Duration = Duration::from_mins(1);

/// The names that were looked up.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashMap<String, Arc<Lookup>>>);

/// One name's look-up, in progress or finished.
#[derive(Debug)]
struct Lookup {
    begun: Instant,
    asked: Mutex<Vec<i32>>,
    answers: watch::Sender<Answers>,
}

/// What the resolver has said so far.
#[derive(Debug, Default)]
struct Answers {
    found: Vec<IpAddr>,
    /// Questions without an answer.
    open: usize,
    /// The first fault.
    fault: Option<NameFault>,
}

impl Answers {
    fn is_over(&self) -> bool {
        !self.found.is_empty() || self.open == 0
    }

    /// Whether another question might still find an address.
    fn is_final(&self) -> bool {
        let is_said = matches!(self.fault, Some(NameFault::Unknown | NameFault::Empty));
        !self.found.is_empty() || (self.open == 0 && is_said)
    }
}

impl Names {
    /// A host's addresses, in the resolver's order.
    pub(super) async fn look_up(&self, host: &str) -> Result<Vec<IpAddr>, NoSuchHost> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let _waiting = waiting::on(format!("the name of {host}"));
        let lookup = self.join(host);
        let mut answers = lookup.answers.subscribe();
        for (family, after) in ONE_FAMILY {
            let over = answers.wait_for(Answers::is_over);
            let waited = timeout_at(lookup.begun + after, over).await;
            if waited.is_ok_and(|answers| answers.is_ok_and(|answers| answers.is_final())) {
                break;
            }
            if lookup.ask(family, host) {
                tracing::info!(target: "lazycred::http", "the look-up of {host} takes long, or fails; asking about one family of addresses alone");
            }
        }
        // The sender lives as long as the look-up.
        let _ = answers.wait_for(Answers::is_over).await;
        let answers = answers.borrow();
        if answers.found.is_empty() {
            let fault = answers.fault.clone().unwrap_or(NameFault::Empty);
            let host = host.to_owned();
            return Err(NoSuchHost { host, fault });
        }
        Ok(answers.found.clone())
    }

    /// Forgets a host's addresses, none of which can be reached, unless they are fresh.
    pub(super) fn distrust(&self, host: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known
            .get(host)
            .is_some_and(|lookup| lookup.begun.elapsed() > FRESH)
        {
            known.remove(host);
        }
    }

    /// The host's look-up; begins one if there is none, or if it found nothing.
    fn join(&self, host: &str) -> Arc<Lookup> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lookup) = known.get(host)
            && let answers = lookup.answers.borrow()
            && !(answers.is_over() && answers.found.is_empty())
        {
            return Arc::clone(lookup);
        }
        let lookup = Arc::new(Lookup {
            begun: Instant::now(),
            asked: Mutex::default(),
            answers: watch::Sender::default(),
        });
        lookup.ask(libc::AF_UNSPEC, host);
        known.insert(host.to_owned(), Arc::clone(&lookup));
        lookup
    }
}

impl Lookup {
    /// Asks the resolver about a family, once; whether this was the first time.
    fn ask(self: &Arc<Self>, family: i32, host: &str) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.contains(&family) {
            return false;
        }
        asked.push(family);
        self.answers.send_modify(|answers| answers.open += 1);
        let (lookup, host) = (Arc::clone(self), host.to_owned());
        let begun = thread::Builder::new()
            .name("look-up".to_owned())
            .spawn(move || lookup.answer(resolve(&host, family)));
        if let Err(error) = begun {
            self.answer(Err(NameFault::System(error.to_string())));
        }
        true
    }

    fn answer(&self, answer: Result<Vec<IpAddr>, NameFault>) {
        self.answers.send_modify(|answers| {
            answers.open -= 1;
            match answer {
                Ok(found) => {
                    for address in found {
                        if !answers.found.contains(&address) {
                            answers.found.push(address);
                        }
                    }
                }
                Err(fault) => {
                    answers.fault.get_or_insert(fault);
                }
            }
        });
    }
}

/// Asks the system's resolver, which blocks.
fn resolve(host: &str, family: i32) -> Result<Vec<IpAddr>, NameFault> {
    let hints = AddrInfoHints {
        address: family,
        socktype: libc::SOCK_STREAM,
        ..AddrInfoHints::default()
    };
    let found = getaddrinfo(Some(host), None, Some(hints)).map_err(fault)?;
    let found: io::Result<Vec<_>> = found.collect();
    match found {
        Ok(found) if found.is_empty() => Err(NameFault::Empty),
        Ok(found) => Ok(found.iter().map(|one| one.sockaddr.ip()).collect()),
        Err(error) => Err(NameFault::System(error.to_string())),
    }
}

fn fault(error: LookupError) -> NameFault {
    match error.kind() {
        LookupErrorKind::NoName => NameFault::Unknown,
        LookupErrorKind::NoData => NameFault::Empty,
        LookupErrorKind::Again => NameFault::NoAnswer,
        LookupErrorKind::Fail => NameFault::Failed,
        _ => NameFault::System(io::Error::from(error).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::test_support::run;

    fn lookup(names: &Names, host: &str) -> Arc<Lookup> {
        let lookup = Arc::new(Lookup {
            begun: Instant::now(),
            asked: Mutex::new(vec![libc::AF_UNSPEC, libc::AF_INET, libc::AF_INET6]),
            answers: watch::Sender::default(),
        });
        lookup.answers.send_modify(|answers| answers.open = 2);
        let mut known = names.0.lock().unwrap();
        known.insert(host.to_owned(), Arc::clone(&lookup));
        lookup
    }

    fn addresses(text: &str) -> Vec<IpAddr> {
        text.split(' ').map(|one| one.parse().unwrap()).collect()
    }

    #[test]
    fn an_address_needs_no_look_up() {
        let names = Names::default();
        let found = run(names.look_up("fd00::1")).unwrap();
        assert_eq!(found, addresses("fd00::1"));
        assert!(names.0.lock().unwrap().is_empty());
    }

    #[test]
    fn whoever_asks_later_joins_and_the_answers_add_up() {
        run(async {
            let names = Names::default();
            let lookup = lookup(&names, "h.test");
            let soon = Instant::now() + Duration::from_millis(5);
            assert!(timeout_at(soon, names.look_up("h.test")).await.is_err());
            lookup.answer(Err(NameFault::NoAnswer));
            assert!(timeout_at(soon, names.look_up("h.test")).await.is_err());
            lookup.answer(Ok(addresses("192.0.2.1 192.0.2.1")));
            for _ in 0..2 {
                let found = names.look_up("h.test").await.unwrap();
                assert_eq!(found, addresses("192.0.2.1"));
            }
            lookup.answers.send_modify(|answers| answers.open += 1);
            lookup.answer(Ok(addresses("fd00::1 192.0.2.1")));
            let found = names.look_up("h.test").await.unwrap();
            assert_eq!(found, addresses("192.0.2.1 fd00::1"));
            names.distrust("h.test");
            assert_eq!(names.look_up("h.test").await.unwrap(), found);
        });
    }

    #[test]
    fn a_fault_is_told_once_all_questions_have_failed_and_not_kept() {
        run(async {
            let names = Names::default();
            let first = lookup(&names, "h.invalid");
            first.answer(Err(NameFault::Failed));
            first.answer(Err(NameFault::Empty));
            let second = names.join("h.invalid");
            assert!(!Arc::ptr_eq(&first, &second));
            first.answers.send_modify(|answers| answers.open = 1);
            let again = Arc::clone(&first);
            names
                .0
                .lock()
                .unwrap()
                .insert("h.invalid".to_owned(), again);
            let waiting = names.look_up("h.invalid");
            let answering = async { first.answer(Err(NameFault::Unknown)) };
            let (outcome, ()) = futures_util::future::join(waiting, answering).await;
            assert_eq!(
                outcome.unwrap_err().to_string(),
                "the nameserver failed to answer for `h.invalid`"
            );
        });
    }
}
