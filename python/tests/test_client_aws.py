"""What a client does that only a server shows: requests, warnings, the cache, and AWS's faults."""

import logging

import pytest

import lazycred
from conftest import flags_in, words


def test_a_get_is_one_request_to_each_service(aws, aws_client):
    aws_client.put("db", "x")
    aws.forget()
    aws_client.get("db")
    assert aws.operations() == ["GetObject", "Decrypt"]


def test_verify_false_skips_reading_back(aws):
    def reads(**more):
        with lazycred.Client(**aws.arguments(**more)) as client:
            aws.forget()
            client.put("db", "x")
            return aws.operations().count("GetObject")

    assert reads(verify=False) == reads() - 1


def test_no_request_carries_the_secret(aws, aws_client, canary):
    aws_client.put("db", canary.bytes)
    aws_client.put("doc", '{"a": 1}')
    aws_client.set("doc", "a", canary.text)
    assert {"PutObject", "Encrypt"} <= set(aws.operations())
    for request in aws.requests:
        for part in (request.path, request.query, request.headers, request.body):
            assert not canary.is_in(part if isinstance(part, bytes) else repr(part))


def test_the_cache_serves_when_s3_fails_and_warns(aws, caplog, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    caplog.set_level(logging.WARNING)
    client = lazycred.Client(**aws.arguments(cache=True, stale_if_error=True))
    client.put("db", "x")
    assert client.get("db") == b"x"
    assert caplog.records == []
    aws.fail("GetObject", "InternalError")
    assert client.get("db") == b"x"
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("LazyCredLogger", "WARNING")
    assert "`db`" in record.getMessage()
    plain = lazycred.Client(**aws.arguments(cache=True))
    with pytest.raises(lazycred.AwsError):
        plain.get("db")


def test_a_warning_goes_to_one_logger_and_to_no_stream(client, caplog, capfd):
    client.put("db", '{"a": {"b": 1}}')
    caplog.set_level(logging.WARNING)
    client.set("db", "a.b", "2")
    assert [(one.name, one.levelno) for one in caplog.records] == [("LazyCredLogger", logging.WARNING)]
    assert "`/a/b`" in caplog.text
    assert capfd.readouterr() == ("", "")


def test_a_handler_of_the_log_may_use_the_client(client):
    client.put("db", '{"a": {"b": 1}}')
    got = []

    class Handler(logging.Handler):
        def emit(self, record):
            got.append(client.get("db", "/a/b"))

    logger, handler = logging.getLogger("LazyCredLogger"), Handler()
    logger.addHandler(handler)
    try:
        client.set("db", "a.b", "2")
    finally:
        logger.removeHandler(handler)
    assert got == [b"1"]


def test_version_2_records_are_read_under_further_wrapping_keys(aws):
    old = aws.arguments(format=2)
    lazycred.Client(**old).put("db", "x")
    aws.kms.create("second")
    moved = dict(old, key_alias="second")
    with pytest.raises(lazycred.Error):
        lazycred.Client(**moved).get("db")
    assert lazycred.Client(**dict(moved, keys=[aws.alias])).get("db") == b"x"
    assert lazycred.Client(**dict(moved, keys=(aws.alias,))).get("db") == b"x"


FAULTS = [
    ("GetObject", "AccessDenied", 403),
    ("GetObject", "NoSuchBucket", 404),
    ("GetObject", "ExpiredToken", 400),
    ("GetObject", "InvalidAccessKeyId", 403),
    ("GetObject", "SignatureDoesNotMatch", 403),
    ("GetObject", "RequestTimeTooSkewed", 403),
    ("GetObject", "SlowDown", 503),
    ("GetObject", "InternalError", 500),
    ("PutObject", "AccessDenied", 403),
    ("PutObject", "PreconditionFailed", 412),
    ("PutObject", "NotImplemented", 501),
    ("DeleteObject", "AccessDenied", 403),
    ("ListObjectsV2", "AccessDenied", 403),
    ("ListObjectVersions", "AccessDenied", 403),
    ("Encrypt", "AccessDeniedException", 400),
    ("Encrypt", "NotFoundException", 400),
    ("Encrypt", "DisabledException", 400),
    ("Encrypt", "KMSInvalidStateException", 400),
    ("Decrypt", "AccessDeniedException", 400),
    ("Decrypt", "IncorrectKeyException", 400),
    ("Decrypt", "InvalidCiphertextException", 400),
    ("Decrypt", "ThrottlingException", 400),
    ("Decrypt", "UnrecognizedClientException", 400),
]

KINDS = ("aws", "timed_out", "conflict", "damaged", "missing", "no_version")

CALLS = [
    lambda c: c.get("db"),
    lambda c: c.put("db", '{"a": 3}'),
    lambda c: c.set("db", "a", "1"),
    lambda c: c.list(),
    lambda c: c.history("db"),
    lambda c: c.rollback("db"),
    lambda c: c.load("db", "db2"),
    lambda c: c.delete("db"),
]


@pytest.mark.slow
@pytest.mark.parametrize("operation, code, status", FAULTS)
def test_each_fault_of_aws_is_told_whole_and_in_pythons_words(aws, monkeypatch, operation, code, status):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    client = lazycred.Client(timeout=2, **aws.arguments())
    for name in ("db", "db2"):
        client.put(name, '{"a": 1}')
        client.put(name, '{"a": 2}')
    told = []
    for call in CALLS:
        aws.fail(operation, code, status)
        try:
            call(client)
        except lazycred.SeveralError as error:
            told += error.errors
        except lazycred.Error as error:
            told.append(error)
        aws.heal()
    assert told
    for error in told:
        assert error.__cause__ is None and error.__context__ is None
        assert "\n" not in words(error) and len(words(error)) < 2500
        assert flags_in(error) == [], words(error)
        assert error.kind in KINDS


SETUPS = {
    "no region": ({"region": None}, {"AWS_REGION": None}),
    "no credentials": ({}, {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}),
    "half a pair": ({}, {"AWS_SECRET_ACCESS_KEY": None}),
    "no such profile": ({"profile": "nope"}, {}),
    "no such profile by variable": ({}, {"AWS_PROFILE": "nope"}),
    "no wrapping key to write": ({"key_alias": None}, {}),
    "plain http": ({}, {"AWS_ENDPOINT_URL": "http://192.0.2.1"}),
    "no url": ({}, {"AWS_ENDPOINT_URL": "nonsense"}),
}

#: What is found out by a request; the others are errors of the configuration.
AT_THE_REQUEST = ("no credentials", "plain http")


@pytest.mark.parametrize("setup", SETUPS)
def test_a_configuration_that_cannot_work_says_why_in_pythons_words(aws, monkeypatch, setup):
    members, variables = SETUPS[setup]
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    with pytest.raises(lazycred.Error) as caught:
        lazycred.Client(timeout=5, **aws.arguments(**members)).put("db", "x")
    assert type(caught.value) is (lazycred.AwsError if setup in AT_THE_REQUEST else lazycred.UsageError)
    assert caught.value.hint
    assert flags_in(caught.value) == [], words(caught.value)
