//! The cause of a failed request, in AWS's words or the network's.

use std::error::Error as StdError;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::base::chain;

/// How much of a server's message an error shows, in bytes.
const WORDS: usize = 500;

/// The error code of a response, or its status without one: `HTTP 429`.
pub(super) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let SdkError::ServiceError(answer) = error else {
        return None;
    };
    let status = answer.raw().status().as_u16();
    let code = answer.err().code();
    Some(code.map_or_else(|| format!("HTTP {status}"), few))
}

/// The response as `CODE: message`, or why there is none.
pub(crate) fn cause<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    if let (SdkError::ServiceError(answer), Some(code)) = (error, code(error)) {
        let message = on_one_line(answer.err().message().unwrap_or_default());
        return match &*message {
            "" => code,
            message if message == code => code,
            message => few(&format!("{code}: {message}")),
        };
    }
    let said = chain(error);
    // The SDK shows a request together with its body, which may be a data key.
    if said.contains("SdkBody") {
        return "the AWS SDK could not make the request".to_owned();
    }
    // The SDK's own prefixes add nothing.
    let said = [
        "dispatch failure: ",
        "failed to construct request: ",
        "request has timed out: ",
        "response error: ",
    ]
    .iter()
    .fold(said.as_str(), |said, words| {
        said.strip_prefix(words).unwrap_or(said)
    });
    let said = [
        "io error: ",
        "timeout: ",
        "other: ",
        "user error: ",
        "an error occurred while loading credentials: ",
    ]
    .iter()
    .fold(said, |said, words| said.strip_prefix(words).unwrap_or(said));
    few(said)
}

/// A server's message, shortened to fit on a line.
pub(crate) fn few(text: &str) -> String {
    share(text, 1)
}

/// The same for one of several answers that an error shows: they share the bytes.
pub(crate) fn share(text: &str, answers: usize) -> String {
    const CUT: &str = "…";
    let most = (WORDS / answers.max(1)).max(CUT.len());
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most - CUT.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{CUT}", &text[..end])
}

/// Words without line ends and repeated blanks.
fn on_one_line(words: &str) -> String {
    let start = words.floor_char_boundary(4 * WORDS);
    let words: Vec<&str> = words[..start].split_whitespace().collect();
    words.join(" ")
}
