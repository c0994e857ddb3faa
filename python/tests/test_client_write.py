"""`put`, `set` and `unset`: what is stored, under which conditions, and what is refused."""

import datetime
import decimal
import json
import sys

import pytest

import lazycred
from conftest import flags_in


def test_put_gives_the_new_version(either):
    version = either.put("db", "1")
    assert version == either.history("db")[0]["version"]
    assert either.get("db", version=version) == b"1"


def test_put_if_absent_refuses_a_name_that_is_taken(either):
    either.put("db", "first", if_absent=True)
    with pytest.raises(lazycred.ConflictError, match="already exists") as caught:
        either.put("db", "second", if_absent=True)
    assert (caught.value.kind, caught.value.exit_code) == ("conflict", 6)
    assert either.get("db") == b"first"


def test_put_if_version_replaces_only_that_version(either):
    first = either.put("db", "first")
    second = either.put("db", "second", if_version=first)
    with pytest.raises(lazycred.ConflictError):
        either.put("db", "third", if_version=first)
    assert either.get("db") == b"second"
    either.put("db", "fourth", if_version=second[:8])
    assert either.get("db") == b"fourth"


def test_put_if_version_refuses_a_name_that_is_not_there(either):
    with pytest.raises(lazycred.ConflictError):
        either.put("db", "first", if_version="abcdef123456")
    assert either.list() == []


def test_both_preconditions_together_are_refused(client):
    version = client.put("db", "first")
    with pytest.raises(lazycred.UsageError) as caught:
        client.put("db", "second", if_absent=True, if_version=version)
    assert "if_absent" in str(caught.value) and "if_version" in str(caught.value)
    assert client.get("db") == b"first"


def test_the_null_version_is_no_precondition(client):
    client.put("db", "first")
    with pytest.raises(lazycred.UsageError, match="`null`"):
        client.put("db", "second", if_version="null")
    assert client.get("db") == b"first"


