"""What is measured, in parts, each kept as soon as it is: one that fails takes no other with it."""

import dataclasses
import hashlib
import pickle

from . import bulk, counted, fleet, peers, roots, shape, sources, timed
from .peers import install as installing
from .tools import ROOT
from .world import Failed

HOME = ROOT / "target/bench/parts"


def large(world, seal, say):
    """All about large secrets."""
    return {
        "limit": bulk.limit(say),
        "python": bulk.python(say),
        "alone": bulk.alone(say, seal),
        "bulk": bulk.throughput(world, say),
    }


# Names, and what measures each: what takes longest comes last.
PARTS = {
    "counts": lambda world, _, say: counted.measure(world, say),
    "shape": lambda world, _, say: shape.measure(world, say),
    "roots": lambda world, _, say: roots.measure(world, say),
    "local": lambda world, _, say: timed.local(world, say),
    "large": large,
    "far": lambda world, _, say: timed.far_away(world, say),
    "sources": lambda world, _, say: sources.measure(world, say),
    "fleet": lambda world, _, say: fleet.measure(world, say),
    "peers": lambda world, _, say: without_functions(peers.compare(world, say)),
}


class Kept:
    """The results of one program, below target/bench/parts."""

    def __init__(self, binary):
        digest = hashlib.sha256(binary.read_bytes()).hexdigest()
        self.folder = HOME / digest[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.results = {}
        for file in self.folder.glob("*.pickle"):
            self.results[file.stem] = pickle.loads(file.read_bytes())

    def forget(self, names):
        """Measures these anew; what the machine was is not asked again for the rest."""
        for name in names:
            self.results.pop(name, None)
            (self.folder / f"{name}.pickle").unlink(missing_ok=True)

    def keep(self, name, result):
        self.results[name] = result
        scratch = self.folder / f"{name}.new"
        scratch.write_bytes(pickle.dumps(result))
        scratch.rename(self.folder / f"{name}.pickle")

    def once(self, name, make):
        if name not in self.results:
            self.keep(name, make())
        return self.results[name]

    def measure(self, names, world, seal, say):
        """Measures what is not there; gives the reasons of what fails."""
        failed = {}
        for name in names:
            if name in self.results:
                say(f"kept: {name}")
                continue
            try:
                self.keep(name, PARTS[name](world, seal, say))
            except (Failed, OSError, ValueError, KeyError) as error:
                failed[name] = f"{type(error).__name__}: {error}"
                say(f"failed: {name}: {failed[name]}")
        return failed

    def is_whole(self):
        """Whether there is all that the page has."""
        return all(name in self.results for name in PARTS)


def install(say):
    """Installs every peer, with all the time that it takes."""
    installer = installing.Installer(say, forever=True)
    for name, install_it in peers.INSTALLED:
        try:
            install_it(installer)
        except installing.Unavailable as error:
            say(f"left out: {name}: {error}")


def without_functions(comparison):
    """A comparison as it can be kept."""
    for each in comparison.compared:
        each.peer = dataclasses.replace(each.peer, argv=None)
    return comparison
