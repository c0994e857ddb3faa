"""Pools of processes and servers that fork workers after they made a client."""

import http.client
import importlib.util
import os
import signal
import time

import pytest

from conftest import lacking
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
def test_a_process_pool_executor_reads_secrets_and_takes_no_client(aws, tmp_path, method):
    code = """
import concurrent.futures
workers.read("web")
context = multiprocessing.get_context(%r)
with concurrent.futures.ProcessPoolExecutor(3, mp_context=context) as pool:
    say({secret for secret, _ in pool.map(workers.read, ["web"] * 12)})
    given = pool.submit(workers.refused, workers.shared).exception()
    say(type(given).__name__)
say(workers.read("web")[0])
""" % (method,)
    record(aws)
    with program(aws, tmp_path, code) as running:
        said = running.end()
    assert said == ["{b'hunter2'}", "TypeError", "b'hunter2'"]
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


def test_gunicorn_with_preload_serves_a_secret_from_each_worker(aws, tmp_path):
    """uWSGI's workers and those of any server that loads its application first are alike."""
    if not importlib.util.find_spec("gunicorn"):
        lacking("gunicorn is not installed")
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
            time.sleep(0.05)
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


