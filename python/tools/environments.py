"""Pythons of this machine, and virtual environments with the packages of a file.

An environment is made once, and again when its packages or its Python change.
All of them lie under `target/python`.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
ROOT = HERE.parent
MADE = ROOT / "target" / "python"

#: What the wheel is tested on.
MINORS = ["3.9", "3.10", "3.11", "3.12", "3.13"]


def pythons():
    """The Python of each minor version that is here: pyenv's, else the one on PATH."""
    found = {minor: next(filter(None, map(usable, candidates(minor))), None) for minor in MINORS}
    return {minor: path for minor, path in found.items() if path}


def for_tools():
    """The newest Python that is here, which the tools need to be 3.10 or later."""
    here = [path for minor, path in pythons().items() if minor != "3.9"]
    return here[-1] if here else sys.exit("Python 3.10 or later is needed, with venv")


def candidates(minor):
    root = os.environ.get("PYENV_ROOT")
    for folder in sorted(Path(root, "versions").glob(minor + ".*")) if root else []:
        yield str(folder / "bin" / "python")
    for name in ["python" + minor, "python3"]:
        path = shutil.which(name)
        # A shim of pyenv runs a Python that may not be installed; usable() tells.
        if path and usable(path, minor):
            yield path


def usable(path, minor=None):
    """The path, if this Python makes environments and is of this minor version."""
    code = "import ensurepip, venv, sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([path, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    right = done.returncode == 0 and minor in (None, done.stdout.strip())
    return path if right else None


def make(python, purpose):
    """The Python of an environment with the packages of `requirements-PURPOSE.txt`."""
    wanted = HERE / f"requirements-{purpose}.txt"
    about = subprocess.run([python, "-c", "import sys; print(sys.version, sys.base_prefix)"],
                           stdout=subprocess.PIPE, check=True).stdout
    code = hashlib.sha256(about + wanted.read_bytes()).hexdigest()[:12]
    folder = MADE / f"{purpose}-{'.'.join(about.decode().split('.')[:2])}-{code}"
    MADE.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            run([python, "-m", "venv", folder])
            # All is in that file: what another version of a package would need beside it is found by the check.
            run([*pip(folder / "bin/python"), "--no-deps", "--requirement", wanted])
            run([folder / "bin/python", "-m", "pip", "check"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            (folder / "ready").touch()
    return folder / "bin/python"


def pip(python, command="install"):
    return [python, "-m", "pip", command, "--quiet", "--no-input", "--disable-pip-version-check"]


def run(command, **options):
    """Runs it, and stops where it fails; what it said on a pipe is shown then."""
    done = subprocess.run([str(word) for word in command], **options)
    if done.returncode != 0:
        sys.stderr.write(((done.stdout or b"") + (done.stderr or b"")).decode(errors="replace"))
        sys.exit(f"{Path(sys.argv[0]).name}: failed: {' '.join(map(str, command))}")
    return done


@contextlib.contextmanager
def patiently(line):
    """Says every minute that what is done goes on; `line` gives what to say."""
    over = threading.Event()

    def tell():
        started = time.monotonic()
        while not over.wait(60):
            print(f"{line()}: {time.monotonic() - started:.0f} s so far", flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def say(line):
    print(f"== {line}", flush=True)
