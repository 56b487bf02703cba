"""Work is ended at its limit wherever it is, and what ends at the same moment keeps its result."""

import os
import time
from functools import partial

import pytest

from records import within_limits as limits
from records.within_limits import within_limits


def spin(seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
    return "done"


def test_results_and_errors_pass() -> None:
    assert within_limits(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within_limits(lambda: 1 // 0)


def test_the_limit_counts_and_handlers_do_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_S", 0.5)
    assert within_limits(lambda: spin(0.1)) == "done"

    def stubborn() -> None:
        while True:
            try:
                spin(9)
            except Exception:
                continue

    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"more than 0\.5 s"):
        within_limits(stubborn)
    assert time.monotonic() - started < 3


def test_work_that_ends_at_its_limit_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever comes first, the error never comes through after the work."""
    monkeypatch.setattr(limits, "MOST_S", 0.1)
    monkeypatch.setattr(limits, "LOOK_EVERY_S", 0.002)
    time.sleep(0.3)  # the watcher's last look at the old interval
    endings = set()
    for at in range(30):
        try:
            endings.add(within_limits(partial(spin, 0.095 + (at % 10) / 1000)))
        except TimeoutError:
            endings.add("ended")
        spin(0.005)
    assert not limits.WATCHER.watches
    assert endings == {"done", "ended"}


def test_a_forked_process_has_a_watcher_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    within_limits(lambda: 1)
    child = os.fork()
    if not child:
        limits.MOST_S = 0.3
        try:
            within_limits(lambda: spin(20))
        except TimeoutError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