@pytest.mark.parametrize("data", [b"", "", b"\n", b"\r\n"])
def test_an_empty_secret_is_stored_as_the_program_stores_it_only_when_told(either, data):
    either.put("db", data)
    assert either.get("db") == (data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize("text", ["\ud800", "a\udcffb"])
def test_text_with_lone_surrogates_cannot_be_stored(client, canary, text):
    # A UnicodeEncodeError would have the whole text in its member `object`.
    with pytest.raises(lazycred.UsageError) as caught:
        client.put("db", canary.text + text)
    assert not canary.is_in(str(caught.value))
    assert caught.value.__context__ is None
    assert client.list() == []


def test_a_secret_over_the_limit_is_refused(store):
    client = store.client(max_size=1000)
    client.put("db", b"x" * 1000)
    with pytest.raises(lazycred.UsageError) as caught:
        client.put("db", b"x" * 1001)
    assert "max_size=" in caught.value.hint
    assert flags_in(caught.value) == []
    assert client.get("db") == b"x" * 1000


def test_a_secret_over_the_limit_is_not_read(store, client):
    client.put("db", b"x" * 5000)
    with pytest.raises(lazycred.DamagedError) as caught:
        store.client(max_size=10).get("db")
    assert "max_size=" in caught.value.hint
    assert flags_in(caught.value) == []


def test_version_2_records_are_written_when_asked_for(store):
    client = store.client(format=2)
    client.put("db", '{"a": 1}')
    assert b'"lazycred"' in (store.folder / "db").read_bytes()
    assert store.client(min_format=2).get_json("db") == {"a": 1}


SET = {
    "a text": ("text", '"text"'),
    "quotes": ('say "hi"\\', '"say \\"hi\\"\\\\"'),
    "umlauts": ("é🔑", '"é🔑"'),
    "bytes": (b"b\xc3\xa9", '"bé"'),
    "empty": ("", '""'),
    "a line end": ("line\n", '"line\\n"'),
    "what looks like JSON": ('{"x": 1}', '"{\\"x\\": 1}"'),
    "digits": ("007", '"007"'),
}


@pytest.mark.parametrize("value, stored", SET.values(), ids=SET.keys())
def test_set_stores_text_as_a_json_string(client, value, stored):
    client.put("db", '{"a": 1, "b" :[ ] }')
    client.set("db", "a", value)
    assert client.get_text("db") == '{"a": %s, "b" :[ ] }' % stored


def test_set_refuses_bytes_that_are_no_text(client):
    client.put("db", '{"a": 1}')
    with pytest.raises(lazycred.ShapeError) as caught:
        client.set("db", "a", b"hunter2\xff")
    assert "hunter2" not in str(caught.value)
    assert client.get_text("db") == '{"a": 1}'


JSON = {
    "null": (None, "null"),
    "true": (True, "true"),
    "false": (False, "false"),
    "an integer": (5432, "5432"),
    "a long integer": (2**70, str(2**70)),
    "a number": (1.5, "1.5"),
    "a text": ("é", '"é"'),
    "an empty text": ("", '""'),
    "a list": ([1, "a", None], '[1,"a",null]'),
    "a tuple": ((1, 2), "[1,2]"),
    "an object": ({"x": {"y": []}}, '{"x":{"y":[]}}'),
    "an empty object": ({}, "{}"),
}


@pytest.mark.parametrize("value, stored", JSON.values(), ids=JSON.keys())
def test_set_stores_each_json_type(either, value, stored):
    either.put("db", '{"a": 1}')
    version = either.set("db", "a", json=value)
    assert either.get_json("db") == {"a": json.loads(stored)}
    assert version == either.history("db")[0]["version"]


NO_JSON = {
    "a set": ({1}, TypeError),
    "bytes": (b"hunter2", TypeError),
    "an object": (object(), TypeError),
    "a date": (datetime.date(2020, 1, 1), TypeError),
    "a decimal": (decimal.Decimal("1.5"), TypeError),
    "bytes inside": ({"x": [b"hunter2"]}, TypeError),
    "an odd field name": ({(1, "hunter2"): 1}, TypeError),
    "NaN": (float("nan"), ValueError),
    "infinity inside": ([float("inf")], ValueError),
    "a lone surrogate": ("hunter2\ud800", lazycred.UsageError),
}


@pytest.mark.parametrize("value, cls", NO_JSON.values(), ids=NO_JSON.keys())
def test_what_is_no_json_is_refused_and_not_shown(client, value, cls):
    client.put("db", '{"a": 1}')
    with pytest.raises(cls) as caught:
        client.set("db", "a", json=value)
    error = caught.value
    assert type(error) is cls
    assert "hunter2" not in str(error) + repr(error)
    assert error.__context__ is None and error.__cause__ is None
    assert client.get_text("db") == '{"a": 1}'


def test_a_json_value_that_holds_itself_is_refused(client):
    client.put("db", '{"a": 1}')
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError):
        client.set("db", "a", json=loop)
    assert client.get_text("db") == '{"a": 1}'


def test_set_takes_exactly_one_of_value_and_json(client):
    client.put("db", '{"a": 1}')
    with pytest.raises(TypeError, match="value.*json|json.*value"):
        client.set("db", "a")
    with pytest.raises(TypeError, match="value.*json|json.*value") as caught:
        client.set("db", "a", "hunter2", json="hunter2")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(TypeError):
        client.set("db", "a", None, json=None)
    with pytest.raises(TypeError):
        client.set("db", "a", 5)
    with pytest.raises(TypeError):
        client.set("db", "a", None)
    assert client.get_text("db") == '{"a": 1}'


def test_set_makes_the_parents_of_a_pointer(client):
    client.put("db", '{"a": [1]}')
    client.set("db", "/x/y", "deep")
    client.set("db", "/a/-", json=2)
    client.set("db", "x.y", "flat")
    assert client.get_json("db") == {"a": [1, 2], "x": {"y": "deep"}, "x.y": "flat"}


def test_set_takes_value_by_keyword(client):
    client.put("db", "{}")
    client.set("db", field="a", value="1")
    client.set(name="db", field="b", value=b"2")
    assert client.get_json("db") == {"a": "1", "b": "2"}


def test_set_tells_of_a_missing_secret_and_of_one_without_fields(either):
    with pytest.raises(lazycred.MissingError, match="`db`"):
        either.set("db", "a", "1")
    either.put("db", "hunter2")
    for change in (lambda: either.set("db", "a", "1"), lambda: either.unset("db", "a")):
        with pytest.raises(lazycred.ShapeError) as caught:
            change()
        assert "hunter2" not in str(caught.value)
    assert either.get("db") == b"hunter2"


