//! What each member may be, and what it may not.

use serde_json::{Value, json};

/// Members with values that are taken, and with values that are not.
pub fn table() -> Vec<(&'static str, Vec<Value>, Vec<Value>)> {
    let uuid = "1234abcd-12ab-34cd-56ef-1234567890AB";
    let key = format!("arn:aws:kms:eu-west-1:111122223333:key/{uuid}");
    let point = "arn:aws:s3:us-east-1:123456789012:accesspoint";
    let mrk = format!("mrk-{}", uuid.replace('-', ""));
    let text = |more: Vec<Value>| {
        let wrong = [
            json!(""),
            json!(5),
            json!(null),
            json!([]),
            json!({}),
            json!(true),
            json!("x/y\r"),
            json!("x/y\n"),
            json!("x/\u{85}"),
        ];
        [wrong.to_vec(), more].concat()
    };
    let keys = || {
        let fine = vec![
            json!("k"),
            json!("alias/k"),
            json!("alias/a/b_c-D"),
            json!("alias/alias/"),
            json!("/"),
            json!(uuid),
            json!(mrk),
            json!("mrk-12"),
            json!(key),
            json!("arn::kms:r:111122223333:alias/a b"),
            json!("local:dev"),
            json!("local:A_b-9"),
        ];
        let wrong = text(vec![
            json!("a b"),
            json!("alias/"),
            json!("a.b"),
            json!("é"),
            json!("local:"),
            json!("local:a/b"),
            json!("local:a.b"),
            json!("arn:aws:s3:::b"),
            json!("arn:aws:kms::111122223333:key/x"),
            json!("arn:aws:kms:r:12:key/x"),
            json!("arn:aws:kms:r:111122223333:grant/x"),
            json!("ARN:aws:kms:r:111122223333:key/x"),
        ]);
        (fine, wrong)
    };
    let regions = || {
        let wrong = text(vec![
            json!("eu west"),
            json!("eu_west"),
            json!("r.x"),
            json!("x".repeat(64)),
            json!("é"),
        ]);
        (
            vec![json!("eu-west-1"), json!("R"), json!("x".repeat(63))],
            wrong,
        )
    };
    let account = || {
        vec![
            json!("12"),
            json!("1111222233334"),
            json!("11112222333a"),
            json!("١١١١٢٢٢٢٣٣٣٣"),
            json!(" 111122223333"),
        ]
    };
    let booleans = || {
        (
            vec![json!(true), json!(false)],
            vec![json!("true"), json!(1), json!(null), json!([])],
        )
    };
    let formats = || {
        (
            vec![json!(1), json!(2)],
            vec![
                json!(0),
                json!(3),
                json!(-1),
                json!(1.5),
                json!("2"),
                json!(true),
                json!(null),
            ],
        )
    };
    let (many_keys, wrong_keys) = keys();
    let mut rows = vec![
        (
            "s3_path",
            vec![
                json!("b/"),
                json!("eFart/credentials/"),
                json!("b//x"),
                json!("b/$x/~"),
                json!("arn/x"),
                json!("file/x"),
                json!("s3:/x"),
                json!("HTTP://x"),
                json!("FILE:~/x"),
                json!("bücket/é"),
                json!("file:secrets/"),
                json!("file:/srv/x"),
                json!("file:a~"),
                json!("file:../x"),
                json!(format!("{point}/acme/")),
                json!(format!("{point}:acme-1/p/$~")),
                json!(format!("{}/x/", point.replace("aws:", "aws-us-gov:"))),
            ],
            text(vec![
                json!("bucket"),
                json!("/prefix"),
                json!("file:"),
                json!("file:~/x"),
                json!("file:$X"),
                json!("file:a/${X}"),
                json!("s3://b/x"),
                json!("S3://b/"),
                json!("http://h/b/"),
                json!("https://h/b"),
                json!("arn:aws:s3:::b/x"),
                json!(format!("{point}/acme")),
                json!(format!("{point}//p/")),
                json!(format!("{point}/a_b/p")),
                json!(format!("{}/a/p", point.replace("123456789012", "12"))),
                json!(format!("{}/a/p", point.replace("us-east-1", "us east"))),
                json!(format!("{}/a/p", point.replace("us-east-1", ""))),
                json!(format!("{}/a/p", point.replace(":s3:", ":s3-outposts:"))),
                json!(format!("{}/a/p", point.replace("arn:aws", "ARN:aws"))),
                json!(format!("{}/a/p", point.replace("arn:aws", "arn:gcp"))),
            ]),
        ),
        ("account", vec![json!("111122223333")], text(account())),
        (
            "profile",
            vec![json!("p"), json!("a profile"), json!("é")],
            text(vec![]),
        ),
        (
            "key_accounts",
            vec![json!([]), json!(["111122223333", "444455556666"])],
            [
                account().into_iter().map(|one| json!([one])).collect(),
                vec![json!("111122223333"), json!({}), json!(null)],
            ]
            .concat(),
        ),
        (
            "keys",
            [
                vec![json!([])],
                many_keys.into_iter().map(|one| json!([one])).collect(),
            ]
            .concat(),
            [
                wrong_keys
                    .into_iter()
                    .map(|one| json!(["k", one]))
                    .collect(),
                vec![json!("k"), json!({}), json!(null)],
            ]
            .concat(),
        ),
        (
            "max_age",
            vec![
                json!("90d"),
                json!("12h"),
                json!("01d"),
                json!("0000000000001h"),
                json!("4294967295d"),
                json!("999999999h"),
            ],
            text(vec![
                json!("0d"),
                json!("00h"),
                json!("3w"),
                json!("d"),
                json!("1"),
                json!("+1d"),
                json!("1.5d"),
                json!("1D"),
                json!("1 d"),
                json!("4294967296d"),
                json!("99999999999d"),
            ]),
        ),
        (
            "sse",
            vec![
                json!("AES256"),
                json!("aws:kms"),
                json!(format!("aws:kms:{uuid}")),
                json!(format!("aws:kms:{mrk}")),
                json!("aws:kms:alias/acme/s3"),
                json!(format!("aws:kms:{key}")),
            ],
            text(vec![
                json!("aes256"),
                json!("AES256 "),
                json!("AWS:KMS"),
                json!("aws:kms:"),
                json!("aws:kms:acme"),
                json!("aws:kms:mrk-12"),
                json!("aws:kms:alias/"),
                json!("aws:kms:local:dev"),
                json!("aws:kms:alias/a b"),
                json!("aws:kms:arn:aws:s3:::b"),
                json!("aws:kms:dsse"),
                json!("aws:fsx"),
            ]),
        ),
        (
            "$schema",
            vec![json!("x"), json!(""), json!(5), json!(null)],
            vec![],
        ),
        (
            "unknown",
            vec![json!("x"), json!(5), json!(null), json!({"s3_path": 5})],
            vec![],
        ),
    ];
    rows.extend(
        [
            ("key_alias", keys()),
            ("region", regions()),
            ("bucket_region", regions()),
            ("pin_key", booleans()),
            ("cache", booleans()),
            ("format", formats()),
            ("min_format", formats()),
        ]
        .map(|(name, (fine, wrong))| (name, fine, wrong)),
    );
    rows
}
