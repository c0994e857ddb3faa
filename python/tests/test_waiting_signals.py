"""Ctrl-C ends a wait, and Python's own signal handlers run during one."""

import os
import pty
import signal
import time

import pytest

from conftest import slow
from processes import SOON, Program, stalled
from scenes import HEALING, SCENES, scene

WAIT_AND_WORK_ON = """
c = client()
say("ready")
try:
    c.put("web", b"before")
    say("not interrupted")
except KeyboardInterrupt as error:
    say("interrupted", error.__context__)
heard()
"""


@pytest.mark.parametrize("where", ["s3 that never answers", *slow(*SCENES)[1:]])
def test_ctrl_c_ends_the_wait_and_the_client_works_afterwards(aws, tmp_path, where):
    code = WAIT_AND_WORK_ON
    if where in HEALING:
        code += "c.put('web', b'after')\nsay(c.get('web'))\n"
    with scene(where, aws, tmp_path) as made, Program(
        made.before + code, made.env, made.arguments, made.start
    ) as running:
        running.expect("ready")
        made.waits()
        time.sleep(0.3)
        running.interrupt()
        running.expect("interrupted None", seconds=SOON)
        made.heal()
        running.tell()
        if where in HEALING:
            running.expect("b'after'")
        running.end()


@pytest.mark.parametrize(
    "call",
    [
        "c.get('web')",
        *slow("c.list()", "c.history('web')", "c.load('web')", "c.environ('web')", "c.delete('web')"),
        "c.set('web', 'a', '1')",
        *slow("lazycred.get('web')", "lazycred.put('web', b'')"),
    ],
)
def test_ctrl_c_ends_every_kind_of_call(aws, call):
    code = """
c = client()
c.put("web", '{"a": "0"}')
if %r.startswith("lazycred."):
    lazycred.set_config(json.loads(os.environ["CLIENT_ARGUMENTS"]))
ready()
say(outcome(lambda: %s))
say("goes on", c.get("web"))
""" % (call, call)
    with stalled(aws, code, "*", times=None, arguments=aws.arguments()) as running:
        running.interrupt()
        running.expect("KeyboardInterrupt", seconds=SOON)
        aws.heal()
        assert running.line().startswith("goes on")
        running.end()


def test_ctrl_c_that_nobody_catches_ends_the_program_as_it_ends_any_in_python(aws):
    aws.stall("*")
    with Program("client(timeout=60).get('web')", aws.env(), aws.arguments()) as running:
        aws.wait_for("*")
        running.interrupt()
        # Python 3.8 and later end themselves by the signal.
        assert running.process.wait(SOON) == -signal.SIGINT
        for reader in running._readers:
            reader.join(30)
        assert running.errors[-1] == "KeyboardInterrupt\n"


def test_ctrl_c_typed_at_a_terminal_ends_the_wait(aws):
    aws.stall("*")
    ours, theirs = pty.openpty()
    try:
        code = "say('ready')\nsay(outcome(client(timeout=60).get, 'web'))"
        with Program(code, aws.env(), aws.arguments(), terminal=theirs) as running:
            running.expect("ready")
            aws.wait_for("*")
            os.write(ours, b"\x03")
            running.expect("KeyboardInterrupt", seconds=SOON)
            running.end()
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_signal_handler_runs_during_a_wait_which_then_goes_on(aws):
    code = """
c = client()
c.put("web", b"hunter2")
signal.signal(signal.SIGALRM, lambda *_: say("handled"))
ready()
say(outcome(c.get, "web"))
"""
    with stalled(aws, code) as running:
        for _ in range(3):
            running.interrupt(signal.SIGALRM)
            running.expect("handled", seconds=SOON)
        aws.heal()
        running.expect("b'hunter2'")
        running.end()


def test_a_signal_handler_may_use_the_client_that_waits(aws):
    code = """
c = client()
c.put("web", b"hunter2")
c.put("other", b"hunter3")
def handle(*_):
    say("handler:", c.get("other"))
    c.put("third", b"hunter4")
    say("handler:", outcome(c.get, "missing"))
signal.signal(signal.SIGALRM, handle)
ready()
say(outcome(c.get, "web"))
say(c.get("third"))
"""
    with stalled(aws, code) as running:
        running.interrupt(signal.SIGALRM)
        running.expect("handler: b'hunter3'", seconds=SOON)
        running.expect("handler: MissingError", seconds=SOON)
        aws.heal()
        running.expect("b'hunter2'")
        running.expect("b'hunter4'")
        running.end()


