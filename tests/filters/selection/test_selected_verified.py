"""Which judged traces get step labels."""

from pathlib import Path

import pytest
from reward_makers import judged_trace, write_judged

from filters.selection.verified import choose_verified
from records.errors import InputError
from records.rows import Verdict


def test_what_the_verifier_decided_is_chosen(tmp_path: Path) -> None:
    other = judged_trace("a", 2, "fail")
    object.__setattr__(other, "verdicts", [Verdict("repetition", "1", "fail", "repetitive")])
    unclosed = judged_trace("a", 3, "fail", closed=False, answer="")
    held = judged_trace("a", 4, "fail", "contaminated")
    given = [judged_trace("a", 0, "pass"), judged_trace("a", 1, "fail"), other, unclosed, held]
    judged = write_judged(tmp_path / "judged", [*given, judged_trace("b", 0, "unknown")])
    chosen, left_out = choose_verified(judged, limit=10, most=2, seed=0)
    assert chosen == {0: True, 1: False}
    assert left_out == {"unknown": 2, "unclosed": 1, "contaminated": 1}


def test_problems_and_the_whole_are_bounded(tmp_path: Path) -> None:
    rows = [judged_trace(f"{at}", sample, "pass" if sample % 2 else "fail") for at in range(4) for sample in range(6)]
    judged = write_judged(tmp_path / "judged", rows)
    chosen, left_out = choose_verified(judged, limit=100, most=1, seed=0)
    assert len(chosen) == 8
    assert sum(chosen.values()) == 4
    assert left_out == {"over_cap": 16}
    assert len(choose_verified(judged, limit=5, most=1, seed=0)[0]) == 5
    assert choose_verified(judged, limit=5, most=1, seed=1)[0] != choose_verified(judged, limit=5, most=1, seed=0)[0]


def test_nothing_was_decided(tmp_path: Path) -> None:
    judged = write_judged(tmp_path / "judged", [judged_trace("a", 0, "unknown"), judged_trace("a", 1, "unknown")])
    with pytest.raises(InputError, match="no trace has an answer that a verifier decided"):
        choose_verified(judged, limit=5, most=1, seed=0)
