"""The table of calls: what each gives under 0.2.3 and under ours.

A case is a name, steps, and what comes of each get and put: a value, None, True or
False, with "ERROR" or "WARNING" where `LazyCredLogger` is told. `original` says what
0.2.3 does where that is something else, and `why` names the difference, one of
original_differences.json. "{bucket}" stands for the bucket of the case.
"""

import base64
import json

from .bed import Text
from .install import GOLDEN


class Case:
    def __init__(
        self, name, steps, ours, original=None, why=None, objects=None, files=None, environment=None,
        folder=".", stored=None, stored_by_original=None,
    ):
        self.name = name
        self.steps = steps
        self.ours = [outcome if isinstance(outcome, tuple) else (outcome, None) for outcome in ours]
        told = original if original is not None else ours
        self.original = [outcome if isinstance(outcome, tuple) else (outcome, None) for outcome in told]
        self.why = why
        self.objects = objects or {}
        self.files = files or {}
        self.environment = environment or {}
        self.folder = folder
        #: What is in the bucket afterwards, beside what was there: kinds by path.
        self.stored = stored or {}
        self.stored_by_original = self.stored if stored_by_original is None else stored_by_original


NOTHING = (None, "ERROR")
FAILED = (False, "ERROR")
#: 0.2.3 remembers that there was no configuration, and says so only once.
SILENT = (None, None)
RAISED = ("raised", None)

CONFIG = {"s3_path": "{bucket}/pfx/", "key_alias": "golden", "region": "us-east-1"}
USE = ["set_config", CONFIG]


def config(**changed):
    """CONFIG with some members changed, or left out where None is given."""
    members = dict(CONFIG, **changed)
    return {name: value for name, value in members.items() if value is not None}


def use(**changed):
    return ["set_config", config(**changed)]


def golden(name):
    return (GOLDEN / (name + ".json")).read_bytes()


def broken(change):
    """The golden record of `hunter2` after a change of its members."""
    members = json.loads(golden("no-newline"))
    change(members)
    return json.dumps(members).encode()


def flip(token):
    """A Fernet token whose last byte is another: its HMAC no longer holds."""
    data = bytearray(base64.urlsafe_b64decode(token))
    data[-1] ^= 1
    return base64.urlsafe_b64encode(bytes(data)).decode()


HUNTER2 = {"pfx/a": golden("no-newline")}
ALL = bytes(range(256))
UNICODE = "pässwörd ключ 鍵 😀"
FILE = json.dumps(CONFIG)
VARIABLES = {
    "LAZYCRED_S3_PATH": "{bucket}/pfx/", "LAZYCRED_KEY_ALIAS": "golden", "AWS_DEFAULT_REGION": "us-east-1",
}
OTHER_FILE = json.dumps(config(s3_path="{bucket}/other/"))


def reading(name, record, outcome, **more):
    """A case that reads one record."""
    return Case(name, [USE, ["get", "a"]], [outcome], objects={"pfx/a": record}, **more)


def without(*names):
    """Leaves members of a record out."""

    def change(members):
        for name in names:
            del members[name]

    return change


