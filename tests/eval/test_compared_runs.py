"""Which evaluations are read for a comparison, and what is shown of the runs that made them."""

from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from evaluated_makers import (
    BASE,
    FEW,
    MORE,
    NF4,
    STUDENT,
    inputs,
    judged_counts,
    make_evaluated,
    sampled_counts,
    traces_of,
    two,
)

from configs.load import load_config
from eval.comparing.accounts import account_rows, setting_rows
from eval.comparing.evaluated_run import names_of, read_runs
from eval.comparing.showing import as_markdown
from eval.comparing.side_by_side import Choices, side_by_side
from flows.distill import plan_distillation
from records.artifact import build_once
from records.counts import SelectionCounts
from records.errors import InputError


def test_an_earlier_plan_is_not_taken_for_the_last(tmp_path: Path) -> None:
    """Of two evaluations in one directory the report's is meant, and nothing is guessed where no report says which."""
    runs = two(tmp_path)
    first = read_runs(runs)[0].score
    make_evaluated(runs[0], {STUDENT: MORE}, evaluation={"max_tokens": 80})
    with pytest.raises(InputError, match=r"a: holds several evaluations \(score-.* UTC, score-.* UTC\)"):
        read_runs(runs)

    def report(folder: Path) -> Any:
        (folder / "report.html").write_text("")
        return {}

    shown = build_once(runs[0], "report", inputs({"title": "a"}, [first.artifact]), report)
    (runs[0] / "report.html").symlink_to(f"{shown.path.name}/report.html")
    assert read_runs(runs)[0].score == first
    assert read_runs([first.artifact.path, runs[1]])[0].score == first


def test_names_are_as_short_as_tells_runs_apart() -> None:
    assert names_of([Path("runs/a"), Path("runs/b/")]) == ["a", "b"]
    assert names_of([Path("x/runs/a"), Path("y/runs/a")]) == ["x/runs/a", "y/runs/a"]
    assert names_of([Path("/x/a"), Path("/y/a")]) == ["x/a", "y/a"]
    assert names_of([Path("/a"), Path("/b/a")]) == ["//a", "b/a"]


def test_settings_that_differ_and_what_the_runs_did(tmp_path: Path) -> None:
    runs = read_runs(two(tmp_path, evaluation={"max_tokens": 80}))
    rows = setting_rows(runs)
    (row,) = [row for row in rows if row["setting"] == "evaluation.max_tokens"]
    assert row == {"setting": "evaluation.max_tokens", "stage": "eval-sums-student-full", "a": "160", "b": "80"}
    assert not [row for row in rows if "temperature" in row["setting"]]
    facts = {row[""]: (row["a"], row["b"]) for row in account_rows(runs)}
    assert facts["tokens of the evaluation"] == ("150", "150")
    assert "dataset rows" not in facts, "these runs trained nothing"


def test_stages_that_differ_alike_share_a_row(tmp_path: Path) -> None:
    make_evaluated(tmp_path / "a", {STUDENT: FEW, NF4: FEW})
    make_evaluated(tmp_path / "b", {STUDENT: FEW, NF4: FEW, BASE: FEW}, evaluation={"max_tokens": 80})
    rows = setting_rows(read_runs([tmp_path / "a", tmp_path / "b"]))
    assert rows == [
        {"setting": "evaluation.max_tokens", "stage": "eval-sums-student-full and 1 more", "a": "160", "b": "80"},
        {"setting": "", "stage": "eval-sums-base-full and 1 more", "a": "–", "b": "made"},
    ]


def test_a_whole_run_has_its_funnel(tmp_path: Path) -> None:
    runs = two(tmp_path)
    traces = traces_of(FEW, [f"q{at}" for at in range(10)], "4")
    drawn = build_once(runs[1], "sample", inputs({"n": 1}), lambda _: sampled_counts(traces))
    verdicts = build_once(runs[1], "judge", inputs({"box": 1}, [drawn]), lambda _: judged_counts(traces))
    counts = SelectionCounts(selected=5, problems=5, left_out={"duplicate": 1}, disputed_references=0)
    dataset = build_once(runs[1], "select", inputs({"most": 4}, [verdicts]), lambda _: counts)
    scored = read_runs(runs)[1].score
    needs = [*scored.inputs.needs, dataset.fingerprint]
    whole = {"version": "4", "settings": scored.inputs.settings, "needs": needs}
    again = build_once(runs[1], "score", whole, lambda folder: {})  # type: ignore[arg-type, return-value]
    facts = {row[""]: (row["a"], row[again.path.name]) for row in account_rows(read_runs([runs[0], again.path]))}
    assert facts["traces"] == ("", "10")
    assert facts["accepted"] == ("", "6")
    assert facts["dataset rows"] == ("", "5")
    assert facts["tokens drawn from the teacher"] == ("", "150")


def test_markdown_has_every_table(tmp_path: Path) -> None:
    runs = read_runs(two(tmp_path, evaluation={"seed": 3, "note": "a|b"}))
    page = as_markdown(runs, side_by_side(runs, Choices(mixed=True)))
    assert "| sums | student full | b | 10 | 90.00%" in page
    assert "- mixed: student full on sums: a and b differ in evaluation.note: – against a|b" in page
    assert "## What the runs did" in page
    assert "| evaluation.note | eval-sums-student-full | – | a\\|b |" in page


def test_manifests_of_a_planned_run_are_laid_out_as_they_are_read() -> None:
    """The first needs of an evaluation are the judged completions, in the order in which it names them; those need
    their completions first, and these their problems."""
    scores = plan_distillation(load_config(ROOT / "configs/demo/tiny.yaml")).scores
    assert scores is not None
    measured = scores.inputs["settings"]["measured"]
    assert len(measured) > 1
    for (benchmark, model, precision, *_), judging in zip(measured, scores.needs, strict=False):
        assert judging.name == f"eval-judge-{benchmark}-{model}-{precision}"
        sampling = judging.needs[0]
        assert {"evaluation", "model"} <= sampling.inputs["settings"].keys()
        assert sampling.needs[0].name == f"benchmark-{benchmark}"
