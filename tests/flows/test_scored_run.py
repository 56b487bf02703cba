"""A run with reward models, a judge of steps, a second opinion and a search, killed at their stages."""

import signal
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import assert_same_artifacts, interrupt
from command_server import CommandServer
from conftest import ROOT

JUDGE = {"kind": "fake_judge", "accuracy": 0.9, "latency_s": 0.001, "in_flight": 8}
ASKED = {"judge": JUDGE, "sampling": {"max_tokens": 100, "shard_size": 40}}
SMALL: dict[str, Any] = {
    "max_length": 256,
    "dtype": "float32",
    "settings": {"max_steps": 6, "save_steps": 2, "per_device_train_batch_size": 4, "bf16": False},
}
TREE: dict[str, Any] = {
    "extends": str(ROOT / "configs" / "demo" / "fake.yaml"),
    "teacher": {"accuracy": 0.6, "latency_s": 0.001, "in_flight": 8},
    "sampling": {
        "n": 2,
        "max_tokens": 200,
        "search": {"kind": "beam", "scorer": "exact", "width": 6, "expand": 3, "step_tokens": 50},
    },
    "scorers": {"exact": {"kind": "equations"}, "judge": {"kind": "step_judge", **ASKED}},
    "second_opinion": ASKED,
    "selection": {"order": "score", "scorer": "judge"},
    "training": [
        {"method": "process_reward", "data": [{"from": "rollouts", "n": 2, "limit": 40}], **SMALL},
        {"method": "reward", **SMALL},
        {"name": "sft", **SMALL},
    ],
}
# Where each kill falls, in the order of the stages: when the folder is there, and before its manifest is. The other
# kinds of stages are killed in tests/bench/test_stage_faults.py.
KILLED_AT = [
    "step-labels-*/rollouts-*.jsonl",
    "train-reward-*/.work/checkpoints/*",
    "second-opinion-*",
]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_its_stages_the_same_command_ends_as_an_unbroken_run(
    commands: CommandServer, tmp_path: Path, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    config = tmp_path / "scored.yaml"
    config.write_text(yaml.safe_dump(TREE))
    # Apart, for a run takes over what the runs beside it have sampled.
    whole, killed = (tmp_path / name / "run" for name in ("whole", "killed"))
    done = commands.run("distill", str(config), f"run_dir={whole}")
    assert done.returncode == 0, done.stdout + done.stderr
    for instant in KILLED_AT:
        interrupt(str(config), f"run_dir={killed}", at=(killed, instant), by=signal.SIGKILL)
        assert not list(killed.glob("publish-*/manifest.json")), "the run was through before the signal"
    resumed = commands.run("distill", str(config), f"run_dir={killed}")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert_same_artifacts(killed, whole)
