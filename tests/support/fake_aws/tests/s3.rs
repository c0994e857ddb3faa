//! Objects, conditions, versions, listings, rights.

use super::{complaint, element, raw, s3, short, wire};
use crate::support::fake_aws::{Elsewhere, FakeAws, etag};

const OBJECT: &str = "/acme-secrets/prod/web";

#[test]
fn an_object_is_given_back_as_it_was_put() {
    let fake = FakeAws::start();
    let text = [("content-type", "text/plain")];
    let put = s3(&fake, "PUT", OBJECT, &text, "one");
    assert_eq!(short(&put), "200");
    assert_eq!(put.header("etag"), Some(&*etag(b"one")));
    assert_eq!(put.header("x-amz-version-id"), None);
    let got = s3(&fake, "GET", OBJECT, &[], "");
    assert_eq!(got.body, b"one");
    assert_eq!(got.header("etag"), put.header("etag"));
    assert_eq!(got.header("content-type"), Some("text/plain"));
    let modified = got.header("last-modified");
    assert_eq!(modified, Some("Thu, 01 Jan 2026 00:00:01 GMT"));
    assert_eq!(fake.object("acme-secrets/prod/web").unwrap(), b"one");
    let told = ["PutObject", "GetObject"].map(|one| format!("{one} acme-secrets/prod/web"));
    assert_eq!(fake.told(), told);
}

