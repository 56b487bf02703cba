"""What the trainers of reward models share: batches, the journal, and metrics over rows rather than over batches."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from student.methods.journal import Journal
from student.methods.journaled import Journaled
from student.methods.order import EpochOrder
from student.methods.speed import Work, speed
from student.methods.trainer import Meter

METRICS = {
    "judged_right": ("right", "judged"),
    "margin": ("margin", "pairs"),
    "first_errors_found": ("found", "solutions"),
}
"""What is logged beside the loss: a sum divided by another."""


@dataclass(frozen=True)
class Judgement:
    """What a model says of a batch."""

    loss: Tensor
    """Sum over the items, with its gradient."""
    items: int
    """Pairs, replies or labelled steps."""
    sums: dict[str, float]
    """What METRICS are computed from."""
    outputs: Any


class Collator:
    """Pads the texts of some rows on the right: behind the last token of a causal model nothing is read."""

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        """Return `input_ids` and `attention_mask`, [texts, length], of pairs first all better replies and then all
        worse ones (TRL's DataCollatorForPreference); `rows`, [rows]; and of each score that is read the number of its
        text, its position and its target, [scores] each. The position of a whole text's score is -1."""
        texts = [
            (ids, at, targets)
            for place in range(len(examples[0]["input_ids"]))
            for one in examples
            for ids, at, targets in [(one["input_ids"][place], one["at"][place], one["targets"][place])]
        ]
        longest = max(len(ids) for ids, *_ in texts)
        ids = torch.full((len(texts), longest), self.pad)
        mask = torch.zeros_like(ids)
        for number, (one, *_) in enumerate(texts):
            ids[number, : len(one)], mask[number, : len(one)] = torch.as_tensor(one), 1
        scores = [
            (number, int(at[place]) if len(at) else -1, float(target))
            for number, (_, at, targets) in enumerate(texts)
            for place, target in enumerate(targets)
        ]
        return {
            "input_ids": ids,
            "attention_mask": mask,
            "rows": torch.tensor([int(one["row"]) for one in examples]),
            "of_text": torch.tensor([number for number, *_ in scores]),
            "at": torch.tensor([at for _, at, _ in scores]),
            "targets": torch.tensor([target for *_, target in scores]),
        }


class ScoringTrainer(Journaled, ABC):
    """Trains on batches of `Collator`, in one process. A subclass says how a batch is judged.

    The loss of a step is the mean over its items, whatever micro-batches they come in.
    """

    meter: Meter

    def __init__(self, journal: Journal, meter: Meter, order: EpochOrder, work: Work | None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.journal, self.meter, self.order, self.work = journal, meter, order, work
        self.loss_is_scaled_for_ga = True
        self.can_return_loss, self.label_names = True, []
        self.sums: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
        """In training, and in evaluation."""

    @abstractmethod
    def items_of(self, batch: dict[str, Tensor]) -> int:
        """Return the number of items that the loss of a batch is summed over."""

    @abstractmethod
    def judge(self, model: Any, inputs: dict[str, Tensor]) -> Judgement:
        """Return what the model says of a batch."""

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: torch.device) -> int:
        return sum(self.items_of(batch) for batch in batch_samples)

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        found, sums = self.judge(model, inputs), self.sums[model.training]
        sums.update(found.sums)
        sums.update({"loss": float(found.loss.detach()), "items": found.items})
        loss = found.loss / max(1, num_items_in_batch or found.items)
        return (loss, found.outputs) if return_outputs else loss

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Tensor:
        lengths = inputs["attention_mask"].sum(1)
        self.meter.batches.append(inputs["rows"].tolist())
        self.meter.tokens += int(lengths.sum())
        self.meter.keys += int((lengths * (lengths + 1) // 2).sum())
        self.meter.supervised += int((~inputs["targets"].isnan()).sum())
        loss = super().training_step(model, inputs, num_items_in_batch)
        self.meter.loss += float(loss)
        return loss

    def evaluation_loop(self, *arguments: Any, **named: Any) -> Any:
        self.sums[False].clear()
        output: Any = super().evaluation_loop(*arguments, **named)
        sums, prefix = self.sums[False], named["metric_key_prefix"]
        output.metrics[f"{prefix}_loss"] = sums["loss"] / max(1, sums["items"])
        output.metrics.update({f"{prefix}_{name}": value for name, value in metrics_of(sums).items()})
        return output

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        if "loss" in logs:
            logs |= metrics_of(self.sums[True]) | {"num_tokens": self.meter.total}
            logs |= speed(*self.meter.since_last_log(), self.work, self.args.world_size)
            self.sums[True].clear()
        super().log(logs, start_time)


def metrics_of(sums: Counter[str]) -> dict[str, float]:
    return {name: sums[part] / sums[whole] for name, (part, whole) in METRICS.items() if sums[whole]}


def judge_replies(model: Any, inputs: dict[str, Tensor]) -> Judgement:
    """Judge single replies: the cross-entropy of the score's sigmoid with whether each was accepted."""
    outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False)
    scores, targets = outputs.logits[:, 0].float(), inputs["targets"]
    loss = binary_cross_entropy_with_logits(scores, targets, reduction="sum")
    right = int(((scores > 0) == (targets > 0.5)).sum())
    return Judgement(loss, len(targets), {"right": right, "judged": len(targets)}, outputs)
