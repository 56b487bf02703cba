"""Pass rates of problems are estimated under the drawing rule, and put into bands."""

import random

import pytest

from configs.sampling import TeacherSampling
from records.difficulty import DIFFICULTIES, difficulty
from teacher.sampling.difficulty import can_come, estimate, pass_rates
from teacher.sampling.stopping import Rule, StoppingTally, pass_rate


@pytest.mark.parametrize(
    ("rate", "band"),
    [
        (0.0, "never"),
        (0.01, "hard"),
        (0.25, "hard"),
        (0.3, "medium"),
        (0.75, "easy"),
        (1.0, "always"),
        (None, "undecided"),
    ],
)
def test_bands(rate: float | None, band: str) -> None:
    assert difficulty(rate) == band
    assert band in DIFFICULTIES


def test_with_four_traces_every_outcome_has_its_band() -> None:
    assert [difficulty(pass_rates(None)(4, accepted)) for accepted in range(5)] == list(DIFFICULTIES[:5])
    fixed = pass_rates(TeacherSampling(n=4, max_tokens=50))
    assert [difficulty(fixed(4, accepted)) for accepted in range(5)] == list(DIFFICULTIES[:5])


def test_rates_are_those_of_the_rule() -> None:
    rate = pass_rates(TeacherSampling(accept=4, max_n=64, max_tokens=50))
    assert rate(4, 4) == 1
    assert rate(13, 4) == pytest.approx(0.25, abs=0.02)
    assert rate(12, 0) == 0


@pytest.mark.parametrize("rule", [Rule(3, 20, 0.05), Rule(1, 8, 0.0), Rule(4, 64, 0.04)])
def test_what_drawing_brings_can_come(rule: Rule) -> None:
    draw = random.Random(0)
    for true_rate in (0.02, 0.3, 0.8) * 50:
        tally, outcomes = StoppingTally(rule), []
        while tally.end is None:
            outcomes.append(draw.random() < true_rate)
            tally.add(len(outcomes) - 1, outcomes[-1])
            assert can_come(len(outcomes), sum(outcomes), rule)
            assert estimate(len(outcomes), sum(outcomes), rule) == pass_rate(len(outcomes), sum(outcomes), rule)


def test_what_cannot_come_is_its_share() -> None:
    """Verdicts that changed since, or a budget that ended the run with traces in the middle missing."""
    rule = Rule(2, 64, 0.04)
    for n, accepted in ((5, 3), (30, 0), (30, 30)):
        assert not can_come(n, accepted, rule)
        assert estimate(n, accepted, rule) == accepted / n


def test_undecided_traces_may_be_left_out() -> None:
    """Fewer failures never make an earlier end."""
    rule, draw = Rule(3, 40, 0.04), random.Random(1)
    for true_rate in (0.05, 0.2, 0.6) * 100:
        tally, outcomes = StoppingTally(rule), []
        while tally.end is None:
            outcomes.append(draw.choice([None, draw.random() < true_rate]))
            tally.add(len(outcomes) - 1, bool(outcomes[-1]))
        decided = [one for one in outcomes if one is not None]
        assert not decided or can_come(len(decided), decided.count(True), rule)
