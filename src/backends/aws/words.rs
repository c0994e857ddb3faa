//! Settings that are one of two words. The SDK passes over any other, and requests
//! would go where the user does not want them.

use super::Aws;
use super::endpoint::{ENDPOINT, Names, source_of};
use crate::base::{Error, OneLine, Result};

const FIPS: Names = ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
const DUAL_STACK: Names = ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");

/// How much of an invalid value is shown, in characters.
const SHOWN: usize = 64;

impl Aws {
    /// Refuses a kind of endpoint that is neither on nor off, and one that these
    /// services' own endpoints exclude.
    pub(super) fn check_kinds(&self, services: &[&str], profile: &str) -> Result<()> {
        for (names, is_on) in [
            (FIPS, self.sdk.use_fips()),
            (DUAL_STACK, self.sdk.use_dual_stack()),
        ] {
            self.check_word(names, ["true", "false"], profile)?;
            let excluded = |service: &&&str| self.endpoint(service).is_some();
            let excluded = services.iter().find(excluded);
            if let (Some(true), Some(service)) = (is_on, excluded) {
                let kind = source_of(service, names, profile);
                let endpoint = source_of(service, ENDPOINT, profile);
                return Err(Error::usage_hint(
                    format!(
                        "{kind} chooses among AWS's own endpoints, but {endpoint} says where {service} is"
                    ),
                    "unset one of them",
                ));
            }
        }
        Ok(())
    }

    /// Refuses a setting that is neither of two words, in whatever case.
    pub(super) fn check_word(&self, names: Names, words: [&str; 2], profile: &str) -> Result<()> {
        let Some(text) = self.word(names) else {
            return Ok(());
        };
        if words.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Ok(());
        }
        let source = source_of("S3", names, profile);
        let shown: String = text.chars().take(SHOWN).collect();
        let [one, other] = words;
        Err(Error::usage_hint(
            format!(
                "{source} is `{}`, which is neither {one} nor {other}",
                OneLine(shown)
            ),
            "set it to one of them, or unset it",
        ))
    }

    /// A setting that is not empty.
    pub(super) fn word(&self, (variable, of_profile): Names) -> Option<String> {
        let text = self.setting("S3", variable, of_profile);
        text.filter(|text| !text.is_empty())
    }
}
