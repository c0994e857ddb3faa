"""Has pip put the published package 0.2.3 and moto under the target folder, once.

Nothing of the package is in this repository. Where something cannot be had, `Missing`
says why.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
SOURCES = REPOSITORY / "tests/support/python"
GOLDEN = REPOSITORY / "tests/support/fixtures/golden"
MADE = REPOSITORY / "target/python"

#: What pip may see: our environment as it is before any test, but for what other Pythons import.
OF_THE_USER = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


class Missing(Exception):
    """What this machine lacks, and why."""


def python_2():
    """A Python 2.7, and the folder to import 0.2.3 from."""
    python = find("2.7")
    return python, packages(python, "original-2.7.txt")


def moto():
    """A Python 3.10 or newer, and the folder to import moto from."""
    python = find("3.13", "3.12", "3.11", "3.10")
    return python, packages(python, "requirements.txt")


def find(*versions):
    """The first of these Pythons that is here, in pyenv, on PATH or as this one, and has pip."""
    pyenv = Path(OF_THE_USER.get("PYENV_ROOT", os.devnull), "versions")
    for version in versions:
        this = [sys.executable] if version == "%d.%d" % sys.version_info[:2] else []
        for python in [*map(str, pyenv.glob(version + ".*/bin/python")), "python" + version, *this]:
            # A shim of pyenv may stand for a Python that is not here.
            probe = [python, "-m", "pip", "--version"]
            if shutil.which(python) and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                return python
    raise Missing("no Python %s with pip" % ", ".join(versions))


def packages(python, name):
    """The folder of the packages that a file names, installed by this Python."""
    recipe = SOURCES / name
    if not recipe.exists():
        raise Missing("there is no %s beside this copy of the tests" % name)
    code = hashlib.sha256(python.encode() + recipe.read_bytes()).hexdigest()[:12]
    folder = MADE / ("%s-%s" % (recipe.stem, code))
    MADE.mkdir(parents=True, exist_ok=True)
    with open("%s.lock" % folder, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            if OF_THE_USER.get("LAZYCRED_TEST_FULL") == "0":
                raise Missing("LAZYCRED_TEST_FULL=0")
            shutil.rmtree(str(folder), ignore_errors=True)
            command = [python, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
            command += ["--target", str(folder), "--requirement", str(recipe)]
            done = subprocess.run(command, env=OF_THE_USER, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Missing("pip: %s" % (done.stderr.strip() or done.returncode))
            (folder / "ready").touch()
    return folder
