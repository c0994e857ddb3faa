"""The three functions of lazycred 0.2.3: `get`, `put`, `set_config`.

Responsible for their one rule: a failure is an ERROR of the logger `LazyCredLogger`,
with its remedy, and `None` or `False`; it is never raised. `Client` does the work. No
message holds a byte of a secret, and importing this reads nothing and sets up nothing,
logging neither. The module has the name that 0.2.3 gave it, since programs reach for
`lazycred.lazycred.logger`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # What only types need takes longer to import than all that runs.
    import logging as _logging
    from collections.abc import Mapping as _Mapping
    from typing import Any as _Any

from ._errors import Error
from ._native import Client

LAZYCRED_LOG_NAME = "LazyCredLogger"

_NEEDED = ("s3_path", "key_alias", "region")
_OPTIONAL = (
    "account",
    "bucket_region",
    "cache",
    "format",
    "key_accounts",
    "keys",
    "max_age",
    "min_format",
    "pin_key",
    "profile",
    "sse",
)
#: Members that mean something in a `.lazycred` file only.
_OF_A_FILE = ("$schema", "environments")
#: What a hint says of arguments of `Client`, and what it says here.
_HINTS = (
    ("give `s3_path=`, `key_alias=` and `region=`, or put {", "call `set_config`, or put {"),
    ("give `region=REGION`, or add", "add"),
    ("`max_size=BYTES` allows", "`Client(max_size=BYTES)` allows"),
)


class _Refused(Exception):
    """What a caller gave cannot be used; the message never holds a value."""


class _Configuration:
    """What `set_config` was given, and the client that serves it.

    There is no lock, since a fork could leave one held for ever: the client is
    taken and replaced in one step, beside the members it was made of. Threads that
    come first together may make one each, and the last one stays.
    """

    def __init__(self, given: _Any) -> None:
        self._given = given
        self._made: tuple[dict[str, _Any], Client] | None = None

    def get(self, key: str) -> bytes:
        client = self._client()
        return client.get(_name(key, client))

    def put(self, key: str, data: bytes | str) -> None:
        client = self._client()
        client.put(_name(key, client), data)

    def _client(self) -> Client:
        given = _as_dict(self._given)
        members = _members(given) if given else {}
        made = self._made
        if made is not None and made[0] == members:
            return made[1]
        _warn_of_unknown(given)
        try:
            client = Client(**members)
        except TypeError as error:
            # It names the member and a type, never a value.
            raise _Refused(f"set_config: {error}") from None
        self._made = (members, client)
        return client


def _as_dict(given: _Any) -> dict[_Any, _Any]:
    if type(given) is dict:
        return given.copy()
    try:
        return dict(given or {})
    except Exception:  # A class of the caller's may raise anything.
        raise _Refused(f"set_config: takes a dict, not {_kind(given)}") from None


def _members(given: dict[_Any, _Any]) -> dict[str, _Any]:
    """The arguments of `Client`; plain values only, so that two of them compare."""
    members: dict[str, _Any] = {}
    for name in _NEEDED:
        if name not in given:
            raise _Refused(f"set_config: `{name}` is missing")
        if not isinstance(given[name], str):
            raise _Refused(f"set_config: `{name}` must be str, not {_kind(given[name])}")
        if not given[name]:
            raise _Refused(f"set_config: `{name}` is empty")
        members[name] = given[name]
    members["s3_path"] = _one_slash(members["s3_path"])
    for name in _OPTIONAL:
        value = given.get(name)
        if value is None:
            continue
        if isinstance(value, (list, tuple)):
            value = list(value)
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, (str, int)):
                raise _Refused(f"set_config: `{name}` has a value of type {_kind(item)}, which no member takes")
        members[name] = value
    return members


def _warn_of_unknown(given: dict[_Any, _Any]) -> None:
    known = (*_NEEDED, *_OPTIONAL, *_OF_A_FILE)
    unknown = sorted(name for name in given if isinstance(name, str) and name not in known)
    if unknown:
        # Escaped, so that the message stays one line.
        names = ", ".join(f"`{ascii(name)[1:-1]}`" for name in unknown)
        _logger().warning("set_config: unknown members are ignored: %s", names)


_configuration = _Configuration(None)


def get(key: str) -> bytes | None:
    """Read a secret.

    Shape: `get("web/prod")` gives the stored bytes exactly, `b'{"password": "..."}'`.

    Errors: none is raised. Where there is no such secret, or it cannot be read, it
    gives `None`, and `LazyCredLogger` has an ERROR that says why. `Client.get` raises.

    What a signal handler of yours raises while this waits does come through, as
    `KeyboardInterrupt` does. Reading the record takes at most 30 seconds.
    """
    try:
        _check_name(key)
        return _configuration.get(key)
    except (Error, _Refused) as error:
        failure = _words(error)
    _tell("get", failure)
    return None


def put(key: str, data: bytes | str) -> bool:
    """Store a secret under a name, in place of the one that is there.

    Shape: `data` is bytes, stored exactly, or str, stored as UTF-8. It gives `True`
    once the record is stored and was read back.

    Errors: none is raised. Where that fails it gives `False`, `LazyCredLogger` has an
    ERROR that says why, and no broken record is left. `Client.put` raises.

    What a signal handler of yours raises while this waits does come through, as
    `KeyboardInterrupt` does. Storing the record takes at most 30 seconds, and so does
    each reading of it before or after.
    """
    try:
        _check_name(key)
        if not isinstance(data, (bytes, str)):
            raise _Refused(f"`data` must be bytes or str, not {_kind(data)}")
        _configuration.put(key, data)
        return True
    except (Error, _Refused) as error:
        failure = _words(error)
    # A handler that reports variables of each frame does not find it here.
    del data
    _tell("put", failure)
    return False


def set_config(config: _Mapping[str, _Any] | None) -> None:
    """Choose the store and the wrapping key that `get` and `put` use from now on.

    Shape: `{"s3_path": "bucket/prefix/", "key_alias": "my-key", "region": "us-east-1"}`,
    and the other members of a `.lazycred` file if wanted. `None` and `{}` go back to
    the configuration that is found: a `.lazycred` file, then variables.

    It may be called at any time. The dict is read when a secret is asked for, so a
    later change of it counts. Errors: none is raised here; what is wrong with the
    dict is told by the next `get` or `put`.
    """
    global _configuration
    _configuration = _Configuration(config)


def _check_name(key: object) -> None:
    if not isinstance(key, str):
        raise _Refused(f"`key` must be str, not {_kind(key)}")


def _name(key: str, client: Client) -> str:
    """The name whose path is the one that 0.2.3 asked for: its boto made one slash of several."""
    name = _one_slash(key)
    if name.startswith("/") and (client._prefix or "/").endswith("/"):
        return name[1:]
    return name


def _one_slash(text: str) -> str:
    while "//" in text:
        text = text.replace("//", "/")
    return text


def _kind(value: object) -> str:
    return type(value).__name__


def _words(error: Error | _Refused) -> str:
    hint = error.hint if isinstance(error, Error) else None
    if not hint:
        return str(error)
    for client, original in _HINTS:
        hint = hint.replace(client, original)
    return f"{error} (hint: {hint})"


def _tell(call: str, failure: str) -> None:
    _logger().error("lazycred.%s: %s", call, failure)


def _logger() -> _logging.Logger:
    import logging

    return logging.getLogger(LAZYCRED_LOG_NAME)


def __getattr__(name: str) -> _logging.Logger:
    """The name `logger`, which 0.2.3 has."""
    if name == "logger":
        return _logger()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
