"""What stays of a secret in the memory of a process.

Objects of Python are Python's: `bytes` and `str` are not wiped when they are
freed, and nothing here says so. What is shown is that the module adds no copy:
while a caller holds a value, its bytes stand in the process's memory as often as
in the caller's own objects, and never in the heap that the module uses.

The test reads a child's memory from outside, so that the search is no copy
itself. The child gets its secret masked, or only out of the store.
"""

import json
import subprocess
import sys

import pytest

import lazycred  # noqa: F401  (says early that the module is not there)
from conftest import GENEROUS, lacking

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/PID/mem")

#: Small objects are in Python's own arenas, not in the heap.
CHILD = """
import gc, json, os, sys
import lazycred

def unmasked(text):
    made = bytes(byte ^ 0x5A for byte in bytes.fromhex(text))
    # Python makes them in a buffer on its stack, which the same of zeros overwrites.
    bytes(0 for _ in made)
    return made

def stage(word):
    gc.collect()
    os.write(1, (word + "\\n").encode())
    os.read(0, 1)

stage("before")
client = lazycred.Client(**json.loads(sys.argv[1]))
masked = sys.argv[2]
%s
"""


class Scan:
    """How often the secret stands in the memory of a process, by kind of memory."""

    def __init__(self, pid, needle):
        self.heap = self.stack = self.all = 0
        with open("/proc/%d/maps" % pid) as maps:
            lines = maps.read().splitlines()
        try:
            memory = open("/proc/%d/mem" % pid, "rb", 0)
        except OSError as error:
            lacking("the memory of a child cannot be read here: %s" % error.strerror)
        with memory:
            for line in lines:
                span, rights, *_ = line.split()
                if "r" not in rights or "[v" in line:
                    continue
                start, end = (int(part, 16) for part in span.split("-"))
                try:
                    memory.seek(start)
                    count = memory.read(end - start).count(needle)
                except (OSError, OverflowError, ValueError):
                    continue
                self.all += count
                self.heap += count if line.endswith("[heap]") else 0
                self.stack += count if line.endswith("[stack]") else 0


def watch(store, canary, code):
    """Runs a child, and gives a scan for each stage it comes to."""
    masked = bytes(byte ^ 0x5A for byte in canary.bytes).hex()
    arguments = [sys.executable, "-c", CHILD % code, json.dumps(store.members()), masked]
    child = subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    scans = {}
    try:
        while True:
            word = child.stdout.readline().decode().strip()
            if not word:
                break
            scans[word] = Scan(child.pid, canary.bytes)
            child.stdin.write(b".")
        error = child.stderr.read()
        assert child.wait(GENEROUS) == 0, error.decode()
    finally:
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            stream.close()
    assert scans["before"].all == 0
    return scans


def test_the_search_finds_each_copy_in_each_kind_of_memory(store, canary):
    scans = watch(store, canary, """
one = unmasked(masked)
stage("one")
two = bytes(bytearray(one))
stage("two")
pad = b"x" * 4000
big = b"".join([pad, one, pad])
stage("big")
""")
    assert (scans["one"].all, scans["one"].heap) == (1, 0)
    assert scans["two"].all == 2
    assert scans["big"].heap == 1


READS = {
    "get": 'client.get("db")',
    "get a field": 'client.get("doc", "a")',
    "get_text": 'client.get_text("db")',
    "get_text of a field": 'client.get_text("doc", "/a")',
    "get_json": 'client.get_json("doc")',
    "load": 'client.load("db")',
    "load a field": 'client.load("doc#a")',
    "environ": 'client.environ("doc")',
}


@pytest.mark.parametrize("read", READS)
def test_a_value_that_is_read_stands_in_memory_once(store, client, canary, read):
    client.put("db", canary.bytes)
    client.put("doc", b'{"a": "' + canary.bytes + b'"}')
    scans = watch(store, canary, """
for _ in range(3):
    value = None
    value = %s
stage("held")
client.close()
del client
stage("closed")
del value
stage("freed")
""" % READS[read])
    for stage in ("held", "closed", "freed"):
        assert (stage, scans[stage].heap) == (stage, 0)
    assert scans["held"].all >= 1
    # What more there is was freed by Python, which wipes nothing.
    assert scans["closed"].all == scans["held"].all


@pytest.mark.parametrize("read", ["get", "get_text", "get a field"])
def test_one_call_leaves_exactly_one_copy(store, client, canary, read):
    client.put("db", canary.bytes)
    client.put("doc", b'{"a": "' + canary.bytes + b'"}')
    scans = watch(store, canary, "value = %s\nstage('held')\n" % READS[read])
    assert (scans["held"].all, scans["held"].heap, scans["held"].stack) == (1, 0, 0)


WRITES = {
    "put bytes": 'client.put("db", value)',
    "put text": 'client.put("db", text)',
    "set": 'client.put("db", "{}"); client.set("db", "a", value)',
    "set twice": 'client.put("db", "{}"); client.set("db", "a", value); client.set("db", "b", json=1)',
}


@pytest.mark.parametrize("write", WRITES)
def test_a_value_that_is_stored_is_copied_to_no_memory_that_stays(store, canary, write):
    text = "text = value.decode()" if "text" in WRITES[write] else "pass"
    scans = watch(store, canary, """
value = unmasked(masked)
%s
stage("made")
%s
stage("stored")
client.close()
del client
stage("closed")
""" % (text, WRITES[write]))
    for stage in ("stored", "closed"):
        assert scans[stage].heap == 0
        assert scans[stage].all == scans["made"].all


FAILURES = {
    "get_json": ('{"a": "%s"', 'client.get_json("db")'),
    "get_text": ("%s\xff", 'client.get_text("db")'),
    "load": ('{"a": "%s"', 'client.load("db")'),
    "refused": ('{"LD_PRELOAD": "%s"}', 'client.environ("db")'),
    "a field": ("%s", 'client.get("db", "a")'),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_leaves_no_copy(store, client, canary, failure):
    content, call = FAILURES[failure]
    client.put("db", (content % canary.text).encode("latin-1"))
    scans = watch(store, canary, """
kept = []
for _ in range(3):
    try:
        %s
    except lazycred.Error as error:
        kept.append(error)
assert len(kept) == 3
stage("failed")
""" % call)
    assert (scans["failed"].all, scans["failed"].heap) == (0, 0)


def test_a_large_secret_leaves_nothing_once_it_is_freed(store, client, canary):
    client.put("db", (canary.bytes + b"-") * 40_000)
    scans = watch(store, canary, """
value = client.get("db")
stage("held")
del value
stage("freed")
""")
    assert scans["held"].all == 40_000
    assert scans["freed"].all == 0
