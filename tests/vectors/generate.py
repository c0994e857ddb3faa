"""Makes the test vectors of docs/format.md: v1.json and v2.json beside this file.

usage: generate.py [check]   with `check`, says whether the files are what this makes

Everything is fixed: data keys, wrapping keys, times and IVs, so that the same files come out every time. Makes
what no writer may, so format.py is not used. Needs Python 3.9 and `cryptography` for AES.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

HERE = pathlib.Path(__file__).resolve().parent
MADE = 1787407391  # 2026-08-22T14:03:11Z
IV = bytes(range(16))


def url(data):
    return base64.urlsafe_b64encode(data).decode()


def std(data):
    return base64.b64encode(data).decode()


WRAPPING_KEYS = {"vectors": url(bytes(range(32))), "other": url(bytes(range(32, 64)))}
DATA_KEY = url(bytes(range(64, 96)))
OTHER_DATA_KEY = url(bytes(range(96, 128)))


def fernet(key, plaintext, time=MADE, iv=IV, version=0x80, pad=None, padded=None):
    key = base64.urlsafe_b64decode(key)
    if padded is None:
        pad = pad or 16 - len(plaintext) % 16
        padded = plaintext + bytes([pad]) * pad
    encryptor = Cipher(algorithms.AES(key[16:]), modes.CBC(iv)).encryptor()
    sealed = encryptor.update(padded) + encryptor.finalize() if len(padded) % 16 == 0 else padded
    body = bytes([version]) + struct.pack(">Q", time) + iv + sealed
    return url(body + hmac.new(key[:16], body, hashlib.sha256).digest())


def compact(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def mark(name, token):
    return f"lazycred-local:{name}:{token}".encode()


# ---------------------------------------------------------------- version 1

SECRET = b'{"user": "app", "port": 5432}'
TOKEN = fernet(DATA_KEY, SECRET)


def wrap1(data_key=DATA_KEY, name="vectors", under=None):
    return mark(name, fernet(WRAPPING_KEYS[under or name], data_key.encode()))


def v1(data=TOKEN, key=None):
    return json.dumps({"data": data, "key": std(wrap1()) if key is None else key})


def opens(rules, case, record, secret=SECRET, **more):
    return dict(case=case, rules=rules, name="web/prod", record=record, status=0, secret=std(secret), **more)


def refused(rules, case, record, status=4, asks=False, **more):
    """`asks`: whether the wrapping key may be asked before the record is refused."""
    return dict(case=case, rules=rules, name="web/prod", record=record, status=status, asks=asks, **more)


def flip(text, at):
    """The character at `at`, for another one of the alphabet."""
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]


def spare_bits(text):
    """The same bytes, with one of the bits set that no byte holds."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if "+" in text or "/" in text or text.startswith(std(b"lazycred")[:8]):
        alphabet = alphabet[:-2] + "+/"
    body = text.rstrip("=")
    assert len(body) < len(text)
    return body[:-1] + alphabet[alphabet.index(body[-1]) | 1] + text[len(body) :]


def padded_token(**more):
    """A token whose base64 ends in padding."""
    for length in range(64):
        token = fernet(DATA_KEY, SECRET + b" " * length, **more)
        if token.endswith("="):
            return token, SECRET + b" " * length
    raise AssertionError


def under_half_a_data_key():
    """A data key with the half of `DATA_KEY` that signs, under which `TOKEN` decrypts to other bytes."""
    raw = base64.urlsafe_b64decode(TOKEN)
    for number in range(1 << 20):
        data_key = base64.urlsafe_b64decode(DATA_KEY)[:16] + struct.pack(">QQ", 0, number)
        decryptor = Cipher(algorithms.AES(data_key[16:]), modes.CBC(raw[9:25])).decryptor()
        padded = decryptor.update(raw[25:-32]) + decryptor.finalize()
        if 1 <= padded[-1] <= 16 and padded.endswith(padded[-1:] * padded[-1]):
            return url(data_key), padded[: -padded[-1]]
    raise AssertionError


def with_a_block_more(token):
    """A token that is 16 bytes too long for its MAC."""
    raw = base64.urlsafe_b64decode(token)
    return url(raw[:-32] + bytes(16) + raw[-32:])


def token_with_padding(count):
    """A token whose base64 ends in so many `=`, and what it holds."""
    for length in range(64):
        token = fernet(DATA_KEY, SECRET + b" " * length)
        if len(token) - len(token.rstrip("=")) == count:
            return token, SECRET + b" " * length
    raise AssertionError


