#!/usr/bin/env python
"""Runs the published package lazycred 0.2.3, unchanged, against an S3 and a KMS that are named.

usage: original.py get NAME           the secret to standard output; status 1 if there is none
       original.py put NAME < SECRET  status 1 if put() is not True
       original.py batch              commands as JSON lines, each answered with a JSON line

ORIGINAL_S3 and ORIGINAL_KMS say where, each HOST:PORT of plain HTTP. `get` and `put` leave the
configuration to the package: .lazycred, then AWS_DEFAULT_REGION, LAZYCRED_S3_PATH and
LAZYCRED_KEY_ALIAS. A command of `batch` gives it:

  {"do": "put", "s3_path": "bucket/prefix/", "key_alias": "alias", "name": "db", "value": BASE64}
  {"do": "get", "s3_path": "bucket/prefix/", "key_alias": "alias", "name": "db"}
  {"do": "get", "folder": "FOLDER", "name": "db"}    by the .lazycred of that folder

`"unicode": true` has `put` pass text instead of bytes; "region", "s3" and "kms" may be given too.
An answer is {"done": BOOL, "value": BASE64 or null, "log": [what the package logged]}.

Runs on Python 2.7, and on 3.11 with a copy that went through 2to3, where the seams between text
and bytes that 2to3 cannot see are bridged from outside.
"""
import base64
import importlib
import json
import logging
import os
import sys

import boto
import boto.kms
import boto.s3.connection
from boto.kms.layer1 import KMSConnection
from boto.regioninfo import RegionInfo

PY3 = sys.version_info[0] > 2
PLACES = {"s3": os.environ.get("ORIGINAL_S3"), "kms": os.environ.get("ORIGINAL_KMS")}


def host_and_port(service):
    host, port = PLACES[service].rsplit(":", 1)
    return host, int(port)


def connect_s3(*args, **options):
    host, port = host_and_port("s3")
    path_style = boto.s3.connection.OrdinaryCallingFormat()
    options.update(host=host, port=port, is_secure=False, calling_format=path_style)
    return boto.s3.connection.S3Connection(*args, **options)


class Kms(KMSConnection):
    """Asks once: as published, boto asks ten times, for minutes, whatever num_retries says."""

    def _mexe(self, request, sender=None, override_num_retries=None, **options):
        return KMSConnection._mexe(self, request, sender, 0, **options)


def connect_kms(region_name, **options):
    host, port = host_and_port("kms")
    region = RegionInfo(name=region_name, endpoint=host)
    connection = Kms(region=region, host=host, port=port, is_secure=False, **options)
    # Signature version 4 wants both, and neither can be read off an IP address.
    connection.auth_region_name, connection.auth_service_name = region_name, "kms"
    return connection


def load():
    """The package, talking to our endpoints, and the module inside it."""
    if not boto.config.has_section("Boto"):
        boto.config.add_section("Boto")
    boto.config.set("Boto", "num_retries", "0")  # S3 too
    boto.connect_s3 = connect_s3
    boto.kms.connect_to_region = connect_kms
    package = importlib.import_module("lazycred")
    module = importlib.import_module("lazycred.lazycred")
    if PY3:
        bridge(module)
    return package, module


def bridge(module):
    real_json, real_decrypt = module.json, module._kms_decrypt

    class Json(object):
        loads = staticmethod(real_json.loads)

        @staticmethod
        def dumps(document):
            return real_json.dumps(document, default=lambda value: value.decode("ascii"))

    def kms_decrypt(ciphertext):
        plaintext = real_decrypt(ciphertext)
        return plaintext.decode("ascii") if isinstance(plaintext, bytes) else plaintext

    module.json, module._kms_decrypt = Json, kms_decrypt


def native(text):
    """Text as Python hands it over from a command line: bytes on 2.7."""
    return text if PY3 else text.encode("utf-8")


class Log(logging.Handler):
    def __init__(self):
        logging.Handler.__init__(self)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    def taken(self):
        lines, self.lines = self.lines, []
        return [line if PY3 else line.decode("utf-8", "replace") for line in lines]


def run(command, package):
    name = native(command["name"])
    if command["do"] == "get":
        value = package.get(name)
        if value is None:
            return {"done": False, "value": None}
        return {"done": True, "value": base64.b64encode(value).decode("ascii")}
    value = base64.b64decode(command["value"])
    if command.get("unicode"):
        value = value.decode("utf-8")
    return {"done": package.put(name, value) is True, "value": None}


def batch():
    package, module = load()
    log = Log()
    module.logger.addHandler(log)
    module.logger.propagate = False
    given = dict(PLACES)
    for line in iter(sys.stdin.readline, ""):
        command = json.loads(line)
        PLACES.update({service: command.get(service, given[service]) for service in given})
        module._get_aws_config.clear()
        if "folder" in command:
            os.chdir(command["folder"])
            module.aws_config = None
        else:
            package.set_config(
                {
                    "s3_path": native(command["s3_path"]),
                    "key_alias": native(command["key_alias"]),
                    "region": native(command.get("region", "us-east-1")),
                }
            )
        try:
            answer = run(command, package)
        except Exception as error:  # what the package lets through
            answer = {"done": False, "value": None}
            log.lines.append("%s: %s" % (type(error).__name__, error))
        answer["log"] = log.taken()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


def main(argv):
    if argv[1:] == ["batch"]:
        return batch()
    if len(argv) == 3 and argv[1] in ("get", "put"):
        package, _ = load()
        stdin, stdout = (sys.stdin.buffer, sys.stdout.buffer) if PY3 else (sys.stdin, sys.stdout)
        if argv[1] == "put":
            return 0 if package.put(argv[2], stdin.read()) is True else 1
        value = package.get(argv[2])
        if value is None:
            return 1
        stdout.write(value)
        stdout.flush()
        return 0
    sys.stderr.write(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
