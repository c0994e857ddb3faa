"""moto with one bucket a case, and whoever carries out cases there.

Knows what a case needs and how it is passed to `driver.py`; refuses to know what
should come of it.
"""

import atexit
import base64
import contextlib
import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

from . import install

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1]


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
        python, folder = install.moto()
        command = [python, str(HERE / "server.py"), str(install.SOURCES), str(install.GOLDEN / "manifest.json")]
        log = install.MADE / "original-moto.log"
        with open(log, "w") as stderr:
            self._child = subprocess.Popen(
                command,
                env=dict(os.environ, PYTHONPATH=str(folder)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        line = self._child.stdout.readline().split()
        if len(line) != 2:
            self._child.wait()
            raise install.Missing("moto does not start: %s" % log.read_text())
        self.endpoint = "http://127.0.0.1:%d" % int(line[1])
        self._buckets = 0

    def close(self):
        """It ends when its standard input closes."""
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()

    def fresh_bucket(self, objects=None):
        """The name of a new bucket with these objects."""
        self._buckets += 1
        bucket = "bucket-%d" % self._buckets
        self.objects(bucket, objects)
        return bucket

    def objects(self, bucket, more=None):
        """Each object's bytes, by its path, once these are stored too."""
        objects = {path: base64.b64encode(record).decode() for path, record in (more or {}).items()}
        connection = http.client.HTTPConnection(self.endpoint.partition("//")[2], timeout=60)
        connection.request("POST", "/.door", json.dumps({"bucket": bucket, "objects": objects}))
        with contextlib.closing(connection):
            found = json.loads(connection.getresponse().read())
        return {path: base64.b64decode(record) for path, record in found.items()}


class Driver:
    """One process of `driver.py`: the original on Python 2.7, or ours on this Python."""

    def __init__(self, which):
        self.which = which
        if which == "original":
            self.python, self.folder = install.python_2()
        else:
            self.python, self.folder = sys.executable, os.pathsep.join(path for path in sys.path if path)
        self._child = subprocess.Popen(
            [self.python, "-W", "ignore", str(HERE / "driver.py"), which],
            env=dict(os.environ, PYTHONPATH=str(self.folder), BOTO_CONFIG=os.devnull),
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
