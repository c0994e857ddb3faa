//! The calls to KMS.

use super::{Call, GET, START};

#[test]
fn a_data_key_that_is_not_wrapped_stores_nothing() {
    Call {
        operation: "Encrypt",
        commands: &[&["put", "db"]],
        table: "\
refused | 1 | cannot wrap the data key of `db` + cannot connect to kms. + Connection refused
no name | 1 | cannot wrap the data key of `db` + cannot connect to kms. + has no address
bad TLS | 1 | cannot wrap the data key of `db` + cannot connect to kms. + the server's certificate has a wrong signature
reset before the body | 1 | cannot wrap the data key of `db` + Connection reset by peer
reset after the body | 1 | cannot wrap the data key of `db` + Connection reset by peer
stall | 1 | timed out after 3 s trying to store `db` + still waiting for KMS
cut short | 1 | cannot wrap the data key of `db` + was cut short at 20 of
wrong length | 1 | cannot wrap the data key of `db` + HTTP 200 + the server does not behave like KMS
garbage | 1 | cannot wrap the data key of `db` + HTTP 200 + the server does not behave like KMS
301 | 1 | cannot wrap the data key of `db` + PermanentRedirect: elsewhere
403 | 1 | cannot wrap the data key of `db` + AccessDeniedException: not authorized + allow kms:Encrypt
404 | 1 | cannot wrap the data key of `db` + NotFoundException: no such alias + check `key_alias` and `region`
409 | 1 | cannot wrap the data key of `db` + KMSInvalidStateException: pending
412 | 1 | cannot wrap the data key of `db` + PreconditionFailed: no
429 | 1 | timed out after 3 s trying to store `db` + ThrottlingException: rate exceeded
503 | 1 | cannot wrap the data key of `db` + KMSInternalException: later
500, then 200 | 0 | saved db
skewed clock | 1 | cannot wrap the data key of `db` + InvalidSignatureException: Signature expired + minutes behind AWS's",
        writes: true,
    }
    .meets_all();
}

#[test]
fn a_data_key_that_is_not_unwrapped_starts_nothing_and_writes_nothing() {
    Call {
        operation: "Decrypt",
        commands: &[START, GET],
        table: "\
refused | 1 | cannot unwrap the data key of ` + cannot connect to kms. + Connection refused
no name | 1 | cannot unwrap the data key of ` + cannot connect to kms. + has no address
bad TLS | 1 | cannot unwrap the data key of ` + cannot connect to kms. + the server's certificate has a wrong signature
reset before the body | 1 | cannot unwrap the data key of ` + Connection reset by peer
reset after the body | 1 | cannot unwrap the data key of ` + Connection reset by peer
stall | 1 | timed out after 3 s trying to read ` + still waiting for KMS
cut short | 1 | cannot unwrap the data key of ` + was cut short at 20 of
wrong length | 1 | cannot unwrap the data key of ` + HTTP 200 + the server does not behave like KMS
garbage | 1 | cannot unwrap the data key of ` + HTTP 200 + the server does not behave like KMS
301 | 1 | cannot unwrap the data key of ` + PermanentRedirect: elsewhere
403 | 1 | cannot unwrap the data key of ` + AccessDeniedException: not authorized + allow kms:Decrypt
404 | 1 | cannot unwrap the data key of ` + NotFoundException: no such alias + check `key_alias` and `region`
409 | 1 | cannot unwrap the data key of ` + KMSInvalidStateException: pending
412 | 1 | cannot unwrap the data key of ` + PreconditionFailed: no
429 | 1 | timed out after 3 s trying to read ` + ThrottlingException: rate exceeded
503 | 1 | cannot unwrap the data key of ` + KMSInternalException: later
500, then 200 | 0 | 
skewed clock | 1 | cannot unwrap the data key of ` + InvalidSignatureException: Signature expired + minutes behind AWS's",
        writes: false,
    }
    .meets_all();
}

#[test]
fn a_data_key_that_is_not_wrapped_anew_leaves_its_record() {
    Call {
        operation: "ReEncrypt",
        commands: &[&["rekey", "db", "--to", "next"]],
        table: "\
refused | 1 | cannot rewrap the data key of `db` + cannot connect to kms. + Connection refused
no name | 1 | cannot rewrap the data key of `db` + cannot connect to kms. + has no address
bad TLS | 1 | cannot rewrap the data key of `db` + cannot connect to kms. + the server's certificate has a wrong signature
reset before the body | 1 | cannot rewrap the data key of `db` + Connection reset by peer
reset after the body | 1 | cannot rewrap the data key of `db` + Connection reset by peer
stall | 1 | timed out after 3 s trying to store `db` + still waiting for KMS
cut short | 1 | cannot rewrap the data key of `db` + was cut short at 20 of
wrong length | 1 | cannot rewrap the data key of `db` + HTTP 200 + the server does not behave like KMS
garbage | 1 | cannot rewrap the data key of `db` + HTTP 200 + the server does not behave like KMS
301 | 1 | cannot rewrap the data key of `db` + PermanentRedirect: elsewhere
403 | 1 | cannot rewrap the data key of `db` + AccessDeniedException: not authorized + allow kms:ReEncrypt
404 | 1 | cannot rewrap the data key of `db` + NotFoundException: no such alias + check `key_alias` and `region`
409 | 1 | cannot rewrap the data key of `db` + KMSInvalidStateException: pending
412 | 1 | cannot rewrap the data key of `db` + PreconditionFailed: no
429 | 1 | timed out after 3 s trying to store `db` + ThrottlingException: rate exceeded
503 | 1 | cannot rewrap the data key of `db` + KMSInternalException: later
500, then 200 | 0 | rekeyed 1 record
skewed clock | 1 | cannot rewrap the data key of `db` + InvalidSignatureException: Signature expired + minutes behind AWS's",
        writes: true,
    }
    .meets_all();
}