READING = [
    Case("a stored name", [USE, ["get", "a"]], [b"hunter2"], objects=HUNTER2),
    Case("a missing name", [USE, ["get", "nope"]], [NOTHING]),
    Case("a missing name, and then one that is there", [USE, ["get", "nope"], ["get", "a"]],
         [NOTHING, b"hunter2"], objects=HUNTER2),
    Case("S3 denies reading", [USE, ["get", "a"]], [NOTHING], objects=HUNTER2,
         environment={"AWS_ACCESS_KEY_ID": "AKID-NO-GET"}),
    Case("KMS denies decrypting", [USE, ["get", "a"]], [NOTHING], objects=HUNTER2,
         environment={"AWS_ACCESS_KEY_ID": "AKID-NO-DECRYPT"}),
    Case("S3 denies listing the bucket", [USE, ["get", "a"]], [b"hunter2"], original=[NOTHING],
         why="no-listing", objects=HUNTER2, environment={"AWS_ACCESS_KEY_ID": "AKID-NO-LIST"}),
    Case("nothing answers", [USE, ["get", "a"], ["put", "a", b"x"]], [NOTHING, FAILED], objects=HUNTER2,
         environment={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}),
    Case("the bucket is missing", [use(s3_path="no-such-bucket-of-ours/"), ["get", "a"], ["put", "a", b"x"]],
         [NOTHING, FAILED]),
    reading("a record that is no JSON", b"hunter2 in clear", NOTHING),
    reading("an empty object", b"", NOTHING),
    reading("a record that is a list", b"[1, 2]", NOTHING),
    reading("a record that is a number", b"5", NOTHING),
    reading("a record that is null, as 0.2.3 leaves for text", golden("broken-unicode-value"), NOTHING),
    reading("a record of another shape", b'{"user": "hunter2"}', NOTHING),
    reading('a record that is {"key": null}, as 0.2.3 leaves when KMS fails', golden("broken-kms-failed"),
            NOTHING),
    reading("a record without data", broken(without("data")), NOTHING),
    reading("a record without a data key", broken(without("key")), NOTHING),
    reading("a truncated token", broken(lambda it: it.update(data=it["data"][:-8])), NOTHING),
    reading("a token whose last byte is changed", broken(lambda it: it.update(data=flip(it["data"]))), NOTHING),
    reading("the data key of another record",
            broken(lambda it: it.update(key=json.loads(golden("crlf"))["key"])), NOTHING),
    reading("a wrapped data key that KMS did not make", broken(lambda it: it.update(key="aGVsbG8=")), NOTHING),
    reading("a record with more members", broken(lambda it: it.update(note="x", n=1)), b"hunter2"),
    reading("an empty secret", golden("empty"), b""),
    reading("a secret of all 256 bytes", golden("all-256-bytes"), ALL),
    Case("the alias now names another wrapping key",
         [use(key_alias="other"), ["get", "a"]], [(b"hunter2", "WARNING")], original=[b"hunter2"],
         why="wrapping-key", objects=HUNTER2),
    Case("the alias does not exist",
         [use(key_alias="no-such"), ["get", "a"]], [(b"hunter2", "WARNING")], original=[b"hunter2"],
         why="wrapping-key", objects=HUNTER2),
    Case("the alias is given with alias/", [use(key_alias="alias/golden"), ["get", "a"]], [b"hunter2"],
         objects=HUNTER2),
    Case("KMS is asked in another region", [use(region="eu-west-1"), ["get", "a"]], [NOTHING], objects=HUNTER2),
    Case("there is no such region", [use(region="nowhere-1"), ["get", "a"]], [NOTHING], objects=HUNTER2),
]

STORED = {"pfx/b": "record"}


def writing(name, data, outcome, gives, **more):
    """A case that stores one secret and reads it back."""
    return Case(name, [USE, ["put", "b", data], ["get", "b"]], [outcome, gives], **more)


WRITING = [
    writing("text", "hunter2\n", True, b"hunter2\n", stored=STORED),
    writing("bytes", b"hunter2", True, b"hunter2", stored=STORED),
    writing("an empty secret is put", b"", True, b"", stored=STORED),
    writing("all 256 bytes are put", ALL, True, ALL, stored=STORED),
    writing("JSON is put", '{"a": [1, null]}', True, b'{"a": [1, null]}', stored=STORED),
    writing("text beyond ASCII in a literal", UNICODE, True, UNICODE.encode(), stored=STORED),
    writing("unicode text of Python 2", Text(UNICODE), True, UNICODE.encode(), original=[(True, "ERROR"), NOTHING],
            why="text", stored=STORED, stored_by_original={"pfx/b": "null"}),
    *[
        writing("put of " + kind, data, FAILED, NOTHING, original=[(True, "ERROR"), NOTHING],
                why="wrong-data", stored_by_original={"pfx/b": "null"})
        for kind, data in [("a number", 5), ("None", None), ("a list", ["hunter2"]), ("a dict", {"a": "hunter2"}),
                           ("a bytearray", bytearray(b"hunter2")), ("a memoryview", memoryview(b"hunter2"))]
    ],
    Case("put over an existing one", [USE, ["put", "a", b"newer"], ["get", "a"]], [True, b"newer"],
         objects=HUNTER2, stored={"pfx/a": "record"}),
    Case("put over a broken one", [USE, ["put", "a", b"newer"], ["get", "a"]],
         [(True, "WARNING"), b"newer"], original=[True, b"newer"], why="replacing-damage",
         objects={"pfx/a": golden("broken-kms-failed")}, stored={"pfx/a": "record"}),
    Case("KMS denies encrypting", [USE, ["put", "b", b"x"]], [FAILED], original=[(True, "ERROR")],
         why="kms-failed", environment={"AWS_ACCESS_KEY_ID": "AKID-NO-ENCRYPT"},
         stored_by_original={"pfx/b": "record without a data key"}),
    Case("KMS denies encrypting what replaces a secret", [USE, ["put", "a", b"x"], ["get", "a"]],
         [FAILED, b"hunter2"], original=[(True, "ERROR"), NOTHING], why="kms-failed", objects=HUNTER2,
         environment={"AWS_ACCESS_KEY_ID": "AKID-NO-ENCRYPT"},
         stored={"pfx/a": "record"}, stored_by_original={"pfx/a": "record without a data key"}),
    Case("put under an alias that does not exist", [use(key_alias="no-such"), ["put", "b", b"x"]], [FAILED],
         original=[(True, "ERROR")], why="kms-failed", stored_by_original={"pfx/b": "record without a data key"}),
    Case("put in a region that does not exist", [use(region="nowhere-1"), ["put", "b", b"x"]], [FAILED],
         original=[(True, "ERROR")], why="kms-failed", stored_by_original={"pfx/b": "record without a data key"}),
    Case("put under an alias given with alias/", [use(key_alias="alias/golden"), ["put", "b", b"x"], ["get", "b"]],
         [True, b"x"], original=[(True, "ERROR"), NOTHING], why="alias-prefix", stored=STORED,
         stored_by_original={"pfx/b": "record without a data key"}),
    Case("S3 denies writing", [USE, ["put", "b", b"x"]], [FAILED], environment={"AWS_ACCESS_KEY_ID": "AKID-NO-PUT"}),
    Case("S3 denies replacing", [USE, ["put", "a", b"x"], ["get", "a"]], [FAILED, b"hunter2"], objects=HUNTER2,
         environment={"AWS_ACCESS_KEY_ID": "AKID-NO-PUT"}, stored={"pfx/a": "record"}),
]


