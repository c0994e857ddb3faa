"""What programs of the tests of fork share."""

from __future__ import annotations

from typing import Any, Dict, List, Set

FORK = """
def fork(work, end=lambda: os._exit(0)):
    "Forks a child that says what `work` comes to, and then ends."
    pid = os.fork()
    if pid == 0:
        try:
            say(outcome(work))
            end()
        except SystemExit:
            raise
        except BaseException as error:
            say(repr(error))
            os._exit(9)
    return pid

def join(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""

# Since 3.12, Python warns of fork where a program has threads of its own. Where it has none, no
# warning may come: there would be a thread of ours.
WITH_THREADS = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
"""


def record(aws: Any) -> None:
    """Stores `web`, so that a program need not."""
    from processes import Program

    with Program("client().put('web', b'hunter2')", aws.env(), aws.arguments()) as running:
        running.end()
    aws.forget()


def users(aws: Any) -> Dict[int, Set[str]]:
    """For each connection, the secrets that were asked for on it."""
    found = {}
    for number, requests in aws.by_connection().items():
        found[number] = {one.path.rpartition("/")[2] for one in requests if one.service == "s3"}
    return found


def assert_apart(aws: Any) -> None:
    """No connection served two processes, each of which asked for a name of its own."""
    mixed = {number: names for number, names in users(aws).items() if len(names) > 1}
    assert not mixed and not aws.broken, (mixed, aws.broken)


def connections(aws: Any, name: str) -> List[int]:
    """The connections on which a secret was asked for."""
    return sorted(number for number, names in users(aws).items() if name in names)
