"""Writes docs/benchmarks.md out of what was measured."""

from . import fleet, goals, shape, sources, timed
from .peers import table as peers
from .tools import BUILD, ROOT

FILE = ROOT / "docs/benchmarks.md"

HEAD = """\
# Benchmarks

`benches/run` measures everything and writes this page; [benches/README.md](../benches/README.md) explains its parts and
what they need. Counts do not depend on how busy a machine is, and CI checks them against
[benches/limits.json](../benches/limits.json). Times do, and are not checked. Each section names the command that measures it
alone; the goals are read off all of them.
"""

SHORT = """\
## In short

The static binary is {size} MB. Starting a command with one secret over HTTPS takes {one} million instructions,
{connections} connections, {requests} requests, {calls} system calls, {files} opened files and four round trips; 20 secrets
take {twenty} million instructions and the same four round trips. `--version` takes {version} million, and `list` one
request per thousand names.
"""

HOW = """\
## How

S3 and KMS are a stub under two names, over TLS 1.3 with an RSA-2048 certificate chain, like that of AWS: two connections
and two full handshakes. Instruction counts come from callgrind: user space, up to the `execve` of the command, the lowest
of three runs. valgrind hides ADX, BMI2 and SHA-NI from the program, so real counts are lower. Times are medians of
alternating runs, A B A B. A round-trip time applies to every packet, including those that open a connection. Throughput
and memory of large secrets are those of a whole `put` or `get` minus those of a single byte, with a folder and a local
wrapping key unless stated otherwise.

The only trusted root is the stub's, named by `AWS_CA_BUNDLE`, for the bare client as well. Without that variable, lazycred
trusts Mozilla's compiled-in roots, which do not include the stub's. The cost of other roots is shown below. Real AWS
answers more slowly than a stub, and its names must be resolved.
"""


# The sections in their order, by part.
SECTIONS = {
    "roots": lambda results: roots_part(results),
    "far": lambda results: far_part(results["far"]),
    "sources": lambda results: sources.part(results["sources"], table),
    "large": lambda results: large_part(results["large"]),
    "shape": lambda results: shape.part(results["shape"], table),
    "peers": lambda results: peers.part(results["peers"], results["counts"]["binary.bytes"], table),
    "local": lambda results: local_part(results["local"]),
    "fleet": lambda results: fleet_part(results["fleet"]),
    "counts": lambda results: counts_part(results["counts"]),
}


def part(name, results):
    """One section; what of it stands in another part may be missing."""
    return SECTIONS[name]({"counts": {"binary.bytes": 0, "exec.https.instructions": 0}} | results)


def write(results, described):
    parts = [HEAD, short_part(results["counts"]), table(("", ""), described), goals_part(results), HOW]
    parts += [section(results) for section in SECTIONS.values()]
    FILE.write_text("\n".join(part for part in parts if part))


def short_part(counts):
    one = {what: counts[f"exec.https.{what}"] for what in ("connections", "requests", "syscalls", "opened_files")}
    return SHORT.format(
        size=f"{counts['binary.bytes'] / 1e6:.1f}", one=f"{counts['exec.https.instructions'] / 1e6:.1f}",
        connections=one["connections"], requests=one["requests"], calls=one["syscalls"], files=one["opened_files"],
        twenty=f"{counts['exec.20.https.instructions'] / 1e6:.0f}",
        version=f"{counts['version.instructions'] / 1e6:.1f}",
    )


ONCE = """
A tool that asks S3 or SSM once, and has AWS itself decrypt, needs three round trips where lazycred needs four, so with one
trust root in one file it starts sooner over distance: chamber v3.1.4 took 141 ms where lazycred 1.0.0 took 172, at r = 40 ms,
when both were measured on another machine on 28 November 2026, with chamber built by hand; no command here repeats that
where Go's proxy does not serve chamber. It is another trust model: S3, or SSM, sees every secret opened, and whoever may
read the object may read the secret. lazycred's cache needs three round trips too, and keeps its own model.
"""


def table(head, lines):
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def goals_part(results):
    rows = list(goals.rows(results))
    lines = [(row.what, row.goal, row.reached, row.verdict()) for row in rows]
    text = "## Goals\n\n" + table(("what", "goal", "reached", "met"), lines)
    seen = {}
    for row in rows:
        if row.reason():
            seen.setdefault(row.reason(), []).append(row.what.split(", ")[0])
    if seen:
        text += "\nGoals not met, and why:\n\n"
        text += "".join(f"- {'; '.join(dict.fromkeys(whats))}: {reason}\n"
                        for reason, whats in seen.items())
    return text


