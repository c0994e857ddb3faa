"""Forks and other programs leave no descriptor of a client where it does not belong."""

import shutil

import pytest

from forking import FORK
from processes import Program


def program(aws, code):
    return Program(FORK + code, aws.env(), aws.arguments(timeout=60))


@pytest.mark.slow
def test_two_hundred_forks_leave_no_descriptor_behind(aws):
    code = """
c = client()
c.put("web", b"hunter2")
count = lambda: len(os.listdir("/proc/self/fd"))
assert join(fork(lambda: c.get("web"))) == 0
before = count()
for turn in range(200):
    assert join(fork((lambda: c.get("web")) if turn % 4 == 0 else (lambda: None))) == 0
    if turn % 10 == 0:
        c.get("web")
say("fds", count() - before)
"""
    with program(aws, code) as running:
        said = running.end()
    assert said[-1] == "fds 0" and said.count("b'hunter2'") == 51


def test_a_line_of_descendants_keeps_no_more_descriptors_with_each_generation(aws):
    code = """
c = client()
c.put("web", b"hunter2")
def work(depth):
    c.get("web")
    say(len(os.listdir("/proc/self/fd")))
    if depth:
        assert join(fork(lambda: work(depth - 1))) == 0
work(6)
"""
    with program(aws, code) as running:
        said = [int(line) for line in running.end() if line.isdigit()]
    # What a process inherits it cannot close without harm to its parent: told in the docs.
    grown = [later - earlier for earlier, later in zip(said, said[1:])]
    assert len(said) == 7 and max(grown) <= 8, said


@pytest.mark.parametrize("how", ["subprocess", "posix_spawn", "system"])
def test_other_programs_inherit_no_descriptor_of_ours(aws, how):
    ls = shutil.which("ls")
    assert ls
    code = """
import subprocess
def start():
    sys.stdout.flush()
    if %r == "subprocess":
        subprocess.run([%r, "/proc/self/fd"], close_fds=False, check=True)
    elif %r == "posix_spawn":
        os.waitpid(os.posix_spawn(%r, ["ls", "/proc/self/fd"], os.environ), 0)
    else:
        os.system("exec %s /proc/self/fd")
start()
say("now")
c = client()
c.put("web", b"hunter2")
say("own", len(os.listdir("/proc/self/fd")) > 6)
start()
say("now")
say(c.get("web"))
""" % (how, ls, how, ls, ls)
    with program(aws, code) as running:
        said = running.end()
    before, after = said[: said.index("now")], said[said.index("own True") + 1 : -2]
    assert after == before, (before, after)
    assert said[-1] == "b'hunter2'"


@pytest.mark.parametrize("when", ["before the child reads", "after the child read"])
def test_a_child_that_closes_all_descriptors_like_a_daemon_leaves_the_parents_alone(aws, when):
    code = """
c = client()
c.put("web", b"hunter2")
def work():
    if %r:
        os.closerange(3, 100)
        c.get("web")
    else:
        c.get("web")
        os.closerange(3, 100)
    return c.get("web") if %r else None
assert join(fork(work)) == 0
say(c.get("web"))
""" % (when.startswith("before"), when.startswith("before"))
    with program(aws, code) as running:
        said = running.end()
    assert said == ["b'hunter2'" if when.startswith("before") else "None", "b'hunter2'"]
