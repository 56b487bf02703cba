"""A terminal's score table leaves out what says nothing, and says so."""

from dataclasses import replace

from eval.report.second_reading import told_once
from eval.report.terminal import terminal_scores
from records.rows import Score


def score(metric: str, value: float, **fields: object) -> Score:
    place = {"benchmark": "b", "model": "student", "precision": "full", "n_problems": 30, "n_samples": 30}
    return Score(metric=metric, value=value, low=0.0, high=1.0, **place | fields)  # type: ignore[arg-type]


BASE = [score("pass@1", 0.1, model="base"), score("truncated", 0.0, model="base"), score("unknown", 0.0, model="base")]
STUDENT = [score("pass@1", 0.5), score("truncated", 0.0), score("unknown", 0.0)]
NONE = "truncated, unknown: none of the answers, of any model"
ALIKE = "read leniently, the answers have the same accuracy on b"


def leniently(accuracy: float) -> Score:
    return replace(score("pass@1", accuracy), extraction="lenient")


def test_rates_that_are_zero_everywhere_are_one_line() -> None:
    table = terminal_scores([*BASE, *STUDENT]).splitlines()
    assert len(table) == 4
    assert "truncated" not in table[0]
    assert table[-1] == NONE


def test_a_rate_of_one_model_is_a_column_for_all() -> None:
    table = terminal_scores([*BASE, *STUDENT[:1], score("truncated", 0.1), STUDENT[2]])
    assert "truncated" in table.splitlines()[0]
    assert table.splitlines()[-1] == "unknown: none of the answers, of any model"


def test_a_rate_that_was_not_computed_is_not_none() -> None:
    absent = Score("b", "student", "full", "unknown", None, None, None, 0, 0, why="not computed: no sample")
    assert "unknown" in terminal_scores([*BASE, *STUDENT[:2], absent]).splitlines()[0]


def test_a_second_reading_is_shown_where_it_differs() -> None:
    alike = terminal_scores([*STUDENT, leniently(0.5)])
    assert alike.splitlines()[-1] == ALIKE
    assert "lenient " not in alike
    differs = terminal_scores([*STUDENT, leniently(0.6)])
    assert ALIKE not in differs
    assert sum("lenient" in line for line in differs.splitlines()) == 1
    assert ALIKE not in terminal_scores(STUDENT)


def test_groups_do_not_count() -> None:
    assert terminal_scores([*STUDENT, replace(score("unknown", 0.5), group="level: 5")]).splitlines()[-1] == NONE


def test_each_benchmark_is_told_apart() -> None:
    other = [replace(one, benchmark="c") for one in (*STUDENT, leniently(0.6))]
    table = terminal_scores([*STUDENT, leniently(0.5), *other])
    assert table.splitlines()[-1] == ALIKE
    assert sum("lenient" in line for line in table.splitlines()[:-1]) == 1
    assert {
        score.benchmark for score in told_once([*STUDENT, leniently(0.5), *other]) if score.extraction != "strict"
    } == {"c"}
