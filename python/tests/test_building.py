"""What builds the package: what it says where it cannot, and what the sdist holds."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

BACKEND = Path(__file__).resolve().parents[1] / "backend"
ROOT = BACKEND.parents[1]


def backend(code, **environ):
    """Runs code in an interpreter that has the backend, and gives its status and what it said."""
    environ = dict(os.environ, PYTHONPATH=str(BACKEND), PYTHONDONTWRITEBYTECODE="1", **environ)
    done = subprocess.run(
        [sys.executable, "-c", "import lazycred_build, lazycred_sdist\n" + code],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "hook", ["build_wheel", "build_editable", "build_sdist", "prepare_metadata_for_build_wheel"]
)
def test_without_rust_one_line_says_so(hook, tmp_path):
    status, said = backend("lazycred_build.%s(%r)" % (hook, str(tmp_path)), PATH=str(tmp_path))
    assert (status, said) == (
        1,
        "lazycred: error: building lazycred needs Rust (cargo is not on PATH): https://rustup.rs installs it\n",
    )


def test_a_program_that_is_given_has_to_be_there(tmp_path):
    for given in ("lazycred", str(tmp_path / "lazycred")):
        status, said = backend("lazycred_build.put_program(None)", LAZYCRED_PROGRAM=given)
        assert status == 1
        assert said == (
            "lazycred: error: LAZYCRED_PROGRAM is to be the absolute path of the program, not %r\n" % given
        )


def test_another_system_is_refused():
    code = "lazycred_build.build_program('aarch64-apple-darwin')"
    assert backend(code) == (1, "lazycred: error: lazycred needs Linux, and aarch64-apple-darwin is not\n")


@pytest.mark.parametrize(
    ("words", "target"),
    [
        (["--target", "aarch64-unknown-linux-gnu"], "aarch64-unknown-linux-gnu"),
        (["--zig", "--target=x86_64-unknown-linux-musl"], "x86_64-unknown-linux-musl"),
        ([], "None"),
    ],
)
def test_the_program_is_built_for_what_the_module_is_built_for(words, target):
    assert backend("print(lazycred_build.target_of(%r))" % words) == (0, target + "\n")


def test_no_path_of_the_builder_is_compiled_in_and_its_own_flags_hold():
    code = "print(lazycred_build.flags('-Cx').split('\\x1f'))"
    status, said = backend(code, RUSTFLAGS="-Cy -Cz", HOME="/home/ada", CARGO_HOME="/opt/cargo")
    assert status == 0
    assert eval(said) == [
        "-Cy", "-Cz",
        "--remap-path-prefix=/home/ada=home",
        "--remap-path-prefix=/opt/cargo=cargo",
        "--remap-path-prefix=%s=lazycred" % ROOT,
        "-Cx",
    ]


SDIST = """
def metadata(folder):
    import pathlib
    info = pathlib.Path(folder, "x.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.4\\nName: lazy.cred\\nVersion: 1.2.3\\n\\nread me\\n")
    return info.name
