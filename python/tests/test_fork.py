"""A client that was used before a fork works in the child and in the parent."""

import signal

import pytest

from forking import FORK, WITH_THREADS, assert_apart, connections
from processes import SOON, Program, stalled


def program(aws, code):
    return Program(FORK + code, aws.env(), aws.arguments(timeout=60))


def test_a_child_reads_and_the_parent_reads_on_over_its_old_connection(aws):
    code = """
c = client()
c.put("parent", b"1")
c.put("child", b"2")
say(c.get("parent"))
ready()
for _ in range(3):
    assert join(fork(lambda: c.get("child"))) == 0
    say(c.get("parent"))
"""
    with program(aws, code) as running:
        running.expect("b'1'")
        running.expect("ready")
        opened = aws.connections
        aws.forget()
        running.tell()
        assert [running.line() for _ in range(6)] == ["b'2'", "b'1'"] * 3
        running.end()
    assert_apart(aws)
    kept = connections(aws, "parent")
    assert kept and max(kept) <= opened, "the parent dialled again"
    assert len(connections(aws, "child")) == 3


@pytest.mark.parametrize(
    "end",
    [
        "os._exit(0)",
        "sys.exit(0)",
        "(globals().clear(), os._exit(0))",
        "c.close()",
        "c.__exit__(None, None, None)",
        "os.kill(os.getpid(), 9)",
    ],
)
@pytest.mark.parametrize("used", [True, False], ids=["used in the child", "not used in the child"])
def test_however_a_child_ends_the_request_of_the_parent_goes_on(aws, end, used):
    code = """
import os, sys
def ends(exit=os._exit):
    try:
        %s
    finally:
        if "sys.exit" not in %r:
            exit(0)
c = client()
c.put("parent", b"1")
c.put("child", b"2")
ready()
thread = threading.Thread(target=lambda: say("parent", outcome(c.get, "parent")))
thread.start()
heard()
pid = fork((lambda: c.get("child")) if %r else (lambda: None), ends)
os.waitpid(pid, 0)
say("ended")
thread.join()
say("again", c.get("parent"))
""" % (end, end, used)
    with program(aws, WITH_THREADS + code) as running:
        running.expect("ready")
        opened = aws.connections
        aws.forget()
        aws.delay("GetObject", 1.0)
        running.tell()
        aws.wait_for("GetObject")
        running.tell()
        said = sorted(running.line() for _ in range(3))
        assert said == sorted(["b'2'" if used else "None", "ended", "parent b'1'"])
        aws.heal()
        running.expect("again b'1'")
        running.end()
    assert_apart(aws)
    asked = [request for request in aws.requests if request.path.endswith("/parent")]
    assert len(asked) == 2, "the parent had to ask again"
    assert max(one.connection for one in asked) <= opened, "the parent dialled again"


@pytest.mark.slow
def test_fork_in_the_middle_of_the_calls_of_other_threads(aws):
    code = """
c = client()
c.put("parent", b"1")
c.put("child", b"2")
over = threading.Event()
wrong = []
def work():
    while not over.is_set():
        said = outcome(c.get, "parent")
        if said != "b'1'":
            wrong.append(said)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(30):
    assert join(fork(lambda: c.get("child"))) == 0
over.set()
for thread in threads:
    thread.join()
say(wrong)
"""
    aws.delay("Decrypt", 0.01)
    with program(aws, WITH_THREADS + code) as running:
        assert running.end() == ["b'2'"] * 30 + ["[]"]
    assert not aws.broken


@pytest.mark.slow
def test_fifty_children_at_once_each_read(aws):
    code = """
c = client()
c.put("web", b"hunter2")
pids = [fork(lambda: c.get("web")) for _ in range(50)]
say([join(pid) for pid in pids] == [0] * 50)
"""
    with program(aws, code) as running:
        assert sorted(running.end()) == ["b'hunter2'"] * 50 + ["True"]
    assert not aws.broken


def test_grandchildren_read_too_and_so_do_all_above_them_afterwards(aws):
    code = """
c = client()
c.put("web", b"hunter2")
def work(depth):
    said = c.get("web")
    if depth:
        assert join(fork(lambda: work(depth - 1))) == 0
    return said == c.get("web") == b"hunter2"
say(work(4))
"""
    with program(aws, code) as running:
        assert running.end() == ["True"] * 5
    assert not aws.broken


def test_a_grandchild_reads_where_its_parent_never_used_the_client(aws):
    code = """
c = client()
c.put("web", b"hunter2")
def work():
    assert join(fork(lambda: c.get("web"))) == 0
    return c.get("web")
assert join(fork(work)) == 0
say(c.get("web"))
"""
    with program(aws, code) as running:
        assert running.end() == ["b'hunter2'"] * 3


