"""Runs are compared problem by problem where they are comparable, and refused with the reason where they are not."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evaluated_makers import BASE, FEW, MORE, NF4, STUDENT, judged, make_evaluated, scored, traces_of, two

from eval.comparing.evaluated_run import read_runs
from eval.comparing.showing import notes, table_rows
from eval.comparing.side_by_side import LEFT_OUT, MIXED, Choices, Row, side_by_side
from eval.metrics.estimate import Estimate
from eval.verdict_table.scoring import AGAINST
from records.errors import InputError
from records.files import write_json
from records.rows import Reading


def compared(runs: list[Path], **choices: bool) -> list[Row]:
    return side_by_side(read_runs(runs), Choices(**choices))


def found(rows: list[Row], metric: str, run: str, variant: Any = STUDENT) -> Estimate:
    (row,) = [row for row in rows if (row.estimate.metric, row.run, row.variant) == (metric, run, variant)]
    return row.estimate


def refusal(folder: Path, **second: Any) -> str:
    with pytest.raises(InputError) as refused:
        compared(two(folder, **second))
    return str(refused.value)


def test_the_difference_is_of_the_second_run_to_the_first(tmp_path: Path) -> None:
    rows = compared(two(tmp_path))
    assert found(rows, "avg@1", "a").value == pytest.approx(0.6)
    assert found(rows, "avg@1", "b").value == pytest.approx(0.9)
    difference = found(rows, "difference", "b")
    assert difference.value == pytest.approx(0.3)
    assert difference.p == pytest.approx(2 * (1 + 5) / 2**5), "McNemar: 1 of 5 flips is a loss"
    assert (found(rows, "lost", "b").value, found(rows, "gained", "b").value) == (1, 4)
    assert {row.against for row in rows if row.run == "a"} == {""}
    assert {row.against for row in rows if row.estimate.metric in {"difference", "lost"}} == {"a"}


def test_every_run_is_compared_with_the_first(tmp_path: Path) -> None:
    runs = [*two(tmp_path), tmp_path / "c"]
    make_evaluated(runs[2], {STUDENT: [[0]] * 10, NF4: FEW})
    rows = compared(runs)
    assert found(rows, "difference", "b").value == pytest.approx(0.3)
    assert found(rows, "difference", "c").value == pytest.approx(-0.6)
    assert found(rows, "avg@1", "c", NF4).value == pytest.approx(0.6)
    assert not [row for row in rows if row.variant == NF4 and row.against], "nobody else measured it"


def test_problems_are_paired_whatever_their_order(tmp_path: Path) -> None:
    backwards = [f"p{at}" for at in range(10)][::-1]
    rows = compared(two(tmp_path, measured={STUDENT: FEW[::-1]}, problems=backwards))
    assert (found(rows, "lost", "b").value, found(rows, "gained", "b").value) == (0, 0)


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"evaluation": {"temperature": 0.6}}, "evaluation.temperature: 0.0 against 0.6"),
        ({"evaluation": {"max_tokens": 159}}, "evaluation.max_tokens: 160 against 159"),
        ({"evaluation": {"stop": ["###"]}}, "evaluation.stop.0: – against ###"),
        ({"model": {"prompt": {"user": "Q: {problem}"}}}, "model.prompt.user: {problem} against Q: {p"),
        ({"model": {"runtime": "vllm"}}, "model.runtime: – against vllm"),
        ({"judging": {"require_box": True}}, "judging.require_box: False against True"),
        ({"judged_by": "4.3"}, "version of the verifiers: 4.2 against 4.3"),
        ({"reference": "5"}, "10 problems have another reference or verifier"),
    ],
)
def test_other_conditions_are_refused_unless_asked_for(tmp_path: Path, second: dict[str, Any], told: str) -> None:
    assert told in refusal(tmp_path, **second)
    rows = compared([tmp_path / "a", tmp_path / "b"], mixed=True)
    assert found(rows, "difference", "b").value == pytest.approx(0.3)
    assert told in found(rows, MIXED, "b").why
    assert any(note.startswith("mixed: student full on sums: a and b differ") for note in notes(rows))


def test_another_runtime_is_refused(tmp_path: Path) -> None:
    runs = two(tmp_path)
    for run, stops in zip(runs, (["</s>"], ["</s>", "<|end|>"]), strict=True):
        (sampled,) = run.glob("eval-sums-student-full-*")
        write_json(sampled / "runtime-0123456789ab.json", {"engine": "vllm", "stop_tokens": stops})
    with pytest.raises(InputError, match=r"a and b differ in runtime.stop_tokens.1: – against <\|end\|>; --mixed"):
        compared(runs)


def test_answers_read_by_other_rules_are_refused(tmp_path: Path) -> None:
    for run, rule in (("a", "strict"), ("b", "lenient")):
        strict = traces_of(FEW, [f"p{at}" for at in range(10)], "4")
        traces = [replace(trace, lenient=Reading("last_line", "pass", "", "4")) for trace in strict]
        scored(tmp_path / run, {STUDENT: judged(tmp_path / run, "sums-student-full", traces)}, "sums", rule)
    with pytest.raises(InputError, match="differ in measured by: strict against lenient"):
        compared([tmp_path / "a", tmp_path / "b"])


@pytest.mark.parametrize(("verifier", "refused"), [("math", False), ("code", True)])
def test_other_tests_of_a_program_are_another_reference(tmp_path: Path, verifier: str, refused: bool) -> None:
    for run, extra in (("a", "{}"), ("b", '{"tests": []}')):
        traces = traces_of(FEW, [f"p{at}" for at in range(10)], "4")
        traces = [replace(trace, verifier=verifier, extra=extra) for trace in traces]
        scored(tmp_path / run, {STUDENT: judged(tmp_path / run, "sums-student-full", traces)}, "sums", "strict")
    with pytest.raises(InputError, match="10 problems have another reference") if refused else nullcontext():
        compared([tmp_path / "a", tmp_path / "b"])


@pytest.mark.parametrize(
    "second", [{"evaluation": {"seed": 7}}, {"model": {"name": "other"}}, {"model": {"weights": "abc"}}]
)
def test_the_model_and_the_seed_are_what_is_compared(tmp_path: Path, second: dict[str, Any]) -> None:
    rows = compared(two(tmp_path, **second))
    assert found(rows, "difference", "b").value == pytest.approx(0.3)
    assert not [row for row in rows if row.estimate.metric == MIXED]


def test_other_problems_are_refused_or_left_out(tmp_path: Path) -> None:
    """Problems p4 … p9 are in both: FEW has 2 of them right, the second run's first six all but one."""
    theirs = [f"p{at}" for at in range(4, 14)]
    assert "4 problems are only in the first and 4 only in the second" in refusal(tmp_path, problems=theirs)
    rows = compared([tmp_path / "a", tmp_path / "b"], common=True)
    assert found(rows, "avg@1", "a").n_problems == found(rows, "difference", "b").n_problems == 6
    assert found(rows, "avg@1", "a").value == pytest.approx(2 / 6)
    assert found(rows, "difference", "b").value == pytest.approx(5 / 6 - 2 / 6)
    assert [found(rows, LEFT_OUT, name).value for name in "ab"] == [4, 4]
    assert "4 of its 10 problems are left out" in found(rows, LEFT_OUT, "b").why


