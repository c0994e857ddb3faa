"""What a signal's handler raises while Python's json works, for `get_json` and `set`.

The frames of Python's json have the whole text in their variables, which tools that
report errors send.
"""

import json
import signal
import sys
import traceback

import pytest

import lazycred


class Soft(Exception):
    """Raised by a handler."""


class Value(ValueError):
    """Of a class that json's own errors have too."""


CALLS = {
    "get_json": (json.JSONDecoder, "decode", lambda client, text: client.get_json("db")),
    "set": (json.JSONEncoder, "encode", lambda client, text: client.set("db", "b", json=text)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("cls", [KeyboardInterrupt, SystemExit, MemoryError, Soft, Value])
def test_the_exception_of_a_handler_comes_through_without_frames_that_hold_the_text(
    client, canary, monkeypatch, call, cls
):
    def handler(number, frame):
        raise cls("handler")

    def interrupted(self, text, *more, **options):
        signal.raise_signal(signal.SIGUSR1)
        return original(self, text, *more, **options)

    document = json.dumps({"a": canary.text})
    client.put("db", document)
    coder, method, run = CALLS[call]
    original = getattr(coder, method)
    monkeypatch.setattr(coder, method, interrupted)
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with pytest.raises(cls) as caught:
            run(client, canary.text)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert type(caught.value) is cls
    assert str(caught.value) == "handler"
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-1] == "<lambda>" and "interrupted" not in names
    assert client.get("db") == document.encode()


def test_near_the_recursion_limit_json_is_not_said_to_be_wrong(client, canary):
    client.put("db", json.dumps({"a": canary.text}))
    client.get_json("db")
    raised = []

    def deeper(depth):
        if depth:
            return deeper(depth - 1)
        return client.get_json("db")

    here = len(traceback.extract_stack())
    for depth in range(sys.getrecursionlimit() - here - 30, sys.getrecursionlimit() - here + 1):
        try:
            assert deeper(depth) == {"a": canary.text}
        except RecursionError as error:
            raised.append(error)
    assert raised
    for error in raised:
        assert not canary.is_in(str(error))
        frames = traceback.extract_tb(error.__traceback__)
        assert not any("json" in frame.filename.split("/")[-2:] for frame in frames)
    assert not any(isinstance(error, lazycred.Error) for error in raised)
