"""`retort score` reproduces published and recomputed figures of real tables (../shared/data; docs/evaluation.md)."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED
from published_outputs import FOLDER, PROVIDERS, zeroeval

from flows import judge, score

QUANTIZED = FOLDER / "quant_r1d_1p5b" / "per_sample"
R1 = "DeepSeek-R1-Distill-Qwen-1.5B"
BY_INDEX = ("--problem-column", "idx", "--correct-column", "is_correct")
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="needs ../shared/data/eval_outputs")


def scored(out: Path, *arguments: str | Path) -> dict[str, dict[str, Any]]:
    assert score.main([*map(str, arguments), "--json", str(out / "scores.json")]) == 0
    return {row["metric"]: row for row in json.loads((out / "scores.json").read_text())}


def percent(row: dict[str, Any]) -> float:
    return round(100 * row["value"], 2)


@pytest.mark.parametrize(("dataset", "mean", "any_of_50"), [("amc23", 14.15, 65.0), ("aime24", 2.67, 23.33)])
def test_fifty_samples_of_a_3b_model(tmp_path: Path, dataset: str, mean: float, any_of_50: float) -> None:
    file = SHARED / "rg_math_evals" / "llama3b_x50_graded.jsonl.gz"
    found = scored(tmp_path, file, "--problem-column", "idx", "--where", f"dataset={dataset}", "--k", "50")
    assert (percent(found["avg@50"]), percent(found["pass@50"])) == (mean, any_of_50)


@pytest.mark.parametrize(
    ("variant", "dataset", "full", "quantized", "lost", "gained", "p"),
    [
        ("awq-w4g128", "AIME-90", 25.56, 20.00, 9, 4, 0.27),
        ("awq-w3g128", "AIME-90", 25.56, 6.67, 18, 1, 8e-5),
        ("awq-w4g128", "MATH-500", 85.00, 83.40, 31, 23, 0.34),
        ("awq-w3g128", "MATH-500", 85.00, 52.60, 171, 9, 6e-40),
    ],
)
def test_a_quantized_distilled_model(
    tmp_path: Path, variant: str, dataset: str, full: float, quantized: float, lost: int, gained: int, p: float
) -> None:
    files = [QUANTIZED / f"{R1}-{variant}-tp1_{dataset}.csv", QUANTIZED / f"{R1}_{dataset}.csv"]
    found = scored(tmp_path, files[0], "--against", files[1], *BY_INDEX)
    assert (percent(found["avg@1"]), percent(found["against:avg@1"])) == (quantized, full)
    assert (found["lost"]["value"], found["gained"]["value"]) == (lost, gained)
    assert found["difference"]["p"] == pytest.approx(p, rel=0.06)


def test_what_pairing_is_worth(tmp_path: Path) -> None:
    """AWQ-W4 on MATH-500: paired standard error 1.47 points, unpaired 2.31; one point takes about 8,450 problems."""
    files = [QUANTIZED / f"{R1}-awq-w4g128-tp1_MATH-500.json.gz", QUANTIZED / f"{R1}_MATH-500.json.gz"]
    names = (*BY_INDEX, "--rows", "response_analyses")
    found = scored(tmp_path, files[0], "--against", files[1], *names)
    assert percent(found["standard_error_paired"]) == 1.47
    assert percent(found["standard_error_unpaired"]) == 2.31
    assert found["problems_for_one_point"]["value"] == pytest.approx(8450, rel=0.005)
    assert found["difference"]["low"] < 0 < found["difference"]["high"]


@pytest.mark.parametrize(("run", "accuracy"), [("", 69.70), ("_dual_verified", 70.71), ("_gemini_flash", 88.38)])
def test_options_that_were_never_shuffled_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], run: str, accuracy: float
) -> None:
    file = FOLDER / "gpqa_r1d_llama70b" / f"model_accuracy_results{run}.json"
    names = ("--rows", "processed_questions", "--problem-column", "id", "--correct-column", "is_correct")
    assert percent(scored(tmp_path, file, *names)["avg@1"]) == accuracy
    capsys.readouterr()
    assert score.main([str(file), *names, "--reference-column", "correct_answer"]) == 2
    assert "the right option is A in 198 of 198 problems" in capsys.readouterr().err


def test_an_outcome_reward_and_majorities(tmp_path: Path) -> None:
    names = ("--problem-column", "idx", "--correct-column", "score", "--answer-column", "pred", "--k", "8")
    file = FOLDER / "qwen_rm_maj" / "math_cot_100.jsonl.gz"
    found = scored(tmp_path, file, *names, "--score-column", "pred_score", "--equal", "text")
    figures = [percent(found[metric]) for metric in ("avg@8", "pass@8", "best_of@8", "maj@8")]
    assert figures == [91.07, 95.24, 92.86, 90.48]
    assert found["avg@8"]["n_problems"] == 42


def test_the_ends_of_a_cascade_and_its_oracle(tmp_path: Path) -> None:
    """Weak 65.68, strong 88.14, either 94.54; only the weak one right 41 times."""
    file = FOLDER / "routellm_gsm8k" / "gsm8k_responses.csv.gz"
    weak = ("--problem-column", "prompt", "--correct-column", "mistralai/Mixtral-8x7B-Instruct-v0.1")
    found = scored(tmp_path, file, *weak, "--against", file, "--against-correct-column", "gpt-4-1106-preview")
    assert [percent(found[metric]) for metric in ("avg@1", "against:avg@1", "either")] == [65.68, 88.14, 94.54]
    assert (found["gained"]["value"], found["difference"]["n_problems"]) == (41, 641)


CHECKS = ("--problem-column", "name,language", "--correct-column", "passed", "--total-column", "total")
R1_14B = {
    "vLLM": ("none_greedy-openai-8k_deepseek-ai-DeepSeek-R1-Distill-Qwen-14B", 129),
    "AWQ": ("distill-qwen-14b-awq", 98),
    "ollama": ("deepseek-r1:14b-qwen-distill-q8_0", 44),
}


def file_like(part: str) -> str:
    """The name of the table whose name or model has this part."""
    rows = map(json.loads, gzip.decompress((FOLDER / "can_ai_code" / "rows.jsonl.gz").read_bytes()).splitlines())
    (name,) = {row["_file"] for row in rows if part in row["_file"] or part in row["model"]}
    return str(name)


@pytest.mark.parametrize("engine", R1_14B)
def test_checks_of_programs_are_counted(tmp_path: Path, engine: str) -> None:
    part, passed = R1_14B[engine]
    file = FOLDER / "can_ai_code" / "rows.jsonl.gz"
    found = scored(tmp_path, file, *CHECKS, "--where", f"_file={file_like(part)}")
    assert (found["right"]["value"], found["right"]["n_samples"]) == (passed, 148)


def test_engines_are_not_compared_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    """Engine and template dominate precision: 129 of 148 in vLLM, 44 in ollama."""
    file = str(FOLDER / "can_ai_code" / "rows.jsonl.gz")
    sides = [f"_file={file_like(R1_14B[name][0])}" for name in ("ollama", "vLLM")]
    arguments = [file, *CHECKS, "--where", sides[0], "--against", file, "--against-where", sides[1]]
    assert score.main(arguments) == 2
    assert "different runtimes (ollama; vllm)" in capsys.readouterr().err


NAIVE = re.compile(r'"answer":\s*"([^"]*)"')
"""`"answer": "18"` of a completion in JSON; a number without quotation marks does not match."""


def test_a_naive_pattern_makes_a_loss_of_two_points(tmp_path: Path) -> None:
    """By a regular expression FP8 loses two points to BF16, and significantly: its answers more often stand without
    quotation marks."""
    for provider, unread in PROVIDERS.items():
        rows = zeroeval("gsm", provider)
        answers = [NAIVE.findall(row["completion"]) for row in rows]
        assert sum(not found for found in answers) == unread
        numbers = [re.sub(r"[^\d.-]", "", found[-1]) if found else "" for found in answers]
        graded = [
            {"problem": row["problem"], "correct": number.rstrip(".") == row["reference"].replace(",", "")}
            for row, number in zip(rows, numbers, strict=True)
        ]
        (tmp_path / f"{provider}.json").write_text(json.dumps(graded))
    fp8, _, bf16 = (tmp_path / f"{provider}.json" for provider in PROVIDERS)
    difference = scored(tmp_path, fp8, "--against", bf16)["difference"]
    assert -0.025 < difference["value"] < -0.015
    assert difference["p"] < 0.02


@pytest.mark.slow
def test_by_our_extraction_providers_do_not_differ(tmp_path: Path) -> None:
    """Published: 95.91 (FP8), 95.98, 95.91."""
    judged = [tmp_path / f"{provider}.parquet" for provider in PROVIDERS]
    for provider, file in zip(PROVIDERS, judged, strict=True):
        table = tmp_path / f"{provider}.jsonl"
        table.write_text("".join(json.dumps(row) + "\n" for row in zeroeval("gsm", provider)))
        assert judge.main([str(table), str(file), "--bare"]) == 0
    for file in judged[1:]:
        found = scored(tmp_path, judged[0], "--against", file, "--correct-column", "outcome")
        assert found["avg@1"]["value"] == pytest.approx(0.9591, abs=0.005)
        assert found["against:avg@1"]["value"] == pytest.approx(0.9595, abs=0.005)
        assert found["difference"]["p"] > 0.3


def test_other_problems_are_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """math-l5: one provider answered 706 problems, the other 721."""
    files = []
    for provider in list(PROVIDERS)[1:]:
        rows = [{"problem": row["problem"], "correct": True} for row in zeroeval("math-l5", provider)]
        files.append(tmp_path / f"{provider}.json")
        files[-1].write_text(json.dumps(rows))
    assert score.main([str(files[0]), "--against", str(files[1])]) == 2
    assert "0 problems are only in the first and 15 only in the second" in capsys.readouterr().err
