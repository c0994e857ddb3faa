//! Removals, and reads after them.

use super::*;

fn seen(version: Option<&str>) -> Stored {
    Stored::new(b"x".to_vec(), "e", version.map(str::to_owned))
}

fn remove(store: &S3Store, version: Option<&str>) -> Result<Removal> {
    run(store.remove(&place(store, "db"), &seen(version)))
}

#[test]
fn a_removal_is_conditional_and_says_what_is_left() {
    let kept = "x-amz-delete-marker: true\r\nx-amz-version-id: m1\r\n";
    let suspended = "x-amz-delete-marker: true\r\nx-amz-version-id: null\r\n";
    for (headers, version, left, marker) in [
        (kept, Some("v1"), Some("v1"), Some("m1")),
        (kept, None, Some("e"), Some("m1")),
        (suspended, Some("v1"), Some("v1"), None),
        (suspended, None, None, None),
        ("", None, None, None),
    ] {
        let (store, asked) = server(vec![(204, headers, String::new())]);
        let Removal::Done(removed) = remove(&store, version).unwrap() else {
            panic!("not removed");
        };
        assert_eq!(
            (removed.version.as_deref(), removed.marker.as_deref()),
            (left, marker)
        );
        let asked = asked.recv().unwrap();
        assert_eq!(
            asked.to_ascii_lowercase(),
            "delete /acme/prod/db?x-id=deleteobject if-match: \"e\""
        );
    }
}

#[test]
fn a_server_without_conditions_is_looked_at_before_it_removes() {
    let found = |etag: &'static str| (200, etag, "x".to_owned());
    let (store, asked) = server(vec![
        error(501, "NotImplemented"),
        found("etag: \"e\"\r\n"),
        (204, "", String::new()),
        error(501, "NotImplemented"),
        found("etag: \"other\"\r\n"),
    ]);
    assert!(matches!(remove(&store, None), Ok(Removal::Done(_))));
    assert!(matches!(remove(&store, None), Ok(Removal::Refused)));
    let asked: Vec<String> = asked.try_iter().collect();
    let is_free = asked[2].starts_with("DELETE") && !asked[2].contains("f-");
    assert!(is_free && asked.len() == 5, "{asked:?}");
}

#[test]
fn an_etag_finds_what_was_stored_before_there_were_versions() {
    let etag = "d41d8cd98f00b204e9800998ecf8427e";
    let headers = "etag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\nx-amz-version-id: null\r\n";
    let (store, asked) = server(vec![
        error(412, "PreconditionFailed"),
        error(400, "InvalidArgument"),
        (200, headers, "x".into()),
        error(404, "NoSuchKey"),
        error(400, "InvalidArgument"),
        error(404, "NoSuchVersion"),
    ]);
    let db = place(&store, "db");
    let found = run(store.fetch(&db, Some(etag))).unwrap();
    let found = found.found(&db, None).unwrap();
    assert_eq!((found.bytes.as_slice(), found.version()), (&b"x"[..], None));
    let missing = run(store.fetch(&db, Some(etag))).unwrap();
    assert!(matches!(missing, Lookup::Missing));
    let third = asked.try_iter().nth(2).unwrap();
    let of_null = third.contains("versionId=null");
    assert!(of_null && third.contains(etag), "{third}");
}

#[test]
fn a_version_that_looks_like_an_etag_is_found() {
    let version = "0123456789abcdef0123456789abcdef";
    let (store, asked) = server(vec![
        error(412, "PreconditionFailed"),
        (200, "etag: \"e\"\r\n", "x".into()),
    ]);
    let found = run(store.fetch(&place(&store, "db"), Some(version))).unwrap();
    assert!(matches!(found, Lookup::Found(_)));
    let second = asked.try_iter().nth(1).unwrap();
    let of_version = second.contains(&format!("versionId={version}"));
    assert!(of_version && !second.contains("f-"), "{second}");
}
