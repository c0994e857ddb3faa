//! Record version 2 as its users meet it: what is written, what opens, and
//! every attack that it is there to refuse.

mod attacks;
mod configuration;
mod rollback;

use crate::support::fake_aws::{ALIAS, Context, FakeAws};
use crate::support::harness::record::{self, About};
use crate::support::harness::{Run, place, stored};

/// What a record of a name says of itself at first.
fn about(name: &str, secret: &str) -> About {
    About::new(format!("s3://{}", place(name)), secret.as_bytes())
}

/// A record under the wrapping key of an alias or an ARN.
fn sealed(aws: &FakeAws, under: &str, about: &About, secret: &str) -> Vec<u8> {
    let wrap = |data_key: &[u8], context: &Context| aws.wrap(under, data_key, context);
    record::version_2(about, secret.as_bytes(), wrap)
}

#[test]
fn a_record_that_another_program_wrote_opens() {
    let aws = FakeAws::start();
    let record = sealed(&aws, ALIAS, &about("web", "hunter2"), "hunter2");
    aws.put_object(&place("web"), &record);
    let outcome = Run::new("get web").aws(&aws).stdout("hunter2").status(0);
    assert_eq!(
        outcome.told(),
        ["GetObject acme-secrets/prod/web", "Decrypt alias/acme"]
    );
}
