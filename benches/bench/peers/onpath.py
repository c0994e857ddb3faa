"""Peers that are compared only where they are on PATH: they have no installation of their own.

Each stores the secret by its own commands first, and so in its own form.
"""

import pathlib
import re

from ..world import BUCKET
from .install import on_disk, on_path
from .peer import FIELDS, WRAPPING_KEY, Peer, ran


def chamber(place, _):
    program = pathlib.Path(on_path("chamber"))
    environment = place.go() | {"CHAMBER_SECRET_BACKEND": "S3", "CHAMBER_S3_BUCKET": BUCKET}
    for name, value in FIELDS.items():
        ran([program, "write", "chamber", name, value], environment, place.folder)
    return Peer(
        f"chamber {version(place, program, 'version')}",
        "`chamber exec` with S3: GetObject, and what was sealed is opened by S3 itself, so that"
        " there is no Decrypt.",
        on_disk(program),
        lambda command: [program, "exec", "chamber", "--", command], environment,
    )


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


def fnox(place, _):
    program = pathlib.Path(on_path("fnox"))
    environment, work = place.go(), place.world.work
    (work / "fnox.toml").write_text(
        f'[providers.kms]\ntype = "aws-kms"\nkey_id = "{WRAPPING_KEY}"\nregion = "us-east-1"\n'
    )
    for name, value in FIELDS.items():
        ran([program, "set", name, value, "--provider", "kms"], environment, work)
    return Peer(
        f"fnox {version(place, program, '--version')}",
        "`fnox exec` with KMS: each encrypted value is in a local file, so there is one Decrypt"
        " per variable but no GetObject. It stays as the command's parent.",
        on_disk(program),
        lambda command: [program, "exec", "--", command], environment,
    )


def secretspec(place, _):
    program = pathlib.Path(on_path("secretspec"))
    declared = "".join(f'{name} = {{ description = "bench" }}\n' for name in FIELDS)
    (place.world.work / "secretspec.toml").write_text(
        f'[project]\nname = "bench"\nrevision = "1.0"\n\n[profiles.default]\n{declared}'
    )
    file = place.folder / "secretspec.env"
    file.write_text("".join(f'{name}="{value}"\n' for name, value in FIELDS.items()))
    return Peer(
        f"secretspec {version(place, program, '--version')}",
        "`secretspec run` with an unencrypted local file, so there is no request and"
        " nothing to open. It stays as the command's parent.",
        on_disk(program),
        lambda command: [program, "run", "--provider", f"dotenv:{file}", "--", command],
        place.go(),
    )


def version(place, program, word):
    """The first thing that looks like one, in what a program says of itself."""
    found = re.search(r"v?\d+\.\d+[\w.+-]*", ran([program, word], place.go(), place.folder))
    return found[0] if found else "of an unknown version"


# Names, how many times lazycred's CPU each is to take at least, and what finds them.
PEERS = [
    ("chamber", 5, chamber),
    ("aws-vault", 1, aws_vault),
    ("fnox", 1, fnox),
    ("secretspec", 3, secretspec),
]