print(lazycred_sdist.write(pathlib.Path(%r), %r, metadata))
"""


def sdist(root, into):
    into.mkdir()
    status, said = backend("import pathlib" + SDIST % (str(root), str(into)))
    assert (status, said) == (0, "lazy_cred-1.2.3.tar.gz\n"), said
    return into / said.strip()


@pytest.fixture
def sources(tmp_path):
    """A copy of what the sdist is made of, with what work on it leaves behind."""
    root = tmp_path / "root"
    shutil.copytree(ROOT / "python", root / "python", symlinks=True, ignore=shutil.ignore_patterns("tests"))
    shutil.copytree(ROOT / "src" / "base", root / "src" / "base")
    for name in ("Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "build.rs"):
        shutil.copy(ROOT / name, root / name)
    for name in (".lazycred", "lazycred/.env", "lazycred/_native.abi3.so", "lazycred/__pycache__/a.pyc", "notes"):
        path = root / "python" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("lies around 5f1c9a")
    return root


def test_the_sdist_has_what_is_built_and_nothing_that_lies_around(sources, tmp_path):
    with tarfile.open(sdist(sources, tmp_path / "made")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        assert b"lies around 5f1c9a" not in b"".join(archive.extractfile(entry).read() for entry in archive)
        assert all(entry.isfile() and entry.uid == 0 and not entry.uname for entry in archive)
    wanted = {"Cargo.toml", "Cargo.lock", "LICENSE", "PKG-INFO", "pyproject.toml", "build.rs", "src/base/mod.rs"}
    wanted |= {"python/" + name for name in ("Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "src/lib.rs")}
    wanted |= {"python/backend/lazycred_build.py", "python/lazycred/__init__.py", "python/lazycred/py.typed"}
    assert wanted <= names
    assert not [name for name in names if name.startswith(("tests", "examples", "python/tests", "target"))]


def test_the_manifest_in_the_sdist_names_no_file_that_is_left_out(sources, tmp_path):
    with tarfile.open(sdist(sources, tmp_path / "made")) as archive:
        manifest = archive.extractfile("lazy_cred-1.2.3/Cargo.toml").read().decode()
    whole = (ROOT / "Cargo.toml").read_text()
    assert "[[test]]" in whole and "[[test]]" not in manifest and "[[example]]" not in manifest
    for part in ("[package]", "[lib]", "[[bin]]", "[dependencies]", "[dev-dependencies]", "[profile.release]"):
        assert part in manifest


def test_the_same_sources_give_the_same_sdist(sources, tmp_path):
    one = sdist(sources, tmp_path / "one").read_bytes()
    for path in sources.rglob("*.rs"):
        os.utime(path, (1, 1))
    assert sdist(sources, tmp_path / "two").read_bytes() == one


STAND_IN = """
import os, pathlib, zipfile

METADATA = "Metadata-Version: 2.1\\nName: stand-in\\nVersion: 1.0.0\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: stand-in\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def get_maturin_pep517_args(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(into, config_settings=None):
    folder = pathlib.Path(into, "stand_in-1.0.0.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_text(METADATA)
    (folder / "WHEEL").write_text(WHEEL)
    return folder.name

def build_wheel(into, config_settings=None, metadata_directory=None):
    assert "[tool.maturin]" in pathlib.Path("pyproject.toml").read_text()
    with zipfile.ZipFile(os.path.join(into, "stand_in-1.0.0-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("program", pathlib.Path("../target/python/data/scripts/lazycred").read_bytes())
        for name, text in [("METADATA", METADATA), ("WHEEL", WHEEL), ("RECORD", "")]:
            wheel.writestr("stand_in-1.0.0.dist-info/" + name, text)
    return "stand_in-1.0.0-py3-none-any.whl"
"""


@pytest.mark.skipif(not importlib.util.find_spec("pip"), reason="pip is not here")
@pytest.mark.parametrize("source", ["folder", "sdist"])
def test_pip_builds_from_the_folder_and_from_the_sdist(source, sources, tmp_path):
    """With a stand-in for maturin: that pip finds the backend, and maturin the program and its own settings."""
    (tmp_path / "maturin.py").write_text(STAND_IN)
    program = tmp_path / "given"
    program.write_text("a program 7e1d40")
    origin = sources / "python" if source == "folder" else sdist(sources, tmp_path / "made")
    words = ["--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(tmp_path / "built"), str(origin)]
    environ = dict(os.environ, PYTHONPATH=str(tmp_path), LAZYCRED_PROGRAM=str(program), CARGO="cargo")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", *words],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
    )
    assert done.returncode == 0, done.stdout
    (built,) = (tmp_path / "built").iterdir()
    with zipfile.ZipFile(built) as wheel:
        assert wheel.read("program") == b"a program 7e1d40"


def profiles(manifest):
    """The lines of its profiles, without comments and what only the tests of the program have."""
    sections = re.split(r"(?m)^(?=\[)", (ROOT / manifest).read_text())
    of_tests = "[profile.dev.package.proptest]"
    text = "".join(section for section in sections if section.startswith("[profile.") and of_tests not in section)
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_module_and_program_are_compiled_alike_but_for_what_a_panic_does():
    program, module = profiles("Cargo.toml"), profiles("python/Cargo.toml")
    assert 'panic = "abort"' in program and len(program) > 20
    assert module == ['panic = "unwind"' if line == 'panic = "abort"' else line for line in program]


def test_what_ships_wheels_has_the_maturin_that_pip_fetches():
    asked = re.search(r'(?m)^requires = \["(.*)"\]$', (ROOT / "python/pyproject.toml").read_text()).group(1)
    assert asked in (ROOT / "python/requirements-tools.txt").read_text().splitlines()
