"""A program of a user of 0.2.3, unchanged, before and after `pip install -U lazycred`.

Before is 0.2.3 on Python 2.7, after is ours on this Python; what is printed is the
same. Only boto is pointed to the test's server, as AWS's variables do for ours.
"""

import json
import os
import subprocess

import pytest
from original import bed
from test_original_calls import shared

#: Under both Pythons, in both styles of importing.
PROGRAM = r'''
from __future__ import print_function
import logging
import sys

logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s")
log = logging.getLogger("LazyCredLogger")

import lazycred
from lazycred import get, put, set_config

lazycred.set_config({
    "s3_path": "BUCKET/credentials/",
    "key_alias": "golden",
    "region": "us-east-1"
    })

key = 'something'
val = 'Something Something Danger Zone'

print(lazycred.put(key, val))
print(lazycred.get(key).decode('utf-8'))

password = get('db/password') or b'a default'
print(password.decode('ascii'))

if not put(None, val):
    print('not stored')

log.setLevel(logging.CRITICAL)
if lazycred.get('nothing') is None:
    print('quiet')
print(sorted(name for name in ('get', 'put', 'set_config') if callable(getattr(lazycred, name))))
'''

PRINTED = """\
True
Something Something Danger Zone
ERROR LazyCredLogger
a default
ERROR LazyCredLogger
not stored
quiet
['get', 'put', 'set_config']
"""

#: By a configuration that is found, with the logger where 0.2.3 has it.
BY_FILE = r'''
from __future__ import print_function
import json
import lazycred, lazycred.lazycred

blob = json.loads(lazycred.get('blob').decode('utf-8'))
print(blob['user'], blob['port'])
print(lazycred.lazycred.logger.name, lazycred.lazycred.LAZYCRED_LOG_NAME)
'''


@pytest.fixture
def run(tmp_path):
    """Runs a program by 0.2.3 or by ours, in a folder of its own, and gives what it printed."""
    moto = shared("moto")

    def run(which, program, bucket, more=None):
        environment = dict(bed.environment(moto, tmp_path), **(more or {}))
        if which == "original":
            driver = shared("original")
            # What the interpreter imports first, beside the program and not in it.
            site = tmp_path / "site"
            site.mkdir(exist_ok=True)
            redirect = "import sys; sys.path.insert(0, %r); import driver; driver.redirect_boto()\n"
            (site / "sitecustomize.py").write_text(redirect % str(bed.HERE))
            environment.setdefault("BOTO_CONFIG", os.devnull)
            environment["PYTHONPATH"] = os.pathsep.join([str(site), str(driver.folder)])
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
        else:
            driver = shared("ours")
            environment["PYTHONPATH"] = driver.folder
        path = tmp_path / "program.py"
        path.write_text(program.replace("BUCKET", bucket))
        done = subprocess.run(
            [driver.python, "-W", "ignore", str(path)], cwd=str(tmp_path), env=environment,
            capture_output=True, text=True, timeout=120, check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.bucket = moto.fresh_bucket
    return run


@pytest.mark.parametrize("which", ["original", "ours"])
def test_a_program_of_0_2_3_prints_the_same(which, run):
    assert run(which, PROGRAM, run.bucket()) == PRINTED


@pytest.mark.parametrize("which", ["original", "ours"])
def test_a_program_with_a_file_prints_the_same(which, run, tmp_path):
    bucket = run.bucket()
    (tmp_path / ".lazycred").write_text(
        json.dumps({"s3_path": bucket + "/", "key_alias": "golden", "region": "us-east-1"})
    )
    program = "import lazycred; print(lazycred.put('blob', '{\"user\": \"app\", \"port\": 5432}'))"
    assert run(which, program, bucket) == "True\n"
    assert run(which, BY_FILE, bucket) == "app 5432\nLazyCredLogger LazyCredLogger\n"


CREDENTIALS = "[Credentials]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"


@pytest.mark.parametrize("which, printed", [("original", "True\n"), ("ours", "False\n")])
def test_credentials_of_boto_s_own_file_must_move(which, printed, run, tmp_path):
    """One of the differences on purpose: `boto-files`."""
    (tmp_path / "boto.cfg").write_text(CREDENTIALS)
    program = (
        "import os, lazycred; del os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_SECRET_ACCESS_KEY']\n"
        "lazycred.set_config({'s3_path': 'BUCKET/', 'key_alias': 'golden', 'region': 'us-east-1'})\n"
        "print(lazycred.put('db', b'x'))\n"
    )
    more = {"BOTO_CONFIG": str(tmp_path / "boto.cfg")}
    assert run(which, program, run.bucket(), more) == printed


@pytest.mark.parametrize("which", ["original", "ours"])
def test_credentials_of_the_shared_file_stay_where_they_are(which, run, tmp_path):
    (tmp_path / ".aws").mkdir()
    text = CREDENTIALS.replace("Credentials", "default")
    (tmp_path / ".aws/credentials").write_text(text)
    program = (
        "import os, lazycred\n"
        "for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SHARED_CREDENTIALS_FILE'):\n"
        "    del os.environ[name]\n"
        "lazycred.set_config({'s3_path': 'BUCKET/', 'key_alias': 'golden', 'region': 'us-east-1'})\n"
        "print(lazycred.put('db', b'x'))\n"
    )
    assert run(which, program, run.bucket()) == "True\n"


LOGGING = (
    "import logging, lazycred\n"
    "print(len(logging.getLogger().handlers))\n"
)


@pytest.mark.parametrize("which, handlers", [("original", "1\n"), ("ours", "0\n")])
def test_only_0_2_3_sets_up_logging_when_it_is_imported(which, handlers, run):
    """One of the differences on purpose: `logging`."""
    assert run(which, LOGGING, run.bucket()) == handlers
