//! What is ordered to go wrong, as a client sees it.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::{complaint, element, kms, raw, s3, short, wire};
use crate::support::fake_aws::{FakeAws, Fault};

const OBJECT: &str = "/acme-secrets/prod/web";
const PLACE: &str = "acme-secrets/prod/web";

fn with_object() -> FakeAws {
    let fake = FakeAws::start();
    fake.put_object(PLACE, b"0123456789");
    fake
}

#[test]
fn an_error_has_the_form_of_its_service_and_nothing_is_done() {
    let fake = FakeAws::start();
    fake.fault(
        "PutObject",
        Fault::Error(503, "SlowDown", "Please <reduce>").once(),
    );
    let answer = s3(&fake, "PUT", OBJECT, &[], "one");
    assert_eq!(short(&answer), "503 SlowDown");
    let body = String::from_utf8(answer.body).unwrap();
    let message = element(&body, "Message").unwrap();
    assert_eq!(message, "Please &lt;reduce&gt;");
    assert_eq!(fake.object(PLACE), None);
    assert_eq!(short(&s3(&fake, "PUT", OBJECT, &[], "one")), "200");
    fake.fault(
        "kms",
        Fault::Error(400, "ThrottlingException", "Rate exceeded"),
    );
    let expected = json!({"__type": "ThrottlingException", "message": "Rate exceeded"});
    for action in ["Encrypt", "Decrypt"] {
        assert_eq!(kms(&fake, action, &json!({})), (400, expected.clone()));
    }
}

#[test]
fn a_right_that_is_lacking_is_named() {
    let fake = with_object();
    fake.fault("*", Fault::Denied);
    let answer = s3(&fake, "GET", OBJECT, &[], "");
    assert_eq!(short(&answer), "403 AccessDenied");
    let body = String::from_utf8(answer.body).unwrap();
    let expected = "perform: s3:GetObject on resource: arn:aws:s3:::acme-secrets/prod/web because";
    assert!(body.contains(expected), "{body}");
    let (status, body) = kms(&fake, "Decrypt", &json!({"KeyId": "alias/acme"}));
    let seen = (status, &body["__type"]);
    assert_eq!(seen, (400, &json!("AccessDeniedException")));
}

#[test]
fn a_header_is_another_or_lacking() {
    let fake = with_object();
    fake.fault("GetObject", Fault::Header("etag", "\"other\"").once());
    fake.fault("GetObject", Fault::Header("etag", "").once());
    let etag = || {
        s3(&fake, "GET", OBJECT, &[], "")
            .header("etag")
            .map(str::to_owned)
    };
    assert_eq!(etag().as_deref(), Some("\"other\""));
    assert_eq!(etag(), None);
    assert!(etag().is_some());
}

#[test]
fn a_connection_is_reset_or_closed_or_the_answer_is_lost() {
    for (fault, ends, stored) in [
        (Fault::Reset, Err(ErrorKind::ConnectionReset), false),
        (Fault::Close, Ok(String::new()), false),
        (Fault::Lost, Ok(String::new()), true),
        (Fault::LostByReset, Err(ErrorKind::ConnectionReset), true),
    ] {
        let fake = FakeAws::start();
        fake.fault("PutObject", fault.clone());
        assert_eq!(raw(&fake, &wire("PUT", OBJECT, "one")), ends, "{fault}");
        assert_eq!(fake.object(PLACE).is_some(), stored, "{fault}");
        assert_eq!(fake.operations(), ["PutObject"], "{fault}");
    }
}

#[test]
fn a_body_is_cut_changed_or_of_another_length() {
    let body = |fault: Fault| {
        let fake = with_object();
        fake.fault("GetObject", fault);
        let answer = raw(&fake, &wire("GET", OBJECT, "")).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let (_, length) = head.split_once("content-length: ").unwrap();
        (length.to_owned(), body.to_owned())
    };
    let expected = |length: &str, body: &str| (length.to_owned(), body.to_owned());
    assert_eq!(body(Fault::Cut(4)), expected("10", "0123"));
    assert_eq!(body(Fault::Cut(0)), expected("10", ""));
    assert_eq!(body(Fault::Length(12)), expected("12", "0123456789"));
    assert_eq!(body(Fault::Body(b"what".to_vec())), expected("4", "what"));
    assert_eq!(body(Fault::sent(|_| b"x".to_vec())), expected("1", "x"));
    let slow = Fault::Slow(Duration::from_millis(1));
    assert_eq!(body(slow), expected("10", "0123456789"));
}

