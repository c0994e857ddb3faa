"""Runs Python programs as processes of their own, and talks with them by lines.

A program gets the names of `PRELUDE`: `client(**more)` makes a client of the store that its
environment names, `say(...)` prints a line, `heard()` waits for one from the test, and
`outcome(call)` is what a call came to.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import Any, Dict, Iterator, List, Mapping, Optional

PRELUDE = """
import faulthandler, json, os, signal, sys, threading, time
import lazycred

def client(**more):
    return lazycred.Client(**{**json.loads(os.environ["CLIENT_ARGUMENTS"]), **more})

def say(*words):
    # One write, so that lines of several processes do not mix.
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def heard():
    return sys.stdin.readline().strip()

def outcome(call, *arguments, **more):
    try:
        return repr(call(*arguments, **more))
    except BaseException as error:
        return type(error).__name__

def ready():
    "Waits until the test has prepared what comes next."
    say("ready")
    heard()

def at_once(count, work):
    "Runs `work`, which is given a number, in so many threads, and waits for them all."
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""

# How long a test waits for what is to happen at all, on a busy machine.
PATIENCE = 60.0

# What must come before a wait of 60 s would end by itself.
SOON = 30.0


class Program:
    """A Python program that runs; it is killed at the end of its block."""

    # Variables that are None are left out.
    def __init__(
        self,
        code: str,
        env: Mapping[str, Optional[str]],
        arguments: Optional[Dict[str, Any]] = None,
        start: Optional[List[str]] = None,
        flags: Optional[List[str]] = None,
        terminal: Optional[int] = None,
        prelude: str = PRELUDE,
    ) -> None:
        whole = {**os.environ, **env, "CLIENT_ARGUMENTS": json.dumps(arguments or {})}
        command = [*(start or []), sys.executable, *(flags or []), "-c", prelude + code]
        stdin: Any = subprocess.PIPE if terminal is None else terminal
        self.process = subprocess.Popen(
            command,
            env={name: value for name, value in whole.items() if value is not None},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=terminal is None,
            preexec_fn=None if terminal is None else lambda: _adopt(terminal),
        )
        self.lines: List[str] = []
        self.errors: List[str] = []
        self._said: queue.Queue[Optional[str]] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        # Its children share its pipes, and must not outlive the test.
        for end in (lambda: os.killpg(self.process.pid, signal.SIGKILL), self.process.kill):
            try:
                end()
            except (ProcessLookupError, PermissionError):
                pass
        self.process.wait()

    def _read_lines(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(line.decode("utf-8", "replace").rstrip("\n"))
        self._said.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors.append(line.decode("utf-8", "replace"))

    def line(self, seconds: float = PATIENCE) -> str:
        """The next line that it says."""
        try:
            line = self._said.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError("nothing more after %s; %s" % (self.lines, self.errors)) from None
        assert line is not None, "it ended after %s; %s" % (self.lines, self.errors)
        self.lines.append(line)
        return line

    def expect(self, line: str, seconds: float = PATIENCE) -> None:
        said = self.line(seconds)
        assert said == line, (said, self.errors)

    def tell(self, line: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def interrupt(self, number: int = signal.SIGINT) -> None:
        self.process.send_signal(number)

    def end(self, status: int = 0, errors: str = "", seconds: float = PATIENCE) -> List[str]:
        """Waits for its end, which must have this status and say no error; its further lines."""
        try:
            ended = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError("it hangs after %s; %s" % (self.lines, self.errors)) from None
        for reader in self._readers:
            reader.join(seconds)
        said = "".join(self.errors)
        assert (ended, said) == (status, errors), (ended, said, self.lines)
        rest = []
        while not self._said.empty():
            line = self._said.get()
            if line is not None:
                rest.append(line)
        self.lines += rest
        return rest


@contextlib.contextmanager
def stalled(
    aws: Any, code: str, operation: str = "GetObject", times: Optional[int] = 1, delay: float = 0.0, **more: Any
) -> Iterator[Program]:
    """A program that is in a call, which waits: once it was `ready()`, so many requests of an
    operation are not answered until `aws.heal()`, or late. `more` goes to `Program`."""
    with Program(code, **{"env": aws.env(), "arguments": aws.arguments(timeout=60), **more}) as running:
        lead_into_a_wait(aws, running, operation, times, delay)
        yield running


def lead_into_a_wait(
    aws: Any, running: Program, operation: str = "GetObject", times: Optional[int] = 1, delay: float = 0.0
) -> None:
    """Has a program that is `ready()` make a call, as `stalled` says, and waits for its requests."""
    running.expect("ready")
    aws.forget()
    if delay:
        aws.delay(operation, delay)
    else:
        aws.stall(operation, times)
    running.tell()
    aws.wait_for(operation, times or 1)


def _adopt(terminal: Optional[int]) -> None:
    """Makes a terminal the controlling one of a new session."""
    import fcntl
    import termios

    os.setsid()
    assert terminal is not None
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
