"""Builds what is shipped, and checks what is in it.

The wheel is built from the sdist, so that what is shipped as source is known to
build. The module is linked by zig, so that it runs wherever glibc is 2.17 or
later; the program is static. Both are free of this machine's paths.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from environments import HERE, MADE, ROOT, patiently, pip, run, say

WHEELS = ROOT / "target" / "wheels"
PLATFORM = "manylinux_2_17"


def ship(python, target, program=None, wheel=None):
    """Writes sdist and wheel with the tools beside `python`, checks them, says their sizes, and gives the wheel's path.

    A wheel that is given is checked in place of one that is built.
    """
    if program and not program.is_file():
        must(False, f"no program is at {program}: `benches/run --counted` builds the static one")
    program = program and program.resolve()
    WHEELS.mkdir(parents=True, exist_ok=True)
    say("sdist")
    sdist = build_sdist(python)
    folder = unpacked(sdist)
    check_sdist(python, sdist, folder)
    print(f"{sdist}: {sdist.stat().st_size:,} bytes", flush=True)
    say("wheel")
    wheel = wheel.resolve() if wheel else build(python, folder, target, program)
    sizes = check(python, wheel, target, program)
    print(f"{wheel}: {wheel.stat().st_size:,} bytes,", ", ".join(f"{part} {size:,}" for part, size in sizes.items()))
    return wheel


def build_sdist(python):
    """Writes the sdist, and gives its path."""
    code = "import sys, lazycred_build as backend; print(backend.build_sdist(*sys.argv[1:]))"
    environ = dict(surroundings(python), PYTHONPATH=str(HERE / "backend"))
    done = run([python, "-c", code, WHEELS], env=environ, capture_output=True)
    return WHEELS / done.stdout.decode().strip().splitlines()[-1]


def build(python, folder, target, program=None):
    """Has pip build the wheel from the sources of an sdist, and gives its path."""
    words = f"--target {target} --zig --compatibility {PLATFORM}"
    # What is built is kept, and the same for each version of the sources.
    environ = dict(surroundings(python), MATURIN_PEP517_ARGS=words, CARGO_TERM_QUIET="true")
    environ.setdefault("CARGO_TARGET_DIR", str(MADE))
    if program:
        environ["LAZYCRED_PROGRAM"] = str(program)
    into = MADE / "built"
    shutil.rmtree(into, ignore_errors=True)
    # Zig is beside this Python, and nowhere else.
    with patiently(lambda: "building"):
        run([*pip(python, "wheel"), "--no-deps", "--no-build-isolation", "--wheel-dir", into, folder], env=environ)
    (wheel,) = into.iterdir()
    return Path(shutil.move(wheel, WHEELS / wheel.name))


def surroundings(python):
    """The environment in which maturin and zig are found."""
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    return dict(os.environ, PATH=path, PYTHONDONTWRITEBYTECODE="1")


def unpacked(sdist):
    """The folder with the files of the sdist, of which those that are the same stay untouched."""
    into = MADE / "sdist"
    with tarfile.open(sdist) as archive:
        contents = {into / entry.name: archive.extractfile(entry).read() for entry in archive if entry.isfile()}
    (name,) = {path.relative_to(into).parts[0] for path in contents}
    built = into / name / "target"
    for path in list(into.rglob("*")):
        if path.is_file() and path not in contents and built not in path.parents:
            path.unlink()
    # Cargo builds again what is newer than what it built: the times in the archive are all the same.
    for path, data in contents.items():
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return into / name


def check(python, wheel, target, program=None):
    """Fails unless it is the wheel that it claims to be; gives the sizes of its parts."""
    architecture = target.split("-")[0]
    tags, platforms = wheel.stem.split("-", 2)[2].rsplit("-", 1)
    fits = tags == "cp39-abi3" and f"{PLATFORM}_{architecture}" in platforms.split(".")
    must(fits, f"{wheel.name} has other tags")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        script = next(name for name in names if name.endswith(".data/scripts/lazycred"))
        mode = archive.getinfo(script).external_attr >> 16 & 0o777
        contents = {name: archive.read(name) for name in names}
    inside = contents[script]
    must(mode == 0o755, f"the program has mode {mode:o}")
    must(is_static(inside), "the program is not static")
    for name in ("_native.abi3.so", "_native.pyi", "py.typed", "__init__.py"):
        must(f"lazycred/{name}" in names, f"{name} is missing")
    strange = [n for n in names if not n.startswith("lazycred/") and ".dist-info/" not in n and n != script]
    must(not strange, f"not of the package: {strange}")
    if program:
        must(inside == program.read_bytes(), "the program is not the one that was given")
        # Whoever built it is asked instead.
        del contents[script]
    for name, data in contents.items():
        for path in (os.path.expanduser("~"), str(ROOT), os.environ.get("CARGO_HOME")):
            if path and path != "/":
                must(path.encode() + b"/" not in data, f"{name} has the path {path}")
    tools = Path(python).parent
    run([tools / "abi3audit", "--strict", wheel], capture_output=True)
    run([tools / "twine", "check", "--strict", wheel], capture_output=True)
    shown = run([tools / "auditwheel", "show", wheel], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    fits = f'"{PLATFORM}_{architecture}"' in shown.decode()
    must(fits, f"auditwheel does not find {PLATFORM}:\n{shown.decode()}")
    return {"module": len(contents["lazycred/_native.abi3.so"]), "program": len(inside)}


def check_sdist(python, sdist, folder):
    """Fails unless PyPI can show it, and it has what builds the package and nothing else."""
    run([Path(python).parent / "twine", "check", "--strict", sdist], capture_output=True)
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    for name in ("PKG-INFO", "pyproject.toml", "Cargo.lock", "src/lib.rs", "python/src/lib.rs", "python/Cargo.lock"):
        must(name in names, f"{name} is missing in the sdist")
    must(not [n for n in names if n.startswith(("target", "tests"))], "the sdist has more than what is built")
    for manifest in ("Cargo.toml", "python/Cargo.toml"):
        # All targets are there, and the lock file is the one of these dependencies.
        command = ["cargo", "metadata", "--quiet", "--locked", "--format-version", "1", "--manifest-path"]
        run([*command, folder / manifest], stdout=subprocess.DEVNULL)


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
