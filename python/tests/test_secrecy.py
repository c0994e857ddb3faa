"""No byte of a secret stands in an error, a log, a repr or a traceback.

Each search has a control that shows that it would find the secret.
"""

import gc
import io
import json
import logging
import sys
import traceback

import pytest

import lazycred


def seen(canary, value, depth=6, done=None):
    """Whether the secret is reachable from a value by attributes, items and the chain."""
    done = set() if done is None else done
    if id(value) in done or depth == 0:
        return False
    done.add(id(value))
    if isinstance(value, (str, bytes, bytearray)):
        return canary.is_in(bytes(value) if not isinstance(value, str) else value)
    if isinstance(value, (int, float, type(None), type)):
        return False
    inner = []
    if isinstance(value, dict):
        inner += list(value.keys()) + list(value.values())
    elif isinstance(value, (list, tuple, set, frozenset)):
        inner += list(value)
    elif isinstance(value, BaseException):
        names = [name for name in dir(value) if name != "__traceback__" and not name.startswith("__reduce")]
        names = [name for name in names if not callable(getattr(value, name, None))]
        inner += [getattr(value, name) for name in names]
        inner += [value.__reduce__(), value.__cause__, value.__context__]
    else:
        inner += [getattr(value, "__dict__", None), repr(value)]
    return any(seen(canary, one, depth - 1, done) for one in inner)


