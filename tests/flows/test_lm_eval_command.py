"""`retort lm-eval` writes a task, prints the command that measures it, and compares what lm-eval recorded."""

import json
from pathlib import Path

import pytest
from conftest import make_trace
from evaluated_makers import STUDENT, judged, scored

from flows.__main__ import main
from records.rows import Verdict

PROMPTS = ["1 + 1 =", "2 + 2 ="]


def make_run(folder: Path) -> Path:
    rows = [
        make_trace(prompt=prompt, answer="\\boxed{4}", verdicts=[Verdict("math", "1", "pass")]) for prompt in PROMPTS
    ]
    scored(folder, {STUDENT: judged(folder, "sums-student-full", rows)}, "sums")
    return folder


def measured(folder: Path, answers: list[str]) -> Path:
    rows = [
        {
            "doc": {"id": make_trace(prompt=prompt).problem_id},
            "resps": [[answer]],
            "filtered_resps": [answer],
            "filter": "boxed",
            "exact_match": float("4" in answer),
        }
        for prompt, answer in zip(PROMPTS, answers, strict=True)
    ]
    file = folder / "samples.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_the_task_is_written_and_the_command_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path / "run")
    assert main(["lm-eval", str(run), "--benchmark", "sums", "--checkpoint", "org/model"]) == 0
    printed = capsys.readouterr().out
    assert f"--tasks retort_sums --include_path {run}/lm_eval --apply_chat_template" in printed
    assert '"pretrained": "org/model"' in printed
    assert (run / "lm_eval" / "retort_sums.yaml").is_file()


def test_samples_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = make_run(tmp_path / "run"), tmp_path / "out.json"
    samples = measured(tmp_path, ["\\boxed{4}", "\\boxed{5}"])
    assert main(["lm-eval", str(run), "--benchmark", "sums", "--samples", str(samples), "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "lm_eval:exact_match  50.00%" in printed
    assert "another completion" in printed
    written = json.loads(out.read_text())
    assert [item["same_verdict"] for item in written["items"]] == [True, False]
    assert written["figures"][0]["value"] == 1.0


def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path / "run")
    samples = measured(tmp_path, ["4", "5"])
    given = ["lm-eval", str(run), "--benchmark"]
    for arguments, told in [
        ([*given, "aime"], "student full was not measured on aime; measured: student full on sums"),
        ([*given, "sums"], "no published checkpoint"),
        ([*given, "sums", "--checkpoint", "x", "--out", str(samples / "under")], "cannot be written"),
        ([*given, "sums", "--samples", str(tmp_path / "none.jsonl")], "no such file"),
        ([*given, "sums", "--samples", str(samples), "--json", str(samples / "x")], "cannot be written"),
    ]:
        assert main(arguments) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        assert told in line


HOSTILE = [
    ("eval-sums-student-full-", ("evaluation",), 7),
    ("eval-sums-student-full-", ("evaluation", "temperature"), "hot"),
    ("eval-sums-student-full-", ("evaluation", "temperature"), float("nan")),
    ("eval-sums-student-full-", ("evaluation", "max_tokens"), None),
    ("eval-sums-student-full-", ("evaluation", "max_tokens"), {}),
    ("eval-sums-student-full-", ("model",), []),
    ("eval-sums-student-full-", ("model", "prompt"), "/etc/own.yaml"),
    ("eval-sums-student-full-", ("model", "prompt"), {"user": "no problem"}),
    ("eval-sums-student-full-", ("model", "prompt"), {"reasoning_format": "x"}),
    ("eval-sums-student-full-", ("model", "thinks"), "perhaps"),
    ("eval-sums-student-full-", ("model", "dtype"), ["a"]),
    ("eval-judge-sums-student-full-", ("judging",), "none"),
    ("eval-judge-sums-student-full-", ("judging", "require_box"), [1]),
]


@pytest.mark.parametrize(("stage", "place", "value"), HOSTILE)
def test_a_manifest_of_other_types_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stage: str, place: tuple[str, ...], value: object
) -> None:
    run = make_run(tmp_path / "run")
    (manifest,) = run.glob(f"{stage}*/manifest.json")
    whole = json.loads(manifest.read_text())
    inner = whole["inputs"]["settings"]
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    manifest.write_text(json.dumps(whole))
    samples = measured(tmp_path, ["\\boxed{4}", "\\boxed{5}"])
    assert main(["lm-eval", str(run), "--benchmark", "sums", "--samples", str(samples)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"{manifest}: does not say how the model was asked (settings." in told or "prompt" in told


@pytest.mark.parametrize(
    "change",
    [{"doc": {"id": []}}, {"resps": [[{}]]}, {"filtered_resps": [], "resps": [[1]]}, {"doc": 1}, {"resps": {}}],
)
def test_samples_of_other_types_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object]
) -> None:
    run, samples = make_run(tmp_path / "run"), measured(tmp_path, ["\\boxed{4}"] * 2)
    rows = [json.loads(line) for line in samples.read_text().splitlines()]
    samples.write_text("".join(json.dumps(row | change) + "\n" for row in rows))
    assert main(["lm-eval", str(run), "--benchmark", "sums", "--samples", str(samples)]) == 2
    assert f"{samples}:1: not a sample of the task" in capsys.readouterr().err
