"""`retort curves` on real and made tables (../shared/data; docs/test_time_compute.md)."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED
from refusals import command_refusal
from score_file_makers import write

from eval.scaling.table import MOST_BUDGETS
from flows import curves

FOLDER = SHARED / "eval_outputs"
shared = pytest.mark.skipif(not FOLDER.exists(), reason="needs ../shared/data/eval_outputs")
Rows = list[dict[str, Any]]


def curves_of(out: Path, *arguments: str | Path) -> dict[tuple[str, str], dict[str, Any]]:
    assert curves.main([*map(str, arguments), "--json", str(out / "curves.json")]) == 0
    found = json.loads((out / "curves.json").read_text())
    return {(row["chart"], row["name"].partition(":")[0]): row for row in found}


def percents(curve: dict[str, Any]) -> list[float]:
    return [round(100 * point["value"], 2) for point in curve["points"]]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    return command_refusal(capsys, curves.main, *arguments)


@shared
def test_the_ends_of_a_cascade_and_its_oracle(tmp_path: Path) -> None:
    """RouteLLM on GSM8K: weak 65.68, strong 88.14, either 94.54."""
    file = FOLDER / "routellm_gsm8k" / "gsm8k_responses.csv.gz"
    weak = ("--problem-column", "prompt", "--correct-column", "mistralai/Mixtral-8x7B-Instruct-v0.1")
    found = curves_of(tmp_path, file, *weak, "--against", file, "--against-correct-column", "gpt-4-1106-preview")
    assert percents(found["cascade", "cascade"]) == [65.68, 88.14]
    assert percents(found["cascade", "random routing"]) == [65.68, 88.14]
    oracle = found["cascade", "oracle"]["points"]
    best = max(oracle, key=lambda point: point["value"])
    assert round(100 * best["value"], 2) == 94.54
    assert best["x"] == pytest.approx((94.54 - 65.68) / 100, abs=1e-4), "all that only the strong one gets right"
    assert oracle[-1]["value"] == pytest.approx(0.8814, abs=1e-4)
    assert {point["n_problems"] for point in oracle} == {641}


@shared
def test_best_of_n_and_majorities_by_an_outcome_reward(tmp_path: Path) -> None:
    """Qwen2.5-Math: mean 91.07, pass@8 95.24, best-of-8 92.86, majority of the strings 90.48."""
    names = ("--problem-column", "idx", "--correct-column", "score", "--answer-column", "pred", "--equal", "text")
    file = FOLDER / "qwen_rm_maj" / "math_cot_100.jsonl.gz"
    found = curves_of(tmp_path, file, *names, "--score-column", "pred_score")
    ends = {name: percents(found["samples", name])[-1] for name in ("pass@k", "best_of@k", "maj@k")}
    assert ends == {"pass@k": 95.24, "best_of@k": 92.86, "maj@k": 90.48}
    for name in ends:
        curve = found["samples", name]
        assert percents(curve)[0] == 91.07
        assert [point["x"] for point in curve["points"]] == [1, 2, 4, 8]
    assert percents(found["allocation", "even"])[0] == pytest.approx(91.07, abs=3)


@pytest.mark.skipif(not (SHARED / "rg_math_evals").exists(), reason="needs ../shared/data/rg_math_evals")
@pytest.mark.parametrize(("dataset", "mean", "any_of_50"), [("amc23", 14.15, 65.0), ("aime24", 2.67, 23.33)])
def test_one_run_gives_every_k(tmp_path: Path, dataset: str, mean: float, any_of_50: float) -> None:
    file = SHARED / "rg_math_evals" / "llama3b_x50_graded.jsonl.gz"
    found = curves_of(tmp_path, file, "--problem-column", "idx", "--where", f"dataset={dataset}")
    curve = found["samples", "pass@k"]
    assert [point["label"] for point in curve["points"]] == ["1", "2", "4", "8", "16", "32", "50"]
    assert percents(curve)[0] == mean
    assert percents(curve)[-1] == any_of_50
    assert percents(curve) == sorted(percents(curve))
    optimal, even, best = (found["allocation", name] for name in ("compute-optimal", "even", "oracle"))
    for ours, theirs in ((best, optimal), (best, even)):
        assert all(one >= other for one, other in zip(percents(ours), percents(theirs), strict=True))


def budget_rows() -> Rows:
    """12 problems under three budgets; the largest one makes everything worse."""
    rights = {"100": 3, "200": 10, "": 1}
    return [
        {"problem": f"p{at}", "think": budget, "correct": at < right, "tokens": 50 * (place + 1)}
        for place, (budget, right) in enumerate(rights.items())
        for at in range(12)
    ]


@pytest.mark.parametrize("name", ["t.jsonl", "t.csv", "t.parquet"])
def test_budgets_of_any_table(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / name, budget_rows())
    curve = curves_of(tmp_path, file, "--budget-column", "think")["thinking", "accuracy"]
    places = [(point["label"], point["x"]) for point in curve["points"]]
    assert places == [("100", 50), ("200", 100), ("no budget", 150)]
    assert percents(curve) == [25.0, 83.33, 8.33]
    assert {"enough: 200", "overthinking: no budget minus 200"} <= {fact["metric"] for fact in curve["facts"]}
    printed = capsys.readouterr().out
    assert "Overthinking: no budget minus 200 is −75.0 points" in printed
    assert "No larger budget is shown to be better than 200 (100 tokens on average)." in printed


def test_no_budget_may_be_null(tmp_path: Path) -> None:
    rows = [row | {"budget": row.pop("think") or None} for row in budget_rows()]
    curve = curves_of(tmp_path, write(tmp_path / "t.jsonl", rows))["thinking", "accuracy"]
    assert [point["label"] for point in curve["points"]] == ["100", "200", "no budget"]


def test_a_cascade_by_votes_and_cost(tmp_path: Path) -> None:
    """The student's first ten answers are right; every second problem is not unanimous."""
    votes = [[at < 10, at < 10, at % 2 == 0] for at in range(20)]
    student = [{"problem": f"p{at}", "correct": one, "answer": one, "tokens": [9] * 3} for at, one in enumerate(votes)]
    teacher = [{"problem": f"p{at}", "correct": True, "tokens": 30} for at in range(20)]
    files = write(tmp_path / "student.jsonl", student), write(tmp_path / "teacher.jsonl", teacher)
    found = curves_of(tmp_path, files[0], "--against", files[1], "--price", "2", "--equal", "text")
    assert percents(found["cascade", "cascade"]) == [50.0, 75.0, 100.0]
    assert [point["x"] for point in found["cascade_cost", "cascade"]["points"]] == [27, 27 + 0.5 * 60, 27 + 60]
    assert found["samples", "maj@k"]["x"] == "tokens per problem"