def shown(error):
    """An error as every tool shows it, without the variables of its frames."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=False)
    return "".join(whole.format(chain=True)) + repr(error) + str(error) + str(getattr(error, "hint", ""))


@pytest.mark.parametrize("make", [
    lambda text: ValueError("it is " + text),
    lambda text: UnicodeDecodeError("utf-8", text.encode(), 0, 1, "bad"),
    lambda text: json.JSONDecodeError("bad", text, 0),
    lambda text: KeyError([{"a": text.encode()}]),
])
def test_the_search_finds_a_secret_that_is_there(canary, make):
    assert seen(canary, make(canary.text))
    outer = RuntimeError("outer")
    outer.__context__ = make(canary.text)
    assert seen(canary, outer)
    noted = RuntimeError("noted")
    noted.more = {"x": (canary.bytes,)}
    assert seen(canary, noted)
    assert not seen(canary, RuntimeError("nothing"))


@pytest.mark.parametrize("spell", [str, str.encode, lambda text: text.encode().hex(), lambda text: repr(list(text.encode()))])
def test_the_search_knows_how_bytes_are_spelt(canary, spell):
    assert canary.is_in(spell(canary.text))


def contents(text):
    """Secrets that each hold the text, in each place that is no name."""
    return {
        "text": text.encode(),
        "value": json.dumps({"a": text}).encode(),
        "cut": ('{"a": "%s"' % text).encode(),
        "typo": ('{"a": %s}' % text).encode(),
        "item": json.dumps({"a": [1, text]}).encode(),
        "behind": ("{} " + text).encode(),
        "bad UTF-8": text.encode() + b"\xff",
        "bad UTF-8 in JSON": ('{"a": "%s' % text).encode() + b'\xff"}',
        "NUL": ('{"a": "%s\\u0000"}' % text).encode(),
        "twice": ('{"a": "%s", "a": "%s"}' % (text, text)).encode(),
        "collision": ('{"a b": "%s", "a_b": "%s"}' % (text, text)).encode(),
        "refused": ('{"LD_PRELOAD": "%s"}' % text).encode(),
        "dotenv": ('A="%s' % text).encode(),
        "dotenv line": ("A=1\n%s\n" % text).encode(),
        "UTF-16": ('{"a": "%s"}' % text).encode("utf-16"),
        "long": (text * 20000).encode(),
        "deep": ('{"a":' * 70 + '"%s"' % text + "}" * 70).encode(),
    }


CALLS = {
    "get a": lambda c: c.get("db", "a"),
    "get /a/b": lambda c: c.get("db", "/a/b"),
    "get nope": lambda c: c.get("db", "nope"),
    "get version": lambda c: c.get("db", version="abcdef"),
    "get_text": lambda c: c.get_text("db"),
    "get_json": lambda c: c.get_json("db"),
    "set": lambda c: c.set("db", "/a/b", "x"),
    "set nope": lambda c: c.set("db", "/nope/-", json=1),
    "unset": lambda c: c.unset("db", "/a/nope"),
    "load": lambda c: c.load("db"),
    "load json": lambda c: c.load("db", format="json"),
    "load dotenv": lambda c: c.load("db", format="dotenv"),
    "load null": lambda c: c.load("db", null="error"),
    "load only": lambda c: c.load("db", only="NOPE"),
    "load field": lambda c: c.load("db#/a/b"),
    "load X": lambda c: c.load("X=db#nope"),
    "environ": lambda c: c.environ("db"),
    "environ X": lambda c: c.environ("X=db"),
    "if_absent": lambda c: c.put("db", "y", if_absent=True),
    "rollback": lambda c: c.rollback("db"),
}


@pytest.mark.parametrize("content", contents("x"))
def test_no_failure_shows_what_the_secret_holds(client, canary, content, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    client.put("db", contents(canary.text)[content])
    failures = 0
    for name, call in CALLS.items():
        try:
            call(client)
        except Exception as error:
            failures += 1
            assert isinstance(error, lazycred.Error), (name, type(error))
            assert not canary.is_in(shown(error)), name
            assert not seen(canary, error), name
        client.delete("db")
        client.put("db", contents(canary.text)[content])
    assert failures >= 5
    out, err = capfd.readouterr()
    for text in (caplog.text, out, err, repr(client), str(client)):
        assert not canary.is_in(text)


WRITES = {
    "put surrogate": (lazycred.UsageError, lambda c, text: c.put("db", text + "\ud800")),
    "put a bytearray": (TypeError, lambda c, text: c.put("db", bytearray(text.encode()))),
    "put a list": (TypeError, lambda c, text: c.put("db", [text])),
    "put twice": (lazycred.ConflictError, lambda c, text: c.put("db", text, if_absent=True)),
    "put a version": (lazycred.ConflictError, lambda c, text: c.put("db", text, if_version="abcdef")),
    "put to no name": (lazycred.UsageError, lambda c, text: c.put("a//b", text)),
    "put too much": (lazycred.UsageError, lambda c, text: c.put("db", text * 100_000)),
    "set surrogate": (lazycred.UsageError, lambda c, text: c.set("db", "a", text + "\ud800")),
    "set bad UTF-8": (lazycred.ShapeError, lambda c, text: c.set("db", "a", text.encode() + b"\xff")),
    "set a list": (TypeError, lambda c, text: c.set("db", "a", [text])),
    "set both": (TypeError, lambda c, text: c.set("db", "a", text, json=text)),
    "set into a text": (lazycred.ShapeError, lambda c, text: c.set("db", "/a/b", text)),
    "set in nothing": (lazycred.MissingError, lambda c, text: c.set("nope", "a", text)),
    "json a set": (TypeError, lambda c, text: c.set("db", "a", json={text})),
    "json bytes": (TypeError, lambda c, text: c.set("db", "a", json=text.encode())),
    "json a name of a field": (TypeError, lambda c, text: c.set("db", "a", json={(text,): 1})),
    "json a surrogate": (lazycred.UsageError, lambda c, text: c.set("db", "a", json=text + "\ud800")),
    "json NaN": (ValueError, lambda c, text: c.set("db", "a", json=[text, float("nan")])),
    "json deep inside": (TypeError, lambda c, text: c.set("db", "a", json={"x": [{"y": {text}}]})),
}


@pytest.mark.parametrize("write", WRITES)
def test_no_refused_write_shows_what_was_to_be_stored(store, canary, write, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    client = store.client(max_size=1_000_000)
    client.put("db", '{"a": "x"}')
    cls, call = WRITES[write]
    with pytest.raises(cls) as caught:
        call(client, canary.text)
    assert not canary.is_in(shown(caught.value))
    assert not seen(canary, caught.value)
    out, err = capfd.readouterr()
    for text in (caplog.text, out, err):
        assert not canary.is_in(text)


@pytest.mark.parametrize("fault", ["AccessDenied", "InternalError", "NoSuchBucket"])
def test_no_failure_of_aws_shows_the_secret_or_credentials(aws, canary, caplog, capfd, monkeypatch, fault):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", canary.text[::-1])
    caplog.set_level(logging.DEBUG)
    client = lazycred.Client(**aws.arguments())
    client.put("db", canary.text)
    told = ""
    for operation in ("GetObject", "PutObject", "Decrypt", "Encrypt", "ListObjectsV2"):
        aws.fail(operation, fault, 403 if fault == "AccessDenied" else 500, times=None)
        for call in (
            lambda: client.put("db", canary.text + "2"),
            lambda: client.get("db"),
            lambda: client.load("db"),
            lambda: client.list(),
        ):
            try:
                call()
            except lazycred.Error as error:
                told += shown(error)
                assert not seen(canary, error)
        aws.heal()
    out, err = capfd.readouterr()
    assert told
    for text in (told, caplog.text, out, err, repr(client)):
        assert not canary.is_in(text)
        assert canary.text[::-1] not in text


def test_logging_at_debug_tells_of_requests_and_of_no_secret(aws, canary):
    root = logging.getLogger()
    stream = io.StringIO()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with lazycred.Client(**aws.arguments()) as client:
            client.put("db", canary.text)
            client.get("db")
            client.put("db", json.dumps({"a": canary.text}))
            client.load("db")
            client.set("db", "b", canary.text)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    told = stream.getvalue()
    assert "GetObject" in told and "Decrypt" in told
    assert {line.split(" ")[0] for line in told.splitlines()} == {"LazyCredLogger"}
    assert not canary.is_in(told)
    assert "wJalrXUtnFEMI" not in told
    # The whole is ciphertext in the fake, so the control is what it received.
    assert any(request.body for request in aws.requests)
    assert not any(canary.is_in(request.body) for request in aws.requests if request.service == "s3")


LOUD = """
import faulthandler, json, logging, sys, lazycred
faulthandler.enable()
logging.basicConfig(level=logging.DEBUG)
text = sys.stdin.read()
client = lazycred.Client(**json.loads(sys.argv[1]))
client.put("db", '{"a": "%s"' % text)
if sys.argv[2] == "control":
    print(client.get_text("db"))
