"""`environ`: an environment for a command, as the program's `exec` would give it."""

import json
import os
import subprocess
import sys

import pytest

import lazycred

def without(environ):
    """Less what readline, which pytest loads, puts in behind Python's back, and what
    Python itself sets in a child where the locale is C."""
    return {name: value for name, value in environ.items() if name not in ("COLUMNS", "LINES", "LC_CTYPE")}


SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


def test_it_is_the_whole_environment_and_the_secrets(either, monkeypatch):
    monkeypatch.setenv("STAYS", "here")
    either.put("db", '{"host": "db.internal", "port": 5432}')
    environ = either.environ("db")
    assert type(environ) is dict
    assert without(environ) == without(dict(os.environ, HOST="db.internal", PORT="5432"))


def test_a_command_gets_it_and_this_process_does_not(client):
    client.put("db", '{"some_host": "db.internal"}')
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.environ['SOME_HOST'])"],
        env=client.environ("db"), stdout=subprocess.PIPE, check=True,
    )
    assert done.stdout == b"db.internal\n"
    assert "SOME_HOST" not in os.environ


def test_a_secret_stands_before_an_inherited_variable(client, monkeypatch):
    monkeypatch.setenv("HOST", "inherited")
    client.put("db", '{"host": "secret"}')
    assert client.environ("db")["HOST"] == "secret"
    assert client.environ("db", no_override=False)["HOST"] == "secret"
    assert client.environ("db", no_override=True)["HOST"] == "inherited"


def test_what_changes_in_os_environ_is_seen_by_the_next_call(client, monkeypatch):
    client.put("db", '{"host": "secret"}')
    client.environ("db")
    monkeypatch.setenv("LATER", "set")
    assert client.environ("db")["LATER"] == "set"
    monkeypatch.delenv("LATER")
    assert "LATER" not in client.environ("db")


def test_inherited_bytes_that_are_not_utf_8_pass_unchanged(client, monkeypatch):
    monkeypatch.setenv("LATIN", os.fsdecode(b"caf\xe9"))
    client.put("token", b"1\xff\xfe")
    environ = client.environ("token")
    assert os.fsencode(environ["LATIN"]) == b"caf\xe9"
    assert os.fsencode(environ["TOKEN"]) == b"1\xff\xfe"
    done = subprocess.run(
        [sys.executable, "-c", "import os; os.write(1, os.environb[b'LATIN'] + os.environb[b'TOKEN'])"],
        env=environ, stdout=subprocess.PIPE, check=True,
    )
    assert done.stdout == b"caf\xe91\xff\xfe"


def test_a_variable_for_the_program_is_passed_on_to_it_and_adds_nothing(client, monkeypatch):
    """`exec` in the command may still read it, so it is neither used up nor followed."""
    client.put("db", '{"host": "secret"}')
    client.put("other", '{"more": "secret"}')
    monkeypatch.setenv("LAZYCRED_SECRETS", "other nope")
    environ = client.environ("db")
    assert environ["LAZYCRED_SECRETS"] == "other nope"
    assert "MORE" not in environ


def test_a_null_that_is_named_unsets_the_inherited_variable(client, monkeypatch):
    monkeypatch.setenv("GONE", "inherited")
    client.put("db", '{"off": null}')
    assert "GONE" not in client.environ("GONE=db#off")


def test_refused_names_are_refused(client):
    client.put("db", '{"LD_PRELOAD": "hunter2"}')
    with pytest.raises(lazycred.VariablesError, match="LD_PRELOAD") as caught:
        client.environ("db")
    assert "hunter2" not in str(caught.value)
    assert client.environ("LD_PRELOAD=db#LD_PRELOAD")["LD_PRELOAD"] == "hunter2"


def test_what_no_command_could_be_given_is_refused(client):
    client.put("big", "x" * 200_000)
    with pytest.raises(lazycred.VariablesError, match="BIG") as caught:
        client.environ("big")
    said = "%s %s" % (caught.value, caught.value.hint)
    assert "xxxx" not in said
    assert "`file=" not in said
    client.put("nul", "hunter2\0")
    with pytest.raises(lazycred.ShapeError, match="NUL") as caught:
        client.environ("nul")
    assert "hunter2" not in str(caught.value)


