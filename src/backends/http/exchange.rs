//! One request and its complete response, on one connection.
//!
//! The body is read here, not by the caller, so that a truncated body is a
//! failed attempt, which the SDK retries. At most the caller's limit of it is
//! ever held in memory.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_LENGTH;
use hyper::{Method, Request, Response};
use tokio::time::timeout;

use super::dial::Connection;
use super::fault::{Fault, Refusal, seconds};
use crate::config::Origin;

/// How long a connection may take to be ready again after a response. It is usually
/// ready at once, and never while an upload is still running.
const SETTLE: Duration = Duration::from_millis(20);

/// The size limit of an error's body, in bytes: a longer one counts as empty.
const ERROR_LIMIT: usize = 256 * 1024;

/// How long a response may take, and how large it may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// From the request's first byte to the response's last, if limited.
    pub(super) whole: Option<Duration>,
    /// Otherwise: without a byte in either direction.
    pub(super) still: Duration,
    /// Bytes in a response's body.
    pub(super) body: usize,
}

/// Why there is no response.
pub(super) enum Lost {
    /// The connection died before any of the request was sent.
    Unsent(Box<Request<SdkBody>>, ConnectorError),
    /// Anything else.
    Failed(ConnectorError),
}

impl From<ConnectorError> for Lost {
    fn from(error: ConnectorError) -> Self {
        Self::Failed(error)
    }
}

/// Why the body is incomplete.
enum Cut {
    TooLarge { limit: usize },
    Failed(ConnectorError),
}

impl From<Cut> for Lost {
    fn from(cut: Cut) -> Self {
        Self::Failed(match cut {
            Cut::TooLarge { limit } => Refusal::BodyTooLarge { limit }.into(),
            Cut::Failed(error) => error,
        })
    }
}

/// Sends a request and reads the response; returns the connection if it can take
/// another request.
pub(super) async fn exchange(
    mut connection: Connection,
    request: Request<SdkBody>,
    origin: &Origin,
    bounds: Bounds,
) -> Result<(HttpResponse, Option<Connection>), Lost> {
    let meter = connection.meter.clone();
    connection.confidential |= request.method() == Method::POST;
    let work = ask(&mut connection, request, origin, bounds.body);
    let answer = if let Some(whole) = bounds.whole {
        timeout(whole, work).await.map_err(|_| {
            let text = format!("incomplete response from {origin} after {}", seconds(whole));
            ConnectorError::timeout(Fault::plain(text))
        })?
    } else {
        meter
            .while_moving(bounds.still, work)
            .await
            .ok_or_else(|| {
                let text = format!("{origin}: no data for {}", seconds(bounds.still));
                ConnectorError::timeout(Fault::plain(text))
            })?
    }?;
    let settled = timeout(SETTLE, connection.sender.ready()).await;
    Ok((answer, matches!(settled, Ok(Ok(()))).then_some(connection)))
}

async fn ask(
    connection: &mut Connection,
    request: Request<SdkBody>,
    origin: &Origin,
    limit: usize,
) -> Result<HttpResponse, Lost> {
    let (mut head, body) = connection
        .sender
        .try_send_request(request)
        .await
        .map_err(|mut lost| {
            let unsent = lost.take_message();
            let error = unanswered(origin, lost.into_error());
            match unsent {
                Some(request) => Lost::Unsent(Box::new(request), error),
                None => Lost::Failed(error),
            }
        })?
        .into_parts();
    let body = if head.status.is_success() {
        whole(body, origin, limit).await?
    } else {
        match whole(body, origin, limit.min(ERROR_LIMIT)).await {
            // The status still identifies the error.
            Err(Cut::TooLarge { .. }) => {
                head.headers.remove(CONTENT_LENGTH);
                Vec::new()
            }
            body => body?,
        }
    };
    let body = SdkBody::from(body);
    HttpResponse::try_from(Response::from_parts(head, body)).map_err(|error| {
        let text = format!("the response from {origin} is not valid HTTP");
        Lost::Failed(ConnectorError::other(Fault::because(text, error), None))
    })
}

fn unanswered(origin: &Origin, error: hyper::Error) -> ConnectorError {
    let ours = error.is_user();
    let fault = if error.is_parse() && !origin.https {
        let text = "does not speak plain HTTP; if it speaks TLS, write https://";
        Fault::plain(format!("{origin} {text}"))
    } else {
        Fault::because(format!("no response from {origin}"), error)
    };
    if ours {
        ConnectorError::user(fault)
    } else {
        ConnectorError::io(fault)
    }
}

/// The complete body, in one piece of memory if its length is announced.
async fn whole(mut body: Incoming, origin: &Origin, limit: usize) -> Result<Vec<u8>, Cut> {
    let too_large = || Cut::TooLarge { limit };
    let announced = match body.size_hint().exact() {
        Some(length) => Some(
            usize::try_from(length)
                .ok()
                .filter(|&length| length <= limit)
                .ok_or_else(too_large)?,
        ),
        None => None,
    };
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            let text = cut_short(origin, bytes.len(), announced);
            Cut::Failed(ConnectorError::io(Fault::because(text, error)))
        })?;
        // Other frames are trailers, which we ignore.
        if let Ok(data) = frame.into_data() {
            if data.len() > limit - bytes.len() {
                return Err(too_large());
            }
            bytes.extend_from_slice(&data);
        }
    }
    if announced.is_some_and(|length| length != bytes.len()) {
        let text = cut_short(origin, bytes.len(), announced);
        return Err(Cut::Failed(ConnectorError::io(Fault::plain(text))));
    }
    Ok(bytes)
}

fn cut_short(origin: &Origin, read: usize, announced: Option<usize>) -> String {
    let of = announced.map(|length| format!(" of {length}"));
    format!(
        "the body from {origin} was cut short at {read}{} bytes",
        of.unwrap_or_default()
    )
}
