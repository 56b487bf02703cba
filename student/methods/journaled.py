"""What the trainers of all methods do alike around TRL's and transformers' own: order, journal, held-out loss.

They stand before the library's trainer among the bases: `class OurTrainer(Journaled, HeldOutLoss, SFTTrainer)`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import Trainer

from student.methods import ranks
from student.methods.group_order import GroupOrder
from student.methods.journal import Journal
from student.methods.order import EpochOrder


class Journaled(Trainer):
    """Reads rows in an order of ours, evaluates all that are held out, and has the journal on the disk before a
    checkpoint, which must not outlive it."""

    journal: Journal
    meter: Any
    """What adds up a step, with the tokens of all attempts in `total`."""
    order: EpochOrder | GroupOrder

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return self.order

    def _run_epoch(self, *arguments: Any, **named: Any) -> None:
        # Behind the samplers of several processes, accelerate and transformers do not reach ours in a resumed epoch.
        self.order.epoch = named["epoch"]
        super()._run_epoch(*arguments, **named)

    def get_eval_dataloader(self, *arguments: Any, **named: Any) -> Any:
        """Evaluate on all rows held out: `dataloader_drop_last` is said of a training's batches, and would leave none
        of fewer rows than a batch."""
        drops, self.args.dataloader_drop_last = self.args.dataloader_drop_last, False
        try:
            return super().get_eval_dataloader(*arguments, **named)
        finally:
            self.args.dataloader_drop_last = drops

    def count_tokens_before(self, journal: Journal) -> None:
        """Start the token count where an earlier attempt ended."""
        self.meter.total = sum(step.tokens for step in journal.steps())

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        if ranks.is_first():
            self.journal.sync()
        # transformers would remove older ones before this one is whole, and with them the best so far of the one that
        # a killed training continues from. `KeepJournal` removes them afterwards.
        limit, self.args.save_total_limit = self.args.save_total_limit, None
        try:
            super()._save_checkpoint(model, trial)
        finally:
            self.args.save_total_limit = limit
        ranks.gathered(None)  # every process has written its part

    def _load_from_checkpoint(self, *arguments: Any, **named: Any) -> None:
        with keeping_types(self.model):
            super()._load_from_checkpoint(*arguments, **named)

    def _load_best_model(self) -> None:
        with keeping_types(self.model):
            super()._load_best_model()


@contextmanager
def keeping_types(model: Any) -> Iterator[None]:
    """Give parameters the types again that they had. TRL trains adapters on a 4-bit base in bfloat16, and peft reads
    those of a checkpoint as float32: a resumed training would go on with other gradients, and take more memory."""
    before = {name: weight.dtype for name, weight in model.named_parameters()}
    yield
    for name, weight in model.named_parameters():
        if weight.dtype != before.get(name, weight.dtype):
            weight.data = weight.data.to(before[name])


class HeldOutLoss(Trainer):
    """Makes the held-out loss the mean over all tokens that count, as the training's is. TRL's is a mean of the
    batches' means, which the size of a batch and the number of processes would change."""

    held_out: list[float]
    """The sum of the evaluated tokens' losses in this process, and their number."""

    def evaluation_loop(self, *arguments: Any, **named: Any) -> Any:
        self.held_out = [0.0, 0]
        output: Any = super().evaluation_loop(*arguments, **named)
        sums, counts = zip(*ranks.gathered(self.held_out), strict=True)
        output.metrics[f"{named['metric_key_prefix']}_loss"] = sum(sums) / sum(counts)
        return output