def test_with_one_of_two_secrets_missing_there_is_no_environment(either):
    either.put("db", '{"host": "secret"}')
    with pytest.raises(lazycred.MissingError, match="`other`"):
        either.environ("db", "other")


def test_without_a_reference_it_is_refused(client):
    with pytest.raises(lazycred.UsageError):
        client.environ()


def test_references_are_taken_as_load_takes_them(client):
    first = client.put("db", '{"host": "old"}')
    client.put("db", '{"host": "new"}')
    environ = client.environ("db@" + first, "NEW=db#host", "P_+=db")
    assert (environ["HOST"], environ["NEW"], environ["P_HOST"]) == ("old", "new", "new")


@pytest.mark.parametrize("references", [["db"], ["db#host", "X=token"], ["P_+=db", "token"]])
def test_it_is_what_the_programs_exec_gives(store, client, program, references):
    client.put("db", '{"host": "db.internal", "list": [1, null], "off": null, "path": "x"}')
    client.put("token", "line\n\n")
    store.configure()
    refused = ["db"] == references
    done = program("exec", *references, *(["--allow", "PATH"] if refused else []), "--", sys.executable, "-c", SHOW)
    if refused:
        with pytest.raises(lazycred.VariablesError):
            client.environ(*references)
        return
    assert done.returncode == 0, done.stderr
    assert without(json.loads(done.stdout)) == without(client.environ(*references))


RULES = [
    ({"prefix": "P_", "case": "keep"}, ["--prefix", "P_", "--case", "keep"]),
    ({"separator": "__", "arrays": "index", "null": "empty"}, ["--separator", "__", "--arrays", "index", "--null", "empty"]),
    ({"only": ["DB_*", "A"]}, ["--only", "DB_*", "--only", "A"]),
    ({"exclude": "DB_*", "allow": "PATH"}, ["--except", "DB_*", "--allow", "PATH"]),
    ({"format": "text"}, ["--format", "text"]),
    ({"no_override": True}, ["--no-override"]),
]


@pytest.mark.parametrize("rules, flags", RULES, ids=lambda value: "" if isinstance(value, list) else repr(value))
def test_each_rule_of_exec_is_one_of_environ(store, client, program, monkeypatch, rules, flags):
    monkeypatch.setenv("A", "inherited")
    client.put("secret", '{"a": 1, "db": {"host": "h", "ports": [1, 2]}, "off": null}')
    store.configure()
    done = program("exec", "secret", *flags, "--", sys.executable, "-c", SHOW)
    assert done.returncode == 0, done.stderr
    environ = client.environ("secret", **rules)
    assert without(json.loads(done.stdout)) == without(environ)
    assert environ["A"] == ("inherited" if rules.get("no_override") or rules.get("format") or "prefix" in rules else "1")


ASCII = """
import json, os, subprocess, sys
import lazycred

assert sys.getfilesystemencoding() == "ascii"
client = lazycred.Client(**json.loads(sys.argv[1]))
environ = client.environ("db")
assert environ["PW"] == client.load("db")["PW"] == os.fsdecode("caf\\u00e9".encode())
assert environ["INHERITED"] == os.environ["INHERITED"]
show = "import os; os.write(1, os.environb[b'PW'] + os.environb[b'INHERITED'])"
subprocess.run([sys.executable, "-c", show], env=environ, check=True)
os.environ.update(client.load("db"))
"""


def test_where_the_locale_is_ascii_a_command_gets_the_same_bytes(store, client, snippet):
    """A text that cannot be encoded would be in the member `object` of Python's error."""
    client.put("db", '{"pw": "caf\u00e9"}')
    locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "INHERITED": "\u00fc"}
    done = snippet(ASCII, json.dumps(store.members()), flags=("-X", "utf8=0"), env=locale)
    assert done.stdout == "caf\u00e9\u00fc".encode()
