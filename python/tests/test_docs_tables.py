"""The tables of the documents are the module's: its errors, methods, arguments, differences."""

import ast
import json
import os
import re
from pathlib import Path

import lazycred
from documents import ROOT

GUIDE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
UPGRADE_FILE = ROOT / "docs" / "python-upgrade.md"
DIFFERENCES = Path(__file__).parent / "original_differences.json"
#: Whether the table of differences is written again.
BLESS = os.environ.get("LAZYCRED_BLESS") == "1"

#: What that table stands below.
OF_DIFFERENCES = "What differs, on purpose:"


def part(heading):
    """What stands below a heading, down to the next of its rank or above."""
    marks = re.search(r"^(#+) %s$" % re.escape(heading), GUIDE, re.MULTILINE)
    rest = GUIDE[marks.end() :]
    ends = re.search(r"^#{1,%d} " % len(marks[1]), rest, re.MULTILINE)
    return rest[: ends.start()] if ends else rest


def rows(text):
    """The rows of all tables, without their heads, as lists of cells."""
    lines = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    rules = re.findall(r"^\|(?:---\|)+$", text, re.MULTILINE)
    found = [re.split(r" *(?<!\\)\| *", line) for line in lines]
    assert len(found) > len(rules), "no table"
    return found


def words(text):
    """What stands between backquotes."""
    return re.findall(r"`([^`]*)`", text)


def stub():
    """Each method of the client and its definition, as the types have them, which `stubtest` checks."""
    text = Path(lazycred.__file__).with_name("_native.pyi").read_text(encoding="utf-8")
    found = [it for it in ast.parse(text).body if getattr(it, "name", "") == "Client"]
    return {it.name: it.args for it in found[0].body if isinstance(it, ast.FunctionDef)}


def arguments(name):
    """The arguments that a method has by name, and their defaults."""
    its = stub()[name]
    positional = its.args[1:]
    unset = [None] * (len(positional) - len(its.defaults))
    defaults = [*unset, *its.defaults, *its.kw_defaults]
    values = [ast.literal_eval(it) if it is not None else None for it in defaults]
    return {it.arg: value for it, value in zip([*positional, *its.kwonlyargs], values)}


def classes():
    found = [vars(lazycred)[name] for name in lazycred.__all__]
    return {it.__name__: it for it in found if isinstance(it, type) and issubclass(it, Exception)}


def test_the_table_of_errors_has_each_class_with_its_kind_and_its_status():
    told, above = {}, None
    for name, kind, status, _ in rows(part("Errors"))[1:]:
        below = name.startswith("↳ ")
        (name,) = words(name)
        above = above if below else name
        told[name] = (words(kind)[0], status, above if below else "Error")
    assert set(told) == set(classes())
    for name, (kind, status, parent) in told.items():
        error = classes()[name]
        assert error.kind == kind, name
        assert status in (str(error.exit_code), "the first one's"), name
        assert name == "Error" or error.__mro__[1].__name__ == parent, name


def test_the_tables_of_arguments_have_each_argument_of_the_client():
    told = set(re.findall(r"`(\w+)(?:=[^`]*)?`", part("Configuration")))
    assert set(arguments("__new__")) <= told


def test_the_tables_of_defaults_are_those_of_the_calls():
    for heading, call, at_least in [
        ("Configuration", "__new__", 4),
        ("Variables", "load", 9),
    ]:
        real, seen = arguments(call), 0
        for row in rows(part(heading)):
            defaults = words(row[1])
            if len(row) == 3 and len(defaults) == 1 and words(row[0]):
                for name in words(row[0]):
                    seen += 1
                    assert repr(real[name.rstrip("=")]) == defaults[0].replace('"', "'"), name
        assert seen == at_least, heading


def test_the_guide_has_each_method_as_it_is_called():
    told = {}
    for call, inside in re.findall(r"`(\w+)\(([^`]*)\)`", part("Client")):
        told.setdefault(call, set()).update(re.findall(r"\w+", re.sub(r"=[^,]*", "", inside)))
    for name in stub():
        if not name.startswith("_") and name not in ("close", "load", "environ"):
            assert told.get(name) == set(arguments(name)), name
    for name in ("load", "environ", "close"):
        assert re.search(r"`(client\.)?%s[`(]" % name, part("Client")), name


def test_environ_takes_the_arguments_of_load_as_the_guide_says():
    load, environ = (
        set(re.findall(r"(\w+)=", vars(lazycred.Client)[name].__text_signature__))
        for name in ("load", "environ")
    )
    assert environ == load | {"no_override"}


def test_the_differences_from_0_2_3_are_those_that_tests_show():
    entries = json.loads(DIFFERENCES.read_text(encoding="utf-8")).values()
    lines = ["| 0.2.3 | now | because |", "|---|---|---|"]
    lines += ["| %(original)s | %(ours)s | %(why)s |" % entry for entry in entries]
    upgrade = UPGRADE_FILE.read_text(encoding="utf-8")
    before, rest = upgrade.split(OF_DIFFERENCES + "\n\n")
    old, *behind = rest.split("\n\n", 1)
    new = "\n\n".join([before + OF_DIFFERENCES, "\n".join(lines), *behind]).rstrip("\n") + "\n"
    if BLESS:
        UPGRADE_FILE.write_text(new, encoding="utf-8")
    assert BLESS or upgrade == new, "LAZYCRED_BLESS=1 writes it again"
