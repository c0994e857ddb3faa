"""The three functions of lazycred 0.2.3: `get`, `put`, `set_config`.

Responsible for their one rule: a failure is an ERROR of the logger `LazyCredLogger`,
with its remedy, and `None` or `False`; it is never raised. `Client` does the work. No
message holds a byte of a secret, and importing this reads nothing and sets up nothing,
logging neither. What callers give is asked nothing that a class of theirs can answer by
raising. The module has the name that 0.2.3 gave it, since programs reach for
`lazycred.lazycred.logger`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # What only types need takes longer to import than all that runs.
    import logging as _logging
    from collections.abc import Callable as _Callable
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

#: What a value or a class holds, by no method that a class of the caller's can replace.
#: For the same reason it says `issubclass(type(...))`: `isinstance` asks for `__class__`.
_str_of: _Callable[[_Any], str] = str.__str__
_int_of: _Callable[[_Any], int] = int.__int__
_name_of: _Callable[[type], str] = type.__dict__["__name__"].__get__


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
        client, name = self.place(key)
        return client.get(name)

    def place(self, key: str) -> tuple[Client, str]:
        """The client, and the name to give it."""
        client = self._client()
        return client, _name(key, client)

    def _client(self) -> Client:
        given = _as_dict(self._given)
        named = {_str_of(name): value for name, value in given.items() if issubclass(type(name), str)}
        members = _members(named) if given else {}
        made = self._made
        if made is not None and made[0] == members:
            return made[1]
        _warn_of_unknown(named)
        try:
            client = Client(**members)
        except TypeError as error:
            # It names the member and a type, never a value.
            raise _Refused(f"set_config: {error}") from None
        self._made = (members, client)
        return client


def _as_dict(given: _Any) -> dict[_Any, _Any]:
    """A copy of what was given, since another thread may change it."""
    if type(given) is dict:
        return given.copy()
    try:
        # What can be read once only, as a generator, is no configuration.
        if given and not hasattr(given, "keys"):
            raise TypeError
        return dict(given or {})
    except Exception:  # A class of the caller's may raise anything.
        raise _Refused(f"set_config: takes a dict, not {_kind(type(given))}") from None


def _members(given: dict[str, _Any]) -> dict[str, _Any]:
    """The arguments of `Client`; plain values only, so that two of them compare."""
    members: dict[str, _Any] = {}
    for name in _NEEDED:
        if name not in given:
            raise _Refused(f"set_config: `{name}` is missing")
        if not issubclass(type(given[name]), str):
            raise _Refused(f"set_config: `{name}` must be str, not {_kind(type(given[name]))}")
        members[name] = _str_of(given[name])
        if not members[name]:
            raise _Refused(f"set_config: `{name}` is empty")
    members["s3_path"] = _path(members["s3_path"])
    for name in _OPTIONAL:
        value = given.get(name)
        if value is not None:
            members[name] = _plain(name, value)
    return members


def _plain(name: str, value: _Any) -> _Any:
    for kind in (list, tuple):
        if issubclass(type(value), kind):
            return [_plain_item(name, item) for item in kind.__iter__(value)]
    return _plain_item(name, value)


def _plain_item(name: str, item: _Any) -> _Any:
    if type(item) is bool:
        return item
    if issubclass(type(item), int):
        return _int_of(item)
    if issubclass(type(item), str):
        return _str_of(item)
    raise _Refused(f"set_config: `{name}` has a value of type {_kind(type(item))}, which no member takes")


def _warn_of_unknown(given: dict[str, _Any]) -> None:
    unknown = sorted(set(given).difference(_NEEDED, _OPTIONAL, _OF_A_FILE))
    if unknown:
        # Escaped, so that the message stays one line.
        names = ", ".join(f"`{ascii(name)[1:-1]}`" for name in unknown)
        _log("warning", "set_config: unknown members are ignored: %s", names)


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
        return _configuration.get(_text(key))
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
    # No function of this module but this one holds the data, and this one only while it
    # stores it: what reports the variables of each frame finds none, whoever raises.
    try:
        key = _text(key)
        if issubclass(type(data), str):
            data = _str_of(data)
        elif not issubclass(type(data), bytes):
            raise _Refused(f"`data` must be bytes or str, not {_kind(type(data))}")
        client, name = _configuration.place(key)
        client.put(name, data)
        return True
    except (Error, _Refused) as error:
        failure = _words(error)
    finally:
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


def _text(key: _Any) -> str:
    if not issubclass(type(key), str):
        raise _Refused(f"`key` must be str, not {_kind(type(key))}")
    return _str_of(key)


def _name(key: str, client: Client) -> str:
    """The name whose path is the one that 0.2.3 asked for: its boto made one slash of several."""
    name = _one_slash(key)
    if name.startswith("/") and (client._prefix or "/").endswith("/"):
        return name[1:]
    return name


def _path(s3_path: str) -> str:
    """One slash of several there too; but a URL stays one, so that `Client` refuses it as that."""
    scheme, mark, _ = s3_path.partition("://")
    return s3_path if mark and "/" not in scheme else _one_slash(s3_path)


def _one_slash(text: str) -> str:
    while "//" in text:
        text = text.replace("//", "/")
    return text


def _kind(of: type) -> str:
    return _str_of(_name_of(of))


def _words(error: Error | _Refused) -> str:
    hint = error.hint if isinstance(error, Error) else None
    if not hint:
        return str(error)
    for client, original in _HINTS:
        hint = hint.replace(client, original)
    return f"{error} (hint: {hint})"


def _tell(call: str, failure: str) -> None:
    _log("error", "lazycred.%s: %s", call, failure)


def _log(level: str, message: str, *values: str) -> None:
    """Logs it; what a filter or a handler raises is printed, as logging does, and no more."""
    try:
        getattr(_logger(), level)(message, *values)
    except Exception:
        _print_exception()


def _print_exception() -> None:
    try:
        import logging
        import sys
        import traceback

        if logging.raiseExceptions and sys.stderr:
            traceback.print_exc()
    except Exception:  # Standard error may be closed.
        pass


def _logger() -> _logging.Logger:
    import logging

    return logging.getLogger(LAZYCRED_LOG_NAME)


def __getattr__(name: str) -> _logging.Logger:
    """The name `logger`, which 0.2.3 has."""
    if name == "logger":
        return _logger()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
