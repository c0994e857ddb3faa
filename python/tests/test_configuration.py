"""Where a client's configuration comes from, and what may not change it."""

import json
import os
from pathlib import Path

import pytest

import lazycred
from conftest import flags_in, words


def write(path, **members):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(members))
    path.chmod(0o644)
    return path


HOSTILE = {"s3_path": "file:hostile/", "key_alias": "local:hostile"}


def test_with_s3_path_no_file_of_a_checkout_changes_anything(store, tmp_path, monkeypatch):
    store.client().put("db", "x")
    for folder in (".", "..", os.environ["HOME"]):
        write(Path(folder) / ".lazycred", region="nowhere", max_age="1s", format=2, min_format=2, **HOSTILE)
    client = store.client()
    assert client.get("db") == b"x"
    assert client.put("db", "y")
    assert b'"lazycred"' not in (store.folder / "db").read_bytes()


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"s3_path": 1}', "\xff"])
def test_with_s3_path_a_broken_file_of_a_checkout_is_not_even_read(store, text):
    Path(".lazycred").write_text(text, encoding="latin-1")
    Path(".lazycred").chmod(0o666)
    client = store.client()
    client.put("db", "x")
    assert client.get("db") == b"x"


def test_with_s3_path_the_variables_of_the_program_change_nothing(store, monkeypatch):
    monkeypatch.setenv("LAZYCRED_CONFIG", "/nowhere/at/all")
    monkeypatch.setenv("LAZYCRED_ENVIRONMENT", "prod")
    monkeypatch.setenv("LAZYCRED_S3_PATH", "file:/nowhere/")
    monkeypatch.setenv("LAZYCRED_KEY_ALIAS", "local:other")
    client = store.client()
    client.put("db", "x")
    assert client.get("db") == b"x"
    assert store.client(region=None, profile=None, keys=None).get("db") == b"x"


def test_without_s3_path_the_nearest_file_is_found(store):
    write(Path("a/.lazycred"), s3_path="file:secrets/", key_alias="local:dev")
    store.configure()
    Path("a/b").mkdir()
    os.chdir("a/b")
    lazycred.Client().put("db", "x")
    assert Path("../secrets/db").is_file()


def test_without_s3_path_the_file_in_the_home_folder_is_the_last(store):
    store.configure()
    lazycred.Client().put("db", "x")
    assert store.client().get("db") == b"x"


def test_the_folder_of_a_found_file_is_beside_it(store):
    write(".lazycred", s3_path="file:secrets/", key_alias="local:dev")
    lazycred.Client().put("db", "x")
    assert Path("secrets/db").is_file()


def test_a_file_that_others_could_have_planted_is_refused(store):
    write(".lazycred", s3_path="file:secrets/", key_alias="local:dev").chmod(0o666)
    with pytest.raises(lazycred.UsageError, match=r"\.lazycred"):
        lazycred.Client().list()


def test_without_any_configuration_it_is_said_what_to_do(store):
    with pytest.raises(lazycred.UsageError) as caught:
        lazycred.Client().list()
    assert caught.value.exit_code == 2
    assert "s3_path=" in caught.value.hint
    assert flags_in(caught.value) == []


def test_the_file_that_the_variable_names_is_used(store, monkeypatch, tmp_path):
    store.client().put("db", "x")
    monkeypatch.setenv("LAZYCRED_CONFIG", str(store.configure(tmp_path / "elsewhere.json")))
    write(".lazycred", **HOSTILE)
    assert lazycred.Client().get("db") == b"x"


def test_variables_alone_configure_a_client(store, monkeypatch):
    store.client().put("db", "x")
    monkeypatch.setenv("LAZYCRED_S3_PATH", store.s3_path)
    monkeypatch.setenv("LAZYCRED_KEY_ALIAS", store.key_alias)
    assert lazycred.Client().get("db") == b"x"


@pytest.mark.parametrize("make", [str, Path, os.fsencode], ids=["str", "Path", "bytes"])
def test_config_names_a_file_before_every_other(store, tmp_path, make, monkeypatch):
    store.client().put("db", "x")
    path = store.configure(tmp_path / "elsewhere.json")
    write(".lazycred", **HOSTILE)
    monkeypatch.setenv("LAZYCRED_CONFIG", "/nowhere/at/all")
    if make is os.fsencode:
        with pytest.raises(TypeError):
            lazycred.Client(config=make(str(path)))
        return
    assert lazycred.Client(config=make(path)).get("db") == b"x"


def test_config_that_is_not_there_names_the_file(store):
    with pytest.raises(lazycred.UsageError, match="elsewhere.json"):
        lazycred.Client(config="elsewhere.json").list()


def test_an_environment_of_the_file_is_chosen(store, tmp_path, monkeypatch):
    other = {"s3_path": "file:%s/other/" % tmp_path, "key_alias": "local:dev"}
    path = write(tmp_path / "c.json", environments={"prod": other}, **store.members())
    lazycred.Client(config=path, environment="prod").put("db", "prod")
    lazycred.Client(config=path).put("db", "plain")
    assert lazycred.Client(config=path, environment="prod").get("db") == b"prod"
    assert lazycred.Client(config=path).get("db") == b"plain"
    monkeypatch.setenv("LAZYCRED_ENVIRONMENT", "prod")
    assert lazycred.Client(config=path).get("db") == b"prod"
    with pytest.raises(lazycred.UsageError, match="prod"):
        lazycred.Client(config=path, environment="nope").list()