def of_fernets_specification():
    """Its ten tokens; two of the invalid ones are so by their time alone, and open."""
    for case in json.loads((HERE / "suites/fernet.json").read_text()):
        yield case["about"], case["token"], case["data_key"], case.get("secret")


def version_1():
    cases = []
    good, bad = lambda *a, **m: cases.append(opens(*a, **m)), lambda *a, **m: cases.append(refused(*a, **m))
    key = std(wrap1())
    good(["V1.1"], "as it is written", '{"data": "%s", "key": "%s"}' % (TOKEN, key))
    good(["V1.4"], "the members in the other order", '{"key": "%s", "data": "%s"}' % (key, TOKEN))
    good(["V1.4"], "no space at all", '{"data":"%s","key":"%s"}' % (TOKEN, key))
    good(["V1.4"], "white space everywhere", '\n {\t"data" :\r\n"%s" , "key": "%s" }\n' % (TOKEN, key))
    good(["V1.4"], "an unknown member", '{"x": [1, {"y": null}], "data": "%s", "key": "%s"}' % (TOKEN, key))
    good(["V1.4"], "the last of two `data`", '{"data": "no", "key": "%s", "data": "%s"}' % (key, TOKEN))
    good(["V1.4"], "the last of two `key`", '{"key": null, "data": "%s", "key": "%s"}' % (TOKEN, key))
    good(["V1.4"], "escapes in names and values", '{"d\\u0061ta": "\\u0067%s", "k\\u0065y": "%s"}' % (TOKEN[1:], key))
    good(["V1.4"], "an escaped slash in `key`", '{"data": "%s", "key": "%s"}' % (TOKEN, key.replace("/", "\\/")))
    good(["C2", "V1.4"], "`lazycred` beside both members", '{"lazycred": 2, "data": "%s", "key": "%s"}' % (TOKEN, key))
    good(["C2", "V1.4"], "a higher `lazycred` beside both", '{"lazycred": 9, "data": "%s", "key": "%s"}' % (TOKEN, key))
    for size in [0, 1, 15, 16, 17, 31, 32, 1000]:
        secret = bytes(byte & 255 for byte in range(size))
        good(["V1.1"], f"{size} bytes", v1(fernet(DATA_KEY, secret)), secret)
    good(["V1.1"], "UTF-8", v1(fernet(DATA_KEY, "schlüssel ☃".encode())), "schlüssel ☃".encode())
    good(["V1.1"], "a trailing newline", v1(fernet(DATA_KEY, b"hunter2\n")), b"hunter2\n")
    for time in [0, 1, MADE + 30, MADE + 3600, MADE + 365 * 86400, 2**32, 2**63, 2**64 - 1]:
        good(["V1.7"], f"the token's time is {time}", v1(fernet(DATA_KEY, SECRET, time)))
    token, secret = padded_token()
    good(["V1.6"], "a token with spare bits", v1(spare_bits(token)), secret)
    good(["V1.6"], "a token with too much padding", v1(token + "===="), secret)
    good(["V1.6"], "a token with text behind its padding", v1(token.rstrip("=") + "==" + "zzzz" if token.endswith("==") else token + "zzzz"), secret)
    good(["V1.6"], "a token in the standard alphabet", v1(TOKEN.replace("-", "+").replace("_", "/")))
    good(["V1.6"], "a token with a newline at its end", v1(TOKEN + "\n"))
    good(["V1.6"], "a token with spaces in it", v1(" " + TOKEN[:40] + " \r\n" + TOKEN[40:]))
    good(["V1.6"], "a token with signs of no alphabet", v1(TOKEN[:9] + "!%é\u0000" + TOKEN[9:]))
    good(["V1.6"], "a token with `\\r\\n` at its end", v1(TOKEN + "\r\n"))
    good(["V1.6"], "a token with a newline every 64 characters", v1("\n".join(TOKEN[at : at + 64] for at in range(0, len(TOKEN), 64))))
    good(["V1.6"], "a token with NULs", v1("\0" + TOKEN[:9] + "\0" + TOKEN[9:] + "\0"))
    good(["V1.6"], "a token in both alphabets", v1(fernet(DATA_KEY, SECRET, iv=bytes([251] * 16)).replace("-", "+", 2)))
    good(["V1.6"], "a token with a single `=` inside it", v1(TOKEN[:42] + "=" + TOKEN[42:]))
    good(["V1.6"], "a token with `==` between its groups of four", v1(TOKEN[:40] + "==" + TOKEN[40:]))
    good(["V1.6"], "two tokens joined, of which the first counts", v1(token + fernet(DATA_KEY, b"second")), secret)
    good(["V1.5"], "`key` with newlines", v1(key="\n".join([key[:30], key[30:], ""])))
    good(["V1.5"], "`key` with signs of no alphabet", v1(key=key[:8] + "-_ !" + key[8:]))
    good(["V1.5"], "`key` with a single `=` before its end", v1(key="=" + key))
    short = wrap1()
    while not std(short).endswith("="):
        short += b"\n"
    good(["V1.5"], "`key` with spare bits", v1(key=spare_bits(std(short))))
    good(["V1.5"], "`key` with text behind its padding", v1(key=std(short) + "AAAA"))
    good(["V1.9"], "a data key with a newline", v1(key=std(wrap1(DATA_KEY + "\n"))))
    good(["V1.9"], "a data key with a space before it", v1(key=std(wrap1(" " + DATA_KEY))))
    good(["V1.9"], "a data key with spare bits", v1(key=std(wrap1(spare_bits(DATA_KEY)))))
    half, other_bytes = under_half_a_data_key()
    good(["V1.9"], "a data key of which the half that signs is right, which gives other bytes", v1(key=std(wrap1(half))), other_bytes)
    good(["V1.9"], "a data key in the standard alphabet", v1(key=std(wrap1(std(base64.urlsafe_b64decode(DATA_KEY))))))
    good(["V1.4"], "an unknown member 500 deep", '{"x": %s%s, %s' % ("[" * 500, "]" * 500, v1()[1:]))
    good(["C1"], "an unknown number of 5,000 digits", '{"x": %s, %s' % ("1" * 5000, v1()[1:]))
    for number in ["NaN", "Infinity", "-Infinity"]:
        good(["V1.4"], f"an unknown member that is {number}", '{"x": [%s], %s' % (number, v1()[1:]))
    good(["V1.4"], "half a surrogate pair in a name and a value", '{"\\ud800": "\\udfff", %s' % v1()[1:])
    encoded = b'{"x": "\xed\xa0\x80", ' + v1()[1:].encode()
    cases.append(dict(opens(["V1.4"], "half a surrogate pair in three bytes", ""), record_base64=std(encoded)))
    del cases[-1]["record"]
    good(["V1.4"], "an unknown member twice", '{"x": 1, "x": 2, %s' % v1()[1:])
    cases.append(dict(opens([], "the record of another name, which nothing prevents", v1()), name="web/dev"))
    good([], "another secret under the same wrapped data key, which nothing prevents", v1(fernet(DATA_KEY, b"evil")), b"evil")
    good([], "an old record of the same name, which nothing prevents", v1(fernet(DATA_KEY, b"old", MADE - 86400)), b"old")
    for about, official, data_key, clear in of_fernets_specification():
        record = v1(official, std(wrap1(data_key)))
        if clear is None:
            bad(["C3", "V1.6"], f"Fernet's specification: {about}", record, asks=True)
        else:
            good(["V1.6", "V1.7"], f"Fernet's specification: {about}", record, clear.encode())

    cases.append(refused([], "no record: it was removed", None, status=3))
    bad(["C1"], "nothing", "")
    bad(["C1"], "cut to a half", v1()[: len(v1()) // 2])
    bad(["C1"], "a NUL behind it", v1() + "\0")
    bad(["C1"], "`NaN`", "NaN")
    cases.append(dict(refused(["C1"], "a value that is not UTF-8", ""), record_base64=std(b'{"x": "\xff", ' + v1()[1:].encode())))
    del cases[-1]["record"]
    bad(["C1"], "white space only", " \n")
    bad(["C1"], "a list", "[]")
    bad(["C1"], "a string", '"data"')
    bad(["C1"], "a byte order mark", "\ufeff" + v1())
    bad(["C1"], "text behind it", v1() + " x")
    bad(["C1"], "two records", v1() + v1())
    bad(["C1"], "cut short", v1()[:-1])
    bad(["C1"], "a trailing comma", v1()[:-1] + ",}")
    bad(["C1"], "single quotes", v1().replace('"', "'"))
    cases.append(dict(refused(["C1"], "not UTF-8", ""), record_base64=std(v1().encode().replace(b"data", b"dat\xff"))))
    del cases[-1]["record"]
    bad(["V1.8"], "null", "null")
    bad(["V1.8"], "`key` is null", '{"data": "%s", "key": null}' % TOKEN)
    bad(["V1.8"], "`key` is null, without `data`", '{"key": null}')
    bad(["V1.4"], "no member at all", "{}")
    bad(["V1.4"], "no `data`", '{"key": "%s"}' % key)
    bad(["V1.4"], "no `key`", '{"data": "%s"}' % TOKEN)
    for value in ["null", "5", "true", "[]", "{}"]:
        bad(["V1.4"], f"`data` is {value}", '{"data": %s, "key": "%s"}' % (value, key))
    for value in ["5", "true", "[]", "{}"]:
        bad(["V1.4"], f"`key` is {value}", '{"data": "%s", "key": %s}' % (TOKEN, value))
    bad(["V1.4"], "names count their case", '{"Data": "%s", "Key": "%s"}' % (TOKEN, key))
    bad(["V1.4"], "the first of two `data`", '{"data": "%s", "key": "%s", "data": "no"}' % (TOKEN, key), asks=True)
    bad(["V1.8"], "the first of two `key`", '{"key": "%s", "data": "%s", "key": null}' % (key, TOKEN))
    bad(["V1.5"], "an empty `key`", v1(key=""), asks=True)
    bad(["V1.5"], "`key` in the URL-safe alphabet", v1(key=std(b"\xfb\xff" + wrap1()).replace("+", "-").replace("/", "_")))
    bad(["W1"], "`key` with bytes behind the token", v1(key=std(wrap1() + b"AAAA")), asks=True)
    bad(["W1"], "`key` with a space before the token", v1(key=std(wrap1().replace(b"vectors:", b"vectors: "))), asks=True)
    bad(["V1.5"], "`key` with one `=` too few", v1(key=std(short)[:-1]))
    bad(["V1.5"], "`key` with one character too many", v1(key=std(wrap1() + b"xx"[: -len(wrap1()) % 3 or 3])[:-1] + "QQQ"))
    bad(["V1.6"], "a token with one `=` too few", v1(token[:-1]), asks=True)
    bad(["V1.6"], "an empty token", v1(""), asks=True)
    unpadded = token_with_padding(2)[0].rstrip("=")
    bad(["V1.6"], "a token without its two `=`", v1(unpadded), asks=True)
    bad(["V1.6"], "a token with one `=` of two", v1(unpadded + "="), asks=True)
    bad(["V1.6"], "a token of padding alone", v1("===="), asks=True)
    bad(["V1.6"], "a token that ends at `==` inside it", v1(TOKEN[:42] + "==" + TOKEN[42:]), asks=True)
    for size in [1, 9, 25]:
        bad(["V1.6"], f"a token cut to {size} bytes", v1(url(base64.urlsafe_b64decode(TOKEN)[:size])), asks=True)
    bad(["C3"], "a token with a block more", v1(with_a_block_more(TOKEN)), asks=True)
    bad(["C3"], "the token of another record", v1(fernet(OTHER_DATA_KEY, SECRET)), asks=True)
    bad(["V1.6"], "a token of one character", v1("g"), asks=True)
    bad(["V1.6"], "a token cut to 56 bytes", v1(url(base64.urlsafe_b64decode(TOKEN)[:56])), asks=True)
    bad(["V1.6"], "a token without ciphertext", v1(fernet(DATA_KEY, b"", padded=b"")), asks=True)
    bad(["V1.6"], "a ciphertext of 15 bytes", v1(fernet(DATA_KEY, b"", padded=b"x" * 15)), asks=True)
    bad(["V1.6"], "a token of version 0x81", v1(fernet(DATA_KEY, SECRET, version=0x81)), asks=True)
    bad(["V1.6"], "padding of 0", v1(fernet(DATA_KEY, b"", padded=b"x" * 15 + b"\0")), asks=True)
    bad(["V1.6"], "padding of 17", v1(fernet(DATA_KEY, b"", padded=b"\x11" * 32)), asks=True)
    bad(["V1.6"], "uneven padding", v1(fernet(DATA_KEY, b"", padded=b"x" * 14 + b"\1\2")), asks=True)
    for what, at in [("version", 0), ("time", 5), ("IV", 20), ("ciphertext", 40), ("MAC", -9)]:
        bad(["C3"], f"one character of the token's {what} is another", v1(flip(TOKEN, at)), asks=True)
    bad(["C3"], "another data key", v1(key=std(wrap1(OTHER_DATA_KEY))), asks=True)
    bad(["V1.9"], "a data key of 32 raw bytes", v1(key=std(mark("vectors", fernet(WRAPPING_KEYS["vectors"], bytes(range(64, 96)))))), asks=True)
    bad(["V1.9"], "a data key without its `=`", v1(key=std(wrap1(DATA_KEY.rstrip("=")))), asks=True)
    bad(["V1.9"], "no data key at all", v1(key=std(wrap1(""))), asks=True)
    bad(["V1.9"], "a data key of 33 bytes", v1(key=std(wrap1(url(bytes(33))))), asks=True)
    bad(["W3"], "wrapped under another name", v1(key=std(wrap1(name="other"))), asks=True)
    bad(["W3"], "wrapped under another name that `keys` has", v1(key=std(wrap1(name="other"))), asks=True, keys=["local:other"])
    bad(["W1"], "wrapped by another key of that name", v1(key=std(wrap1(under="other"))), asks=True)
    bad(["W3"], "wrapped by KMS", v1(key=std(b"\x01\x02\x02\x00" + bytes(100))), asks=True)
    bad(["W1"], "the wrapped data key changed", v1(key=std(wrap1()[:-9] + b"AAAAAAAAA")), asks=True)
    bad(["R1"], "version 1 where 2 is the least", v1(), min_format=2)
    bad(["R3"], "version 1 where a generation is asked for", v1(), min_generation=1)
    good(["R2"], "version 1 where there is a greatest age", v1(), max_age="1h")
    return cases


# ---------------------------------------------------------------- version 2

NAMES = ["lazycred", "gen", "created", "type", "tool", "token_sha256", "wrapped_key", "token"]


def context(head, path):
    return {
        "lazycred:v": "2",
        "lazycred:path": path,
        "lazycred:gen": str(head["gen"]),
        "lazycred:created": head["created"],
        "lazycred:type": head["type"],
        "lazycred:tool": head["tool"],
        "lazycred:token-sha256": head["token_sha256"],
    }


def wrap2(context, data_key=DATA_KEY, name="vectors", under=None, more=None):
    bound = compact({"context": context, "key": data_key, **(more or {})})
    return mark(name, fernet(WRAPPING_KEYS[under or name], bound.encode()))


def members(token=TOKEN, path="file://web/prod", data_key=DATA_KEY, wrapping="vectors", under=None, bound=None, **head):
    """The eight members; `bound` changes pairs of the context."""
    made = {"lazycred": 2, "gen": 7, "created": "2026-08-22T14:03:11Z", "type": "application/json", "tool": "lazycred/1.0.0"}
    made["token_sha256"] = hashlib.sha256(token.encode()).hexdigest()
    made.update(head)
    pairs = {**context(made, path), **(bound or {})}
    pairs = {name: value for name, value in pairs.items() if value is not None}
    made["wrapped_key"] = std(wrap2(pairs, data_key, wrapping, under))
    made["token"] = token
    return made


def v2(**more):
    return json.dumps(members(**more), separators=(",", ":"), ensure_ascii=False)


def called(name):
    return f"the name `{name}`" if len(name) < 20 else f"a name of {len(name)} characters"


def edited(**changes):
    """A record that was changed after it was made."""
    made = {**members(), **changes}
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False)


def raw(name, text):
    """A record whose member is spelt so."""
    pairs = [(key, json.dumps(value)) for key, value in members().items()]
    return "{" + ",".join(f'"{key}":{text if key == name else value}' for key, value in pairs) + "}"


def version_2():
    cases = []
    good, bad = lambda *a, **m: cases.append(opens(*a, **m)), lambda *a, **m: cases.append(refused(*a, **m))
    made = members()
    good(["V2.1", "V2.12", "V2.17", "W2"], "as it is written", v2(), context=context(made, "file://web/prod"))
    good(["V2.1"], "the members in another order", json.dumps(dict(reversed(list(made.items())))))
    good(["V2.1"], "white space everywhere", "\n" + json.dumps(made, indent=3) + "\r\n\t ")
    good(["V2.1"], "escapes in names and values", v2().replace('"type"', '"t\\u0079pe"').replace('"lazycred/1.0.0"', '"lazycred\\/1.0\\u002e0"'))
    for gen in [1, 2, 2**53 - 1]:
        good(["V2.3"], f"generation {gen}", v2(gen=gen))
    for created in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]:
        good(["V2.4"], f"created at {created}", v2(created=created))
    for kind in ["application/json", "text/plain", "application/octet-stream"]:
        good(["V2.5"], f"type {kind}, whatever the secret is", v2(type=kind))
    for tool in ["x", "t" * 64, " ~", 'a"b\\c']:
        good(["V2.6"], f"tool {tool}", v2(tool=tool))
    for size in [0, 1, 15, 16, 17, 1000]:
        secret = bytes(byte & 255 for byte in range(size))
        good(["V2.9"], f"{size} bytes", v2(token=fernet(DATA_KEY, secret)), secret)
    for time in [0, 2**63, 2**64 - 1]:
        good(["V2.16"], f"the token's time is {time}", v2(token=fernet(DATA_KEY, SECRET, time)))
    good(["R3"], "an old record of the same name, where no generation is asked for", v2(gen=6, created="2026-08-21T00:00:00Z"))
    for name in ["a", "A.b_c-9", "...", "a/...", "-", "n" * 255 + "/" + "n" * 254 + "/n", "x/y/z"]:
        cases.append(dict(opens(["V2.13", "V2.15"], called(name), v2(path=f"file://{name}")), name=name))
    good(["R4"], "wrapped under a name that `keys` has", v2(wrapping="other"), keys=["local:other"])
    good(["R1"], "version 2 where 2 is the least", v2(), min_format=2)
    good(["R2"], "created after now, where there is a greatest age", v2(created="9999-01-01T00:00:00Z"), max_age="1h")
    good(["R3"], "exactly the generation that is asked for", v2(), min_generation=7)

    token, _ = padded_token()
    cases.append(refused([], "no record: it was removed", None, status=3))
    for cut in [1, 100, len(v2()) // 2]:
        bad(["C1"], f"cut by {cut} bytes", v2()[:-cut])
    for name in NAMES:
        bad(["V2.1"], f"no `{name}`", json.dumps({k: v for k, v in made.items() if k != name}))
        twice = "{" + f'"{name}":{json.dumps(made[name])},' + v2()[1:]
        bad(["V2.1"], f"`{name}` twice", twice)
        if name != "lazycred":
            for text in ["null", "true", "[]", "{}"] + (['"7"'] if name == "gen" else ["7"]):
                bad(["V2.1"], f"`{name}` is {text}", raw(name, text))
            if name != "gen":
                bad(["V2.1"], f"`{name}` is empty", edited(**{name: ""}))
    bad(["V2.1"], "a ninth member", edited(note="x"))
    bad(["V2.1"], "`data` as well", edited(data=TOKEN))
    bad(["V2.1"], "`key` as well", edited(key=std(wrap1())))
    bad(["V2.1"], "a name in capitals", v2().replace('"tool"', '"Tool"'))
    bad(["V2.1"], "an `alg`", edited(alg="fernet"))
    bad(["V2.1"], "a ninth member 500 deep", '{"x":%s%s,%s' % ("[" * 500, "]" * 500, v2()[1:]))
    bad(["V2.1"], "a ninth member with half a surrogate pair", '{"\\ud800":1,%s' % v2()[1:])
    bad(["C1"], "a ninth member that is NaN", '{"x":NaN,%s' % v2()[1:])
    for text in ["1", "0", "-2", "2.0", "2e0", '"2"', "null", "true", "[2]"]:
        bad(["C2", "V2.2"], f"`lazycred` is {text}", raw("lazycred", text))
    for text in ["3", "20", "2" * 40, "18446744073709551616"]:
        bad(["C2"], f"`lazycred` is {text}, of a newer format", raw("lazycred", text))
    for text in ["0", "-1", "7.0", "7e0", "9007199254740992", "18446744073709551616", "1" * 40]:
        bad(["V2.3"], f"`gen` is {text}", raw("gen", text))
    bad(["C1"], "`gen` is 07, which is no JSON", raw("gen", "07"))
    for created in [
        "2026-08-22T14:03:11", "2026-08-22t14:03:11Z", "2026-08-22T14:03:11z", "2026-08-22 14:03:11Z", "2026-08-22T14:03:11.0Z",
        "2026-08-22T14:03:11+00:00", "2026-08-22T14:03Z", "2026-8-22T14:03:11Z", "2023-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-08-22T24:00:00Z", "2026-08-22T23:60:00Z", "2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z",
        "12026-08-22T14:03:11Z", " 2026-08-22T14:03:11Z", "1787407391",
    ]:
        bad(["V2.4"], f"created at {created}", v2(created=created))
    for kind in ["application/JSON", "text/html", "text/plain; charset=utf-8", "json"]:
        bad(["V2.5"], f"type {kind}", v2(type=kind))
    for what, tool in [("65 characters", "t" * 65), ("a newline", "a\nb"), ("a DEL", "a\x7f"), ("a letter beyond ASCII", "é"), ("a NUL", "a\0")]:
        bad(["V2.6"], f"tool with {what}", v2(tool=tool))
    digest = made["token_sha256"]
    for what, value in [("in capitals", digest.upper()), ("of 63 digits", digest[:-1]), ("of 65 digits", digest + "0"), ("with another letter", digest[:-1] + "g")]:
        bad(["V2.7"], f"a hash {what}", v2(token_sha256=value))
    bad(["V2.6"], "tool with half a surrogate pair", raw("tool", '"\\ud800"'))
    bad(["V2.10"], "the hash of another token", v2(token_sha256=hashlib.sha256(b"x").hexdigest()))
    bad(["V2.10"], "one digit of the hash is another", edited(token_sha256=("1" if digest[0] == "0" else "0") + digest[1:]))
    bad(["V2.10"], "one character of the token is another, under the old hash", edited(token=flip(TOKEN, 40)))
    bad(["V2.10"], "another token under the old hash", edited(token=fernet(DATA_KEY, b"evil")))
    wrapped = made["wrapped_key"]
    for what, value in [
        ("a newline at its end", wrapped + "\n"), ("spaces in it", wrapped[:9] + " " + wrapped[9:]), ("no padding", std(b"ab").rstrip("=")),
        ("spare bits", "YWJ="), ("the URL-safe alphabet", "-_-_"), ("text behind its padding", "YWI=YWI="),
    ]:
        bad(["V2.8"], f"`wrapped_key` with {what}", edited(wrapped_key=value))
    for what, value in [
        ("spare bits", spare_bits(token)), ("one `=` too few", token[:-1]), ("one `=` too many", token + "="), ("a newline", TOKEN + "\n"),
        ("the standard alphabet", fernet(DATA_KEY, SECRET, iv=bytes([251] * 16)).replace("-", "+").replace("_", "/")),
        ("text behind its padding", token + "AAAA"), ("`\\r\\n`", TOKEN + "\r\n"), ("a space", TOKEN[:9] + " " + TOKEN[9:]),
        ("a NUL", TOKEN + "\0"), ("a `%`", "%" + TOKEN), ("a letter beyond ASCII", TOKEN[:9] + "é" + TOKEN[9:]), ("a single `=` inside", TOKEN[:42] + "=" + TOKEN[42:]),
        ("both alphabets", fernet(DATA_KEY, SECRET, iv=bytes([251] * 16)).replace("-", "+", 2)), ("padding alone", "===="), ("another token behind it", token + TOKEN),
        ("1 byte", url(b"\x80")), ("9 bytes", url(base64.urlsafe_b64decode(TOKEN)[:9])), ("25 bytes", url(base64.urlsafe_b64decode(TOKEN)[:25])), ("version 0x81", fernet(DATA_KEY, SECRET, version=0x81)),
        ("no ciphertext", fernet(DATA_KEY, b"", padded=b"")), ("a ciphertext of 15 bytes", fernet(DATA_KEY, b"", padded=b"x" * 15)),
        ("56 bytes", url(base64.urlsafe_b64decode(TOKEN)[:56])),
    ]:
        bad(["V2.9"], f"a token with {what}", v2(token=value))
    for what, value in [("padding of 0", b"x" * 15 + b"\0"), ("padding of 17", b"\x11" * 32), ("uneven padding", b"x" * 14 + b"\1\2")]:
        bad(["V2.9", "C3"], f"a token with {what}", v2(token=fernet(DATA_KEY, b"", padded=value)), asks=True)

    longer = with_a_block_more(TOKEN)
    bad(["C3"], "a token with a block more, bound", v2(token=longer), asks=True)
    for what, value in [("a block more", longer), ("another character", flip(TOKEN, 40))]:
        forged = edited(token=value, token_sha256=hashlib.sha256(value.encode()).hexdigest())
        bad(["V2.12"], f"a token with {what}, and its hash", forged, asks=True)
    blob = base64.b64decode(wrapped)
    bad(["W2"], "`wrapped_key` with one character changed", edited(wrapped_key=std(flip(blob.decode(), -60).encode())), asks=True)
    bad(["W2"], "`wrapped_key` with bytes behind the token", edited(wrapped_key=std(blob + b"AAAA")), asks=True)
    bad(["V2.12"], "another generation than was bound", edited(gen=8), asks=True)
    bad(["V2.12"], "another time than was bound", edited(created="2027-08-22T14:03:11Z"), asks=True)
    bad(["V2.12"], "another type than was bound", edited(type="text/plain"), asks=True)
    bad(["V2.12"], "another tool than was bound", edited(tool="lazycred/1.0.1"), asks=True)
    other = members(token=fernet(DATA_KEY, b"evil"))
    bad(["V2.12"], "token and hash of another record", edited(token=other["token"], token_sha256=other["token_sha256"]), asks=True)
    bad(["V2.12"], "the wrapped data key of another record", edited(wrapped_key=other["wrapped_key"]), asks=True)
    bad(["V2.13"], "the record of another name", v2(path="file://web/dev"), asks=True)
    bad(["V2.13"], "the record of a name in capitals", v2(path="file://web/Prod"), asks=True)
    bad(["V2.13"], "the record of a bucket", v2(path="s3://web/prod"), asks=True)
    for name in ["v", "path", "gen", "created", "type", "tool", "token-sha256"]:
        bad(["V2.12"], f"`lazycred:{name}` not bound", v2(bound={f"lazycred:{name}": None}), asks=True)
    bad(["V2.12"], "an eighth pair", v2(bound={"lazycred:alg": "fernet"}), asks=True)
    bad(["V2.12"], "bound to version 3", v2(bound={"lazycred:v": "3"}), asks=True)
    bad(["V2.12", "W2"], "not bound at all", edited(wrapped_key=std(wrap1())), asks=True)
    bad(["V2.12", "W1"], "version 2's parts as version 1", json.dumps({"data": TOKEN, "key": wrapped}), asks=True)
    bad(["V2.14"], "a data key with a newline", v2(data_key=DATA_KEY + "\n"), asks=True)
    bad(["V2.14"], "a data key in the standard alphabet", v2(token=fernet(url(b"\xff" * 32), SECRET), data_key=std(b"\xff" * 32)), asks=True)
    bad(["V2.14"], "a data key of 33 bytes", v2(data_key=url(bytes(33))), asks=True)
    bad(["C3"], "another data key", v2(data_key=OTHER_DATA_KEY), asks=True)
    bad(["W3"], "wrapped under another name", v2(wrapping="other"), asks=True)
    bad(["W2"], "wrapped by another key of that name", v2(under="other"), asks=True)
    for name in ["a b", "a+b", "é", "a@b", "a:b", "a//b", "../a", "a/./b", "a/..", "n" * 255 + "/" + "n" * 255 + "/n"]:
        case = refused(["V2.15"], called(name), v2(path=f"file://{name}"), status=2)
        cases.append(dict(case, name=name))
    both = dict(name="a b", min_generation=8)
    cases.append({**refused(["V2.11", "V2.15"], "a name that cannot be bound, and a generation too low", v2(path="file://a b"), status=2), **both})
    cases.append({**refused(["V2.1", "V2.11"], "a name that cannot be bound, and a ninth member", edited(note="x")), **both})
    extra = wrap2(context(made, "file://web/prod"), more={"note": "x"})
    bad(["W2"], "a third member beside the context and the data key", edited(wrapped_key=std(extra)), asks=True)
    bad(["R2"], "created too long ago", v2(created="2020-01-01T00:00:00Z"), max_age="90d")
    bad(["R3"], "a generation below what is asked for", v2(), min_generation=8)
    return cases


def document(cases):
    names = [case["case"] for case in cases]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    head = {"wrapping_keys": WRAPPING_KEYS, "key_alias": "local:vectors", "data_key": DATA_KEY}
    return json.dumps({**head, "cases": cases}, indent=1, ensure_ascii=True) + "\n"


def main():
    same = True
    for file, cases in [("v1.json", version_1()), ("v2.json", version_2())]:
        text = document(cases)
        if sys.argv[1:] == ["check"]:
            same = same and (HERE / file).read_text() == text
        else:
            (HERE / file).write_text(text)
        print(f"{file}: {len(cases)} cases")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
