"""Puts peers where they are measured, as their users install them: below target/bench/peers.

What stands under its final name is whole, and is not installed again. An installation that
fails, or takes longer than all of them together may, is a reason to leave a peer out.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from ..tools import ROOT

HOME = ROOT / "target/bench/peers"
# Seconds that all installations of a run may take together.
PATIENCE = 720


class Unavailable(Exception):
    """Why a peer cannot be had here."""


class Installer:
    """Installs, and says so; gives the folder of what is installed."""

    def __init__(self, say, forever=False):
        self.say = say
        # Without an end, what takes long is installed too.
        self.deadline = None if forever else time.monotonic() + PATIENCE

    def go(self, package, version, name=None):
        """`go install PACKAGE@VERSION`."""
        go = on_path("go")
        label = f"{name or package.rsplit('/', 1)[1]}-{version}"
        return self.once(label, lambda folder: self.step(
            [go, "install", f"{package}@{version}"], GOBIN=str(folder)))

    def cargo(self, crate, version, *words):
        """`cargo install CRATE@VERSION`, with its own lock file and profile."""
        label = f"{crate}-{version}"
        if self.deadline and not (HOME / f"{label}.complete").exists():
            raise Unavailable("is compiled by `benches/run --install` only, which takes long")
        scratch = HOME.parent / "rust-peers"

        def build(folder):
            try:
                self.step(["nice", on_path("cargo"), "install", "--locked", "--root", folder,
                           "--target-dir", scratch, *words, f"{crate}@{version}"])
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        return self.once(label, build)

    def go_build(self, source):
        """`go build` of a folder, by its lock file; Go itself knows what is built already."""
        folder = HOME / source.name
        if self.is_over() and (folder / source.name).exists():
            return folder
        flags = ["-mod=readonly", "-buildvcs=false"]
        self.step([on_path("go"), "build", *flags, "-o", folder / source.name, "."], cwd=source)
        return folder

    def pip(self, label, *packages):
        """A virtual environment with some packages."""
        def build(folder):
            self.step([sys.executable, "-m", "venv", folder])
            self.step([folder / "bin/python", "-m", "pip", "install", "--quiet", *packages])
        return self.once(label, build)

    def pip_into(self, label, python, requirements):
        """A folder of packages for an interpreter that has no virtual environments."""
        return self.once(label, lambda folder: self.step(
            [python, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder,
             "-r", requirements]))

    def npm(self, label, package):
        """`npm install PACKAGE`."""
        npm = on_path("npm")
        return self.once(label, lambda folder: self.step(
            [npm, "install", "--prefix", folder, "--no-audit", "--no-fund", package]))

    def once(self, label, build):
        folder = HOME / label
        mark, reason = HOME / f"{label}.complete", HOME / f"{label}.failed"
        if not mark.exists():
            if self.is_over():
                said_then = reason.read_text() if reason.exists() else "is not installed"
                raise Unavailable(said_then)
            self.say(f"installing {label}")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                build(folder)
            except Unavailable as error:
                reason.write_text(str(error))
                raise
            mark.touch()
        return folder

    def is_over(self):
        """Whether nothing more is to be installed."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def step(self, argv, cwd=None, **variables):
        left = max(self.deadline - time.monotonic(), 1) if self.deadline else None
        try:
            done = subprocess.run(
                [str(word) for word in argv], env=os.environ | variables, cwd=cwd,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=left,
            )
        except subprocess.TimeoutExpired as error:
            minutes = PATIENCE // 60
            raise Unavailable(f"all installations together took over {minutes} minutes") from error
        except OSError as error:
            raise Unavailable(f"cannot be installed: {error.strerror}") from error
        if done.returncode:
            raise Unavailable(f"cannot be installed: {said(done.stderr or done.stdout)}")


def on_path(program):
    """Where a program is."""
    found = shutil.which(program)
    if not found:
        raise Unavailable(f"`{program}` is not on PATH")
    return found


def python_2_7():
    """An interpreter of Python 2.7 that has pip."""
    roots = [os.environ.get("PYENV_ROOT"), pathlib.Path.home() / ".pyenv"]
    kept = [path for root in roots if root
            for path in pathlib.Path(root).glob("versions/2.7.*/bin/python")]
    probe = "import sys, pip; sys.exit(sys.version_info[:2] != (2, 7))"
    for candidate in [*kept, "python2.7"]:
        try:
            if not subprocess.run([candidate, "-c", probe], capture_output=True).returncode:
                return str(candidate)
        except OSError:
            pass
    raise Unavailable("there is no Python 2.7 with pip")


def on_disk(path):
    """Bytes of a file, or of all files below a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files if not file.is_symlink())


def said(text):
    """The line that says most of why something failed: the first error, or else the last line.

    It names no folder of this machine.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match("(npm )?error", line, re.IGNORECASE)]
    line = (errors[:1] or lines[-1:] or ["it gave no reason"])[0]
    return re.sub(r"(?<![\w:/])(/[\w.@+~-]+){2,}", "…", line).replace("|", "/")
