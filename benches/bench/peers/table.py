"""The part of docs/benchmarks.md that says what peers take, and what they do for it."""

import statistics

INTRODUCTION = """\
`benches/run --peers`, once `benches/run --install` has compiled those of the Rust registry. Each peer is installed as its
users install it, and runs against the same stub over HTTPS in 11 rounds: the peer, lazycred,
lazycred, then the next round. The command is `/bin/true`. Each ratio is the median of the pairwise ratios; CPU is user and
system time, including child processes, and memory is that of the largest process.

Peers trust the system's roots and the stub's. Go programs read them as they read the system's own, from a file and the
system's folder; the others read one file, named by the variable that each supports. lazycred is measured with only the
stub's root, in a file that it does not read in everyday use, where the roots are compiled in; and again with the file
that the peer reads. Disk sizes exclude Python and Node.js themselves. Our programs around the peers are in
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
        text += "\nNot available:\n\n"
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
