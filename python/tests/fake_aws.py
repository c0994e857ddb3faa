"""A small S3 and KMS on a port of this machine, that records.

It is a model, written from AWS's documented behaviour on the standard library alone:

- S3, path style, in a bucket with versions: GetObject (`versionId`, If-Match, If-None-Match),
  HeadObject, PutObject (If-Match, If-None-Match: *, ETag and version in the answer), DeleteObject
  (a delete marker), ListObjectsV2 and ListObjectVersions (1,000 a page in byte order),
  GetBucketVersioning.
- KMS: Encrypt, Decrypt and ReEncrypt; aliases, encryption contexts, IncorrectKeyException,
  InvalidCiphertextException, NotFoundException.

It does not check signatures, rights, checksums or regions, and knows nothing of records. Any other
request is one that it was not to get: see `broken`.

    with FakeAws() as aws:
        os.environ.update(aws.env())
        client = lazycred.Client(**aws.arguments())

As a program, it prints both as JSON, and serves until its standard input ends.
"""

from __future__ import annotations

import json
import socket
import socketserver
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Dict, List, Optional, Set, Tuple
from urllib.parse import parse_qsl, unquote

import fake_aws_kms
import fake_aws_s3
from fake_aws_kms import Kms
from fake_aws_s3 import Answer, Store

ACCOUNT = "111122223333"
BUCKET = "acme"
PREFIX = "prod/"
ALIAS = "acme-key"
REGION = "us-east-1"

KNOWN = {*fake_aws_kms.OPERATIONS, *fake_aws_s3.ANSWERS}

# What a code's status is, where it is not 400.
STATUS = {
    "AccessDenied": 403,
    "InternalError": 500,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "ServiceUnavailable": 503,
    "SlowDown": 503,
}


@dataclass
class Request:
    """One request, as it was received; names of headers in lower case."""

    service: str
    operation: str
    method: str
    path: str
    query: Dict[str, str]
    headers: Dict[str, str]
    body: bytes = field(repr=False)
    connection: int

    def json(self) -> Dict[str, Any]:
        """The members of the body of a request to KMS."""
        return dict(json.loads(self.body or b"{}"))


@dataclass
class Order:
    """What is to go wrong with requests of an operation (`GetObject`), a service, or all (`*`)."""

    operation: str
    what: str
    left: Optional[int]
    code: str = ""
    status: int = 0
    message: str = ""

    def takes(self, request: Request) -> bool:
        wanted = self.operation in ("*", request.service, request.operation)
        if not wanted or self.left == 0:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class FakeAws:
    """The model; a context manager that ends with its block."""

    def __init__(self) -> None:
        self.alias = ALIAS
        self.store = Store(BUCKET)
        self.kms = Kms(ACCOUNT, REGION)
        self.kms.create(ALIAS)
        self.requests: List[Request] = []
        self.broken: List[str] = []
        """What came in that is no whole request."""
        self.connections = 0
        self.most_at_once = 0
        """The most requests that were being performed at one time."""
        self._now = 0
        self._delays: Dict[str, float] = {}
        self._orders: List[Order] = []
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._open: Set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.port = int(self._server.server_address[1])
        self.url = "http://127.0.0.1:%d" % self.port
        serve = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        serve.start()

    def __enter__(self) -> FakeAws:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all connections, and frees the port."""
        self._ended.set()
        with self._changed:
            self._changed.notify_all()
            opened = list(self._open)
        self._server.shutdown()
        self._server.server_close()
        for connection in opened:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def env(self, **more: str) -> Dict[str, str]:
        """The variables that lead a process here, and no further: to add to what it needs else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIATESTERTESTER0000",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        }

    def arguments(self, **more: Any) -> Dict[str, Any]:
        """Keyword arguments for `Client`; the endpoint and the credentials are in `env`."""
        path = "%s/%s" % (BUCKET, PREFIX)
        return {"s3_path": path, "key_alias": self.alias, "region": REGION, **more}

    def operations(self) -> List[str]:
        return [request.operation for request in list(self.requests)]

    def forget(self) -> None:
        """Forgets the requests so far, and how many there were at once."""
        with self._changed:
            self.requests = []
            self.most_at_once = self._now

    def by_connection(self) -> Dict[int, List[Request]]:
        found: Dict[int, List[Request]] = defaultdict(list)
        for request in list(self.requests):
            found[request.connection].append(request)
        return found

    def delay(self, operation: str, seconds: float) -> None:
        """Performs such requests so much later, until it is told otherwise."""
        self._delays[operation] = seconds

    def stall(self, operation: str, times: Optional[int] = None) -> None:
        """Never answers such requests."""
        self._order(Order(operation, "stall", times))

    def fail(
        self,
        operation: str,
        code: str,
        status: Optional[int] = None,
        message: str = "",
        times: Optional[int] = None,
    ) -> None:
        """Refuses such requests with an error's code."""
        status = status or STATUS.get(code, 400)
        self._order(Order(operation, "fail", times, code, status, message))

    def heal(self) -> None:
        """Forgets all delays and faults; what stalls meanwhile is cut."""
        with self._changed:
            self._delays, self._orders = {}, []
            self._changed.notify_all()

    def wait_for(self, operation: str, times: int = 1, seconds: float = 60.0) -> None:
        """Waits until such requests have come so many times."""

        def came() -> bool:
            count = sum(operation in ("*", one.service, one.operation) for one in self.requests)
            return count >= times

        with self._changed:
            assert self._changed.wait_for(came, seconds), "%s: not %d" % (operation, times)

    def _order(self, order: Order) -> None:
        with self._changed:
            self._orders.append(order)

    def _begin(self, request: Request) -> Tuple[float, Optional[Order]]:
        with self._changed:
            self.requests.append(request)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            self._changed.notify_all()
            keys = ("*", request.service, request.operation)
            seconds = sum(self._delays.get(name, 0.0) for name in keys)
            return seconds, next((one for one in self._orders if one.takes(request)), None)

    def _end(self) -> None:
        with self._changed:
            self._now -= 1

    def _answer(self, request: Request) -> Answer:
        """What AWS answers. Raises `_Cut` where it is to say nothing."""
        seconds, order = self._begin(request)
        try:
            if seconds:
                self._ended.wait(seconds)
            if order is None:
                return self._perform(request)
            if order.what == "stall":
                with self._changed:
                    self._changed.wait_for(lambda: self._ended.is_set() or order not in self._orders)
                raise _Cut
            kind = fake_aws_s3 if request.service == "s3" else fake_aws_kms
            return kind.error(order.status, order.code, order.message)
        finally:
            self._end()

    def _perform(self, request: Request) -> Answer:
        if request.operation not in KNOWN:
            self.broken.append("unknown: %s %s %s" % (request.method, request.path, request.operation))
            return fake_aws_s3.error(501, "NotImplemented", "The model knows no such request")
        if request.service == "kms":
            return self.kms.answer(request.operation, request.json())
        return fake_aws_s3.answer(self.store, request)


