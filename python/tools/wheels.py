"""Builds the wheels that are shipped, and checks what is in them.

The module is linked by zig, so that it runs wherever glibc is 2.17 or later.
The program is static. Both are free of this machine's paths.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from environments import HERE, MADE, ROOT, run

WHEELS = ROOT / "target" / "wheels"
PLATFORM = "manylinux_2_17"


def build(python, target, program=None):
    """Builds the wheel for `target` with the tools beside `python`, and gives its path."""
    code = "import sys, lazycred_build as backend; print(backend.build_wheel(*sys.argv[1:]))"
    # As a second front end of the backend, which builds the program and keeps paths out.
    words = f"--target {target} --zig --compatibility {PLATFORM}"
    environ = dict(surroundings(python), MATURIN_PEP517_ARGS=words, CARGO_TERM_QUIET="true")
    if program:
        environ["LAZYCRED_PROGRAM"] = os.path.abspath(program)
    WHEELS.mkdir(parents=True, exist_ok=True)
    name = last_line(run([python, "-c", code, WHEELS], env=environ, stdout=subprocess.PIPE))
    return WHEELS / name


def build_sdist(python):
    """Writes the sdist, and gives its path."""
    code = "import sys, lazycred_build as backend; print(backend.build_sdist(*sys.argv[1:]))"
    WHEELS.mkdir(parents=True, exist_ok=True)
    done = run([python, "-c", code, WHEELS], env=surroundings(python), capture_output=True)
    return WHEELS / last_line(done)


def surroundings(python):
    """The environment in which maturin and zig are found."""
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    return dict(os.environ, PATH=path, PYTHONPATH=str(HERE / "backend"), PYTHONDONTWRITEBYTECODE="1")


def last_line(done):
    return done.stdout.decode().strip().splitlines()[-1]


def check(python, wheel, target, program=None):
    """Fails unless it is the wheel that it claims to be; gives the sizes of its parts."""
    architecture = target.split("-")[0]
    tags, platforms = wheel.stem.split("-", 2)[2].rsplit("-", 1)
    fits = tags == "cp39-abi3" and f"{PLATFORM}_{architecture}" in platforms.split(".")
    must(fits, f"{wheel.name} has other tags")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        module = archive.read("lazycred/_native.abi3.so")
        script = next(name for name in names if name.endswith(".data/scripts/lazycred"))
        inside = archive.read(script)
        mode = archive.getinfo(script).external_attr >> 16 & 0o777
        texts = {name: archive.read(name) for name in names}
    must(mode == 0o755, f"the program has mode {mode:o}")
    must(is_static(inside), "the program is not static")
    for name in ("_native.pyi", "py.typed", "__init__.py"):
        must(f"lazycred/{name}" in names, f"{name} is missing")
    strange = [n for n in names if not n.startswith("lazycred/") and ".dist-info/" not in n and n != script]
    must(not strange, f"not of the package: {strange}")
    if program:
        must(inside == Path(program).read_bytes(), "the program is not the one that was given")
        # Whoever built it is asked instead.
        del texts[script]
    for name, data in texts.items():
        for path in (os.path.expanduser("~"), str(ROOT), os.environ.get("CARGO_HOME")):
            if path and path != "/":
                must(path.encode() + b"/" not in data, f"{name} has the path {path}")
    tools = Path(python).parent
    run([tools / "abi3audit", "--strict", wheel], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run([tools / "twine", "check", "--strict", wheel], stdout=subprocess.DEVNULL)
    shown = run([tools / "auditwheel", "show", wheel], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    fits = f'"{PLATFORM}_{architecture}"' in shown.decode()
    must(fits, f"auditwheel does not find {PLATFORM}:\n{shown.decode()}")
    return {"wheel": wheel.stat().st_size, "module": len(module), "program": len(inside)}


def check_sdist(python, sdist):
    """Fails unless PyPI can show it, and it has what builds the package and nothing else."""
    run([Path(python).parent / "twine", "check", "--strict", sdist], stdout=subprocess.DEVNULL)
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    for name in ("PKG-INFO", "pyproject.toml", "Cargo.lock", "src/lib.rs", "python/src/lib.rs", "python/Cargo.lock"):
        must(name in names, f"{name} is missing in the sdist")
    must(not [n for n in names if n.startswith(("target", "tests"))], "the sdist has more than what is built")
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(sdist, folder)
        for manifest in ("Cargo.toml", "python/Cargo.toml"):
            path = next(Path(folder).iterdir()) / manifest
            # All targets are there, and the lock file is the one of these dependencies.
            command = ["cargo", "metadata", "--quiet", "--locked", "--format-version", "1", "--manifest-path", path]
            run(command, stdout=subprocess.DEVNULL)


def is_static(program):
    """Whether an ELF program of 64 bits needs no interpreter (no PT_INTERP among its segments)."""
    if program[:5] != b"\x7fELF\x02":
        return False
    start, size, count = (int.from_bytes(program[at : at + n], "little") for at, n in [(32, 8), (54, 2), (56, 2)])
    kinds = [int.from_bytes(program[at : at + 4], "little") for at in range(start, start + size * count, size)]
    return 3 not in kinds


def must(holds, line):
    if not holds:
        sys.exit(f"{Path(sys.argv[0]).name}: {line}")
