"""What runs in Python around a call: the interpreter's end, log handlers, small stacks."""

import logging
import signal
import sys

import pytest

import lazycred
from forking import WITH_THREADS
from processes import PRELUDE, SOON, Program, stalled

# A stack that is too small for a call, for the main thread.
SMALL = ["sh", "-c", 'ulimit -s 448 && exec "$@"', "sh"]


def test_a_function_of_atexit_may_wait_for_a_lock_that_a_daemon_thread_holds_during_calls(aws):
    first = """
import atexit, os, threading
lock = threading.Lock()
@atexit.register
def save():
    with lock:
        os.write(1, b"saved\\n")
"""
    code = """
c = client()
c.put("web", b"hunter2")
def work():
    while True:
        with lock:
            outcome(c.get, "web")
        time.sleep(0.05)
threading.Thread(target=work, daemon=True).start()
time.sleep(0.2)
"""
    with Program(code, aws.env(), aws.arguments(), prelude=first + PRELUDE) as running:
        assert running.end(seconds=SOON) == ["saved"]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="no fork at the end from Python 3.12 on")
def test_functions_of_atexit_may_fork_and_the_child_reads_in_threads(aws):
    first = """
import atexit, os
@atexit.register
def fork():
    pid = os.fork()
    if pid == 0:
        for _ in range(3):
            thread = threading.Thread(target=lambda: say(c.get("web")))
            thread.start()
            thread.join()
        os._exit(7)
    say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    code = """
c = client()
c.put("web", b"hunter2")
"""
    with Program(code, aws.env(), aws.arguments(), prelude=first + PRELUDE) as running:
        assert running.end(seconds=SOON) == ["b'hunter2'"] * 3 + ["7"]


@pytest.fixture
def logger():
    logger = logging.getLogger("LazyCredLogger")
    yield logger
    for some in logger.filters[:]:
        logger.removeFilter(some)


class Raises(logging.Filter):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def filter(self, record):
        raise self.error


def warned(client):
    """A call that warns, and stores."""
    client.put("db", '{"a": {"b": 1}}')
    return lambda: client.set("db", "a.b", "2")


@pytest.mark.parametrize("is_shown", [True, False])
def test_what_a_filter_raises_is_shown_as_logging_shows_it_and_the_call_gives_its_result(
    client, logger, monkeypatch, is_shown
):
    call, told = warned(client), []
    monkeypatch.setattr(sys, "unraisablehook", lambda failed: told.append(failed.exc_value))
    monkeypatch.setattr(logging, "raiseExceptions", is_shown)
    error = RuntimeError("a filter of the user")
    logger.addFilter(Raises(error))
    assert isinstance(call(), str)
    assert told == ([error] if is_shown else [])


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_is_to_end_the_program_comes_through_from_a_filter(client, logger, error):
    call = warned(client)
    logger.addFilter(Raises(error()))
    with pytest.raises(error):
        call()
    assert client.get("db", "a.b") == b"2"


def test_an_error_of_the_call_stays_what_it_is_where_logging_fails_too(aws, logger, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    logger.addFilter(Raises(RuntimeError("a filter of the user")))
    with pytest.raises(lazycred.MissingError):
        lazycred.Client(**aws.arguments()).get("nosuch")


def test_ctrl_c_ends_the_wait_of_a_main_thread_with_a_small_stack(aws):
    code = """
c = client()
c.put("web", b"hunter2")
ready()
say(outcome(c.get, "web"))
say(c.get("web"))
"""
    with stalled(aws, code, start=SMALL) as running:
        running.interrupt(signal.SIGINT)
        running.expect("KeyboardInterrupt", seconds=SOON)
        aws.heal()
        running.expect("b'hunter2'")
        running.end()


@pytest.mark.parametrize("end", ["sys.exit(4)", "return"])
def test_a_child_forked_in_a_wait_with_a_small_stack_reads_or_ends(aws, end):
    code = """
c = client()
c.put("web", b"hunter2")
parent = os.getpid()
def handle(*_):
    pid = os.fork()
    if pid == 0:
        %s
    else:
        say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
signal.signal(signal.SIGALRM, handle)
ready()
said = outcome(c.get, "web")
if os.getpid() != parent:
    os._exit(4 if c.get("web") == b"hunter2" else 5)
say(said)
""" % (end,)
    with stalled(aws, WITH_THREADS + code, delay=1.0, start=SMALL) as running:
        running.interrupt(signal.SIGALRM)
        status = running.line()
        running.expect("b'hunter2'")
        running.end()
    assert int(status) in ((4,) if end == "return" else (1, 4))
