"""Each call of the table, by 0.2.3 under Python 2.7 and by ours, on the same server.

Where Python 2.7 is not to be had, ours is held against what the table says alone.
"""

import json
import os
from pathlib import Path

import pytest
from conftest import lacking
from original import bed, cases, configurations, install

TABLE = [
    *cases.READING, *cases.WRITING, *cases.NAMES, *configurations.SET_CONFIG, *configurations.FOUND,
]
DIFFERENCES = json.loads((Path(__file__).parent / "original_differences.json").read_text())
each = pytest.mark.parametrize("case", TABLE, ids=[case.name for case in TABLE])
#: What is in a secret or beside one, and so in no message.
CANARY = "hunter2"


def shared(what):
    """The moto, or the driver of one of the two; a test that needs what is lacking is left out."""
    try:
        return bed.shared(what)
    except install.Missing as missing:
        # As python/check has it, only who has pyenv must have Python 2.7.
        if what == "original" and "PYENV_ROOT" not in os.environ:
            pytest.skip("%s: %s" % (what, missing))
        lacking("%s: %s" % (what, missing))


def filled(value, bucket):
    """The value with the bucket of this case for `{bucket}`."""
    if type(value) is str:
        return value.replace("{bucket}", bucket)
    if isinstance(value, list):
        return [filled(item, bucket) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, bucket) for name, item in value.items()}
    return value


def carry_out(case, which, folder):
    """The outcomes, and what is in the bucket afterwards beside what was there untouched."""
    moto, driver = shared("moto"), shared(which)
    bucket = moto.fresh_bucket(case.objects)
    work, home = folder / "case/work", folder / "case/home"
    for made in (work / case.folder, home):
        made.mkdir(parents=True)
    for name, text in case.files.items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled(text, bucket))
    environment = dict(bed.environment(moto, home), **filled(case.environment, bucket))
    outcomes = driver.carry_out(
        {
            "folder": str(work / case.folder),
            "environment": {name: value for name, value in environment.items() if value is not None},
            "steps": bed.portable(filled(case.steps, bucket)),
        }
    )
    objects = moto.objects(bucket)
    changed = {
        path: bed.kind_of_record(record)
        for path, record in objects.items()
        if case.objects.get(path) != record or path in case.stored
    }
    return outcomes, changed


def told(outcomes):
    """For a failure of a test: all that is known."""
    return [(outcome.brief(), outcome.texts, outcome.trace) for outcome in outcomes]


@each
def test_ours_does_what_the_table_says(case, tmp_path):
    outcomes, stored = carry_out(case, "ours", tmp_path)
    assert [outcome.brief() for outcome in outcomes] == case.ours, told(outcomes)
    assert stored == case.stored, told(outcomes)
    for outcome in outcomes:
        assert outcome.raised is None
        for text in outcome.texts:
            assert CANARY not in text
            assert "\n" not in text


@pytest.mark.slow
@each
def test_0_2_3_does_what_the_table_says(case, tmp_path):
    outcomes, stored = carry_out(case, "original", tmp_path)
    assert [outcome.brief() for outcome in outcomes] == case.original, told(outcomes)
    assert stored == case.stored_by_original, told(outcomes)


@each
def test_the_table_gives_a_reason_exactly_where_the_two_differ(case):
    differs = (case.ours, case.stored) != (case.original, case.stored_by_original)
    assert differs == (case.why is not None)
    assert case.why is None or case.why in DIFFERENCES


def test_no_difference_is_written_down_that_no_case_shows():
    shown = {case.why for case in TABLE} - {None}
    elsewhere = {name for name, entry in DIFFERENCES.items() if "test" in entry}
    assert set(DIFFERENCES) == shown | elsewhere
    assert not shown & elsewhere
    sources = "".join(path.read_text() for path in Path(__file__).parent.glob("test_original*.py"))
    for name in elsewhere:
        assert "def %s(" % DIFFERENCES[name]["test"] in sources


def test_a_difference_is_said_in_three_sentences():
    for entry in DIFFERENCES.values():
        assert set(entry) - {"test"} == {"original", "ours", "why"}
        assert all(isinstance(sentence, str) and sentence for sentence in entry.values())


def test_no_two_cases_have_one_name():
    names = [case.name for case in TABLE]
    assert sorted(set(names)) == sorted(names)