def roots_part(results):
    if not results["roots"]:
        return ""
    one = results["counts"]["exec.https.instructions"]
    lines = [("one, named", f"{one:,}"), *((what, f"{n:,}") for what, n in results["roots"].items())]
    return "## Trust roots\n\n`benches/run --part roots`\n\n" + table(("roots", "instructions of an exec"), lines)


def far_part(far):
    if "why not" in far:
        return f"## Round trips\n\nNot measured: {far['why not']}.\n"
    lines = []
    for milliseconds, (ours, bare, _) in far["exec"].items():
        cached = far["cached"].get(milliseconds)
        lines.append((
            milliseconds, f"{ours.median('wall') * 1000:.1f}",
            f"{cached.median('wall') * 1000:.1f}" if cached else "",
            goals.beyond(bare.median("wall") * 1000, 6, milliseconds),
        ))
    text = "## Round trips\n\n`benches/run --part far`\n\n"
    text += table(("r, ms", "exec, ms", "with the cache, ms", "the bare client, in turn"), lines)
    lines = [(number, f"{runs.median('wall') * 1000:.1f}", f"{runs.median('cpu') * 1000:.1f}")
             for number, runs in far["several"].items()]
    return text + "\n" + table(("references at r = 40 ms", "wall, ms", "CPU, ms"), lines) + ONCE


LARGE = """\
`benches/run --part large`. In memory, no command: [examples/seal.rs](../examples/seal.rs), which seals and opens by the
library with a store in memory. The package is the one that version 1 comes from.

"""


def large_part(results):
    lines = []
    for where, sizes in results["bulk"].items():
        for size, verbs in sizes.items():
            for verb, took in verbs.items():
                rate = lambda seconds: f"{size / seconds / 1e6:.0f}"
                lines.append((where, f"{size >> 20} MiB", verb, rate(took["wall"]),
                              rate(took["cpu"]), f"{took['memory']:.2f}"))
    for size, verbs in results["alone"].items():
        for verb, seconds in verbs.items():
            lines.append(("in memory, no command", f"{size >> 20} MiB", verb,
                          f"{size / seconds / 1e6:.0f}", "", ""))
    for size, verbs in results["python"].items():
        for verb, seconds in verbs.items():
            lines.append(("by the Python package cryptography", f"{size >> 20} MiB", verb,
                          f"{size / seconds / 1e6:.0f}", "", ""))
    for verb, rate in results["limit"].items():
        lines.append(("AES, then HMAC, by OpenSSL", "", verb, f"{rate / 1e6:.0f}", "", ""))
    head = ("where", "payload", "", "MB/s", "MB per CPU second", "peak memory, bytes per byte")
    return "## Large secrets\n\n" + LARGE + table(head, lines)


def local_part(local):
    names = {"exec": "exec over HTTPS", "exec http": "exec over HTTP",
             "floor": "the bare client, in turn", "nothing": "`/bin/true` alone"}
    lines = [line_of(name, local[kind]) for kind, name in names.items()]
    lines += further_lines(local)
    return "## Time and memory, no round trips\n\n`benches/run --part local`\n\n" + table(
        ("", "CPU, ms", "wall, ms", "peak memory, MiB", "page faults"), lines)


def further_lines(local):
    for number, runs in local["references"].items():
        yield line_of(f"exec over HTTPS, references: {number}", runs)
    names = ("a further reference, new connections", "a further reference, reused connections")
    for name, seconds in zip(names, timed.further(local)):
        yield (name, f"{seconds * 1000:.2f}", "", "", "")


def line_of(name, runs):
    return (name, f"{runs.median('cpu') * 1000:.1f}", f"{runs.median('wall') * 1000:.1f}",
            f"{runs.median('rss') / 1024:.1f}", f"{runs.median('faults'):.0f}")


def fleet_part(got):
    return "## A fleet that starts at once\n\n`benches/run --fleet`\n\n" + table(("", ""), fleet.lines(got))


def counts_part(counts):
    lines = [(f"`{name}`", f"{count:,}") for name, count in sorted(counts.items())]
    text = f"## Counts\n\nBuilt by `{BUILD}`,\ncounted by `benches/run --counted`.\n\n"
    return text + table(("what", "count"), lines)
