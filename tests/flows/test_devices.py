"""Each process of a stage sees the GPUs that it should."""

import pytest
from conftest import ROOT

from configs.load import load_config
from flows.distill import plan_distillation
from flows.run.devices import devices_of
from records.errors import InputError


@pytest.mark.parametrize(
    ("visible", "gpus", "index", "workers", "shown"),
    [
        (None, 0, 0, 4, None),
        (None, 1, 0, 1, "0"),
        (None, 2, 1, 2, "2,3"),
        ("3,5,7,9", 1, 0, 1, "3"),
        ("3,5,7,9", 2, 1, 2, "7,9"),
        ("GPU-a,GPU-b", 1, 1, 2, "GPU-b"),
        ("", 1, 0, 1, None),  # none is to be used: models run on the CPU
        ("-1", 2, 1, 2, None),
    ],
)
def test_every_worker_is_shown_its_own(
    visible: str | None, gpus: int, index: int, workers: int, shown: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices_of(gpus, index, workers) == ({} if shown is None else {"CUDA_VISIBLE_DEVICES": shown})


def test_too_few_are_the_users_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    assert devices_of(1, 2, 3) == {"CUDA_VISIBLE_DEVICES": "2"}
    with pytest.raises(InputError, match="2 workers with 2 GPUs each need more than CUDA_VISIBLE_DEVICES=0,1,2"):
        devices_of(2, 0, 2)


@pytest.mark.parametrize(
    ("config", "launch", "sampling", "training"),
    [
        ("demo/fake", [], 0, 1),
        ("demo/tiny", [], 1, 1),
        ("demo/tiny", ["launch.shard=ddp", "launch.processes=2"], 1, 2),
        ("demo/tiny", ["launch.shard=ddp", "launch.processes=auto"], 1, 0),  # any that are visible
        ("pairs/Llama-3.2-3b-qwq32b", [], 4, 1),
    ],
)
def test_sampling_takes_the_gpus_of_its_engine_and_training_one_a_process(
    config: str, launch: list[str], sampling: int, training: int
) -> None:
    plan = plan_distillation(load_config(ROOT / "configs" / f"{config}.yaml", launch))
    assert (plan.traces.gpus, plan.student.gpus) == (sampling, training)
