//! Many starts at once, where AWS serves a few each second: all of them start.

use crate::support::{FakeAws, Fault, Running, place, store};

const SECRET: &str = r#"{"token": "hunter2-of-the-fleet"}"#;

/// How many start at once, and how many requests a second there are for them.
const STARTS: usize = 100;
const RATE: u32 = 10;

/// The most requests that a start may take on average.
const REQUESTS: usize = 6;

/// Starts all of them against a service that throttles, and says how long each
/// waited before its second attempt, in milliseconds.
#[track_caller]
fn first_pauses(operation: &str, fault: Fault) -> Vec<u32> {
    let aws = FakeAws::start();
    store(&aws, &place("db"), SECRET, 1);
    aws.fault(operation, fault.beyond(RATE));
    let start = |_| {
        let run = aws.run("exec -v --timeout 30 db -- printenv TOKEN");
        let run = run.env("AWS_MAX_ATTEMPTS", "3").any_stderr();
        run.stdout("hunter2-of-the-fleet\n").spawn()
    };
    let started: Vec<Running> = (0..STARTS).map(start).collect();
    let first_pause = |running: Running| {
        let outcome = running.status(0);
        let (_, rest) = outcome.stderr.split_once("; trying again in ")?;
        let (pause, _) = rest.split_once(" ms\n")?;
        pause.parse().ok()
    };
    let pauses = started.into_iter().filter_map(first_pause).collect();
    let asked = aws.requests().len();
    assert!(asked <= STARTS * REQUESTS, "{operation}: {asked} requests");
    pauses
}

#[test]
fn a_hundred_starts_against_ten_requests_a_second_all_succeed() {
    let of_kms = Fault::Error(400, "ThrottlingException", "Rate exceeded");
    let pauses = first_pauses("Decrypt", of_kms);
    assert!(pauses.len() > STARTS / 4, "{} were throttled", pauses.len());
    // Those that were refused together do not come back together.
    for quarter in 0..4 {
        let within = |pause: &&u32| **pause >= quarter * 250 && **pause < (quarter + 1) * 250;
        let count = pauses.iter().filter(within).count();
        assert!(
            count * 2 <= pauses.len() + 10,
            "{quarter}: {count} of {}",
            pauses.len()
        );
    }
    assert!(pauses.iter().all(|pause| *pause <= 1000));
}
