"""Secrets in AWS S3, sealed under data keys that KMS wraps.

>>> import lazycred
>>> client = lazycred.Client(s3_path="acme-secrets/prod/", key_alias="acme", region="eu-west-1")
>>> client.get("db")
b'{"user": "app"}'

`Client` is the way in. `get`, `put` and `set_config` are the calls of LazyCred 0.2,
which log their failures and never raise. Importing reads no variable and no file,
starts no thread, and leaves `logging` as it is.
"""

from ._errors import (
    AwsError,
    ConflictError,
    DamagedError,
    Error,
    IoError,
    MissingError,
    MissingFieldError,
    NoRecordError,
    NoVersionError,
    SeveralError,
    ShapeError,
    TimedOutError,
    UsageError,
    VariablesError,
)
from ._native import Client, __version__
from .lazycred import get, put, set_config

__all__ = [
    "AwsError",
    "Client",
    "ConflictError",
    "DamagedError",
    "Error",
    "IoError",
    "MissingError",
    "MissingFieldError",
    "NoRecordError",
    "NoVersionError",
    "SeveralError",
    "ShapeError",
    "TimedOutError",
    "UsageError",
    "VariablesError",
    "__version__",
    "get",
    "put",
    "set_config",
]
