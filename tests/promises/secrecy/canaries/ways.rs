//! The ways in which runs fail: the words, what is on standard input, the status, and
//! what is made to go wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{FakeAws, Fault, Sandbox};

use super::place::{NEW, Place, VALUE};

type InABucket = (&'static str, &'static str, i32, fn(&FakeAws));
type InAFolder = (&'static str, &'static str, i32, fn(&Place));

fn well(_: &FakeAws) {}

fn denied(aws: &FakeAws, operation: &str) {
    aws.fault(operation, Fault::Denied);
}

fn broken(aws: &FakeAws, operation: &str) {
    aws.fault(operation, Fault::Error(500, "InternalError", "try again"));
}

/// An answer whose head is right, and whose body ends too soon.
fn cut(aws: &FakeAws, operation: &str) {
    aws.fault(operation, Fault::Cut(60));
}

/// JSON up to a point, with all that it said before.
fn garbled(aws: &FakeAws, operation: &str) {
    let change = |mut body: Vec<u8>| {
        body.truncate(body.len() - 3);
        body.extend(b"\x01,,]");
        body
    };
    aws.fault(operation, Fault::sent(change));
}

fn reset(aws: &FakeAws, operation: &str) {
    aws.fault(operation, Fault::Reset);
}

fn lost(aws: &FakeAws, operation: &str) {
    aws.fault(operation, Fault::Lost);
}

fn silent(aws: &FakeAws, operation: &str) {
    aws.fault(operation, Fault::Stall);
}

#[rustfmt::skip]
pub const IN_A_BUCKET: [InABucket; 79] = [
    // What was asked for is not in the secret, or cannot be what it should be.
    ("get s --field nope", "", 3, well),
    ("get s --field /user/x", "", 5, well),
    ("get text --field x", "", 5, well),
    ("get same --field a", "", 5, well),
    ("get nope", "", 3, well),
    ("get s --version nope", "", 3, well),
    ("get s --max-size 10", "", 4, well),
    ("get damaged", "", 4, well),
    ("get mixed", "", 4, well),
    ("get plain", "", 4, well),
    ("get s --output /nowhere/x", "", 1, well),
    ("get s --output folder", "", 2, well),
    ("exec broken -- true", "", 125, well),
    ("exec text --format json -- true", "", 125, well),
    ("exec broken --format dotenv -- true", "", 125, well),
    ("exec nul -- true", "", 125, well),
    ("exec bad -- true", "", 125, well),
    ("exec big -- true", "", 125, well),
    ("exec twice -- true", "", 125, well),
    ("exec same -- true", "", 125, well),
    ("exec bytes --format json -- true", "", 125, well),
    ("exec A=s#nope -- true", "", 125, well),
    ("exec s damaged plain nope -- true", "", 125, well),
    ("exec s --only NOTHING --require USER -- true", "", 125, well),
    ("exec --env-file broken.env -- true", "", 125, well),
    ("exec --env-file good.env -- true", "", 125, well),
    ("exec --template A=template -- true", "", 125, well),
    ("exec --template A=open.template -- true", "", 125, well),
    ("exec --file A=s#nope -- true", "", 125, well),
    ("X=lazycred:s#nope exec --from-env X -- true", "", 125, well),
    // The command does not start.
    ("exec s -- ./script", "", 126, well),
    ("exec s -- ./lost", "", 126, well),
    ("exec s --file F=text -- ./script", "", 126, well),
    ("exec s -- no-such-command", "", 127, well),
    // Other readers.
    ("render template", "", 3, well),
    ("render open.template", "", 2, well),
    ("diff s text --exit-code", "", 7, well),
    ("diff s t --exit-code", "", 7, well),
    ("diff same s", "", 5, well),
    ("export broken --format json", "", 5, well),
    ("export nul --format json", "", 5, well),
    ("export bad --format shell", "", 5, well),
    ("export lines --format docker", "", 5, well),
    // Writers.
    ("put s --if-absent", NEW, 6, well),
    ("put s --if-version 1", NEW, 6, well),
    ("set s /user/x", NEW, 5, well),
    ("set s list --json", "{\"a\": \"Rn4cVb8xLs2kTd6w-new\"", 5, well),
    ("set broken a", NEW, 5, well),
    ("unset s nope", "", 3, well),
    ("import broken.json", "", 2, well),
    ("import broken.env", "", 2, well),
    ("import broken.yaml", "", 2, well),
    ("EDITOR=./fails edit s", "", 1, well),
    ("EDITOR=./no-such edit s", "", 2, well),
    ("cp s t", "", 6, well),
    ("mv s t", "", 6, well),
    ("rollback s --to nope", "", 3, well),
    ("rekey --to alias/nope", "", 1, well),
    // What AWS and the network do, at each request.
    ("get s", "", 1, |aws| denied(aws, "GetObject")),
    ("get s", "", 1, |aws| broken(aws, "GetObject")),
    ("get s", "", 1, |aws| cut(aws, "GetObject")),
    ("get s", "", 4, |aws| garbled(aws, "GetObject")),
    ("get s --timeout 1", "", 1, |aws| silent(aws, "GetObject")),
    ("exec s -- true", "", 125, |aws| denied(aws, "Decrypt")),
    ("exec s -- true", "", 125, |aws| broken(aws, "Decrypt")),
    ("exec s -- true", "", 125, |aws| cut(aws, "Decrypt")),
    ("exec s -- true", "", 125, |aws| garbled(aws, "Decrypt")),
    ("exec s -- true", "", 125, |aws| reset(aws, "Decrypt")),
    ("put new", NEW, 1, |aws| denied(aws, "Encrypt")),
    ("put new", NEW, 1, |aws| garbled(aws, "Encrypt")),
    ("put new", NEW, 1, |aws| denied(aws, "PutObject")),
    ("put new", NEW, 1, |aws| broken(aws, "PutObject")),
    ("put new --timeout 1", NEW, 1, |aws| silent(aws, "PutObject")),
    ("set s user", NEW, 0, |aws| lost(aws, "PutObject")),
    ("EDITOR=./edits edit text", "", 1, |aws| denied(aws, "PutObject")),
    // Where credentials come from.
    ("AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= AWS_CONFIG_FILE=config AWS_PROFILE=process get s", "", 1, well),
    ("AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= AWS_CONFIG_FILE=config AWS_PROFILE=wrong get s", "", 1, well),
    ("AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= AWS_CONFIG_FILE=config AWS_PROFILE=half get s", "", 2, well),
    ("AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= AWS_SHARED_CREDENTIALS_FILE=credentials-file get s", "", 2, well),
];

