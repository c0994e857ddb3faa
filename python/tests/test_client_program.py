"""The module and the program are one: the same secrets, versions and variables."""

import json

import pytest

import lazycred

CONTENTS = [b"", b"hunter2", b"line\n", bytes(range(256)), "ü🔑".encode(), b'{"a": 1}', b"x" * 300_000]


@pytest.fixture(params=["folder", "aws"])
def both(request, program, tmp_path):
    """A client, and the program with the same configuration."""
    if request.param == "folder":
        store = request.getfixturevalue("store")
        store.configure()
        return store.client(), program
    aws = request.getfixturevalue("aws")
    with open(".lazycred", "w") as file:
        json.dump(aws.arguments(), file)
    return lazycred.Client(**aws.arguments()), program


@pytest.mark.parametrize("data", CONTENTS, ids=lambda data: repr(data[:12]))
def test_what_the_module_stores_the_program_prints(both, data):
    client, program = both
    client.put("web/prod", data)
    done = program("get", "web/prod")
    assert (done.returncode, done.stdout, done.stderr) == (0, data, b"")


@pytest.mark.parametrize("data", CONTENTS, ids=lambda data: repr(data[:12]))
def test_what_the_program_stores_the_module_gives(both, data):
    client, program = both
    done = program("put", "web/prod", "--allow-empty", input=data)
    assert done.returncode == 0, done.stderr
    assert client.get("web/prod") == data


def test_the_programs_own_configuration_is_found_without_s3_path(both):
    client, program = both
    client.put("db", "x")
    assert lazycred.Client().get("db") == b"x"


def test_history_has_the_members_that_the_program_prints(both):
    client, program = both
    for text in ("1", "22", "333"):
        client.put("db", text)
    client.delete("db")
    client.rollback("db")
    assert client.history("db") == program.json("history", "db", "--json")


def test_list_is_what_the_program_prints(both):
    client, program = both
    for name in ("b", "a/1", "ü", "a/2"):
        client.put(name, "x")
    for prefix in ("", "a/", "none"):
        done = program("list", *([prefix] if prefix else []))
        assert done.stdout.decode().splitlines() == client.list(prefix)


def test_a_version_of_the_module_is_one_of_the_program(both):
    client, program = both
    first = client.put("db", "first")
    client.put("db", "second")
    assert program("get", "db", "--version", first).stdout == b"first"
    assert program("rollback", "db", "--to", first).returncode == 0
    assert client.get("db") == b"first"
    assert program("rm", "db").returncode == 0
    assert client.list() == []
    client.rollback("db")
    assert program("get", "db").stdout == b"first"


def test_a_field_that_one_sets_the_other_reads(both):
    client, program = both
    client.put("db", '{"a": 1}')
    client.set("db", "b", "text")
    client.set("db", "/c/d", json=[1, None])
    assert json.loads(program("get", "db").stdout) == {"a": 1, "b": "text", "c": {"d": [1, None]}}
    assert program("set", "db", "e", input="ü".encode()).returncode == 0
    assert program("unset", "db", "a").returncode == 0
    assert client.get_json("db") == {"b": "text", "c": {"d": [1, None]}, "e": "ü"}


SECRETS = {
    "flat": '{"user": "app", "port": 5432}',
    "nested": '{"db": {"host": "a", "ports": [1, 2.50]}, "on": true, "off": null}',
    "numbers": '{"a": 1.10, "b": 1e400, "c": 1E+5, "d": 12345678901234567890}',
    "texts": '{"a": "line\\nline", "b": "\\u00e9", "c": "q\\"", "d": "", "e": "  "}',
    "odd names": '{"a-b": 1, "1x": 2, "ü": 3, "a.b": {"c/d": 4}}',
    "empty": "{}",
    "text": "plain text\n",
    "array": "[1, 2]",
    "json text": '"quoted"',
    "refused": '{"LD_PRELOAD": "x"}',
    "collision": '{"a b": 1, "a_b": 2}',
    "twice": '{"a": 1, "a": 2}',
    "typo": '{"a": 1',
    "deep": '{"a":' * 70 + "1" + "}" * 70,
    "BOM": '\ufeff{"a": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
}

RULES = [
    ({}, []),
    ({"prefix": "P_", "case": "keep"}, ["--prefix", "P_", "--case", "keep"]),
    ({"separator": "__", "arrays": "index"}, ["--separator", "__", "--arrays", "index"]),
    ({"null": "empty", "case": "lower"}, ["--null", "empty", "--case", "lower"]),
    ({"null": "error"}, ["--null", "error"]),
    ({"only": ["A*"]}, ["--only", "A*"]),
    ({"exclude": "A*"}, ["--except", "A*"]),
    ({"allow": "LD_PRELOAD"}, ["--allow", "LD_PRELOAD"]),
]


@pytest.mark.parametrize("rules, flags", RULES, ids=lambda value: "" if isinstance(value, list) else repr(value))
def test_load_gives_what_the_program_exports(store, client, program, rules, flags):
    store.configure()
    for name, content in SECRETS.items():
        client.put("secret", content)
        done = program("export", "--format", "json", *flags, "--", "secret")
        try:
            got = client.load("secret", **rules)
        except lazycred.Error as error:
            assert done.returncode == error.exit_code, (name, done.stderr, error)
            if error.kind == "usage":
                continue
            line = done.stderr.decode().splitlines()[0]
            if "--" not in line:
                assert line == "lazycred: error: %s" % error, name
        else:
            assert done.returncode == 0, (name, done.stderr)
            assert json.loads(done.stdout) == got, name


def test_what_several_references_give_is_what_the_program_exports(store, client, program):
    store.configure()
    client.put("a", SECRETS["nested"])
    client.put("b", SECRETS["text"])
    references = ["a", "b", "X=a#/db/host", "Q_+=a#/db", "ON=b"]
    assert program.json("export", "--format", "json", "--", *references) == client.load(*references)


def test_the_module_has_the_version_of_the_program(program):
    said = program("--version").stdout.decode().split()
    assert lazycred.__version__ == said[1]
