"""Pools of processes and servers that fork workers after they made a client."""

import http.client
import importlib.util
import os
import signal

import pytest

from forking import record
from processes import Program

WORKERS = """
import json, os
import lazycred

shared = None

def client():
    return lazycred.Client(**json.loads(os.environ["CLIENT_ARGUMENTS"]))

def read(name):
    global shared
    shared = shared or client()
    return shared.get(name), os.getpid()

def refused(given):
    return type(given).__name__

def fail(name):
    client().get(name)
"""


def program(aws, tmp_path, code):
    (tmp_path / "workers.py").write_text(WORKERS)
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(tmp_path)]))
    env = aws.env(PYTHONPATH=path, PYTHONWARNINGS="ignore::DeprecationWarning")
    return Program("import workers, multiprocessing\n" + code, env, aws.arguments())


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_the_workers_of_a_multiprocessing_pool_read_secrets(aws, tmp_path, method):
    code = """
workers.read("web")
context = multiprocessing.get_context(%r)
with context.Pool(3) as pool:
    read = pool.map(workers.read, ["web"] * 24, chunksize=1)
    pool.close()
    pool.join()
say({secret for secret, _ in read}, os.getpid() not in {pid for _, pid in read})
say(workers.read("web")[0])
""" % (method,)
    record(aws)
    with program(aws, tmp_path, code) as running:
        assert running.end() == ["{b'hunter2'} True", "b'hunter2'"]
    assert not aws.broken


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_process_pool_executor_reads_secrets_and_brings_errors_back(aws, tmp_path, method):
    code = """
import concurrent.futures
workers.read("web")
context = multiprocessing.get_context(%r)
with concurrent.futures.ProcessPoolExecutor(3, mp_context=context) as pool:
    say({secret for secret, _ in pool.map(workers.read, ["web"] * 12)})
    error = pool.submit(workers.fail, "missing").exception()
    say(type(error) is lazycred.MissingError, error.kind, error.exit_code, "missing" in str(error))
    given = pool.submit(workers.refused, workers.shared).exception()
    say(type(given).__name__)
say(workers.read("web")[0])
""" % (method,)
    record(aws)
    with program(aws, tmp_path, code) as running:
        said = running.end()
    assert said == ["{b'hunter2'}", "True missing 3 True", "TypeError", "b'hunter2'"]
    assert not aws.broken


def test_a_multiprocessing_process_may_be_started_with_a_client_as_its_global(aws, tmp_path):
    code = """
context = multiprocessing.get_context("fork")
workers.read("web")
def work(results):
    results.put(workers.read("web")[0])
results = context.Queue()
processes = [context.Process(target=work, args=(results,)) for _ in range(5)]
for process in processes:
    process.start()
say([results.get() for _ in processes] == [b"hunter2"] * 5)
for process in processes:
    process.join()
say([process.exitcode for process in processes])
"""
    record(aws)
    with program(aws, tmp_path, code) as running:
        assert running.end() == ["True", "[0, 0, 0, 0, 0]"]


def test_a_server_that_loads_its_application_before_it_forks_its_workers(aws, tmp_path):
    """The shape of gunicorn's `--preload`, and of uWSGI: the master reads, workers serve."""
    code = """
import socket
listener = socket.create_server(("127.0.0.1", 0))
c = workers.client()
at_start = c.get("web")
pids = []
for _ in range(4):
    pid = os.fork()
    if pid:
        pids.append(pid)
        continue
    while True:
        connection, _ = listener.accept()
        with connection:
            name = connection.recv(100).decode()
            if not name:
                os._exit(0)
            connection.sendall(c.get(name))
def ask(name):
    with socket.create_connection(listener.getsockname()) as connection:
        connection.sendall(name.encode())
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(100)
seen = []
threads = [
    threading.Thread(target=lambda: seen.append([ask("web") for _ in range(10)])) for _ in range(6)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
say(seen == [[at_start] * 10] * 6)
for pid in pids:
    ask("")
for pid in pids:
    say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
say(c.get("web"))
"""
    record(aws)
    with program(aws, tmp_path, code) as running:
        assert running.end() == ["True", "0", "0", "0", "0", "b'hunter2'"]
    assert not aws.broken


APPLICATION = """
import lazycred, json, os
client = lazycred.Client(**json.loads(os.environ["CLIENT_ARGUMENTS"]))
AT_START = client.get("web")

def application(environ, start_response):
    body = client.get("web") + b" %d" % os.getpid()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    assert body.startswith(AT_START)
    return [body]
"""

GUNICORN = """
sys.argv = ["gunicorn", "--preload", "-w", "3", "-b", "127.0.0.1:0", "application:application"]
from gunicorn.app.wsgiapp import run
run()
"""


@pytest.mark.skipif(not importlib.util.find_spec("gunicorn"), reason="gunicorn is not installed")
def test_gunicorn_with_preload_serves_a_secret_from_each_worker(aws, tmp_path):
    (tmp_path / "application.py").write_text(APPLICATION)
    record(aws)
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(tmp_path)]))
    env = {**aws.env(PYTHONPATH=path), "PYTHONUNBUFFERED": "1"}
    with Program(GUNICORN, env, aws.arguments()) as running:
        aws.wait_for("GetObject")
        port = 0
        while not port:
            lines = [line for line in running.errors if "Listening at: http://127.0.0.1:" in line]
            port = int(lines[0].split("127.0.0.1:")[1].split()[0]) if lines else 0
            assert running.process.poll() is None, running.errors
        pids = set()
        for _ in range(60):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/")
            secret, pid = connection.getresponse().read().split()
            connection.close()
            assert secret == b"hunter2"
            pids.add(int(pid))
        assert running.process.pid not in pids and pids
        running.interrupt(signal.SIGTERM)
        assert running.process.wait(30) == 0
    assert not aws.broken


