"""Stages that `kill -9` hits at random instants, in processes of their own, end as ones that were never interrupted."""

import json
import subprocess
import sys
from typing import Any

import pytest
from conftest import ROOT

FAULTS = ("rows_twice", "rows_lost", "other_files", "other_counts", "left_behind")
KINDS = (
    "sampling until accepted",
    "search: mcts",
    "rollouts by halving",
    "scores: equations",
    "second opinion: replies",
)
"""Of `bench.fault_stages.CASES`: one of each kind of journal or table that needs no torch."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the benchmark finds. It forks its stages from a server of its own, which a process has only one of."""
    file = tmp_path_factory.mktemp("kills") / "results.json"
    command = [sys.executable, "-m", "bench.stage_faults", "--times", "4", "--json", str(file), "--only", *KINDS]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=600)
    return list(json.loads(file.read_text()))


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_random_instants(results: list[dict[str, Any]], kind: str) -> None:
    (result,) = [one for one in results if one["case"] == kind]
    assert result["stages"] > result["boundaries"] > 0
    assert result["rows"] > 0
    assert result["killed"] > 0
    assert {name: result[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)
