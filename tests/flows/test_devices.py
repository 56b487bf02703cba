"""Each process of a stage sees the GPUs that it should."""

import pytest

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