def test_unset_takes_one_field_away(either):
    either.put("db", '{"a": 1, "b": {"c": 2, "d": 3}}')
    either.unset("db", "a")
    version = either.unset("db", "/b/c")
    assert either.get_json("db") == {"b": {"d": 3}}
    assert version == either.history("db")[0]["version"]
    with pytest.raises(lazycred.MissingFieldError, match="`a`"):
        either.unset("db", "a")
    with pytest.raises(lazycred.MissingError):
        either.unset("other", "a")


def test_a_write_that_fails_leaves_the_record_as_it_was(store, client):
    client.put("db", "first")
    before = (store.folder / "db").read_bytes()
    store.key_file.unlink()
    with pytest.raises(lazycred.UsageError, match="wrapping key"):
        client.put("db", "second")
    with pytest.raises(lazycred.UsageError, match="wrapping key"):
        client.put("other", "first")
    assert (store.folder / "db").read_bytes() == before
    assert not (store.folder / "other").exists()


LITTLE_MEMORY = """
import json, resource, sys
import lazycred

client = lazycred.Client(**json.loads(sys.argv[1]))
client.put("db", "{}")
made = {"bytes": b"x", "text": "x"}[sys.argv[2]] * (100 << 20)
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (50 << 20),) * 2)
for call in (lambda: client.put("db", made), lambda: client.set("db", "a", made)):
    try:
        call()
    except (lazycred.UsageError, MemoryError) as error:
        print(type(error).__name__, error, getattr(error, "hint", ""))
assert client.get("db") == b"{}"
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/self/statm")
@pytest.mark.parametrize("kind", ["bytes", "text"])
def test_what_does_not_fit_in_memory_is_an_error_and_not_the_end_of_the_process(store, snippet, kind):
    done = snippet(LITTLE_MEMORY, json.dumps(store.members()), kind)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("UsageError `db` would have ") and "104857600 bytes, more than 67108864" in line
        assert "max_size=" in line
    done = snippet(LITTLE_MEMORY, json.dumps(dict(store.members(), max_size=1 << 30)), kind)
    assert [line.strip() for line in done.stdout.decode().splitlines()] == ["MemoryError"] * 2


def test_a_type_error_leads_on_to_what_takes_the_value(client):
    client.put("db", "{}")
    for value in (5432, 1.5, True, None, {"a": 1}, ["hunter2"], (1,)):
        with pytest.raises(TypeError, match="not %s; `json=` stores any" % type(value).__name__):
            client.set("db", "port", value)
    for value in ({"a": "hunter2"}, ["hunter2"], ("hunter2",)):
        with pytest.raises(TypeError, match="not %s; json.dumps makes" % type(value).__name__) as caught:
            client.put("db", value)
        assert "hunter2" not in str(caught.value)
    for call in (lambda: client.set("db", "a", bytearray(b"hunter2")), lambda: client.put("db", 5)):
        with pytest.raises(TypeError, match="not (bytearray|int)$"):
            call()
    assert client.get("db") == b"{}"


@pytest.mark.parametrize("value", [{1}, b"hunter2", datetime.datetime(2020, 1, 1), decimal.Decimal("1.5")], ids=repr)
def test_a_type_that_json_does_not_have_is_named(client, value):
    client.put("db", "{}")
    for json_value in (value, {"x": [value]}):
        with pytest.raises(TypeError, match="value of type %s, which JSON does not" % type(value).__name__):
            client.set("db", "a", json=json_value)
    with pytest.raises(TypeError, match="field name of type tuple, which"):
        client.set("db", "a", json={("hunter2",): 1})


class Odd(dict):
    """A dict whose items cannot be had."""

    def __init__(self, error):
        super().__init__(a=1)
        self.error = error

    def items(self):
        raise self.error


@pytest.mark.parametrize("text", ["hunter2", "Object of type hunter 2 is not JSON serializable"])
def test_a_type_error_of_the_values_own_is_not_shown(client, text):
    client.put("db", "{}")
    with pytest.raises(TypeError) as caught:
        client.set("db", "a", json=Odd(TypeError(text)))
    assert "hunter" not in str(caught.value)


def test_a_json_value_that_nests_too_deeply_is_refused(client):
    client.put("db", "{}")
    deep = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested deeper"):
        client.set("db", "a", json=deep)
