//! The manifests in `examples/`: each is read as its platform reads it, and
//! what it starts is started.
//!
//! A folder store stands in for AWS. What the platforms themselves check is
//! checked as far as it can be without them: systemd's own verifier where
//! there is one, the schemas of ECS, Kubernetes and `CloudFormation`, else what
//! must be text, and what refers to what.

mod containers;
mod github;
mod hosts;
mod lambda;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::support::files::files_below;
use crate::support::manifests::read::{self, string};
use crate::support::manifests::schemas;
use crate::support::manifests::start::S3_PATH;

/// What stands in `examples/` beside programs.
const FILES: [&str; 19] = [
    "docker/Dockerfile",
    "docker/README.md",
    "docker/compose.install.yaml",
    "docker/compose.local.yaml",
    "docker/compose.yaml",
    "ecs/task-definition-install.json",
    "ecs/task-definition.json",
    "github/deploy.yaml",
    "github/smoke-test.yaml",
    "kubernetes/deployment.yaml",
    "kubernetes/image-volume.yaml",
    "kubernetes/init-container.yaml",
    "lambda/Dockerfile",
    "lambda/os-only.yaml",
    "lambda/os-only/bootstrap",
    "lambda/template.yaml",
    "policy.json",
    "systemd/web-with-credentials.service",
    "systemd/web.service",
];

/// What a reader of them makes there.
const OF_THE_READER: [&str; 6] = [
    "docker/.lazycred",
    "docker/secrets/",
    "docker/server",
    "lambda/layers/",
    "lambda/lazycred-",
    "lambda/os-only/server",
];

#[test]
fn no_example_is_left_untested() {
    let folder = read::path("");
    let mut found = BTreeSet::new();
    for path in files_below(&folder) {
        let file = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        if !["quickstart.rs", "seal.rs"]
            .iter()
            .any(|program| file.ends_with(program))
        {
            found.insert(file.to_owned());
        }
    }
    found.retain(|file| !OF_THE_READER.iter().any(|theirs| file.starts_with(theirs)));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), FILES);
}

#[test]
fn the_platforms_own_schemas_accept_the_manifests_and_notice_a_slip() {
    let Some((complaints, last)) = schemas::complaints(&read::path("")) else {
        return;
    };
    assert_eq!((complaints, &*last), (vec![], "checked 10"));
    let sandbox = Sandbox::new();
    for (file, right, wrong) in [
        ("docker/compose.yaml", "cap_drop:", "cap_drops:"),
        (
            "ecs/task-definition.json",
            "\"entryPoint\"",
            "\"entrypoint\"",
        ),
        ("kubernetes/image-volume.yaml", "reference:", "image:"),
        ("kubernetes/init-container.yaml", "sizeLimit:", "limit:"),
        ("lambda/os-only.yaml", "provided.al2023", "provided.al2024"),
        (
            "lambda/template.yaml",
            "- Ref: LazycredArm",
            "- Ref: Lazycred",
        ),
    ] {
        let text = read::text(file);
        assert!(text.contains(right), "{file}");
        sandbox.write(sandbox.home().join(file), text.replace(right, wrong));
        let (complaints, _) = schemas::complaints(sandbox.home()).unwrap();
        let of_it = complaints.iter().filter(|line| line.starts_with(file));
        assert!(of_it.count() > 0, "{file}: {complaints:?}");
    }
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
