//! Names and pages.

use super::*;
use crate::backends::store::Entry;

fn object(key: &str) -> String {
    format!(
        "<Contents><Key>{key}</Key><LastModified>2026-08-20T12:00:00.000Z</LastModified>\
         <ETag>&quot;e&quot;</ETag><Size>7</Size></Contents>"
    )
}

fn listed(encoding: &str, keys: &[&str], more: &str) -> Answer {
    let objects: String = keys.iter().map(|key| object(key)).collect();
    let body = format!("<ListBucketResult>{encoding}{objects}{more}</ListBucketResult>");
    (200, "", body)
}

const CODED: &str = "<EncodingType>url</EncodingType>";

/// The names on each page.
fn pages(store: &S3Store, prefix: &str) -> Result<Vec<Vec<String>>> {
    let mut list = store.list(prefix);
    let mut pages = Vec::new();
    while let Some(page) = run(list.next())? {
        let name = |entry: &Entry| entry.name.as_str().to_owned();
        pages.push(page.iter().map(name).collect());
    }
    Ok(pages)
}

#[test]
fn a_list_goes_from_page_to_page_and_gives_names_as_they_are() {
    let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t/2=</NextContinuationToken>";
    let (store, asked) = server(vec![
        listed(
            CODED,
            &["prod/", "prod/web%2Fa+b", "prod/w%2B%25%C3%A9%01"],
            more,
        ),
        listed("", &["prod/x+y%41", "prod/&#13;z"], ""),
    ]);
    assert_eq!(
        pages(&store, "w b").unwrap(),
        [vec!["w+%é\u{1}", "web/a b"], vec!["\rz", "x+y%41"]]
    );
    let asked: Vec<String> = asked.try_iter().collect();
    let expected = "GET /acme/?list-type=2&encoding-type=url&prefix=prod%2Fw%20b";
    assert_eq!(asked[0], expected);
    let token = "continuation-token=t%2F2%3D";
    assert!(asked[1].contains(token), "{asked:?}");
}

#[test]
fn an_entry_has_its_size_its_time_and_its_etag() {
    let (store, _asked) = server(vec![listed("", &["prod/db"], "")]);
    let page = run(store.list("").next()).unwrap().unwrap();
    assert_eq!((page[0].size, page[0].etag.as_deref()), (7, Some("e")));
    let modified = crate::backends::store::rfc3339(page[0].modified);
    assert_eq!(modified, "2026-08-20T12:00:00Z");
}

#[test]
fn a_list_that_does_not_end_is_an_error_and_never_a_part_of_the_names() {
    let lost = "<IsTruncated>true</IsTruncated>";
    let again = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>";
    let (store, _asked) = server(vec![
        listed("", &["prod/a"], lost),
        listed("", &["prod/a"], again),
        listed("", &["prod/a"], again),
    ]);
    for _ in 0..2 {
        let error = pages(&store, "").unwrap_err();
        assert_eq!(error.exit_code(), 1);
        let told = error.to_string();
        assert!(
            told.contains("s3://acme/prod/: the server's response"),
            "{told}"
        );
    }
}

#[test]
fn a_token_that_no_url_can_hold_ends_the_list() {
    let token = "t".repeat(100_000);
    let more = format!(
        "<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
    );
    let (store, asked) = server(vec![listed("", &["prod/db"], &more)]);
    let error = pages(&store, "").unwrap_err().to_string();
    assert!(
        error.contains("its continuation token is too long"),
        "{error}"
    );
    assert_eq!(asked.try_iter().count(), 1);
}
