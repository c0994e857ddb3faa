"""Waiting for a credential_process leaves the host program's own children and signals alone."""

import signal
from pathlib import Path

import pytest

from processes import SOON, Program
from scenes import appears, credentials_of_a_process

@pytest.fixture
def slow_credentials(aws, tmp_path):
    """Variables with which credentials come from a process that takes half a second."""
    return credentials_of_a_process(aws, tmp_path, "echo run >> '%s'" % (tmp_path / "runs"), "sleep 0.5")


@pytest.mark.parametrize("stack", [0, 65536, 262144], ids=lambda size: "stack of %d" % size)
def test_a_thread_waits_for_a_process_that_hands_over_credentials(aws, slow_credentials, stack):
    code = """
threading.stack_size(%d)
c = client()
def use():
    c.put("web", b"hunter2")
    say(outcome(c.get, "web"))
thread = threading.Thread(target=use)
thread.start()
thread.join()
""" % (stack,)
    with Program(code, slow_credentials, aws.arguments()) as running:
        assert running.end() == ["b'hunter2'"]


def test_eight_threads_that_start_together_all_get_credentials(aws, slow_credentials, tmp_path):
    code = """
c = client()
at_once(8, lambda _: say(outcome(c.list)))
"""
    with Program(code, slow_credentials, aws.arguments()) as running:
        assert running.end() == ["[]"] * 8
    assert (tmp_path / "runs").read_text().count("run") == 1


@pytest.mark.parametrize("how", ["handler", "SIG_IGN", "SIG_DFL"])
def test_whatever_a_program_does_with_sigchld_stays_so(aws, slow_credentials, how):
    code = """
import subprocess
counted = []
handler = {"handler": lambda *_: counted.append(1), "SIG_IGN": signal.SIG_IGN, "SIG_DFL": signal.SIG_DFL}[%r]
signal.signal(signal.SIGCHLD, handler)
masks = lambda: [line for line in open("/proc/self/status") if line[:6] in ("SigBlk", "SigIgn", "SigCgt")]
before = masks()
c = client()
c.put("web", b"hunter2")
say(outcome(c.get, "web"))
assert masks() == before and signal.getsignal(signal.SIGCHLD) is handler
done = subprocess.run([sys.executable, "-c", "raise SystemExit(3)"])
say(done.returncode, len(counted) > 0)
""" % (how,)
    with Program(code, slow_credentials, aws.arguments()) as running:
        said = running.end()
    # Python itself loses the status of a child where SIGCHLD is ignored.
    status = 0 if how == "SIG_IGN" else 3
    assert said == ["b'hunter2'", "%d %s" % (status, how == "handler")]


def test_the_hosts_own_children_are_not_reaped(aws, slow_credentials):
    code = """
pids = [os.fork() for _ in range(1)]
if pids[0] == 0:
    os._exit(6)
time.sleep(0.2)
c = client()
c.put("web", b"hunter2")
say(outcome(c.get, "web"))
say(os.waitstatus_to_exitcode(os.waitpid(pids[0], 0)[1]))
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    say("no child is left")
"""
    with Program(code, slow_credentials, aws.arguments()) as running:
        assert running.end() == ["b'hunter2'", "6", "no child is left"]


def test_an_interrupted_wait_for_a_process_leaves_no_process_behind(aws, tmp_path):
    told = tmp_path / "pid"
    write = "echo $$ > '%s.new'\nmv '%s.new' '%s'" % ((told,) * 3)
    env = credentials_of_a_process(aws, tmp_path, write, "exec sleep 50")
    code = """
say(outcome(client(timeout=60).get, "web"))
try:
    say(os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    say("no child is left, and no zombie")
"""
    with Program(code, env, aws.arguments()) as running:
        appears(told)
        running.interrupt(signal.SIGINT)
        running.expect("KeyboardInterrupt", seconds=SOON)
        running.expect("no child is left, and no zombie")
        assert not Path("/proc", told.read_text().strip()).exists()
        running.end()
