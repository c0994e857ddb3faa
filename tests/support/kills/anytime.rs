//! Killed at any time, of which nobody knows what the command does then.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rand_core::{OsRng, RngCore as _};

use super::files::FileWork;
use super::{Files, Killed, Scene, Work, files};
use crate::support::{FakeAws, full};

/// What is killed, and where.
enum Kind {
    Aws(&'static Work),
    Folder(&'static Work),
    Files(&'static FileWork),
}

impl Kind {
    /// All that there are.
    fn all() -> Vec<Self> {
        let works = super::writers().flat_map(|work| [Self::Aws(work), Self::Folder(work)]);
        works.chain(files::all().map(Self::Files)).collect()
    }

    /// Kills it once; whether it was not yet done.
    #[track_caller]
    fn is_killed(&self, format: u8, longest: &Mutex<Option<Duration>>) -> bool {
        match self {
            Self::Aws(work) | Self::Folder(work) => {
                let format = match work.formats {
                    [only] => *only,
                    _ => format,
                };
                let about = format!("{:?} {format}", work.args);
                if matches!(self, Self::Aws(_)) {
                    let aws = FakeAws::start();
                    is_killed(&Scene::aws(work, format, &aws), Some(&aws), &about, longest)
                } else {
                    is_killed(&Scene::folder(work, format), None, &about, longest)
                }
            }
            Self::Files(work) => {
                let about = format!("{:?}", work.args);
                if work.is_of_folder() {
                    is_killed(&Files::folder(work), None, &about, longest)
                } else {
                    let aws = FakeAws::start();
                    is_killed(&Files::aws(work, &aws, format), Some(&aws), &about, longest)
                }
            }
        }
    }
}

/// Kills so many commands, one after the other of all that there are, each at a random
/// time; those that were done before are looked at, and do not count.
#[track_caller]
pub fn kill_at_any_time(times: usize) {
    let kinds: Vec<_> = Kind::all();
    let longest: Vec<_> = kinds.iter().map(|_| Mutex::new(None)).collect();
    let (killed, tried) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // Each waits for most of its time.
    let at_once = full::many(4, 24);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while killed.load(Ordering::SeqCst) < times {
                    let nth = tried.fetch_add(1, Ordering::SeqCst);
                    assert!(nth < 10 * times + kinds.len(), "{killed:?} of {nth}");
                    let kind = nth % kinds.len();
                    let format = 1 + u8::try_from(nth / kinds.len() % 2).unwrap();
                    if kinds[kind].is_killed(format, &longest[kind]) {
                        killed.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    let (killed, tried) = (killed.into_inner(), tried.into_inner());
    assert!(killed >= times);
    full::figure(&format!(
        "{killed} of {tried} commands were killed before they were done"
    ));
}

/// Kills it once, within the time that it takes; whether it was not yet done.
#[track_caller]
fn is_killed<K: Killed>(
    scene: &K,
    aws: Option<&FakeAws>,
    about: &str,
    longest: &Mutex<Option<Duration>>,
) -> bool {
    let start = Instant::now();
    let running = scene.run(&[]).spawn();
    let known = *longest.lock().unwrap();
    let Some(known) = known else {
        // The first one says how long it takes.
        let whole = running.wait();
        assert_eq!(whole.status, 0, "{about}: {whole:?}");
        *longest.lock().unwrap() = Some(start.elapsed());
        return false;
    };
    let part = f64::from(OsRng.next_u32()) / f64::from(u32::MAX);
    let after = known.mul_f64(part);
    thread::sleep(after);
    running.send(Signal::SIGKILL);
    let outcome = running.wait();
    if let Some(aws) = aws {
        // What it sent may come to be stored only now.
        aws.wait_until_idle();
    }
    scene.is_whole(&format!("{about}: after {after:?}"), None);
    outcome.status == 137
}
