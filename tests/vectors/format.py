"""Reads and writes LazyCred's records of both versions under local wrapping keys, as format.md describes them.
usage: format.py read STORE KEY_FILE NAME > SECRET, or format.py write VERSION STORE KEY_FILE NAME < SECRET"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import sys
from datetime import datetime, timezone
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

LARGEST = 64 * 1024 * 1024 * 4 // 3 + 64 * 1024
TOKEN_SIZES = range(73, LARGEST, 16)
TIME = "%Y-%m-%dT%H:%M:%SZ"
FORMS = {  # The members of version 2. Numbers are kept as bytes, to tell them from strings: the digits as written.
    "lazycred": b"2", "gen": b"[1-9][0-9]{0,15}", "created": "[0-9-]{10}T[0-9:]{8}Z", "wrapped_key": ".+", "token": ".+",
    "type": "application/(json|octet-stream)|text/plain", "tool": "[ -~]{1,64}", "token_sha256": "[0-9a-f]{64}"}

class Refused(Exception):
    """Why a record is neither opened nor written, and the exit status."""

def require(condition, why, status=4):
    if not condition:
        raise Refused(why, status)

def attempt(function):
    try:
        return function()
    except (ValueError, RecursionError):
        return None

def decode(text, signs="-_", canonical=True):
    """Decode base64 as section 3.1 says; if it is to be canonical, refuse any other than the only valid encoding."""
    kept, equals = "", 0
    for character in re.findall("[A-Za-z0-9+/=]", text.translate(str.maketrans(signs, "+/"))):
        if character != "=":
            kept, equals = kept + character, 0
        elif len(kept) % 4 >= 2:
            equals += 1
            if len(kept) % 4 + equals == 4:
                break
    require((len(kept) + equals) % 4 == 0, "this is not base64")
    decoded = base64.b64decode(kept + "=" * equals)
    require(not canonical or base64.b64encode(decoded, signs.encode()).decode() == text, "this base64 is not canonical")
    return decoded

def unseal(token, key):
    """Open a Fernet token, whatever its time is."""
    require(len(token) in TOKEN_SIZES and token[0] == 0x80 and len(key) == 32, "not a token, or not a data key")
    require(hmac.compare_digest(hmac.digest(key[:16], token[:-32], "sha256"), token[-32:]), "the token is not authentic")
    aes = Cipher(algorithms.AES(key[16:]), modes.CBC(token[9:25])).decryptor()
    padded = aes.update(token[25:-32]) + aes.finalize()
    require(1 <= padded[-1] <= 16 and padded.endswith(padded[-1:] * padded[-1]), "the padding is wrong")
    return padded[:-padded[-1]]

def seal(plaintext, key):
    head = b"\x80" + int(datetime.now().timestamp()).to_bytes(8, "big") + os.urandom(16)
    padding = 16 - len(plaintext) % 16
    aes = Cipher(algorithms.AES(key[16:]), modes.CBC(head[9:])).encryptor()
    signed = head + aes.update(plaintext + bytes([padding]) * padding) + aes.finalize()
    return base64.urlsafe_b64encode(signed + hmac.digest(key[:16], signed, "sha256")).decode()

def parse(stored):
    """The members of a valid record: `data` and `key` of version 1, or the eight of version 2."""
    require(len(stored) <= LARGEST, "the record is too large")
    members = attempt(lambda: json.loads(stored.decode(errors="surrogatepass"), object_pairs_hook=tuple, parse_int=str.encode))
    require(isinstance(members, tuple), "not a JSON object; null is what lazycred 0.2.3 left where KMS failed")
    record = dict(members)
    if "data" in record and "key" in record:
        require(isinstance(record["data"], str) and isinstance(record["key"], str), "null is where KMS failed 0.2.3")
        return {"data": record["data"], "key": record["key"]}
    newer = isinstance(record.get("lazycred"), bytes) and re.fullmatch(b"[3-9]|[1-9][0-9]+", record["lazycred"])
    require(not newer, "a newer program wrote this record")
    require(sorted(name for name, _ in members) == sorted(FORMS), "not the eight members of version 2, each once")
    for name, form in FORMS.items():
        require(isinstance(record[name], type(form)) and re.fullmatch(form, record[name]), f"{name} is not in its form")
    require(int(record["gen"]) < 2 ** 53 and attempt(lambda: datetime.strptime(record["created"], TIME)), "gen or created")
    _, token = decode(record["wrapped_key"], "+/"), decode(record["token"])
    require(len(token) in TOKEN_SIZES and token[0] == 0x80, "token is not a token")
    require(hashlib.sha256(record["token"].encode()).hexdigest() == record["token_sha256"], "another token's hash")
    return record

def context_of(record, name):
    """The seven pairs that the data key of a version 2 record is bound to, if the name is valid."""
    valid = [re.fullmatch("[A-Za-z0-9._-]+", part) and part not in [".", ".."] for part in name.split("/")]
    require(len(name) <= 512 and all(valid), "the name is not valid for version 2", 2)
    bound = record | {"v": 2, "path": f"file://{name}", "gen": int(record["gen"]), "token-sha256": record["token_sha256"]}
    return {f"lazycred:{pair}": str(bound[pair]) for pair in ["v", "path", "gen", "created", "type", "tool", "token-sha256"]}

def unwrap(wrapped, wrapping_keys, accepted, ask):
    form = re.fullmatch("lazycred-(local:([A-Za-z0-9_-]+)):(.*)", wrapped.decode("latin-1"), re.DOTALL)
    require(form and form[1] in accepted and form[2] in wrapping_keys, f"needs {form[1] if form else 'another wrapping key'}")
    ask()
    return unseal(decode(form[3]), decode(wrapping_keys[form[2]].strip())).decode("latin-1")

def read(stored, name, wrapping_keys, key_alias, *, min_format=1, max_age=None, min_generation=None, others=(), ask=int):
    """The secret. `ask` is called before a wrapping key is used."""
    require(stored is not None, "there is no record", 3)
    record = parse(stored)
    if "data" in record:
        require(min_format < 2 and min_generation is None, "version 1 is not accepted")
        characters = unwrap(decode(record["key"], "+/", canonical=False), wrapping_keys, [key_alias], ask)
        return unseal(decode(record["data"], canonical=False), decode(characters, canonical=False))
    context = context_of(record, name)
    age = datetime.now(timezone.utc).replace(tzinfo=None) - datetime.strptime(record["created"], TIME)
    require(max_age is None or age <= max_age, "the record is too old")
    require(min_generation is None or int(record["gen"]) >= min_generation, "the generation is too low")
    plaintext = unwrap(decode(record["wrapped_key"], "+/"), wrapping_keys, [key_alias, *others], ask)
    sealed = attempt(lambda: json.loads(plaintext))
    require(isinstance(sealed, dict) and sealed == {"context": context, "key": str(sealed.get("key"))}, "not bound to this")
    return unseal(decode(record["token"]), decode(sealed["key"]))

def write(secret, version, replaced, name, wrapping_keys, key_alias):
    """The document to store in place of another or of None. A damaged one is not replaced."""
    old = parse(replaced) if replaced is not None else {}
    data_key = os.urandom(32)
    plaintext, token, record = base64.urlsafe_b64encode(data_key).decode(), seal(secret, data_key), {}
    if version == 2 or "gen" in old:
        gen, now = int(old.get("gen", 0)) + 1, datetime.now(timezone.utc).strftime(TIME)
        require(gen < 2 ** 53, "the last generation is not replaced")
        is_text = attempt(lambda: [secret.decode()])
        is_json = attempt(lambda: [json.loads(secret.decode(), parse_int=str, parse_constant=int)])  # int refuses NaN
        kind = "application/json" if is_json else "text/plain" if is_text else "application/octet-stream"
        record = {"lazycred": 2, "gen": gen, "created": now, "type": kind, "tool": "format.py",
                  "token_sha256": hashlib.sha256(token.encode()).hexdigest()}
        plaintext = json.dumps({"context": context_of(record, name), "key": plaintext}, sort_keys=True, separators=(",", ":"))
    sealed = seal(plaintext.encode(), decode(wrapping_keys[key_alias.removeprefix("local:")].strip()))
    wrapped = base64.b64encode(f"lazycred-{key_alias}:{sealed}".encode()).decode()
    members = record | {"wrapped_key": wrapped, "token": token} if record else {"data": token, "key": wrapped}
    return json.dumps(members, separators=(",", ":") if record else (", ", ": ")).encode()

if __name__ == "__main__":
    action, *version, folder, key_file, name = sys.argv[1:]
    path, key_file = pathlib.Path(folder, name), pathlib.Path(key_file)
    settings = name, {key_file.stem: key_file.read_text()}, f"local:{key_file.stem}"
    stored = path.read_bytes() if path.is_file() else None
    try:
        if action == "read":
            sys.stdout.buffer.write(read(stored, *settings))
        else:
            document = write(sys.stdin.buffer.read(), int(*version), stored, *settings)
            path.parent.mkdir(parents=True, exist_ok=True)
            require(stored is None or path.read_bytes() == stored, "somebody else has replaced the record")
            with open(path, "xb" if stored is None else "wb") as file:
                file.write(document)
    except Refused as refused:
        print(refused.args[0], file=sys.stderr)
        sys.exit(refused.args[1])
