//! The codes with which AWS throttles requests, and what helps.

/// The starts of those codes, as S3, KMS, STS and servers like them write them.
const STARTS: [&str; 5] = [
    "Throttl",
    "RequestThrottled",
    "SlowDown",
    "TooManyRequests",
    "ProvisionedThroughputExceeded",
];

/// The codes that start otherwise.
const OTHERS: [&str; 4] = [
    "HTTP 429",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
];

/// Whether a code means that the same request may succeed later.
pub(crate) fn is_throttling(code: &str) -> bool {
    OTHERS.contains(&code) || STARTS.iter().any(|start| code.starts_with(start))
}

/// What to do about a throttling code; `None` for any other.
pub(crate) fn hint(code: &str) -> Option<&'static str> {
    if !is_throttling(code) {
        return None;
    }
    Some(match code {
        // KMS alone writes this one.
        "ThrottlingException" => {
            "KMS limits the requests per second of an account and region: spread the starts, raise --timeout, or request a higher quota (`aws service-quotas list-service-quotas --service-code kms`)"
        }
        _ if code.starts_with("SlowDown") => {
            "S3 limits the requests per second for each prefix: spread the requests, or raise --timeout"
        }
        _ => "spread the requests, or raise --timeout",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttling_code_is_told_from_a_full_quota_and_an_overload() {
        for code in [
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "SlowDown",
            "SlowDownWrite",
            "ProvisionedThroughputExceededException",
            "HTTP 429",
        ] {
            assert!(is_throttling(code) && hint(code).is_some(), "{code}");
        }
        for code in [
            "LimitExceededException",
            "ServiceUnavailable",
            "InternalError",
            "HTTP 503",
            "AccessDenied",
            "",
        ] {
            assert!(!is_throttling(code) && hint(code).is_none(), "{code}");
        }
    }
}
