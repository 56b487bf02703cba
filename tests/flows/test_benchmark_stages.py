"""The stage that collects a benchmark refuses what cannot be measured; prompts and settings are the benchmark's own."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from refusals import refusal_of

from configs.benchmarks import Benchmark
from configs.load import load_config
from filters.rules.contamination import contamination
from flows.distill import plan_distillation
from flows.stages.evaluate import SampleModel
from flows.stages.problems import Problems, benchmark_prompts, problem_ids, prompts_of
from records.hashing import problem_id

COLUMNS = ["Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3"]


def stage_of(tmp_path: Path, rows: list[dict[str, Any]], **settings: Any) -> Problems:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    benchmark = Benchmark.model_validate({"sources": [{"kind": "file", "path": str(path), **settings}]})
    return Problems(run_dir=tmp_path / "run", name="benchmark-mine", sources=tuple(benchmark.sources), measures=True)


def built(stage: Problems) -> Problems:
    stage.path.mkdir(parents=True)
    stage.build(stage.path, progress=lambda *_, **__: None)
    return stage


def refusal(stage: Problems) -> str:
    return refusal_of(lambda: built(stage))


def choice(**options: Any) -> dict[str, Any]:
    columns = {"prompt": "Question", "reference": "Correct Answer", "extra": {"subject": "domain"}}
    return {"verifier": "choice", "columns": columns, "options": {"columns": COLUMNS} | options}


def questions(count: int) -> list[dict[str, Any]]:
    texts = [{column: f"{column} of {at}" for column in COLUMNS} for at in range(count)]
    return [{"Question": f"Which is {at}?", "domain": "Physics"} | row for at, row in enumerate(texts)]


# What is refused


def test_columns_that_are_not_shuffled_are_refused(tmp_path: Path) -> None:
    message = refusal(stage_of(tmp_path, questions(30), **choice(shuffle=False)))
    assert message.startswith("mine: the right option is A in 30 of 30 problems, so the options were not shuffled")
    assert message.endswith("shuffle the options of each problem anew")


def test_shuffled_options_are_not(tmp_path: Path) -> None:
    assert len(prompts_of(built(stage_of(tmp_path, questions(30), **choice())))) == 30


@pytest.mark.parametrize(("letters", "is_refused"), [("A" * 20, True), ("A" * 19, False), ("ABCD" * 5, False)])
def test_planted_letters(tmp_path: Path, letters: str, is_refused: bool) -> None:
    rows = [{"problem": f"Which is {at}?", "answer": letter} for at, letter in enumerate(letters)]
    stage = stage_of(tmp_path, rows, verifier="choice")
    if is_refused:
        assert "mine: the right option is A in 20 of 20 problems" in refusal(stage)
    else:
        built(stage)


def test_letters_of_training_problems_and_answers_of_mathematics_are_not_counted(tmp_path: Path) -> None:
    rows = [{"problem": f"Which is {at}?", "answer": "A"} for at in range(30)]
    built(stage_of(tmp_path, rows, verifier="math"))
    built(replace(stage_of(tmp_path, rows, verifier="choice"), name="problems", measures=False))


def test_the_same_problem_with_two_references_is_refused(tmp_path: Path) -> None:
    rows = [{"problem": "1 + 1?", "answer": "2"}, {"problem": "1 +  1?", "answer": "3"}]
    message = "rows: the problem '1 +  1?' occurs twice, with the references '2' and '3'; remove one of its rows"
    assert refusal(stage_of(tmp_path, rows)) == message
    same = [row | {"answer": "2"} for row in rows]
    assert len(prompts_of(built(stage_of(tmp_path, same)))) == 1
    built(replace(stage_of(tmp_path, rows), name="problems", measures=False))


@pytest.mark.parametrize(
    ("rows", "settings", "message"),
    [
        ([], {}, "has no rows"),
        ([{"problem": "p", "answer": ""}], {}, ":1: column 'answer' is empty; correct or remove the row"),
        (
            [{"problem": "p", "answer": ""}],
            {"skip_without_reference": True},
            "no problems left: 0 repeated, 0 in",
        ),
        (
            [{"problem": "p", "answer": "1", "day": "2024-01-01"}],
            {"columns": {"date": "day"}, "from": "2024-02-01"},
            "no problem appeared from 2024-02-01 until the last day; its dates run from 2024-01-01 to 2024-01-01",
        ),
    ],
)
def test_benchmarks_with_nothing_to_measure(
    tmp_path: Path, rows: list[dict[str, Any]], settings: dict[str, Any], message: str
) -> None:
    assert message in refusal(stage_of(tmp_path, rows, **settings))


def test_a_broken_file_is_one_line(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, [])
    (tmp_path / "rows.jsonl").write_text('{"problem": "p", "answer": "1"}\n{"problem": ')
    assert f"{tmp_path / 'rows.jsonl'}:2: not JSON" in refusal(stage)


# What is held out


def test_training_problems_are_compared_with_the_bare_question(tmp_path: Path) -> None:
    stage = built(stage_of(tmp_path, questions(3), **choice()))
    assert prompts_of(stage) == ["Which is 0?", "Which is 1?", "Which is 2?"]
    assert problem_id("which is 2?") in problem_ids((stage,))
    assert len(problem_ids((stage,))) == 6  # bare, and as they are put


def test_a_question_is_recognised_without_its_options_and_instructions(tmp_path: Path) -> None:
    text = "A train leaves the old station at noon and reaches the sea after three hours; how far is it?"
    row = {"Question": text, "domain": "Physics"} | dict(
        zip(COLUMNS, ["90 km", "80 km", "70 km", "60 km"], strict=True)
    )
    stage = built(stage_of(tmp_path, [row], **choice()))
    rule = contamination(load_config(ROOT / "configs/demo/fake.yaml").judging.decontamination, {"b": prompts_of(stage)})
    assert rule.match(text).startswith("b: exact")
    assert rule.match("Another question of some length that nobody has asked before, about a ship") == ""


# What a plan makes of it


def test_each_benchmark_is_sampled_with_its_own_settings(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps({"prompt": "p", "entry_point": "p", "test": "t", "answer": "1"}))
    path = str(tmp_path / "rows.jsonl")
    config = load_config(
        ROOT / "configs/demo/tiny.yaml",
        [
            f"run_dir={tmp_path}/run",
            f"benchmarks={{humaneval: {{path: {path}, n: 3, temperature: 0.5, max_tokens: 90}}, mine: [{{kind: file, "
            f"path: {path}, columns: {{prompt: prompt}}}}]}}",
            "evaluation.models={base: [full], student: [full]}",
        ],
    )
    stages = [stage for stage in plan_distillation(config).plan.stages if isinstance(stage, SampleModel)]
    found = {stage.name: (stage.evaluation.n, stage.evaluation.max_tokens, stage.model.prompt.user) for stage in stages}
    template = config.student.prompt.user
    assert config.evaluation is not None
    assert found == {
        **{f"eval-humaneval-{role}-full": (3, 90, "{problem}") for role in ("base", "student")},
        **{f"eval-mine-{role}-full": (1, config.evaluation.max_tokens, template) for role in ("base", "student")},
    }
    assert benchmark_prompts(config) == {"humaneval": ["p"], "mine": ["p"]}
