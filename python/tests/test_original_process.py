"""`get`, `put` and `set_config` in one process: threads, forks, signals, and what is remembered."""

import contextlib
import json
import os
import signal
import sys
import threading

import pytest


@pytest.fixture(autouse=True)
def first(old):
    """The folder store has `db`."""
    assert old.put("db", b"first") is True


def in_place(store):
    """The text of a `.lazycred` that may be found by searching: its store lies beside it."""
    return json.dumps(store.members(region="us-east-1", s3_path="file:records/"))


def at_once(count, work):
    """What each of several threads gives; none may fail."""
    given, start = [], threading.Barrier(count)

    def run():
        start.wait()
        given.append(work())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(given) == count
    return given


def in_a_child(work):
    """What the child of a fork says; it must end within a generous time."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            signal.alarm(60)
            os.write(writer, repr(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def test_threads_that_come_first_all_read(old, store):
    for _ in range(10):
        old.set_config(store.members(region="us-east-1"))
        assert at_once(8, lambda: old.get("db")) == [b"first"] * 8


def test_threads_read_one_of_the_two_while_the_configuration_changes(old, store, tmp_path):
    first = store.members(region="us-east-1")
    second = dict(first, s3_path="file:%s/" % (tmp_path / "second"))
    old.set_config(second)
    assert old.put("db", b"second") is True
    stop = threading.Event()

    def change():
        while not stop.is_set():
            old.set_config(first)
            old.set_config(second)

    changer = threading.Thread(target=change)
    changer.start()
    try:
        given = at_once(4, lambda: {old.get("db") for _ in range(50)})
    finally:
        stop.set()
        changer.join()
    assert set().union(*given) <= {b"first", b"second"}
    assert old.get("db") in (b"first", b"second")


def test_the_last_configuration_holds_once_set_config_has_returned(old, store, tmp_path):
    second = store.members(region="us-east-1", s3_path="file:%s/" % (tmp_path / "second"))
    for turn in range(20):
        old.set_config(second)
        assert old.put("db", b"%d" % turn) is True
        old.set_config(store.members(region="us-east-1"))
        assert old.get("db") == b"first"


def test_one_client_serves_all_calls(old, store, monkeypatch):
    made = []
    client = old.Client
    monkeypatch.setattr(old.lazycred, "Client", lambda **members: made.append(members) or client(**members))
    old.set_config(store.members(region="us-east-1"))
    for _ in range(5):
        assert old.get("db") == b"first"
        assert old.get("nope") is None
    assert len(made) == 1


def test_a_fork_after_first_use_reads_and_stores(old):
    assert old.get("db") == b"first"
    for turn in range(5):
        assert in_a_child(lambda: (old.get("db"), old.put("of a child", b"%d" % turn))) == "(b'first', True)"
        assert old.get("of a child") == b"%d" % turn


def test_a_fork_before_first_use_reads(old, store):
    old.set_config(store.members(region="us-east-1"))
    assert in_a_child(lambda: old.get("db")) == "b'first'"
    assert old.get("db") == b"first"


def test_a_fork_while_threads_call_hangs_on_nothing(old, store):
    stop = threading.Event()

    def busy():
        while not stop.is_set():
            old.set_config(store.members(region="us-east-1"))
            old.get("db")

    threads = [threading.Thread(target=busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        given = [in_a_child(lambda: old.get("db")) for _ in range(10)]
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert given == ["b'first'"] * 10


def test_a_child_in_another_folder_keeps_the_configuration_that_was_found(old, store, alone, tmp_path):
    (alone / ".lazycred").write_text(in_place(store))
    old.set_config(None)
    assert old.put("db", b"found") is True
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def daemon():
        os.chdir(str(elsewhere))
        return old.get("db")

    assert in_a_child(daemon) == "b'found'"


def test_a_child_that_configures_itself_does_not_change_its_parent(old):
    assert in_a_child(lambda: (old.set_config({"s3_path": 5}), old.get("db"))) == "(None, None)"
    assert old.get("db") == b"first"


class Alarm(Exception):
    """As a program's own limit of time raises it from a signal handler."""


