"""A configuration file that keeps its reader waiting."""

from __future__ import annotations

import os
import threading
import time

import pytest

import lazycred


@pytest.mark.parametrize("variable", ["LAZYCRED_CONFIG"])
def test_other_threads_go_on_while_a_file_is_waited_for(tmp_path, monkeypatch, variable):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setenv(variable, str(pipe))
    over = threading.Event()
    steps = []

    def count():
        while not over.is_set():
            steps.append(1)
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = len(steps)
    begin = time.monotonic()
    with pytest.raises(lazycred.Error):
        lazycred.Client()
    waited = time.monotonic() - begin
    during = len(steps) - before
    over.set()
    thread.join()
    # A busy machine may slow it down, but not to a hundredth.
    assert waited < 0.1 or during > 100 * waited / 10
