//! How fast secrets are sealed and opened in memory: without a command, files or a network.
//!
//!     cargo run --release --example seal -- ROUNDS BYTES...
//!
//! prints, for each size, the median seconds of `put` and of `get` by a client
//! [in memory](lazycred::blocking::Client::in_memory), as JSON. Both do all that
//! they do to bytes elsewhere, record and data key included. `benches/run --part large` compares.

use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

use lazycred::blocking::Client;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let rounds: usize = words.next().ok_or("no rounds")?.parse()?;
    let mut results = Vec::new();
    for word in words {
        let size: usize = word.parse()?;
        // Not UTF-8, so that it is nothing but bytes.
        let secret: Vec<u8> = (0..size).map(|at| at.to_le_bytes()[0] | 0x80).collect();
        let (mut put, mut get) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let client = Client::in_memory()?;
            let begun = Instant::now();
            client.put("bench", &*secret)?;
            let middle = Instant::now();
            let opened = client.get("bench")?;
            get.push(middle.elapsed());
            put.push(middle - begun);
            if opened.as_bytes() != secret {
                return Err("not what was put".into());
            }
        }
        let (put, get) = (median(put), median(get));
        results.push(format!("\"{size}\": [{put}, {get}]"));
    }
    writeln!(std::io::stdout(), "{{{}}}", results.join(", "))?;
    Ok(())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times
        .get(times.len() / 2)
        .map_or(0.0, Duration::as_secs_f64)
}
