"""Arguments of wrong types are TypeErrors that name the argument and never show a value."""

import copy
import multiprocessing
import pickle

import pytest

import lazycred
from conftest import flags_in

CONSTRUCTOR = {
    "s3_path": [1, b"acme/prod/", ["a"]],
    "key_alias": [1, b"x"],
    "region": [1],
    "profile": [1],
    "bucket_region": [1],
    "account": [123456789012],
    "format": ["2", 1.5, [1]],
    "min_format": ["2"],
    "max_age": [90],
    "sse": [True],
    "keys": [1, [1], {"local:old": 1}],
    "key_accounts": [123456789012, [1]],
    "pin_key": ["yes", 1],
    "cache": ["yes", 1],
    "timeout": ["5", None, [1], b"5"],
    "max_size": ["5", 1.5, None],
    "verify": ["no", None],
    "stale_if_error": ["no"],
}


def said_by(error):
    """What a traceback shows of an error: its message and its notes."""
    return " ".join([str(error), *getattr(error, "__notes__", [])])


@pytest.mark.parametrize("argument, value", [(a, v) for a in CONSTRUCTOR for v in CONSTRUCTOR[a]], ids=repr)
def test_a_wrong_type_is_refused_and_the_argument_named(store, argument, value):
    with pytest.raises(TypeError) as caught:
        store.client(**{argument: value})
    assert argument in said_by(caught.value)


@pytest.mark.parametrize("argument", ["config", "environment"])
def test_a_wrong_type_of_where_to_look_is_refused(argument):
    for value in (5, b"x"):
        with pytest.raises(TypeError) as caught:
            lazycred.Client(**{argument: value})
        assert argument in said_by(caught.value)


def test_an_unknown_keyword_is_refused(store):
    for unknown in ("s3path", "bucket", "key", "time_out"):
        with pytest.raises(TypeError, match=unknown):
            store.client(**{unknown: "x"})


def test_a_positional_argument_of_the_client_is_refused_and_the_way_told():
    with pytest.raises(TypeError) as caught:
        lazycred.Client("acme/")
    assert "keyword" in str(caught.value) and "Client(s3_path=...)" in str(caught.value)
    assert "acme" not in said_by(caught.value)


def test_the_configuration_is_given_by_keyword_only():
    with pytest.raises(TypeError):
        lazycred.Client("acme/prod/")


NO_LIMITS = [0, -1, -0.0, float("nan"), float("-inf"), -1e300, float("inf"), 1e300, 1e18, 10**400]


@pytest.mark.parametrize("seconds", NO_LIMITS, ids=lambda seconds: "%.4s" % seconds)
def test_a_time_limit_that_is_none_is_refused(store, seconds):
    with pytest.raises(lazycred.UsageError, match="`timeout`") as caught:
        store.client(timeout=seconds)
    assert flags_in(caught.value) == []


@pytest.mark.parametrize("seconds", [1, 0.5, 30.0, 86400])
def test_seconds_may_be_whole_or_not(store, seconds):
    client = store.client(timeout=seconds)
    client.put("db", "x")
    assert client.get("db") == b"x"


class Text(str):
    """A subclass of str."""


class Bytes(bytes):
    """A subclass of bytes."""


def no_data(canary):
    return [bytearray(canary.bytes), memoryview(canary.bytes), 5, None, [canary.text], {"a": canary.text}, object()]


@pytest.mark.parametrize("index", range(7))
def test_put_takes_bytes_or_text_and_nothing_else(client, canary, index):
    data = no_data(canary)[index]
    with pytest.raises(TypeError) as caught:
        client.put("db", data)
    said = str(caught.value)
    assert type(data).__name__ in said
    assert "bytes" in said and "str" in said
    assert not canary.is_in(said)
    assert client.list() == []


@pytest.mark.parametrize("index", range(7))
def test_set_takes_bytes_or_text_and_nothing_else(client, canary, index):
    client.put("db", "{}")
    data = no_data(canary)[index]
    with pytest.raises(TypeError) as caught:
        client.set("db", "a", data)
    assert type(data).__name__ in str(caught.value)
    assert not canary.is_in(str(caught.value))
    assert client.get("db") == b"{}"


