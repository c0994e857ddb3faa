"""Runs moto, an emulator of S3 and KMS, on a port of 127.0.0.1 that the system picks.

usage: serve.py [MANIFEST]

Prints `port N` when it is ready, and ends when standard input closes, so that
a test run that is killed leaves no server behind. With MANIFEST (the one beside
the golden records) moto holds the wrapping key that they were written with.
"""
import base64
import functools
import json
import os
import sys
import threading

import waitress
from moto.kms.models import kms_backends
from moto.s3.responses import S3Response
from moto.server import DomainDispatcherApplication, create_backend_app


def one_at_a_time(owner, *names):
    """moto checks If-Match, then stores; in between another writer may do the same,
    and closes what a reader has just found."""
    lock = threading.RLock()

    def locked(method):
        @functools.wraps(method)
        def call(*args, **kwargs):
            with lock:
                return method(*args, **kwargs)

        return call

    for name in names:
        setattr(owner, name, locked(getattr(owner, name)))


def hold_wrapping_key(wrapping_key):
    """Gives moto a wrapping key of a known id and material, under its alias."""
    _, _, _, region, account, resource = wrapping_key["arn"].split(":")
    backend = kms_backends[account][region]
    held = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None)
    del backend.keys[held.id]
    held.id, held.arn = resource.split("/")[1], wrapping_key["arn"]
    held.key_material = base64.b64decode(wrapping_key["material"])
    backend.keys[held.id] = held
    backend.create_alias(held.id, "alias/" + wrapping_key["alias"])


def as_moto_reads(app):
    """moto finds the path as it was sent under the name that gunicorn gives it, and
    takes an old signature that happens to have four slashes for a new one's scope."""

    def call(environ, start_response):
        environ["RAW_URI"] = environ["REQUEST_URI"]
        signed = environ.get("HTTP_AUTHORIZATION", "")
        if signed.startswith("AWS "):
            environ["HTTP_AUTHORIZATION"] = signed.replace("/", "_")
        return app(environ, start_response)

    return call


def end_with_stdin():
    while os.read(0, 4096):
        pass
    os._exit(0)


def main(argv):
    one_at_a_time(S3Response, "get_object", "put_object", "delete_object")
    for manifest in argv[1:]:
        with open(manifest, encoding="utf-8") as file:
            hold_wrapping_key(json.load(file)["wrapping_key"])
    server = waitress.create_server(
        as_moto_reads(DomainDispatcherApplication(create_backend_app)),
        listen="127.0.0.1:0",
        threads=8,
        connection_limit=1000,
    )
    os.environ["MOTO_PORT"] = str(server.effective_port)
    threading.Thread(target=end_with_stdin, daemon=True).start()
    print("port", server.effective_port, flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv)