def test_key_alias_overrides_only_itself(store):
    store.configure()
    client = lazycred.Client(key_alias="local:other")
    with pytest.raises(lazycred.UsageError, match="local:other"):
        client.put("db", "x")


NEEDS_S3_PATH = {
    "bucket_region": "eu-west-1",
    "account": "123456789012",
    "format": 2,
    "min_format": 2,
    "max_age": "90d",
    "sse": "AES256",
    "keys": ["local:old"],
    "key_accounts": ["123456789012"],
    "pin_key": True,
    "cache": True,
}


@pytest.mark.parametrize("member", NEEDS_S3_PATH)
def test_a_member_without_s3_path_is_refused(store, member):
    store.configure()
    with pytest.raises(lazycred.UsageError, match="needs.*s3_path") as caught:
        lazycred.Client(**{member: NEEDS_S3_PATH[member]}).list()
    assert member in str(caught.value)


@pytest.mark.parametrize("member", ["config", "environment"])
def test_s3_path_with_a_file_is_refused(store, member):
    store.configure("c.json")
    with pytest.raises(lazycred.UsageError) as caught:
        store.client(**{member: "c.json"}).list()
    assert "s3_path" in str(caught.value) and member in str(caught.value)


def test_each_member_is_taken_with_s3_path(store):
    members = {
        "bucket_region": "eu-west-1", "account": "123456789012", "format": 2, "min_format": 2,
        "max_age": "90d", "sse": "AES256", "keys": ["local:old"], "key_accounts": ["123456789012"],
        "pin_key": False, "cache": False, "region": "eu-west-1", "timeout": 5, "max_size": 1 << 20,
        "verify": False, "stale_if_error": False,
    }
    client = store.client(**members)
    client.put("db", "x")
    assert client.get("db") == b"x"


INVALID = {
    "s3_path": ["", "no-slash", "file:", "a\nb/", "/x", "file:~/x", "file:$HOME/x"],
    "key_alias": ["", "local:", "local:a/b", "a b", "\n"],
    "region": ["", "x\n"],
    "format": [0, 3, -1, 10**30],
    "min_format": [0, 3, -1],
    "max_age": ["", "x", "-1d", "1"],
    "account": ["", "12", "abc"],
    "sse": ["", "des", "aws:kms:"],
    "keys": [[""], ["\n"]],
    "key_accounts": [["12"], [""]],
    "max_size": [-1, (1 << 30) + 1, 10**30],
}


@pytest.mark.parametrize("member, value", [(m, v) for m in INVALID for v in INVALID[m]], ids=repr)
def test_an_invalid_member_is_refused_by_name(store, member, value):
    with pytest.raises(lazycred.UsageError) as caught:
        store.client(**{member: value}).list()
    assert member in words(caught.value)
    assert flags_in(caught.value) == []


def test_pin_key_with_keys_is_refused(store):
    with pytest.raises(lazycred.UsageError, match="pin_key"):
        store.client(pin_key=True, keys=["local:old"]).list()


def test_stale_if_error_without_cache_is_refused(store):
    with pytest.raises(lazycred.UsageError, match="cache") as caught:
        store.client(stale_if_error=True).get("db")
    assert flags_in(caught.value) == []


def test_a_relative_folder_is_below_the_working_directory_of_construction(store, tmp_path):
    client = lazycred.Client(s3_path="file:here/", key_alias="local:dev")
    (tmp_path / "elsewhere").mkdir()
    os.chdir(str(tmp_path / "elsewhere"))
    client.put("db", "x")
    assert (tmp_path / "work" / "here" / "db").is_file()
    os.chdir(str(tmp_path))
    assert client.get("db") == b"x"


def test_a_relative_config_is_below_the_working_directory_of_construction(store, tmp_path):
    store.client().put("db", "x")
    store.configure("c.json")
    client = lazycred.Client(config="c.json")
    os.chdir(str(tmp_path))
    assert client.get("db") == b"x"


def test_construction_asks_nothing_of_the_network(aws):
    
    clients = [lazycred.Client(**aws.arguments()) for _ in range(10)]
    assert list(aws.requests) == []
    assert clients[0].list() == []
    assert len(list(aws.requests)) >= 1


def test_construction_needs_no_server_and_the_first_call_tells(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    client = lazycred.Client(s3_path="acme/prod/", key_alias="acme-key", region="us-east-1")
    with pytest.raises(lazycred.AwsError) as caught:
        client.get("db")
    assert "AWS_ENDPOINT_URL" in words(caught.value)


def test_credentials_that_appear_before_the_first_call_are_used(aws, monkeypatch):
    
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    client = lazycred.Client(**aws.arguments())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    client.put("db", "x")
    assert client.get("db") == b"x"


def test_a_client_keeps_its_settings_after_the_first_call(aws, aws_client, monkeypatch):
    aws_client.put("db", "x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LAZYCRED_S3_PATH", "file:/nowhere/")
    assert aws_client.get("db") == b"x"


def test_two_clients_do_not_disturb_each_other(store, tmp_path):
    one = lazycred.Client(s3_path="file:one/", key_alias="local:dev")
    two = lazycred.Client(s3_path="file:two/", key_alias="local:dev", format=2)
    one.put("db", "1")
    two.put("db", "2")
    assert (one.get("db"), two.get("db")) == (b"1", b"2")