def test_mistakes_are_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = write(tmp_path / "one.jsonl", [{"problem": "a", "correct": True}])
    other = write(tmp_path / "other.jsonl", [{"problem": "b", "correct": True}])
    budgets = write(tmp_path / "budgets.jsonl", [{"problem": "a", "correct": True, "budget": 5}])
    assert "so there is no curve; give several samples, --budget-column or --against" in refused(capsys, one)
    assert "has no column 'think'" in refused(capsys, one, "--budget-column", "think")
    assert "name their column with --tokens-column" in refused(capsys, budgets)
    assert "cannot be compared" in refused(capsys, one, "--against", other)
    many = [{"problem": at, "correct": True, "budget": at} for at in range(MOST_BUDGETS + 1)]
    assert f"more than {MOST_BUDGETS} budgets" in refused(capsys, write(tmp_path / "many.jsonl", many))
    assert "name their column with --tokens-column" in refused(capsys, write(tmp_path / "most.jsonl", many[:-1]))
    for price in ("0", "-1", "nan", "inf", "cheap"):
        assert "must be a number above 0" in refused(capsys, one, "--against", one, f"--price={price}")
    written = write(tmp_path / "b.jsonl", [{"problem": "a", "correct": True, "budget": 5, "tokens": 5}])
    assert "a cascade needs one sample set" in refused(capsys, written, "--against", one)
    assert "no such file" in refused(capsys, tmp_path / "nothing.csv")
