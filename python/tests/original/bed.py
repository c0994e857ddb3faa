"""moto with one bucket a case, and whoever carries out cases there.

Knows what a case needs and how it is passed to `driver.py`; refuses to know what
should come of it.
"""

import atexit
import base64
import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree as xml
from pathlib import Path

from . import install

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1]
#: moto refuses unsigned requests but does not check signatures.
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/%s/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


class Text(str):
    """Text that is `unicode` on Python 2.7 too; a plain str there is what a literal gives."""


def portable(value):
    """A value of the table as JSON; `driver.plain` makes it again."""
    if isinstance(value, Text):
        return {"$": "text", "v": str(value)}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$": type(value).__name__, "v": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, dict):
        return {"$": "dict", "v": [[name, portable(item)] for name, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [portable(item) for item in value]
    return value


class Moto:
    """moto, which holds the wrapping key of the golden records as alias/golden."""

    def __init__(self):
        python = install.moto()
        command = [str(python), str(HERE / "server.py"), str(install.SOURCES)]
        command.append(str(install.GOLDEN / "manifest.json"))
        log = install.target() / "test-original-moto.log"
        with open(log, "w") as stderr:
            self._child = subprocess.Popen(
                command,
                env=install.clean_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        line = self._child.stdout.readline().split()
        if len(line) != 2:
            self._child.wait()
            said = log.read_text().splitlines()
            raise install.Missing("moto does not start: %s" % (said[-1] if said else "it says nothing"))
        self.endpoint = "http://127.0.0.1:%d" % int(line[1])
        self._buckets = 0
        self.create_alias("alias/other")

    def close(self):
        """It ends when its standard input closes."""
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()

    def fresh_bucket(self):
        self._buckets += 1
        bucket = "bucket-%d" % self._buckets
        self._s3("PUT", bucket)
        return bucket

    def put_object(self, bucket, path, record):
        self._s3("PUT", "%s/%s" % (bucket, path), record)

    def objects(self, bucket):
        """Each object's bytes, by its path."""
        listed = xml.fromstring(self._s3("GET", bucket, query="?list-type=2"))
        paths = [found.text for found in listed.iter() if found.tag.endswith("}Key")]
        return {path: self._s3("GET", "%s/%s" % (bucket, path)) for path in paths}

    def create_alias(self, alias):
        """A wrapping key of its own under this alias."""
        made = self._kms("CreateKey", {})["KeyMetadata"]["KeyId"]
        self._kms("CreateAlias", {"AliasName": alias, "TargetKeyId": made})

    def _s3(self, method, path, body=None, query=""):
        url = "%s/%s%s" % (self.endpoint, urllib.parse.quote(path), query)
        return self._ask(method, url, body, {"Authorization": SIGNED % "s3", "Content-Type": "binary/octet-stream"})

    def _kms(self, operation, members):
        headers = {"Authorization": SIGNED % "kms", "X-Amz-Target": "TrentService." + operation}
        headers["Content-Type"] = "application/x-amz-json-1.1"
        return json.loads(self._ask("POST", self.endpoint, json.dumps(members).encode(), headers))

    @staticmethod
    def _ask(method, url, body, headers):
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return answer.read()


class Driver:
    """One process of `driver.py`: the original on Python 2.7, or ours on this Python."""

    def __init__(self, which):
        self.which = which
        environment = install.clean_environment()
        if which == "original":
            python, folder = install.python_2()
            environment.update(PYTHONPATH=str(folder), BOTO_CONFIG=os.devnull)
        else:
            python = sys.executable
            environment.update(PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
        self._child = subprocess.Popen(
            [str(python), "-W", "ignore", str(HERE / "driver.py"), which],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self):
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()

    def carry_out(self, case):
        self._child.stdin.write(json.dumps(case) + "\n")
        self._child.stdin.flush()
        answer = json.loads(self._child.stdout.readline())
        assert answer is not None, "the process of this case failed; see standard error"
        return [Outcome(outcome) for outcome in answer]


class Outcome:
    """What came of one get or put."""

    def __init__(self, answer):
        gave = answer["gave"]
        self.gave = base64.b64decode(gave) if isinstance(gave, str) else gave
        self.raised = answer["raised"]
        self.levels = {level for level, _ in answer["told"]}
        self.texts = [text for _, text in answer["told"]]
        self.trace = answer.get("trace")

    def brief(self):
        """As the table has it: what was given or raised, and the highest level that was told."""
        gave = "raised" if self.raised else self.gave
        for level in ("ERROR", "WARNING"):
            if level in self.levels:
                return gave, level
        return gave, None


def environment(moto, home):
    """What every case starts from: no setting of whoever runs the tests."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": moto.endpoint,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def kind_of_record(stored):
    """What 0.2.3 and ours may leave behind, in a word."""
    try:
        document = json.loads(stored)
    except ValueError:
        return "no JSON"
    if document is None:
        return "null"
    if isinstance(document.get("data"), str) and isinstance(document.get("key"), str):
        return "record"
    return "record without a data key" if document.get("key", "") is None else "something else"


_shared = {}


def shared(what):
    """The moto, or the driver, of this test process."""
    if what not in _shared:
        try:
            _shared[what] = Moto() if what == "moto" else Driver(what)
        except install.Missing as missing:
            _shared[what] = missing
        else:
            atexit.register(_shared[what].close)
    if isinstance(_shared[what], install.Missing):
        raise _shared[what]
    return _shared[what]