/// Changes the file of the wrapping key.
fn key_file(place: &Place, change: impl FnOnce(String) -> String) {
    let file = place.sandbox.local_wrapping_key_file("dev");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, change(text)).unwrap();
}

/// Changes a record of the folder.
fn record(sandbox: &Sandbox, change: impl FnOnce(String) -> String) {
    let text = String::from_utf8(sandbox.read("secrets/s").unwrap()).unwrap();
    sandbox.write("secrets/s", change(text));
}

#[rustfmt::skip]
pub const IN_A_FOLDER: [InAFolder; 11] = [
    ("get s", "", 2, |place| key_file(place, |text| format!("{}!", text.trim()))),
    ("get s", "", 2, |place| key_file(place, |text| text[..20].to_owned())),
    ("get s", "", 2, |place| key_file(place, |text| text.chars().rev().collect())),
    ("put new", NEW, 2, |place| key_file(place, |text| text.replace('=', "-"))),
    ("get s", "", 4, |place| record(&place.sandbox, |text| text.replacen("gAAAA", "gAAAB", 1))),
    ("get s", "", 4, |place| record(&place.sandbox, |text| format!("{VALUE}{text}"))),
    ("get s", "", 4, |place| record(&place.sandbox, |text| text[..text.len() - 9].to_owned())),
    ("exec s -- true", "", 125, |place| record(&place.sandbox, |text| text.replace("\"data\"", "\"date\""))),
    ("put folder-taken/x", NEW, 2, |place| { place.sandbox.write("secrets/folder-taken", VALUE); }),
    ("put s", NEW, 2, |place| {
        let log = place.sandbox.work().join("secrets/.lazycred/lock");
        fs::remove_file(&log).ok();
        fs::create_dir(&log).unwrap();
        fs::set_permissions(&log, fs::Permissions::from_mode(0o700)).unwrap();
    }),
    ("doctor", "", 1, |place| key_file(place, |text| format!("{text}{text}"))),
];
