"""`get`, `get_text` and `get_json`: what was stored comes back, whole or by field."""

import json

import pytest

import lazycred

EVERY_BYTE = bytes(range(256))

CONTENTS = {
    "empty": b"",
    "text": b"hunter2",
    "a line end": b"hunter2\n",
    "umlauts": "pässwörd – 鍵 🔑".encode(),
    "every byte": EVERY_BYTE,
    "a NUL": b"\0",
    "a BOM": b"\xef\xbb\xbf{}",
    "a megabyte": EVERY_BYTE * 4096,
}


@pytest.mark.parametrize("data", CONTENTS.values(), ids=CONTENTS.keys())
def test_every_byte_string_comes_back_as_it_was_stored(either, data):
    either.put("web/prod", data)
    got = either.get("web/prod")
    assert type(got) is bytes
    assert got == data


def test_text_is_stored_as_utf_8(either):
    either.put("web", "pässwörd 🔑")
    assert either.get("web") == "pässwörd 🔑".encode()
    assert either.get_text("web") == "pässwörd 🔑"


def test_text_comes_back_with_its_line_ends_and_nuls(client):
    client.put("web", "a\r\nb\0\n")
    assert client.get_text("web") == "a\r\nb\0\n"


DOCUMENT = (
    '{"user": "app", "port": 5432, "price": 1.10, "on": true, "off": null, "a.b": "dot",'
    ' "a/b": "slash", "": "no name", "nested": {"list": [1, {"x": "deep"}], "a~b": "tilde"},'
    ' "t": "\\u00e9\\n"}'
)

