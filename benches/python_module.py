#!/usr/bin/env python3
"""Measures `import lazycred`, as this interpreter finds it. benches/README.md says how.

Against the model of S3 and KMS of python/tests, in a process of its own: eight threads and one,
the children of a fork, the cost of `get` beside that of the program's own, and of the import.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DELAY = 0.3
CHILDREN = 50
# Of the model's client: filled in by `environment`.
ARGUMENTS = {}

# At least so many times as fast; at most so many seconds; at most so many times the CPU of the program.
GOALS = {"threads": 4.0, "children": 5.0, "cpu": 1.3}

ONE_CLIENT = """
import sys, lazycred
client = lazycred.Client(**{arguments})
for _ in range(int(sys.argv[1])):
    client.get("web")
"""

FRESH_CLIENTS = """
import sys, lazycred
for _ in range(int(sys.argv[1])):
    with lazycred.Client(**{arguments}) as client:
        client.get("web")
"""


@contextlib.contextmanager
def model(delay=0.0):
    """The model of S3 and KMS; gives the variables and the arguments that lead there."""
    command = [sys.executable, ROOT / "python/tests/fake_aws.py", str(delay)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=clean) as served:
        yield json.loads(served.stdout.readline())
        served.stdin.close()


@contextlib.contextmanager
def environment(folder, delay=0.0):
    """Nothing of whoever runs this, and a secret `web` in the model."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "LAZYCRED_", "XDG_")) or name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            del os.environ[name]
    os.environ["HOME"] = str(folder)
    with model(delay) as served:
        os.environ.update(served["env"])
        ARGUMENTS.update(served["arguments"])
        put = "import lazycred; lazycred.Client(**%r).put('web', b'hunter2')" % ARGUMENTS
        subprocess.run([sys.executable, "-c", put], check=True)
        yield


def threads():
    """The seconds of eight gets by one thread and by eight, where each request takes DELAY seconds."""
    import lazycred

    client = lazycred.Client(**ARGUMENTS)
    client.get("web")
    begun = time.monotonic()
    for _ in range(8):
        client.get("web")
    one = time.monotonic() - begun
    workers = [threading.Thread(target=client.get, args=("web",)) for _ in range(8)]
    begun = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return one, time.monotonic() - begun


def children():
    """The seconds in which each of CHILDREN forked at once has read the secret."""
    import lazycred

    client = lazycred.Client(**ARGUMENTS)
    client.get("web")
    reading, writing = os.pipe()
    begun = time.monotonic()
    pids = []
    for _ in range(CHILDREN):
        pid = os.fork()
        if pid == 0:
            forked = time.monotonic()
            read = client.get("web") == b"hunter2"
            os.write(writing, b"%d %f\n" % (read, time.monotonic() - forked))
            os._exit(0)
        pids.append(pid)
    os.close(writing)
    for pid in pids:
        os.waitpid(pid, 0)
    whole = time.monotonic() - begun
    with open(reading) as lines:
        took = [line.split() for line in lines]
    assert len(took) == CHILDREN and all(read == "1" for read, _ in took), took
    return sorted(float(seconds) for _, seconds in took), whole


def cpu(command, times=1):
    """User and system seconds of a command, the least of some runs."""
    found = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return found


def marginal(code, runs):
    """Seconds of CPU of one `get` more in an interpreter that runs already."""
    command = [sys.executable, "-c", code.format(arguments=ARGUMENTS)]
    more, few = runs * 10, runs
    differences = [
        (cpu([*command, str(more)])[0] - cpu([*command, str(few)])[0]) / (more - few) for _ in range(5)
    ]
    return statistics.median(differences)


def instructions(command, folder):
    """User-space instructions of a command, by callgrind."""
    log = folder / "callgrind.log"
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=%s" % log]
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([*tool, *command], check=True, stdout=subprocess.DEVNULL, env=env)
    return int(re.search(r"Collected : (\d+)", log.read_text())[1])


def more_instructions(code, folder, few=2, more=12):
    command = [sys.executable, "-c", code.format(arguments=ARGUMENTS)]
    counted = [instructions([*command, str(times)], folder) for times in (few, more)]
    return (counted[1] - counted[0]) / (more - few)


