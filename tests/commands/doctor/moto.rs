//! `init --create` and `doctor` against moto: what the one makes the other
//! finds, and each thing that is broken since is named.

use serde_json::{Value, json};

use crate::commands::doctor::findings::{findings, of};
use crate::commands::init::create::{WHO, done, plan};
use crate::support::{Moto, Sandbox};

/// A bucket and a wrapping key of one name, as `init --create` made them.
struct Made {
    moto: &'static Moto,
    name: &'static str,
    sandbox: Sandbox,
}

impl Made {
    fn new(name: &'static str) -> Option<Self> {
        let moto = Moto::shared()?;
        let sandbox = Sandbox::aws(&moto.endpoint(), &format!("{name}/p/"), name);
        sandbox.says("init --create", &done(WHO[1], &plan(name, name)));
        Some(Self {
            moto,
            name,
            sandbox,
        })
    }

    /// A change of the bucket by somebody else.
    #[track_caller]
    fn bucket(&self, method: &str, query: &str, body: &str) {
        let target = format!("/{}{query}", self.name);
        let answer = self.moto.s3(method, &target, body.as_bytes());
        assert!(matches!(answer.status(), 200 | 204), "{answer:?}");
    }

    fn arn(&self) -> String {
        let alias = json!({"KeyId": format!("alias/{}", self.name)});
        let described = self.moto.kms("DescribeKey", &alias);
        described["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
    }

    /// A change of the wrapping key by somebody else.
    #[track_caller]
    fn wrapping_key(&self, action: &str, arn: &str) {
        let (_, id) = arn.rsplit_once('/').unwrap();
        self.moto.kms(action, &json!({"KeyId": id}));
    }

    /// What `doctor` finds that is not as it should be, and its status.
    fn wrong(&self) -> (Vec<Value>, i32) {
        let (mut found, status) = findings(&self.sandbox, &[]);
        found.retain(|finding| finding["status"] != "ok");
        (found, status)
    }

    /// The only finding, a warning.
    #[track_caller]
    fn lacks(&self, check: &str, remedy: &str) {
        let (found, status) = self.wrong();
        let (seen, said) = of(&found, check);
        assert_eq!((status, seen, found.len()), (0, "warning", 1), "{found:?}");
        assert!(said.contains(remedy), "{said}");
    }

    /// Makes it whole again, by exactly one change.
    #[track_caller]
    fn mended(&self, change: &str) {
        self.sandbox
            .says("init --create", &done(WHO[1], &format!("will {change}\n")));
        assert_eq!(self.wrong(), (vec![], 0));
    }
}

#[test]
fn what_init_makes_is_all_that_doctor_looks_for_and_made_once() {
    let Some(made) = Made::new("made-and-looked-at") else {
        return;
    };
    made.sandbox
        .run(["init", "--create"])
        .stderr(format!(
            "{}bucket and wrapping key are already set up\n",
            WHO[1]
        ))
        .ok();
    let found = made.sandbox.run(["doctor"]).gives().text();
    let fine = |line: &str| line.starts_with("ok ") || line.starts_with("verdict: ");
    assert!(found.lines().all(fine), "{found}");
    let arn = made.arn();
    for line in [
        "identity: arn:aws:",
        &format!("wrapping key: {arn} is enabled"),
        "rotation: rotated yearly",
        "bucket: `made-and-looked-at` exists",
        "versioning: the bucket is versioned",
        "public access: blocked",
        "bucket policy: it requires TLS",
        "read: no secret is stored yet",
    ] {
        assert!(
            found.contains(&format!("ok      {line}")),
            "{line}: {found}"
        );
    }
    // moto denies what a policy denies to others than us, whatever its condition.
    made.bucket("DELETE", "?policy", "");
    made.sandbox.put("web", "hunter2");
    let (found, status) = findings(&made.sandbox, &["--write"]);
    for check in ["read", "write", "conditions", "read back", "remove"] {
        assert_eq!((status, of(&found, check)), (0, ("ok", "")), "{check}");
    }
}

#[test]
fn each_hardening_that_is_taken_away_is_named_and_made_again() {
    let name = "taken-apart";
    let Some(made) = Made::new(name) else { return };
    let suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    made.bucket("PUT", "?versioning", suspended);
    made.lacks(
        "versioning",
        &format!("put-bucket-versioning --bucket {name}"),
    );
    made.mended(&format!("enable versioning of `{name}`"));

    made.bucket("DELETE", "?publicAccessBlock", "");
    made.lacks(
        "public access",
        &format!("put-public-access-block --bucket {name}"),
    );
    made.mended(&format!("block public access to `{name}`"));

    made.bucket("DELETE", "?policy", "");
    made.lacks("bucket policy", "`lazycred policy bucket`");
    made.mended(&format!("require TLS in the policy of `{name}`"));

    let arn = made.arn();
    made.wrapping_key("DisableKeyRotation", &arn);
    made.lacks(
        "rotation",
        &format!("aws kms enable-key-rotation --key-id {arn}"),
    );
    made.mended(&format!("rotate {arn} yearly"));
}

#[test]
fn doctor_reports_a_missing_alias_or_bucket_as_an_error() {
    let name = "gone-since";
    let Some(made) = Made::new(name) else { return };
    let arn = made.arn();
    made.wrapping_key("DisableKey", &arn);
    let (found, status) = made.wrong();
    assert_eq!((status, of(&found, "wrapping key").0), (1, "error"));
    let expected = format!("`aws kms enable-key --key-id {arn} --region us-east-1`");
    assert_eq!(of(&found, "wrapping key").1, expected);
    made.wrapping_key("EnableKey", &arn);
    assert_eq!(made.wrong(), (vec![], 0));

    let alias = format!("alias/{name}");
    made.moto.kms("DeleteAlias", &json!({"AliasName": alias}));
    let (found, status) = made.wrong();
    let (seen, remedy) = of(&found, "wrapping key");
    assert_eq!((status, seen, found.len()), (1, "error", 1), "{found:?}");
    assert!(remedy.contains("`key_alias` and `region`"), "{remedy}");
    let back = json!({"AliasName": alias, "TargetKeyId": arn});
    made.moto.kms("CreateAlias", &back);
    assert_eq!(made.wrong(), (vec![], 0));

    made.bucket("DELETE", "", "");
    let (found, status) = made.wrong();
    let (seen, remedy) = of(&found, "bucket");
    assert_eq!((status, seen), (1, "error"), "{found:?}");
    assert!(remedy.contains("`s3_path`") && remedy.contains("init --create"));
}
