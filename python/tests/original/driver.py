"""Carries out cases with `import lazycred`, be it 0.2.3 on Python 2.7 or ours on Python 3.

usage: driver.py original|ours < CASES    one case a line, one answer a line

A case has the members folder, environment and steps; each is carried out in a
process of its own, forked after the import, as 0.2.3 remembers a configuration for
the life of a process. What JSON cannot hold, or the two Pythons name differently,
is {"$": KIND, "v": ...}: see `plain`. An answer is a list with one outcome for each
get and put: what it gave or raised, and what `LazyCredLogger` was told.
"""

from __future__ import print_function

import base64
import json
import logging
import os
import sys
import traceback

PY2 = sys.version_info[0] == 2


def native(text):
    """Text as a literal of a program has it: bytes on 2.7."""
    return text.encode("utf-8") if PY2 else text


def plain(value):
    """What the table means, as this Python has it."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return native(value) if isinstance(value, type(u"")) else value
    kind, inner = value["$"], value["v"]
    if kind == "dict":
        return {native(name): plain(item) for name, item in inner}
    if kind == "text":
        return inner
    data = base64.b64decode(inner)
    return {"bytes": bytes, "bytearray": bytearray, "memoryview": memoryview}[kind](data)


def told(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return "a " + type(value).__name__


class Log(logging.Handler):
    def __init__(self):
        logging.Handler.__init__(self)
        self.records = []

    def emit(self, record):
        text = "%s %r %r" % (record.getMessage(), record.args, record.exc_info)
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if record.levelno >= logging.WARNING:
            self.records.append([record.levelname, text])


def redirect_boto():
    """Has boto ask our server, once and not ten times."""
    import boto
    import boto.kms
    import boto.s3.connection
    from boto.kms.layer1 import KMSConnection
    from boto.regioninfo import RegionInfo

    boto.config.add_section("Boto")
    boto.config.set("Boto", "num_retries", "0")
    known = [region.name for region in boto.kms.regions()]

    def place():
        host, port = os.environ["AWS_ENDPOINT_URL"].partition("//")[2].split(":")
        return {"host": host, "port": int(port), "is_secure": False}

    def connect_s3(*args, **options):
        path_style = boto.s3.connection.OrdinaryCallingFormat()
        options.update(place(), calling_format=path_style)
        return boto.s3.connection.S3Connection(*args, **options)

    class Kms(KMSConnection):
        def _mexe(self, request, sender=None, override_num_retries=None, **options):
            return KMSConnection._mexe(self, request, sender, 0, **options)

    def connect_kms(region_name, **options):
        if region_name not in known:
            return None
        options.update(place())
        connection = Kms(region=RegionInfo(name=region_name, endpoint=options["host"]), **options)
        connection.auth_region_name, connection.auth_service_name = region_name, "kms"
        return connection

    boto.connect_s3, boto.kms.connect_to_region = connect_s3, connect_kms


def carry_out(steps, lazycred, log):
    config, outcomes = None, []
    for step in steps:
        verb, arguments = step[0], [plain(argument) for argument in step[1:]]
        if verb == "set_config":
            config = arguments[0]
            lazycred.set_config(config)
        elif verb == "change":
            config.update(arguments[0])
        elif verb == "write":
            with open(arguments[0], "w") as file:
                file.write(arguments[1])
        elif verb == "open to all":
            os.chmod(arguments[0], 0o666)
        elif verb == "chdir":
            os.chdir(arguments[0])
        elif verb == "environment":
            os.environ.update(arguments[0])
        else:
            outcome = {"gave": None, "raised": None}
            try:
                outcome["gave"] = told(getattr(lazycred, verb)(*arguments))
            except Exception as error:
                outcome["raised"] = type(error).__name__
                outcome["trace"] = traceback.format_exc()
            outcome["told"], log.records = log.records, []
            outcomes.append(outcome)
    return outcomes


def in_a_process(case, lazycred, log):
    os.environ.clear()
    os.environ.update({native(name): native(value) for name, value in case["environment"].items()})
    os.chdir(case["folder"])
    sys.stdout.write(json.dumps(carry_out(case["steps"], lazycred, log)) + "\n")
    sys.stdout.flush()


def main(which):
    if which == "original":
        redirect_boto()
    import lazycred

    log = Log()
    logger = logging.getLogger("LazyCredLogger")
    logger.addHandler(log)
    logger.propagate = False
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            try:
                in_a_process(json.loads(line), lazycred, log)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        if os.waitpid(child, 0)[1]:
            print("null")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
