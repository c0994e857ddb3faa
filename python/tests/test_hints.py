"""Hints name arguments and methods of Python, where the program names options and commands."""

import pytest

import lazycred


def hint(call):
    with pytest.raises(lazycred.Error) as caught:
        call()
    return caught.value.hint


@pytest.fixture
def client(store):
    client = store.client()
    client.put("db", '{"user": "app", "none": null}')
    client.put("broken", "{")
    return client


CALLS = {
    "missing": (lambda c: c.get("web"), '`list()` shows the names; `put("web", DATA)` stores it'),
    "quoted": (lambda c: c.get("a b"), "`list()` shows the names; `put(NAME, DATA)` stores it"),
    "version": (lambda c: c.get("db", version="abcdef"), '`history("db")` shows its versions'),
    "format": (
        lambda c: c.load("broken"),
        "a secret that starts with `{` must be a JSON object; use `format=\"text\"` to pass it unchanged",
    ),
    "only": (lambda c: c.load("db", only="X*"), "`load()` without them gives them all"),
    "list": (lambda c: c.load("db", only="A,B"), "give a list of patterns"),
    "case": (lambda c: c.load("db", only="user"), "use `case=\"keep\"` to keep the case of the secret's fields"),
    "nothing": (lambda c: c.environ(), 'name one, as in `client.environ("db")`'),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_hint_says_what_to_do_in_python(client, call):
    run, expected = CALLS[call]
    assert hint(lambda: run(client)) == expected


def test_a_refused_name_is_left_out_or_allowed_by_an_argument(client):
    client.put("bad", '{"ld_preload": "/x", "a": 1}')
    said = hint(lambda: client.load("bad"))
    assert said == '`exclude="LD_PRELOAD"` leaves it out; `allow="LD_PRELOAD"` passes it on'
    assert client.load("bad", exclude="LD_PRELOAD") == {"A": "1"}
    assert client.load("bad", allow="LD_PRELOAD")["LD_PRELOAD"] == "/x"


def test_too_large_a_secret_names_max_size(store):
    said = hint(lambda: store.client(max_size=3).put("big", b"hunter2"))
    assert said == "`max_size=BYTES` allows larger secrets; readers need the same"


@pytest.mark.parametrize("ci", ["true", ""])
def test_without_a_configuration_the_arguments_come_first(store, monkeypatch, ci):
    monkeypatch.setenv("CI", ci)
    said = hint(lambda: lazycred.Client())
    assert said.startswith("give `s3_path=`, `key_alias=` and `region=`, or put {")


def test_a_command_of_the_program_alone_stays_as_it_is(store):
    said = hint(lambda: store.client(key_alias="local:nosuch").put("db", "x"))
    assert "`lazycred init --local --key-alias local:nosuch`" in said
