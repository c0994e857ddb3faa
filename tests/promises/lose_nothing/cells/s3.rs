//! The calls to S3.

use super::{Call, GET, START};

#[test]
fn a_record_that_is_not_had_starts_nothing_and_writes_nothing() {
    Call {
        operation: "GetObject",
        commands: &[START, GET],
        table: "\
refused | 1 | cannot read `db` + cannot connect to + Connection refused
no name | 1 | cannot read `db` + cannot connect to + has no address
bad TLS | 1 | cannot read `db` + cannot connect to + the server's certificate has a wrong signature
reset before the body | 1 | cannot read `db` + Connection reset by peer
reset after the body | 1 | cannot read `db` + Connection reset by peer
stall | 1 | timed out after 3 s trying to read `db` + still waiting for S3
cut short | 1 | cannot read `db` + was cut short at 20 of 363 bytes
wrong length | 4 | cannot open `db` + the record is damaged: not a JSON object
garbage | 4 | cannot open `db` + the record is damaged: not a JSON object
301 | 1 | cannot read `db` + PermanentRedirect: elsewhere + `bucket_region`
403 | 1 | cannot read `db` + missing or not permitted: AccessDenied + allow s3:GetObject
404 | 3 | no secret named `db`
409 | 1 | cannot read `db` + ConditionalRequestConflict: again
412 | 1 | cannot read `db` + PreconditionFailed: no
429 | 1 | timed out after 3 s trying to read `db` + TooManyRequests: rate exceeded
503 | 1 | timed out after 3 s trying to read `db` + SlowDown: reduce your rate
500, then 200 | 0 | 
skewed clock | 1 | cannot read `db` + RequestTimeTooSkewed + minutes behind AWS's",
        writes: false,
    }
    .meets_all();
}

#[test]
fn a_record_that_is_not_stored_leaves_the_one_before_and_the_cause_is_named() {
    Call {
        operation: "PutObject",
        commands: &[&["put", "db"]],
        table: "\
refused | 1 | cannot store `db` + cannot connect to + Connection refused
no name | 1 | cannot store `db` + cannot connect to + has no address
bad TLS | 1 | cannot store `db` + cannot connect to + the server's certificate has a wrong signature
reset before the body | 1 | cannot store `db` + Connection reset by peer
reset after the body | 0 | saved db
stall | 1 | timed out after 3 s trying to store `db` + still waiting for S3; it may still have been stored + lazycred get db
cut short | 0 | saved db
wrong length | 0 | saved db
garbage | 1 | cannot store `db` + HTTP 400
301 | 1 | cannot store `db` + PermanentRedirect: elsewhere + `bucket_region`
403 | 1 | cannot store `db` + AccessDenied: User + allow s3:PutObject
404 | 1 | cannot store `db` + NoSuchBucket: none
409 | 6 | cannot store `db` + concurrent writes continued until the timeout
412 | 6 | cannot store `db` + concurrent writes continued until the timeout
429 | 1 | timed out after 3 s trying to store `db` + TooManyRequests: rate exceeded
503 | 1 | timed out after 3 s trying to store `db` + SlowDown: reduce your rate
500, then 200 | 0 | saved db
skewed clock | 1 | cannot store `db` + RequestTimeTooSkewed + minutes behind AWS's",
        writes: true,
    }
    .meets_all();
}

#[test]
fn a_record_that_is_not_removed_stays_and_the_cause_is_named() {
    Call {
        operation: "DeleteObject",
        commands: &[&["rm", "db"]],
        table: "\
refused | 1 | cannot remove `db` + cannot connect to + Connection refused
no name | 1 | cannot remove `db` + cannot connect to + has no address
bad TLS | 1 | cannot remove `db` + cannot connect to + the server's certificate has a wrong signature
reset before the body | 1 | cannot remove `db` + Connection reset by peer
reset after the body | 0 | removed db permanently
stall | 1 | timed out after 3 s trying to remove `db` + still waiting for S3; it may still have been removed + lazycred history db
cut short | 0 | removed db permanently
wrong length | 0 | removed db permanently
garbage | 1 | cannot remove `db` + HTTP 400
301 | 1 | cannot remove `db` + PermanentRedirect: elsewhere + `bucket_region`
403 | 1 | cannot remove `db` + AccessDenied: User + allow s3:DeleteObject
404 | 6 | cannot remove `db` + it was changed by a concurrent write
409 | 6 | cannot remove `db` + concurrent writes continued until the timeout
412 | 6 | cannot remove `db` + it was changed by a concurrent write
429 | 1 | timed out after 3 s trying to remove `db` + TooManyRequests: rate exceeded
503 | 1 | timed out after 3 s trying to remove `db` + SlowDown: reduce your rate
500, then 200 | 0 | removed db permanently
skewed clock | 1 | cannot remove `db` + RequestTimeTooSkewed + minutes behind AWS's",
        writes: true,
    }
    .meets_all();
}

#[test]
fn where_a_server_keeps_no_versions_the_one_that_is_not_told_is_an_error() {
    Call {
        operation: "HeadObject",
        commands: &[&["history", "db"]],
        table: "\
refused | 1 | cannot read `db` + cannot connect to + Connection refused
no name | 1 | cannot read `db` + cannot connect to + has no address
bad TLS | 1 | cannot read `db` + cannot connect to + the server's certificate has a wrong signature
reset before the body | 1 | cannot read `db` + Connection reset by peer
reset after the body | 1 | cannot read `db` + Connection reset by peer
stall | 1 | timed out after 3 s trying to list the versions of `db` + still waiting for S3
cut short | 1 | cannot read `db` + connection closed before message completed
wrong length | 1 | cannot read `db` + HTTP 200 + the server does not behave like S3
garbage | 1 | cannot read `db` + HTTP 200 + the server does not behave like S3
301 | 1 | cannot read `db` + HTTP 301 + `bucket_region`
403 | 1 | cannot read `db` + HTTP 403 + allow s3:GetObject
404 | 3 | no secret named `db`
409 | 1 | cannot read `db` + HTTP 409
412 | 1 | cannot read `db` + HTTP 412
429 | 1 | timed out after 3 s trying to list the versions of `db` + HTTP 429
503 | 1 | timed out after 3 s trying to list the versions of `db` + HTTP 503
500, then 200 | 0 | 
skewed clock | 1 | cannot read `db` + HTTP 403 + minutes behind AWS's",
        writes: false,
    }
    .meets_all();
}
