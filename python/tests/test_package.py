"""What `pip install` puts in place: the module, its types, and the program."""

import os
import re
import stat
import subprocess
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

import lazycred

#: The name that pip knows; the module's stays whatever this is.
NAME = re.search(r'(?m)^name = "(.*)"$', (Path(__file__).parents[1] / "pyproject.toml").read_text()).group(1)
SCRIPTS = Path(sysconfig.get_path("scripts"))
IS_INSTALLED = Path(sysconfig.get_path("platlib")) in Path(lazycred.__file__).parents
pytestmark = pytest.mark.skipif(not IS_INSTALLED, reason="the package is not installed from a wheel")


def installed():
    """The paths of all installed files, from site-packages."""
    return {os.path.normpath(str(path)) for path in metadata.files(NAME)}


def test_the_program_runs_by_its_name_wherever_the_environment_is_on_path():
    done = subprocess.run(
        ["lazycred", "--version"], env={"PATH": str(SCRIPTS)}, stdout=subprocess.PIPE, check=True
    )
    assert done.stdout.decode().split() == ["lazycred", lazycred.__version__]


def test_the_program_is_native_and_not_a_python_script():
    program = SCRIPTS / "lazycred"
    assert program.read_bytes()[:4] == b"\x7fELF"
    assert stat.S_IMODE(program.stat().st_mode) & 0o111 == 0o111
    assert not metadata.distribution(NAME).entry_points


def test_module_package_and_program_have_one_version():
    assert metadata.version(NAME) == lazycred.__version__


def test_types_are_installed_and_tests_are_not():
    names = installed()
    assert {"lazycred/py.typed", "lazycred/_native.pyi", "lazycred/__init__.py"} <= names
    ours = {name for name in names if name.startswith("lazycred/")}
    strange = {name for name in names - ours if ".dist-info/" not in name and not name.endswith("/bin/lazycred")}
    assert not strange
    assert not {name for name in ours if "test" in name}


def test_the_package_depends_on_nothing():
    assert not metadata.requires(NAME)


def test_uninstalling_takes_all_of_it_away():
    # What pip removes is what is listed.
    names = installed()
    assert any(name.endswith("/bin/lazycred") for name in names)
    package = Path(lazycred.__file__).parent
    on_disk = {str(path.relative_to(package.parent)) for path in package.rglob("*") if path.is_file()}
    assert {name for name in on_disk if "__pycache__" not in name} <= names
