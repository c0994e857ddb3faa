#!/usr/bin/env python
"""What Python makes of bytes, many in a row: for comparison with what lazycred makes of them.

usage: decoders.py base64              each by base64.b64decode, then by base64.urlsafe_b64decode
       decoders.py records FILE KEY    each by the _decrypt of lazycred 0.2.3, where KMS is the local wrapping
                                       key FILE, whose text is KEY

Both read from standard input 4 bytes of length, the highest first, and so many bytes; and answer likewise, or
with the length 0xffffffff for an error.
"""
import base64
import binascii
import logging
import struct
import sys

stdin, stdout = (getattr(stream, "buffer", stream) for stream in (sys.stdin, sys.stdout))


def answer(made):
    if made is None:
        stdout.write(b"\xff" * 4)
    else:
        stdout.write(struct.pack(">I", len(made)))
        stdout.write(made)


def requests():
    while True:
        head = stdin.read(4)
        if len(head) < 4:
            return
        yield stdin.read(struct.unpack(">I", head)[0])


def decoded(decode, text):
    try:
        return decode(text)
    except (TypeError, binascii.Error):  # Python 2.7, and 3
        return None


class Kms(object):
    """Unwraps what `local:NAME` wraps without a context."""

    def __init__(self, name, key):
        from cryptography.fernet import Fernet

        self.mark, self.fernet = ("lazycred-local:%s:" % name).encode("ascii"), Fernet(key.encode("ascii"))

    def decrypt(self, blob):
        if not blob.startswith(self.mark):
            raise ValueError("another wrapping key")
        token = blob[len(self.mark) :]
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(token)) != token:
            raise ValueError("another spelling")
        return {"Plaintext": self.fernet.decrypt(token)}


def main(what, *more):
    if what == "base64":
        for text in requests():
            for decode in (base64.b64decode, base64.urlsafe_b64decode):
                answer(decoded(decode, text))
        return
    import original

    _, module = original.load()
    module.logger.addHandler(logging.NullHandler())
    module.logger.propagate = False
    kms = Kms(*more)
    module._get_kms_crypto = lambda: kms
    for record in requests():
        answer(module._decrypt(record))


if __name__ == "__main__":
    main(*sys.argv[1:])
    stdout.flush()
