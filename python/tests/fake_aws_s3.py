"""S3 as `fake_aws` models it: objects with versions, conditions and listings, path style."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Dict, Iterator, List, MutableMapping, Optional, Tuple
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

PAGE = 1000

Answer = Tuple[int, Dict[str, str], bytes]


@dataclass
class Version:
    """One version of an object; without a body it is a delete marker."""

    id: str
    body: Optional[bytes]
    content_type: str = "binary/octet-stream"
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


class Store(MutableMapping):  # type: ignore[type-arg]
    """The current bytes by `BUCKET/PATH`; to assign stores a new version, to delete removes."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.lock = threading.RLock()
        self.buckets: Dict[str, Dict[str, List[Version]]] = {}
        self.versioning = True
        self.listable = True

    def current(self, bucket: str, path: str) -> Optional[Version]:
        versions = self.buckets[bucket].get(path)
        return versions[-1] if versions and versions[-1].body is not None else None

    def versions(self, place: str) -> List[Version]:
        """The versions at `BUCKET/PATH`, the oldest first."""
        bucket, _, path = place.partition("/")
        with self.lock:
            return list(self.buckets[bucket].get(path, []))

    def add(self, bucket: str, path: str, body: Optional[bytes], content_type: str = "") -> Version:
        objects = self.buckets[bucket]
        if self.versioning:
            version = Version("v." + secrets.token_urlsafe(30)[:30], body)
            objects.setdefault(path, []).append(version)
        else:
            version = Version("null", body)
            objects[path] = [version] if body is not None else []
        version.content_type = content_type or version.content_type
        return version

    def __getitem__(self, place: str) -> bytes:
        bucket, _, path = place.partition("/")
        with self.lock:
            version = self.current(bucket, path)
        if version is None or version.body is None:
            raise KeyError(place)
        return version.body

    def __setitem__(self, place: str, body: bytes) -> None:
        bucket, _, path = place.partition("/")
        with self.lock:
            self.add(bucket, path, body)

    def __delitem__(self, place: str) -> None:
        bucket, _, path = place.partition("/")
        with self.lock:
            self.add(bucket, path, None)

    def __iter__(self) -> Iterator[str]:
        with self.lock:
            names = [(bucket, path) for bucket in self.buckets for path in self.buckets[bucket]]
            names = [(bucket, path) for bucket, path in names if self.current(bucket, path)]
        return iter("%s/%s" % name for name in sorted(names))

    def __len__(self) -> int:
        return len(list(iter(self)))


def operation(method: str, path: str, query: Dict[str, str]) -> str:
    """`GetObject` and its like; empty for what the model does not know."""
    bucket, _, rest = path[1:].partition("/")
    if not bucket:
        return ""
    if rest:
        known = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject"}
        return known.get(method, "DeleteObject" if method == "DELETE" else "")
    if method == "HEAD":
        return "HeadBucket"
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
            if bucket not in store.buckets:
                raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist")
            if request.headers.get("x-amz-expected-bucket-owner", store.account) != store.account:
                raise Refusal(403, "AccessDenied", "Access Denied")
            if request.operation.startswith("List") and not store.listable:
                raise Refusal(403, "AccessDenied", "Access Denied")
            return {
                "GetObject": get,
                "HeadObject": get,
                "PutObject": put,
                "DeleteObject": delete,
                "HeadBucket": head_bucket,
                "GetBucketVersioning": versioning,
                "ListObjectsV2": list_objects,
                "ListObjectVersions": list_versions,
            }[request.operation](store, bucket, path, request)
        except Refusal as refusal:
            return refusal.answer()


def head_bucket(store, bucket, path, request) -> Answer:  # type: ignore[no-untyped-def]
    return 200, {"x-amz-bucket-region": store.region}, b""


