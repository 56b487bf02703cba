"""Where training runs: what goes together, and what is refused before anything starts."""

from typing import Any

import pytest
from pydantic import ValidationError

from configs.launch import Launch


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"processes": 1},
        {"processes": "auto", "shard": "fsdp2"},
        {"processes": 4, "shard": "ddp", "device": "cpu"},
        {"nodes": 2, "rendezvous": "node-0.cluster:29500", "shard": "zero3"},
    ],
)
def test_what_goes_together(given: dict[str, Any]) -> None:
    assert Launch.model_validate(given).model_dump(include=set(given)) == given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"processes": 2}, "shard: none trains in one process; set launch.shard to ddp, fsdp2 or zero3"),
        ({"nodes": 2, "rendezvous": "a:1"}, "shard: none trains in one process"),
        ({"processes": 0, "shard": "ddp"}, "greater than or equal to 1"),
        ({"shard": "zero3", "device": "cpu"}, "zero3 needs GPUs"),
        ({"nodes": 2, "shard": "ddp"}, "nodes: several machines need launch.rendezvous"),
        ({"rendezvous": "a:1", "shard": "ddp"}, "rendezvous: one machine meets no others"),
        ({"nodes": 2, "rendezvous": "a", "shard": "ddp"}, "rendezvous"),
        ({"nodes": 2, "rendezvous": "a:65536", "shard": "ddp"}, "rendezvous: a port is at most 65535"),
        ({"processes": 1025, "shard": "ddp"}, "less than or equal to 1024"),
        ({"shard": "fsdp"}, "Input should be 'none', 'ddp', 'fsdp2' or 'zero3'"),
    ],
)
def test_mistakes(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Launch.model_validate(given)
    assert message in str(caught.value)
