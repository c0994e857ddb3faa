"""What one version stores the other reads, byte for byte, through `import lazycred`.

The golden records are those that 0.2.3 itself wrote, and so need no Python 2.7; the
vectors are the ones of docs/format.md.
"""

import base64
import hashlib
import json
import struct

import pytest
from original import bed, install
from test_original_calls import filled, shared

import lazycred

CONFIG = {"s3_path": "{bucket}/pfx/", "key_alias": "golden", "region": "us-east-1"}


def split_mix_64(seed, length):
    """Bytes that look random and are the same everywhere: the generator of the golden records."""
    state, out, mask = seed, bytearray(), 2**64 - 1
    while len(out) < length:
        state = (state + 0x9E37_79B9_7F4A_7C15) & mask
        word = ((state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9) & mask
        word = ((word ^ (word >> 27)) * 0x94D0_49BB_1331_11EB) & mask
        out += struct.pack("<Q", word ^ (word >> 31))
    return bytes(out[:length])


PAYLOADS = {
    "nothing": b"",
    "one byte": b"x",
    "one newline": b"\n",
    "all 256 bytes": bytes(range(256)),
    "16 zero bytes": bytes(16),
    "text": b"hunter2\n",
    "text with CRLF": b"user=app\r\npassword=hunter2\r\n",
    "JSON": b'{"user": "app", "port": 5432, "far": 1e400, "password": "hunter2"}',
    "UTF-8": "pässwörd ключ 鍵 😀".encode(),
    "what looks like a record": b'{"data": "gAAAAAB", "key": null}',
    "1 MiB": split_mix_64(3, 2**20),
}
each_payload = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)


