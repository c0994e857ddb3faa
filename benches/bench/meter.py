"""Times: commands run in turn, A B A B, so that what else the machine does hits all alike."""

import json
import statistics

from .world import run


class Runs:
    """What the runs of one command took."""

    def __init__(self, runs):
        self.runs = runs

    def median(self, what):
        """`wall` and `cpu` in seconds, `rss` in KiB, `faults` as a number."""
        return statistics.median(run[what] for run in self.runs)

    def ratio(self, other, what):
        """The median of run by run ratios to another command's."""
        pairs = zip(self.runs, other.runs)
        return statistics.median(ours[what] / theirs[what] for ours, theirs in pairs)


def command(argv, environment, cwd, stdin=None, status=0):
    return {"argv": [str(word) for word in argv], "env": environment, "cwd": str(cwd),
            "stdin": stdin and str(stdin), "status": status}


def measure(world, commands, rounds, within=(), **options):
    """The runs of each command; the first round is not counted."""
    plan = json.dumps({"rounds": rounds + 1, "commands": commands})
    results = json.loads(run([*within, world.tools / "meter"], input=plan, **options))
    return [Runs(result[1:]) for result in results]
