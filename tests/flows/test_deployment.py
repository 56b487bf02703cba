"""The deployments of prefect.yaml, carried out as docs/scheduling.md says: by a worker of a real Prefect server."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from records.errors import InputError


def prefect(home: Path, api: str, *arguments: str) -> str:
    """Run a command of Prefect in the checkout, and return all that it wrote."""
    environment = os.environ | {"PREFECT_HOME": str(home), "PREFECT_API_URL": api, "RETORT_HOME": str(ROOT)}
    command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def carried_out(home: Path, api: str, override: str) -> str:
    """Schedule a run of the demo with one override, let a worker carry out what is due, and return what it wrote."""
    parameter = f"overrides={json.dumps([override])}"
    prefect(home, api, "deployment", "run", "distill/recorded", "--param", parameter)
    return prefect(home, api, "worker", "start", "--pool", "retort", "--run-once")


def test_a_worker_carries_out_what_is_scheduled(tmp_path: Path, prefect_api: str) -> None:
    home = tmp_path / "home"
    prefect(home, prefect_api, "work-pool", "create", "retort", "--type", "process", "--overwrite")
    prefect(home, prefect_api, "deploy", "--name", "recorded")
    assert "Finished in state Completed" in carried_out(home, prefect_api, f"run_dir={tmp_path}/run")
    assert [path.name for path in tmp_path.glob("run/publish-*/manifest.json")]
    wrong = carried_out(home, prefect_api, "sampling.nn=8")
    assert "sampling.nn: unknown key; did you mean n?" in wrong
    assert "Traceback" not in wrong


@pytest.mark.parametrize("parameters", [{"config": 5}, {"config": None}, {"overrides": [1]}, {"overrides": 5}])
def test_parameters_that_are_no_texts(parameters: dict[str, Any]) -> None:
    from flows.run.flow import distill  # imports Prefect

    with pytest.raises(InputError, match=r"overrides a list of texts, key\.path=value"):
        distill.fn(**parameters)
