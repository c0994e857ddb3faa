"""A fleet that starts at once, where KMS serves a few requests a second."""

import collections
import resource
import subprocess
import time

STARTS, RATE, TIMEOUT = 1000, 100, 30
#: Seconds that are looked at apart: how evenly a fleet asks.
SLICE = 1.0


def measure(world, say):
    """Starts all of them, and gives what became of them and what KMS was asked."""
    say(f"{STARTS} starts at once, {RATE} KMS requests a second")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        stub = world.stub_of(["http:0.0.0.0:0"], rate=RATE)
        urls = (stub.url(0, host, "http") for host in ("127.0.0.1", "127.0.0.2"))
        environment = world.environment(*urls)
        world.lazycred("put", "small-0", input='{"a": "b"}', environment=environment)
        stub.events()
        return fleet(world, stub, environment)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def fleet(world, stub, environment):
    argv = [world.binary, "exec", "--timeout", str(TIMEOUT), "small-0", "--", "/bin/true"]
    begun = time.monotonic()
    start = lambda _: subprocess.Popen(
        argv, env=environment, cwd=world.work, stderr=subprocess.DEVNULL
    )
    running = [start(number) for number in range(STARTS)]
    started = time.monotonic() - begun
    failed = sum(process.wait() != 0 for process in running)
    seconds = time.monotonic() - begun
    requests = [event for event in stub.events() if event["event"] == "request"]
    of_kms = [event for event in requests if event["operation"] == "Decrypt"]
    slices = collections.Counter(int(event["at"] / SLICE) for event in of_kms)
    return {
        "starts": STARTS, "rate": RATE, "timeout": TIMEOUT, "failed": failed,
        "started": started, "seconds": seconds, "requests": len(requests) / STARTS,
        "throttled": sum(event["status"] != 200 for event in of_kms),
        "busiest": max(slices.values()) / len(of_kms),
    }


def lines(got):
    """Rows for a table."""
    yield f"{got['starts']:,} starts at once, {got['rate']} KMS requests a second", ""
    yield f"failed within {got['timeout']} s", got["failed"]
    yield "all processes started after", f"{got['started']:.1f} s"
    yield "all commands had run after", f"{got['seconds']:.1f} s"
    yield "requests for each, S3 and KMS", f"{got['requests']:.2f}"
    yield "throttled by KMS, in all", f"{got['throttled']:,}"
    yield "of KMS's requests, in the busiest second", f"{got['busiest']:.0%}"
