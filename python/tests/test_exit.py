"""An interpreter that used a client always ends, with its own status, and says nothing."""

import signal
import sys

import pytest

from processes import SOON, Program, stalled

USED = """
import atexit, gc
c = client(timeout=60)
c.put("web", b"hunter2")
"""


def ends(aws, code, status=0, before=USED, **more):
    with Program(before + code, aws.env(), aws.arguments(), **more) as running:
        return running.end(status, seconds=SOON)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "sys.exit(5)",
        "os._exit(5)",
        "del c",
        "c.close()",
        "c.close(); sys.exit(5)",
        "with c: sys.exit(5)",
        "raise SystemExit(5)",
        "lazycred.c = c; sys.exit(5)",
        "sys.modules['lazycred'] = None; sys.exit(5)",
        "sys.c = c; del lazycred; gc.collect(); sys.exit(5)",
    ],
    ids=lambda code: code or "end of the file",
)
def test_a_program_that_used_a_client_ends_with_its_status_and_says_nothing(aws, code):
    assert ends(aws, code, status=5 if "5" in code else 0) == []


def test_a_program_that_made_a_client_and_never_used_it_ends(aws):
    assert ends(aws, "c = client()", before="") == []


def test_a_client_in_a_reference_cycle_is_collected(aws):
    code = """
class Holder: pass
for _ in range(20):
    holder = Holder()
    holder.me, holder.client = holder, client()
    holder.client.get("web")
before = len(os.listdir("/proc/self/fd"))
del holder
gc.collect()
say(len(os.listdir("/proc/self/fd")) < before)
again = Holder()
again.me, again.client = again, c
"""
    assert ends(aws, code) == ["True"]


def test_a_function_of_atexit_may_use_a_client(aws):
    code = """
atexit.register(lambda: say(c.get("web")))
atexit.register(lambda: say(outcome(lambda: client().get("web"))))
"""
    assert ends(aws, code) == ["b'hunter2'", "b'hunter2'"]


def test_del_may_use_a_client_even_at_the_end_of_the_interpreter(aws):
    code = """
class Holder:
    def __init__(self):
        self.client, self.say, self.cycle = c, say, self
    def __del__(self, outcome=outcome, write=os.write):
        said = outcome(self.client.get, "web")
        write(1, said.encode() + b"\\n")
holder = Holder()
"""
    assert ends(aws, code) == ["b'hunter2'"]


@pytest.mark.parametrize("how", ["", "sys.exit(5)", "os._exit(5)", "raise SystemExit(5)"])
@pytest.mark.parametrize("count", [1, 8])
def test_a_daemon_thread_in_the_middle_of_a_call_holds_nothing_up(aws, how, count):
    code = USED + """
ready()
for _ in range(%d):
    threading.Thread(target=c.get, args=("web",), daemon=True).start()
heard()
%s
""" % (count, how)
    with stalled(aws, code, times=count) as running:
        running.tell()
        running.end(5 if how else 0, seconds=SOON)


CALLING = """
def work(name):
    while True:
        outcome(c.get, name)
for number in range(4):
    threading.Thread(target=work, args=(%r,), daemon=True).start()
time.sleep(0.1)
"""


@pytest.mark.parametrize("name", ["web", "missing"])
def test_daemon_threads_that_call_all_the_time_hold_nothing_up(aws, name):
    for _ in range(4):
        assert ends(aws, CALLING % name) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["web", "missing"])
def test_daemon_threads_that_log_all_they_do_hold_nothing_up(aws, name):
    log = """
import logging
logging.basicConfig(level=logging.DEBUG, filename=os.devnull)
"""
    for _ in range(4):
        assert ends(aws, log + CALLING % name) == []


def test_children_of_a_program_with_daemon_threads_end_as_any_program(aws):
    code = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
for turn in range(6):
    pid = os.fork()
    if pid == 0:
        c.get("web")
        sys.exit(turn)
    say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    assert ends(aws, CALLING % "web" + code) == ["0", "1", "2", "3", "4", "5"]