@pytest.mark.parametrize("how", ["in a thread", "by pty.fork", "with a folder store"])
def test_fork(aws, store, how):
    code = """
import pty
c = client()
c.put("web", b"hunter2")
def by_pty():
    pid, ours = pty.fork()
    if pid == 0:
        say(outcome(c.get, "web"))
        heard()
        os._exit(0)
    said = os.read(ours, 100)
    os.write(ours, b"\\n")
    os.waitpid(pid, 0)
    say(said.decode().strip())
def plain():
    assert join(fork(lambda: c.get("web"))) == 0
if %r == "by pty.fork":
    by_pty()
elif %r == "in a thread":
    thread = threading.Thread(target=plain)
    thread.start()
    thread.join()
else:
    plain()
say(c.get("web"))
""" % (how, how)
    arguments = aws.arguments()
    if how == "with a folder store":
        arguments = {"s3_path": store.s3_path, "key_alias": store.key_alias}
    with Program(FORK + WITH_THREADS + code, aws.env(), arguments) as running:
        assert running.end() == ["b'hunter2'"] * 2


def test_a_signal_handler_may_fork_during_a_wait(aws):
    code = """
c = client()
c.put("parent", b"1")
c.put("child", b"2")
def handle(*_):
    join(fork(lambda: c.get("child")))
signal.signal(signal.SIGALRM, handle)
ready()
say(outcome(c.get, "parent"))
"""
    with stalled(aws, FORK + code) as running:
        running.interrupt(signal.SIGALRM)
        running.expect("b'2'", seconds=SOON)
        aws.heal()
        running.expect("b'1'")
        running.end()
    assert_apart(aws)


def test_a_child_that_returns_from_a_signal_handler_into_the_wait_does_not_harm_the_parent(aws):
    code = """
c = client()
c.put("web", b"hunter2")
parent, pids = os.getpid(), []
signal.signal(signal.SIGALRM, lambda *_: pids.append(os.fork()))
ready()
said = outcome(c.get, "web")
if os.getpid() != parent:
    again = outcome(c.get, "web")
    say("child", said == "b'hunter2'" or issubclass(getattr(lazycred, said), lazycred.Error), again)
    os._exit(0)
say("parent", said)
os.waitpid(pids[0], 0)
say("parent", c.get("web"))
"""
    with stalled(aws, FORK + code, delay=2.0) as running:
        running.interrupt(signal.SIGALRM)
        said = sorted(running.line() for _ in range(2))
        assert said == ["child True b'hunter2'", "parent b'hunter2'"]
        running.expect("parent b'hunter2'")
        running.end()
    assert not aws.broken


def test_a_child_that_exits_in_a_signal_handler_during_a_wait_does_not_harm_the_parent(aws):
    code = """
c = client()
c.put("web", b"hunter2")
def handle(*_):
    pid = os.fork()
    if pid == 0:
        sys.exit(4)
    say(join(pid))
signal.signal(signal.SIGALRM, handle)
ready()
say(c.get("web"))
say(c.get("web"))
"""
    with stalled(aws, FORK + code, delay=1.0) as running:
        running.interrupt(signal.SIGALRM)
        running.expect("4", seconds=SOON)
        running.expect("b'hunter2'")
        aws.heal()
        running.expect("b'hunter2'")
        running.end()
    assert len(aws.requests) == 4 and not aws.broken


def test_ctrl_c_ends_a_wait_in_a_child_too(aws):
    code = """
c = client()
c.put("web", b"hunter2")
ready()
pid = fork(lambda: c.get("web"))
heard()
os.kill(pid, signal.SIGINT)
say(join(pid))
"""
    with stalled(aws, FORK + code, times=None) as running:
        running.tell()
        running.expect("KeyboardInterrupt", seconds=SOON)
        running.expect("0")
        running.end()


def test_functions_registered_with_os_register_at_fork_may_use_the_client(aws):
    code = """
c = client()
c.put("web", b"hunter2")
use = lambda when: lambda: say(when, outcome(c.get, "web"))
os.register_at_fork(
    before=use("before"), after_in_parent=use("in parent"), after_in_child=use("in child")
)
pid = os.fork()
if pid == 0:
    os._exit(0)
say(join(pid))
"""
    with program(aws, code) as running:
        said = running.end()
    expected = ["%s b'hunter2'" % when for when in ("before", "in child", "in parent")]
    assert said[0] == expected[0] and sorted(said) == sorted([*expected, "0"])


def test_the_old_names_read_in_a_child_after_the_parent_did(aws):
    code = """
lazycred.set_config(json.loads(os.environ["CLIENT_ARGUMENTS"]))
lazycred.put("parent", b"1")
lazycred.put("child", b"2")
say(lazycred.get("parent"))
assert join(fork(lambda: lazycred.get("child"))) == 0
assert join(fork(lambda: (lazycred.put("own", b"3"), lazycred.get("own")))) == 0
say(lazycred.get("parent"), lazycred.get("own"))
"""
    with Program(FORK + code, aws.env(), aws.arguments()) as running:
        assert running.end() == ["b'1'", "b'2'", "(True, b'3')", "b'1' b'3'"]
    assert not aws.broken
