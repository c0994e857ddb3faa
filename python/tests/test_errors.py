"""Each way to fail is one exception class, with the words and the status of the program."""

import json
import traceback

import pytest

import lazycred
from conftest import Program, find_program, flags_in, words

#: Each class with its base, its kind and its status.
CLASSES = {
    "Error": (Exception, None, None),
    "UsageError": ("Error", "usage", 2),
    "MissingError": ("Error", "missing", 3),
    "NoVersionError": ("MissingError", "no_version", 3),
    "MissingFieldError": ("MissingError", "missing_field", 3),
    "DamagedError": ("Error", "damaged", 4),
    "NoRecordError": ("DamagedError", "no_record", 4),
    "ShapeError": ("Error", "shape", 5),
    "VariablesError": ("Error", "environment", 5),
    "ConflictError": ("Error", "conflict", 6),
    "AwsError": ("Error", "aws", 1),
    "IoError": ("Error", "io", 1),
    "TimedOutError": ("Error", "timed_out", 1),
    "SeveralError": ("Error", "several", None),
}


def damage(store, client):
    client.put("db", "x")
    path = store.folder / "db"
    document = json.loads(path.read_text())
    document["data"] = document["data"][:-10] + "AAAAAAAA" + document["data"][-2:]
    path.write_text(json.dumps(document))


def junk(store, client):
    client.put("other", "x")
    (store.folder / "db").write_bytes(b"no record at all")


def null(store, client):
    client.put("other", "x")
    (store.folder / "db").write_bytes(b'{"data": "gAAA", "key": null}')


def without_wrapping_key(store, client):
    client.put("db", "x")
    store.key_file.unlink()


def folder_as_wrapping_key(store, client):
    client.put("db", "x")
    store.key_file.unlink()
    store.key_file.mkdir()


def holding(data):
    return lambda store, client: client.put("db", data)


#: What is in the store; the call; the same by the program; its input; the class.
FAILURES = {
    "no name": (holding("x"), lambda c: c.get("a//b"), ["get", "a//b"], "UsageError"),
    "no wrapping key": (without_wrapping_key, lambda c: c.get("db"), ["get", "db"], "UsageError"),
    "missing": (holding("x"), lambda c: c.get("nope"), ["get", "nope"], "MissingError"),
    "missing to set": (holding("x"), lambda c: c.set("nope", "a", "1"), ["set", "nope", "a"], "MissingError"),
    "missing to delete": (holding("x"), lambda c: c.delete("nope"), ["rm", "nope"], "MissingError"),
    "missing history": (holding("x"), lambda c: c.history("nope"), ["history", "nope"], "MissingError"),
    "missing version": (holding("x"), lambda c: c.get("db", version="abcdef"),
                        ["get", "db", "--version", "abcdef"], "MissingError"),
    "nothing before": (holding("x"), lambda c: c.rollback("db"), ["rollback", "db"], "NoVersionError"),
    "missing field": (holding('{"a": 1}'), lambda c: c.get("db", "b"), ["get", "db", "-f", "b"], "MissingFieldError"),
    "missing field to unset": (holding('{"a": 1}'), lambda c: c.unset("db", "b"), ["unset", "db", "b"],
                               "MissingFieldError"),
    "damaged": (damage, lambda c: c.get("db"), ["get", "db"], "DamagedError"),
    "a null data key": (null, lambda c: c.get("db"), ["get", "db"], "DamagedError"),
    "no record": (junk, lambda c: c.get("db"), ["get", "db"], "NoRecordError"),
    "no fields": (holding("x"), lambda c: c.get("db", "a"), ["get", "db", "-f", "a"], "ShapeError"),
    "no fields to set": (holding("x"), lambda c: c.set("db", "a", "1"), ["set", "db", "a"], "ShapeError"),
    "a typo": (holding('{"a": 1'), lambda c: c.load("db"), ["export", "-f", "json", "db"], "ShapeError"),
    "refused": (holding('{"LD_PRELOAD": "x"}'), lambda c: c.load("db"), ["export", "-f", "json", "db"],
                "VariablesError"),
    "taken": (holding("x"), lambda c: c.put("db", "y", if_absent=True), ["put", "db", "--if-absent"],
              "ConflictError"),
    "another version": (holding("x"), lambda c: c.put("db", "y", if_version="abcdef"),
                        ["put", "db", "--if-version", "abcdef"], "ConflictError"),
    "a folder as wrapping key": (folder_as_wrapping_key, lambda c: c.get("db"), ["get", "db"], None),
    "two missing": (holding("x"), lambda c: c.load("a", "b"), ["export", "-f", "json", "a", "b"], "SeveralError"),
}


def fails(call, client):
    with pytest.raises(lazycred.Error) as caught:
        call(client)
    return caught.value


