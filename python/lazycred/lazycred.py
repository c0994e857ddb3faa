"""Where lazycred 0.2.3 kept its functions and its logger, for programs that reach for them here."""

from ._original import LAZYCRED_LOG_NAME as LAZYCRED_LOG_NAME
from ._original import get as get
from ._original import logger as logger
from ._original import put as put
from ._original import set_config as set_config
