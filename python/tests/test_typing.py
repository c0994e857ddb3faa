"""The types are whole: mypy in its strictest form, and the stubs against the module."""

import os
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

import lazycred
from conftest import PACKAGE, lacking, run

HERE = Path(__file__).parent

pytestmark = pytest.mark.slow


def missing():
    """Why mypy cannot be asked here, or None."""
    try:
        version = metadata.version("mypy")
    except metadata.PackageNotFoundError:
        return "mypy is not installed"
    # Earlier ones, the last for Python 3.9 too, give some errors another code.
    return None if int(version.split(".")[0]) >= 2 else "the cases are for mypy 2, not %s" % version


@pytest.fixture(autouse=True)
def asked():
    """Nothing here is shown without mypy, whose last version for Python 3.9 is too old."""
    if missing() is None:
        return
    if sys.version_info < (3, 10):
        pytest.skip(missing())
    lacking(missing())


def mypy(tmp_path, *arguments, module="mypy", timeout=300):
    """Runs mypy with the package that is tested, whatever this interpreter's is called."""
    where = {"MYPYPATH": str(PACKAGE)} if os.environ.get("PYTHONPATH") else {}
    return run([sys.executable, "-m", module, *arguments], env=where, timeout=timeout, cwd=str(tmp_path))


STRICT = ["--strict", "--warn-unused-ignores", "--warn-unreachable", "--no-error-summary", "--cache-dir"]


def test_programs_that_are_right_pass_and_those_that_are_wrong_do_not(tmp_path):
    done = mypy(tmp_path, *STRICT, "cache", str(HERE / "typing_cases.py"))
    assert (done.stdout.decode(), done.returncode) == ("", 0), done.stderr.decode()


def test_mypy_sees_the_types_and_not_any(tmp_path):
    (tmp_path / "show.py").write_text(
        "import lazycred\n"
        "c = lazycred.Client()\n"
        "reveal_type(c.get('db'))\nreveal_type(c.load('db'))\nreveal_type(c.history('db'))\n"
        "reveal_type(lazycred.get('db'))\nreveal_type(c.__enter__())\nreveal_type(lazycred.Error('x').hint)\n"
        "reveal_type(lazycred.__version__)\n"
    )
    said = mypy(tmp_path, "--strict", "--cache-dir", "cache", "show.py").stdout.decode()
    shown = re.findall('Revealed type is "(.*)"', said)
    assert len(shown) == 7, said
    assert not any(kind == "Any" for kind in shown)
    assert [re.sub(r"\b(builtins|typing|lazycred\._native|lazycred)\.", "", kind) for kind in shown[:2]] == [
        "bytes", "dict[str, str]",
    ]


def test_an_ignore_that_ignores_nothing_would_fail(tmp_path):
    """The control of the cases: mypy tells of a line that it was to refuse and does not."""
    (tmp_path / "control.py").write_text("import lazycred\nlazycred.Client().get('db')  # type: ignore[arg-type]\n")
    done = mypy(tmp_path, *STRICT, "cache", "control.py")
    assert done.returncode == 1
    assert b"unused-ignore" in done.stdout


def test_the_package_itself_passes(tmp_path):
    # By its name: of files, mypy takes the folder above for the program's own, with all that is installed beside it.
    done = mypy(tmp_path, *STRICT, "cache", "--package", "lazycred")
    assert (done.stdout.decode(), done.returncode) == ("", 0), done.stderr.decode()


def test_the_stubs_are_what_the_module_has(tmp_path):
    done = mypy(tmp_path, "lazycred", module="mypy.stubtest")
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"Success" in done.stdout


@pytest.mark.parametrize("version", ["3.10", "3.13"])
def test_the_stubs_hold_for_the_oldest_python_that_mypy_knows_and_the_newest(tmp_path, version):
    done = mypy(tmp_path, *STRICT, "cache", "--python-version", version, "--platform", "linux", str(HERE / "typing_cases.py"))
    assert (done.stdout.decode(), done.returncode) == ("", 0), done.stderr.decode()
