"""What is to be reached, and whether it is: one row a goal."""

import dataclasses
import json
import pathlib

from .bulk import SIZES

REASONS = json.loads(pathlib.Path(__file__).parents[1].joinpath("reasons.json").read_text())
MILLION = 1e6
MIB = 1 << 20


@dataclasses.dataclass
class Row:
    """One goal. `met` is None where it could not be measured."""

    id: str
    what: str
    goal: str
    reached: str
    met: bool | None

    def verdict(self):
        return {True: "yes", False: "no", None: "not measured"}[self.met]

    def reason(self):
        return None if self.met is not False else REASONS.get(self.id)


def rows(results):
    """All goals with what was measured."""
    counts = results["counts"]
    yield from instructions(counts)
    yield from round_trips(results["far"])
    yield from footprint(counts, results["local"])
    yield from large(results)
    yield from whole_store(counts, results["far"])
    yield from starts(counts)
    yield from beside_peers(results["peers"])
    yield from throttled(results["fleet"])
    hybrid = counts["exec.https.hybrid.instructions"]
    used = bool(counts["exec.https.hybrid.used"])
    yield Row("P10", "X25519MLKEM768 if the server supports it", "used, ≤ 9.5 M instructions",
              f"{'used' if used else 'not used'}, {millions(hybrid)}",
              used and hybrid <= 9.5 * MILLION)


def beside_peers(comparison):
    for each in comparison.compared:
        ratio = each.ratio("cpu")
        yield Row("P9", f"CPU of one exec, {each.peer.name}", f"≥ {each.goal} ×", f"{ratio:.1f} ×",
                  ratio >= each.goal)
    for name, goal, reason in comparison.left_out:
        yield Row("P9", f"CPU of one exec, {name}", f"≥ {goal} ×", reason, None)


def throttled(fleet):
    yield Row("P11", f"{fleet['starts']:,} starts at once, KMS throttles above {fleet['rate']} a second",
              f"none fails in {fleet['timeout']} s, ≤ 6 requests each",
              f"{fleet['failed']} fail, {fleet['requests']:.1f}",
              fleet["failed"] == 0 and fleet["requests"] <= 6)


def instructions(counts):
    https, plain = counts["exec.https.instructions"], counts["exec.http.instructions"]
    ratio = https / counts["floor.https.instructions"]
    yield Row("P1", "exec over HTTPS, instructions", "≤ 8.5 M, and ≤ 1.5 × a bare TLS client",
              f"{millions(https)}, {ratio:.2f} ×", https <= 8.5 * MILLION and ratio <= 1.5)
    yield Row("P1-http", "exec over HTTP, instructions", "≤ 3 M", millions(plain),
              plain <= 3 * MILLION)


def round_trips(far):
    if "why not" in far:
        yield Row("P2", "exec at a round-trip time", "≤ 4 r + 12 ms", far["why not"], None)
        return
    for milliseconds, (runs, _, traffic) in far["exec"].items():
        wall = runs.median("wall") * 1000
        exact = (traffic.connections, traffic.requests) == (2, 2)
        yield Row("P2", f"exec at r = {milliseconds} ms", "≤ 4 r + 12 ms, 2 connections, 2 requests",
                  f"{beyond(wall, 4, milliseconds)}, {traffic.connections}, {traffic.requests}",
                  wall <= 4 * milliseconds + 12 and exact)
    one, many = far["several"][1], far["several"][20]
    ratio = many.ratio(one, "wall")
    further = (many.median("cpu") - one.median("cpu")) / 19 * 1000
    yield Row("P3", "20 references at r = 40 ms, against 1", "≤ 1.12 ×, ≤ 1.2 ms CPU per further one",
              f"{ratio:.2f} ×, {further:.2f} ms", ratio <= 1.12 and further <= 1.2)
    for milliseconds, runs in far["cached"].items():
        wall = runs.median("wall") * 1000
        yield Row("P4", f"exec again with the cache at r = {milliseconds} ms", "≤ 3 r + 12 ms",
                  beyond(wall, 3, milliseconds), wall <= 3 * milliseconds + 12)
    if not far["cached"]:
        yield Row("P4", "exec again with the cache", "≤ 3 r + 12 ms", "there is no cache", None)


def footprint(counts, local):
    size = counts["binary.bytes"]
    memory = local["exec"].median("rss") / 1024
    calls, opened = counts["exec.https.syscalls"], counts["exec.https.opened_files"]
    left = counts["exec.https.processes_left"]
    yield Row("P5-size", "static binary", "≤ 10.5 MB", f"{size / MILLION:.2f} MB",
              size <= 10.5 * MILLION)
    yield Row("P5-memory", "peak memory of an exec", "≤ 8 MiB", f"{memory:.1f} MiB", memory <= 8)
    yield Row("P5-calls", "system calls, opened files before the command", "≤ 130, ≤ 10",
              f"{calls}, {opened}", calls <= 130 and opened <= 10)
    yield Row("P5-left", "processes left after it", "0", str(left), left == 0)


def large(results):
    python, limit = results["python"], results["limit"]
    for size in SIZES:
        for verb in ("put", "get"):
            took = results["bulk"]["folder"][size][verb]
            rate = size / took["wall"]
            what = f"{verb} of {size // MIB} MiB"
            ratio = python[size][verb] / took["wall"] if python else None
            yield Row("P6", f"{what}, against Python's cryptography", "≥ 2.4 ×",
                      f"{ratio:.2f} × ({rate / MILLION:.0f} MB/s)" if python else "it is not here",
                      ratio >= 2.4 if python else None)
            part = rate / limit[verb]
            yield Row("P6-limit", f"{what}, against AES then HMAC by OpenSSL", "≥ 0.5 ×",
                      f"{part:.2f} ×", part >= 0.5)
    for where, sizes in results["bulk"].items():
        put, get = (sizes[SIZES[-1]][verb]["memory"] for verb in ("put", "get"))
        yield Row("P6-memory", f"peak memory of put and get of 64 MiB, {where}",
                  "≤ 4.4 bytes per byte", f"{put:.1f}, {get:.1f}", max(put, get) <= 4.4)


def whole_store(counts, far):
    names, requests = counts["list.names"], counts["list.requests"]
    yield Row("P7-list", f"list of {names:,} names", "one request per 1,000 names",
              f"{requests} requests", requests <= names / 1000)
    if "rekey" in far:
        seconds = far["rekey"].median("wall")
        yield Row("P7-rekey", "rekey of 1,000 records at r = 50 ms", "≤ 8 s", f"{seconds:.1f} s",
                  seconds <= 8)
    else:
        yield Row("P7-rekey", "rekey of 1,000 records at r = 50 ms", "≤ 8 s", far["why not"], None)


def starts(counts):
    for name, what, most in (("version", "`--version`", 1), ("help", "`--help`", 1.5),
                             ("usage", "a usage error", 1.5)):
        count = counts[f"{name}.instructions"]
        others = [counts[f"{name}.{kind}"] for kind in ("threads", "sockets", "opened_files")]
        yield Row("P8", f"{what}: instructions; threads, sockets, files", f"≤ {most} M; 0, 0, 0",
                  f"{millions(count)}; {', '.join(map(str, others))}",
                  count <= most * MILLION and not any(others))


def millions(count):
    return f"{count / MILLION:.2f} M"


def beyond(wall, times, milliseconds):
    return f"{times} r {wall - times * milliseconds:+.1f} ms"
