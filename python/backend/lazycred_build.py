"""Builds the package: first the program, then maturin packs it with the module.

What pip calls is PEP 517's, and has its arguments. The program is static where
this machine can link one, as it is released. Everything that is made lies under
`target/python` beside the main crate, or in CARGO_TARGET_DIR.

`LAZYCRED_PROGRAM` is the absolute path of a program that is there already, which
is packed instead of building one.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import lazycred_sdist

#: The folder of pyproject.toml.
HERE = Path(__file__).resolve().parents[1]
#: The folder of the main crate.
ROOT = HERE.parent
#: All that is made here.
MADE = ROOT / "target" / "python"
#: What maturin packs, as pyproject.toml says.
DATA = MADE / "data" / "scripts"

STATIC = "-Ctarget-feature=+crt-static"


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_sdist = get_requires_for_build_wheel
get_requires_for_build_editable = get_requires_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return build("build_wheel", wheel_directory, config_settings, metadata_directory)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return build("build_editable", wheel_directory, config_settings, metadata_directory)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    with maturin() as tool:
        into = os.path.abspath(metadata_directory)
        with inside(HERE):
            return tool.prepare_metadata_for_build_wheel(into, config_settings)


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_sdist(sdist_directory, config_settings=None):
    with maturin() as tool:
        into = os.path.abspath(sdist_directory)
        with inside(HERE):
            return lazycred_sdist.write(ROOT, into, tool.prepare_metadata_for_build_wheel)


def build(hook, wheel_directory, config_settings, metadata_directory):
    into = os.path.abspath(wheel_directory)
    known = metadata_directory and os.path.abspath(metadata_directory)
    with maturin() as tool, inside(HERE), alone():
        words = tool.get_maturin_pep517_args(config_settings)
        put_program(target_of(words))
        return getattr(tool, hook)(into, config_settings, known)


@contextlib.contextmanager
def maturin():
    """Maturin's own backend, in an environment for what it builds."""
    cargo()
    import maturin

    try:
        # Maturin looks for it whatever it is to do.
        DATA.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"what is built lies in {MADE}, which cannot be written: {error.strerror}")
    before = dict(os.environ)
    os.environ.setdefault("CARGO_TARGET_DIR", str(MADE))
    os.environ["CARGO_ENCODED_RUSTFLAGS"] = flags()
    # It is here, or cargo() has said so: nothing is installed for it.
    os.environ["MATURIN_NO_INSTALL_RUST"] = "1"
    try:
        yield maturin
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def inside(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def alone():
    """One build at a time: two would pack each other's program."""
    with open(MADE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def put_program(target):
    """Puts the program for `target`, a triple or None for this machine's, where maturin finds it."""
    given = os.environ.get("LAZYCRED_PROGRAM")
    program = Path(given) if given else build_program(target)
    if given and not (program.is_absolute() and program.is_file()):
        fail(f"LAZYCRED_PROGRAM is to be the absolute path of the program, not {given!r}")
    destination = DATA / "lazycred"
    destination.unlink(missing_ok=True)
    shutil.copyfile(program, destination)
    destination.chmod(0o755)


def build_program(target):
    """Builds the program, and gives its path."""
    target = target or host()
    if "-linux-" not in target:
        fail(f"lazycred needs Linux, and {target} is not")
    static = links_statically(target)
    if not static:
        say("no static program can be linked here (a static libc is missing): it will need the shared one")
    folder = Path(os.environ.get("CARGO_TARGET_DIR") or MADE, "program")
    words = ["build", "--release", "--locked", "--bin", "lazycred", "--target", target]
    words += ["--manifest-path", str(ROOT / "Cargo.toml"), "--target-dir", str(folder)]
    environ = dict(os.environ, CARGO_ENCODED_RUSTFLAGS=flags(*([STATIC] if static else [])))
    say("building the program")
    if subprocess.run([cargo(), *words], env=environ, stdout=sys.stderr).returncode != 0:
        fail("the program could not be built: cargo says why above")
    return folder / target / "release" / "lazycred"


def links_statically(target):
    """Whether a static program can be linked for `target`: musl's always is; glibc's static library may be missing."""
    if "musl" in target:
        return True
    chosen = "CARGO_TARGET_%s_LINKER" % target.upper().replace("-", "_")
    command = [os.environ.get(chosen, "cc"), "-static", "-x", "c", "-", "-o", os.devnull]
    try:
        done = subprocess.run(command, input=b"int main(void) { return 0; }", capture_output=True)
    except OSError as error:
        fail(f"a C compiler is needed: {command[0]}: {error.strerror}")
    return done.returncode == 0


def flags(*more):
    """Flags of rustc: the caller's, and no path of this machine in what is built."""
    encoded = os.environ.get("CARGO_ENCODED_RUSTFLAGS")
    own = encoded.split("\x1f") if encoded else os.environ.get("RUSTFLAGS", "").split()
    home = os.path.expanduser("~")
    # A later one goes before an earlier one.
    paths = [
        (home, "home"),
        (os.environ.get("RUSTUP_HOME"), "rustup"),
        (os.environ.get("CARGO_HOME", f"{home}/.cargo"), "cargo"),
        (str(ROOT), "lazycred"),
    ]
    hidden = [f"--remap-path-prefix={path}={name}" for path, name in paths if path not in (None, "", "/")]
    return "\x1f".join([*own, *(flag for flag in hidden if flag not in own), *more])


def target_of(words):
    """The triple that maturin is told to build for, or None for this machine's."""
    for index, word in enumerate(words):
        if word == "--target":
            return words[index + 1]
        if word.startswith("--target="):
            return word.partition("=")[2]
    return os.environ.get("CARGO_BUILD_TARGET")


def host():
    said = subprocess.run([cargo(), "-vV"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return next(line.split()[1] for line in said.splitlines() if line.startswith("host:"))


def cargo():
    found = os.environ.get("CARGO") or shutil.which("cargo")
    if not found:
        fail("building lazycred needs Rust (cargo is not on PATH): https://rustup.rs installs it")
    return found


def say(line):
    print(f"lazycred: {line}", file=sys.stderr, flush=True)


def fail(line):
    sys.exit(f"lazycred: error: {line}")
