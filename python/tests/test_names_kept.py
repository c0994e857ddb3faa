"""Errors speak Python's words, and leave every name of the user's as it is."""

import pytest

import lazycred

# Each is also something that the program's hints or messages say.
NAMES = ["-v", "--only", "--timeout SECONDS", "exec db", "lazycred get x", "lazycred list", "a --max-size b", "web--config"]


@pytest.fixture
def client(store):
    return store.client()


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_name_is_told_as_it_was_given(client, name):
    with pytest.raises(lazycred.MissingError) as caught:
        client.get(name)
    assert "`%s`" % name in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_record_is_told_at_its_place(client, store, name):
    client.put(name, "x")
    with pytest.raises(lazycred.ShapeError) as caught:
        client.get_json(name)
    assert name in str(caught.value) or name.replace(" ", "%20") in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_field_that_is_there_is_named_as_it_is(client, name):
    client.put("db", b'{"%s": 1}' % name.encode())
    with pytest.raises(lazycred.MissingFieldError) as caught:
        client.get("db", "nosuch")
    assert "`%s`" % name in caught.value.hint


def told(call):
    with pytest.raises(lazycred.Error) as caught:
        call()
    return str(caught.value), caught.value.hint


def test_an_environment_that_a_file_lacks_is_chosen_by_an_argument(tmp_path):
    file = tmp_path / "all.json"
    file.write_text('{"environments": {"prod": {"s3_path": "b/p/", "key_alias": "a"}}}')
    message, hint = told(lambda: lazycred.Client(config=str(file), environment="nope"))
    assert "`environment=NAME`" in hint and "-e " not in hint
    message, hint = told(lambda: lazycred.Client(config=str(file)))
    assert "`environment=NAME`" in hint and "-e " not in hint


def test_a_file_that_cannot_be_read_is_named_by_an_argument(tmp_path):
    message, _ = told(lambda: lazycred.Client(config=str(tmp_path / "web--config")))
    assert "web--config`, named by `config`: " in message


def test_a_stale_record_needs_an_argument_more():
    message, hint = told(lambda: lazycred.Client(s3_path="b/p/", key_alias="a", region="eu-west-1", stale_if_error=True))
    assert message == "`stale_if_error` needs the cache, which is off"
    assert hint == "give `cache=True`"


def test_a_member_is_written_as_an_argument():
    for arguments, hint in [
        ({"s3_path": ""}, 'write it as `s3_path="acme-secrets/prod/"`'),
        ({"s3_path": "b/p/", "format": 3}, "write it as `format=2`"),
        ({"s3_path": "b/p/", "max_age": "3w"}, 'write it as `max_age="90d"`'),
    ]:
        assert told(lambda: lazycred.Client(**arguments))[1] == hint


def test_without_a_wrapping_key_an_argument_names_one(store):
    client = store.client(key_alias=None, region="eu-west-1")
    assert "`key_alias=ALIAS`" in told(lambda: client.put("x", "y"))[1]


def test_patterns_are_told_by_their_arguments(client):
    client.put("db", '{"user": "app"}')
    assert told(lambda: client.load("db", only="X*"))[0].startswith("`only` and `exclude` leave no variable")
    assert told(lambda: client.load("db", exclude="NOPE"))[0] == "`exclude` `NOPE` matches no variable"
    assert "`only` `user`" in told(lambda: client.load("db", only="user"))[0]
    assert '`case="upper"`' in told(lambda: client.load("db", only="user"))[0]


def test_a_reference_that_may_hold_a_secret_is_not_repeated(client):
    message, hint = told(lambda: client.load("PASSWORD=hunter2#"))
    assert "`PASSWORD=…`" in message and "hunter2" not in message + str(hint)


def test_a_name_that_cannot_be_allowed_says_which_argument_it_was(client):
    assert told(lambda: client.load("db", allow=["a b"]))[0].startswith("`allow`: `a b` is not ")


@pytest.mark.parametrize("argument", ["timeout", "max_size"])
def test_a_number_is_not_true(store, argument):
    with pytest.raises(TypeError, match="^%s must be .*, not bool$" % argument):
        store.client(**{argument: True})
