"""The rerankers' bench: ways of choosing among a problem's samples, and differences paired by problem and by seed."""

import numpy as np
import pytest

from bench.reranking import FIRST, chosen, facts_of
from bench.reranking_table import markdown, summary
from eval.metrics.auc import WITHIN
from eval.metrics.samples import Samples
from eval.scaling.scored import ScoredSamples


def scored(verdicts: list[list[int]], answers: list[list[int]], scores: list[list[float]]) -> ScoredSamples:
    problems, n = np.shape(verdicts)
    samples = Samples(
        problems=[f"p{at}" for at in range(problems)],
        starts=np.arange(0, problems * n + 1, n),
        verdicts=np.array(verdicts, dtype=np.int8).ravel(),
        answers=np.array(answers, dtype=np.int32).ravel(),
        spellings=[str(number) for number in range(10)],
        scores=np.array(scores).ravel(),
    )
    return ScoredSamples(samples, np.array(scores).ravel(), tokens=50)


def test_every_way_chooses_among_all_samples_of_each_problem() -> None:
    found = scored([[0, 0, 1], [1, 1, 0]], [[5, 5, 4], [4, 4, 5]], [[0.1, 0.2, 0.9], [0.1, 0.2, 0.9]])
    ways = {name: list(values.values()) for name, values in chosen(found, "prm").items()}
    assert ways == {
        FIRST: pytest.approx([1 / 3, 2 / 3]),
        "majority": [0.0, 1.0],
        "best-of-k, prm": [1.0, 0.0],
        "weighted majority, prm": [1.0, 0.0],
    }
    assert facts_of(found, "prm")[WITHIN] == 0.5, "1 in the first problem, 0 in the second"
    assert facts_of(found, "prm")["unscored"] == 0


def two_seeds(best: tuple[list[float], list[float]]) -> dict[int, tuple[dict, dict]]:
    names = ["a", "b", "c", "d"]
    majority = [0.0, 1.0, 0.0, 1.0]
    return {
        seed: (
            {"majority": dict(zip(names, majority, strict=True)), "best": dict(zip(names, values, strict=True))},
            {"prm": {WITHIN: 0.6 + seed / 10}},
        )
        for seed, values in enumerate(best, start=1)
    }


def test_differences_have_an_interval_over_problems_and_one_over_seeds() -> None:
    found = summary(two_seeds(([1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0])))
    row = found["ways"]["best"]
    assert row["accuracy"] == [75.0, 100.0]
    assert row["mean"] == pytest.approx(37.5)
    # Student's t with one degree of freedom: 12.706 x (25 / sqrt(2)) / sqrt(2)
    assert row["over_seeds"] == pytest.approx([37.5 - 158.8, 37.5 + 158.8], abs=0.1)
    low, high = row["over_problems"]
    assert low < 37.5 < high
    assert high - low < 158
    lines = markdown(found, n=8)
    assert "| best | 75.0 | 100.0 | 87.5 | +37.5 | " in "\n".join(lines)
    assert lines[-1].startswith("| prm |  | 0.750 (0.700 to 0.800) |")


def test_a_problem_without_a_value_counts_nowhere() -> None:
    found = two_seeds(([1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]))
    del found[2][0]["best"]["c"]
    table_found = summary(found)
    assert table_found["problems"] == 3
    assert table_found["ways"]["best"]["accuracy"] == [100.0, 100.0]
    assert table_found["ways"]["majority"]["accuracy"] == pytest.approx([200 / 3, 200 / 3])
