"""What a step of reinforcement learning adds up to, from its micro-batches and from what the trainer measured."""

import time

import pytest
import torch

from student.methods.grpo_meter import GrpoMeter

NAN = float("nan")


def batch(rows: list[int], rewards: list[float], prompts: int, completions: int) -> dict[str, torch.Tensor]:
    """A micro-batch of so many tokens of prompts and completions."""
    return {
        "rows": torch.tensor(rows),
        "rewards": torch.tensor(rewards),
        "prompt_mask": torch.ones(prompts),
        "completion_mask": torch.ones(completions),
    }


def test_a_step_adds_up_its_micro_batches_and_the_next_one_starts_anew() -> None:
    meter = GrpoMeter(since=time.monotonic() - 5)
    meter.add(batch([3, 3], [1.0, NAN], prompts=4, completions=7))
    meter.add(batch([5, 5], [0.1, -0.2], prompts=6, completions=2))
    meter.loss += 0.5
    first = meter.take(1, copies=1)
    assert (first.step, first.rows, first.loss) == (1, [3, 3, 5, 5], 0.5)
    assert (first.tokens, first.supervised) == (4 + 7 + 6 + 2, 7 + 2)
    assert first.rewards == [1.0, None, 0.1, -0.2], "in double precision, without the noise of single"
    assert first.seconds == pytest.approx(5, abs=0.5)
    meter.add(batch([7], [0.0], prompts=1, completions=1))
    second = meter.take(2, copies=1)
    assert (second.rows, second.loss, second.tokens, second.supervised) == ([7], 0.0, 2, 1)
    assert second.seconds < 0.5
    assert meter.total == first.tokens + second.tokens
    assert meter.since_last_log() == [first, second]
    assert meter.since_last_log() == []


def test_a_step_has_the_mean_of_what_was_measured_since_the_one_before() -> None:
    measured = {"reward": [1.0, 2.0], "kl": [NAN, 4.0], "entropy": [NAN], "other": [9.0]}
    meter = GrpoMeter(measured=measured)
    assert meter.new_metrics() == {"reward": 1.5, "kl": 4.0}
    measured["reward"] += [5.0]
    assert meter.new_metrics() == {"reward": 5.0}
    assert meter.new_metrics() == {}
    for values in measured.values():
        values.clear()  # the trainer forgets what it has logged
    measured["reward"] += [7.0]
    meter.since_last_log()
    assert meter.new_metrics() == {"reward": 7.0}