def test_a_signal_handler_may_close_the_client_that_waits(aws):
    code = """
c = client()
c.put("web", b"hunter2")
def handle(*_):
    c.close()
    say("closed")
signal.signal(signal.SIGALRM, handle)
ready()
said = outcome(c.get, "web")
say(said == "b'hunter2'" or issubclass(getattr(lazycred, said), lazycred.Error))
"""
    with stalled(aws, code) as running:
        running.interrupt(signal.SIGALRM)
        running.expect("closed", seconds=SOON)
        aws.heal()
        running.expect("True")
        running.end()


def test_what_a_signal_handler_raises_comes_out_of_the_call_that_waits(aws):
    code = """
class Alarm(Exception):
    pass
def handle(*_):
    raise Alarm("now")
c = client()
c.put("web", b"hunter2")
signal.signal(signal.SIGALRM, handle)
ready()
try:
    c.get("web")
except Alarm as error:
    say("alarm", error)
say(c.get("web"))
"""
    with stalled(aws, code) as running:
        running.interrupt(signal.SIGALRM)
        running.expect("alarm now", seconds=SOON)
        running.expect("b'hunter2'")
        running.end()


def test_a_handler_of_sigterm_that_exits_ends_the_program_with_its_status(aws):
    aws.stall("*")
    code = """
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
client(timeout=60).get("web")
"""
    with Program(code, aws.env(), aws.arguments()) as running:
        aws.wait_for("*")
        running.interrupt(signal.SIGTERM)
        running.end(status=7, seconds=SOON)


def test_without_a_handler_of_its_own_a_program_ends_by_sigterm_during_a_wait(aws):
    aws.stall("*")
    with Program("client(timeout=60).get('web')", aws.env(), aws.arguments()) as running:
        aws.wait_for("*")
        running.interrupt(signal.SIGTERM)
        running.end(status=-signal.SIGTERM, seconds=SOON)


def test_ctrl_c_reaches_the_main_thread_and_leaves_the_wait_of_another_alone(aws):
    code = """
c = client()
c.put("web", b"hunter2")
ready()
thread = threading.Thread(target=lambda: say("thread:", outcome(c.get, "web")))
try:
    thread.start()
    while True:
        time.sleep(0.05)
except KeyboardInterrupt:
    say("main: interrupted")
thread.join()
"""
    with stalled(aws, code) as running:
        running.interrupt()
        running.expect("main: interrupted", seconds=SOON)
        time.sleep(0.3)
        aws.heal()
        running.expect("thread: b'hunter2'")
        running.end()


def test_ctrl_c_ends_the_wait_of_the_main_thread_while_others_wait_on_the_same_client(aws):
    code = """
c = client()
c.put("web", b"hunter2")
ready()
threads = [threading.Thread(target=lambda: say(outcome(c.get, "web"))) for _ in range(4)]
for thread in threads:
    thread.start()
say("main:", outcome(c.get, "web"))
for thread in threads:
    thread.join()
"""
    with stalled(aws, code, times=5) as running:
        running.interrupt()
        running.expect("main: KeyboardInterrupt", seconds=SOON)
        aws.heal()
        assert [running.line() for _ in range(4)] == ["b'hunter2'"] * 4
        running.end()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["s3", "folder"])
def test_an_interrupted_put_leaves_a_whole_record_the_old_or_the_new(aws, store, where):
    code = """
c = client()
c.put("web", b"0" * 100_000)
for turn in range(1, 31):
    say("turn")
    delay = turn / 30 * 0.05
    timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))
    ended = False
    try:
        timer.start()
        while True:
            c.put("web", b"%d" % (turn % 10) * 100_000)
            ended = True
    except KeyboardInterrupt:
        pass
    seen = c.get("web")
    assert len(seen) == 100_000 and len(set(seen)) == 1, len(seen)
    assert not ended or seen[0] == ord("0") + turn % 10
say("done")
"""
    arguments = aws.arguments()
    if where == "folder":
        arguments = {"s3_path": store.s3_path, "key_alias": store.key_alias}
    aws.delay("PutObject", 0.01)
    with Program(code, aws.env(), arguments) as running:
        assert running.end() == ["turn"] * 30 + ["done"]