#[test]
fn nothing_comes_after_a_stall() {
    for (fault, expected, stored) in [
        (Fault::Stall, "", false),
        (Fault::DoneThenStall, "", true),
        (Fault::StallAfter(0), "\r\n\r\n", true),
    ] {
        let fake = FakeAws::start();
        fake.fault("PutObject", fault.clone());
        let mut stream = TcpStream::connect(("127.0.0.1", fake.port())).unwrap();
        stream
            .write_all(wire("PUT", OBJECT, "one").as_bytes())
            .unwrap();
        fake.wait_for("PutObject", 1);
        let pause = Some(Duration::from_millis(100));
        stream.set_read_timeout(pause).unwrap();
        let mut read = Vec::new();
        let ended = stream.read_to_end(&mut read).unwrap_err();
        assert_eq!(ended.kind(), ErrorKind::WouldBlock, "{fault}");
        let read = String::from_utf8(read).unwrap();
        assert!(read.ends_with(expected) && read.is_empty() == expected.is_empty());
        assert_eq!(fake.object(PLACE).is_some(), stored, "{fault}");
    }
}

#[test]
fn an_error_may_come_although_it_was_done() {
    let fake = FakeAws::start();
    let fault = Fault::DoneThenError(412, "PreconditionFailed", "no");
    fake.fault("PutObject", fault);
    let seen = short(&s3(&fake, "PUT", OBJECT, &[], "one"));
    assert_eq!(seen, "412 PreconditionFailed");
    assert_eq!(fake.object(PLACE).unwrap(), b"one");
}

#[test]
fn a_server_may_ignore_conditions_or_store_other_bytes() {
    let fake = with_object();
    fake.fault("PutObject", Fault::Unconditional.once());
    fake.fault("PutObject", Fault::received(|_| b"other".to_vec()).once());
    let absent = [("if-none-match", "*")];
    assert_eq!(short(&s3(&fake, "PUT", OBJECT, &absent, "one")), "200");
    assert_eq!(fake.object(PLACE).unwrap(), b"one");
    assert_eq!(short(&s3(&fake, "PUT", OBJECT, &[], "two")), "200");
    assert_eq!(fake.object(PLACE).unwrap(), b"other");
}

#[test]
fn somebody_writes_just_before_a_request_is_done() {
    let fake = with_object();
    fake.before("PutObject", |state| {
        state.put_object(PLACE, b"theirs");
    });
    let old = crate::support::fake_aws::etag(b"0123456789");
    let matches = [("if-match", &*old)];
    let seen = short(&s3(&fake, "PUT", OBJECT, &matches, "ours"));
    assert_eq!(seen, "412 PreconditionFailed");
    assert_eq!(fake.object(PLACE).unwrap(), b"theirs");
}

#[test]
fn a_request_is_held_back_until_the_gate_opens() {
    let fake = FakeAws::start();
    let gate = fake.hold("PutObject");
    let asking = std::thread::spawn({
        let fake = fake.clone();
        move || short(&s3(&fake, "PUT", OBJECT, &[], "one"))
    });
    fake.wait_for("PutObject", 1);
    assert_eq!(fake.object(PLACE), None);
    gate.open();
    assert_eq!(asking.join().unwrap(), "200");
    assert_eq!(fake.object(PLACE).unwrap(), b"one");
}

#[test]
fn a_fault_that_no_request_meets_fails_the_test() {
    let fake = FakeAws::start();
    fake.fault("PutObject", Fault::Lost.once());
    fake.fault("GetObject", Fault::Stall.at(2).on("web"));
    s3(&fake, "GET", OBJECT, &[], "");
    fake.before("Decrypt", |_| {});
    fake.refuse_connections(2);
    assert!(raw(&fake, "").is_ok());
    let said = complaint(fake);
    for expected in [
        "no request met the fault: lost answer for PutObject",
        "no request met the fault: stall for GetObject web",
        "no Decrypt for its hook",
        "1 connections fewer than to be refused",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn an_answer_says_to_go_on_before_a_body_that_waits_for_it() {
    let fake = FakeAws::start();
    let mut stream = TcpStream::connect(("127.0.0.1", fake.port())).unwrap();
    let message = wire("PUT", OBJECT, "one").replace("connection: close", "expect: 100-continue");
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    write!(stream, "{head}\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "HTTP/1.1 100 Continue");
    assert_eq!(lines.next().unwrap().unwrap(), "");
    write!(stream, "{body}").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "HTTP/1.1 200 OK");
}
