//! `list` of very many names: a request a thousand, and memory that does not grow.

use std::fs;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::support::{Answer, FakeAws, Sandbox, fake_aws::Request, harness::peak};

const NAMES: usize = 100_000;
const PAGE: usize = 1000;

/// The largest that a list may make its process, in KiB.
const LARGEST: u32 = 40 << 10;

/// What a page may add once the first few are through, in KiB.
const NOISE: u32 = 2 << 10;

fn name(number: usize) -> String {
    format!("team-{:02}/service/{number:06}", number / 1000)
}

/// One page of `ListObjectsV2`; the token is the number of its first name.
fn page(request: &Request) -> Answer {
    let token = request.query("continuation-token");
    let from: usize = token.map_or(0, |number| number.parse().unwrap());
    let mut text =
        String::from("<?xml version=\"1.0\"?><ListBucketResult><EncodingType>url</EncodingType>");
    for number in from..from + PAGE {
        let name = name(number);
        text.extend(["<Contents><Key>prod/", &name, "</Key>"]);
        text.push_str("<LastModified>2026-08-22T14:03:11.000Z</LastModified>");
        text.push_str("<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag>");
        text.push_str("<Size>1262</Size><StorageClass>STANDARD</StorageClass></Contents>");
    }
    let next = from + PAGE;
    if next == NAMES {
        text.push_str("<IsTruncated>false</IsTruncated>");
    } else {
        let next = next.to_string();
        text.push_str("<IsTruncated>true</IsTruncated>");
        text.extend(["<NextContinuationToken>", &next, "</NextContinuationToken>"]);
    }
    text.push_str("</ListBucketResult>");
    Answer::new(200, text)
}

/// What `list` prints of the whole bucket, and its peak at each of its requests.
fn listed(args: &[&str]) -> (Vec<u8>, Vec<u32>) {
    let pid = Arc::new(AtomicU32::new(0));
    let peaks = Arc::new(Mutex::new(Vec::new()));
    let (of, seen) = (Arc::clone(&pid), Arc::clone(&peaks));
    let server = FakeAws::scripted(move |request, _| {
        while of.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        seen.lock()
            .unwrap()
            .push(peak(of.load(Ordering::Relaxed)).unwrap());
        Some(page(request))
    });
    let sandbox = Sandbox::aws(&server.url(), "b/prod/", "unused");
    let running = sandbox.run(args).spawn();
    pid.store(running.pid(), Ordering::Relaxed);
    let outcome = running.wait();
    assert_eq!((outcome.status, &*outcome.stderr), (0, ""));
    let peaks = peaks.lock().unwrap().clone();
    (outcome.stdout, peaks)
}

#[track_caller]
fn assert_flat(peaks: &[u32]) {
    let last = peaks[peaks.len() - 1];
    assert!(last <= LARGEST, "{last} KiB");
    assert!(
        last <= peaks[peaks.len() / 10] + NOISE,
        "it grows: {peaks:?}"
    );
}

#[test]
fn listing_100_000_names_takes_100_requests_and_constant_memory() {
    let (text, peaks) = listed(&["list"]);
    assert_eq!(peaks.len(), NAMES / PAGE);
    assert_flat(&peaks);
    let expected: String = (0..NAMES).map(|number| name(number) + "\n").collect();
    assert!(text == expected.as_bytes());
}

#[test]
fn the_same_list_as_json_is_one_document_in_constant_memory() {
    let (text, peaks) = listed(&["list", "--json"]);
    assert_eq!(peaks.len(), NAMES / PAGE);
    assert_flat(&peaks);
    let document: Value = serde_json::from_slice(&text).unwrap();
    assert!(text == format!("{document:#}\n").as_bytes());
    let rows = document.as_array().unwrap();
    assert_eq!(rows.len(), NAMES);
    for number in [0, 1, NAMES - 1] {
        let row = &rows[number];
        assert_eq!(row["name"], name(number));
        assert_eq!(row["size"], 1262);
        assert_eq!(row["modified"], "2026-08-22T14:03:11Z");
    }
}

#[test]
fn a_reader_that_stops_stops_the_list() {
    let server = FakeAws::scripted(|request, _| Some(page(request)));
    let mut sandbox = Sandbox::aws(&server.url(), "b/prod/", "unused");
    sandbox.set("PROGRAM", crate::support::PROGRAM);
    let script = "{ \"$PROGRAM\" list; echo $? >status; } | head -n 1";
    let run = sandbox.shell(script);
    run.stdout(name(0) + "\n").ok();
    let status = fs::read_to_string(sandbox.home().join("status")).unwrap();
    assert_eq!(status, "0\n");
    // As many pages as the pipe holds, and the one that finds nobody.
    assert!(
        server.operations().len() < 10,
        "{}",
        server.operations().len()
    );
}

#[test]
fn a_folder_of_20_000_files_is_listed_in_order_in_constant_memory() {
    const FILES: usize = 20_000;
    let sandbox = Sandbox::local();
    let folder = sandbox.home().join("secrets/many");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..FILES {
        fs::write(folder.join(format!("{number:06}")), "").unwrap();
    }
    // The pipe is full long before the last page, so there is time to look.
    let (stdout, writer) = std::io::pipe().unwrap();
    let run = sandbox.run(["list"]);
    let running = run.stdout_to(OwnedFd::from(writer).into()).spawn();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::with_capacity(512, stdout));
    let mut last = 0;
    for number in 0..FILES {
        if number == FILES - 8000 {
            last = running.peak().unwrap();
        }
        assert_eq!(lines.next().unwrap().unwrap(), format!("many/{number:06}"));
    }
    assert!(lines.next().is_none());
    assert_eq!(running.wait().status, 0);
    assert!(last <= LARGEST, "{last} KiB");
}