def imports(runs):
    """Seconds of an interpreter that does nothing, and of one that imports; the medians."""

    def wall(code):
        command = [sys.executable, "-S", "-c", code]
        taken = []
        for _ in range(runs):
            begun = time.perf_counter()
            subprocess.run(command, check=True)
            taken.append(time.perf_counter() - begun)
        return statistics.median(taken)

    path = "import sys; sys.path[:0] = %r; " % [path for path in sys.path if path]
    return wall(path), wall(path + "import lazycred")


def find_program(given):
    beside = pathlib.Path(sysconfig.get_path("scripts")) / "lazycred"
    return given or (beside if beside.exists() else None)


def row(what, value, goal="", met=None):
    mark = "" if met is None else ("met" if met else "NOT MET")
    print("| %-58s | %16s | %-8s | %-7s |" % (what, value, goal, mark))
    return met is not False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, help="the program to compare with")
    parser.add_argument("--runs", type=int, default=30, help="how often what is short is done")
    options = parser.parse_args()
    program = find_program(options.program)
    good = []
    import lazycred

    print("lazycred %s of %s" % (lazycred.__version__, pathlib.Path(lazycred.__file__).parent))
    print("Python %s, %d processors\n" % (sys.version.split()[0], os.cpu_count() or 0))
    print("| %-58s | %16s | %-8s | %-7s |" % ("what", "measured", "goal", ""))
    print("|%s|%s|%s|%s|" % ("-" * 60, "-" * 18, "-" * 10, "-" * 9))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with environment(folder, DELAY):
            one, eight = threads()
            goal = GOALS["threads"]
            ratio = one / eight
            good.append(row("8 gets by 8 threads: times as fast as by one", "%.1f" % ratio, ">= %g" % goal, ratio >= goal))
        with environment(folder):
            took, whole = children()
            goal = GOALS["children"]
            row("%d children of a fork, all of them, s" % CHILDREN, "%.2f" % whole)
            row("  the median child's get, s", "%.2f" % statistics.median(took))
            good.append(row("  the slowest child's get, s", "%.2f" % took[-1], "<= %g" % goal, took[-1] <= goal))
            good += compare(program, options.runs, folder)
        bare, imported = imports(options.runs)
        row("python -c pass, ms", "%.1f" % (bare * 1e3))
        row("  import lazycred adds, ms", "%.1f" % ((imported - bare) * 1e3))
    sys.exit(0 if all(good) else 1)


def compare(program, runs, folder):
    """`get` through the module, beside the program's own."""
    good = []
    words = {"one": "  through the module, one client, ", "fresh": "  through the module, a client each, "}
    codes = {"one": ONE_CLIENT, "fresh": FRESH_CLIENTS}
    if program:
        os.environ.update(LAZYCRED_S3_PATH=ARGUMENTS["s3_path"], LAZYCRED_KEY_ALIAS=ARGUMENTS["key_alias"])
        os.environ["AWS_REGION"] = ARGUMENTS["region"]
        command = [str(program), "get", "web"]
        own = statistics.median(cpu(command, runs))
        row("CPU of the program's `lazycred get web`, ms", "%.2f" % (own * 1e3))
    for kind, code in codes.items():
        spent = marginal(code, runs)
        row(words[kind] + "ms", "%.2f" % (spent * 1e3))
        if program:
            goal = GOALS["cpu"]
            good.append(row("    times the program's", "%.2f" % (spent / own), "<= %g" % goal, spent <= own * goal))
    if not shutil.which("valgrind"):
        row("instructions", "no valgrind here")
        return good
    if program:
        own = instructions(command, folder)
        row("instructions of `lazycred get web`, millions", "%.2f" % (own / 1e6))
    for kind, code in codes.items():
        counted = more_instructions(code, folder)
        row(words[kind] + "millions", "%.2f" % (counted / 1e6))
        if program:
            goal = GOALS["cpu"]
            good.append(row("    times the program's", "%.2f" % (counted / own), "<= %g" % goal, counted <= own * goal))
    return good


if __name__ == "__main__":
    main()
