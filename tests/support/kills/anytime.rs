//! Killed at any time, of which nobody knows what the command does then.

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rand_core::{OsRng, RngCore as _};

use super::{Files, Killed, Scene, files};
use crate::support::FakeAws;

/// Kills so many commands, one after the other of all that there are, each at a random
/// time; those that were done before are looked at, and do not count.
#[track_caller]
pub fn kill_at_any_time(times: usize) {
    let works: Vec<_> = super::writers().collect();
    let files: Vec<_> = files::all().collect();
    let kinds = 2 * works.len() + files.len();
    let mut took = vec![None; kinds];
    let (mut killed, mut tried) = (0, 0);
    while killed < times {
        let kind = tried % kinds;
        tried += 1;
        assert!(
            tried < 10 * times + kinds,
            "{killed} of {tried} were killed"
        );
        let longest = &mut took[kind];
        let format = 1 + u8::try_from(tried / kinds % 2).unwrap();
        let was_killed = if let Some(work) = works.get(kind / 2).filter(|_| kind < 2 * works.len())
        {
            let format = if work.formats.contains(&format) {
                format
            } else {
                work.formats[0]
            };
            let about = format!("{:?} {format}", work.args);
            if kind.is_multiple_of(2) {
                let aws = FakeAws::start();
                is_killed(&Scene::aws(work, format, &aws), &about, longest)
            } else {
                is_killed(&Scene::folder(work, format), &about, longest)
            }
        } else {
            let work = files[kind - 2 * works.len()];
            let about = format!("{:?}", work.args);
            if work.is_of_folder() {
                is_killed(&Files::folder(work), &about, longest)
            } else {
                let aws = FakeAws::start();
                is_killed(&Files::aws(work, &aws, format), &about, longest)
            }
        };
        killed += usize::from(was_killed);
    }
}

/// Kills it once, within the time that it takes; whether it was not yet done.
#[track_caller]
fn is_killed<K: Killed>(scene: &K, about: &str, longest: &mut Option<Duration>) -> bool {
    let start = Instant::now();
    let running = scene.run(&[]).spawn();
    let Some(longest) = longest else {
        // The first one says how long it takes.
        let whole = running.wait();
        assert_eq!(whole.status, 0, "{about}: {whole:?}");
        *longest = Some(start.elapsed());
        return false;
    };
    let part = f64::from(OsRng.next_u32()) / f64::from(u32::MAX);
    let after = longest.mul_f64(part);
    thread::sleep(after);
    running.send(Signal::SIGKILL);
    let outcome = running.wait();
    scene.is_whole(&format!("{about}: after {after:?}"), None);
    outcome.status == 137
}
