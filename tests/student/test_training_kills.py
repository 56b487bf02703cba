"""A training that `kill -9` hits at random instants ends as one that was never interrupted."""

import json
import subprocess
import sys
from typing import Any

import pytest
from conftest import ROOT

FAULTS = ("other_weights", "rows_twice", "rows_left_out", "other_order")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the benchmark finds. It forks its trainings from a server that has imported TRL. A process has one such
    server at most, and that of the tests has not imported TRL: each of ten trainings would."""
    file = tmp_path_factory.mktemp("kills") / "results.json"
    command = [sys.executable, "-m", "bench.training_faults", "--times", "2", "--json", str(file)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=600)
    return list(json.loads(file.read_text()))


@pytest.mark.parametrize("kind", ["unpacked", "packed"])
def test_killed_at_random_instants(results: list[dict[str, Any]], kind: str) -> None:
    (result,) = [one for one in results if one["kind"] == kind]
    assert result["trainings"] == 2
    assert result["killed"] > 0
    assert {name: result[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)
