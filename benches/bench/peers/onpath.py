"""What is compared only where it is on PATH: nothing here installs it."""

import pathlib
import re

from .install import on_disk, on_path
from .peer import Peer, ran


def aws_vault(place, _):
    program = pathlib.Path(on_path("aws-vault"))
    environment = place.go() | {
        "AWS_VAULT_BACKEND": "file",
        "AWS_VAULT_FILE_DIR": str(place.folder / "aws-vault"),
        "AWS_VAULT_FILE_PASSPHRASE": "bench",
    }
    ran([program, "add", "--env", "--no-add-config", "bench"], environment, place.folder)
    return Peer(
        f"aws-vault {version(place, program, '--version')}",
        "`aws-vault exec --no-session`: it gives a command AWS credentials and no other secrets,"
        " here from an encrypted local file, so there is no request.",
        on_disk(program),
        lambda command: [program, "exec", "--no-session", "bench", "--", command],
        environment, shows="AWS_VAULT=bench",
    )


def version(place, program, word):
    """The first thing that looks like one, in what a program says of itself."""
    found = re.search(r"v?\d+\.\d+[\w.+-]*", ran([program, word], place.go(), place.folder))
    return found[0] if found else "of an unknown version"


# Names, how many times lazycred's CPU each is to take at least, and what finds them.
PEERS = [("aws-vault", 1, aws_vault)]
