//! Answers of whoever gives credentials, as the SDK's providers expect them.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use hyper::StatusCode;

/// How long a token of IMDS is good.
const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";

/// The longest that it may be, in seconds.
const LONGEST: u64 = 21600;

/// Tells 429 as 503, which all providers ask again after. Caps the age of a token of
/// IMDS, whose sum with the time could overflow, and gives a token that fits in no
/// header no age, which makes it an error.
pub(super) fn adapt(answer: &mut HttpResponse) {
    if answer.status().as_u16() == StatusCode::TOO_MANY_REQUESTS.as_u16() {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE.into();
    }
    let is_token = |byte: &u8| (b' '..=b'~').contains(byte);
    let bytes = answer.body().bytes().unwrap_or_default();
    if !bytes.iter().all(is_token) {
        answer.headers_mut().remove(TTL);
    }
    let seconds = answer.headers().get(TTL).and_then(|text| text.parse().ok());
    if seconds.is_some_and(|seconds: u64| seconds > LONGEST) {
        answer.headers_mut().insert(TTL, LONGEST.to_string());
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn adapted(status: u16, ttl: &str, body: &'static str) -> (u16, String) {
        let status = StatusCode::from_u16(status).unwrap();
        let mut answer = HttpResponse::new(status.into(), SdkBody::from(body));
        answer.headers_mut().insert(TTL, ttl.to_owned());
        adapt(&mut answer);
        let ttl = answer.headers().get(TTL).unwrap_or_default();
        (answer.status().as_u16(), ttl.to_owned())
    }

    #[test]
    fn too_many_requests_are_asked_again_and_no_token_lasts_for_ever() {
        assert_eq!(adapted(429, "60", ""), (503, "60".to_owned()));
        assert_eq!(adapted(403, "21600", ""), (403, "21600".to_owned()));
        let most = u64::MAX.to_string();
        assert_eq!(adapted(200, &most, "t"), (200, "21600".to_owned()));
        assert_eq!(adapted(200, "x", "t"), (200, "x".to_owned()));
        for token in ["a\nb", "é"] {
            assert_eq!(adapted(200, "60", token), (200, String::new()));
        }
    }
}
