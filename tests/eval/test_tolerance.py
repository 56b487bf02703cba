"""A loss is within the tolerance if it is shown to be; if it cannot be told, it is said what would tell."""

import re

import pytest
from comparison_makers import not_paired, paired_of

from eval.metrics.planning import errors_one_sided, problems_that_show, times_as_many
from eval.tolerance import CANNOT_TELL, EXCEEDS, NOT_COMPUTED, WITHIN, find


@pytest.mark.parametrize(
    ("at_least", "at_most", "outcome"),
    [
        (-0.0099, 0.004, WITHIN),
        (-0.01, 0.004, CANNOT_TELL),  # a loss of exactly the tolerance is not below it
        (-0.0101, 0.004, CANNOT_TELL),
        (-0.03, -0.0099, CANNOT_TELL),
        (-0.03, -0.01, CANNOT_TELL),
        (-0.03, -0.0101, EXCEEDS),
        (0.001, 0.03, WITHIN),
    ],
)
def test_bounds_decide_and_not_the_loss_seen(at_least: float, at_most: float, outcome: str) -> None:
    pair = paired_of((at_least + at_most) / 2, at_least, at_most)
    found = find(pair, 1.0, 0.95)
    assert found.outcome == outcome
    assert bool(found.needs) == (outcome == CANNOT_TELL)


def test_what_was_not_computed_is_no_loss_of_zero() -> None:
    found = find(not_paired(), 1.0, 0.95)
    assert (found.outcome, found.needs) == (NOT_COMPUTED, "not computed: no problem has a verdict on both sides")


def numbers(text: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"([\d,]+) more", text)]


def shows(size: float, error: float, confidence: float) -> bool:
    return size >= errors_one_sided(confidence) * error


def test_as_many_problems_as_it_says_show_it_and_one_less_does_not() -> None:
    pair = paired_of(-0.004, -0.02, 0.012, within=None)
    needs = find(pair, 1.0, 0.95).needs
    (problems,) = numbers(needs)
    assert needs.endswith("a single sample each does not say what more samples would")
    variance = 0.01**2 * 500
    assert shows(0.006, (variance / (500 + problems)) ** 0.5, 0.95)
    assert not shows(0.006, (variance / (500 + problems - 1)) ** 0.5, 0.95)


def test_as_many_samples_as_it_says_show_it_and_one_less_does_not() -> None:
    pair = paired_of(-0.004, -0.02, 0.012, within=0.049)
    needs = find(pair, 1.0, 0.95).needs
    samples, problems = numbers(needs)
    assert needs == f"{samples:,} more samples of each model, or {problems:,} more problems, would tell"
    variance = 0.01**2 * 500

    def error(more: int) -> float:
        return float(((variance - 0.049 + 0.049 * 2000 / (2000 + more)) / 500) ** 0.5)

    assert shows(0.006, error(samples), 0.95)
    assert not shows(0.006, error(samples - 1), 0.95)


@pytest.mark.parametrize(("within", "helps"), [(0.001, False), (0.0475, False), (0.0476, True)])
def test_where_problems_differ_more_samples_would_not_tell(within: float, helps: bool) -> None:
    """500 problems may have a variance of 0.0029; of 0.05, 100 times the samples leave 0.0024 and 0.0476 / 100."""
    needs = find(paired_of(-0.004, -0.02, 0.012, within=within), 1.0, 0.95).needs
    assert re.match(r"[\d,]+ more (samples of each model, or [\d,]+ more )?problems,? would tell", needs)
    assert needs.endswith("100 times as many samples of these 500 would not") == (not helps)
    assert ("more samples" in needs) == helps


def test_a_gain_is_planned_with_as_no_loss() -> None:
    gain, nothing = (find(paired_of(change, -0.02, 0.04), 1.0, 0.95).needs for change in (0.008, 0.0))
    assert gain == nothing


def test_a_loss_of_the_tolerance_itself_cannot_be_told_apart() -> None:
    assert find(paired_of(-0.01, -0.02, 0.0), 1.0, 0.95).needs.startswith("no number of samples would tell")


def test_planning_for_any_size() -> None:
    """With a one-sided confidence of 95 % and a power of 80 % it takes 2.49 standard errors."""
    errors = errors_one_sided(0.95)
    assert errors == pytest.approx(2.4865, abs=1e-4)
    enough = problems_that_show(0.02, 0.3, errors)
    assert errors * (0.3 / enough) ** 0.5 <= 0.02 < errors * (0.3 / (enough - 1)) ** 0.5
    allowed = 1000 * (0.02 / errors) ** 2
    assert times_as_many(0.02, allowed, 0.0, 1000, errors) == 1
    assert times_as_many(0.02, 3 * allowed, 3 * allowed, 1000, errors) == pytest.approx(3)
    assert times_as_many(0.02, 3 * allowed, 1.99 * allowed, 1000, errors) is None
    assert times_as_many(0.02, 3 * allowed, 2.01 * allowed, 1000, errors) == pytest.approx(201)
