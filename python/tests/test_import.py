"""`import lazycred` costs little and changes nothing of the process that imports it."""

import re
import sys
from pathlib import Path

import pytest

import lazycred
from conftest import PACKAGE

PROBE = """
import sys
import os, threading, io, re, collections, logging, json, asyncio, socket, subprocess  # what a program has anyhow
before = set(sys.modules)
state = lambda: (
    threading.active_count(), len(os.listdir("/proc/self/task")), sorted(os.listdir("/proc/self/fd")),
    dict(os.environ), os.getcwd(), os.umask(0o022), logging.root.handlers[:], logging.root.level,
    sorted(set(logging.root.manager.loggerDict) - {"LazyCredLogger"}), sys.path[:], sys.excepthook, sys.stdout, sys.stderr,
    [__import__("signal").getsignal(n) for n in (2, 13, 15)],
)
os.umask(0o022)
first = state()
import lazycred
assert state() == first, (first, state())
print(sorted(set(sys.modules) - before))
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
def test_import_starts_no_thread_opens_no_file_and_changes_no_setting(snippet):
    done = snippet(PROBE)
    ours = eval(done.stdout.decode())
    assert [name for name in ours if name.split(".")[0] not in ("lazycred", "__future__", "typing", "warnings")] == []


def test_import_reads_no_variable_and_no_file_of_the_user(snippet, tmp_path):
    """An environment that could not be more broken does not matter until a call."""
    Path(".lazycred").write_text("no JSON")
    hostile = {"LAZYCRED_CONFIG": "/nowhere", "LAZYCRED_LOG": "no level", "AWS_CONFIG_FILE": "/nowhere",
               "AWS_PROFILE": "nope", "SSL_CERT_FILE": "/nowhere", "AWS_CA_BUNDLE": "/nowhere", "HOME": None}
    done = snippet("import lazycred", env=hostile)
    assert (done.stdout, done.stderr) == (b"", b"")


USE = """
import sys
sys.path.insert(0, sys.argv[1])
import lazycred
client = lazycred.Client(s3_path=sys.argv[2], key_alias="local:dev")
client.put("db", '{"a": 1}')
assert client.get_json("db") == {"a": 1}
try:
    client.get("nope")
except lazycred.MissingError as error:
    print(error)
"""

FLAGS = [
    ("-I", "-S", "-W", "error"), ("-X", "dev"), ("-X", "dev", "-W", "error"), ("-O",), ("-OO",), ("-B", "-s", "-E"),
    ("-X", "utf8=0"), ("-X", "importtime"), ("-bb", "-W", "error"),
]


@pytest.mark.parametrize("flags", FLAGS, ids=" ".join)
def test_it_works_with_each_flag_of_the_interpreter(store, snippet, flags):
    done = snippet(USE, str(PACKAGE), store.s3_path, flags=flags)
    assert b"no secret named `nope`" in done.stdout
    if "importtime" not in flags:
        assert done.stderr == b""


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "xx_YY"])
def test_it_works_in_each_locale(store, snippet, locale):
    code = USE + "\nclient.put('ü', 'é'); assert client.list() == ['db', 'ü'] and client.get_text('ü') == 'é'"
    snippet(code, str(PACKAGE), store.s3_path, env={"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0"})


def test_it_is_imported_in_a_thread_and_again(snippet):
    snippet("""
import threading, sys, importlib
found = []
def load():
    import lazycred
    found.append(lazycred)
threads = [threading.Thread(target=load) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
assert len(set(map(id, found))) == 1
importlib.reload(sys.modules["lazycred"])
import lazycred
assert lazycred.Client is found[0].Client
""")


PUBLIC = {
    "Client", "get", "put", "set_config", "__version__", "Error", "UsageError", "MissingError", "NoVersionError",
    "MissingFieldError", "DamagedError", "NoRecordError", "ShapeError", "VariablesError", "ConflictError", "AwsError",
    "IoError", "TimedOutError", "SeveralError",
}


def test_all_names_what_is_public_and_nothing_else():
    assert set(lazycred.__all__) == PUBLIC
    assert len(lazycred.__all__) == len(set(lazycred.__all__))
    public = {name for name in vars(lazycred) if not name.startswith("_")}
    import types

    submodules = {name for name in public if isinstance(getattr(lazycred, name), types.ModuleType)}
    assert public - submodules == PUBLIC - {"__version__"}
    # `lazycred.lazycred` is where 0.2.3 had its functions.
    assert submodules <= {"lazycred"}
    names = {}
    exec("from lazycred import *", names)
    assert PUBLIC <= set(names)


def test_what_is_public_says_where_it_is_from():
    for name in PUBLIC - {"__version__"}:
        assert getattr(lazycred, name).__module__.split(".")[0] == "lazycred", name
    assert lazycred.Client.__module__ == "lazycred"
    assert lazycred.MissingError.__module__ in ("lazycred", "lazycred._errors")


METHODS = [name for name in dir(lazycred.Client) if not name.startswith("_")]


def test_every_public_object_has_a_docstring():
    assert lazycred.__doc__
    for name in PUBLIC - {"__version__"}:
        assert getattr(lazycred, name).__doc__, name
    for name in METHODS:
        assert getattr(lazycred.Client, name).__doc__, name


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"close"}))
def test_the_docstring_of_a_method_names_its_errors(name):
    said = getattr(lazycred.Client, name).__doc__
    assert "Error" in said, said


def test_help_shows_each_method_with_its_arguments():
    import inspect
    import pydoc

    def joined(text):
        """Python 3.13 gives each argument of a long signature a line."""
        return re.sub(r"[\s|]", "", text).replace(",)", ")")

    text = joined(pydoc.plain(pydoc.render_doc(lazycred.Client)))
    for name in METHODS:
        signature = str(inspect.signature(getattr(lazycred.Client, name)))
        assert joined(name + signature) in text
        assert "args, **kwargs" not in signature
    if sys.version_info >= (3, 10):  # 3.9 shows no class of a native module its arguments
        assert "timeout=30" in str(inspect.signature(lazycred.Client))


def test_the_package_is_marked_as_typed():
    folder = Path(lazycred.__file__).parent
    assert (folder / "py.typed").is_file()
    assert (folder / "_native.pyi").is_file()


def test_no_file_of_the_package_or_its_tests_is_long():
    here = Path(__file__).parent
    files = [*here.glob("*.py"), *Path(lazycred.__file__).parent.glob("*.py*")]
    long = {path.name: count for path in files for count in [path.read_bytes().count(b"\n")] if
            path.suffix in (".py", ".pyi") and count > 400}
    assert long == {}
    assert "conftest.py" in {path.name for path in files}


def test_the_version_is_text():
    assert isinstance(lazycred.__version__, str)
    assert lazycred.__version__.split(".")[0].isdigit()
    assert sys.version_info >= (3, 9)
