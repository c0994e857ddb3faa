"""Puts the published package 0.2.3 and moto under the target folder, once.

Folders, markers and locks are those of `tests/support/moto/install.rs`, so that the
Rust tests and these share what is installed. Nothing of the package is in this
repository: pip fetches it. Where something cannot be had, `Missing` says why.
"""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
SOURCES = REPOSITORY / "tests/support/python"
GOLDEN = REPOSITORY / "tests/support/fixtures/golden"

#: How packages are reached: all that pip may see of our environment, as it is before any test.
_NAMES = (
    "HTTPS_PROXY HTTP_PROXY NO_PROXY PIP_CERT PIP_CLIENT_CERT PIP_DEFAULT_TIMEOUT PIP_EXTRA_INDEX_URL "
    "PIP_FIND_LINKS PIP_INDEX_URL PIP_PROXY PIP_TRUSTED_HOST REQUESTS_CA_BUNDLE SSL_CERT_DIR SSL_CERT_FILE "
    "https_proxy http_proxy no_proxy"
).split()
OF_THE_USER = {name: os.environ[name] for name in _NAMES if name in os.environ}
#: As in the Rust tests: "1" makes what is lacking a failure, "0" does without what must be installed.
FULL = os.environ.get("LAZYCRED_TEST_FULL")


class Missing(Exception):
    """What this machine lacks, and why."""


def target():
    return Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")


def clean_environment():
    """Of our environment PATH alone, and a home of its own."""
    home = target() / "test-python-home"
    home.mkdir(parents=True, exist_ok=True)
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "TMPDIR": str(home)}


def python_2():
    """An interpreter of Python 2.7, and the folder that holds the package and what it needs."""
    recipe = SOURCES / "original-2.7.txt"

    def build(folder):
        python = _python(("2.7",), "import sys, pip; sys.exit(sys.version_info[:2] != (2, 7))")
        _pip(python, folder, "--no-deps", "--target", str(folder), "-r", str(recipe))
        return python

    program, folder = _once("test-original-2.7", recipe, build)
    return program, folder


def moto():
    """An interpreter that has moto."""
    recipe = SOURCES / "requirements.txt"

    def build(folder):
        probe = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"
        base = _python(("3.13", "3.12", "3.11", "3.10"), probe)
        _finish([base, "-m", "venv", str(folder)], folder)
        python = folder / "bin/python"
        _pip(python, folder, "--no-deps", "-r", str(recipe))
        return Path("bin/python")

    return _once("test-python", recipe, build)[0]


def _once(label, recipe, build):
    if not recipe.exists():
        raise Missing("there is no %s beside this copy of the tests" % recipe.name)
    if FULL == "0":
        raise Missing("LAZYCRED_TEST_FULL=0")
    hashed = _fnv1a(recipe.read_bytes())
    folder = target() / ("%s-%016x" % (label, hashed))
    found = _complete(folder)
    if found:
        return found, folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Rust cuts at the last dot of the name, which "test-original-2.7-…" has too.
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _complete(folder)
        if found:
            return found, folder
        partial = folder.with_suffix(".partial")
        for leftover in (folder, partial):
            shutil.rmtree(str(leftover), ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            program = build(partial)
            (partial / "complete").write_text(str(program))
        except BaseException:
            shutil.rmtree(str(partial), ignore_errors=True)
            raise
        partial.rename(folder)
    return _complete(folder), folder


def _complete(folder):
    try:
        program = folder / (folder / "complete").read_text()
    except OSError:
        return None
    return program if program.exists() else None


def _python(versions, probe):
    """The first of pyenv's, of PATH's, of `python3` that runs the probe."""
    candidates = []
    for version in versions:
        pyenv = os.environ.get("PYENV_ROOT")
        if pyenv:
            found = Path(pyenv, "versions").glob(version + ".*/bin/python")
            candidates.extend(str(path) for path in found)
        candidates.append("python" + version)
    for candidate in (*candidates, "python3"):
        path = shutil.which(candidate)
        if path and subprocess.run([path, "-c", probe], capture_output=True, check=False).returncode == 0:
            return Path(path)
    raise Missing("no Python %s that can install" % ", ".join(versions))


def _pip(python, folder, *arguments):
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--retries", "2"]
    _finish(command + list(arguments), folder)


def _finish(command, folder):
    environment = dict(clean_environment(), **OF_THE_USER)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise Missing("installing: %s" % (said[-1] if said else done.returncode))


def _fnv1a(text):
    """The hash of the Rust tests, so that both find the same folder."""
    hashed = 0xCBF2_9CE4_8422_2325
    for byte in text:
        hashed = ((hashed ^ byte) * 0x0100_0000_01B3) % 2**64
    return hashed
