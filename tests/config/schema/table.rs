//! What each member may be, and what it may not.

use serde_json::{Value, json};

/// Members, then a value a line: `+` where it is taken, `-` where it is refused. `TEXT`
/// stands for what no text may be; a member with `[]` has each value in a list.
const TABLE: &str = r#"
s3_path
+ "b/" "eFart/credentials/" "b//x" "b/$x/~" "arn/x" "file/x" "s3:/x" "HTTP://x" "FILE:~/x" "bücket/é"
+ "file:secrets/" "file:/srv/x" "file:a~" "file:../x"
+ "POINT/acme/" "POINT:acme-1/p/$~" "arn:aws-us-gov:s3:r:123456789012:accesspoint/a/"
- TEXT "bucket" "/prefix" "file:" "file:~/x" "file:$X" "file:a/${X}" "s3://b/x" "S3://b/" "http://h/b/" "https://h/b"
- "arn:aws:s3:::b/x" "POINT/acme" "POINT//p/" "POINT/a_b/p" "ARN:aws:s3:r:123456789012:accesspoint/a/"
- "arn:aws:s3:r:12:accesspoint/a/" "arn:aws:s3:us_east:123456789012:accesspoint/a/" "arn:aws:s3::123456789012:accesspoint/a/"
- "arn:aws:s3-outposts:r:123456789012:accesspoint/a/" "arn:gcp:s3:r:123456789012:accesspoint/a/"
key_alias keys[]
+ "k" "alias/k" "alias/a/b_c-D" "alias/alias/" "/" "UUID" "mrk-1234abcd12ab34cd56ef1234567890ab" "mrk-12"
+ "arn:aws:kms:eu-west-1:111122223333:key/UUID" "arn::kms:r:111122223333:alias/a_b" "local:dev" "local:A_b-9"
- TEXT "a b" "alias/" "a.b" "é" "local:" "local:a/b" "local:a.b" "arn:aws:s3:::b" "arn:aws:kms::111122223333:key/x"
- "arn::kms:r:111122223333:alias/a b" "arn:aws:kms:r é:111122223333:key/x" "arn:aws:kms:r:12:key/x" "arn:aws:kms:r:111122223333:grant/x" "ARN:aws:kms:r:111122223333:key/x"
region bucket_region
+ "eu-west-1" "R" "x23456789012345678901234567890123456789012345678901234567890123"
- TEXT "eu west" "eu_west" "r.x" "é" "x234567890123456789012345678901234567890123456789012345678901234"
account key_accounts[]
+ "111122223333"
- TEXT "12" "1111222233334" "11112222333a" "١١١١٢٢٢٢٣٣٣٣" " 111122223333"
profile
+ "p" "a profile" "é"
- TEXT
keys key_accounts
+ []
- "k" "111122223333" {} null true
pin_key cache
+ true false
- "true" 1 null []
format min_format
+ 1 2
- 0 3 -1 1.5 "2" true null []
max_age
+ "90d" "12h" "01d" "0000000000001h" "4294967295d" "999999999h"
- TEXT "0d" "00h" "3w" "d" "1" "+1d" "1.5d" "1D" "1 d" "4294967296d" "99999999999d"
sse
+ "AES256" "aws:kms" "aws:kms:UUID" "aws:kms:mrk-1234abcd12ab34cd56ef1234567890ab" "aws:kms:alias/acme/s3"
+ "aws:kms:arn:aws:kms:eu-west-1:111122223333:key/UUID"
- TEXT "aes256" "AES256 " "AWS:KMS" "aws:kms:" "aws:kms:acme" "aws:kms:mrk-12" "aws:kms:alias/" "aws:kms:local:dev"
- "aws:kms:alias/a b" "aws:kms:arn:aws:kms:r:111122223333:alias/a b" "aws:kms:arn:aws:s3:::b" "aws:kms:dsse" "aws:fsx"
$schema unknown
+ "x" "" 5 null {"s3_path":5}
"#;

/// Each member with a value, and whether that is taken.
pub fn table() -> Vec<(String, Value, bool)> {
    let mut rows = Vec::new();
    let mut members: Vec<&str> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let Some((mark @ ("+" | "-"), values)) = line.split_once(' ') else {
            members = line.split(' ').collect();
            continue;
        };
        let text = r#""" 5 null [] {} true "x/y\r" "x/y\n" "x/\u0085""#;
        let values = values
            .replace("TEXT", text)
            .replace("UUID", "1234abcd-12ab-34cd-56ef-1234567890AB")
            .replace("POINT", "arn:aws:s3:us-east-1:123456789012:accesspoint");
        for value in serde_json::Deserializer::from_str(&values).into_iter::<Value>() {
            let value = value.unwrap();
            for member in &members {
                let (member, value) = match member.strip_suffix("[]") {
                    Some(list) => (list, json!([value.clone()])),
                    None => (*member, value.clone()),
                };
                rows.push((member.to_owned(), value, mark == "+"));
            }
        }
    }
    assert!(rows.len() > 250, "{}", rows.len());
    rows
}
