//! Many starts at once, where AWS serves a few each second: all of them start.

use crate::support::{FakeAws, Fault, Running, place, store};

const SECRET: &str = r#"{"token": "hunter2-of-the-fleet"}"#;

/// The most requests that a start may take on average.
const REQUESTS: usize = 6;

/// Starts that came at once, against a service that throttles.
struct Fleet {
    aws: FakeAws,
    started: Vec<Running>,
}

impl Fleet {
    /// So many starts, for which there are so many requests a second.
    fn start(starts: usize, rate: u32, operation: &str, throttled: Fault) -> Self {
        let aws = FakeAws::start();
        store(&aws, &place("db"), SECRET, 1);
        aws.fault(operation, throttled.beyond(rate));
        let start = |_| {
            let run = aws.run("exec -v --timeout 30 db -- printenv TOKEN");
            let run = run.env("AWS_MAX_ATTEMPTS", "3").any_stderr();
            run.stdout("hunter2-of-the-fleet\n").spawn()
        };
        let started = (0..starts).map(start).collect();
        Self { aws, started }
    }

    /// All of them succeed, without asking often. How long each that was throttled
    /// waited before its second attempt, in milliseconds.
    #[track_caller]
    fn succeed(self) -> Vec<u32> {
        let starts = self.started.len();
        let first_pause = |running: Running| {
            let outcome = running.status(0);
            let (_, rest) = outcome.stderr.split_once("; trying again in ")?;
            let (pause, _) = rest.split_once(" ms\n")?;
            pause.parse().ok()
        };
        let pauses = self.started.into_iter().filter_map(first_pause).collect();
        let asked = self.aws.requests().len();
        assert!(asked <= starts * REQUESTS, "{asked} requests of {starts}");
        pauses
    }
}

#[test]
fn a_hundred_starts_against_ten_requests_of_kms_a_second_all_succeed() {
    let throttled = Fault::Error(400, "ThrottlingException", "Rate exceeded");
    let pauses = Fleet::start(100, 10, "Decrypt", throttled).succeed();
    assert!(pauses.len() > 20, "{} were throttled", pauses.len());
    assert!(pauses.iter().all(|pause| *pause <= 1000));
    // Those that were refused together do not come back together.
    for quarter in 0..4 {
        let quarter = quarter * 250..(quarter + 1) * 250;
        let count = pauses.iter().filter(|pause| quarter.contains(*pause));
        let (count, all) = (count.count(), pauses.len());
        assert!(count * 2 <= all + 10, "{quarter:?}: {count} of {all}");
    }
}

#[test]
fn starts_that_s3_throttles_all_succeed() {
    let fleets = [
        Fault::Error(503, "SlowDown", "Please reduce your request rate."),
        Fault::Error(429, "TooManyRequests", "no"),
    ];
    for fleet in fleets.map(|fault| Fleet::start(20, 5, "GetObject", fault)) {
        fleet.succeed();
    }
}
