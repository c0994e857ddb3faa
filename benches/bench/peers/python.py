"""Peers of Python: boto3, the AWS CLI, and lazycred 0.2.3, the original."""

import base64

from ..tools import ROOT
from ..world import BUCKET
from .install import on_disk, python_2_7
from .peer import PATH, Peer

PROGRAMS = ROOT / "benches/peers"
BOTO3, CRYPTOGRAPHY, AWS_CLI, ORIGINAL = "1.44.5", "50.0.2", "1.46.3", "0.2.3"


def install_boto3(installer):
    packages = [f"boto3=={BOTO3}", f"cryptography=={CRYPTOGRAPHY}"]
    return installer.pip(f"boto3-{BOTO3}-cryptography-{CRYPTOGRAPHY}", *packages)


def install_aws_cli(installer):
    return installer.pip(f"aws-cli-{AWS_CLI}", f"awscli=={AWS_CLI}")


def install_original(installer, python=None):
    requirements = ROOT / "tests/support/python/original-2.7.txt"
    return installer.pip_into(f"original-{ORIGINAL}", python or python_2_7(), requirements)


def boto3(place, installer):
    folder = install_boto3(installer)
    words = [folder / "bin/python", PROGRAMS / "boto3_exec.py", BUCKET, PATH]
    return Peer(
        f"boto3 {BOTO3} and cryptography {CRYPTOGRAPHY}",
        "A program of 15 lines: GetObject, Decrypt, Fernet, `execvp`. The same work.",
        on_disk(folder), lambda command: [*words, command], place.python(),
    )


def aws_cli(place, installer):
    folder = install_aws_cli(installer)
    wrapped, record = place.folder / "wrapped", place.record()
    wrapped.write_bytes(base64.b64decode(record["key"]))
    script = f"""
        "$1" s3 cp --quiet s3://{BUCKET}/{PATH} - &&
        "$1" kms decrypt --ciphertext-blob fileb://"$2" --query Plaintext --output text &&
        exec "$3"
    """
    words = ["/bin/sh", "-c", script, "sh", folder / "bin/aws", wrapped]
    return Peer(
        f"aws-cli {AWS_CLI}",
        "`aws s3 cp s3://… -`, then `aws kms decrypt`: two processes under a shell. It does not"
        " extract the data key from the record, and opens and exports nothing.",
        on_disk(folder), lambda command: [*words, command], place.python(),
        shows=record["data"],
    )


def original(place, installer):
    python = python_2_7()
    folder = install_original(installer, python)
    settings = place.folder / "boto.cfg"
    settings.write_text(f"[Boto]\nca_certificates_file = {place.bundle}\nnum_retries = 0\n")
    # For S3 it trusts OpenSSL's roots, for KMS those of its own file, and it takes no address
    # out of a certificate, only names.
    environment = place.environment("SSL_CERT_FILE", ("localhost", "localhost"))
    environment |= {"BOTO_CONFIG": str(settings), "PYTHONPATH": str(folder)}
    words = [python, "-W", "ignore", PROGRAMS / "original_exec.py", "small-0"]
    return Peer(
        f"lazycred {ORIGINAL} on Python 2.7",
        "A program around the library's `get`: HeadBucket, GetObject, Decrypt, Fernet, `execvp`."
        " Both services share one host name, since boto 2 requires a name.",
        on_disk(folder), lambda command: [*words, command], environment,
    )


# Names, how many times lazycred's CPU each is to take at least, and what finds them.
PEERS = [
    ("boto3", 50, boto3),
    ("aws-cli", 190, aws_cli),
    (f"lazycred {ORIGINAL}", 1, original),
]
INSTALLED = [("boto3", install_boto3), ("aws-cli", install_aws_cli),
             (f"lazycred {ORIGINAL}", install_original)]
