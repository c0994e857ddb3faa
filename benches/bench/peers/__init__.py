"""What other programs take for the same `exec`: fetch, unwrap, open, become the command.

Each peer is run once before it is measured, to see that it does what is said of it, and what
it asks the stub for. One that cannot be had, or does not do it, is left out with the reason.
"""

import dataclasses

from ..meter import Runs, command, measure
from ..world import Failed, Traffic
from . import go, node, onpath, python, rust
from .install import Installer, Unavailable, said
from .peer import SHOWS, Peer, Place, ran

ROUNDS = 11
# What is installed soonest comes first.
PEERS = [*python.PEERS, *node.PEERS, *go.PEERS, *rust.PEERS, *onpath.PEERS]
INSTALLED = [*python.INSTALLED, *node.INSTALLED, *go.INSTALLED, *rust.INSTALLED]
# Seconds that the runs of one peer may take together.
PATIENCE = 300


@dataclasses.dataclass
class Compared:
    """A peer's runs, and between them lazycred's: as it is, and with the peer's trust roots."""

    peer: Peer
    # How many times lazycred's CPU it is to take at least.
    goal: float
    traffic: Traffic
    theirs: Runs
    ours: Runs
    ours_with_roots: Runs

    def ratio(self, what):
        """How many times as much the peer takes as lazycred does, pair by pair."""
        return self.theirs.ratio(self.ours, what)

    def ratio_with_roots(self, what):
        """The same against lazycred when it reads the roots that the peer reads."""
        return self.theirs.ratio(self.ours_with_roots, what)


@dataclasses.dataclass
class Comparison:
    """All that was compared, and why the rest was not: a name, a goal and a reason each."""

    # What lazycred asks the stub for.
    traffic: Traffic
    compared: list
    left_out: list


def compare(world, say):
    """Every peer that can be had here, beside lazycred. All is installed before any is measured."""
    place = Place(world)
    ready, left_out = prepare(world, place, say)
    compared = []
    ours = asked_for(world, world.exec_of(1, "/usr/bin/env"), world.https(), SHOWS)
    for peer, goal, traffic in ready:
        say(f"exec beside {peer.name}")
        try:
            compared.append(Compared(peer, goal, traffic, *beside(world, place, peer)))
        except Failed as error:
            left_out.append((peer.name, goal, f"fails here: {said(str(error))}"))
    return Comparison(ours, compared, left_out)


def prepare(world, place, say):
    """The peers that are here, with their goals and what they ask for; and why others are not."""
    installer = Installer(say)
    ready, left_out = [], []
    for name, goal, find in PEERS:
        try:
            peer = find(place, installer)
            argv = peer.argv("/usr/bin/env")
            traffic = asked_for(world, argv, peer.environment, peer.shows)
            ready.append((peer, goal, traffic))
        except Unavailable as error:
            say(f"left out: {name}: {error}")
            left_out.append((name, goal, str(error)))
    return ready, left_out


def asked_for(world, argv, environment, shows):
    """What a run asks the stub for, once it is seen to give a command what it should."""
    world.stub.events()
    shown = ran(argv, environment, world.work)
    traffic = Traffic(world.stub.events())
    if shows not in shown:
        raise Unavailable("does not give the command what the secret holds")
    return traffic


def beside(world, place, peer):
    """The runs of a peer, of lazycred, and of lazycred with the peer's trust roots."""
    ours = world.exec_of(1, "/bin/true")
    runs = measure(world, [
        command(peer.argv("/bin/true"), peer.environment, world.work),
        command(ours, world.https(), world.work),
        command(ours, world.https() | {"AWS_CA_BUNDLE": str(place.bundle)}, world.work),
    ], ROUNDS, timeout=PATIENCE)
    world.stub.events()
    return runs

