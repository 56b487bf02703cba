"""Cascades: their ends, what lies between, and the oracle."""

from dataclasses import replace

import numpy as np
import pytest
from scaling_makers import table

from eval.scaling.cascade import above_random, cascade_curves, thresholds_of
from eval.scaling.curve import Curve, Point
from eval.scaling.routing import routed
from records.errors import InputError

RNG = np.random.default_rng(0)
HARD = RNG.random(300)
STUDENT = (RNG.random((300, 8)) > HARD[:, None]).astype(int)
TEACHER = (RNG.random((300, 1)) > 0.3 * HARD[:, None]).astype(int)
ANSWERS = np.where(STUDENT == 1, 0, RNG.integers(1, 9, STUDENT.shape))
NAMES = ("student", "teacher")
SURE_STUDENT = table(STUDENT, np.full(STUDENT.shape, 100), ANSWERS)


def curves_of(price: float | None = None, student=SURE_STUDENT, teacher=None) -> dict[tuple[str, str], Curve]:  # type: ignore[no-untyped-def]
    teacher = teacher or table(TEACHER, np.full(TEACHER.shape, 500))
    found = cascade_curves(student, teacher, None, NAMES, price)
    return {(one.chart, one.name.partition(":")[0]): one for one in found}


def ends(curve: Curve) -> tuple[Point, Point]:
    return curve.points[0], curve.points[-1]


def test_its_ends_are_the_student_alone_and_the_teacher_alone() -> None:
    found = routed(SURE_STUDENT, table(TEACHER), None)
    for name in ("cascade", "random routing"):
        first, last = ends(curves_of()["cascade", name])
        assert (first.x, first.value) == (0, pytest.approx(found.student.mean()))
        assert (last.x, last.value) == (1, pytest.approx(TEACHER.mean()))
    _, last = ends(curves_of()["cascade", "oracle"])
    assert last.value == pytest.approx(TEACHER.mean())


def test_the_student_is_as_sure_as_its_samples_agree() -> None:
    verdicts = np.array([[1, 1, 1, 0], [1, 0, 0, 0], [1, 0, 1, 0]])
    answers = np.array([[0, 0, 0, 1], [0, 1, 2, -1], [0, -1, 0, -1]])
    found = routed(table(verdicts, answers=answers), table(np.ones((3, 1), dtype=int)), None)
    assert found.sure.tolist() == [0.75, 0.25, 0.5], "what was cut off agrees with nothing"
    assert found.student.tolist() == [1, 1, 1], "a tie goes to the answer drawn first"


def test_a_sample_that_was_cut_off_votes_but_makes_nobody_sure() -> None:
    student = table(np.array([[1, 1, 0]]), answers=np.array([[0, 0, 1]]))
    cut = replace(student, flags={"truncated": np.array([True, False, False])})
    found = routed(cut, table(np.array([[1]])), None)
    assert (found.student.tolist(), found.sure.tolist()) == ([1.0], [1 / 3])


def test_asking_where_it_is_unsure_beats_chance_and_no_oracle() -> None:
    found = curves_of()
    cascade, chance, oracle = (found["cascade", name] for name in ("cascade", "random routing", "oracle"))
    for ours, theirs in zip(cascade.points, chance.points, strict=True):
        assert ours.x == pytest.approx(theirs.x)
        assert (ours.value or 0) >= (theirs.value or 0) - 1e-9
    (above,) = cascade.facts
    assert above.metric.startswith("cascade minus random routing")
    assert (above.value or 0) > 0.05
    assert (above.p or 1) < 1e-6
    assert max(point.value or 0 for point in oracle.points) >= max(point.value or 0 for point in cascade.points)


def test_a_student_that_is_sure_for_no_reason_is_no_better_than_chance() -> None:
    """5 % of such students are called better or worse."""
    shown = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        student = table((rng.random((60, 1)) < 0.5).astype(int), scores=rng.random((60, 1)))
        found = routed(student, table((rng.random((60, 1)) < 0.8).astype(int)), None)
        (above,) = above_random(found, [sent for _, sent in thresholds_of(found.sure)])
        shown += (above.p or 1) < 0.05
    assert shown / 200 < 0.1


def test_the_oracle_sends_what_the_teacher_alone_gets_right() -> None:
    student, teacher = np.array([[1], [0], [0], [1]]), np.array([[0], [1], [0], [1]])
    oracle = curves_of(student=table(student), teacher=table(teacher))["cascade", "oracle"]
    best = max(oracle.points, key=lambda point: point.value or 0)
    assert (best.x, best.value) == (0.25, 0.75)


def test_the_cascade_pays_the_student_for_every_problem() -> None:
    found = curves_of(price=4.0)
    cascade, chance = found["cascade_cost", "cascade"], found["cascade_cost", "random routing"]
    assert [point.x for point in ends(cascade)] == [800, 800 + 4 * 500]
    assert [point.x for point in ends(chance)] == [800, 4 * 500]
    shares = found["cascade", "cascade"].points
    assert [point.x for point in cascade.points] == pytest.approx([800 + 2000 * point.x for point in shares])


def test_without_tokens_or_a_price_there_is_no_cost() -> None:
    assert {chart for chart, _ in curves_of()} == {"cascade"}
    assert {chart for chart, _ in curves_of(price=2.0, teacher=table(TEACHER))} == {"cascade"}


def test_a_lone_sample_is_sure_if_it_answered() -> None:
    answers = np.array([[0], [-1]])
    sure = routed(table(np.array([[1], [0]]), answers=answers), table(np.array([[1], [1]])), None).sure
    assert sure.tolist() == [1, 0]


def test_undecided_answers_are_left_out() -> None:
    verdicts = np.where(np.arange(300)[:, None] < 10, -1, TEACHER)
    curve = curves_of(teacher=table(verdicts))["cascade", "cascade"]
    assert {point.n_problems for point in curve.points} == {290}
    with pytest.raises(InputError, match="no problem with a verdict on both sides"):
        curves_of(teacher=table(np.full((300, 1), -1)))


def test_other_problems_are_refused() -> None:
    with pytest.raises(InputError, match="student and teacher cannot be compared"):
        curves_of(teacher=table(TEACHER, names=[f"q{at}" for at in range(300)]))
