"""Rerankers on numbers made by hand, and calibration where the truth is known."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scaling_makers import scored, table
from scipy import stats

from eval.metrics.auc import auc_over_all, auc_within
from eval.metrics.samples import UNKNOWN, Samples
from eval.metrics.statistics import majorities_at, values_at
from eval.metrics.voting import majority_values
from eval.report.scaling_charts import scaling_panels
from eval.report.scaling_text import facts_of
from eval.scaling.calibration import FLAGGED_RIGHT, FLAGGED_WRONG, calibration_curve
from eval.scaling.curve import Curve, curve_of
from eval.scaling.reranking import rerank_curves
from eval.scaling.scored import with_scores
from records.errors import InputError
from records.parquet import write_rows
from records.scores import SCORE

NO = -np.inf


def curves(verdicts: list[list[int]], answers: list[list[int]], scores: list[list[float]]) -> dict[str, Curve]:
    samples = table(
        np.array(verdicts), np.full((len(verdicts), len(verdicts[0])), 10), np.array(answers), np.array(scores)
    )
    return {one.name: one for one in rerank_curves(scored(samples), "prm", None)}


def at_all(found: dict[str, Curve]) -> dict[str, float | None]:
    return {name: one.points[-1].value for name, one in found.items()}


def test_a_high_score_outvotes_the_majority() -> None:
    verdicts, answers = [[0, 0, 1, 0]], [[5, 5, 4, 6]]
    found = curves(verdicts, answers, [[0.1, 0.2, 0.9, 0.3]])
    assert at_all(found) == {"majority": 0.0, "best-of-k": 1.0, "weighted majority": 1.0}
    assert [point.label for point in found["majority"].points] == ["1", "2", "4"]
    assert [point.x for point in found["best-of-k"].points] == [10, 20, 40]
    assert {one.points[0].value for one in found.values()} == {0.25}
    # 0.45 + 0.45 is just enough against 0.9: the tie goes to the answer drawn first; a little less is not.
    assert at_all(curves(verdicts, answers, [[0.45, 0.45, 0.9, 0.3]]))["weighted majority"] == 0.0
    assert at_all(curves(verdicts, answers, [[0.45, 0.44, 0.9, 0.3]]))["weighted majority"] == 1.0
    assert at_all(curves(verdicts, answers, [[0.1, 0.95, 0.9, 0.3]])) == dict.fromkeys(found, 0.0)


@pytest.mark.parametrize("size", [1.0, 1e-12, 1e-300])
def test_small_scores_are_weighed_as_large_ones_are(size: float) -> None:
    """The product of 100 steps at 0.7 is 3e-16, and an outcome model that finds nothing right says less still."""
    verdicts, answers = [[0, 0, 1, 0]], [[5, 5, 4, 6]]
    for scores, expected in (([0.1, 0.2, 0.9, 0.3], 1.0), ([0.45, 0.44, 0.9, 0.3], 1.0), ([0.45, 0.45, 0.9, 0.3], 0.0)):
        found = at_all(curves(verdicts, answers, [[size * score for score in scores]]))
        assert found["weighted majority"] == expected


def test_best_of_two_averages_over_all_pairs() -> None:
    found = curves([[1, 0, 0]], [[4, 5, 6]], [[0.9, 0.5, 0.1]])
    assert found["best-of-k"].points[1].value == pytest.approx(2 / 3), "it is in two of three pairs"
    tied = curves([[1, 0]], [[4, 5]], [[0.5, 0.5]])
    assert tied["best-of-k"].points[1].value == 0.5, "equal scores share their chance"


def test_samples_without_a_score_come_last_and_do_not_vote() -> None:
    found = curves([[0, 1]], [[5, 4]], [[NO, 0.001]])
    assert at_all(found) == {"majority": 0.0, "best-of-k": 1.0, "weighted majority": 1.0}
    nothing = curves([[0, 1]], [[5, 4]], [[NO, NO]])
    assert at_all(nothing) == {"majority": 0.0, "best-of-k": 0.5, "weighted majority": 0.0}


def test_equal_weights_are_the_plain_majority() -> None:
    rng = np.random.default_rng(1)
    classes = rng.integers(-1, 3, (40, 7)).astype(np.int32)
    right = (classes == 0).astype(float)
    plain = majority_values(classes, right, [2, 4, 7])
    for weights in (np.ones(classes.shape), np.full(classes.shape, 0.1)):
        weighted = majority_values(classes, right, [2, 4, 7], weights)
        assert {k: values.tolist() for k, values in weighted.items()} == {k: v.tolist() for k, v in plain.items()}


def test_differences_to_the_majority_are_paired() -> None:
    rng = np.random.default_rng(2)
    right = (rng.random((60, 4)) < 0.4).astype(int)
    answers = np.where(right == 1, 0, rng.integers(1, 3, right.shape))
    samples = table(right, None, answers, right + 0.1 * rng.random(right.shape))
    found = {one.name: one for one in rerank_curves(scored(samples), "prm", None)}
    facts = {fact.metric: fact for fact in found["best-of-k"].facts}
    assert list(facts) == ["best-of-k against majority at k = 2", "best-of-k against majority at k = 4"]
    oracle, majority = right.max(axis=1), majorities_at(samples, [4], None)[0].values
    fact = facts["best-of-k against majority at k = 4"]
    assert fact.value == pytest.approx((oracle - majority).mean())
    assert fact.p is not None
    assert 0 < (fact.low or 0.0) < fact.value
    assert found["weighted majority"].facts[-1].value == 321.4
    assert [one.metric for one in values_at(samples, [4], None) if one.metric.startswith("maj")] == ["maj@4"]
    sentences = [text for one in found.values() for text in facts_of(one)]
    assert any(text.startswith("Best-of-k against majority at k = 4: +") for text in sentences)
    assert "The scorer reads 321 tokens for each sample, beside those that were sampled." in sentences


def test_without_a_choice_or_answers_there_is_no_curve() -> None:
    single = table(np.array([[1], [0]]), None, np.array([[4], [5]]), np.array([[0.1], [0.2]]))
    assert rerank_curves(scored(single), "prm", None) == []
    programs = table(np.array([[1, 0]]), None, None, np.array([[0.1, 0.2]]))
    assert rerank_curves(scored(programs), "prm", None) == []


# Calibration


def by_hand(verdicts: list[list[int]], scores: list[list[float]]) -> Samples:
    return table(np.array(verdicts), None, None, np.array(scores))


def test_areas_count_pairs_and_ties_half() -> None:
    samples = by_hand([[1, 0], [1, 0]], [[0.9, 0.1], [0.3, 0.3]])
    # Pairs of a right and a wrong sample: 0.9 beats 0.1 and 0.3; 0.3 beats 0.1 and ties with 0.3.
    assert auc_over_all(samples).value == 3.5 / 4
    assert auc_within(samples).value == (1 + 0.5) / 2
    easy = by_hand([[1, 1], [0, 0]], [[0.8, 0.9], [0.1, 0.2]])
    assert auc_over_all(easy).value == 1
    assert auc_within(easy).why == "not computed: no problem has right and wrong samples"
    assert auc_over_all(by_hand([[1, 1]], [[0.8, 0.9]])).value is None


def test_the_areas_interval_is_that_of_the_problems() -> None:
    found = auc_over_all(by_hand([[1, 0], [1, 0]] * 20, [[0.9, 0.1], [0.3, 0.3]] * 20))
    # Each problem is 0.125 / 20 above or below the area, 0.875.
    half = float(stats.t.ppf(0.975, 39)) * math.sqrt(40 / 39 * 40 * (0.125 / 20) ** 2)
    assert (found.low, found.high) == (pytest.approx(0.875 - half), pytest.approx(0.875 + half))


def test_the_areas_interval_covers_the_truth() -> None:
    rng, covered = np.random.default_rng(5), 0
    for _ in range(200):
        right = (rng.random((40, 4)) < rng.beta(2, 2, (40, 1))).astype(int)
        scores = right + rng.normal(0, 1, right.shape) + rng.normal(0, 0.5, (40, 1))
        found = auc_over_all(table(right, None, None, scores))
        truth = 0.7365  # of the normal distribution with these variances: Phi(1 / sqrt(2 * 1.25))
        covered += found.low is not None and found.high is not None and found.low <= truth <= found.high
    assert 180 <= covered <= 199


def test_a_calibrated_score_lies_on_the_diagonal() -> None:
    rng = np.random.default_rng(3)
    scores = rng.random((400, 4))
    samples = table((rng.random(scores.shape) < scores).astype(int), None, None, scores)
    curve = calibration_curve(scored(samples), "orm")
    assert len(curve.points) == 10
    inside = [point.low <= point.x <= point.high for point in curve.points if point.low is not None and point.high]
    assert sum(inside) >= 8
    assert [fact.metric for fact in curve.facts] == ["AUC over all samples", "AUC within problems"]
    assert curve_of({"points": [], "facts": [], "chart": "c", "name": "n", "x": "x", "scorer": "orm"}).scorer == "orm"


def test_bins_take_their_lower_bound_and_one_is_in_the_last() -> None:
    samples = by_hand([[1, 0, 1, 0, UNKNOWN, 1]], [[0.1, 0.0999, 1.0, 0.0, 0.5, NO]])
    curve = calibration_curve(scored(samples), "orm")
    assert [(point.label, point.value, point.n_samples) for point in curve.points] == [
        ("0 to 0.1", 0.0, 2),
        ("0.1 to 0.2", 1.0, 1),
        ("0.9 to 1", 1.0, 1),
    ]


def test_false_alarms_are_told_apart() -> None:
    samples = by_hand([[1, 1, 0, 0]], [[0.5, 0.4, 0.2, 0.9]])
    curve = calibration_curve(scored(samples, np.array([[0.5, 0.49, 0.1, 0.9]])), "prm")
    facts = {fact.metric: fact for fact in curve.facts}
    assert (facts[FLAGGED_RIGHT].value, facts[FLAGGED_WRONG].value) == (0.5, 0.5), "0.5 itself is no flag"
    sentences = facts_of(curve)
    assert any("of the samples with a right answer." in sentence for sentence in sentences)
    assert any(sentence.startswith("AUC within problems: 0.5") for sentence in sentences)


def test_a_scorer_that_says_nothing_has_no_curve() -> None:
    curve = calibration_curve(scored(by_hand([[1, 0]], [[NO, NO]])), "prm")
    assert curve.points == []
    assert facts_of(curve) == ["AUC: not computed: nothing has a score"]


# Scores beside samples


def rows_of(folder: Path, keys: list[tuple[str, int, int, float | None]]) -> Path:
    """A folder of scores with (problem, attempt, sample index, outcome)."""
    folder.mkdir()
    shared = {"scorer": "s", "steps": [], "ends": [], "tokens": 7}
    names = ("problem_id", "attempt", "sample_index", "outcome")
    write_rows(folder / "scores-00000.parquet", [dict(zip(names, key, strict=True)) | shared for key in keys], SCORE)
    return folder


def test_scores_find_their_samples(tmp_path: Path) -> None:
    samples = table(np.array([[1, 0], [0, 1]]))
    keys = [("p1", 0, 1, 0.4), ("p0", 0, 1, None), ("p1", 0, 0, 0.3), ("p0", 0, 0, 0.1)]
    found = with_scores(samples, rows_of(tmp_path / "a", keys), "outcome")
    assert found.samples.scores is not None
    assert found.samples.scores.tolist() == [0.1, NO, 0.3, 0.4]
    assert found.tokens == 7
    for number, wrong in enumerate((keys[:3], [*keys[:3], ("p2", 0, 0, 0.1)], [*keys[:3], keys[0]])):
        with pytest.raises(InputError, match="not of the traces that were judged"):
            with_scores(samples, rows_of(tmp_path / str(number), wrong), "outcome")


def test_each_scorer_has_its_panels() -> None:
    right = np.array([[1, 0], [0, 1], [1, 1]])
    samples = table(right, None, np.where(right == 1, 0, 5), right * 0.8)
    curves = [
        replace(one, benchmark="b", model="student", precision="full")
        for scorer in ("orm", "prm")
        for one in (*rerank_curves(scored(samples), scorer, None), calibration_curve(scored(samples), scorer))
    ]
    panels = scaling_panels(curves)
    assert [panel.title for panel in panels] == [
        "student full: choosing among k samples, orm",
        "student full: scores and verdicts, orm",
        "student full: choosing among k samples, prm",
        "student full: scores and verdicts, prm",
    ]
    assert list(panels[0].legend) == ["majority", "best-of-k", "weighted majority"]
    assert len(set(panels[0].legend.values())) == 3
    assert all("<svg" in panel.chart for panel in panels)
    assert [row[0] for row in panels[1].rows] == ["share of right answers"] * 2