def versioning(store, bucket, path, request) -> Answer:  # type: ignore[no-untyped-def]
    status = "<Status>Enabled</Status>" if store.versioning else ""
    body = "<VersioningConfiguration>%s</VersioningConfiguration>" % status
    return 200, {"content-type": "application/xml"}, body.encode()


def version_header(store: Store, version: Version) -> Dict[str, str]:
    return {"x-amz-version-id": version.id} if store.versioning else {}


def get(store, bucket, path, request) -> Answer:  # type: ignore[no-untyped-def]
    wanted = request.query.get("versionId")
    version = store.current(bucket, path)
    if wanted is not None:
        if wanted != "null" and not wanted.startswith("v."):
            raise Refusal(400, "InvalidArgument", "Invalid version id specified")
        found = [one for one in store.buckets[bucket].get(path, []) if one.id == wanted]
        if not found:
            if not store.listable:
                raise Refusal(403, "AccessDenied", "Access Denied")
            raise Refusal(404, "NoSuchVersion", "The specified version does not exist.")
        version = found[0]
        if version.body is None:
            message = "The specified method is not allowed against this resource."
            raise Refusal(405, "MethodNotAllowed", message, x_amz_delete_marker="true")
    if version is None:
        if not store.listable:
            raise Refusal(403, "AccessDenied", "Access Denied")
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    headers = {"etag": version.etag, **version_header(store, version)}
    if request.headers.get("if-match", version.etag) not in ("*", version.etag):
        raise unmet()
    if request.headers.get("if-none-match") in ("*", version.etag):
        return 304, headers, b""
    headers["last-modified"] = format_datetime(version.modified, usegmt=True)
    headers["content-type"] = version.content_type
    return 200, headers, version.body or b""


def put(store, bucket, path, request) -> Answer:  # type: ignore[no-untyped-def]
    current = store.current(bucket, path)
    if_match = request.headers.get("if-match")
    if_none_match = request.headers.get("if-none-match")
    if if_none_match not in (None, "*"):
        message = "A header you provided implies functionality that is not implemented"
        raise Refusal(501, "NotImplemented", message)
    if if_none_match == "*" and current:
        raise unmet()
    match_current(current, if_match)
    kind = request.headers.get("content-type", "")
    version = store.add(bucket, path, request.body, kind)
    return 200, {"etag": version.etag, **version_header(store, version)}, b""


def delete(store, bucket, path, request) -> Answer:  # type: ignore[no-untyped-def]
    match_current(store.current(bucket, path), request.headers.get("if-match"))
    wanted = request.query.get("versionId")
    if wanted is not None:
        objects = store.buckets[bucket]
        objects[path] = [one for one in objects.get(path, []) if one.id != wanted]
        return 204, {"x-amz-version-id": wanted}, b""
    marker = store.add(bucket, path, None)
    headers = version_header(store, marker)
    return 204, {**headers, "x-amz-delete-marker": "true"} if headers else {}, b""


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


def list_objects(store, bucket, path, request) -> Answer:  # type: ignore[no-untyped-def]
    prefix, size, spell = page(request)
    token = request.query.get("continuation-token")
    if token is not None and not token.startswith("token."):
        message = "The continuation token provided is incorrect"
        raise Refusal(400, "InvalidArgument", message)
    after = token[len("token.") :] if token else request.query.get("start-after", "")
    names = sorted(one for one in store.buckets[bucket] if one.startswith(prefix) and one > after)
    found = [(name, store.current(bucket, name)) for name in names]
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
    return document(request, "ListBucketResult", bucket, spell(prefix), bool(rest), more + items)


def list_versions(store, bucket, path, request) -> Answer:  # type: ignore[no-untyped-def]
    prefix, size, spell = page(request)
    marker = (request.query.get("key-marker"), request.query.get("version-id-marker"))
    rows = []
    for name in sorted(one for one in store.buckets[bucket] if one.startswith(prefix)):
        versions = store.buckets[bucket][name]
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
    return document(request, "ListVersionsResult", bucket, spell(prefix), bool(rest), more + items)


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