@contextlib.contextmanager
def alarm_while_waiting(aws, handler):
    """Calls it in a signal handler as soon as AWS is asked, which does not answer at first."""
    aws.forget()
    aws.stall("*", times=1)

    def ring():
        aws.wait_for("*")
        signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, lambda number, frame: handler())
    thread = threading.Thread(target=ring)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("raised", [Alarm, OSError, TypeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("arguments", [("get", "db"), ("put", "db", b"x")], ids=["get", "put"])
def test_what_a_signal_handler_raises_comes_through(raised, arguments, old, aws):
    def handler():
        raise raised

    old.set_config(aws.arguments())
    with alarm_while_waiting(aws, handler), pytest.raises(raised):
        getattr(old, arguments[0])(*arguments[1:])


def variables_of_the_package(error):
    """What a program that reports the variables of each frame of a traceback finds there."""
    found, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] == "lazycred":
            found.append(trace.tb_frame.f_locals)
        trace = trace.tb_next
    return found


@pytest.mark.parametrize("spelt", [str, str.encode], ids=["text", "bytes"])
def test_no_frame_of_a_put_that_a_signal_handler_ends_holds_the_data(spelt, old, aws, canary):
    def handler():
        raise Alarm

    old.set_config(aws.arguments())
    with alarm_while_waiting(aws, handler), pytest.raises(Alarm) as raised:
        old.put("db", spelt(canary.text))
    found = variables_of_the_package(raised.value)
    assert found and not canary.is_in(found)


@pytest.mark.parametrize("arguments", [("get",), ("put", str), ("put", str.encode)], ids=["get", "text", "bytes"])
def test_what_is_raised_at_any_step_comes_through_and_no_frame_holds_the_data(arguments, old, store, canary):
    """A step is a call or a return of the package; a signal handler may run at each."""
    assert old.put("db", canary.text) is True
    call, given = getattr(old, arguments[0]), [spelt(canary.text) for spelt in arguments[1:]]
    steps, frames = 0, 0
    while True:
        left = [steps]

        def step(frame, event, argument):
            # The first is the call itself, whose arguments the caller's own frame holds.
            begins = event == "call" and frame.f_code is call.__code__
            if frame.f_globals.get("__name__") == "lazycred.lazycred" and not begins:
                left[0] -= 1
                if left[0] < 0:
                    raise Alarm

        old.set_config(store.members(region="us-east-1"))
        sys.setprofile(step)
        try:
            call("db", *given)
            break
        except Alarm as error:
            # Python 3.11 leaves a frame out of the traceback where it had begun to return.
            found = variables_of_the_package(error)
            assert not canary.is_in(found)
            frames += len(found)
        finally:
            sys.setprofile(None)
        steps += 1
    assert steps > 10 and frames > 10


def test_a_signal_handler_that_returns_ends_no_call(old, aws):
    """Nor does one that uses the three functions itself."""
    given = []

    def handler():
        given.append(old.get("db"))
        aws.heal()

    old.set_config(aws.arguments())
    assert old.put("db", b"second") is True
    with alarm_while_waiting(aws, handler):
        assert old.get("db") == b"second"
    assert given == [b"second"]


def test_a_configuration_that_failed_is_looked_for_again(old, store, alone):
    old.set_config(None)
    assert old.get("db") is None
    (alone / ".lazycred").write_text("{")
    assert old.get("db") is None
    (alone / ".lazycred").write_text(in_place(store))
    assert old.put("db", b"x") is True
    assert old.get("db") == b"x"


def test_set_config_of_nothing_looks_for_the_configuration_afresh(old, store, alone, tmp_path):
    (alone / ".lazycred").write_text(in_place(store))
    for nothing in (None, {}):
        old.set_config(nothing)
        assert old.put("db", b"found") is True
        os.chdir(str(tmp_path))
        assert old.get("db") == b"found"
        old.set_config(nothing)
        assert old.get("db") is None
        os.chdir(str(alone))


def test_a_dict_that_changes_is_read_anew(old, store, tmp_path):
    config = store.members(region="us-east-1", keys=[])
    old.set_config(config)
    assert old.get("db") == b"first"
    config["s3_path"] = "file:%s/" % (tmp_path / "second")
    assert old.get("db") is None
    assert old.put("db", b"second") is True
    config["s3_path"] = store.s3_path
    assert old.get("db") == b"first"
    del config["region"]
    assert old.get("db") is None
