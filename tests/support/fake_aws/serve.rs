//! Connections: reads requests, has them answered, and does to the answer what
//! a fault orders.
//!
//! One thread a connection. What an answer says is the services' business,
//! which fault it meets is decided in `fault`.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use super::Shared;
use super::fault::{Fault, is_of};
use super::request::Request;
use super::{kms, s3, sts};
use crate::support::http::{Answer, Head};

/// What becomes of an answer.
enum Delivery {
    Whole(Answer),
    /// So many bytes of the body, and then nothing more.
    StallAfter(Answer, usize),
    /// So many bytes of the body, and then the end.
    Cut(Answer, usize),
    /// With a pause before each byte of the body.
    Slow(Answer, Duration),
    /// These bytes alone, and then the end.
    Raw(&'static str),
    Close,
    Reset,
    Never,
}

/// Answers all requests of a connection.
pub fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(head) = Head::read(&mut reader)? {
        let mut request = Request::new(&head);
        if shared.orders().take_early(&request).is_some() {
            shared.record(request, true);
            return reset(&stream);
        }
        if head.expects_continue() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        request.receive(head.read_body(&mut reader)?);
        let delivery = deliver(shared, request);
        if !send(&mut stream, delivery, &head)? || !head.keeps_alive() {
            return Ok(());
        }
    }
    Ok(())
}

/// Records a request, does it unless the fault says otherwise, and says what
/// is to be sent.
fn deliver(shared: &Shared, mut request: Request) -> Delivery {
    let known = shared.script.is_some() || is_known(&request);
    // Before others may know of the request, or the next one could meet its fault.
    let is_done = known && shared.script.is_none();
    let fault = is_done.then(|| shared.orders().take(&request)).flatten();
    shared.record(request.clone(), known);
    if let Some(rule) = &shared.script {
        let answer = rule(&request, &request.operation);
        return answer.map_or(Delivery::Never, Delivery::Whole);
    }
    if !known {
        let message = format!("the fake knows no `{request}`");
        return Delivery::Whole(error(&request, 400, "NotImplemented", &message));
    }
    match &fault {
        Some(Fault::Received(change)) => request.body = change(request.body),
        Some(Fault::Unconditional) => {
            for name in ["if-match", "if-none-match", "x-amz-expected-bucket-owner"] {
                request.drop_header(name);
            }
        }
        Some(Fault::Hold(gate)) => gate.wait(|| shared.has_ended()),
        Some(Fault::Reset) => return Delivery::Reset,
        Some(Fault::Close) => return Delivery::Close,
        Some(Fault::Stall) => return Delivery::Never,
        _ => {}
    }
    let mut answer = match &fault {
        Some(Fault::Error(status, code, message)) => error(&request, *status, code, message),
        Some(Fault::Denied) => denied(&request, &shared.state().caller),
        Some(Fault::Skewed) => skewed(&request),
        _ => done(shared, &request),
    };
    if let Some(Fault::DoneThenError(status, code, message)) = &fault {
        answer = error(&request, *status, code, message);
    }
    let header = match &*request.service {
        "s3" => "x-amz-request-id",
        _ => "x-amzn-requestid",
    };
    answer = answer.header(header, format!("FAKE{:012}", shared.count()));
    match fault {
        Some(Fault::Lost) => return Delivery::Close,
        Some(Fault::LostByReset) => return Delivery::Reset,
        Some(Fault::DoneThenStall) => return Delivery::Never,
        Some(Fault::StallAfter(length)) => return Delivery::StallAfter(answer, length),
        Some(Fault::Cut(length)) => return Delivery::Cut(answer, length),
        Some(Fault::Raw(bytes)) => return Delivery::Raw(bytes),
        Some(Fault::Length(length)) => answer.claimed = Some(length),
        Some(Fault::Slow(pause)) => return Delivery::Slow(answer, pause),
        Some(Fault::Body(body)) => answer.body = body,
        Some(Fault::Sent(change)) => answer.body = change(answer.body),
        Some(Fault::Header(name, value)) => {
            answer.headers.retain(|(known, _)| known != name);
            let header = (name.to_owned(), value.to_owned());
            answer.headers.extend((!value.is_empty()).then_some(header));
        }
        _ => {}
    }
    Delivery::Whole(answer)
}

