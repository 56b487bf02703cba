"""The bench of process scorers: no problem on two sides, thresholds of the training side, figures by hand."""

import gzip
import json
import math
from pathlib import Path
from typing import Any

import pytest
from solution_makers import make_solution

from bench.first_errors import Found, chance, figures, harmonic
from bench.step_methods import TRAINED, Scored, baselines, chosen, judged, thresholded
from bench.step_sets import all_labelled, key_of, labelled
from bench.step_split import across, folds
from bench.step_tables import merged, ranked, table
from records.errors import InputError


def scored(first: int | None, scores: list[float | None], problem: str = "p", **fields: Any) -> Scored:
    labels = [1.0 if first is None or at < first else 0.0 if at == first else None for at in range(len(scores))]
    return Scored(make_solution(problem, *labels, **fields), scores)


def test_figures_by_hand() -> None:
    """Two of four wrong ones are hit, one of two right ones passes."""
    said = [(0, 0), (1, 1), (1, 0), (2, None), (None, None), (None, 1)]
    scores = [0.1, 0.2, 0.3, 0.9, 0.8, 0.3]
    rows = [Found(f"p{at}", *one, score, 3) for at, (one, score) in enumerate(zip(said, scores, strict=True))]
    found = figures(rows)
    assert (found.n, found.wrong, found.found, found.kept) == (6, 4, 0.5, 0.5)
    assert found.f1 == 0.5
    assert found.accuracy == 0.5
    # Of 8 pairs the right solution is higher in 3 (0.8) and 2.5 (0.3 above 0.1, 0.2 and level with 0.3).
    assert found.auc.value == pytest.approx(5.5 / 8)
    assert chance(rows) == 0.25
    assert harmonic(1, 0.5) == pytest.approx(2 / 3)
    assert math.isnan(figures(rows[:4]).kept)
    assert figures(rows[:4]).auc.value is None


def test_solutions_of_one_problem_widen_the_interval() -> None:
    def interval(problems: int) -> float:
        rows = [Found(f"p{at % problems}", at % problems % 2 or None, None, at % problems % 3, 3) for at in range(60)]
        area = figures(rows).auc
        assert area.low is not None
        assert area.high is not None
        return area.high - area.low

    assert interval(6) > 1.5 * interval(60)


def test_no_problem_is_on_two_sides() -> None:
    solutions = [make_solution(f"Problem {at // 3}?", 1.0, 0.0) for at in range(300)]
    splits = folds(solutions, (1, 2, 3))
    tested = [one.problem_key for split in splits for one in split.test]
    assert sorted(tested) == sorted(one.problem_key for one in solutions)
    for split in splits:
        sides = [{one.problem_key for one in side} for side in (split.train, split.dev, split.test)]
        assert all(sides)
        assert len(set.union(*sides)) == sum(map(len, sides)) == 100
        assert 30 <= len(sides[2]) <= 35
    assert {one.problem_key for one in splits[0].dev} != {one.problem_key for one in splits[1].dev}
    first, second = across(solutions, solutions[:150], (1, 2))
    assert first.test == second.test == solutions[:150]
    assert len(first.train) + len(first.dev) == 150
    assert not {one.problem_key for one in [*first.train, *first.dev]} & {one.problem_key for one in first.test}


def test_one_problem_in_two_spellings() -> None:
    assert key_of("What is $2 + 2$ ?\n") == key_of("what is 2+2")
    assert key_of("Input: [ ( [") != key_of("Input: [ ( (")


