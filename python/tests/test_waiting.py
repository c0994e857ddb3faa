"""While a call waits for AWS, the rest of the process goes on; threads share a client."""

import pytest

from processes import SOON, Program, lead_into_a_wait, stalled

CALLS = [
    "get('web')",
    "get('web', 'a')",
    "get_text('web')",
    "get_json('web')",
    "put('web', b'{}')",
    "put('web', '{}', if_absent=True)",
    "set('web', 'a', '1')",
    "set('web', 'a', json=1)",
    "unset('web', 'a')",
    "list()",
    "history('web')",
    "rollback('web')",
    "delete('web')",
    "load('web')",
    "environ('web')",
]


def program(aws, code, **more):
    return Program(code, aws.env(), aws.arguments(**more))


@pytest.mark.slow
def test_another_thread_runs_python_while_each_kind_of_call_waits(aws):
    code = """
calls = %r
c = client(timeout=60)
for value in ('{"a": "0"}', '{"a": "1"}'):
    c.put("web", value)
for call in calls:
    ready()
    thread = threading.Thread(target=lambda: say(outcome(eval, "c." + call) and "done"))
    thread.start()
    heard()
    for _ in range(100_000):
        pass
    say("counted")
    thread.join()
""" % (CALLS,)
    with program(aws, code) as running:
        for call in CALLS:
            lead_into_a_wait(aws, running, "*")
            running.tell()
            # It is the stalled request that "done" waits for.
            running.expect("counted", seconds=SOON)
            aws.heal()
            running.expect("done")
        running.end()


def test_the_three_old_names_let_other_threads_run_too(aws):
    code = """
lazycred.set_config(json.loads(os.environ["CLIENT_ARGUMENTS"]))
assert lazycred.put("web", b"hunter2")
for call in (lambda: lazycred.get("web"), lambda: lazycred.put("web", b"hunter2")):
    ready()
    thread = threading.Thread(target=lambda: say(outcome(call)))
    thread.start()
    heard()
    say("counted")
    thread.join()
"""
    with program(aws, code) as running:
        for expected in ("b'hunter2'", "True"):
            lead_into_a_wait(aws, running)
            running.tell()
            running.expect("counted", seconds=SOON)
            aws.heal()
            running.expect(expected)
        running.end()


def test_an_event_loop_runs_on_while_a_thread_of_it_gets_a_secret(aws):
    code = """
import asyncio
c = client(timeout=60)
c.put("web", b"hunter2")
ready()

async def main():
    reading = asyncio.ensure_future(asyncio.to_thread(c.get, "web"))
    for _ in range(20):
        await asyncio.sleep(0.01)
    say("ticked", reading.done())
    say(await reading)

asyncio.run(main())
"""
    with stalled(aws, code) as running:
        running.expect("ticked False")
        aws.heal()
        running.expect("b'hunter2'")
        running.end()


@pytest.mark.parametrize("shared", [True, False], ids=["one client", "a client each"])
def test_requests_of_eight_threads_are_under_way_at_the_same_time(aws, shared):
    code = """
shared = %r
c = client()
c.put("web", b"hunter2")
ready()
at_once(8, lambda _: say((c if shared else client()).get("web")))
""" % (shared,)
    with program(aws, code) as running:
        running.expect("ready")
        aws.forget()
        aws.delay("*", 0.3)
        running.tell()
        assert [running.line() for _ in range(8)] == ["b'hunter2'"] * 8
        running.end()
    assert aws.most_at_once >= 4


def test_the_first_use_of_a_client_may_be_by_many_threads_at_once(aws):
    code = """
client().put("web", b"hunter2")
for _ in range(10):
    c = client()
    together = threading.Barrier(16)
    def use(_):
        together.wait()
        say(c.get("web"))
    at_once(16, use)
"""
    with program(aws, code) as running:
        assert running.end() == ["b'hunter2'"] * 160


