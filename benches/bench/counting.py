"""Counts that do not depend on how busy a machine is: instructions, system calls, files."""

import pathlib
import re
import subprocess
import time

from .world import Failed

# The kinds of system call that are told apart.
OPENS = {"open", "openat", "openat2"}
THREADS = {"clone", "clone3", "fork", "vfork"}


def instructions(argv, environment, folder, cwd, status, runs=3, within=(), before=lambda: None):
    """User-space instructions of a program, by callgrind; the least of some runs, each of them
    after `before`.

    Random nonces and hash seeds make runs differ by some 0.1 %. Valgrind hides ADX and
    BMI2 from the program, so that every machine with AVX2 runs the same code.
    """
    counts = []
    for _ in range(runs):
        before()
        counts.append(one_count(argv, environment, folder, cwd, status, within))
    return min(counts)


def one_count(argv, environment, folder, cwd, status, within):
    log = folder / "callgrind.log"
    command = [*within, "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
               f"--log-file={log}", *argv]
    done = subprocess.run([str(word) for word in command], env=environment, cwd=cwd,
                          capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", log.read_text())
    if done.returncode != status or not found:
        raise Failed(f"{command}: status {done.returncode}\n{done.stderr}{log.read_text()}")
    return int(found[1])


class Trace:
    """The system calls of a run, up to and without the `execve` of its command."""

    def __init__(self, argv, environment, folder, cwd, until=None):
        log = folder / "strace.log"
        command = ["strace", "-f", "-o", log, *argv]
        self.output = subprocess.run([str(word) for word in command], env=environment, cwd=cwd,
                                     capture_output=True, text=True)
        self.calls = []
        for line in log.read_text().splitlines()[1:]:
            call = re.match(r"\d+ +(\w+)\((.*)", line)
            if call and call[1] == "execve" and until and str(until) in call[2]:
                break
            if call:
                self.calls.append((call[1], call[2]))
        else:
            if until:
                raise Failed(f"{argv} did not come to its command: {self.output.stderr}")

    def total(self):
        return len(self.calls)

    def opened(self):
        """The paths of all files that were opened."""
        opens = [rest for name, rest in self.calls if name in OPENS and "= -1" not in rest]
        return [re.search(r'"([^"]*)"', rest)[1] for rest in opens]

    def threads(self):
        return sum(name in THREADS for name, _ in self.calls)

    def sockets(self):
        return sum(name == "socket" for name, _ in self.calls)


def left_behind(argv, environment, cwd):
    """How many processes of a run there are beside the command that took its place."""
    process = subprocess.Popen([str(word) for word in argv], env=environment, cwd=cwd,
                               start_new_session=True)
    try:
        comm = pathlib.Path(f"/proc/{process.pid}/comm")
        while True:
            if process.poll() is not None:
                raise Failed(f"{argv} ended with {process.returncode}")
            if comm.read_text().strip() == "sleep":
                break
            time.sleep(0.001)
        processes = pathlib.Path("/proc").glob("[0-9]*")
        return sum(session_of(path) == process.pid for path in processes) - 1
    finally:
        process.kill()
        process.wait()


def session_of(process):
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[3])
    except (OSError, IndexError):
        return None
