"""Trains process reward models by TRL's convention: two labels at the separator behind each step, label 1 for right.

TRL's own trainer (`trl/experimental/prm/prm_trainer.py`, arXiv 2211.14275) is gone from TRL 1.16. Its loss was the
cross-entropy with whole labels; here a label may also be a share, as of rollouts that reached the reference. As there,
`train_on_last_step_only` is about training: held-out solutions are judged at every labelled step.
"""

from typing import Any

import torch
from peft import get_peft_model
from torch import Tensor
from trl.trainer.utils import disable_dropout_in_model

from student.methods.process_config import ProcessRewardConfig
from student.methods.scoring import Judgement, ScoringTrainer


class StepTrainer(ScoringTrainer):
    """Trains on solutions. Steps whose target is NaN have no loss."""

    args: ProcessRewardConfig

    def __init__(self, *arguments: Any, model: Any, args: Any, peft_config: Any = None, **named: Any) -> None:
        if peft_config is not None:
            model = get_peft_model(model, peft_config)
            if args.gradient_checkpointing:
                model.enable_input_require_grads()
        if args.disable_dropout:
            disable_dropout_in_model(model)
        super().__init__(*arguments, model=model, args=args, **named)

    def items_of(self, batch: dict[str, Tensor]) -> int:
        return int(self.learnt(batch).sum())

    def learnt(self, batch: dict[str, Tensor]) -> Tensor:
        """Return a mask of the steps that have a loss."""
        labelled = ~batch["targets"].isnan()
        if not self.args.train_on_last_step_only:
            return labelled
        last = torch.zeros_like(labelled)
        for text in batch["of_text"][labelled].unique():
            last[torch.nonzero(labelled & (batch["of_text"] == text))[-1]] = True
        return last

    def judge(self, model: Any, inputs: dict[str, Tensor]) -> Judgement:
        outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False)
        logprobs = outputs.logits[inputs["of_text"], inputs["at"]].float().log_softmax(-1)
        targets = inputs["targets"]
        learnt = self.learnt(inputs) if model.training else ~targets.isnan()
        wanted = targets[learnt]
        loss = -(wanted * logprobs[learnt, 1] + (1 - wanted) * logprobs[learnt, 0]).sum()
        says_right = logprobs[:, 1] > logprobs[:, 0]
        right = int((says_right[learnt] == (wanted > 0.5)).sum())
        sums = first_errors(inputs["of_text"], targets, says_right)
        return Judgement(loss, int(learnt.sum()), {"right": right, "judged": int(learnt.sum()), **sums}, outputs)


def first_errors(of_text: Tensor, targets: Tensor, says_right: Tensor) -> dict[str, float]:
    """Count the solutions whose first wrong step is known, or that have none, and those of which the model finds just
    that (as ProcessBench counts, arXiv 2412.06559). What stands before the first wrong step must be labelled."""
    solutions = found = 0
    for text in of_text.unique():
        own = of_text == text
        labels, said = targets[own].tolist(), says_right[own].tolist()
        first = next((at for at, label in enumerate(labels) if not label > 0.5), None)
        if first is not None and labels[first] != labels[first]:  # NaN: nobody knows
            continue
        solutions += 1
        found += first == next((at for at, right in enumerate(said) if not right), None)
    return {"solutions": solutions, "found": found}
