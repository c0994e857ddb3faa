//! Which accounts' wrapping keys are accepted for a record without a context.
//!
//! The accounts come from the configuration or from STS, never from the record.
//! `attempts` makes the request without a `KeyId` whose answer they are checked against.

use tokio::sync::OnceCell;

use crate::backends::aws::{self, Aws};
use crate::base::{Error, OneLine, Place, Result};
use crate::config::{Config, WrappingKeyId, arn_parts};

/// Whose wrapping keys are accepted.
#[derive(Debug)]
pub(super) struct Accounts {
    /// The configured one; without it, the caller's own counts.
    configured: Option<String>,
    /// Others.
    more: Vec<String>,
    /// The caller's own, once STS has been asked.
    own: OnceCell<String>,
}

impl Accounts {
    /// The account of the configured ARN, else `account`, and those in `key_accounts`.
    pub(super) fn of(config: &Config) -> Self {
        let of_arn = config
            .wrapping_key
            .as_ref()
            .and_then(WrappingKeyId::account);
        Self {
            configured: of_arn.map(str::to_owned).or(config.account.clone()),
            more: config.key_accounts.clone(),
            own: OnceCell::new(),
        }
    }

    /// The wrapping key's ARN, if its account may have wrapped the data key.
    pub(super) async fn check(&self, aws: &Aws, place: &Place, arn: &str) -> Result<String> {
        let account = arn_parts(arn).map(|(_, account)| account);
        let own = match &self.configured {
            _ if account.is_some_and(|account| self.more.iter().any(|more| more == account)) => {
                return Ok(arn.to_owned());
            }
            Some(configured) => configured.clone(),
            None => {
                let ask = async || aws.caller().await.map(|caller| caller.account);
                self.own.get_or_try_init(ask).await?.clone()
            }
        };
        if account == Some(&own) {
            return Ok(arn.to_owned());
        }
        let arn = OneLine(aws::few(arn));
        Err(Error::Damaged {
            place: place.clone(),
            message: format!("its data key is wrapped by `{arn}`, which is not in account {own}"),
            hint: Some("to accept it, add its account to `key_accounts` in a configuration file that you name with --config".into()),
        })
    }
}
