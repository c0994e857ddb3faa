"""The documents of the module do what they say: each block runs as it stands there."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import find_program, lacking, make_wrapping_key
from documents import GENEROUS, Sitting, is_started_by, sections

RECIPES = "docs/python-recipes.md"
DOCUMENTS = ["docs/python.md", "docs/python-upgrade.md", RECIPES, "python/README.md"]
MINUTE = "One minute, without AWS"

#: What a section finds beside the secret `app/db`, as the recipes say at their top.
MORE = {"app/django": '{"secret_key": "django-insecure-example"}', "api-token": "s3cret"}

#: What README and the page about the library have stored.
OF_README = {"db_credentials": '{"db": {"host": "db.internal", "port": 5432}}'}

#: Sections that start with nothing at all, for they make the store.
FROM_NOTHING = [MINUTE, "LazyCred"]

#: Blocks of `sh`, and the test that runs each.
SERVED = {"gunicorn": "test_a_client_that_was_used_before_gunicorn_forks_serves_its_workers"}

ALL = [(document, heading) for document in DOCUMENTS for heading in sections(document)]
# Its own test follows it.
ALL.remove((RECIPES, "gunicorn"))
ALL += [("README.md", "In Rust and Python"), ("docs/library.md", "In Python")]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home that is the working directory too, and in which `lazycred` is found."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name)
    home = tmp_path / "reader"
    (home / "bin").mkdir(parents=True, mode=0o700)
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    program = find_program()
    if program is not None:
        (home / "bin" / "lazycred").symlink_to(program)
    beside = Path(sys.executable).parent
    monkeypatch.setenv("PATH", "%s:%s:/usr/bin:/bin" % (home / "bin", beside))
    for name in ("DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS", "GUNICORN_CMD_ARGS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return home


def make_the_store(home):
    """What the one-minute example leaves behind, and the secrets of the recipes."""
    import lazycred

    make_wrapping_key(home / ".local" / "share" / "lazycred" / "dev.key")
    (home / ".lazycred").write_text('{"s3_path": "file:secrets/", "key_alias": "local:dev"}\n')
    with lazycred.Client() as client:
        client.put("app/db", '{"host": "db.internal", "port": 5432}')
        client.set("app/db", "password", "hunter2")
        for name, text in {**MORE, **OF_README}.items():
            client.put(name, text)


def prepare(section, home, request):
    """Makes what the section needs, or leaves it out with a word."""
    packages = section.lacks()
    if packages:
        lacking("not installed: %s" % ", ".join(packages))
    for program in sorted(section.programs()):
        if not is_started_by(os.environ, program):
            lacking("not installed: %s" % program)
    if section.heading not in FROM_NOTHING:
        make_the_store(home)
    if any("acme/prod/" in block.text for block in section.blocks):
        request.getfixturevalue("aws")


@pytest.mark.parametrize(("document", "heading"), ALL, ids=lambda part: part)
def test_each_example_of_the_documents_runs_and_prints_what_it_says(
    document, heading, home, request
):
    section = sections(document)[heading]
    prepare(section, home, request)
    with Sitting(home, dict(os.environ)) as sitting:
        sitting.follow(section)


def test_no_block_of_the_documents_is_of_a_kind_that_nobody_runs():
    for document in DOCUMENTS:
        found = sections(document)
        assert any(section.of("python") for section in found.values()), document
        for section in found.values():
            for before, block in zip([None] + section.blocks, section.blocks):
                assert block.language in ("python", "console", "text", "sh"), block.where
                if block.language == "text" and not block.name:
                    assert before.language == "python" and not before.name, block.where
                if block.language == "sh":
                    assert SERVED[block.text.split()[0]] in globals(), block.where


def test_gunicorn_is_the_only_program_of_the_documents_that_goes_on_until_it_is_stopped():
    served = [
        block.text.split()[0]
        for document in DOCUMENTS
        for section in sections(document).values()
        for block in section.of("sh")
    ]
    assert served == list(SERVED)


def test_a_client_that_was_used_before_gunicorn_forks_serves_its_workers(home, request):
    section = sections(RECIPES)["gunicorn"]
    prepare(section, home, request)
    (command,) = section.of("sh")
    with Sitting(home, dict(os.environ)) as sitting:
        sitting.follow(section)
    server = subprocess.Popen(
        ["bash", "-c", "exec " + command.text], cwd=str(home), env=dict(os.environ),
        stdout=subprocess.DEVNULL, stderr=(home / "log").open("wb"),
    )
    try:
        for _ in range(8):
            assert asked(home / "web.sock", server) == "db.internal 6", (home / "log").read_text()
        server.send_signal(signal.SIGTERM)
        assert server.wait(GENEROUS) == 0
    finally:
        server.kill()
        server.wait()


def asked(path, server):
    """The body that the server on this socket answers with, once it listens."""
    ends = time.monotonic() + GENEROUS
    while True:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(GENEROUS)
            try:
                # A socket's path must be short, and that of a test need not be.
                connection.connect(os.path.relpath(str(path)))
            except OSError:
                assert server.poll() is None and time.monotonic() < ends, "no server"
                time.sleep(0.05)
                continue
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
            return answer.partition(b"\r\n\r\n")[2].decode().strip()