@pytest.fixture
def moto(monkeypatch, tmp_path):
    """moto, which AWS's variables point to."""
    moto = shared("moto")
    for name, value in bed.environment(moto, tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    return moto


@pytest.fixture
def bucket(moto):
    return moto.fresh_bucket()


@pytest.fixture
def ours(old, bucket):
    """The module, whose three old functions are configured for the bucket."""
    old.set_config(filled(CONFIG, bucket))
    return old


@pytest.fixture
def original(moto, bucket, tmp_path):
    """Carries out steps by 0.2.3."""
    driver = shared("original")

    def carry_out(*steps):
        return driver.carry_out(
            {
                "folder": str(tmp_path),
                "environment": bed.environment(moto, tmp_path / "home"),
                "steps": bed.portable([["set_config", filled(CONFIG, bucket)], *steps]),
            }
        )

    return carry_out


@each_payload
def test_what_0_2_3_stores_ours_reads_byte_for_byte(payload, bucket, ours, original):
    (outcome,) = original(["put", "web/db", payload])
    assert outcome.brief() == (True, None), outcome.texts
    assert ours.get("web/db") == payload
    assert client(bucket).get("web/db") == payload


@each_payload
def test_what_ours_stores_0_2_3_reads_byte_for_byte(payload, bucket, ours, original):
    assert ours.put("web/db", payload) is True
    client(bucket).put("by the client", payload)
    outcomes = original(["get", "web/db"], ["get", "by the client"])
    assert [outcome.brief() for outcome in outcomes] == [(payload, None)] * 2, outcomes[0].texts


def test_a_field_that_ours_sets_is_in_what_0_2_3_reads(bucket, ours, original):
    (outcome,) = original(["put", "db", b'{"user": "app", "port": 1.10}'])
    assert outcome.gave is True
    client(bucket).set("db", "password", "hunter2")
    (outcome,) = original(["get", "db"])
    assert json.loads(outcome.gave)["password"] == "hunter2"
    assert outcome.gave.startswith(b'{"user": "app", "port": 1.10')


def test_each_replaces_what_the_other_has_stored(ours, original):
    for turn in range(3):
        theirs, mine = b"theirs %d" % turn, b"ours %d" % turn
        (stored,) = original(["put", "db", theirs])
        assert stored.gave is True
        assert ours.get("db") == theirs
        assert ours.put("db", mine) is True
        (read,) = original(["get", "db"])
        assert read.gave == mine


def client(bucket, **more):
    return lazycred.Client(**filled(dict(CONFIG, **more), bucket))


def golden_records():
    path = install.GOLDEN / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8"))["records"] if path.exists() else []


def plaintext(told):
    if "base64" in told:
        return base64.b64decode(told["base64"])
    made = split_mix_64(told["seed"], told["length"])
    if told["generator"] == "splitmix64-text":
        letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        made = bytes(10 if at % 80 == 79 else letters[byte & 63] for at, byte in enumerate(made))
    assert hashlib.sha256(made).hexdigest() == told["sha256"]
    return made


@pytest.mark.parametrize("entry", golden_records(), ids=lambda entry: entry["file"])
def test_a_golden_record_of_0_2_3_is_read_as_it_was_stored(entry, moto, bucket, ours, caplog):
    moto.objects(bucket, {"pfx/" + entry["name"]: (install.GOLDEN / entry["file"]).read_bytes()})
    if "plaintext" in entry:
        assert ours.get(entry["name"]) == plaintext(entry["plaintext"])
        assert client(bucket).get(entry["name"]) == plaintext(entry["plaintext"])
        return
    assert ours.get(entry["name"]) is None
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    with pytest.raises(lazycred.DamagedError):
        client(bucket).get(entry["name"])


def test_a_record_of_version_2_is_read_by_ours_and_refused_by_0_2_3(bucket, ours, original):
    client(bucket, format=2).put("db", b"hunter2")
    assert ours.get("db") == b"hunter2"
    (outcome,) = original(["get", "db"])
    assert outcome.brief() == (None, "ERROR")
    assert "Unable to decrypt" in outcome.texts[-1] or "Corrupt" in outcome.texts[-1]


def test_a_store_that_demands_version_2_refuses_what_0_2_3_stored(bucket, original):
    (outcome,) = original(["put", "db", b"hunter2"])
    assert outcome.gave is True
    with pytest.raises(lazycred.DamagedError) as refused:
        client(bucket, min_format=2).get("db")
    assert "hunter2" not in str(refused.value)


def vectors():
    for version in ("v1", "v2"):
        path = install.REPOSITORY / "tests/vectors" / (version + ".json")
        document = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cases": []}
        for case in document["cases"]:
            # The module asks for no generation.
            if "min_generation" not in case:
                yield pytest.param(document, case, id="%s: %s" % (version, case["case"]))


@pytest.mark.parametrize("document, case", list(vectors()))
def test_a_vector_of_the_format_gives_its_secret_or_its_status(document, case, old, tmp_path):
    keys, store = tmp_path / "home/data/lazycred", tmp_path / "records"
    for name, material in document["wrapping_keys"].items():
        path = keys / (name + ".key")
        path.write_bytes(base64.urlsafe_b64encode(base64.b64decode(material)))
        path.chmod(0o600)
    record = base64.b64decode(case["record_base64"]) if "record_base64" in case else case["record"]
    path = store / case["name"]
    path.parent.mkdir(parents=True, exist_ok=True)
    # A folder cannot have a file of the name `..`.
    if record is not None and ".." not in case["name"].split("/"):
        path.write_bytes(record.encode() if isinstance(record, str) else record)
    members = {name: case[name] for name in ("keys", "min_format", "max_age") if name in case}
    config = dict(members, s3_path="file:%s/" % store, key_alias=document["key_alias"])
    client = lazycred.Client(**config)
    old.set_config(dict(config, region="us-east-1"))
    if case["status"] == 0:
        assert client.get(case["name"]) == old.get(case["name"]) == base64.b64decode(case["secret"])
        return
    assert old.get(case["name"]) is None
    with pytest.raises(lazycred.Error) as failed:
        client.get(case["name"])
    assert failed.value.exit_code == case["status"]
