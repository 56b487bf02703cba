"""TRL's RewardTrainer, on rows that are written already, with a journal."""

from typing import Any

from torch import Tensor
from trl import RewardTrainer

from student.methods.scoring import Judgement, ScoringTrainer, judge_replies


class OutcomeTrainer(ScoringTrainer, RewardTrainer):
    """Trains on pairs with TRL's loss, or on single replies."""

    def __init__(self, *arguments: Any, single: bool, **named: Any) -> None:
        self.single = single
        super().__init__(*arguments, **named)

    def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
        return dataset

    def items_of(self, batch: dict[str, Tensor]) -> int:
        return len(batch["rows"])

    def judge(self, model: Any, inputs: dict[str, Tensor]) -> Judgement:
        if self.single:
            return judge_replies(model, inputs)
        texts = {name: inputs[name] for name in ("input_ids", "attention_mask")}
        loss, outputs = RewardTrainer.compute_loss(self, model, texts, return_outputs=True)
        better, worse = outputs.logits[:, 0].detach().float().chunk(2)
        mode, count = "train" if model.training else "eval", len(better)
        for name in ("accuracy", "margin"):  # TRL's are means of the batches' means
            self._metrics[mode].pop(name)
        sums = {"right": int((better > worse).sum()), "judged": count}
        return Judgement(loss * count, count, sums | {"margin": float((better - worse).sum()), "pairs": count}, outputs)
