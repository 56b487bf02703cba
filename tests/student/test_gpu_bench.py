"""The benchmark of training steps, on the CPU with small models."""

import subprocess
import sys
from pathlib import Path

import pytest
from transformers import Qwen2Config
from trl.trainer.utils import compute_flops_per_token

from bench.gpu.cases import CASES, SHAPES, TINY, Case
from bench.gpu.estimates import setup_of
from bench.gpu.table import table
from bench.gpu.worker import run_guarded
from bench.gpu_training import watch
from student.cost.arithmetic import flops_per_token, peak_flops
from student.cost.memory import estimate
from student.cost.shape import shape_of

WRITES_A_ROW = "import sys; open(sys.argv[1], 'a').write('{\"case\": \"a\"}\\n'); sys.exit(int(sys.argv[2]))"


def test_documents_fill_the_row_and_names_differ() -> None:
    assert len({case.name for case in CASES + TINY}) == len(CASES + TINY)
    for case in CASES + TINY:
        assert sum(case.documents) == case.tokens
        assert estimate(setup_of(case)).peak > 0


@pytest.mark.parametrize("case", TINY, ids=lambda case: case.name)
def test_a_case_is_a_row_with_rates(case: Case, tmp_path: Path) -> None:
    row = run_guarded(case, 0.05, str(tmp_path))
    assert "error" not in row
    assert row["timed_steps"] >= 1
    assert row["tokens_per_s"] == pytest.approx(256 / row["step_s"])
    assert row["supervised_per_s"] == pytest.approx(0.75 * row["tokens_per_s"])
    assert table([row]).splitlines()[-1].startswith(f"| {case.name} | ")


def test_a_case_that_fails_is_a_row_too(tmp_path: Path) -> None:
    row = run_guarded(Case("tiny", "full", 256, "no_such_kernel"), 0.05, str(tmp_path))
    assert "no_such_kernel" in row["error"]
    assert table([row]).count("\n") == 3


@pytest.mark.parametrize(("code", "left"), [(0, []), (3, ["b"]), (9, [])])
def test_the_cases_after_a_row_go_to_a_fresh_process_where_asked(code: int, left: list[str], tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.touch()
    worker = subprocess.Popen([sys.executable, "-c", WRITES_A_ROW, str(rows), str(code)])
    assert watch(worker, ["a", "b"], rows) == left
    assert len(rows.read_text().splitlines()) == (2 if code == 9 else 1)


def test_a_worker_that_dies_in_a_case_leaves_a_row_for_it(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.touch()
    worker = subprocess.Popen([sys.executable, "-c", "import os; os._exit(9)"])
    assert watch(worker, ["a", "b"], rows) == ["b"]
    assert rows.read_text() == '{"case": "a", "error": "exit code 9"}\n'


def test_flops_are_those_of_trl_where_every_token_attends_to_the_whole_row() -> None:
    for model in ("1.5b", "7b", "14b"):
        ours = flops_per_token(shape_of(SHAPES[model]), 8192, "full")
        assert ours == compute_flops_per_token(Qwen2Config(**SHAPES[model]), 8192)


def test_peaks_of_gpus() -> None:
    assert peak_flops("NVIDIA H100 80GB HBM3") == peak_flops("NVIDIA H200") == 989e12
    assert peak_flops("NVIDIA GeForce RTX 4090") == 165.2e12
    assert peak_flops("cpu") is None
