"""The tables of the methods' bench: scores by seed, and differences paired by seed."""

from pathlib import Path

from conftest import ROOT

from bench.methods import comparable, lines_of, starts
from bench.seeds import score_of
from configs.load import load_config

FOUND = {
    1: {"base": {"score": 10.0}, "sft": {"score": 40.0, "trainer_s": 100.0}, "student": {"score": 41.0}},
    2: {"base": {"score": 10.0}, "sft": {"score": 44.0, "trainer_s": 104.0}, "student": {"score": 43.0}},
    3: {"base": {"score": 10.0}, "sft": {"score": 42.0, "trainer_s": 102.0}, "student": {"score": 42.5}},
}


def test_each_stage_is_compared_with_its_start(tmp_path: Path) -> None:
    config = load_config(ROOT / "configs" / "demo" / "methods.yaml")
    assert starts(config) == {
        "sft": "base",
        "more_sft": "sft",
        "grpo": "sft",
        "on_policy": "sft",
        "on_policy_base": "base",
        "student": "base",
    }


def test_differences_are_paired_by_seed() -> None:
    lines = lines_of(FOUND, [("sft", "base"), ("student", "sft")])
    assert lines[3].startswith("| sft | 40.0 | 44.0 | 42.0 | mean 42.0, standard deviation 2.0, 40.0 to 44.0 | 102 s |")
    # Student's t with 2 degrees of freedom: 4.303 x 2 / sqrt(3) = 4.97
    assert lines[-2] == "| sft - base | +32.0 | +27.0 to +37.0 |"
    assert lines[-1].endswith(": not shown to differ |")
    assert lines[-1].startswith("| student - sft | +0.2 |")


def test_what_one_seed_lacks_is_not_compared() -> None:
    lacking = FOUND | {3: {"base": {"score": 10.0}, "student": {"score": 42.5}}}
    assert comparable(lacking, [("student", "base"), ("sft", "base"), ("student", "sft")]) == [("student", "base")]


def test_a_pair_that_is_asked_for_twice_is_compared_once() -> None:
    assert comparable(FOUND, [("student", "base"), ("student", "base")]) == [("student", "base")]


def test_a_models_score_is_over_all_problems_in_full_precision() -> None:
    row = {"model": "sft", "precision": "full", "metric": "pass@1", "group": ""}
    rows = [
        row | {"value": 0.5, "n_problems": 30},
        row | {"value": 1.0, "n_problems": 10},
        row | {"value": 0.0, "n_problems": 99, "precision": "nf4"},
        row | {"value": 0.0, "n_problems": 99, "model": "base"},
        row | {"value": 0.0, "n_problems": 99, "group": "level 1"},
        row | {"value": 0.0, "n_problems": 99, "metric": "truncated"},
    ]
    assert score_of(rows, "sft") == 0.625
