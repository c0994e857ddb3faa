"""The peer of Node.js: dotenvx."""

import os
import pathlib

from .install import on_disk, on_path
from .peer import FIELDS, Peer, ran

DOTENVX = "2.30.0"


def install_dotenvx(installer):
    return installer.npm(f"dotenvx-{DOTENVX}", f"@dotenvx/dotenvx@{DOTENVX}")


def dotenvx(place, installer):
    node = pathlib.Path(on_path("node"))
    folder = install_dotenvx(installer)
    program = folder / "node_modules/.bin/dotenvx"
    environment = place.environment("NODE_EXTRA_CA_CERTS")
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment['PATH']}"
    file = place.folder / ".env"
    file.write_text("".join(f'{name}="{value}"\n' for name, value in FIELDS.items()))
    ran([program, "encrypt", "-f", file], environment, place.folder)
    return Peer(
        f"dotenvx {DOTENVX}",
        "`dotenvx run`: the encrypted file and its private key are both local, so there is no"
        " request. It stays as the command's parent.",
        on_disk(folder),
        lambda command: [program, "run", "-f", file, "--", command], environment,
    )


# Names, how many times lazycred's CPU each is to take at least, and what finds them.
PEERS = [("dotenvx", 1, dotenvx)]
INSTALLED = [("dotenvx", install_dotenvx)]
