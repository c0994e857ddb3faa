"""What is to be reached, and whether it is: one row a goal."""

import dataclasses
import json
import pathlib

from . import shape, timed
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
    yield from instructions(counts, results["local"])
    yield from round_trips(results["far"])
    yield from of_sources(results["sources"])
    yield from further(results["local"])
    yield from footprint(counts, results["local"])
    yield from large(results["large"])
    yield from whole_store(counts, results["far"])
    yield from starts(counts)
    yield from beside_peers(results["peers"])
    yield from throttled(results["fleet"])
    hybrid = counts["exec.https.hybrid.instructions"]
    used = bool(counts["exec.https.hybrid.used"])
    yield Row("P10", "X25519MLKEM768 if the server supports it", "used, ≤ 9.5 M instructions",
              f"{'used' if used else 'not used'}, {millions(hybrid)}",
              used and hybrid <= 9.5 * MILLION)
    yield from of_shapes(results["shape"])


def beside_peers(comparison):
    for each in comparison.compared:
        ratio = each.ratio("cpu")
        yield Row("P9", f"CPU of one exec, {each.peer.name}", f"≥ {each.goal} ×", f"{ratio:.1f} ×",
                  ratio >= each.goal)
    for name, goal, reason in comparison.left_out:
        yield Row("P9", f"CPU of one exec, {name}", f"≥ {goal} ×", reason, None)


def throttled(fleet):
    yield Row("fleet", f"{fleet['starts']:,} starts at once, KMS throttles above {fleet['rate']} a second",
              f"none fails in {fleet['timeout']} s, ≤ 6 requests each",
              f"{fleet['failed']} fail, {fleet['requests']:.1f}",
              fleet["failed"] == 0 and fleet["requests"] <= 6)


def of_shapes(shapes):
    """P11: what costs most beside what it may, so that one row says all of them."""
    worst = max(shapes.values(), key=shape.ratio)
    yield Row("P11", f"instructions of 10 × the input, {len(shapes)} shapes",
              f"≤ {shape.MOST:.0f} × those of 1 ×",
              f"{shape.ratio(worst):.1f} × ({worst[0]})", not list(shape.over(shapes)))


def of_sources(sources):
    what, goal = "a role assumed with IMDS credentials, all at r", "≤ 7 r"
    if "why not" in sources:
        yield Row("sources", what, goal, sources["why not"], None)
        return
    trips, more = sources["a role, assumed with IMDS credentials"].line()
    # The line's slope is a measurement too.
    yield Row("sources", what, goal, f"{trips:.2f} r {more:+.1f} ms", trips <= 7.1)


def further(local):
    new, reused = (seconds * 1000 for seconds in timed.further(local))
    yield Row("P3-new", "CPU of a further reference, new connections", "≤ 1.2 ms",
              f"{new:.2f} ms", new <= 1.2)
    yield Row("P3-reused", "CPU of a further reference, reused connections", "≤ 1.2 ms",
              f"{reused:.2f} ms", reused <= 1.2)


def instructions(counts, local):
    https, plain = counts["exec.https.instructions"], counts["exec.http.instructions"]
    faults = local["exec"].median("faults")
    yield Row("P1", "exec over HTTPS, instructions", "≤ 8.5 M", millions(https),
              https <= 8.5 * MILLION)
    yield Row("P1-faults", "exec over HTTPS, page faults, those of `/bin/true` too", "≤ 340",
              f"{faults:.0f}", faults <= 340)
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
    yield Row("P3", "20 references at r = 40 ms, against 1", "≤ 1.12 ×", f"{ratio:.2f} ×",
              ratio <= 1.12)
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
    yield from alone(results)
    least = {"put": 200, "get": 300}
    for size in SIZES:
        for verb, goal in least.items():
            rate = size / results["bulk"]["folder"][size][verb]["wall"] / MILLION
            yield Row("P6", f"{verb} of {size // MIB} MiB, the whole command", f"≥ {goal} MB/s",
                      f"{rate:.0f} MB/s", rate >= goal)
    for where, sizes in results["bulk"].items():
        put, get = (sizes[SIZES[-1]][verb]["memory"] for verb in ("put", "get"))
        yield Row("P6-memory", f"peak memory of put and get of 64 MiB, {where}",
                  "≤ 4.4 bytes per byte", f"{put:.1f}, {get:.1f}", max(put, get) <= 4.4)


def alone(results):
    """Sealing and opening in memory, without a command around it."""
    python, limit, sealed = results["python"], results["limit"], results["alone"]
    named = {"put": "sealing", "get": "opening"}
    for size in SIZES:
        for verb, word in named.items():
            what = f"{word} of {size // MIB} MiB alone"
            seconds = sealed[size][verb] if sealed else None
            rate = size / seconds if sealed else 0
            if not sealed or not python:
                yield Row("P6-alone", f"{what}, against Python's cryptography", "≥ 2.4 ×",
                          "it is not here" if sealed else "not built", None)
            else:
                ratio = python[size][verb] / seconds
                yield Row("P6-alone", f"{what}, against Python's cryptography", "≥ 2.4 ×",
                          f"{ratio:.2f} × ({rate / MILLION:.0f} MB/s)", ratio >= 2.4)
            part = rate / limit[verb]
            yield Row("P6-limit", f"{what}, against AES then HMAC by OpenSSL", "≥ 0.5 ×",
                      f"{part:.2f} ×" if sealed else "not built", part >= 0.5 if sealed else None)


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
