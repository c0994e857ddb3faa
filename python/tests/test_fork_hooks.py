"""A fork waits until no thread is within a step of a call, and hooks of a fork may call."""

from __future__ import annotations

import os
import threading
import time

import pytest
from forking import FORK, WITH_THREADS, record
from processes import Program


def program(aws, code):
    return Program(FORK + code, aws.env(), aws.arguments())


def test_hooks_of_a_fork_that_are_older_than_the_first_client_may_call(aws):
    code = """
calls = []
for when in ["before", "after_in_parent", "after_in_child"]:
    os.register_at_fork(**{when: lambda: calls.append(c.get("web"))})
c = client()
c.get("web")
pid = fork(lambda: calls)
say([join(pid), calls])
"""
    record(aws)
    with program(aws, code) as running:
        both = [str([b"hunter2"] * 2), str([0, [b"hunter2"] * 2])]
        assert sorted(running.end()) == sorted(both)
    assert not aws.broken


def test_threads_that_fork_at_once_do_not_wait_for_each_other(aws):
    code = """
import threading
import time
# Hooks that let other threads run while a fork is under way.
os.register_at_fork(before=lambda: time.sleep(0.001), after_in_parent=lambda: time.sleep(0.001))
c = client()
c.get("web")
os.register_at_fork(before=lambda: time.sleep(0.001), after_in_parent=lambda: time.sleep(0.001))
codes = []
over = threading.Event()
def forks():
    for _ in range(5):
        codes.append(join(fork(lambda: c.get("web"))))
def calls():
    while not over.is_set():
        c.get("web")
callers = [threading.Thread(target=calls) for _ in range(3)]
forkers = [threading.Thread(target=forks) for _ in range(3)]
for thread in callers + forkers:
    thread.start()
for thread in forkers:
    thread.join()
over.set()
for thread in callers:
    thread.join()
say(codes)
"""
    record(aws)
    with program(aws, WITH_THREADS + code) as running:
        assert sorted(running.end()) == sorted([repr(b"hunter2")] * 15 + [str([0] * 15)])
    assert not aws.broken


@pytest.mark.slow
@pytest.mark.parametrize("over", [0.05, 0.15, 0.4])
def test_children_of_forks_during_first_calls_read(aws, over):
    code = f"""
import threading
import time
for _ in range(3):
    threading.Thread(target=lambda: client().get("web"), daemon=True).start()
pids = []
for _ in range(12):
    time.sleep({over} / 12)
    pids.append(fork(lambda: client().get("web")))
say([join(pid) for pid in pids])
"""
    record(aws)
    for _ in range(4):
        with program(aws, WITH_THREADS + code) as running:
            assert sorted(running.end()) == sorted([repr(b"hunter2")] * 12 + [str([0] * 12)])
    assert not aws.broken


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_fork_comes_while_a_secret_is_sealed(client):
    begin = time.monotonic()
    thread = threading.Thread(target=lambda: client.put("large", bytes(32 << 20)))
    thread.start()
    longest = 0.0
    while thread.is_alive():
        before = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        longest = max(longest, time.monotonic() - before)
        os.waitpid(pid, 0)
        time.sleep(0.01)
    # Nearly all of it is one step; without waiting, it is a fiftieth.
    assert longest > (time.monotonic() - begin) / 5
