"""`load`: secrets as a dictionary of variables, by the rules of the program's `export`."""

import os

import pytest

import lazycred
from conftest import flags_in, words

NESTED = (
    '{"Host": "db.internal", "port": 5432, "price": 1.10, "tls": true, "off": null,'
    ' "hosts": ["a", {"b": 1.50}], "pool": {"max-size": "9", "x": {"y": "deep"}}}'
)

DEFAULT = {
    "HOST": "db.internal",
    "PORT": "5432",
    "PRICE": "1.10",
    "TLS": "true",
    "HOSTS": '["a",{"b":1.50}]',
    "POOL_MAX_SIZE": "9",
    "POOL_X_Y": "deep",
}


def renamed(change):
    return {change(name): value for name, value in DEFAULT.items()}


RULES = {
    "nothing": ({}, DEFAULT),
    "prefix": ({"prefix": "db_"}, renamed(lambda name: "DB_" + name)),
    "separator": (
        {"separator": "__"},
        dict(
            {name: value for name, value in DEFAULT.items() if not name.startswith("POOL")},
            POOL__MAX_SIZE="9",
            POOL__X__Y="deep",
        ),
    ),
    "upper": ({"case": "upper"}, DEFAULT),
    "lower": ({"case": "lower"}, renamed(str.lower)),
    "null empty": ({"null": "empty"}, dict(DEFAULT, OFF="")),
    "null omit": ({"null": "omit"}, DEFAULT),
    "arrays json": ({"arrays": "json"}, DEFAULT),
    "only one": ({"only": "PORT"}, {"PORT": "5432"}),
    "only several": ({"only": ["PORT", "H*"]}, {name: DEFAULT[name] for name in ("PORT", "HOST", "HOSTS")}),
    "only a tuple": ({"only": ("TLS",)}, {"TLS": "true"}),
    "exclude": ({"exclude": "P*"}, {name: DEFAULT[name] for name in ("HOST", "TLS", "HOSTS")}),
    "only and exclude": ({"only": "P*", "exclude": ["POOL_*"]}, {"PORT": "5432", "PRICE": "1.10"}),
    "format auto": ({"format": "auto"}, DEFAULT),
    "format json": ({"format": "json"}, DEFAULT),
    "format text": ({"format": "text"}, {"DB": NESTED}),
}


@pytest.mark.parametrize("rules, expected", RULES.values(), ids=RULES.keys())
def test_each_rule_does_what_it_says(either, rules, expected):
    either.put("db", NESTED)
    got = either.load("db", **rules)
    assert type(got) is dict
    assert got == expected


def test_case_keep_leaves_names_as_they_are(client):
    client.put("db", NESTED)
    got = client.load("db", case="keep")
    assert got["Host"] == "db.internal"
    assert got["pool_max_size"] == "9"


def test_arrays_index_gives_a_variable_an_item(client):
    client.put("db", NESTED)
    got = client.load("db", arrays="index", only=["HOSTS*"])
    assert got == {"HOSTS_0": "a", "HOSTS_1_B": "1.50"}


def test_null_error_refuses_null(client):
    client.put("db", NESTED)
    with pytest.raises(lazycred.ShapeError, match="/off"):
        client.load("db", null="error")


def test_dotenv_is_read_when_asked_for(client):
    client.put("app.env", "export USER='app'\nPASS=\"a\\nb\" # no\n\nEMPTY=\n")
    assert client.load("app.env", format="dotenv") == {"USER": "app", "PASS": "a\nb", "EMPTY": ""}
    with pytest.raises(lazycred.ShapeError):
        client.load("app.env", format="json")


def test_text_becomes_one_variable_less_one_line_end(client):
    client.put("web/api-token", "s3cret\n\n")
    assert client.load("web/api-token") == {"API_TOKEN": "s3cret\n"}


def test_what_starts_like_an_object_but_is_none_is_refused(client):
    client.put("db", '{"a": "hunter2"')
    with pytest.raises(lazycred.ShapeError) as caught:
        client.load("db")
    assert "hunter2" not in str(caught.value)
    assert client.load("db", format="text") == {"DB": '{"a": "hunter2"'}


REFERENCES = {
    "a field": (["db#Host"], {"HOST": "db.internal"}),
    "a pointer": (["db#/pool/x/y"], {"Y": "deep"}),
    "an object": (["db#/pool"], {"MAX_SIZE": "9", "X_Y": "deep"}),
    "a variable": (["url=db#Host"], {"url": "db.internal"}),
    "a variable of an object": (["X=db#/pool/x"], {"X": '{"y":"deep"}'}),
    "a variable of a whole secret": (["ALL=db"], {"ALL": NESTED}),
    "a prefix": (["P_+=db#/pool"], {"P_MAX_SIZE": "9", "P_X_Y": "deep"}),
    "several": (["db#Host", "token", "T=token"], {"HOST": "db.internal", "TOKEN": "s", "T": "s"}),
    "the later wins": (["db#Host", "HOST=token"], {"HOST": "s"}),
    "escaped": (["a%23b"], {"A_B": "odd"}),
}


