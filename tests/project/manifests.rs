//! The manifests in `examples/`: each is read as its platform reads it, and
//! what it starts is started.
//!
//! A folder store stands in for AWS. What the platforms themselves check is
//! checked as far as it can be without them: systemd's own verifier where
//! there is one, else what must be text, and what refers to what.

mod containers;
mod hosts;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::files::files_below;
use crate::support::manifests::read::{self, string};
use crate::support::manifests::start::S3_PATH;

/// What stands in `examples/` beside programs.
const FILES: [&str; 11] = [
    "docker/Dockerfile",
    "docker/README.md",
    "docker/compose.local.yaml",
    "docker/compose.yaml",
    "ecs/task-definition.json",
    "github/deploy.yaml",
    "kubernetes/deployment.yaml",
    "lambda/template.yaml",
    "policy.json",
    "systemd/web-with-credentials.service",
    "systemd/web.service",
];

/// What a reader of them makes there.
const OF_THE_READER: [&str; 5] = [
    "docker/.lazycred",
    "docker/lazycred",
    "docker/secrets/",
    "docker/server",
    "lambda/layer/",
];

#[test]
fn no_example_is_left_untested() {
    let folder = read::path("");
    let mut found = BTreeSet::new();
    for path in files_below(&folder) {
        let file = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        if !file.ends_with("quickstart.rs") {
            found.insert(file.to_owned());
        }
    }
    found.retain(|file| !OF_THE_READER.iter().any(|theirs| file.starts_with(theirs)));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), FILES);
}

#[test]
fn the_policy_lets_a_reader_of_the_examples_read_and_no_more() {
    let (bucket, prefix) = S3_PATH.split_once('/').unwrap();
    let policy = read::json("policy.json");
    assert_eq!(policy["Version"], "2012-10-17");
    let statements = policy["Statement"].as_array().unwrap();
    assert!(statements.iter().all(|it| it["Effect"] == "Allow"));
    let allowed = |it: &Value| {
        let actions = match &it["Action"] {
            Value::Array(actions) => actions.iter().map(string).collect(),
            action => vec![string(action)],
        };
        (actions.join(" "), string(&it["Resource"]))
    };
    let [objects, list, unwrap] = &statements[..] else {
        panic!("objects, the bucket, the wrapping key");
    };
    assert_eq!(
        allowed(objects),
        (
            "s3:GetObject s3:GetObjectVersion".to_owned(),
            format!("arn:aws:s3:::{bucket}/{prefix}*"),
        )
    );
    assert_eq!(
        allowed(list),
        ("s3:ListBucket".to_owned(), format!("arn:aws:s3:::{bucket}"))
    );
    let under_the_prefix = json!({"StringLike": {"s3:prefix": [format!("{prefix}*")]}});
    assert_eq!(list["Condition"], under_the_prefix);
    let (action, wrapping_key) = allowed(unwrap);
    assert_eq!(action, "kms:Decrypt");
    assert!(wrapping_key.starts_with("arn:aws:kms:us-east-1:111122223333:key/"));
}