def check(error, name):
    """Whether an error is one of its class, whole and without a chain."""
    if name is not None:
        assert type(error) is getattr(lazycred, name), repr(error)
        _, kind, status = CLASSES[name]
        assert error.kind == kind
        if status is not None:
            assert error.exit_code == status
    assert type(error.kind) is str and type(error.exit_code) is int
    assert error.hint is None or (type(error.hint) is str and error.hint and "\n" not in error.hint)
    assert str(error) and "\n" not in str(error)
    assert error.__cause__ is None and error.__context__ is None


@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_is_its_class(store, client, failure):
    prepare, call, _, name = FAILURES[failure]
    prepare(store, client)
    check(fails(call, client), name)


@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_says_what_the_program_says_and_has_its_status(store, client, program, failure):
    prepare, call, arguments, _ = FAILURES[failure]
    prepare(store, client)
    store.configure()
    error = fails(call, client)
    done = program(*arguments, input=b"1")
    assert done.returncode == error.exit_code
    lines = done.stderr.decode().splitlines()
    said = [line[len("lazycred: error: "):] for line in lines if line.startswith("lazycred: error: ")]
    if isinstance(error, lazycred.SeveralError):
        assert [str(one) for one in error.errors] == said
    else:
        assert [str(error)] == said


@pytest.mark.parametrize("flag", ["--only", "-v", "--max-size"])
def test_the_search_finds_a_flag_that_is_there_and_none_in_a_command(flag):
    assert flags_in(lazycred.Error("use `%s` or `lazycred get --x`" % flag)) == [flag]


@pytest.mark.parametrize("failure", FAILURES)
def test_no_hint_names_a_flag_for_what_is_an_argument(store, client, failure):
    prepare, call, _, _ = FAILURES[failure]
    prepare(store, client)
    assert flags_in(fails(call, client)) == []


@pytest.fixture
def impatient(aws, monkeypatch):
    """A client of the fake that gives up after one attempt and half a second."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    return lazycred.Client(timeout=0.5, **aws.arguments())


def test_what_aws_refuses_has_its_code(aws, impatient, program_or_none):
    aws.fail("GetObject", "AccessDenied", 403)
    error = fails(lambda c: c.get("db"), impatient)
    check(error, "AwsError")
    assert error.code == "AccessDenied"
    assert "`db`" in str(error)
    if program_or_none:
        with open(".lazycred", "w") as file:
            json.dump(aws.arguments(), file)
        done = program_or_none("get", "db")
        assert done.returncode == 1
        assert done.stderr.decode().splitlines()[0] == "lazycred: error: %s" % error


def test_a_server_that_is_not_there_is_an_aws_error(impatient, aws):
    aws.close()
    error = fails(lambda c: c.get("db"), impatient)
    check(error, "AwsError")
    assert error.code is None
    assert "AWS_ENDPOINT_URL" in words(error)


def test_a_time_limit_that_is_over_is_said_in_python_s_words(aws, impatient):
    aws.stall("GetObject")
    error = fails(lambda c: c.get("db"), impatient)
    check(error, "TimedOutError")
    assert "0.5 s" in str(error)
    assert "timeout=" in error.hint and flags_in(error) == []


@pytest.fixture
def program_or_none():
    """The program, or None where it is not installed."""
    path = find_program()
    return Program(path) if path else None


@pytest.mark.parametrize("name", CLASSES)
def test_the_classes_form_a_tree(name):
    cls = getattr(lazycred, name)
    base, kind, status = CLASSES[name]
    base = getattr(lazycred, base) if isinstance(base, str) else base
    assert cls.__bases__ == (base,)
    assert cls.__name__ == cls.__qualname__ == name
    assert getattr(lazycred, cls.__name__) is cls
    assert name in lazycred.__all__
    if kind is not None:
        assert cls.kind == kind
    if status is not None:
        assert cls.exit_code == status


def test_no_class_hides_a_builtin():
    import builtins

    assert [name for name in CLASSES if hasattr(builtins, name)] == []


def test_one_except_catches_what_is_missing(client):
    client.put("db", '{"a": 1}')
    for call in (
        lambda: client.get("nope"),
        lambda: client.get("db", "nope"),
        lambda: client.rollback("db"),
    ):
        try:
            call()
        except lazycred.MissingError as error:
            assert error.exit_code == 3
        else:
            pytest.fail("nothing raised")


def test_the_traceback_ends_with_the_message_and_shows_the_hint(client):
    error = fails(lambda c: c.get("nope"), client)
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    text = "".join(lines)
    assert "MissingError: no secret named `nope`" in text
    if hasattr(error, "add_note"):
        assert error.hint in text
        assert any(error.hint in note for note in error.__notes__)
    assert "direct cause" not in text and "another exception" not in text


def test_repr_shows_the_class_and_the_message(client):
    error = fails(lambda c: c.get("nope"), client)
    assert repr(error).startswith("MissingError(")
    assert "`nope`" in repr(error)
    assert error.args[0] == str(error)


def test_an_error_has_the_exception_that_is_being_handled_as_its_context(client):
    try:
        raise KeyError("outer")
    except KeyError as outer:
        with pytest.raises(lazycred.MissingError) as caught:
            client.get("nope")
        assert caught.value.__context__ is outer
        assert caught.value.__cause__ is None