@pytest.mark.parametrize("references, expected", REFERENCES.values(), ids=REFERENCES.keys())
def test_each_kind_of_reference_is_understood(client, references, expected):
    client.put("db", NESTED)
    client.put("token", "s")
    client.put("a#b", "odd")
    assert client.load(*references) == expected


def test_a_reference_may_name_a_version(either):
    first = either.put("db", '{"a": 1}')
    either.put("db", '{"a": 2}')
    assert either.load("db@" + first) == {"A": "1"}
    assert either.load("db@%s#a" % first[:8], "NEW=db#a") == {"A": "1", "NEW": "2"}


def test_without_a_reference_there_is_nothing_to_load(client):
    with pytest.raises(lazycred.UsageError):
        client.load()


REFUSED = ["LD_PRELOAD", "PATH", "PYTHONPATH", "NODE_OPTIONS", "BASH_FUNC_x", "HOME", "GIT_SSH_COMMAND"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_makes_programs_run_code_is_refused(client, name):
    client.put("db", '{"%s": "hunter2", "A": "1"}' % name)
    with pytest.raises(lazycred.VariablesError, match=name) as caught:
        client.load("db", case="keep")
    error = caught.value
    assert (error.kind, error.exit_code) == ("environment", 5)
    assert "hunter2" not in str(error) + str(error.hint)
    assert "allow=" in error.hint and "exclude=" in error.hint
    assert flags_in(error) == []
    assert client.load("db", case="keep", allow=name) == {name: "hunter2", "A": "1"}
    assert client.load("db", case="keep", allow=["X", name])[name] == "hunter2"
    assert client.load("db", case="keep", allow=(name,))[name] == "hunter2"
    assert client.load("db", case="keep", exclude=name) == {"A": "1"}
    assert client.load(name + "=db#A") == {name: "1"}


BAD_RULES = {
    "case": {"case": "title"},
    "arrays": {"arrays": "csv"},
    "null": {"null": "none"},
    "format": {"format": "yaml"},
}


@pytest.mark.parametrize("rules", BAD_RULES.values(), ids=BAD_RULES.keys())
def test_an_unknown_word_is_refused_with_those_there_are(client, rules):
    client.put("db", NESTED)
    (argument, word), = rules.items()
    with pytest.raises(lazycred.UsageError) as caught:
        client.load("db", **rules)
    said = words(caught.value)
    assert argument in said and word in said
    assert flags_in(caught.value) == []
    known = {"case": "keep", "arrays": "index", "null": "omit", "format": "dotenv"}
    assert known[argument] in said


def test_patterns_that_leave_nothing_or_match_nothing_are_errors(client):
    client.put("db", NESTED)
    for rules in ({"only": "Z*"}, {"exclude": "*"}, {"only": "port"}, {"only": "NOPE"}, {"exclude": "NOPE"}):
        cls = lazycred.UsageError if rules == {"only": "port"} else lazycred.VariablesError
        with pytest.raises(cls) as caught:
            client.load("db", **rules)
        assert flags_in(caught.value) == []


def test_two_fields_of_one_variable_are_an_error(client):
    client.put("db", '{"a b": "hunter2", "a-b": "hunter3"}')
    with pytest.raises(lazycred.ShapeError, match="A_B") as caught:
        client.load("db")
    assert "hunter" not in str(caught.value)


def test_a_value_with_a_nul_is_an_error(client):
    client.put("db", '{"a": "hunter2\\u0000"}')
    with pytest.raises(lazycred.ShapeError) as caught:
        client.load("db")
    assert "hunter2" not in str(caught.value)


def test_bytes_that_are_not_utf_8_are_decoded_as_the_system_does(client):
    client.put("latin", b"caf\xe9")
    got = client.load("latin")
    assert got == {"LATIN": os.fsdecode(b"caf\xe9")}
    assert os.fsencode(got["LATIN"]) == b"caf\xe9"


def test_every_missing_secret_is_named_at_once(client):
    client.put("db", "x")
    with pytest.raises(lazycred.SeveralError) as caught:
        client.load("one", "db", "two")
    error = caught.value
    assert [type(one) for one in error.errors] == [lazycred.MissingError] * 2
    assert error.kind == "several"
    assert error.exit_code == error.errors[0].exit_code == 3
    assert "`one`" in str(error) and "`two`" in str(error)


@pytest.mark.parametrize("reference", ["", "#a", "db@", "db#", "a\0b"])
def test_what_is_no_reference_is_refused(client, reference):
    with pytest.raises(lazycred.UsageError):
        client.load(reference)
    with pytest.raises(lazycred.UsageError):
        client.environ(reference)


def test_load_changes_no_variable_of_this_process(client, snippet):
    client.put("db", '{"SOME_VARIABLE": "x"}')
    before = dict(os.environ)
    client.load("db")
    client.environ("db")
    assert dict(os.environ) == before
