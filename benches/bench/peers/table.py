"""The part of docs/benchmarks.md that says what peers take, and what they do for it."""

import statistics

INTRODUCTION = """\
Each peer as its users install it, against the same stub over HTTPS, 11 rounds in turn with lazycred: a peer, lazycred,
lazycred, the next round. What runs is `/bin/true`. A ratio is the median of those pair by pair; CPU is user and system
time, of child processes too, and memory that of the largest process.

A peer trusts the system's roots and the stub's: programs of Go read them as they do a system's own, from a file and the
system's folder, the others from one file, by the variable that each knows. lazycred is measured with the stub's root
alone, in a file that its everyday case, the compiled-in roots, does not need to read; and once more with the file that
the peer reads. What is on disk is without Python and Node.js themselves. The programs of ours that peers run in are in
[benches/peers](../benches/peers).
"""


def part(comparison, binary_bytes, table):
    """The section; `table` writes a table from a head and lines."""
    compared = comparison.compared
    text = f"## Other programs\n\n{INTRODUCTION}"
    if compared:
        head = ("", "CPU, ms", "CPU, × lazycred's", "× with the same roots", "wall, × lazycred's",
                "peak memory, MiB", "on disk, MB", "requests")
        lines = [of_lazycred(comparison, binary_bytes), *map(of_peer, compared)]
        text += "\n" + table(head, lines)
        text += "\nWhat each does:\n\n"
        text += "".join(f"- {each.peer.name}: {each.peer.does}\n" for each in compared)
    if comparison.left_out:
        text += "\nWhat could not be had:\n\n"
        text += "".join(f"- {name}: {reason}.\n" for name, _, reason in comparison.left_out)
    return text


def of_lazycred(comparison, binary_bytes):
    median = lambda what: statistics.median(
        each.ours.median(what) for each in comparison.compared)
    return ("lazycred", f"{median('cpu') * 1000:.1f}", "1", "1", "1",
            f"{median('rss') / 1024:.1f}", f"{binary_bytes / 1e6:.1f}",
            asked(comparison.traffic.operations))


def of_peer(each):
    return (each.peer.name, f"{each.theirs.median('cpu') * 1000:.1f}", f"{each.ratio('cpu'):.1f}",
            f"{each.ratio_with_roots('cpu'):.1f}", f"{each.ratio('wall'):.1f}",
            f"{each.theirs.median('rss') / 1024:.1f}", f"{each.peer.size / 1e6:.1f}",
            asked(each.traffic.operations))


def asked(operations):
    """How many requests, and which."""
    return f"{len(operations)}: {', '.join(operations)}" if operations else "0"