def named(name, path, ours=(True, b"x"), **more):
    """A case that stores and reads under a name."""
    stored = {path: "record"} if path else {}
    return Case(more.pop("case"), [USE, ["put", name, b"x"], ["get", name]], list(ours), stored=stored, **more)


NAMES = [
    named("web/prod/db", "pfx/web/prod/db", case="a name with slashes"),
    named("/web", "pfx/web", case="a name with a slash in front"),
    named("web/", "pfx/web/", case="a name with a slash at its end"),
    named("a//b", "pfx/a/b", case="a name with an empty segment"),
    named("//a///b//", "pfx/a/b/", case="a name with empty segments all over"),
    named("two words", "pfx/two words", case="a name with a space"),
    named("a+b%41?#&=@~'()", "pfx/a+b%41?#&=@~'()", case="a name with delimiters"),
    named("zażółć/ключ/鍵", "pfx/zażółć/ключ/鍵", case="a name beyond ASCII"),
    named("n" * 900, "pfx/" + "n" * 900, case="a name of 900 characters"),
    named("n" * 1100, None, (FAILED, NOTHING), case="a name over what S3 takes"),
    named("", None, (FAILED, NOTHING), original=[True, b"x"], why="empty-name",
          stored_by_original={"pfx/": "record"}, case="an empty name"),
    named(5, None, (FAILED, NOTHING), case="a name that is a number"),
    named(None, None, (FAILED, NOTHING), case="a name that is None"),
    named(["a"], None, (FAILED, NOTHING), case="a name that is a list"),
    Case("a prefix without its slash", [use(s3_path="{bucket}/pfx"), ["put", "b", b"x"], ["get", "b"]], [True, b"x"],
         stored={"pfxb": "record"}),
    Case("a prefix without its slash, and a name with one",
         [use(s3_path="{bucket}/pfx"), ["put", "/b", b"x"], ["get", "/b"]], [True, b"x"], stored={"pfx/b": "record"}),
    Case("a prefix with empty segments", [use(s3_path="{bucket}//pfx//"), ["put", "b", b"x"], ["get", "b"]],
         [True, b"x"], stored={"pfx/b": "record"}),
    Case("a name with a slash in front, by a file", [["get", "/a"]], [b"hunter2"], files={".lazycred": FILE},
         objects=HUNTER2),
    Case("a name with a slash in front is put by a file", [["put", "/b", b"x"], ["get", "/b"]], [True, b"x"],
         files={".lazycred": FILE}, stored={"pfx/b": "record"}),
    Case("a name with a slash in front is put by the variables", [["put", "/b", b"x"], ["get", "/b"]], [True, b"x"],
         environment=VARIABLES, stored={"pfx/b": "record"}),
    Case("a name with a slash in front is put by a file without one", [["put", "/b", b"x"], ["get", "/b"]],
         [True, b"x"], files={".lazycred": json.dumps(config(s3_path="{bucket}/pfx"))}, stored={"pfx/b": "record"}),
    Case("a prefix with empty segments, in a file", [["put", "b", b"x"], ["get", "b"]], [True, b"x"], why="slashes",
         files={".lazycred": json.dumps(config(s3_path="{bucket}//pfx//"))}, stored={"/pfx//b": "record"},
         stored_by_original={"pfx/b": "record"}),
    Case("an empty prefix, and a name with a slash in front",
         [use(s3_path="{bucket}/"), ["put", "/b", b"x"], ["get", "/b"]], [True, b"x"], stored={"b": "record"}),
    Case("an empty prefix", [use(s3_path="{bucket}/"), ["put", "b", b"x"], ["get", "b"]], [True, b"x"],
         stored={"b": "record"}),
]
