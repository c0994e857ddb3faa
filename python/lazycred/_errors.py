"""One exception class per kind of failure.

``str(error)`` says what failed, on what and why, in one line; ``error.hint`` what to
do next. Neither holds a byte of a secret. Every exception can be pickled.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # What only types need takes longer to import than all that runs.
    from collections.abc import Iterable as _Iterable


class Error(Exception):
    """Whatever fails in LazyCred; each kind has a class of its own.

    ``kind``: the kind in one word, such as ``missing``.
    ``exit_code``: the status with which the program ``lazycred`` ends for it.
    ``code``: the code of AWS's response; None for all but `AwsError`.
    ``hint``: what to do next, or None. Python 3.11 and later show it in tracebacks.

    >>> try:
    ...     client.get("nosuch")
    ... except lazycred.Error as error:
    ...     print(error.kind, error.exit_code)
    missing 3
    """

    kind: str = "other"
    exit_code: int = 1
    hint: str | None = None
    code: str | None = None

    def __init__(self, message: str = "", *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        if hint is not None:
            self._note(hint)

    def _note(self, hint: str) -> None:
        add_note = getattr(self, "add_note", None)
        if add_note is not None:
            add_note(f"hint: {hint}")


class UsageError(Error):
    """A wrong call or configuration; nothing was written."""

    kind = "usage"
    exit_code = 2


class MissingError(Error):
    """No secret of this name, or no such version of it."""

    kind = "missing"
    exit_code = 3


class NoVersionError(MissingError):
    """No version to read: it is a removal, or there is none before the current one."""

    kind = "no_version"


class MissingFieldError(MissingError):
    """The secret has no such field; the hint names those it has."""

    kind = "missing_field"


class DamagedError(Error):
    """The record is damaged, fails authentication, is larger than ``max_size``, or must not be opened here."""

    kind = "damaged"
    exit_code = 4


class NoRecordError(DamagedError):
    """What is stored under the name is not a record of LazyCred."""

    kind = "no_record"


class ShapeError(Error):
    """The secret is not what the call needs: text, JSON, or a JSON object."""

    kind = "shape"
    exit_code = 5


class VariablesError(Error):
    """The variables cannot be passed on: a name is refused, or they are too large."""

    kind = "environment"
    exit_code = 5


class ConflictError(Error):
    """The name is taken, or the secret has changed in the meantime."""

    kind = "conflict"
    exit_code = 6


class AwsError(Error):
    """AWS refused a request, or could not be reached.

    ``code``: the error's code, such as ``AccessDeniedException``; if the response had
    none, its status, such as ``HTTP 403``; None if there was no response.
    """

    kind = "aws"

    def __init__(
        self,
        message: str = "",
        *,
        hint: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code


class IoError(Error):
    """A file failed."""

    kind = "io"


class TimedOutError(Error):
    """The call took longer than the client's ``timeout``."""

    kind = "timed_out"


class SeveralError(Error):
    """Several references failed.

    ``errors``: one for each, in their order. ``exit_code`` is the first one's.
    """

    kind = "several"
    errors: list[Error]

    def __init__(
        self,
        message: str = "",
        *,
        hint: str | None = None,
        errors: _Iterable[Error] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.errors = list(errors)
        if self.errors:
            self.exit_code = self.errors[0].exit_code
        for error in self.errors:
            if error.hint is not None:
                self._note(error.hint)


ALL = (
    Error,
    UsageError,
    MissingError,
    NoVersionError,
    MissingFieldError,
    DamagedError,
    NoRecordError,
    ShapeError,
    VariablesError,
    ConflictError,
    AwsError,
    IoError,
    TimedOutError,
    SeveralError,
)

# Users know them, and pickle finds them, as `lazycred.UsageError`.
for _class in ALL:
    _class.__module__ = "lazycred"
del _class
