"""S3 as `fake_aws` models it: objects with versions, conditions and listings, path style."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Dict, List, Optional, Tuple
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

PAGE = 1000

Answer = Tuple[int, Dict[str, str], bytes]


@dataclass
class Version:
    """One version of an object; without a body it is a delete marker."""

    id: str
    body: Optional[bytes]
    content_type: str
    modified: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    @property
    def etag(self) -> str:
        return '"%s"' % hashlib.md5(self.body or b"").hexdigest()

    @property
    def iso(self) -> str:
        return self.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Refusal(Exception):
    """An error that S3 answers with."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message, headers

    def answer(self) -> Answer:
        return error(self.status, self.code, self.message, self.headers)


def error(status: int, code: str, message: str, headers: Optional[Dict[str, str]] = None) -> Answer:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>%s</Code><Message>%s</Message>'
        "<RequestId>4442587FB7D0A2F9</RequestId></Error>" % (code, escape(message))
    )
    headers = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
    return status, {"content-type": "application/xml", **headers}, body.encode()


class Store:
    """The objects of one bucket, which keeps versions: for each path, the oldest first."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.lock = threading.Lock()
        self.objects: Dict[str, List[Version]] = {}

    def current(self, path: str) -> Optional[Version]:
        versions = self.objects.get(path)
        return versions[-1] if versions and versions[-1].body is not None else None

    def add(self, path: str, body: Optional[bytes], content_type: str = "binary/octet-stream") -> Version:
        version = Version("v." + secrets.token_urlsafe(30)[:30], body, content_type)
        self.objects.setdefault(path, []).append(version)
        return version


def operation(method: str, path: str, query: Dict[str, str]) -> str:
    """`GetObject` and its like; empty for what the model does not know."""
    if path[1:].partition("/")[2]:
        known = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
        return known.get(method, "")
    if method == "GET" and "versioning" in query:
        return "GetBucketVersioning"
    if method == "GET" and "versions" in query:
        return "ListObjectVersions"
    return "ListObjectsV2" if method == "GET" and query.get("list-type") == "2" else ""


def answer(store: Store, request) -> Answer:  # type: ignore[no-untyped-def]
    """Performs a request."""
    bucket, _, path = request.path[1:].partition("/")
    with store.lock:
        try:
            if bucket != store.bucket:
                raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist")
            return ANSWERS[request.operation](store, path, request)
        except Refusal as refusal:
            return refusal.answer()


def versioning(store, path, request) -> Answer:  # type: ignore[no-untyped-def]
    body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    return 200, {"content-type": "application/xml"}, body


def get(store, path, request) -> Answer:  # type: ignore[no-untyped-def]
    wanted = request.query.get("versionId")
    version = store.current(path)
    if wanted is not None:
        if not wanted.startswith("v."):
            raise Refusal(400, "InvalidArgument", "Invalid version id specified")
        found = [one for one in store.objects.get(path, []) if one.id == wanted]
        if not found:
            raise Refusal(404, "NoSuchVersion", "The specified version does not exist.")
        version = found[0]
        if version.body is None:
            message = "The specified method is not allowed against this resource."
            raise Refusal(405, "MethodNotAllowed", message, x_amz_delete_marker="true")
    if version is None:
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    headers = {"etag": version.etag, "x-amz-version-id": version.id}
    if request.headers.get("if-match", version.etag) not in ("*", version.etag):
        raise unmet()
    if request.headers.get("if-none-match") in ("*", version.etag):
        return 304, headers, b""
    headers["last-modified"] = format_datetime(version.modified, usegmt=True)
    headers["content-type"] = version.content_type
    return 200, headers, version.body or b""


def put(store, path, request) -> Answer:  # type: ignore[no-untyped-def]
    current = store.current(path)
    if_match = request.headers.get("if-match")
    if_none_match = request.headers.get("if-none-match")
    if if_none_match not in (None, "*"):
        message = "A header you provided implies functionality that is not implemented"
        raise Refusal(501, "NotImplemented", message)
    if if_none_match == "*" and current:
        raise unmet()
    match_current(current, if_match)
    kind = request.headers.get("content-type", "binary/octet-stream")
    version = store.add(path, request.body, kind)
    return 200, {"etag": version.etag, "x-amz-version-id": version.id}, b""


def delete(store, path, request) -> Answer:  # type: ignore[no-untyped-def]
    match_current(store.current(path), request.headers.get("if-match"))
    marker = store.add(path, None)
    return 204, {"x-amz-version-id": marker.id, "x-amz-delete-marker": "true"}, b""


def match_current(current: Optional[Version], if_match: Optional[str]) -> None:
    """`If-Match` of a write: nothing there is 404, something else 412."""
    if if_match is None:
        return
    if current is None:
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    if if_match not in ("*", current.etag):
        raise unmet()


def unmet() -> Refusal:
    message = "At least one of the pre-conditions you specified did not hold"
    return Refusal(412, "PreconditionFailed", message)


def list_objects(store, path, request) -> Answer:  # type: ignore[no-untyped-def]
    prefix, size, spell = page(request)
    token = request.query.get("continuation-token")
    if token is not None and not token.startswith("token."):
        message = "The continuation token provided is incorrect"
        raise Refusal(400, "InvalidArgument", message)
    after = token[len("token.") :] if token else request.query.get("start-after", "")
    names = sorted(one for one in store.objects if one.startswith(prefix) and one > after)
    found = [(name, store.current(name)) for name in names]
    found = [(name, version) for name, version in found if version]
    rest, found = found[size:], found[:size]
    items = "".join(
        "<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>%s</ETag><Size>%d</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        % (spell(name), version.iso, escape(version.etag), len(version.body))
        for name, version in found
    )
    more = ""
    if rest:
        more = "<NextContinuationToken>%s</NextContinuationToken>" % escape("token." + found[-1][0])
    return document(request, "ListBucketResult", store.bucket, spell(prefix), bool(rest), more + items)


def list_versions(store, path, request) -> Answer:  # type: ignore[no-untyped-def]
    prefix, size, spell = page(request)
    marker = (request.query.get("key-marker"), request.query.get("version-id-marker"))
    rows = []
    for name in sorted(one for one in store.objects if one.startswith(prefix)):
        versions = store.objects[name]
        rows += [(name, version, version is versions[-1]) for version in reversed(versions)]
    if marker[0] is not None:
        places = [(name, version.id) for name, version, _ in rows]
        passed = [at for at, place in enumerate(places) if place == marker or place[0] < marker[0]]
        rows = rows[max(passed, default=-1) + 1 :]
    rest, rows = rows[size:], rows[:size]
    more = ""
    if rest:
        name, version, _ = rows[-1]
        more = "<NextKeyMarker>%s</NextKeyMarker><NextVersionIdMarker>%s</NextVersionIdMarker>" % (
            spell(name),
            version.id,
        )
    items = ""
    for name, version, latest in rows:
        element = "DeleteMarker" if version.body is None else "Version"
        about = ""
        if version.body is not None:
            about = "<ETag>%s</ETag><Size>%d</Size>" % (escape(version.etag), len(version.body))
        items += "<%s><Key>%s</Key><VersionId>%s</VersionId><IsLatest>%s</IsLatest>" % (
            element,
            spell(name),
            version.id,
            str(latest).lower(),
        )
        items += "<LastModified>%s</LastModified>%s</%s>" % (version.iso, about, element)
    return document(request, "ListVersionsResult", store.bucket, spell(prefix), bool(rest), more + items)


ANSWERS = {
    "GetObject": get,
    "HeadObject": get,
    "PutObject": put,
    "DeleteObject": delete,
    "GetBucketVersioning": versioning,
    "ListObjectsV2": list_objects,
    "ListObjectVersions": list_versions,
}


def page(request):  # type: ignore[no-untyped-def]
    """The prefix, the size of a page, and how paths are spelt in it."""
    coded = request.query.get("encoding-type") == "url"
    spell = (lambda text: quote_plus(text, safe="/")) if coded else escape
    return request.query.get("prefix", ""), min(int(request.query.get("max-keys", PAGE)), PAGE), spell


def document(request, element, bucket, prefix, truncated, items) -> Answer:  # type: ignore
    coded = "<EncodingType>url</EncodingType>" if request.query.get("encoding-type") else ""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<%s xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        "<Name>%s</Name><Prefix>%s</Prefix><MaxKeys>%d</MaxKeys>%s<IsTruncated>%s</IsTruncated>%s</%s>"
    ) % (element, quote(bucket), prefix, PAGE, coded, str(truncated).lower(), items, element)
    return 200, {"content-type": "application/xml"}, body.encode()
