"""How `get`, `put` and `set_config` tell a failure: by one logger, never by raising."""

import collections
import inspect
import logging
import sys
import types

import pytest

import lazycred

CANARY = "hunter2-canary"


@pytest.fixture
def told(caplog):
    """The records of the logger; each is looked at for a secret, whatever the test looks at."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    for record in caplog.get_records("call"):
        assert CANARY not in "%r %s" % (record.__dict__, record.getMessage())
        assert record.exc_info is None and record.stack_info is None


def one_error(told):
    (record,) = [record for record in told.records if record.levelno >= logging.WARNING]
    assert (record.name, record.levelname) == ("LazyCredLogger", "ERROR")
    assert "\n" not in record.getMessage()
    return record.getMessage()


def test_a_secret_is_stored_and_read_and_nothing_is_told(old, told):
    assert old.put("db", CANARY) is True
    assert old.get("db") == CANARY.encode()
    assert [record for record in told.records if record.levelno >= logging.WARNING] == []


def test_a_failure_is_told_with_its_name_and_its_remedy(old, told):
    assert old.get("web/prod") is None
    message = one_error(told)
    assert message.startswith("lazycred.get: ")
    assert "`web/prod`" in message


def test_what_to_do_next_is_in_the_message_in_words_of_the_three(old, told, monkeypatch):
    old.set_config(None)
    assert old.get("db") is None
    assert '(hint: call `set_config`, or put {"s3_path": ' in one_error(told)
    told.clear()
    monkeypatch.setenv("LAZYCRED_S3_PATH", "bucket/")
    assert old.get("db") is None
    assert '(hint: add "region" to `.lazycred`)' in one_error(told)


def test_no_configuration_is_told_by_every_call(old, told):
    old.set_config(None)
    assert old.get("db") is None
    assert old.put("db", CANARY) is False
    assert [record.levelname for record in told.records] == ["ERROR", "ERROR"]


class Evil:
    """Whatever is asked of it fails, and would say the secret."""

    def __str__(self):
        raise RuntimeError(CANARY)

    __repr__ = __bool__ = __len__ = __iter__ = __hash__ = __eq__ = __contains__ = __bytes__ = __str__


class EvilMapping(dict):
    def __iter__(self):
        raise RuntimeError(CANARY)

    keys = items = __getitem__ = __iter__


UNUSABLE = {
    "a number": 5,
    "None": None,
    "a bytearray": bytearray(CANARY.encode()),
    "a memoryview": memoryview(CANARY.encode()),
    "a list": [CANARY],
    "a dict": {CANARY: CANARY},
    "an exception": ValueError(CANARY),
    "what fails whatever is asked of it": Evil(),
}


@pytest.mark.parametrize("data", UNUSABLE.values(), ids=UNUSABLE)
def test_data_of_another_type_is_told_by_its_type_and_never_by_its_value(data, old, told):
    assert old.put("db", data) is False
    message = one_error(told)
    assert "`data` must be bytes or str, not %s" % type(data).__name__ in message
    assert old.get("db") is None


@pytest.mark.parametrize("name", [*UNUSABLE.values(), b"db"], ids=[*UNUSABLE, "bytes"])
def test_a_name_of_another_type_is_told(name, old, told):
    assert old.get(name) is None
    assert "`key` must be str, not %s" % type(name).__name__ in one_error(told)
    assert old.put(name, CANARY) is False


@pytest.mark.parametrize(
    "name", ["", "/", "//", "a/../b", ".", "..", "\0", "a\nb", "\ud800", "n" * 5000, "💣" * 400, "%s %d %(x)s"]
)
def test_a_name_that_cannot_be_used_is_told_on_one_line(name, old, told):
    assert old.get(name) is None
    one_error(told)


def test_text_that_is_no_utf_8_is_told_and_nothing_is_stored(old, told):
    assert old.put("db", CANARY + "\ud800") is False
    one_error(told)
    assert old.get("db") is None


def test_a_secret_over_64_mib_is_told(old, told):
    """One of the differences on purpose: `size`."""
    assert old.put("db", bytes(64 * 2**20 + 1)) is False
    assert "(hint: `Client(max_size=BYTES)` allows larger secrets; " in one_error(told)


def test_subclasses_of_bytes_and_str_are_what_they_are(old, told):
    class Bytes(bytes):
        pass

    class Str(str):
        pass

    assert old.put("bytes", Bytes(b"a")) is True
    assert old.put(Str("str"), Str("b")) is True
    assert (old.get("bytes"), old.get(Str("str"))) == (b"a", b"b")
    assert type(old.get("bytes")) is bytes


CONFIGURATIONS = {
    "a number": (5, "takes a dict, not int"),
    "text": ("{}", "takes a dict, not str"),
    "a list": ([1], "takes a dict, not list"),
    "what fails whatever is asked of it": (Evil(), "takes a dict, not Evil"),
    "a dict that fails": (EvilMapping(a=1), "takes a dict, not EvilMapping"),
    "nothing known": ({"a": 1}, "`s3_path` is missing"),
    "members that are no text": ({5: 1}, "`s3_path` is missing"),
    "no alias": ({"s3_path": "a/", "region": "r"}, "`key_alias` is missing"),
    "no region": ({"s3_path": "a/", "key_alias": "k"}, "`region` is missing"),
    "a path that is a list": ({"s3_path": [CANARY]}, "`s3_path` must be str, not list"),
    "an empty region": ({"s3_path": "a/", "key_alias": "k", "region": ""}, "`region` is empty"),
}


@pytest.mark.parametrize("config, words", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_wrong_configuration_is_told_by_the_next_call(config, words, old, told):
    assert old.set_config(config) is None
    assert told.records == []
    assert old.get("db") is None
    assert words in one_error(told)
    assert old.put("db", CANARY) is False


@pytest.mark.parametrize(
    "member, value",
    [("format", "two"), ("format", 9), ("keys", "golden"), ("keys", 5), ("pin_key", "yes"), ("max_age", 5),
     ("account", 123456789012), ("sse", {}), ("cache", "x"), ("format", 10**30), ("profile", b"x"),
     ("keys", Evil()), ("keys", [Evil()]), ("keys", [5]), ("max_age", [CANARY])],
)
def test_an_optional_member_of_another_type_is_told_whenever_it_comes(member, value, old, store, told):
    config = store.members(region="us-east-1", keys=[])
    old.set_config(config)
    assert old.put("db", b"x") is True
    config[member] = value
    assert old.get("db") is None
    assert "`%s`" % member in one_error(told) or " %s " % member in one_error(told)
    assert old.put("db", CANARY) is False


@pytest.mark.parametrize("kind", [dict, collections.OrderedDict, collections.UserDict, types.MappingProxyType])
def test_any_mapping_is_a_configuration(kind, old, store):
    old.set_config(kind(store.members(region="us-east-1")))
    assert old.put("db", b"x") is True


def test_unknown_members_are_named_once_and_ignored(old, store, told):
    more = {"key_alais": "x", "no\nte": CANARY, "environments": {}, 5: CANARY}
    old.set_config({**store.members(region="us-east-1"), **more})
    assert old.put("db", b"x") is True
    assert old.get("db") == b"x"
    warnings = [record.getMessage() for record in told.records if record.levelno == logging.WARNING]
    assert warnings == ["set_config: unknown members are ignored: `key_alais`, `no\\nte`"]


def test_a_handler_of_the_user_sees_no_exception_under_way_and_no_secret(old):
    """Not even one that looks at the variables of every function that is running."""
    seen = []

    class Handler(logging.Handler):
        def emit(self, record):
            seen.append((record.exc_info, sys.exc_info()))
            frame = sys._getframe()
            while frame.f_code is not test:
                assert CANARY not in repr(frame.f_locals)
                frame = frame.f_back

    test = sys._getframe().f_code

    handler = Handler()
    logging.getLogger("LazyCredLogger").addHandler(handler)
    try:
        assert old.get("nope") is None
        assert old.put("", CANARY) is False
    finally:
        logging.getLogger("LazyCredLogger").removeHandler(handler)
    assert seen == [(None, (None, None, None))] * 2


def test_without_any_logging_a_failure_is_told_on_standard_error(snippet):
    done = snippet("import lazycred; print(lazycred.get('db'), lazycred.put('db', b'hunter2-canary'))")
    assert done.stdout == b"None False\n"
    lines = done.stderr.decode().splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["lazycred.get", "lazycred.put"]
    assert CANARY not in done.stderr.decode()


def test_with_basic_config_a_failure_looks_as_with_0_2_3(snippet):
    done = snippet("import logging, lazycred; logging.basicConfig(); lazycred.get('db')")
    assert done.stderr.startswith(b"ERROR:LazyCredLogger:lazycred.get: ")


def test_importing_and_failing_leave_logging_as_it_was(snippet):
    done = snippet(
        "import logging, lazycred\n"
        "lazycred.set_config({}); lazycred.get('db')\n"
        "logger = logging.getLogger('LazyCredLogger')\n"
        "print(logging.root.handlers, logger.handlers, logger.level, logger.propagate, logger.disabled)\n"
    )
    assert done.stdout == b"[] [] 0 True False\n"


def test_a_program_that_silences_the_logger_hears_nothing(snippet):
    done = snippet(
        "import logging, lazycred\n"
        "logging.getLogger('LazyCredLogger').setLevel(logging.CRITICAL)\n"
        "print(lazycred.get('db'))\n"
    )
    assert (done.stdout, done.stderr) == (b"None\n", b"")


def test_the_three_names_are_where_0_2_3_has_them(snippet):
    done = snippet(
        "from lazycred import get, put, set_config\n"
        "import lazycred.lazycred\n"
        "module = lazycred.lazycred\n"
        "assert (module.get, module.put, module.set_config) == (get, put, set_config)\n"
        "print(module.logger.name, module.LAZYCRED_LOG_NAME)\n"
    )
    assert done.stdout == b"LazyCredLogger LazyCredLogger\n"


def test_the_module_of_0_2_3_is_an_attribute_without_an_import_of_its_own(snippet):
    assert snippet("import lazycred; print(lazycred.lazycred.logger.name)").stdout == b"LazyCredLogger\n"


def test_importing_imports_nothing_but_the_package(snippet):
    done = snippet(
        "import sys; before = set(sys.modules)\n"
        "import lazycred\n"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - {'__future__'}))\n"
    )
    assert done.stdout == b"['lazycred']\n"


def test_the_three_take_what_0_2_3_takes_by_place_and_by_name():
    names = {call.__name__: list(inspect.signature(call).parameters)
             for call in (lazycred.get, lazycred.put, lazycred.set_config)}
    assert names == {"get": ["key"], "put": ["key", "data"], "set_config": ["config"]}
    assert all(call.__doc__ for call in (lazycred.get, lazycred.put, lazycred.set_config))
