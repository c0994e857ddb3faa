"""KMS (JSON 1.1) and STS as `fake_aws` models them: symmetric wrapping keys with aliases."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

Answer = Tuple[int, Dict[str, str], bytes]

LARGEST = 4096


@dataclass
class WrappingKey:
    arn: str
    state: str = "Enabled"


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
        self.keys: Dict[str, WrappingKey] = {}
        self.aliases: Dict[str, str] = {}
        self.wrapped: Dict[bytes, Tuple[str, bytes, Dict[str, str]]] = {}

    def create(self, alias: str, account: Optional[str] = None) -> WrappingKey:
        """Makes a wrapping key, and points an alias (without `alias/`) at it."""
        hexed = secrets.token_hex(16)
        parts = (hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:])
        owner = account or self.account
        arn = "arn:aws:kms:%s:%s:key/%s" % (self.region, owner, "-".join(parts))
        self.keys[arn] = WrappingKey(arn)
        self.aliases["arn:aws:kms:%s:%s:alias/%s" % (self.region, self.account, alias)] = arn
        return self.keys[arn]

    def answer(self, operation: str, body: Dict[str, Any]) -> Answer:
        with self.lock:
            try:
                return reply(200, self.perform(operation, body))
            except Refusal as refusal:
                return error(400, refusal.code, refusal.message)

    def perform(self, operation: str, body: Dict[str, Any]) -> Dict[str, Any]:
        context = body.get("EncryptionContext") or {}
        if operation == "Encrypt":
            wrapping_key, plaintext = self.usable(body["KeyId"]), decoded(body["Plaintext"])
            if not 0 < len(plaintext) <= LARGEST:
                raise Refusal("ValidationException", "Value at 'plaintext' failed to satisfy constraint")
            return self.wrap(wrapping_key, plaintext, context)
        if operation.startswith("GenerateDataKey"):
            plaintext = secrets.token_bytes(32)
            members = self.wrap(self.usable(body["KeyId"]), plaintext, context)
            if not operation.endswith("WithoutPlaintext"):
                members["Plaintext"] = encoded(plaintext)
            return members
        if operation == "Decrypt":
            arn, plaintext = self.open(body, body.get("KeyId"), context)
            return {
                "Plaintext": encoded(plaintext),
                "KeyId": arn,
                "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            }
        if operation == "ReEncrypt":
            source = body.get("SourceEncryptionContext") or {}
            arn, plaintext = self.open(body, body.get("SourceKeyId"), source)
            target = self.usable(body["DestinationKeyId"])
            context = body.get("DestinationEncryptionContext") or {}
            return {"SourceKeyId": arn, **self.wrap(target, plaintext, context)}
        if operation == "DescribeKey":
            return {"KeyMetadata": self.describe(self.named(body["KeyId"]))}
        if operation == "ListAliases":
            return {"Aliases": [self.alias(*pair) for pair in self.aliases.items()], "Truncated": False}
        raise Refusal("UnknownOperationException")

    def wrap(self, wrapping_key: WrappingKey, plaintext: bytes, context: Dict[str, str]) -> Dict[str, Any]:
        blob = b"\x01\x02\x02\x00" + secrets.token_bytes(140)
        self.wrapped[blob] = (wrapping_key.arn, plaintext, dict(context))
        return {
            "CiphertextBlob": encoded(blob),
            "KeyId": wrapping_key.arn,
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }

    def open(self, body: Dict[str, Any], named: Optional[str], context: Dict[str, str]) -> Tuple[str, bytes]:
        wrapping_key = self.usable(named) if named else None
        found = self.wrapped.get(decoded(body["CiphertextBlob"]))
        if found is None:
            raise Refusal("InvalidCiphertextException")
        arn, plaintext, sealed = found
        if wrapping_key is not None and wrapping_key.arn != arn:
            message = "The key ID in the request does not identify a CMK that can perform this operation."
            raise Refusal("IncorrectKeyException", message)
        self.usable(arn)
        if sealed != context:
            raise Refusal("InvalidCiphertextException")
        return arn, plaintext

    def named(self, name: str) -> WrappingKey:
        start = "arn:aws:kms:%s:%s:" % (self.region, self.account)
        arn = name if name.startswith("arn:") else start + name
        if not name.startswith(("arn:", "alias/")):
            arn = start + "key/" + name
        wrapping_key = self.keys.get(self.aliases.get(arn, arn))
        if wrapping_key is None:
            kind = "Alias %s is not found." if ":alias/" in arn else "Key '%s' does not exist"
            raise Refusal("NotFoundException", kind % arn)
        return wrapping_key

    def usable(self, name: str) -> WrappingKey:
        wrapping_key = self.named(name)
        if wrapping_key.state == "Disabled":
            raise Refusal("DisabledException", "%s is disabled." % wrapping_key.arn)
        if wrapping_key.state != "Enabled":
            raise Refusal("KMSInvalidStateException", "%s is pending deletion." % wrapping_key.arn)
        return wrapping_key

    def describe(self, wrapping_key: WrappingKey) -> Dict[str, Any]:
        return {
            "AWSAccountId": wrapping_key.arn.split(":")[4],
            "KeyId": wrapping_key.arn.rpartition("/")[2],
            "Arn": wrapping_key.arn,
            "Description": "",
            "Enabled": wrapping_key.state == "Enabled",
            "KeyState": wrapping_key.state,
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyManager": "CUSTOMER",
            "Origin": "AWS_KMS",
            "MultiRegion": False,
        }

    def alias(self, alias: str, arn: str) -> Dict[str, str]:
        name = "alias/" + alias.partition(":alias/")[2]
        return {"AliasName": name, "AliasArn": alias, "TargetKeyId": arn.rpartition("/")[2]}


def reply(status: int, members: Dict[str, Any]) -> Answer:
    return status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(members).encode()


def error(status: int, code: str, message: str = "") -> Answer:
    members = {"__type": code, **({"message": message} if message else {})}
    status, headers, body = reply(status, members)
    return status, {**headers, "x-amzn-errortype": code}, body


def identity(account: str) -> Answer:
    """STS's answer to GetCallerIdentity."""
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        "<GetCallerIdentityResult><Arn>arn:aws:iam::%s:user/tester</Arn><UserId>AIDATESTER</UserId>"
        "<Account>%s</Account></GetCallerIdentityResult><ResponseMetadata>"
        "<RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    ) % (account, account)
    return 200, {"content-type": "text/xml"}, body.encode()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    return base64.b64decode(text)
