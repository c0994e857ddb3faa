"""Makes the golden records: what the real lazycred 0.2.3 wrote, and how moto answers for it.

usage: golden.py make PYTHON27 LIB   PYTHON27 with original-2.7.txt installed in the folder LIB
       golden.py check               opens each record again, with neither moto nor lazycred

Both work on ../fixtures: golden/ (a file a record, manifest.json) and exchanges.json.
"""
import base64
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import uuid

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
GOLDEN = FIXTURES / "golden"
BUCKET, PREFIX, ALIAS, REGION, ACCOUNT = "golden", "app/", "golden", "us-east-1", "123456789012"
SIGNED = {
    service: "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/%s/%s/aws4_request, "
    "SignedHeaders=host, Signature=0" % (REGION, service)
    for service in ("s3", "kms")
}
DOTENV = 'DB_HOST=db.example.com\nDB_PASSWORD="correct horse"\n# comment\nEMPTY=\n'
NESTED = '{"db": {"host": "h", "port": 5432, "tls": true, "user": null}, "hosts": ["a", "b"]}'
MASK = (1 << 64) - 1
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def splitmix64(seed, length):
    """Bytes of the SplitMix64 stream, each word little-endian."""
    out, state = bytearray(), seed
    while len(out) < length:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        word = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        out += (word ^ (word >> 31)).to_bytes(8, "little")
    return bytes(out[:length])


def splitmix64_text(seed, length):
    """The same stream as text: each byte's low six bits choose a letter, every 80th is a newline."""
    text = bytearray(LETTERS[byte & 63] for byte in splitmix64(seed, length))
    text[79::80] = b"\n" * len(text[79::80])
    return bytes(text)


GENERATORS = {"splitmix64": splitmix64, "splitmix64-text": splitmix64_text}


def payloads():
    """(file, name, plaintext or (generator, seed, length))"""
    small = [
        ("empty", b""),
        ("one-byte", b"x"),
        *(("bytes-%d" % n, b"0123456789abcdef0123456789abcdef"[:n]) for n in (15, 16, 17, 31, 32)),
        ("no-newline", b"hunter2"),
        ("trailing-newline", b"hunter2\n"),
        ("two-trailing-newlines", b"hunter2\n\n"),
        ("crlf", b"hunter2\r\n"),
        ("dotenv", DOTENV.encode()),
        ("utf-8", "pässwörd ключ 鍵 🔑\n".encode()),
        ("json-nested", NESTED.encode()),
        ("json-crlf", b'{\r\n  "USER": "app",\r\n  "PASSWORD": "a\\r\\nb"\r\n}\r\n'),
        ("json-number-1.10", b'{"price": 1.10}'),
        ("json-number-1e400", b'{"far": 1e400, "near": 1E-400}'),
        ("json-number-20-digits", b'{"id": 12345678901234567890}'),
        ("nul-bytes", b"a\0b\0\0"),
        ("all-256-bytes", bytes(range(256))),
        ("16-zero-bytes", bytes(16)),
    ]
    for file, plaintext in small:
        yield file, file, plaintext
    yield "binary-4-kib", "binary-4-kib", ("splitmix64", 1, 4 << 10)
    yield "binary-64-kib", "binary-64-kib", ("splitmix64", 2, 64 << 10)
    yield "binary-1-mib", "binary-1-mib", ("splitmix64", 3, 1 << 20)
    yield "text-1-mib", "text-1-mib", ("splitmix64-text", 4, 1 << 20)
    names = {
        "name-with-slashes": "web/prod/db_credentials",
        "name-with-spaces": "two words",
        "name-with-plus": "a+b",
        "name-with-percent": "100%41",
        "name-beyond-ascii": "zażółć/ключ/鍵",
        "name-with-delimiters": "what?=&#@~'()",
    }
    for file, name in names.items():
        yield file, name, ('{"NAME": %s}' % json.dumps(name, ensure_ascii=False)).encode()


def described(plaintext):
    if isinstance(plaintext, bytes):
        return {"base64": base64.b64encode(plaintext).decode()}, plaintext
    generator, seed, length = plaintext
    plaintext = GENERATORS[generator](seed, length)
    digest = hashlib.sha256(plaintext).hexdigest()
    return {"generator": generator, "seed": seed, "length": length, "sha256": digest}, plaintext


def ask(port, method, path, service, body=b"", headers=()):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, {"Authorization": SIGNED[service], **dict(headers)})
    answer = connection.getresponse()
    return answer, answer.read()


def kms(port, action, **request):
    headers = {"X-Amz-Target": "TrentService." + action, "Content-Type": "application/x-amz-json-1.1"}
    return ask(port, "POST", "/", "kms", json.dumps(request).encode(), headers)


def telling(answer):
    """The headers that belong to the answer and not to the connection."""
    kept = ("content-type", "etag", "last-modified")
    pairs = [(name.lower(), value) for name, value in answer.getheaders()]
    return {name: value for name, value in pairs if name in kept or name.startswith("x-amz")}


