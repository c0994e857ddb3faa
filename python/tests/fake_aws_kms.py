"""KMS (JSON 1.1) as `fake_aws` models it: symmetric wrapping keys with aliases."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import uuid
from typing import Any, Dict, Tuple

Answer = Tuple[int, Dict[str, str], bytes]

LARGEST = 4096

OPERATIONS = ("Encrypt", "Decrypt", "ReEncrypt")


class Refusal(Exception):
    """An error that KMS answers with."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message


class Kms:
    """Wrapping keys, their aliases, and the ciphertexts that they made."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.lock = threading.Lock()
        self.aliases: Dict[str, str] = {}
        """The ARN of a wrapping key by that of its alias."""
        self.wrapped: Dict[bytes, Tuple[str, bytes, Dict[str, str]]] = {}

    def create(self, alias: str) -> None:
        """Makes a wrapping key, and points an alias (without `alias/`) at it."""
        start = "arn:aws:kms:%s:%s:" % (self.region, self.account)
        self.aliases[start + "alias/" + alias] = start + "key/" + str(uuid.uuid4())

    def answer(self, operation: str, body: Dict[str, Any]) -> Answer:
        with self.lock:
            try:
                return reply(200, self.perform(operation, body))
            except Refusal as refusal:
                return error(400, refusal.code, refusal.message)

    def perform(self, operation: str, body: Dict[str, Any]) -> Dict[str, Any]:
        if operation == "ReEncrypt":
            arn, plaintext = self.open(body, "Source")
            return {"SourceKeyId": arn, **self.wrap(body, plaintext, "Destination")}
        if operation == "Decrypt":
            arn, plaintext = self.open(body)
            return {"Plaintext": encoded(plaintext), "KeyId": arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
        return self.wrap(body, decoded(body["Plaintext"]))

    def wrap(self, body: Dict[str, Any], plaintext: bytes, which: str = "") -> Dict[str, Any]:
        arn = self.named(body[which + "KeyId"])
        if not 0 < len(plaintext) <= LARGEST:
            raise Refusal("ValidationException", "Value at 'plaintext' failed to satisfy constraint")
        blob = b"\x01\x02\x02\x00" + secrets.token_bytes(140)
        self.wrapped[blob] = (arn, plaintext, body.get(which + "EncryptionContext") or {})
        return {"CiphertextBlob": encoded(blob), "KeyId": arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}

    def open(self, body: Dict[str, Any], which: str = "") -> Tuple[str, bytes]:
        found = self.wrapped.get(decoded(body["CiphertextBlob"]))
        if found is None:
            raise Refusal("InvalidCiphertextException")
        arn, plaintext, sealed = found
        named = body.get(which + "KeyId")
        if named and self.named(named) != arn:
            message = "The key ID in the request does not identify a CMK that can perform this operation."
            raise Refusal("IncorrectKeyException", message)
        if sealed != (body.get(which + "EncryptionContext") or {}):
            raise Refusal("InvalidCiphertextException")
        return arn, plaintext

    def named(self, name: str) -> str:
        """The ARN of the wrapping key that a request names."""
        start = "arn:aws:kms:%s:%s:" % (self.region, self.account)
        arn = name if name.startswith("arn:") else start + name
        if not name.startswith(("arn:", "alias/")):
            arn = start + "key/" + name
        arn = self.aliases.get(arn, arn)
        if arn not in self.aliases.values():
            kind = "Alias %s is not found." if ":alias/" in arn else "Key '%s' does not exist"
            raise Refusal("NotFoundException", kind % arn)
        return arn


def reply(status: int, members: Dict[str, Any]) -> Answer:
    return status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(members).encode()


def error(status: int, code: str, message: str = "") -> Answer:
    members = {"__type": code, **({"message": message} if message else {})}
    status, headers, body = reply(status, members)
    return status, {**headers, "x-amzn-errortype": code}, body


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    return base64.b64decode(text)
