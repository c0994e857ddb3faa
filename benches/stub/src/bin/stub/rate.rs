//! KMS's limit of requests a second: a token bucket, and what is answered beyond it.

use std::sync::Mutex;
use std::time::Instant;

use serde_json::json;

use crate::http::Answer;
use crate::kms::TYPE;

/// So many requests a second, and as many at once.
pub struct Rate {
    a_second: f64,
    left: Mutex<(f64, Instant)>,
}

impl Rate {
    pub fn new(a_second: u32) -> Self {
        let a_second = f64::from(a_second);
        Self {
            a_second,
            left: Mutex::new((a_second, Instant::now())),
        }
    }

    /// The answer to a request that comes too often.
    pub fn refusal(&self) -> Option<Answer> {
        let mut held = self.left.lock().unwrap_or_else(|held| held.into_inner());
        let now = Instant::now();
        let more = now.duration_since(held.1).as_secs_f64() * self.a_second;
        let left = (held.0 + more).min(self.a_second);
        let is_allowed = left >= 1.0;
        *held = (if is_allowed { left - 1.0 } else { left }, now);
        let document = json!({"__type": "ThrottlingException", "message": "Rate exceeded"});
        (!is_allowed).then(|| Answer::new(400, TYPE, document.to_string()))
    }
}