FIELDS = {
    "user": "app",
    "port": "5432",
    "price": "1.10",
    "on": "true",
    "off": "null",
    "a.b": "dot",
    "a/b": "slash",
    "t": "é\n",
    "nested": '{"list":[1,{"x":"deep"}],"a~b":"tilde"}',
    "/user": "app",
    "/a~1b": "slash",
    "/nested/a~0b": "tilde",
    "/nested/list/0": "1",
    "/nested/list/1": '{"x":"deep"}',
    "/nested/list/1/x": "deep",
    "/": "no name",
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_its_text_and_anything_else_its_json(client, field):
    client.put("db", DOCUMENT)
    assert client.get("db", field) == FIELDS[field].encode()
    assert client.get_text("db", field) == FIELDS[field]
    assert client.get_text("db", field=field) == FIELDS[field]


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_what_the_program_prints(store, client, program, field):
    client.put("db", DOCUMENT)
    store.configure()
    done = program("get", "db", "--field", field)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == client.get("db", field)


@pytest.mark.parametrize("field", ["users", "nested.list", "/nested/list/9", "/user/", "/nope"])
def test_a_missing_field_is_told_with_the_fields_there_are(client, field):
    client.put("db", '{"user": "app", "nested": {"list": []}}')
    with pytest.raises((lazycred.MissingFieldError, lazycred.ShapeError)) as caught:
        client.get("db", field)
    assert "app" not in str(caught.value) + str(caught.value.hint)
    if field == "users":
        assert type(caught.value) is lazycred.MissingFieldError
        assert "`users`" in str(caught.value)
        assert "`user`" in caught.value.hint


@pytest.mark.parametrize("data", ["hunter2", '"hunter2"', "12", "true", '{"a": 1', "\\xff\\xfe", ""])
def test_what_is_no_object_has_no_fields(client, data):
    client.put("db", data)
    with pytest.raises(lazycred.ShapeError) as caught:
        client.get("db", "a")
    assert "hunter2" not in str(caught.value)


def test_an_item_of_an_array_is_a_field(client):
    client.put("list", '["a", "b"]')
    assert client.get_text("list", "1") == client.get_text("list", "/1") == "b"


def test_a_field_that_stands_twice_is_refused(client):
    client.put("db", '{"a": "hunter2", "a": "hunter3"}')
    with pytest.raises(lazycred.ShapeError, match="twice|duplicate|two") as caught:
        client.get("db", "a")
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize("name", ["db#user", "db@1", "VAR=db", "%23"])
def test_a_name_is_taken_as_it_is_typed(either, name):
    either.put("db", '{"user": "app"}')
    with pytest.raises(lazycred.MissingError):
        either.get(name)
    either.put(name, "literal")
    assert either.get_text(name) == "literal"


def test_text_that_is_not_utf_8_is_told_without_its_bytes(client):
    client.put("bin", b"hunter2\xff")
    with pytest.raises(lazycred.ShapeError) as caught:
        client.get_text("bin")
    assert caught.value.kind == "shape"
    assert "hunter2" not in str(caught.value)
    assert not isinstance(caught.value, UnicodeError)
    assert caught.value.__context__ is None and caught.value.__cause__ is None


JSON_VALUES = [None, True, False, 0, -1.5, 10**30, "é🔑", "", [], {}, [1, [2, {"a": None}]], {"a": {"b": [1]}}]


@pytest.mark.parametrize("value", JSON_VALUES, ids=repr)
def test_json_of_each_type_is_parsed(either, value):
    either.put("doc", json.dumps(value))
    got = either.get_json("doc")
    assert got == value
    assert type(got) is type(value)


BAD_JSON = {
    "text": b"hunter2",
    "cut": b'{"a": "hunter2"',
    "a typo": b'{"a": hunter2}',
    "more behind": b"{} hunter2",
    "empty": b"",
    "not UTF-8": b'{"a": "hunter2\xff"}',
    "single quotes": b"{'a': 'hunter2'}",
    "NaN": b'{"hunter2": NaN}',
    "a lone surrogate cut": b'{"a": "hunter2\\ud800',
}


@pytest.mark.parametrize("data", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_what_is_no_json_is_told_by_place_and_not_by_value(client, data):
    client.put("doc", data)
    with pytest.raises(lazycred.ShapeError) as caught:
        client.get_json("doc")
    error = caught.value
    assert "`doc`" in str(error)
    assert "hunter2" not in str(error) + str(error.hint) + repr(error)
    assert not isinstance(error, ValueError)
    assert error.__context__ is None and error.__cause__ is None


def test_json_that_nests_too_deeply_is_an_error_and_not_a_crash(client):
    for depth in (200, 100_000):
        client.put("deep", "[" * depth + "]" * depth)
        try:
            client.get_json("deep")
        except lazycred.ShapeError:
            continue
        except RecursionError:
            pytest.fail("a RecursionError of the json module holds the text")


def test_json_after_a_byte_order_mark_is_parsed(client):
    client.put("doc", b'\xef\xbb\xbf{"a": 1}')
    assert client.get_json("doc") == {"a": 1}
    assert client.load("doc") == {"A": "1"}


NOT_PYTHONS = {
    "a field twice": b'{"hunter2": 1, "a": 1, "a": 2}',
    "half a surrogate": b'{"a": "hunter2\\ud800"}',
    "a number too long": b'{"a": "hunter2", "b": %s}' % (b"1" * 5000),
}


@pytest.mark.parametrize("data", NOT_PYTHONS.values(), ids=NOT_PYTHONS.keys())
def test_json_that_python_cannot_hold_is_told_and_not_changed(client, data):
    client.put("doc", data)
    try:
        value = client.get_json("doc")
    except lazycred.ShapeError as error:
        assert "hunter2" not in str(error)
        assert error.__context__ is None
    else:
        # Pythons without a limit of digits hold it whole.
        assert value["b"] == int("1" * 4000) * 10**1000 + int("1" * 1000)


def test_an_old_version_is_read_by_its_id_or_its_beginning(either):
    first = either.put("db", '{"n": 1}')
    second = either.put("db", '{"n": 2}')
    assert first != second
    assert either.get("db", version=first) == b'{"n": 1}'
    assert either.get_text("db", version=first[:8]) == '{"n": 1}'
    assert either.get_json("db", version=first[:6]) == {"n": 1}
    assert either.get("db", "n", version=first) == b"1"
    assert either.get_text("db", "n", version=second) == "2"
    assert either.get_text("db", version=None) == '{"n": 2}'


@pytest.mark.parametrize("version", ["abcdef", "abc", "0" * 64, "no such", "null"])
def test_a_version_that_is_not_there_is_missing(client, version):
    client.put("db", "1")
    for get in (client.get, client.get_text, client.get_json):
        with pytest.raises(lazycred.MissingError) as caught:
            get("db", version=version)
        assert "`db`" in str(caught.value)
        assert "hist" in str(caught.value.hint)


def test_a_removed_version_is_no_version(client):
    client.put("db", "1")
    client.delete("db")
    removal = client.history("db")[0]
    assert removal["deleted"]
    with pytest.raises(lazycred.NoVersionError):
        client.get("db", version=removal["version"])


def test_a_missing_secret_is_named(either):
    for get in (either.get, either.get_text, either.get_json):
        with pytest.raises(lazycred.MissingError, match="`web/prod`") as caught:
            get("web/prod")
        assert type(caught.value) is lazycred.MissingError
        assert (caught.value.kind, caught.value.exit_code) == ("missing", 3)