def test_no_common_problem_is_refused_in_any_case(tmp_path: Path) -> None:
    runs = two(tmp_path, problems=[f"q{at}" for at in range(10)])
    with pytest.raises(InputError, match="10 problems are only in the first and 10 only in the second"):
        compared(runs, common=True)


def test_what_is_not_comparable_does_not_hide_what_is(tmp_path: Path) -> None:
    make_evaluated(tmp_path / "a", {STUDENT: FEW, NF4: FEW})
    make_evaluated(tmp_path / "b", {STUDENT: MORE, NF4: MORE[:9]})
    rows = compared([tmp_path / "a", tmp_path / "b"])
    assert found(rows, "difference", "b").value == pytest.approx(0.3)
    assert found(rows, "difference", "b", NF4).value is None
    (note,) = notes(rows)
    assert note.startswith("not compared: student nf4 on sums: b and a")
    assert [row.get("difference") for row in table_rows(rows)] == [
        None,
        "+30.00 [−15.83, +65.83]",
        None,
        "not compared",
    ]


def test_nothing_in_common_is_an_error(tmp_path: Path) -> None:
    make_evaluated(tmp_path / "a", {BASE: FEW})
    make_evaluated(tmp_path / "b", {NF4: MORE})
    with pytest.raises(InputError, match="a measured base full on sums; b student nf4 on sums"):
        compared([tmp_path / "a", tmp_path / "b"])


def test_several_samples_are_compared_by_problem(tmp_path: Path) -> None:
    make_evaluated(tmp_path / "a", {STUDENT: [[1, 0], [0, 0], [1, -1]]}, evaluation={"n": 2})
    make_evaluated(tmp_path / "b", {STUDENT: [[1, 1], [1, 0], [0, -1]]}, evaluation={"n": 2})
    rows = compared([tmp_path / "a", tmp_path / "b"])
    assert found(rows, "difference", "b").value == pytest.approx((0.5 + 0.5 - 1) / 3)
    assert (found(rows, "worse", "b").value, found(rows, "better", "b").value) == (1, 2)
    assert AGAINST + "avg@2" not in {row.estimate.metric for row in rows}


def test_of_metrics_of_k_samples_only_those_of_all_samples_are_shown(tmp_path: Path) -> None:
    make_evaluated(tmp_path / "a", {STUDENT: [[1, 0, 0, 0], [0, 0, 0, 1]]}, evaluation={"n": 4})
    make_evaluated(tmp_path / "b", {STUDENT: [[1, 1, 0, 0], [0, 0, 0, 0]]}, evaluation={"n": 4})
    metrics = {row.estimate.metric for row in compared([tmp_path / "a", tmp_path / "b"])}
    assert {"pass@4", "difference:pass@4"} <= metrics
    assert {metric.rpartition("@")[2].partition("_")[0] for metric in metrics if "@" in metric} == {"4"}
