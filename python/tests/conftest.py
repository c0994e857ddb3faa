"""What every test shares: an environment of its own, stores, and the program.

No test sees the settings of whoever runs it: HOME, the XDG folders and the
working directory are temporary, and no variable of AWS, LazyCred or a proxy is
set. The package under test is the `lazycred` that this interpreter finds, be
it installed from a wheel or in a folder of PYTHONPATH.
"""

import base64
import importlib.util
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

#: Variables of whoever runs the tests that must not reach them.
PREFIXES = ("AWS_", "LAZYCRED_", "XDG_", "PYTHON", "BOTO", "RUST_")
NAMES = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY",
    "https_proxy", "http_proxy", "all_proxy", "no_proxy", "SUDO_UID", "COLUMNS",
)

#: A program to test with instead of the one beside this interpreter.
CHOSEN_PROGRAM = os.environ.get("PROGRAM_UNDER_TEST")

#: Whether what a test needs and this machine lacks is a failure.
FULL = os.environ.get("LAZYCRED_TEST_FULL") == "1"

#: Seconds until a child process counts as hanging, on a busy machine too.
GENEROUS = 60


def package_folder():
    """The folder that `import lazycred` finds the package in, or None."""
    spec = importlib.util.find_spec("lazycred")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).resolve().parent.parent


PACKAGE = package_folder()


def lacking(reason):
    """Leaves a test out for what this machine lacks, or fails where all must run."""
    if FULL:
        pytest.fail("left out, but LAZYCRED_TEST_FULL=1: %s" % reason)
    pytest.skip(reason)


def is_installed():
    """Whether the package comes from site-packages and not from PYTHONPATH."""
    return PACKAGE is not None and PACKAGE.name in ("site-packages", "dist-packages")


# A shell's job in the background ignores Ctrl-C, and so would every process of the tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """An environment, a home and a working directory for this test only."""
    for name in list(os.environ):
        if name.startswith(PREFIXES) or name in NAMES:
            monkeypatch.delenv(name)
    home, work = tmp_path / "home", tmp_path / "work"
    for folder in (home, work):
        folder.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if PACKAGE is not None and not is_installed():
        monkeypatch.setenv("PYTHONPATH", str(PACKAGE))
    monkeypatch.chdir(work)
    return work


class LocalStore:
    """A folder of records and a local wrapping key, for work without AWS."""

    key_alias = "local:dev"

    def __init__(self, folder, home):
        self.folder = Path(folder)
        self.s3_path = "file:%s/" % folder
        self.key_file = Path(home) / "data" / "lazycred" / "dev.key"
        make_wrapping_key(self.key_file)

    def client(self, **more):
        """A client of this store."""
        import lazycred

        given = {"s3_path": self.s3_path, "key_alias": self.key_alias}
        given.update(more)
        return lazycred.Client(**given)

    def members(self, **more):
        """The same configuration as the members of one `.lazycred`."""
        return dict({"s3_path": self.s3_path, "key_alias": self.key_alias}, **more)

    def configure(self, path=None, **more):
        """Writes a `.lazycred` that says the same, in the home folder unless told
        otherwise, and gives its path. One in the working directory could not name
        this folder, which is outside of it."""
        path = Path(path or os.path.join(os.environ["HOME"], ".lazycred"))
        path.write_text(json.dumps(self.members(**more)))
        path.chmod(0o644)
        return path


def make_wrapping_key(path):
    """Makes a local wrapping key file: 32 random bytes as URL-safe base64."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(base64.urlsafe_b64encode(secrets.token_bytes(32)))
    path.chmod(0o600)


@pytest.fixture
def store(tmp_path):
    """An empty folder store with its wrapping key `local:dev`."""
    return LocalStore(tmp_path / "records", tmp_path / "home")


@pytest.fixture
def client(store):
    """A client of the folder store."""
    with store.client() as client:
        yield client


@pytest.fixture
def old(store):
    """The module, its three old functions configured for the folder store in this test only."""
    import lazycred

    lazycred.set_config(store.members(region="us-east-1"))
    yield lazycred
    lazycred.set_config(None)


@pytest.fixture
def aws(monkeypatch):
    """A running fake of S3 and KMS that AWS's variables point to."""
    from fake_aws import FakeAws

    with FakeAws() as server:
        for name, value in server.env().items():
            monkeypatch.setenv(name, value)
        yield server
        assert server.broken == []