@pytest.mark.parametrize("make", [Text, lambda text: Bytes(text.encode())], ids=["str", "bytes"])
def test_a_subclass_of_text_or_bytes_is_stored_as_what_it_is(client, make):
    client.put("db", make("x"))
    assert client.get("db") == b"x"


CALLS = {
    "get name": lambda client, value: client.get(value),
    "get field": lambda client, value: client.get("db", value),
    "get version": lambda client, value: client.get("db", version=value),
    "get_text name": lambda client, value: client.get_text(value),
    "get_json name": lambda client, value: client.get_json(value),
    "get_json version": lambda client, value: client.get_json("db", version=value),
    "put name": lambda client, value: client.put(value, "x"),
    "put if_version": lambda client, value: client.put("db", "x", if_version=value),
    "put if_absent": lambda client, value: client.put("db", "x", if_absent=value),
    "set name": lambda client, value: client.set(value, "a", "x"),
    "set field": lambda client, value: client.set("db", value, "x"),
    "unset name": lambda client, value: client.unset(value, "a"),
    "unset field": lambda client, value: client.unset("db", value),
    "list prefix": lambda client, value: client.list(value),
    "history name": lambda client, value: client.history(value),
    "rollback name": lambda client, value: client.rollback(value),
    "rollback version": lambda client, value: client.rollback("db", value),
    "delete name": lambda client, value: client.delete(value),
    "delete if_version": lambda client, value: client.delete("db", if_version=value),
    "load references": lambda client, value: client.load("db", value),
    "load prefix": lambda client, value: client.load("db", prefix=value),
    "load separator": lambda client, value: client.load("db", separator=value),
    "load case": lambda client, value: client.load("db", case=value),
    "load only": lambda client, value: client.load("db", only=value),
    "load exclude": lambda client, value: client.load("db", exclude=value),
    "load allow": lambda client, value: client.load("db", allow=[value]),
    "environ references": lambda client, value: client.environ(value),
    "environ no_override": lambda client, value: client.environ("db", no_override=value),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("value", [5, b"db", object(), 1.5], ids=lambda value: type(value).__name__)
def test_each_method_says_which_argument_has_a_wrong_type(client, call, value):
    client.put("db", '{"a": "x"}')
    with pytest.raises(TypeError) as caught:
        CALLS[call](client, value)
    assert call.split()[1].replace("references", "reference") in said_by(caught.value)
    assert client.get("db") == b'{"a": "x"}'


def test_each_method_refuses_unknown_and_too_many_arguments(client):
    for call in (
        lambda: client.get("db", "a", "b"),
        lambda: client.get("db", vers="x"),
        lambda: client.get(),
        lambda: client.put("db"),
        lambda: client.put("db", "x", True),
        lambda: client.load("db", upper=True),
        lambda: client.environ("db", pristine=True),
        lambda: client.list("a", "b"),
    ):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("refused", [pickle.dumps, copy.copy, copy.deepcopy, lambda client: client.__reduce__()])
def test_a_client_is_neither_pickled_nor_copied(client, canary, refused):
    client.put("db", canary.bytes)
    client.get("db")
    with pytest.raises(TypeError, match="Client") as caught:
        refused(client)
    assert not canary.is_in(str(caught.value))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_protocol_of_pickle_takes_a_client(client, protocol):
    for value in (client, [client], {"c": client}, client.get):
        with pytest.raises(TypeError):
            pickle.dumps(value, protocol)


def nothing(client):
    """What a child process would do."""


def test_a_client_is_no_argument_of_a_spawned_process(client):
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=nothing, args=(client,))
    with pytest.raises(TypeError, match="Client"):
        process.start()


def test_a_client_cannot_be_subclassed():
    with pytest.raises(TypeError, match="Client"):
        type("Mine", (lazycred.Client,), {})


def test_a_client_takes_no_attribute_of_others(client):
    with pytest.raises(AttributeError):
        client.secret = "x"