/// Does what is asked: hooks first, all under one lock.
fn done(shared: &Shared, request: &Request) -> Answer {
    let mut state = shared.state();
    for hook in shared.take_hooks(|operation| is_of(operation, request)) {
        hook(&mut state);
    }
    match &*request.service {
        "s3" => s3::answer(&mut state, request),
        "kms" => kms::answer(&mut state, request),
        _ => sts::caller(&state.caller),
    }
}

/// What IAM says to a caller without the right.
fn denied(request: &Request, caller: &str) -> Answer {
    let (service, operation) = (&*request.service, &*request.operation);
    let action = match operation {
        "ListObjectsV2" | "HeadBucket" => "ListBucket",
        "ListObjectVersions" => "ListBucketVersions",
        "HeadObject" => "GetObject",
        _ => operation,
    };
    let target = request.target();
    let resource = match service {
        "s3" => format!("arn:aws:s3:::{target}"),
        _ => target,
    };
    let message = format!(
        "User: arn:aws:iam::{caller}:user/tester is not authorized to perform: {service}:{action} \
         on resource: {resource} because no identity-based policy allows the {service}:{action} action"
    );
    match service {
        "kms" => error(request, 400, "AccessDeniedException", &message),
        _ => error(request, 403, "AccessDenied", &message),
    }
}

/// What a caller is told whose clock is years behind.
fn skewed(request: &Request) -> Answer {
    let refused = match &*request.service {
        "kms" => error(
            request,
            400,
            "InvalidSignatureException",
            "Signature expired: 20260101T000000Z is now earlier than 20991231T235500Z",
        ),
        _ => error(
            request,
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
    };
    refused.header("date", "Thu, 31 Dec 2099 23:59:59 GMT")
}

fn is_known(request: &Request) -> bool {
    let operation = &*request.operation;
    match &*request.service {
        "s3" => !operation.is_empty(),
        "kms" => kms::OPERATIONS.contains(&operation),
        "sts" => sts::OPERATIONS.contains(&operation),
        _ => false,
    }
}

/// An error in the service's own form.
fn error(request: &Request, status: u16, code: &'static str, message: &str) -> Answer {
    match &*request.service {
        "kms" => kms::error(status, code, message),
        "sts" => sts::error(status, code, message),
        _ => s3::Refusal::new(status, code, message).answer(request),
    }
}

/// Whether another request may follow.
fn send(stream: &mut TcpStream, delivery: Delivery, head: &Head) -> io::Result<bool> {
    let no_body = head.method() == "HEAD";
    let part = |answer: &Answer, length: usize| {
        let end = length.min(answer.body.len());
        [&answer.head(), &answer.body[..end]].concat()
    };
    match delivery {
        Delivery::Whole(answer) if no_body => stream.write_all(&part(&answer, 0))?,
        Delivery::Whole(answer) => {
            answer.send(stream)?;
            // Nobody could tell where another answer begins.
            return Ok(answer.claimed.is_none());
        }
        Delivery::StallAfter(answer, length) => {
            stream.write_all(&part(&answer, length))?;
            until_gone(stream);
            return Ok(false);
        }
        Delivery::Cut(answer, length) => {
            stream.write_all(&part(&answer, length))?;
            return Ok(false);
        }
        Delivery::Slow(answer, pause) => {
            stream.write_all(&answer.head())?;
            for byte in answer.body {
                thread::sleep(pause);
                stream.write_all(&[byte])?;
            }
        }
        Delivery::Raw(bytes) => {
            stream.write_all(bytes.as_bytes())?;
            return Ok(false);
        }
        Delivery::Close => return Ok(false),
        Delivery::Reset => {
            reset(stream)?;
            return Ok(false);
        }
        Delivery::Never => {
            until_gone(stream);
            return Ok(false);
        }
    }
    Ok(true)
}

/// Waits until the other side has gone; the end of the fake closes too.
fn until_gone(stream: &mut TcpStream) {
    let mut buffer = [0; 4096];
    while matches!(stream.read(&mut buffer), Ok(1..)) {}
}

/// Has the last close send RST instead of FIN.
fn reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}
