"""Errors go from process to process whole: by pickle, copy, and the standard library's pools."""

import concurrent.futures
import copy
import multiprocessing
import pickle
import threading

import pytest

import lazycred
from test_errors import CLASSES, FAILURES, fails


def same(one, other):
    """Whether two errors are alike in all that a caller can see."""
    assert type(one) is type(other)
    assert str(one) == str(other)
    assert repr(one) == repr(other)
    assert one.args == other.args
    for member in ("kind", "hint", "exit_code"):
        assert getattr(one, member) == getattr(other, member)
        assert type(getattr(one, member)) is type(getattr(other, member))
    assert getattr(one, "code", None) == getattr(other, "code", None)
    assert getattr(one, "__notes__", None) == getattr(other, "__notes__", None)
    errors, others = getattr(one, "errors", []), getattr(other, "errors", [])
    assert len(errors) == len(others)
    for first, second in zip(errors, others):
        same(first, second)


CARRIERS = {"copy": copy.copy, "deepcopy": copy.deepcopy}
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    def carry(error, protocol=protocol):
        return pickle.loads(pickle.dumps(error, protocol))
    CARRIERS["pickle %d" % protocol] = carry


@pytest.mark.parametrize("carry", CARRIERS.values(), ids=CARRIERS.keys())
@pytest.mark.parametrize("failure", FAILURES)
def test_each_error_survives_a_round_trip(store, client, failure, carry):
    prepare, call, _, _ = FAILURES[failure]
    prepare(store, client)
    error = fails(call, client)
    same(error, carry(error))
    same(error, carry(carry(error)))


@pytest.mark.parametrize("carry", CARRIERS.values(), ids=CARRIERS.keys())
def test_an_error_of_aws_keeps_its_code(aws, aws_client, carry):
    aws.fail("GetObject", "AccessDenied", 403)
    error = fails(lambda c: c.get("db"), aws_client)
    assert carry(error).code == "AccessDenied"
    same(error, carry(error))


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_can_be_made_by_a_user_s_test(name):
    cls = getattr(lazycred, name)
    error = cls("some message")
    assert str(error) == "some message"
    assert error.hint is None
    assert type(error.kind) is str and type(error.exit_code) is int
    same(error, pickle.loads(pickle.dumps(error)))
    with pytest.raises(lazycred.Error):
        raise error


def fail_in_a_child(arguments):
    """What a worker does; at module level, so that a pool can find it."""
    with lazycred.Client(**arguments) as client:
        return client.load("one", "two")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_processes_raises_the_error_of_its_worker(store, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("this system has no " + method)
    store.client().put("db", "x")
    with multiprocessing.get_context(method).Pool(1) as pool:
        with pytest.raises(lazycred.SeveralError) as caught:
            pool.map_async(fail_in_a_child, [store.members()]).get(120)
    assert [type(error) for error in caught.value.errors] == [lazycred.MissingError] * 2
    assert caught.value.exit_code == 3


def test_a_thread_pool_raises_the_error_of_its_worker(client):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(client.get, "nope") for _ in range(8)]:
            with pytest.raises(lazycred.MissingError):
                future.result(60)


def test_each_failure_is_an_error_of_its_own(client):
    errors = [fails(lambda c: c.get("nope"), client) for _ in range(2)]
    assert errors[0] is not errors[1]
    assert getattr(errors[0], "__notes__", None) == getattr(errors[1], "__notes__", None)


def test_errors_in_threads_do_not_mix(client):
    found = {}

    def fail(number):
        try:
            client.get("nope%d" % number)
        except lazycred.MissingError as error:
            found[number] = str(error)

    threads = [threading.Thread(target=fail, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all("`nope%d`" % number in found[number] for number in range(16))
