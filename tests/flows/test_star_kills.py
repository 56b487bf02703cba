"""STaR rounds with vLLM, killed while each round samples: they end as rounds that were never interrupted."""

import shutil
import signal
from pathlib import Path

import pytest
from command import artifact, assert_same_artifacts, distill, interrupt

from records.rounds import read_check

SUMS = "{min_terms: 2, max_terms: 2, min_digits: 1, max_digits: 2}"
SHRUNK = (
    "configs/demo/star.yaml",
    "teacher.scratch.training.settings.max_steps=500",
    "student.scratch.training.settings.max_steps=60",
    "training.0.settings.max_steps=40",  # a student so weak that the first round is shown to grow
    "training.1.settings.max_steps=500",
    "training.1.rounds=2",
    "training.1.data=[{from: {sample: previous, accept: 1, max_n: 2}}, {from: traces}]",
    f"problems=[{{kind: reasoning_gym, task: chain_sum, size: 300, seed: 2000000, settings: {SUMS}, verifier: math}}]",
    "benchmarks.held_out=[{kind: reasoning_gym, task: chain_sum, size: 100, seed: 3000000, "
    f"settings: {SUMS}, verifier: math}}]",
    "sampling.max_n=2",
)
KILLED_AT = ["sample-star-1-*/*.jsonl", "sample-star-2-*/*.jsonl"]
AFTER_WARMING_UP = ("*star-1*", "*star-2*", "eval-*student*", "score-*", "publish-*", "report-*")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_in_both_rounds_they_end_as_unbroken_ones(
    tmp_path: Path, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    # Apart, for a run takes over what the runs beside it have sampled, and its files then tell so.
    whole, killed = (tmp_path / name / "run" for name in ("whole", "killed"))
    done = distill(*SHRUNK, f"run_dir={whole}", timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [read_check(artifact(whole, f"round-check-star-{number}")).number for number in (1, 2)] == [1, 2]
    shutil.copytree(whole, killed, symlinks=True)
    for folder in {folder for pattern in AFTER_WARMING_UP for folder in killed.glob(pattern)}:
        shutil.rmtree(folder)
    for instant in KILLED_AT:
        interrupt(*SHRUNK, f"run_dir={killed}", at=(killed, instant), by=signal.SIGKILL)
        assert not list(killed.glob("report-*/manifest.json")), "the run was through before the signal"
    resumed = distill(*SHRUNK, f"run_dir={killed}", timeout=900)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert_same_artifacts(killed, whole)
