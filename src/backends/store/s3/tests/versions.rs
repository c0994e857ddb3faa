//! Versions and marks of removal.

use super::*;

/// A version or a mark: its kind, path, version and second, and whether it is the latest.
fn told(kind: &str, path: &str, version: &str, second: u8, latest: bool) -> String {
    format!(
        "<{kind}><Key>{path}</Key><VersionId>{version}</VersionId><IsLatest>{latest}</IsLatest>\
         <LastModified>2026-08-20T12:00:{second:02}.000Z</LastModified>\
         <ETag>&quot;e-{version}&quot;</ETag><Size>7</Size></{kind}>"
    )
}

fn versions(told: &[String], more: &str) -> Answer {
    let told = told.concat();
    let body = format!("<ListVersionsResult>{told}{more}</ListVersionsResult>");
    (200, "", body)
}

const MORE: &str = "<IsTruncated>true</IsTruncated><NextKeyMarker>prod/db</NextKeyMarker>\
                    <NextVersionIdMarker>v2</NextVersionIdMarker>";

/// Each version, `-` before a removal and `*` before the current one.
fn history(store: &S3Store) -> Vec<String> {
    let mark = |version: &Version| match (version.deleted, version.current) {
        (true, _) => "-",
        (_, true) => "*",
        _ => "",
    };
    let versions = run(store.history(&place(store, "db"))).unwrap();
    versions
        .iter()
        .map(|version| format!("{}{}", mark(version), version.version))
        .collect()
}

#[test]
fn versions_and_removals_are_one_line_the_newest_first() {
    for (page, expected) in [
        (
            vec![
                told("Version", "prod/db", "v3", 9, true),
                told("Version", "prod/db", "v2", 5, false),
                told("Version", "prod/db", "null", 1, false),
                told("DeleteMarker", "prod/db", "m2", 7, false),
                told("DeleteMarker", "prod/db", "m1", 3, false),
                told("Version", "prod/db2", "x", 9, true),
            ],
            &["*v3", "-m2", "v2", "-m1", "e-null"][..],
        ),
        // All in one second.
        (
            vec![
                told("DeleteMarker", "prod/db", "m2", 1, true),
                told("DeleteMarker", "prod/db", "m1", 1, false),
                told("Version", "prod/db", "v2", 1, false),
                told("Version", "prod/db", "v1", 1, false),
            ],
            &["-m2", "v2", "-m1", "v1"],
        ),
        (
            vec![
                told("Version", "prod/db", "v2", 1, true),
                told("Version", "prod/db", "v1", 1, false),
                told("DeleteMarker", "prod/db", "m1", 1, false),
            ],
            &["*v2", "-m1", "v1"],
        ),
        // A removal where versions are suspended has no version of its own.
        (vec![told("DeleteMarker", "prod/db", "null", 1, true)], &[]),
        (vec![told("Version", "prod/db2", "x", 1, true)], &[]),
    ] {
        let (store, asked) = server(vec![versions(&page, "")]);
        assert_eq!(history(&store), expected);
        let expected = "GET /acme/?versions&encoding-type=url&prefix=prod%2Fdb";
        assert_eq!(asked.recv().unwrap(), expected);
    }
}

#[test]
fn versions_are_asked_for_until_other_paths_come() {
    let page = |version, second| told("Version", "prod/db", version, second, version == "v3");
    let (store, asked) = server(vec![
        versions(&[page("v3", 3), page("v2", 2)], MORE),
        versions(
            &[page("v1", 1), told("Version", "prod/db2", "x", 1, true)],
            MORE,
        ),
    ]);
    assert_eq!(history(&store), ["*v3", "v2", "v1"]);
    let second = asked.try_iter().nth(1).unwrap();
    assert!(second.contains("key-marker=prod%2Fdb"), "{second}");
    assert!(second.contains("version-id-marker=v2"), "{second}");
}

#[test]
fn a_server_that_repeats_itself_is_asked_no_further() {
    let page = |version, second| told("Version", "prod/db", version, second, version == "v2");
    let (store, asked) = server(vec![
        versions(&[page("v2", 2)], MORE),
        versions(&[page("v2", 2), page("v1", 1)], MORE),
        versions(&[page("v2", 2)], MORE),
    ]);
    assert_eq!(history(&store), ["*v2", "v1"]);
    assert_eq!(asked.try_iter().count(), 3);
}

#[test]
fn where_no_versions_are_known_the_etag_is_the_version() {
    let headers = "etag: \"e\"\r\nlast-modified: Thu, 20 Aug 2026 12:00:00 GMT\r\n";
    let (store, asked) = server(vec![
        error(501, "NotImplemented"),
        (200, headers, String::new()),
        error(501, "NotImplemented"),
        (404, "", String::new()),
    ]);
    assert_eq!(history(&store), ["*e"]);
    assert_eq!(history(&store), [""; 0]);
    assert_eq!(asked.try_iter().nth(1).unwrap(), "HEAD /acme/prod/db");
}

#[test]
fn the_end_of_a_page_that_no_url_can_hold_ends_the_history() {
    let long = "v".repeat(100_000);
    let (key, version) = (MORE.replace("prod/db", &long), MORE.replace("v2", &long));
    for more in [key, version] {
        let page = versions(&[told("Version", "prod/db", "v2", 2, true)], &more);
        let (store, asked) = server(vec![page]);
        let error = run(store.history(&place(&store, "db"))).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("the end of a page is too long"), "{error}");
        assert_eq!(asked.try_iter().count(), 1);
    }
}