faulthandler.dump_traceback()
client.load("db") if sys.argv[2] == "load" else client.get_json("db")
"""


@pytest.mark.parametrize("call", ["load", "get_json"])
@pytest.mark.parametrize("flags", [(), ("-X", "dev"), ("-X", "tracemalloc=20")], ids=str)
def test_a_process_that_fails_prints_no_secret(store, canary, snippet, call, flags):
    loud = {"RUST_BACKTRACE": "full", "RUST_LIB_BACKTRACE": "1", "RUST_LOG": "trace", "LAZYCRED_LOG": "trace"}
    arguments = json.dumps(store.members())
    done = snippet(LOUD, arguments, call, flags=flags, status=1, env=loud, input=canary.bytes)
    assert b"ShapeError" in done.stderr
    assert not canary.is_in(done.stdout + done.stderr)
    done = snippet(LOUD, arguments, "control", flags=flags, status=1, env=loud, input=canary.bytes)
    assert canary.is_in(done.stdout)


def test_nothing_that_python_tracks_holds_a_secret_after_its_last_use(client, canary):
    client.put("db", bytes(bytearray(canary.bytes)))
    client.put("doc", b'{"a": "' + canary.bytes + b'"}')
    for call in (
        lambda: client.get("db"),
        lambda: client.get_json("doc"),
        lambda: client.load("doc"),
        lambda: client.environ("doc"),
        lambda: client.set("doc", "b", json={"x": 1}),
    ):
        call()
    with pytest.raises(lazycred.Error) as caught:
        client.get_json("db")
    kept = {"planted": [canary.bytes + b"!"]}

    def holders():
        gc.collect()
        found = []
        for one in gc.get_objects():
            for inner in gc.get_referents(one):
                if isinstance(inner, (bytes, str)) and len(inner) < 200 and inner not in (canary.text, canary.bytes):
                    if canary.is_in(inner):
                        found.append(inner)
        return found

    assert set(holders()) == {canary.bytes + b"!"}
    kept.clear()
    assert holders() == []
    assert caught.value.kind == "shape"


def test_the_frames_of_a_traceback_hold_no_secret_of_ours(client, canary):
    """A reporter that captures locals sees the caller's own, and none of the package's."""
    client.put("db", '{"a": "%s"' % canary.text)
    with pytest.raises(lazycred.ShapeError) as caught:
        client.get_json("db")
    step = caught.value.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename != __file__:
            assert not any(canary.is_in(repr(value)) for value in step.tb_frame.f_locals.values())
        step = step.tb_next
    assert sys.exc_info() == (None, None, None)
