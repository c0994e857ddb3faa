"""`list`, `history`, `rollback`, `delete`, `close`: the names and versions of a store."""

import re

import pytest

import lazycred

#: The latter look like options and commands of the program.
NAMES = ["db", "web/prod", "a/b/c/d", "ü", "鍵/🔑", "with space", "a.b-c_d", "-x", "%2F", "tab\there", "'quote'",
         "-v", "--only", "exec db", "lazycred get x", "web--config"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_may_be_any_text(either, name):
    version = either.put(name, name)
    assert either.get_text(name) == name
    assert either.list() == [name]
    assert either.history(name)[0]["version"] == version
    either.put(name, "{}")
    either.set(name, "a", "1")
    assert either.get_text(name, "a") == "1"
    either.delete(name)
    assert either.list() == []


@pytest.mark.parametrize("name", NAMES)
def test_an_error_names_the_secret_as_it_is(either, name):
    with pytest.raises(lazycred.MissingError) as caught:
        either.get(name)
    shown = name.replace("\t", "\\t")
    assert str(caught.value).startswith("no secret named `%s` (" % shown)
    either.put(name, "{}")
    with pytest.raises(lazycred.ConflictError) as caught:
        either.put(name, "x", if_absent=True)
    assert str(caught.value).startswith("cannot store `%s` (" % shown)
    with pytest.raises(lazycred.MissingFieldError) as caught:
        either.get(name, name)
    assert "`%s`" % shown in str(caught.value)


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "a\udcff"])
def test_what_is_no_name_is_refused(either, name):
    for call in (
        lambda: either.get(name),
        lambda: either.put(name, "x"),
        lambda: either.set(name, "a", "x"),
        lambda: either.unset(name, "a"),
        lambda: either.history(name),
        lambda: either.rollback(name),
        lambda: either.delete(name),
        lambda: either.load(name),
    ):
        with pytest.raises(lazycred.UsageError):
            call()
    assert either.list() == []


@pytest.mark.parametrize("name", ["a//b", "../a", "a/..", "./a", ".lazycred/a", "/a", "a/"])
def test_a_folder_refuses_names_that_leave_it(client, store, name):
    with pytest.raises(lazycred.UsageError):
        client.put(name, "x")
    assert client.list() == []
    assert not (store.folder.parent / "a").exists()


def test_a_name_and_others_below_it_cannot_both_be_in_a_folder(client):
    client.put("a/b", "x")
    with pytest.raises(lazycred.UsageError, match="`a`"):
        client.put("a", "x")


def test_list_gives_the_names_in_byte_order(either):
    names = ["b", "a/2", "a/10", "ü", "B", "a-x", "z"]
    for name in names:
        either.put(name, "x")
    assert either.list() == sorted(names, key=str.encode)
    assert either.list("a/") == ["a/10", "a/2"]
    assert either.list("a") == sorted(["a/2", "a/10", "a-x"], key=str.encode)
    assert either.list(prefix="ü") == ["ü"]
    assert either.list("no such") == []
    assert either.list("") == either.list()


def test_an_empty_store_lists_nothing(either):
    assert either.list() == []


@pytest.mark.parametrize("count", [1000, 1001, 2500])
def test_list_goes_on_over_a_thousand_names(store, client, count):
    client.put("one", "x")
    record = (store.folder / "one").read_bytes()
    names = ["many/%05d" % number for number in range(count)]
    (store.folder / "many").mkdir()
    for name in names:
        (store.folder / name).write_bytes(record)
    assert client.list("many/") == names
    assert client.list() == names + ["one"]
    assert client.list("many/0000") == names[:10]


def test_list_goes_on_over_a_thousand_names_of_a_bucket(aws, aws_client):
    aws_client.put("one", "x")
    record = aws.store.current("prod/one").body
    names = ["many/%05d" % number for number in range(1005)]
    for name in names:
        aws.store.add("prod/" + name, record)
    assert aws_client.list("many/") == names
    assert aws.operations().count("ListObjectsV2") >= 2


def test_history_is_newest_first_with_typed_members(either):
    versions = [either.put("db", "x" * count) for count in (1, 2, 3)]
    history = either.history("db")
    assert [entry["version"] for entry in history] == versions[::-1]
    assert [entry["current"] for entry in history] == [True, False, False]
    for entry in history:
        assert set(entry) == {"version", "modified", "size", "deleted", "current"}
        assert entry["deleted"] is False
        assert type(entry["size"]) is int and entry["size"] > 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["modified"])


