"""Holds counts to what they were when they were blessed, and 5 % more."""

import json
import pathlib

FILE = pathlib.Path(__file__).resolve().parents[1] / "limits.json"
ROOM = 1.05
# What must be as it is, not just no more.
EXACT = {"exec.https.hybrid.used", "list.names", "rekey.rewrapped", "exec.https.full_handshakes"}
# What is measured beside lazycred, not of it.
BESIDE = ("floor.",)


def ours(counts):
    return {name: count for name, count in counts.items() if not name.startswith(BESIDE)}


def check(counts):
    """A sentence for each count that is over its limit, has none, or is not there any more."""
    limits = json.loads(FILE.read_text())
    counts = ours(counts)
    for name in sorted(limits.keys() | counts.keys()):
        if name not in counts:
            yield f"{name}: not measured, and {limits[name]} is its limit"
        elif name not in limits:
            yield f"{name}: {counts[name]}, and it has no limit"
        elif name in EXACT:
            if counts[name] != limits[name]:
                yield f"{name}: {counts[name]}, and {limits[name]} is expected"
        elif counts[name] > limits[name] * ROOM:
            more = f" ({counts[name] / limits[name] - 1:+.1%})" if limits[name] else ""
            yield f"{name}: {counts[name]:,}, was {limits[name]:,}{more}"


def bless(counts):
    """Takes the counts as they are for what they should be."""
    FILE.write_text(json.dumps(ours(counts), indent=2, sort_keys=True) + "\n")
