"""Advantages as computed by hand, and a step that makes likelier what they say."""

import itertools
from functools import partial
from math import isnan
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest
import torch
from dying import Killed, dying_at
from grpo_makers import judging_by, make_grpo, reward, write_prompts
from transformers import AutoModelForCausalLM

OUTCOMES = ("pass", "fail", "unknown", "pass", "fail", "pass", "fail", "fail")
"""Of the completions of two problems, four each."""


def drawn(model: Path, folder: Path, settings: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Train one of the two steps on eight completions. Return what both are trained on, from the checkpoint between
    them."""
    prompts = write_prompts(folder / "prompts", 2)
    number = itertools.count()
    judging = partial(judging_by, lambda _: OUTCOMES[next(number) % 8])
    with pytest.raises(Killed):
        reward(folder / "out", model, prompts, make_grpo(settings), dying_at(2), judging)
    state = torch.load(folder / "out" / ".work" / "checkpoints" / "checkpoint-1" / "completions-0.pt")
    batches = state["completions"]
    return {
        name: torch.cat([batch[name] for batch in batches])
        for name in ("rows", "rewards", "advantages", "prompt_ids", "completion_ids", "completion_mask")
    }


@pytest.mark.parametrize("scaled", [True, False])
def test_advantages_by_hand(scaled: bool, tiny_model: Path, tmp_path: Path) -> None:
    found = drawn(tiny_model, tmp_path, {} if scaled else {"scale_rewards": "none"})
    rows, rewards, advantages = (found[name].tolist() for name in ("rows", "rewards", "advantages"))
    groups = []
    for row in sorted(set(rows)):
        known = [one for one, number in zip(rewards, rows, strict=True) if number == row and not isnan(one)]
        groups.append(sorted(known))
        for number, one, advantage in zip(rows, rewards, advantages, strict=True):
            if number == row and not isnan(one):
                spread = stdev(known) + 1e-4 if scaled else 1
                assert advantage == pytest.approx((one - mean(known)) / spread, abs=1e-5)
            elif number == row:
                assert advantage == 0, "nothing is learnt from an undecided completion"
    assert sorted(map(len, groups)) == [3, 4]
    assert sorted(rewards, key=str) == [0.0] * 4 + [1.0] * 3 + [pytest.approx(float("nan"), nan_ok=True)]


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_a_step_makes_better_completions_likelier(temperature: float, tiny_model: Path, tmp_path: Path) -> None:
    found = drawn(tiny_model, tmp_path, {"learning_rate": 1e-4, "warmup_steps": 0, "temperature": temperature})
    trained = tmp_path / "out" / ".work" / "checkpoints" / "checkpoint-1"
    before, after = (logprobs(folder, found, temperature) for folder in (tiny_model, trained))
    assert float((found["advantages"][:4] * (after - before)[:4]).sum()) > 0


def logprobs(folder: Path, found: dict[str, torch.Tensor], temperature: float) -> torch.Tensor:
    """Return the log-probability of each completion of the first step; its prompts have equal lengths."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32")
    ids = torch.cat([found["prompt_ids"], found["completion_ids"]], dim=1)
    with torch.no_grad():
        logits = model(ids).logits[:, found["prompt_ids"].shape[1] - 1 : -1] / temperature
    chosen = logits.log_softmax(-1).gather(2, found["completion_ids"][:, :, None])[:, :, 0]
    return (chosen * found["completion_mask"]).sum(1)