def test_history_of_a_missing_name_is_missing(either):
    with pytest.raises(lazycred.MissingError, match="`db`"):
        either.history("db")


def test_rollback_brings_the_one_before_and_a_second_undoes_it(either):
    either.put("db", "first")
    either.put("db", "second")
    version = either.rollback("db")
    assert either.get("db") == b"first"
    assert version == either.history("db")[0]["version"]
    either.rollback("db")
    assert either.get("db") == b"second"


def test_rollback_to_a_version_brings_exactly_that(either):
    first = either.put("db", "first")
    for text in ("second", "third"):
        either.put("db", text)
    either.rollback("db", first)
    assert either.get("db") == b"first"
    either.put("db", "fourth")
    either.rollback("db", version=first[:8])
    assert either.get("db") == b"first"


def test_rollback_with_nothing_before_is_no_version(either):
    either.put("db", "only")
    with pytest.raises(lazycred.NoVersionError) as caught:
        either.rollback("db")
    assert (caught.value.kind, caught.value.exit_code) == ("no_version", 3)
    assert either.get("db") == b"only"


def test_rollback_of_what_is_not_there_is_missing(either):
    with pytest.raises(lazycred.MissingError):
        either.rollback("db")
    either.put("db", "only")
    with pytest.raises(lazycred.MissingError):
        either.rollback("db", "abcdef123456")


def test_delete_gives_the_version_that_restores_the_secret(either):
    either.put("db", "first")
    second = either.put("db", "second")
    assert either.delete("db") == second
    assert either.list() == []
    with pytest.raises(lazycred.MissingError):
        either.get("db")
    either.rollback("db", second)
    assert either.get("db") == b"second"


def test_a_deletion_stands_in_the_history(either):
    either.put("db", "first")
    either.delete("db")
    newest, older = either.history("db")
    assert newest["deleted"] and not older["deleted"]
    assert either.rollback("db") == either.history("db")[0]["version"]
    assert either.get("db") == b"first"


def test_delete_if_version_removes_only_that_version(either):
    first = either.put("db", "first")
    second = either.put("db", "second")
    with pytest.raises(lazycred.ConflictError):
        either.delete("db", if_version=first)
    assert either.get("db") == b"second"
    assert either.delete("db", if_version=second[:8]) == second
    assert either.list() == []


def test_delete_of_what_is_not_there_is_missing(either):
    with pytest.raises(lazycred.MissingError, match="`db`"):
        either.delete("db")


def test_a_closed_client_opens_new_connections_when_it_is_used_again(either):
    either.put("db", "x")
    assert either.close() is None
    either.close()
    assert either.get("db") == b"x"
    either.close()
    assert "Client" in repr(either)


def test_close_ends_the_connections(aws, aws_client):
    aws_client.put("db", "x")
    aws_client.get("db")
    before = aws.connections
    aws_client.get("db")
    assert aws.connections == before
    aws_client.close()
    aws_client.get("db")
    assert aws.connections > before


def test_a_client_may_be_closed_before_its_first_call(store):
    store.client().close()


def test_with_gives_the_client_itself_and_closes_it(aws):
    client = lazycred.Client(**aws.arguments())
    with client as inner:
        assert inner is client
        client.put("db", "x")
    before = aws.connections
    client.get("db")
    assert aws.connections > before


def test_with_lets_an_exception_pass(store):
    with pytest.raises(KeyError):
        with store.client():
            raise KeyError("x")


def test_repr_names_the_store_and_nothing_of_the_environment(store, monkeypatch, canary):
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, canary.text)
    shown = repr(store.client())
    assert store.s3_path in shown and store.key_alias in shown
    assert shown.startswith("<lazycred.Client") and shown.endswith(">")
    assert not canary.is_in(shown)
    assert "\n" not in repr(lazycred.Client(s3_path="acme/a\u2028b/", key_alias="x"))


def test_repr_names_the_store_of_a_configuration_that_was_found(monkeypatch):
    monkeypatch.setenv("LAZYCRED_S3_PATH", "acme/prod/")
    assert repr(lazycred.Client()) == "<lazycred.Client s3_path='acme/prod/'>"
    monkeypatch.setenv("LAZYCRED_S3_PATH", "file:/srv/secrets")
    assert repr(lazycred.Client()) == "<lazycred.Client s3_path='file:/srv/secrets'>"