#[test]
fn head_says_the_length_and_sends_no_body() {
    let fake = FakeAws::start();
    fake.put_object("acme-secrets/prod/web", b"one");
    let answer = raw(&fake, &wire("HEAD", OBJECT, "")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-length: 3\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    let answer = raw(&fake, &wire("HEAD", "/acme-secrets", "")).unwrap();
    let region = "x-amz-bucket-region: us-east-1\r\n";
    assert!(answer.contains(region), "{answer}");
    let answer = raw(&fake, &wire("HEAD", "/acme-secrets/prod/none", "")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn what_is_not_there_is_told_apart() {
    let fake = FakeAws::start();
    let code = |target: &str| short(&s3(&fake, "GET", target, &[], ""));
    assert_eq!(code("/acme-secrets/none"), "404 NoSuchKey");
    assert_eq!(code("/other/none"), "404 NoSuchBucket");
    fake.state().bucket("acme-secrets").listable = false;
    assert_eq!(code("/acme-secrets/none"), "403 AccessDenied");
    assert_eq!(code("/acme-secrets?list-type=2"), "403 AccessDenied");
}

#[test]
fn a_write_is_done_only_if_its_condition_holds() {
    let fake = FakeAws::start();
    let (one, two) = (etag(b"one"), etag(b"two"));
    let put = |name: &str, value: &str, body: &str| {
        short(&s3(&fake, "PUT", OBJECT, &[(name, value)], body))
    };
    assert_eq!(put("if-match", &one, "one"), "404 NoSuchKey");
    assert_eq!(put("if-none-match", "*", "one"), "200");
    assert_eq!(put("if-none-match", "*", "two"), "412 PreconditionFailed");
    assert_eq!(put("if-match", &two, "two"), "412 PreconditionFailed");
    assert_eq!(put("if-none-match", &one, "two"), "501 NotImplemented");
    assert_eq!(fake.object("acme-secrets/prod/web").unwrap(), b"one");
    assert_eq!(put("if-match", &one, "two"), "200");
    assert_eq!(fake.object("acme-secrets/prod/web").unwrap(), b"two");
    let delete = |value| short(&s3(&fake, "DELETE", OBJECT, &[("if-match", value)], ""));
    assert_eq!(delete(&one), "412 PreconditionFailed");
    assert_eq!(delete(&two), "204");
    assert_eq!(delete(&two), "404 NoSuchKey");
    assert_eq!(fake.object("acme-secrets/prod/web"), None);
}

#[test]
fn a_read_is_done_only_if_its_condition_holds() {
    let fake = FakeAws::start();
    fake.put_object("acme-secrets/prod/web", b"one");
    let one = etag(b"one");
    for (name, value, expected) in [
        ("if-none-match", &*one, "304"),
        ("if-none-match", "\"other\"", "200"),
        ("if-match", &one, "200"),
        ("if-match", "\"other\"", "412 PreconditionFailed"),
    ] {
        let raw = s3(&fake, "GET", OBJECT, &[(name, value)], "");
        assert_eq!(short(&raw), expected, "{name}: {value}");
    }
}

#[test]
fn a_bucket_of_another_owner_is_refused() {
    let fake = FakeAws::start();
    fake.put_object("acme-secrets/prod/web", b"one");
    for (owner, expected) in [
        ("123456789012", "200"),
        ("999999999999", "403 AccessDenied"),
    ] {
        let header = [("x-amz-expected-bucket-owner", owner)];
        assert_eq!(short(&s3(&fake, "GET", OBJECT, &header, "")), expected);
        assert_eq!(short(&s3(&fake, "PUT", OBJECT, &header, "one")), expected);
    }
}

#[test]
fn a_bucket_of_another_region_says_which_in_either_form() {
    let fake = FakeAws::start();
    fake.state().bucket("acme-secrets").region = "eu-west-1".into();
    let answer = s3(&fake, "GET", OBJECT, &[], "");
    assert_eq!(short(&answer), "301 PermanentRedirect");
    assert_eq!(answer.header("x-amz-bucket-region"), Some("eu-west-1"));
    fake.state().bucket("acme-secrets").elsewhere = Elsewhere::Malformed;
    let answer = s3(&fake, "GET", OBJECT, &[], "");
    assert_eq!(short(&answer), "400 AuthorizationHeaderMalformed");
    assert_eq!(answer.header("x-amz-bucket-region"), None);
    let body = String::from_utf8(answer.body).unwrap();
    assert_eq!(element(&body, "Region").as_deref(), Some("eu-west-1"));
}

#[test]
fn versions_are_read_by_their_id_and_outlive_a_delete() {
    let fake = FakeAws::start();
    fake.versioning(true);
    let put = |body| s3(&fake, "PUT", OBJECT, &[], body);
    let first = put("one").header("x-amz-version-id").unwrap().to_owned();
    put("two");
    let deleted = s3(&fake, "DELETE", OBJECT, &[], "");
    assert_eq!(deleted.header("x-amz-delete-marker"), Some("true"));
    let marker = deleted.header("x-amz-version-id").unwrap();
    let gone = s3(&fake, "GET", OBJECT, &[], "");
    assert_eq!(short(&gone), "404 NoSuchKey");
    assert_eq!(gone.header("x-amz-delete-marker"), Some("true"));
    let get = |id: &str| s3(&fake, "GET", &format!("{OBJECT}?versionId={id}"), &[], "");
    assert_eq!(get(&first).body, b"one");
    assert_eq!(short(&get(marker)), "405 MethodNotAllowed");
    let other = format!("v.{:030}", 9);
    assert_eq!(short(&get(&other)), "404 NoSuchVersion");
    assert_eq!(short(&get("v.00000000")), "400 InvalidArgument");
    assert_eq!(short(&get("nonsense")), "400 InvalidArgument");
    let none = [("if-none-match", "*")];
    assert_eq!(short(&s3(&fake, "PUT", OBJECT, &none, "three")), "200");
    let told = fake.versions("acme-secrets/prod/web").into_iter();
    let told: Vec<_> = told.map(|version| version.body).collect();
    let bytes = |text: &[u8]| Some(text.to_vec());
    assert_eq!(told, [bytes(b"one"), bytes(b"two"), None, bytes(b"three")]);
}

#[test]
fn a_listing_comes_in_pages_and_in_byte_order() {
    let fake = FakeAws::start();
    for path in ["prod/b c", "prod/a", "dev/x", "prod/B", "prod/é&"] {
        fake.put_object(&format!("acme-secrets/{path}"), b"12345");
    }
    fake.state().delete_object("acme-secrets/dev/x");
    let list = |query: &str| {
        let target = format!("/acme-secrets?list-type=2&prefix=prod%2F{query}");
        let answer = s3(&fake, "GET", &target, &[], "");
        assert_eq!(short(&answer), "200");
        String::from_utf8(answer.body).unwrap()
    };
    let paths = |document: &str| -> Vec<String> {
        let parts = document.split("<Contents>").skip(1);
        parts.map(|part| element(part, "Key").unwrap()).collect()
    };
    let all = ["prod/B", "prod/a", "prod/b c", "prod/é&amp;"];
    assert_eq!(paths(&list("")), all);
    assert_eq!(paths(&list("&start-after=prod%2Fa")), all[2..]);
    let coded = list("&encoding-type=url&start-after=prod%2Fa");
    assert_eq!(paths(&coded), ["prod/b+c", "prod/%C3%A9%26"]);
    let first = list("&max-keys=3");
    assert_eq!(paths(&first), all[..3]);
    assert_eq!(element(&first, "IsTruncated").as_deref(), Some("true"));
    let token = element(&first, "NextContinuationToken").unwrap();
    let token = crate::support::http::encode_path(&token);
    let second = list(&format!("&max-keys=3&continuation-token={token}"));
    assert_eq!(paths(&second), all[3..]);
    assert_eq!(element(&second, "IsTruncated").as_deref(), Some("false"));
}

#[test]
fn versions_are_listed_in_pages_newest_first() {
    let fake = FakeAws::start();
    fake.versioning(true);
    for (path, body) in [("a", "1"), ("a", "2"), ("b", "3")] {
        fake.put_object(&format!("acme-secrets/{path}"), body.as_bytes());
    }
    fake.state().delete_object("acme-secrets/a");
    let (mut told, mut marker) = (Vec::new(), String::new());
    loop {
        let target = format!("/acme-secrets?versions&max-keys=1{marker}");
        let page = String::from_utf8(s3(&fake, "GET", &target, &[], "").body).unwrap();
        let kind = ["there", "deleted"][usize::from(page.contains("<DeleteMarker>"))];
        let [name, latest] = ["Key", "IsLatest"].map(|it| element(&page, it).unwrap());
        told.push(format!("{name} {kind} {latest}"));
        let Some(path) = element(&page, "NextKeyMarker") else {
            break;
        };
        let id = element(&page, "NextVersionIdMarker").unwrap();
        marker = format!("&key-marker={path}&version-id-marker={id}");
    }
    let expected = "a deleted true, a there false, a there false, b there true";
    assert_eq!(told.join(", "), expected);
}

#[test]
fn what_a_bucket_is_set_to_is_kept() {
    let fake = FakeAws::start();
    let ask = |method: &str, query: &str, body: &str| {
        s3(&fake, method, &format!("/acme-secrets?{query}"), &[], body)
    };
    assert_eq!(short(&ask("GET", "policy", "")), "404 NoSuchBucketPolicy");
    assert_eq!(short(&ask("PUT", "policy", "{}")), "200");
    assert_eq!(ask("GET", "policy", "").body, b"{}");
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(short(&ask("PUT", "versioning", enabled)), "200");
    assert_eq!(ask("GET", "versioning", "").body, enabled.as_bytes());
    assert_eq!(short(&s3(&fake, "PUT", "/fresh", &[], "")), "200");
    let again = short(&s3(&fake, "PUT", "/fresh", &[], ""));
    assert_eq!(again, "409 BucketAlreadyOwnedByYou");
}

#[test]
fn a_request_that_is_not_known_fails_the_test() {
    let fake = FakeAws::start();
    let answer = s3(&fake, "POST", "/acme-secrets?delete", &[], "");
    assert_eq!(short(&answer), "400 NotImplemented");
    let said = complaint(fake);
    assert!(
        said.contains("unknown request:  acme-secrets (POST /acme-secrets"),
        "{said}"
    );
    let fake = FakeAws::start();
    let unsigned = crate::support::http::ask(fake.port(), "GET", OBJECT, &[], b"").unwrap();
    assert_eq!(unsigned.status(), 400);
    assert!(complaint(fake).contains("unknown request"));
}
