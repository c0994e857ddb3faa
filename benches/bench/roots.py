"""What trust roots cost: instructions of the same `exec` with others than one root of its own."""

import os
import pathlib
import shutil

from .counting import instructions
from .world import missing

SYSTEM = pathlib.Path("/etc/ssl/certs")
BUNDLE = "ca-certificates.crt"
# Shows a program a folder of roots in the system's place.
INSTEAD = ["unshare", "-m", "sh", "-c", f'mount --bind "$0" {SYSTEM} && exec "$@"']


def measure(world, say):
    """Instructions by kind of roots; only what can be had here."""
    system = SYSTEM / BUNDLE
    if not system.exists():
        return {}
    own = world.certificates[0].read_text()
    say("exec with other trust roots")
    both = world.folder / "both"
    both.mkdir()
    (both / BUNDLE).write_text(system.read_text() + own)
    results = {"the system's bundle, named": count(world, both / BUNDLE)}
    if os.geteuid() == 0 and not missing(["unshare", "mount"]):
        alone = world.folder / "alone"
        alone.mkdir()
        shutil.copy(world.certificates[0], alone / BUNDLE)
        results["compiled in, then a system with one root"] = count(world, None, [*INSTEAD, alone])
        results["compiled in, then the system's"] = count(world, None, [*INSTEAD, both])
    world.stub.events()
    return results


def count(world, bundle, within=()):
    environment = world.https()
    del environment["AWS_CA_BUNDLE"]
    if bundle:
        environment["AWS_CA_BUNDLE"] = str(bundle)
    argv = world.exec_of(1, world.unrunnable)
    return instructions(argv, environment, world.folder, world.work, 126, within=within)