class _Cut(Exception):
    """The connection is to be closed without an answer."""


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    fake: FakeAws

    def handle_error(self, request: Any, client_address: Any) -> None:
        cause = sys.exc_info()[1]
        if not isinstance(cause, OSError):
            self.fake.broken.append("the model itself failed: %r" % cause)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        self.fake = self.server.fake
        with self.fake._changed:
            self.fake.connections += 1
            self.number = self.fake.connections
            self.fake._open.add(self.request)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def finish(self) -> None:
        with self.fake._changed:
            self.fake._open.discard(self.request)
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def send_error(self, code: int, message: Optional[str] = None, explain: Optional[str] = None) -> None:
        self.fake.broken.append("no request: %s %s" % (code, message))
        self.close_connection = True

    def read_request(self) -> Optional[Request]:
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = int(headers.get("content-length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            self.fake.broken.append("cut short: %s %s" % (self.command, self.path))
            return None
        path, _, query = self.path.partition("?")
        path = unquote(path)
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        target = headers.get("x-amz-target", "")
        if target:
            service, operation = "kms", target.partition(".")[2]
        else:
            service, operation = "s3", fake_aws_s3.operation(self.command, path, pairs)
        return Request(service, operation, self.command, path, pairs, headers, body, self.number)

    def do_GET(self) -> None:
        request = self.read_request()
        if request is None:
            self.close_connection = True
            return
        try:
            status, headers, body = self.fake._answer(request)
        except _Cut:
            self.close_connection = True
            return
        lines = ["HTTP/1.1 %d X" % status, "x-amz-request-id: 4442587FB7D0A2F9"]
        lines += ["%s: %s" % pair for pair in headers.items()]
        if status not in (204, 304):
            lines.append("content-length: %d" % len(body))
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + body)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET


def main() -> None:
    """`python fake_aws.py [DELAY]`: serves until its standard input ends."""
    with FakeAws() as fake:
        if len(sys.argv) > 1:
            fake.delay("*", float(sys.argv[1]))
        print(json.dumps({"env": fake.env(), "arguments": fake.arguments()}), flush=True)
        while sys.stdin.readline():
            time.sleep(0)


if __name__ == "__main__":
    main()