class FailingKms(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = b'{"__type":"KMSInternalException","message":"made to fail"}'
        self.send_response(500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def write_records(port, python, lib, records):
    """Has 0.2.3 put each record, and get it back."""
    failing = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FailingKms)
    threading.Thread(target=failing.serve_forever, daemon=True).start()
    place = {"s3_path": BUCKET + "/" + PREFIX, "key_alias": ALIAS, "region": REGION}
    commands = []
    for record in records:
        value = base64.b64encode(record["bytes"]).decode()
        put = dict(place, do="put", name=record["name"], value=value)
        if record.get("broken") == "kms-failed":
            put["kms"] = "127.0.0.1:%d" % failing.server_port
        if record.get("broken") == "unicode-value":
            put["unicode"] = True
        commands += [put, dict(place, do="get", name=record["name"])]
    endpoint = "127.0.0.1:%d" % port
    environment = {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "BOTO_CONFIG": "/dev/null", "PYTHONPATH": lib,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
        "ORIGINAL_S3": endpoint, "ORIGINAL_KMS": endpoint,
    }
    program = [python, "-W", "ignore", str(HERE / "original.py"), "batch"]
    lines = "".join(json.dumps(command) + "\n" for command in commands).encode()
    done = subprocess.run(program, input=lines, stdout=subprocess.PIPE, env=environment, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    for record, put, got in zip(records, answers[::2], answers[1::2]):
        assert put["done"], (record["name"], put)
        if record.get("broken"):
            assert not got["done"], record["name"]
        else:
            assert base64.b64decode(got["value"]) == record["bytes"], record["name"]


def make(python, lib):
    arn = "arn:aws:kms:%s:%s:key/%s" % (REGION, ACCOUNT, uuid.uuid4())
    material = base64.b64encode(os.urandom(32)).decode()
    wrapping_key = {"arn": arn, "alias": ALIAS, "material": material}
    records = []
    for file, name, plaintext in payloads():
        plaintext, raw = described(plaintext)
        records.append({"file": file + ".json", "name": name, "plaintext": plaintext, "bytes": raw})
    for broken in ("kms-failed", "unicode-value"):
        file = "broken-" + broken
        records.append({"file": file + ".json", "name": file, "broken": broken, "bytes": b"hunter2"})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as planted:
        json.dump({"wrapping_key": wrapping_key}, planted)
        planted.flush()
        program = [sys.executable, str(HERE / "serve.py"), planted.name]
        server = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        port = int(server.stdout.readline().split()[1])
    assert ask(port, "PUT", "/" + BUCKET, "s3")[0].status == 200
    write_records(port, python, lib, records)
    exchanges = record_exchanges(port, records, wrapping_key)
    server.stdin.close()
    for record in records:
        del record["bytes"]
    manifest = {"bucket": BUCKET, "prefix": PREFIX, "region": REGION, "wrapping_key": wrapping_key, "records": records}
    write_json(GOLDEN / "manifest.json", manifest)
    write_json(FIXTURES / "exchanges.json", exchanges)


def record_exchanges(port, records, wrapping_key):
    """Reads each record as lazycred does, and keeps what moto answered."""
    arn, alias = wrapping_key["arn"], "alias/" + ALIAS
    base = arn.rsplit(":", 1)[0] + ":"
    key_ids = [None, alias, base + alias, arn, arn.rsplit("/", 1)[1]]
    s3, decrypt = [], []
    for record in records:
        path = "/%s/%s%s" % (BUCKET, PREFIX, record["name"])
        answer, body = ask(port, "GET", urllib.parse.quote(path) + "?x-id=GetObject", "s3")
        assert answer.status == 200, (path, answer.status)
        (GOLDEN / record["file"]).write_bytes(body)
        s3.append({"path": path, "status": 200, "headers": telling(answer), "body_file": "golden/" + record["file"]})
        if record.get("broken"):
            continue
        wrapped = json.loads(body)["key"]
        for key_id in key_ids:
            named = {} if key_id is None else {"KeyId": key_id}
            answer, body = kms(port, "Decrypt", CiphertextBlob=wrapped, **named)
            opened = json.loads(body)
            assert answer.status == 200 and opened["KeyId"] == arn, body
        record["data_key"] = base64.b64decode(opened["Plaintext"]).decode()
        record["wrapped"], record["wrapping_key"] = wrapped, opened["KeyId"]
        reply = {"status": 200, "headers": telling(answer), "body": body.decode()}
        decrypt.append({"CiphertextBlob": wrapped, **reply})
    return {"get_object": s3, "decrypt_key_ids": key_ids, "decrypt": decrypt}


def write_json(path, document):
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def check():
    """Unwraps and opens each record with `cryptography` alone; moto's blobs are id, IV, tag, ciphertext."""
    manifest = json.loads((GOLDEN / "manifest.json").read_text(encoding="utf-8"))
    wrapping_key = manifest["wrapping_key"]
    material = AESGCM(base64.b64decode(wrapping_key["material"]))
    for record in manifest["records"]:
        stored = json.loads((GOLDEN / record["file"]).read_bytes())
        if record.get("broken"):
            assert stored is None or stored["key"] is None, record["file"]
            continue
        assert stored["key"] == record["wrapped"], record["file"]
        blob = base64.b64decode(stored["key"])
        assert wrapping_key["arn"].endswith("/" + blob[:36].decode()), record["file"]
        data_key = material.decrypt(blob[36:48], blob[64:] + blob[48:64], b"")
        assert data_key.decode() == record["data_key"] and len(data_key) == 44, record["file"]
        told = record["plaintext"]
        if "base64" in told:
            expected = base64.b64decode(told["base64"])
        else:
            expected = GENERATORS[told["generator"]](told["seed"], told["length"])
            assert hashlib.sha256(expected).hexdigest() == told["sha256"], record["file"]
        assert Fernet(data_key).decrypt(stored["data"].encode()) == expected, record["file"]
    print(len(manifest["records"]), "records checked")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "make":
        make(*sys.argv[2:])
    elif sys.argv[1:] == ["check"]:
        check()
    else:
        sys.exit(__doc__)
