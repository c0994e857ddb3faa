"""A second implementation of lazycred's record format, from docs/format.md alone: a folder, and local wrapping keys.

usage: format.py read FOLDER NAME.key NAME            gives the secret; status 2, 3 or 4 as in the vectors
       format.py write FORMAT FOLDER NAME.key NAME    stores standard input; FORMAT is 1 or 2
Needs Python 3.9, and `cryptography` for AES."""
import base64, hashlib, hmac, json, pathlib, re, secrets, string, sys, time
from datetime import datetime, timezone

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MEMBERS = ["created", "gen", "lazycred", "token", "token_sha256", "tool", "type", "wrapped_key"]
TYPES = ["application/json", "text/plain", "application/octet-stream"]
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits
URL, STANDARD, EITHER = ["-_"], ["+/"], ["-_", "+/"]

class Refused(Exception): pass  # the rule, and the status

def need(condition, rule, status=4):
    if not condition:
        raise Refused(rule, status)

def tried(rule, make):
    try:
        return make()
    except (ValueError, RecursionError, TypeError, LookupError, AttributeError):
        raise Refused(rule, 4) from None

def lenient(text, alphabets):  # 3.1
    values = {letter: at for alphabet in alphabets for at, letter in enumerate(LETTERS + alphabet)}
    n, p, bits = 0, 0, []
    for character in text:
        if character == "=":
            p += n >= 2
            if p and n + p >= 4:
                break
        elif character in values:
            bits.append(f"{values[character]:06b}")
            p, n = 0, (n + 1) % 4
    need(n == 0 or n + p >= 4, "3.1")
    whole = "".join(bits)[: len(bits) * 6 // 8 * 8]
    return int("1" + whole, 2).to_bytes(len(whole) // 8 + 1, "big")[1:]

def canonical(text, alphabet, rule):
    data = lenient(text, alphabet)
    need(base64.b64encode(data, alphabet[0].encode()).decode() == text, rule)
    return data

def is_token(data):
    return len(data) >= 73 and data[0] == 0x80 and len(data) % 16 == 57 % 16

def unseal(data_key, token):
    need(is_token(token), "V2.9")
    need(hmac.compare_digest(hmac.new(data_key[:16], token[:-32], "sha256").digest(), token[-32:]), "C3")
    padded = Cipher(algorithms.AES(data_key[16:]), modes.CBC(token[9:25])).decryptor().update(token[25:-32])
    need(1 <= padded[-1] <= 16 and padded.endswith(padded[-1:] * padded[-1]), "V2.9")
    return padded[: -padded[-1]]

def seal(data_key, secret):
    iv, pad = secrets.token_bytes(16), 16 - len(secret) % 16
    sealed = Cipher(algorithms.AES(data_key[16:]), modes.CBC(iv)).encryptor().update(secret + bytes([pad] * pad))
    body = b"\x80" + int(time.time()).to_bytes(8, "big") + iv + sealed
    return base64.urlsafe_b64encode(body + hmac.new(data_key[:16], body, "sha256").digest()).decode()

def wrap(data_key, keys, alias, context=None):
    text = base64.urlsafe_b64encode(data_key).decode()
    bound = json.dumps({"context": context, "key": text}, separators=(",", ":"), sort_keys=True)
    sealed = seal(canonical(keys[alias[6:]], URL, "W1"), (bound if context else text).encode())
    return base64.b64encode(f"lazycred-{alias}:{sealed}".encode()).decode()

def unwrap(wrapped, keys, allowed, context=None):
    match = re.fullmatch(r"lazycred-local:([A-Za-z0-9_-]+):(.*)", wrapped.decode("latin-1"), re.DOTALL)
    need(match and "local:" + match[1] in allowed, "W3")
    opened = unseal(canonical(keys[match[1]], URL, "W1"), canonical(match[2], URL, "W1"))
    if context:
        found, text = tried("W2", lambda: [json.loads(opened)[name] for name in ["context", "key"]])
        need(found == context and type(text) is str, "V2.12")
    data_key = canonical(text, URL, "V2.14") if context else lenient(opened.decode("latin-1"), EITHER)
    need(len(data_key) == 32, "V1.9 V2.14")
    return data_key

def parse(stored):
    as_written = {kind: str.encode for kind in ["parse_int", "parse_float", "parse_constant"]}
    pairs = tried("C1", lambda: json.loads(stored.decode("utf-8", "surrogatepass"), object_pairs_hook=tuple, **as_written))
    need(type(pairs) is tuple, "C1")
    record = dict(pairs)
    text = {name: value for name, value in record.items() if type(value) is str}
    if "data" in record and "key" in record or "lazycred" not in record:
        need("data" in text and "key" in text, "V1.4")
        return {"lazycred": 1, "wrapped": lenient(text["key"], STANDARD), "token": text["data"]}
    need(record["lazycred"] == b"2", "C2")
    need(sorted(name for name, _ in pairs) == MEMBERS and len(text) == 6, "V2.1")
    need(tried("V2.3", lambda: re.fullmatch(b"[1-9][0-9]{0,15}", record["gen"])) and int(record["gen"]) < 2**53, "V2.3")
    need(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text["created"]), "V2.4")
    created = tried("V2.4", lambda: datetime(*map(int, re.split("[-T:Z]", text["created"])[:6]), tzinfo=timezone.utc))
    need(text["type"] in TYPES and re.fullmatch("[ -~]{1,64}", text["tool"]), "V2.5 V2.6")
    need(re.fullmatch("[0-9a-f]{64}", text["token_sha256"]), "V2.7")
    wrapped, token = canonical(text["wrapped_key"], STANDARD, "V2.8"), canonical(text["token"], URL, "V2.9")
    need(wrapped and is_token(token), "V2.8 V2.9")
    need(hashlib.sha256(text["token"].encode()).hexdigest() == text["token_sha256"], "V2.10")
    return {**text, "lazycred": 2, "gen": int(record["gen"]), "created_at": created, "wrapped": wrapped}

def context_of(head, name):  # V2.12
    need(re.fullmatch("[A-Za-z0-9._/-]{1,512}", name) and not {"", ".", ".."} & {*name.split("/")}, "V2.15", 2)
    pairs = {"v": "2", "path": "file://" + name, "gen": str(head["gen"]), "token-sha256": head["token_sha256"]}
    pairs.update(created=head["created"], type=head["type"], tool=head["tool"])
    return {"lazycred:" + member: value for member, value in pairs.items()}

def read(stored, name, keys, alias, others=(), min_format=1, max_age=None, min_generation=0, ask=lambda: None):
    need(stored is not None, "no record", 3)
    record, context, allowed = parse(stored), None, [alias]
    if record["lazycred"] == 2:
        context, allowed = context_of(record, name), [alias, *others]
        need(not max_age or datetime.now(timezone.utc) - record["created_at"] <= max_age, "R2")
    need(record["lazycred"] >= min_format and record.get("gen", 0) >= min_generation, "R1 R3")
    ask()
    return unseal(unwrap(record["wrapped"], keys, allowed, context), lenient(record["token"], EITHER))

def type_of(secret):  # V2.18
    try:
        json.loads(secret.decode(), parse_constant=int)
        return TYPES[0]
    except ValueError as error:
        return TYPES[1 + isinstance(error, UnicodeDecodeError)]

def write(version, secret, replaced, name, keys, alias):
    old, data_key = parse(replaced) if replaced is not None else {}, secrets.token_bytes(32)
    token = seal(data_key, secret)
    if max(version, old.get("lazycred", 1)) == 1:
        return '{"data": "%s", "key": "%s"}' % (token, wrap(data_key, keys, alias))
    head = {"lazycred": 2, "gen": old.get("gen", 0) + 1, "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
    head.update(type=type_of(secret), tool="format.py", token_sha256=hashlib.sha256(token.encode()).hexdigest())
    head["wrapped_key"] = wrap(data_key, keys, alias, context_of(head, name))
    return json.dumps({**head, "token": token}, separators=(",", ":"))

def main(command, *rest):
    place, key_file = pathlib.Path(rest[-3], rest[-1]), pathlib.Path(rest[-2])
    keys, alias = {key_file.stem: key_file.read_text().strip()}, "local:" + key_file.stem
    stored = place.read_bytes() if place.is_file() else None
    if command == "read":
        return sys.stdout.buffer.write(read(stored, rest[-1], keys, alias))
    record = write(int(rest[0]), sys.stdin.buffer.read(), stored, rest[-1], keys, alias)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(record)

if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Refused as refused:
        sys.stderr.write(f"refused by {refused.args[0]}\n")
        sys.exit(refused.args[1])
