"""Where a call may wait for ever: servers, names, processes and locks that never answer."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

from conftest import lacking

# Run in a network of its own, whose nameserver listens and never answers.
SILENT_NAMESERVER = """
ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@"
"""


class Scene(NamedTuple):
    """What a program is started with, and what lets its calls through afterwards."""

    env: Dict[str, Optional[str]]
    arguments: Dict[str, Any]
    heal: Callable[[], None]
    start: List[str]
    before: str
    """Code that the program runs first."""
    waits: Callable[[], None]
    """Waits until the call is under way, where that can be seen."""


@contextlib.contextmanager
def scene(name: str, aws: Any, tmp_path: Path) -> Iterator[Scene]:
    """A scene by its name; `web` is stored, but the first call about it waits."""
    with SCENES[name](aws, tmp_path) as made:
        yield made


def basic(aws: Any, heal: Callable[[], None], waits: Optional[Callable[[], None]] = None) -> Scene:
    return Scene(dict(aws.env()), aws.arguments(timeout=60), heal, [], "", waits or (lambda: None))


@contextlib.contextmanager
def stalled_s3(aws: Any, _: Path) -> Iterator[Scene]:
    aws.stall("s3")
    yield basic(aws, aws.heal, lambda: aws.wait_for("s3"))


@contextlib.contextmanager
def stalled_kms(aws: Any, _: Path) -> Iterator[Scene]:
    aws.stall("kms")
    yield basic(aws, aws.heal, lambda: aws.wait_for("kms"))


@contextlib.contextmanager
def throttled(aws: Any, _: Path) -> Iterator[Scene]:
    aws.fail("s3", "SlowDown")
    yield basic(aws, aws.heal, lambda: aws.wait_for("s3", 4))


@contextlib.contextmanager
def silent_server(aws: Any, _: Path) -> Iterator[Scene]:
    """Connections are accepted, and nothing comes: neither TLS nor an answer to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted: List[socket.socket] = []
        dialled = threading.Event()

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    accepted.append(listener.accept()[0])
                    dialled.set()

        threading.Thread(target=accept, daemon=True).start()
        url = "https://127.0.0.1:%d" % listener.getsockname()[1]
        made = basic(aws, lambda: None, lambda: dialled.wait(30) and None)
        yield made._replace(env={**made.env, "AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "50"})
        listener.shutdown(socket.SHUT_RDWR)
        for connection in accepted:
            connection.close()


@contextlib.contextmanager
def silent_nameserver(aws: Any, tmp_path: Path) -> Iterator[Scene]:
    space = ["unshare", "-r", "-m", "-n"] if os.geteuid() else ["unshare", "-m", "-n"]
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\noptions timeout:20 attempts:3\n")
    start = [*space, "sh", "-c", SILENT_NAMESERVER, str(resolv)]
    if not shutil.which("unshare") or subprocess.run([*start, "true"], capture_output=True).returncode:
        lacking("no network of its own on this machine: not shown for names")
    made = basic(aws, lambda: None)
    before = "import socket\nnobody = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    before += "nobody.bind(('127.0.0.1', 53))\n"
    env = {**made.env, "AWS_ENDPOINT_URL": "https://aws.example.test"}
    yield made._replace(env=env, start=start, before=before)


def credentials_of_a_process(aws: Any, tmp_path: Path, *lines: str) -> Dict[str, Optional[str]]:
    """Variables with which credentials come from a process that runs these lines of `sh` first."""
    config, script = tmp_path / "config", tmp_path / "credentials"
    document = '{"Version": 1, "AccessKeyId": "AKIATESTER", "SecretAccessKey": "tester"}'
    script.write_text("\n".join(["#!/bin/sh", *lines, "echo '%s'" % document, ""]))
    script.chmod(0o700)
    config.write_text("[default]\ncredential_process = %s\n" % script)
    none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    return {**aws.env(), "AWS_CONFIG_FILE": str(config), **none}


@contextlib.contextmanager
def silent_credential_process(aws: Any, tmp_path: Path) -> Iterator[Scene]:
    flag, asked = tmp_path / "healed", tmp_path / "asked"
    hang = "[ -e '%s' ] || exec sleep 50" % flag
    env = credentials_of_a_process(aws, tmp_path, ": > '%s'" % asked, hang)
    yield basic(aws, flag.touch, lambda: appears(asked))._replace(env=env)


@contextlib.contextmanager
def held_lock(aws: Any, tmp_path: Path) -> Iterator[Scene]:
    """A folder store, whose lock another process holds (this one)."""
    folder = tmp_path / "records"
    (folder / ".lazycred").mkdir(parents=True, mode=0o700)
    with open(folder / ".lazycred" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = basic(aws, lambda: fcntl.flock(lock, fcntl.LOCK_UN))
        arguments = {**made.arguments, "s3_path": "file:%s/" % folder}
        yield made._replace(arguments=arguments)


def appears(path: Path) -> None:
    until = time.monotonic() + 30
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert path.exists(), "the call never began"


SCENES: Dict[str, Any] = {
    "s3 that never answers": stalled_s3,
    "kms that never answers": stalled_kms,
    "s3 that throttles": throttled,
    "tls that never completes": silent_server,
    "a nameserver that never answers": silent_nameserver,
    "a credential_process that hangs": silent_credential_process,
    "the lock of a folder in use": held_lock,
}

# Those after which the same client can be shown to work.
HEALING = [name for name in SCENES if name not in ("tls that never completes", "a nameserver that never answers")]

