//! Killed before a request is done, and after it is done but not answered.

use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::Killed;
use crate::support::fake_aws::{FakeAws, Fault};

/// Kills the command at each of its requests; at how many points that is.
#[track_caller]
pub fn kill_at_each<K: Killed>(about: &str, make: &impl Fn(&FakeAws) -> K) -> usize {
    let aws = FakeAws::start();
    let scene = make(&aws);
    aws.forget();
    scene.run(&[]).any_stdout().any_stderr().ok();
    let requests = aws.told();
    for (at, request) in requests.iter().enumerate() {
        for fault in [Fault::Stall, Fault::DoneThenStall] {
            let aws = FakeAws::start();
            let scene = make(&aws);
            aws.forget();
            let done = aws.done() + at + usize::from(matches!(fault, Fault::DoneThenStall));
            let killed = format!("{about}: {request}: {fault}");
            aws.fault("*", fault.at(at + 1));
            let running = scene.run(&[]).spawn();
            aws.wait_for("*", at + 1);
            while aws.done() < done {
                thread::sleep(Duration::from_millis(1));
            }
            running.send(Signal::SIGKILL);
            let outcome = running.wait();
            assert_eq!(outcome.status, 137, "{killed}: {outcome:?}");
            scene.is_whole(&killed, None);
        }
    }
    2 * requests.len()
}
