"""Peers written in Rust, compiled from the registry: secretspec and fnox."""

from .install import on_disk
from .peer import FIELDS, WRAPPING_KEY, Peer, ran

SECRETSPEC, FNOX = "0.21.1", "1.33.1"


def install_secretspec(installer):
    # What is left out are other services, and their libraries.
    features = ["--no-default-features", "--features", "cli,awssm"]
    return installer.cargo("secretspec", SECRETSPEC, *features) / "bin/secretspec"


def install_fnox(installer):
    return installer.cargo("fnox", FNOX) / "bin/fnox"


def secretspec(place, installer):
    program = install_secretspec(installer)
    declared = "".join(f'{name} = {{ description = "bench" }}\n' for name in FIELDS)
    (place.world.work / "secretspec.toml").write_text(
        f'[project]\nname = "bench"\nrevision = "1.0"\n\n[profiles.default]\n{declared}'
    )
    environment = place.rust()
    environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = environment["AWS_ENDPOINT_URL_KMS"]
    provider = ["--provider", "awssm://us-east-1"]
    for name, value in FIELDS.items():
        ran([program, "set", name, value, *provider], environment, place.world.work)
    return Peer(
        f"secretspec {SECRETSPEC}",
        "`secretspec run` with Secrets Manager, which sends all values at once and opened: one"
        " BatchGetSecretValue. Built with that service alone, without the 20 others. It stays as"
        " the command's parent.",
        on_disk(program),
        lambda command: [program, "run", *provider, "--", command], environment,
    )


def fnox(place, installer):
    program = install_fnox(installer)
    environment, work = place.rust(), place.world.work
    (work / "fnox.toml").write_text(
        f'[providers.kms]\ntype = "aws-kms"\nkey_id = "{WRAPPING_KEY}"\nregion = "us-east-1"\n'
    )
    for name, value in FIELDS.items():
        ran([program, "set", name, value, "--provider", "kms"], environment, work)
    return Peer(
        f"fnox {FNOX}",
        "`fnox exec` with KMS: each encrypted value is in a local file, so there is one Decrypt"
        " per variable but no GetObject. It stays as the command's parent.",
        on_disk(program),
        lambda command: [program, "exec", "--", command], environment,
    )


# Names, how many times lazycred's CPU each is to take at least, and what finds them.
PEERS = [("secretspec", 3, secretspec), ("fnox", 1, fnox)]
INSTALLED = [("secretspec", install_secretspec), ("fnox", install_fnox)]