@pytest.fixture
def aws_client(aws):
    """A client of the fake of S3 and KMS."""
    import lazycred

    with lazycred.Client(**aws.arguments()) as client:
        yield client


@pytest.fixture(params=["folder", "aws"])
def either(request):
    """A client of the folder store, then one of the fake of S3 and KMS."""
    return request.getfixturevalue("client" if request.param == "folder" else "aws_client")


def words(error):
    """An error's message and its hint, as one text."""
    return "%s %s" % (error, getattr(error, "hint", None) or "")


def flags_in(error):
    """The options of the program that an error names; whole commands may be named."""
    rest = re.sub(r"`(lazycred|aws) [^`]*`", "", words(error))
    return re.findall(r"(?<![\w-])--?[a-z][\w-]*", rest)


class Canary:
    """A secret that stands nowhere else, so that finding it means a leak."""

    def __init__(self):
        self.text = "canary" + secrets.token_hex(12)
        self.bytes = self.text.encode()

    def is_in(self, found):
        """Whether its bytes stand in `found`, however they are spelt there."""
        data = found if isinstance(found, bytes) else str(found).encode("utf-8", "surrogatepass")
        spellings = [self.bytes, self.bytes.hex().encode()]
        spellings += [base64.b64encode(b"x" * pad + self.bytes)[4:-4] for pad in range(3)]
        spellings.append(", ".join(str(byte) for byte in self.bytes).encode())
        return any(spelling in data for spelling in spellings)

    def __repr__(self):
        return "Canary()"


@pytest.fixture
def canary():
    """A secret to search for."""
    return Canary()


def find_program():
    """The program that the wheel installed beside this interpreter, or None."""
    if CHOSEN_PROGRAM:
        return Path(CHOSEN_PROGRAM).resolve()
    beside = Path(sysconfig.get_path("scripts")) / "lazycred"
    return beside if is_installed() and beside.is_file() else None


class Program:
    """Runs the program `lazycred` in this test's environment."""

    def __init__(self, path):
        self.path = str(path)

    def __call__(self, *arguments, **options):
        """Runs it, and gives its bytes and status."""
        return run([self.path, *arguments], **options)

    def json(self, *arguments, **options):
        """Runs it successfully, and gives the document that it prints."""
        done = self(*arguments, **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def run(arguments, env=None, input=b"", timeout=GENEROUS, cwd=None):
    """Runs a child with this environment, `env` on top (None takes one away)."""
    whole = dict(os.environ)
    for name, value in (env or {}).items():
        whole.pop(name, None)
        if value is not None:
            whole[name] = value
    return subprocess.run(
        arguments, env=whole, input=input, timeout=timeout, cwd=cwd,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
    )


@pytest.fixture
def program():
    """The program `lazycred` of the wheel."""
    path = find_program()
    if path is None:
        lacking("the program `lazycred` is not installed beside this interpreter")
    return Program(path)


@pytest.fixture
def snippet():
    """Runs Python code in a fresh interpreter, which must end in time.

    Gives its bytes and status; with a status other than `status` the test fails
    and shows what it printed. `flags` are the interpreter's own.
    """

    def fresh(code, *arguments, flags=(), status=0, **options):
        done = run([sys.executable, *flags, "-c", code, *arguments], **options)
        if status is not None and done.returncode != status:
            said = (done.stdout + done.stderr).decode("utf-8", "replace")
            pytest.fail("status %d instead of %d: %s" % (done.returncode, status, said))
        return done

    return fresh
