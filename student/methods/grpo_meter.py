"""Adds up what a step of reinforcement learning was trained on, and what was drawn and rewarded for it."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from student.methods import ranks
from student.methods.batches import interleaved
from student.methods.journal import Step

METRICS = {
    "reward": "reward",
    "reward_std": "reward_std",
    "rewards/answer/mean": "reward_answer",
    "rewards/format/mean": "reward_format",
    "rewards/language/mean": "reward_language",
    "rewards/length/mean": "reward_length",
    "completions/mean_length": "completion_length",
    "completions/clipped_ratio": "truncated",
    "no_signal": "no_signal",
    "unknown": "unknown",
    "entropy": "entropy",
    "kl": "kl",
    "clip_ratio/region_mean": "clipped",
    "generation_s": "generation_s",
    "judging_s": "judging_s",
    "judging_wait_s": "judging_wait_s",
}
"""Columns of the training log, by the trainer's name of what they hold. What is drawn for several steps stands in the
first of them."""

DIGITS = 6
"""Decimals of a reward, which is added up in single precision."""


@dataclass
class GrpoMeter:
    """Adds up the micro-batches of the step at hand in this process."""

    batches: list[list[int]] = field(default_factory=list)
    """Numbers of the prompts, one for each completion, by micro-batch."""
    rewards: list[list[float | None]] = field(default_factory=list)
    loss: float = 0.0
    tokens: int = 0
    supervised: int = 0
    total: int = 0
    """Tokens of all steps of all processes so far, those of earlier attempts included."""
    since: float = 0.0
    recent: list[Step] = field(default_factory=list)
    """Steps since the last log."""
    measured: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """What the trainer has measured since its last log, a list for each name."""
    read: dict[str, int] = field(default_factory=dict)
    """How much of each list earlier steps have taken."""

    def add(self, inputs: Mapping[str, Any]) -> None:
        self.batches.append(inputs["rows"].tolist())
        self.rewards.append(
            [None if math.isnan(reward) else round(reward, DIGITS) for reward in inputs["rewards"].tolist()]
        )
        completions = int(inputs["completion_mask"].sum())
        self.supervised += completions
        self.tokens += int(inputs["prompt_mask"].sum()) + completions

    def take(self, step: int, copies: int) -> Step:
        """Return the finished step of all processes, and start the next one. All processes call it together."""
        parts = ranks.gathered((self.loss, self.batches, self.rewards, self.tokens, self.supervised))
        losses, batches, rewards, tokens, supervised = zip(*parts, strict=True)
        now = time.monotonic()
        done = Step(
            step,
            interleaved(batches),
            sum(losses) / len(losses),
            sum(tokens),
            sum(supervised),
            round(now - self.since, 4),
            rewards=interleaved(rewards),
            metrics=self.new_metrics(),
        )
        self.batches, self.rewards, self.loss, self.tokens, self.supervised, self.since = [], [], 0.0, 0, 0, now
        self.total += done.tokens
        self.recent.append(done)
        return done

    def new_metrics(self) -> dict[str, float]:
        """Return the mean of what was measured for each column since the step before."""
        found = {}
        for name, column in METRICS.items():
            values = list(self.measured.get(name, ()))
            new = [value for value in values[self.read.get(name, 0) :] if not math.isnan(value)]
            self.read[name] = len(values)
            if new:
                found[column] = sum(new) / len(new)
        return found

    def since_last_log(self) -> list[Step]:
        """Return the steps since the last call. The trainer forgets what it measured when it logs."""
        recent, self.recent, self.read = self.recent, [], {}
        return recent
