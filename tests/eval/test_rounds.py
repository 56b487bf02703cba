"""A round goes on if it is shown to be better, problem by problem; the round that is kept follows a stated rule."""

from dataclasses import replace

import numpy as np
import pytest
from comparison_makers import BASE, RIGHT, STUDENT, WRONG, check, flipped, paired_of, read

from eval.rounds import compare_round, grew, kept_line, kept_round, told
from eval.stage_gains import stage_gains
from records.comparisons import Figure, StageStart
from records.rows import Variant

HALF = np.repeat([[RIGHT], [WRONG]], [200, 200], axis=0)


@pytest.mark.parametrize(("low", "is_shown"), [(-0.0001, False), (0.0, False), (0.0001, True)])
def test_it_grew_if_the_interval_lies_above_0(low: float, is_shown: bool) -> None:
    assert grew(check(1, paired_of(0.02, low, 0.04))) is is_shown


def test_a_round_is_compared_on_the_same_problems() -> None:
    better, same = flipped(HALF, lost=0, gained=20), flipped(HALF, gained=3, lost=3)
    for ours, is_shown in ((better, True), (same, False)):
        pair = compare_round("held_out", (STUDENT, BASE), (read(ours), read(HALF)))
        assert (pair.benchmark, pair.n_problems) == ("held_out", 400)
        assert grew(check(1, pair)) is is_shown
    assert compare_round("held_out", (STUDENT, BASE), (read(better), read(HALF))).change.value == pytest.approx(0.05)


def test_what_is_told() -> None:
    assert told(check(2, paired_of(0.004, -0.011, 0.019), "star-1")) == (
        "star: round 2 brought +0.40 [−1.10, +1.90] points over star-1 on held_out, not shown to bring anything: "
        "stopped"
    )
    assert told(check(1, paired_of(0.1, 0.05, 0.15))).endswith(
        "[+5.00, +15.00] points over warm_up on held_out, shown to grow"
    )
    nothing = replace(paired_of(0, 0, 0), change=Figure(value=None, why="not computed: no problem has a verdict"))
    assert told(check(1, nothing)).endswith("(not computed: no problem has a verdict): stopped")
    assert not grew(check(1, nothing))


def test_the_round_that_is_kept() -> None:
    up, flat = paired_of(0.1, 0.05, 0.15), paired_of(0.0, -0.05, 0.05)
    kept = [[up, up, up], [up, flat], [flat]]
    found = [[check(number, pair) for number, pair in enumerate(pairs, start=1)] for pairs in kept]
    assert [kept_round(checks) for checks in found] == [3, 1, 0]
    assert kept_line(found[1]) == "star: round 1 is kept, the last one shown to grow"
    assert kept_line(found[2]) == "star: warm_up is kept, because no round is shown to bring anything"
    of_the_base = [check(1, flat, "base")]
    assert kept_round(of_the_base) == 1, "the base is no student"
    assert kept_line(of_the_base) == "star: round 1 is kept, because no round is shown to bring anything"
    assert kept_line([]) == ""


def test_a_stage_is_compared_with_the_one_that_it_started_from() -> None:
    rl = Variant("rl", "full")
    measured = {
        "a": {
            BASE: read(HALF),
            rl: read(flipped(HALF, lost=0, gained=8)),
            STUDENT: read(flipped(HALF, lost=0, gained=40)),
        }
    }
    started = [StageStart(stage="rl", model="rl", start="base"), StageStart(stage="last", model="student", start="rl")]
    rl_gain, last, missing = stage_gains(measured, [*started, StageStart(stage="x", model="x", start="rl")], 0.95)
    assert [pair.benchmark for pair in rl_gain.pairs] == ["", "a"]
    assert rl_gain.pairs[0].change.value == pytest.approx(0.02)
    assert last.pairs[1].change.value == pytest.approx(0.08)
    assert (last.started.stage, missing.pairs) == ("last", [])