def test_a_planted_error_has_the_key_of_its_original(tmp_path: Path) -> None:
    (tmp_path / "prmbench").mkdir()
    rows = [
        {
            "original_question": "How many?",
            "modified_question": f"How many, if {at}?",
            "original_process": ["a", "b"],
            "modified_process": ["a", f"c{at}"],
            "error_steps": [2],
            "classification": "circular",
        }
        for at in range(2)
    ]
    with gzip.open(tmp_path / "prmbench" / "a.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    found = list(labelled(tmp_path, "prmbench"))
    assert [one.first_wrong for one in found] == [1, None, 1]  # the original counts once
    assert {one.problem_key for one in found} == {"howmany"}
    assert all_labelled(tmp_path) == found
    with pytest.raises(InputError, match="has none of"):
        all_labelled(tmp_path / "prmbench")


def test_unlabelled_steps_behind_a_right_beginning_decide_nothing() -> None:
    assert make_solution("p", 1.0, 0.0, None).is_decided
    assert make_solution("p", 1.0, 1.0).is_decided
    assert make_solution("p", None, 0.0).is_decided  # what stands before was chosen to go on from
    assert not make_solution("p", 1.0, None).is_decided


def test_a_step_below_the_threshold_is_the_first_wrong_one() -> None:
    one = scored(1, [0.9, None, 0.4, 0.2])
    assert judged(one, one.scores, 0.4).said == 3
    assert judged(one, one.scores, 0.5).said == 2
    assert judged(one, one.scores, 0.2).said is None
    assert judged(one, one.scores, 0.5).score == 0.2
    assert judged(scored(0, [None]), [None], 0.5).said is None


def test_the_threshold_has_the_best_f1_and_flags_least() -> None:
    dev = [scored(1, [0.9, 0.3]), scored(0, [0.35, 0.2]), scored(None, [0.6, 0.8]), scored(None, [0.5, 0.9])]
    threshold = chosen(dev, TRAINED["scorer"])
    assert 0.35 < threshold <= 0.5
    only_right = [scored(None, [0.2, 0.3]), scored(None, [0.1])]
    assert chosen(only_right, TRAINED["scorer"]) == 0
    assert chosen([], TRAINED["scorer"]) == 0.5


def test_thresholds_come_from_the_training_side() -> None:
    """On the test every threshold would do that lies above 0.6."""
    dev = [scored(1, [0.9, 0.3]), scored(None, [0.5, 0.9])] * 15
    said = thresholded(dev, [scored(0, [0.6, 0.9]), scored(None, [0.7])])
    assert [one.said for one in said["scorer"]] == [None, None]


def test_a_small_set_takes_the_threshold_of_all() -> None:
    def rows(count: int, low: float, name: str) -> list[Scored]:
        return [scored(0, [low], name=name), scored(None, [low + 0.1], name=name)] * (count // 2)

    test = [scored(0, [0.65], name="high")]
    assert [one.said for one in thresholded(rows(200, 0.1, "low") + rows(20, 0.7, "high"), test)["scorer"]] == [0]
    assert [one.said for one in thresholded(rows(200, 0.1, "low") + rows(18, 0.7, "high"), test)["scorer"]] == [None]


def test_the_check_stands_before_the_scorer() -> None:
    steps = ("1 + 1 = 2", "so it is", "2 + 2 = 5", "5 + 1 = 6")
    one = scored(2, [0.3, 0.8, 0.9, 0.4], steps=steps)
    assert one.checked == [1, None, 0, 1]
    assert TRAINED["scorer, equations if false"](one) == [0.3, 0.8, 0, 0.4]
    assert TRAINED["scorer, equations if decided"](one) == [1, 0.8, 0, 1]
    told = baselines([one], 1)
    assert [told[name][0].said for name in ("always right", "equations")] == [None, 2]
    assert told["number of steps"][0].score == -4


def test_random_names_every_step_and_none() -> None:
    said = [one.said for one in baselines([scored(0, [0.5, 0.5])] * 300, 3)["random"]]
    assert {said.count(step) // 60 for step in (0, 1, None)} == {1}


def test_scores_of_several_trainings_are_merged_by_rank() -> None:
    first = [Found("a", None, None, 0.99, 2), Found("b", 0, 0, 0.98, 2)]
    second = [Found("c", None, None, 0.02, 2), Found("d", 0, 0, 0.01, 2)]
    assert [one.score for one in ranked([*first, first[0]])] == [1, 0, 1]
    rows = merged([{("made", "scorer"): first}, {("made", "scorer"): second}])
    assert figures(rows["made", "scorer"]).auc.value == 1
    lines = table(rows, [{("made", "scorer"): first}, {("made", "scorer"): second}])
    assert lines[2].startswith("| made | 4 | 2 | scorer | 1.000 | 1.000 | 1.000 | 1.000 | ")
    assert lines[2].endswith("| 1.000, 1.000 |")
