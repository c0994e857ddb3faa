"""Large secrets: throughput and memory of put and get, beside Python and beside OpenSSL.

Once as whole commands, and once sealing and opening alone, by the library in memory.
"""

import json
import os
import re

from .meter import command, measure
from .peers.install import Installer, Unavailable
from .world import Failed, run

MIB = 1 << 20
SIZES = (MIB, 64 * MIB)
# What the ratio to Python is taken with.
CRYPTOGRAPHY = "50.0.2"
ROUNDS = 7
VERBS = ("put", "get")

PYTHON = """
import json, os, statistics, sys, time
from cryptography.fernet import Fernet
results = {}
for size in map(int, sys.argv[1:]):
    fernet, payload, seal, open_ = Fernet(Fernet.generate_key()), os.urandom(size), [], []
    for _ in range(7):
        started = time.perf_counter()
        token = fernet.encrypt(payload)
        middle = time.perf_counter()
        fernet.decrypt(token)
        seal.append(middle - started)
        open_.append(time.perf_counter() - middle)
    results[size] = [statistics.median(seal), statistics.median(open_)]
print(json.dumps(results))
"""


def throughput(world, say):
    """Where → size → verb → what it takes beyond a secret of one byte: `wall` and `cpu` in
    seconds, `memory` in bytes a payload byte."""
    results = {}
    for where, cwd, variables in (
        ("folder", *world.local()),
        ("http", world.work, world.http()),
        ("https", world.work, world.https()),
    ):
        say(f"put and get of large secrets: {where}")
        results[where] = sizes(world, cwd, variables)
        world.stub.events()
    return results


def sizes(world, cwd, environment):
    empty = verbs(world, cwd, environment, 1)
    results = {}
    for size in SIZES:
        results[size] = {}
        runs = verbs(world, cwd, environment, size)
        for verb in VERBS:
            beyond = lambda what: runs[verb].median(what) - empty[verb].median(what)
            results[size][verb] = {
                "wall": beyond("wall"),
                "cpu": beyond("cpu"),
                "memory": beyond("rss") * 1024 / size,
            }
    return results


def verbs(world, cwd, environment, size):
    file = world.folder / "payload"
    # One byte alone may not be a blank, which is no secret.
    file.write_bytes(b"\x80" + os.urandom(size - 1))
    words = {"put": ["put", "large", file], "get": ["get", "large"], "rm": ["rm", "large"]}
    commands = [command([world.binary, *rest], environment, cwd) for rest in words.values()]
    return dict(zip(words, measure(world, commands, ROUNDS)))


def alone(say, program):
    """Size → seconds to seal and to open, in memory; nothing without `examples/seal.rs`, built."""
    if not program:
        return {}
    say("sealing and opening alone")
    found = json.loads(run([program, ROUNDS, *SIZES]))
    return {int(size): dict(zip(VERBS, pair)) for size, pair in found.items()}


def python(say):
    """Size → seconds to seal and to open, by the Python package that version 1 comes from; or
    nothing where that cannot be had."""
    say(f"the same by Python's cryptography {CRYPTOGRAPHY}")
    try:
        label = f"cryptography-{CRYPTOGRAPHY}"
        folder = Installer(say).pip(label, f"cryptography=={CRYPTOGRAPHY}")
        found = json.loads(run([folder / "bin/python", "-c", PYTHON, *SIZES]))
    except (Unavailable, Failed) as error:
        say(f"left out: Python's cryptography: {error}")
        return {}
    return {int(size): dict(zip(VERBS, pair)) for size, pair in found.items()}


def limit(say):
    """Bytes a second of AES-128-CBC and then HMAC-SHA256, each as fast as OpenSSL has it."""
    say("the same by OpenSSL, one step after the other")
    digest = speed("-evp", "sha256")
    return {
        "put": 1 / (1 / speed("-evp", "aes-128-cbc") + 1 / digest),
        "get": 1 / (1 / speed("-decrypt", "-evp", "aes-128-cbc") + 1 / digest),
    }


def speed(*words):
    text = run(["openssl", "speed", "-mr", "-seconds", "2", "-bytes", 16384, *words])
    return float(re.search(r"^\+F:\d+:[^:]+:([\d.]+)", text, re.MULTILINE)[1])