@pytest.mark.slow
def test_32_threads_that_get_and_put_on_one_client_all_see_their_own_bytes(aws):
    code = """
c = client()
wrong = []
def work(number):
    try:
        for turn in range(20):
            name, data = "n%d/%d" % (number, turn % 3), b"%d of %d" % (turn, number)
            if turn % 2:
                if c.get("n%d/%d" % (number, (turn - 1) % 3)) != b"%d of %d" % (turn - 1, number):
                    wrong.append(name)
            else:
                c.put(name, data)
    except BaseException as error:
        wrong.append(repr(error))
at_once(32, work)
say(wrong)
"""
    with program(aws, code) as running:
        assert running.end() == ["[]"]
    assert not aws.broken


@pytest.mark.slow
@pytest.mark.parametrize("how", ["close", "drop"])
def test_a_client_that_ends_while_threads_call_it_gives_an_answer_or_an_error(aws, how):
    code = """
how = %r
c = client()
c.put("web", b"hunter2")
for turn in range(6):
    seen, c = [], client()
    def use(c=c):
        for _ in range(5):
            seen.append(outcome(c.get, "web"))
    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(turn * 0.006)
    if how == "close":
        c.close()
        c.close()
    else:
        del c
    use.__defaults__ = ()
    for thread in threads:
        thread.join()
    others = set(seen) - {"b'hunter2'"}
    assert how == "close" or not others, others
    assert all(issubclass(getattr(lazycred, name), lazycred.Error) for name in others), others
    assert len(seen) == 40
    del threads, thread, use
say("done")
""" % (how,)
    with program(aws, code) as running:
        assert running.end() == ["done"]
    assert not aws.broken


def test_each_thread_gets_the_error_of_its_own_call(aws):
    code = """
c = client()
c.put("there", b"hunter2")
wrong = []
def work(number):
    for turn in range(10):
        name = "missing/%d/%d" % (number, turn)
        try:
            if number % 2:
                c.get(name)
                wrong.append(name)
            elif c.get("there") != b"hunter2":
                wrong.append(name)
        except lazycred.MissingError as error:
            if not number % 2 or name not in str(error):
                wrong.append((name, str(error)))
        except BaseException as error:
            wrong.append((name, repr(error)))
at_once(16, work)
say(wrong)
"""
    with program(aws, code) as running:
        assert running.end() == ["[]"]


def test_what_is_logged_comes_from_the_thread_whose_call_it_is_about(aws):
    code = """
import logging
records = []
class Keep(logging.Handler):
    def emit(self, record):
        records.append((threading.current_thread().name, record.getMessage()))
logger = logging.getLogger("LazyCredLogger")
logger.addHandler(Keep())
logger.setLevel(logging.DEBUG)
logger.propagate = False
c = client()
names = ["name-%02d" % number for number in range(12)]
for name in names:
    c.put(name, b"hunter2")
records.clear()
def work(number):
    threading.current_thread().name = names[number]
    for _ in range(5):
        c.get(names[number])
at_once(12, work)
said = [(thread, name) for thread, line in records for name in names if name in line]
say(all(thread == name for thread, name in said), {thread for thread, _ in said} == set(names))
"""
    with program(aws, code) as running:
        assert running.end() == ["True True"]


def test_threads_with_the_smallest_stack_that_python_gives_can_use_a_client(aws):
    code = """
threading.stack_size(65536)
c = client()
def use(_):
    c.put("web", b"hunter2")
    say(c.get("web"), c.list(), len(c.history("web")), c.load("web", format="text") != {})
    say(outcome(c.get, "missing"))
for _ in range(3):
    at_once(1, use)
"""
    with program(aws, code) as running:
        said = running.end()
    assert len(said) == 6 and said[1] == "MissingError"


def test_without_descriptors_left_there_is_an_error_and_afterwards_it_works(aws):
    code = """
import resource
c = client(timeout=3)
used = len(os.listdir("/proc/self/fd"))
for spare in range(8):
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + spare, 1024))
    fresh = client(timeout=3)
    try:
        fresh.put("web", b"hunter2")
    except lazycred.Error:
        pass
    fresh.close()
    del fresh
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
c.put("web", b"hunter2")
say(c.get("web"))
"""
    with program(aws, code) as running:
        assert running.end() == ["b'hunter2'"]
