"""A process scorer is trained on made solutions, and tells their wrong steps."""

from pathlib import Path

from solution_makers import make_solution

from bench.step_sets import Solution
from bench.step_training import MAX_LENGTH, Recipe, step_scores, train_scorer


def solutions(start: int, count: int) -> list[Solution]:
    right, wrong = ("We add.", "yes", "It is so."), ("We add.", "no", "It is so.")
    return [
        make_solution(f"{at}?", 1.0, float(at % 2), *((1.0,) if at % 2 else (None,)), steps=right if at % 2 else wrong)
        for at in range(start, start + count)
    ]


def test_a_scorer_learns_what_a_wrong_step_says(tmp_path: Path) -> None:
    recipe = Recipe(hidden=32, layers=1, pretrain_epochs=1, epochs=8, learning_rate=1e-2)
    model = train_scorer(tmp_path, solutions(0, 24), recipe, seed=1)
    long = make_solution("long?", 1.0, steps=("yes " * MAX_LENGTH,))
    blank = make_solution("blank?", 1.0, 1.0, steps=("We add.", " "))
    *scores, of_long, of_blank = step_scores(model, [*solutions(100, 4), long, blank])
    assert of_long is None
    assert of_blank is not None
    assert [score is None for score in of_blank] == [False, True]
    second = [found[1] for found in scores if found is not None]
    assert all(score is not None for score in second)
    assert [score > 0.5 for score in second if score is not None] == [False, True, False, True]