def test_a_program_waits_for_a_thread_that_is_no_daemon_until_its_timeout(aws):
    code = """
c = client(timeout=1)
threading.Thread(target=lambda: say(outcome(c.get, "web"))).start()
heard()
"""
    aws.stall("GetObject")
    with Program(code, aws.env(), aws.arguments()) as running:
        aws.wait_for("GetObject")
        running.tell()
        running.expect("TimedOutError")
        running.end(seconds=SOON)


def test_sys_exit_in_a_thread_ends_only_that_thread(aws):
    code = """
def work():
    c.get("web")
    sys.exit(3)
thread = threading.Thread(target=work)
thread.start()
thread.join()
say(c.get("web"))
"""
    assert ends(aws, code) == ["b'hunter2'"]


def test_a_program_that_is_interrupted_twice_during_a_wait_still_ends(aws):
    code = USED + """
ready()
for _ in range(2):
    say(outcome(c.get, "web"))
"""
    with Program(code, aws.env(), aws.arguments()) as running:
        running.expect("ready")
        aws.forget()
        aws.stall("GetObject")
        running.tell()
        for times in (1, 2):
            aws.wait_for("GetObject", times)
            running.interrupt(signal.SIGINT)
            running.expect("KeyboardInterrupt", seconds=SOON)
        running.end(seconds=SOON)


def test_an_import_leaves_no_thread_descriptor_or_handler_behind(aws):
    code = """
import importlib, logging
state = lambda: (
    len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd")),
    signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGPIPE), dict(os.environ),
    logging.getLogger().handlers[:],
    [line for line in open("/proc/self/status") if line[:6] in ("SigBlk", "SigIgn", "SigCgt")],
)
before = state()
import lazycred
assert state() == before
"""
    with Program(code, aws.env(), prelude="import os, signal\n") as running:
        running.end(seconds=SOON)


def test_using_a_client_leaves_pythons_signal_handlers_as_they_are(aws):
    code = """
masks = ("SigBlk", "SigIgn", "SigCgt")
handlers = lambda: [line for line in open("/proc/self/status") if line.startswith(masks)]
before = handlers()
c = client()
c.put("web", b"hunter2")
c.get("web")
assert handlers() == before, (before, handlers())
"""
    assert ends(aws, code, before="") == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="interpreters are private before 3.12")
def test_a_subinterpreter_refuses_the_import_and_the_main_one_goes_on(aws):
    code = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
number = interpreters.create()
inner = '''
import os
try:
    import lazycred
except ImportError:
    os.write(1, b"refused\\\\n")
'''
failed = interpreters.run_string(number, inner)
assert failed is None, failed
interpreters.destroy(number)
say(c.get("web"))
"""
    assert ends(aws, code) == ["refused", "b'hunter2'"]


def test_the_package_can_be_imported_twice_and_both_work(aws):
    code = """
import copy
first = lazycred
for name in [name for name in sys.modules if name.split(".")[0] == "lazycred"]:
    del sys.modules[name]
import lazycred as second
say(outcome(lambda: client().get("web")))
say(first.Client(**json.loads(os.environ["CLIENT_ARGUMENTS"])).get("web"))
"""
    said = ends(aws, code)
    assert said == ["b'hunter2'", "b'hunter2'"]


@pytest.mark.parametrize("flags", [["-X", "dev", "-W", "error"], ["-OO"], ["-B", "-q", "-u"]], ids=" ".join)
def test_python_may_be_strict_or_optimised(aws, flags):
    code = """
c = client()
c.put("web", b"hunter2")
say(c.get("web"), outcome(c.get, "missing"), c.list())
c.close()
"""
    assert ends(aws, code, before="", flags=flags) == ["b'hunter2' MissingError ['web']"]


def test_a_hundred_clients_leave_no_descriptor_and_no_thread_behind(aws):
    code = """
import gc
client().put("web", b"hunter2")
state = lambda: (len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")))
before = state()
for turn in range(100):
    c = client()
    assert c.get("web") == b"hunter2"
    if turn % 2:
        c.close()
    del c
gc.collect()
say(before == state(), before, state())
"""
    assert ends(aws, code, before="")[0].startswith("True")
