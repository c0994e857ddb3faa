"""What a peer is, and the place that all of them are run in."""

import base64
import dataclasses
import json
import subprocess
import typing
import urllib.request

from ..roots import BUNDLE, SYSTEM
from ..world import BUCKET, PREFIX, SMALL, Failed, run
from .install import Unavailable, said

# Seconds that a peer may take for one thing.
PATIENCE = 60
WRAPPING_KEY = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000001"
PATH = f"{PREFIX}small-0"
# The fields of the secret that is fetched, and what shows that a command was given them.
FIELDS = {f"{name}_0": value for name, value in SMALL.items()}
SHOWS = "=".join(next(iter(FIELDS.items())))


@dataclasses.dataclass
class Peer:
    """Something to compare with, ready to run."""

    name: str
    # What it does here, and in what that is not what lazycred does.
    does: str
    # Bytes on disk, without an interpreter.
    size: int
    # The arguments that run a command, by the command's path.
    argv: typing.Callable
    environment: dict
    # What a run with `env` for a command prints, if all went well.
    shows: str = SHOWS


def ran(argv, environment, cwd):
    """What a peer prints; a peer that does not work is one that cannot be had."""
    try:
        return run(argv, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, timeout=PATIENCE)
    except OSError as error:
        raise Unavailable(f"cannot be run: {error.strerror}") from error
    except Failed as error:
        raise Unavailable(f"fails here: {said(str(error))}") from error


class Place:
    """A world as peers see it: they trust the system's roots, and the stub's."""

    def __init__(self, world):
        self.world = world
        self.folder = world.folder / "peers"
        self.folder.mkdir()
        self.bundle = self.folder / "roots.pem"
        system = SYSTEM / BUNDLE
        roots = system.read_text() if system.exists() else ""
        self.bundle.write_text(roots + world.certificates[0].read_text())
        self.secret = self.folder / "secret.json"
        self.secret.write_text(json.dumps(FIELDS))

    def environment(self, variable, names=("127.0.0.1", "127.0.0.2")):
        """The variables of a run; `variable` is the one that names the file of roots."""
        environment = self.world.https(names)
        del environment["AWS_CA_BUNDLE"]
        return environment | {variable: str(self.bundle), "AWS_DEFAULT_REGION": "us-east-1"}

    def go(self):
        """As Go finds a system's roots: one file, and every file of the folders it knows."""
        return self.environment("SSL_CERT_FILE") | {"AWS_REGION": "us-east-1"}

    def rust(self):
        """As rustls-native-certs is told of roots: one file."""
        return self.environment("SSL_CERT_FILE") | {"AWS_REGION": "us-east-1"}

    def python(self):
        """As botocore is told of roots: one file, in the place of its own."""
        return self.environment("AWS_CA_BUNDLE")

    def record(self):
        """The record that lazycred stored for the secret."""
        url = self.world.stub.url(0, "127.0.0.1", "http")
        with urllib.request.urlopen(f"{url}/{BUCKET}/{PATH}") as answer:
            return json.load(answer)

    def sealed_by_kms(self):
        """The secret under a wrapping key itself, in URL-safe base64."""
        plaintext = base64.b64encode(self.secret.read_bytes()).decode()
        request = urllib.request.Request(
            self.world.stub.url(0, "127.0.0.1", "http"),
            json.dumps({"KeyId": WRAPPING_KEY, "Plaintext": plaintext}).encode(),
            {"X-Amz-Target": "TrentService.Encrypt"},
        )
        with urllib.request.urlopen(request) as answer:
            blob = json.load(answer)["CiphertextBlob"]
        return blob.translate(str.maketrans("+/", "-_"))
