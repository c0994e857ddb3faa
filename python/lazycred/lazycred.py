"""Where lazycred 0.2.3 kept its functions and its logger, for programs that reach for them here."""

from __future__ import annotations

from . import _original
from ._original import LAZYCRED_LOG_NAME as LAZYCRED_LOG_NAME
from ._original import get as get
from ._original import put as put
from ._original import set_config as set_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging as _logging


def __getattr__(name: str) -> _logging.Logger:
    """The name `logger`."""
    return _original.__getattr__(name)
