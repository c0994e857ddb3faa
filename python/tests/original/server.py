"""moto, as the Rust tests run it, with denials that depend on who asks, and a door for the tests.

usage: server.py SOURCES MANIFEST    (SOURCES has serve.py; MANIFEST is its argument)

The access key id is a list of what its owner may not do, after `AKID`, as in
`AKID-NO-GET-NO-DECRYPT`: GET and PUT of an object, LIST (the bucket itself, and to
tell a missing object from a forbidden one), ENCRYPT and DECRYPT at KMS. With
`NEEDS-TOKEN` in it, whatever comes without a session's token is denied. A path over
S3's 1024 bytes is refused as S3 does, which moto leaves out.

A POST of {"bucket": NAME, "objects": {PATH: BASE64}} to DOOR stores these objects, makes
the bucket if it is not there, and gives all of its objects, without moto's own slow way.
"""

import base64
import json
import re
import sys

from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

DOOR = "/.door"
ACCOUNT = "123456789012"
WHO = re.compile(r"^AWS ([^:]+):|Credential=([^/]+)/")


def denied(environ):
    """Which of the denials this request meets."""
    found = WHO.search(environ.get("HTTP_AUTHORIZATION", ""))
    who = (found.group(1) or found.group(2)) if found else ""
    operation = environ.get("HTTP_X_AMZ_TARGET", "").partition("TrentService.")[2].upper()
    if "NEEDS-TOKEN" in who and not environ.get("HTTP_X_AMZ_SECURITY_TOKEN"):
        return "kms" if operation else "s3"
    if operation:
        return "kms" if "NO-" + operation in who else None
    method = environ["REQUEST_METHOD"]
    bucket, _, path = environ["PATH_INFO"].lstrip("/").partition("/")
    if not bucket:
        return None
    if len(path.encode("latin-1")) > 1024:
        return "long"
    if not path:
        return "s3" if "NO-LIST" in who else None
    return "s3" if "NO-" + method in who else None


def through_the_door(bucket, objects):
    s3 = s3_backends[ACCOUNT]["aws"]
    if bucket not in s3.buckets:
        s3.create_bucket(bucket, "us-east-1")
    for path, record in objects.items():
        s3.put_object(bucket, path, base64.b64decode(record))
    return {path: base64.b64encode(stored.value).decode() for path, stored in s3.buckets[bucket].keys.items()}


def another_wrapping_key(alias):
    kms = kms_backends[ACCOUNT]["us-east-1"]
    made = kms.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None)
    kms.create_alias(made.id, alias)


def with_denials(app):
    def call(environ, start_response):
        if environ["PATH_INFO"] == DOOR:
            asked = json.loads(environ["wsgi.input"].read())
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(through_the_door(**asked)).encode()]
        kind = denied(environ)
        if kind is None:
            return app(environ, start_response)
        # What is not read would be taken for the next request.
        environ["wsgi.input"].read()
        if kind == "kms":
            body = json.dumps({"__type": "AccessDeniedException", "Message": "not authorized"})
            start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")])
        elif kind == "long":
            body = "<Error><Code>KeyTooLongError</Code><Message>Your key is too long</Message></Error>"
            start_response("400 Bad Request", [("Content-Type", "application/xml")])
        else:
            body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
        return [body.encode() if environ["REQUEST_METHOD"] != "HEAD" else b""]

    return call


def main(argv):
    sys.path.insert(0, argv[1])
    import serve

    another_wrapping_key("alias/other")
    real = serve.as_moto_reads
    serve.as_moto_reads = lambda app: with_denials(real(app))
    serve.main(["serve.py", *argv[2:]])


if __name__ == "__main__":
    main(sys.argv)
