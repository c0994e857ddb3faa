"""What readers of Python make of texts: `read.py NAME <FRAMES >FRAMES`.

A frame is its length, a newline and as many bytes. An answer is `+` and
NAME=VALUE pairs, each with a NUL behind it, or `-` and what went wrong.
"""

import base64
import io
import json
import logging
import math
import sys


class Complaint(logging.Handler):
    """Has what a reader would only log be an error."""

    def emit(self, record):
        raise ValueError(record.getMessage())


def dotenv(text):
    from dotenv import dotenv_values

    # As it opens a file.
    return dotenv_values(stream=io.TextIOWrapper(io.BytesIO(text), encoding="utf-8"))


def yaml(text):
    import yaml

    return yaml.safe_load(text)


def libyaml(text):
    import yaml

    return yaml.load(text, yaml.CSafeLoader)


def ruamel(text):
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)


def k8s(text):
    data = yaml(text)["data"]
    return {name: base64.b64decode(value, validate=True) for name, value in data.items()}


def whole(value):
    """A value as JSON; what JSON has no type for is an error."""
    if isinstance(value, dict):
        return {name: whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("no finite number")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a {type(value).__name__}")


def main():
    # With `/json` behind it, the whole value is one pair without a name.
    name, _, as_json = sys.argv[1].partition("/")
    read = {"json": json.loads}.get(name) or globals()[name]
    if name == "dotenv":
        logging.getLogger("dotenv").handlers = [Complaint()]
    if name == "libyaml":
        from yaml import CSafeLoader  # noqa: F401: fails at once where there is none
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while line := source.readline():
        text = source.read(int(line))
        try:
            answer = b"+"
            found = read(text)
            pairs = {"": json.dumps(whole(found))} if as_json else found
            for name, value in pairs.items():
                value = value if isinstance(value, bytes) else value.encode()
                answer += name.encode() + b"=" + value + b"\0"
        except Exception as error:  # noqa: BLE001: whatever it is, it is no answer
            answer = b"-" + f"{type(error).__name__}: {error}".encode("utf-8", "replace")
        sink.write(b"%d\n%s" % (len(answer), answer))


main()
