"""Benchmarks are named with settings, defined in the config, or given as a list of sources."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from refusals import refusal_of

from configs.benchmarks import SHIPPED, Benchmark, resolved
from configs.errors import ConfigError
from configs.evaluation import Evaluation
from configs.load import load_config
from configs.prompt import Prompt
from configs.schema import Config
from configs.sources import ProblemFile

NAMES = {
    *("gsm8k", "math_500", "aime_2024", "aime_2025", "amc_23", "olympiadbench", "gpqa_diamond", "humaneval", "mbpp"),
    *("livecodebench", "cruxeval", "reasoning_gym_easy"),
}
MINE = {"kind": "file", "path": "mine.jsonl"}
DAY, SIDES = "2024-08-01", ("from", "until")


def load(tmp_path: Path, *overrides: str, **benchmarks: Any) -> Config:
    tree = {
        "name": "made",
        "teacher": {"kind": "fake"},
        "student": {"name": "s", "path": "owner/student", "max_model_len": 512},
        "problems": [{"kind": "file", "path": "problems.jsonl"}],
        "benchmarks": benchmarks,
        "sampling": {"max_tokens": 100},
        "training": {"max_length": 512, "settings": {"learning_rate": 1e-5}},
        "evaluation": {"max_tokens": 500, "n": 2, "temperature": 0.5},
    }
    (tmp_path / "made.yaml").write_text(yaml.safe_dump(tree))
    return load_config(tmp_path / "made.yaml", list(overrides))


def refused(tmp_path: Path, *overrides: str, **benchmarks: Any) -> str:
    told = refusal_of(lambda: load(tmp_path, *overrides, **benchmarks), ConfigError)
    return told.removeprefix(f"{tmp_path / 'made.yaml'}: ")


def file_of(config: Config, name: str) -> ProblemFile:
    (source,) = config.benchmarks[name].sources
    assert isinstance(source, ProblemFile)
    return source


def test_every_name_of_the_issue_is_shipped() -> None:
    assert {path.stem for path in SHIPPED.glob("*.yaml")} == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_shipped_benchmarks_are_valid_commented_and_pinned(name: str) -> None:
    text = (SHIPPED / f"{name}.yaml").read_text()
    assert text.startswith("# ")
    for source in Benchmark.model_validate(resolved(name, {})).sources:
        if isinstance(source, ProblemFile):
            assert source.hub_name
            assert source.revision
            assert len(source.revision) == 40
            assert "The hub was out of reach" in text


def test_a_name_with_settings(tmp_path: Path) -> None:
    config = load(tmp_path, math_500={"n": 4, "temperature": 0.6}, aime_2024={})
    assert config.benchmarks["math_500"].overrides == {"n": 4, "temperature": 0.6}
    assert file_of(config, "math_500").hub_name == "HuggingFaceH4/MATH-500"
    assert config.benchmarks["aime_2024"].overrides == {}
    assert load(tmp_path, "benchmarks.math_500.n=8", math_500={"n": 4}).benchmarks["math_500"].n == 8


def test_settings_of_its_files_stand_beside_the_name(tmp_path: Path) -> None:
    window = {"from": "2024-08-01", "until": "2025-02-01", "files": ["test5.jsonl"], "limit": 9}
    source = file_of(load(tmp_path, livecodebench=window), "livecodebench")
    assert (str(source.since), str(source.until), source.files, source.limit) == (
        *("2024-08-01", "2025-02-01"),
        *(["test5.jsonl"], 9),
    )
    assert source.revision


@pytest.mark.parametrize("window", [{"from": DAY}, {"until": DAY}, {"from": DAY, "until": DAY}], ids=str)
def test_a_window_may_be_open_on_one_side_and_as_short_as_a_day(tmp_path: Path, window: dict[str, str]) -> None:
    source = file_of(load(tmp_path, livecodebench=window), "livecodebench")
    assert (source.since, source.until) == tuple(date.fromisoformat(DAY) if one in window else None for one in SIDES)


def test_another_path_has_neither_commit_nor_subset_of_the_hub(tmp_path: Path) -> None:
    source = file_of(load(tmp_path, gsm8k={"path": "gsm8k.jsonl"}), "gsm8k")
    assert (source.path, source.revision, source.subset, source.reference_after) == ("gsm8k.jsonl", None, None, "####")
    pinned = file_of(load(tmp_path, gsm8k={"path": "hf://a/b", "revision": "c" * 40}), "gsm8k")
    assert (pinned.hub_name, pinned.revision) == ("a/b", "c" * 40)


def test_own_sources_as_a_list_or_with_settings(tmp_path: Path) -> None:
    config = load(tmp_path, listed=[MINE, MINE], mine={"sources": [MINE], "n": 3})
    assert len(config.benchmarks["listed"].sources) == 2
    assert config.benchmarks["mine"].n == 3


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("math_50", {}, "benchmarks: math_50: no such benchmark; did you mean math_500? known: aime_2024, aime_2025"),
        ("zzz", {"n": 2}, "benchmarks: zzz: no such benchmark; known: aime_2024"),
        ("math_500", {"form": "2024-08-01"}, "benchmarks: math_500.form: unknown key; did you mean from?"),
        ("mine", {"sources": [MINE], "m": 2}, "benchmarks.mine.m: unknown key; "),
        (
            "mine",
            {"sources": [MINE | {"colums": {}}]},
            "benchmarks.mine.sources.0.colums: unknown key; did you mean c",
        ),
        ("mine", [], "benchmarks.mine: sources: an empty benchmark measures nothing; give a source"),
        ("mine", "math_500", "benchmarks.mine: Input should be a valid dictionary or instance of Benchmark"),
        ("math_500", {"n": 0}, "benchmarks.math_500.n: Input should be greater than or equal to 1 (got 0)"),
        ("math_500", {"n": 100_001}, "benchmarks.math_500.n: Input should be less than or equal to 100000"),
        ("math_500", {"temperature": 0}, "config: benchmarks.math_500: n=2 at temperature 0 draws the same trace 2"),
        ("math_500", {"max_tokens": 512}, "config: benchmarks.math_500.max_tokens must leave room for the prompt: bel"),
        ("math_500", {"from": "2024-08-01"}, "benchmarks: math_500: from and until compare dates: name their column"),
        ("math_500", {"path": 3}, "benchmarks: math_500.path: Input should be a valid string"),
        (
            "livecodebench",
            {"from": "2025-02-01", "until": "2024-08-01"},
            "benchmarks: livecodebench: from 2025-02-01 is later than until 2024-08-01: no problem lies between them",
        ),
        ("reasoning_gym_easy", {"limit": 3}, "benchmarks: reasoning_gym_easy: limit is of files, and its problems are"),
        (
            "mine",
            [MINE | {"columns": {"reference": None}}],
            "benchmarks.mine: sources.0: math compares answers with references: set columns.reference",
        ),
        ("mine", {"sources": [MINE], "user": "Hi"}, "benchmarks.mine: user: must contain {problem}, or every problem"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, name: str, value: Any, message: str) -> None:
    assert refused(tmp_path, **{name: value}).startswith(message)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"options": {"columns": "choices"}}, "options are of multiple choice: set verifier: choice, or remove opti"),
        ({"format": "livecodebench"}, "format: livecodebench is judged by running programs: set verifier: code"),
        ({"format": "cruxeval_input", "verifier": "code", "template": "{problem}"}, "format: cruxeval_input writes i"),
        ({"template": "Solve it."}, "template: must contain {problem}, or every problem would get the same prompt"),
        ({"template": "{problem} {hint}"}, "template: {hint} stands for nothing; known: problem"),
        ({"template": "{problem} {options}"}, "template: {options} stands for nothing; known: problem"),
    ],
)
def test_settings_of_a_file_fit_together(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    assert refused(tmp_path, mine=[MINE | settings]).startswith(f"benchmarks.mine.0: {message}")


def test_a_benchmark_overrides_the_evaluation() -> None:
    evaluation = Evaluation(max_tokens=100, n=4, temperature=0.6, top_p=0.9, seed=3)
    benchmark = Benchmark.model_validate({"sources": [MINE], "n": 1, "temperature": 0, "max_tokens": 50})
    merged = evaluation.for_benchmark(benchmark)
    assert (merged.n, merged.temperature, merged.max_tokens, merged.top_p, merged.seed) == (1, 0, 50, 0.9, 3)
    assert evaluation.for_benchmark(Benchmark.model_validate({"sources": [MINE]})) == evaluation
    with pytest.raises(ValueError, match="n=4 at temperature 0"):
        evaluation.for_benchmark(Benchmark.model_validate({"sources": [MINE], "temperature": 0}))


def test_a_benchmark_of_programs_leaves_the_box_out_of_the_prompt() -> None:
    r1 = Prompt.model_validate("qwen3_think")
    asked = Benchmark.model_validate(resolved("humaneval", {})).prompt(r1)
    assert asked.messages("p") == [{"role": "user", "content": "p"}]
    assert asked.chat_template_kwargs == {"enable_thinking": True}
    assert Benchmark.model_validate(resolved("math_500", {})).prompt(r1) == r1
