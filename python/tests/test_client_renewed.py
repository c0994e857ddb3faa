"""What a client that failed reads anew, and what calls of a log handler do."""

import logging

import pytest

import lazycred


@pytest.fixture
def found(aws, monkeypatch):
    """A client whose AWS settings are variables, without credentials."""
    for name, value in aws.env(AWS_EC2_METADATA_DISABLED="true").items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return lazycred.Client(**aws.arguments())


def sign_in(monkeypatch, access_key_id):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)


def test_credentials_that_come_after_the_first_call_are_taken(found, monkeypatch):
    with pytest.raises(lazycred.AwsError) as raised:
        found.put("db", "x")
    assert raised.value.code is None
    sign_in(monkeypatch, "AKIAFIRST")
    found.put("db", "x")
    assert found.get("db") == b"x"


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidAccessKeyId"])
def test_credentials_that_replace_refused_ones_are_taken(aws, found, monkeypatch, code):
    sign_in(monkeypatch, "AKIAFIRST")
    found.put("db", "x")
    sign_in(monkeypatch, "AKIASECOND")
    aws.forget()
    found.get("db")
    assert "AKIAFIRST" in aws.requests[0].headers["authorization"]
    aws.fail("GetObject", code, 400)
    with pytest.raises(lazycred.AwsError):
        found.get("db")
    aws.heal()
    aws.forget()
    assert found.get("db") == b"x"
    assert "AKIASECOND" in aws.requests[0].headers["authorization"]


def test_a_read_that_is_denied_keeps_the_connection(aws, aws_client):
    aws_client.put("db", "x")
    aws.forget()
    aws.fail("GetObject", "AccessDenied", 403)
    with pytest.raises(lazycred.AwsError):
        aws_client.get("db")
    aws.heal()
    aws_client.get("db")
    of_s3 = [one for one in aws.by_connection().values() if one[0].operation == "GetObject"]
    assert len(of_s3) == 1


def test_what_a_log_handler_asks_for_is_not_logged_again(aws, aws_client, monkeypatch):
    class Asks(logging.Handler):
        lines = []

        def emit(self, record):
            self.lines.append(record.getMessage())
            assert aws_client.get("db") == b"x"

    aws_client.put("db", "x")
    logger = logging.getLogger("LazyCredLogger")
    monkeypatch.setattr(logger, "handlers", [Asks()])
    monkeypatch.setattr(logger, "propagate", False)
    logger.setLevel(logging.DEBUG)
    try:
        aws_client.get("db")
        once = len(Asks.lines)
        aws_client.get("db")
    finally:
        logger.setLevel(logging.NOTSET)
    assert 0 < once < 10
    assert len(Asks.lines) == 2 * once
