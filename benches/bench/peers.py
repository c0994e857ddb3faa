"""What other programs take for the same `exec`: fetch, unwrap, open, become the command.

A peer is a name with its version and a command that does the work on the stub; `installed`
gives those that can be had here. Peers trust the system's roots and the stub's, as they do
where they are installed.
"""

import dataclasses
import sys

from .meter import command, measure
from .roots import BUNDLE, SYSTEM
from .tools import ROOT
from .world import BUCKET, PREFIX, Failed, run

BOTO3 = ["boto3==1.44.5", "cryptography==50.0.2"]
PROGRAM = """
import base64, json, os, sys, boto3
from cryptography.fernet import Fernet
bucket, path, command = sys.argv[1:]
service = lambda name: boto3.client(name, endpoint_url=os.environ["AWS_ENDPOINT_URL_" + name.upper()])
record = json.loads(service("s3").get_object(Bucket=bucket, Key=path)["Body"].read())
wrapped = base64.b64decode(record["key"])
data_key = service("kms").decrypt(CiphertextBlob=wrapped)["Plaintext"]
os.environ.update(json.loads(Fernet(data_key).decrypt(record["data"].encode())))
os.execvp(command, [command])
"""


@dataclasses.dataclass
class Peer:
    """Something to compare with, ready to run."""

    name: str
    argv: list
    environment: dict


def installed(world, say):
    """The peers that are here or can be installed."""
    environment = as_installed(world)
    for find in (boto3,):
        try:
            yield find(environment, say)
        except Failed as error:
            say(f"left out: {error}")


def as_installed(world):
    """The environment of a peer: the system's trust roots, and the stub's."""
    bundle = world.folder / "peers.pem"
    system = SYSTEM / BUNDLE
    roots = system.read_text() if system.exists() else ""
    bundle.write_text(roots + world.certificates[0].read_text())
    files = dict.fromkeys(("AWS_CA_BUNDLE", "SSL_CERT_FILE"), str(bundle))
    return world.https() | files | {"AWS_DEFAULT_REGION": "us-east-1"}


def boto3(environment, say):
    """A short Python program on boto3 and cryptography."""
    home = ROOT / "target/bench/boto3"
    interpreter = home / "bin/python"
    say(f"installing {BOTO3[0]}")
    if not interpreter.exists():
        run([sys.executable, "-m", "venv", home])
    run([interpreter, "-m", "pip", "install", "--quiet", *BOTO3])
    argv = [interpreter, "-c", PROGRAM, BUCKET, f"{PREFIX}small-0", "/bin/true"]
    return Peer("boto3 1.44.5 and cryptography 50.0.2", argv, environment)


def compare(world, say):
    """Name → runs of the peer, and of lazycred between them."""
    results = {}
    ours = command(world.exec_of(1, "/bin/true"), world.https(), world.work)
    for peer in installed(world, say):
        say(f"exec beside {peer.name}")
        theirs = command(peer.argv, peer.environment, world.work)
        results[peer.name] = measure(world, [theirs, ours], rounds=11)
        world.stub.events()
    return results
