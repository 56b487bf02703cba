"""TRL's on-policy distillation, with a journal of the prompts of each step, and draws that only seed and step decide.

A completion depends on the weights, the stage's seed, the step and the process, and on nothing that came before: a
resumed training draws the same ones, and evaluating more often changes nothing. TRL draws from the global random state.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from student.methods.journal import Journal
from student.methods.journaled import HeldOutLoss, Journaled
from student.methods.order import EpochOrder
from student.methods.output_layer import output_layer
from student.methods.speed import Work, speed
from student.methods.trainer import Meter
from student.methods.without_vllm import without_vllm

with without_vllm():
    from trl import DistillationTrainer
    from trl.trainer.distillation_trainer import _chunked_divergence_loss

DRAWN = "completions/mean_length"
CUT = "completions/clipped_ratio"


class RepeatedOrder(EpochOrder):
    """Yields whole batches of prompts, each as often as the trainer reads it: once for every micro-batch of a step,
    because it draws the completions of all micro-batches together (TRL's RepeatSampler, in any epoch the same)."""

    def __init__(self, rows: int, batch: int, repeats: int, seed: int | None) -> None:
        super().__init__(rows, rows - rows % batch, 0, seed)
        self.batch, self.repeats = batch, repeats

    def __iter__(self) -> Iterator[int]:
        numbers = list(super().__iter__())
        for start in range(0, self.taken, self.batch):
            for _ in range(self.repeats):
                yield from numbers[start : start + self.batch]

    def __len__(self) -> int:
        return self.taken * self.repeats


class OnPolicyTrainer(Journaled, HeldOutLoss, DistillationTrainer):
    """Trains on prompts that carry their numbers.

    The dataset has the columns `prompt`, token ids, and `row`. The loss compares the rows of both output layers that
    belong to tokens. The held-out loss is the mean over all tokens of the completions that are drawn for the held-out
    prompts, the same draws at every evaluation but for what the weights change.
    """

    meter: Meter

    def __init__(
        self,
        journal: Journal,
        meter: Meter,
        order: EpochOrder,
        work: Work | None,
        teacher: Any,
        tokens: int,
        **arguments: Any,
    ) -> None:
        """`teacher` is a model, or None where a subclass asks one; `tokens` is the number of ids that have a token."""
        super().__init__(**arguments)
        self.journal, self.meter, self.order, self.work, self.tokens = journal, meter, order, work, tokens
        if teacher is not None:  # TRL's own way compares the padded sizes of both vocabularies
            self.teacher_model = self.accelerator.prepare_model(teacher, evaluation_mode=True)

    @property
    def in_training(self) -> bool:
        """True while it trains, False while it evaluates."""
        model: Any = self.model
        return bool(model.training)

    def _tokenize_prompts(self, prompts: list[Any]) -> Any:
        return prompts, None, {}  # rendered already, as they are at inference

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        rows = torch.tensor([one["row"] for one in inputs], device=self.accelerator.device)
        step = self.state.global_step if self.in_training else f"held out {rows[0]}"
        with drawn_with(self.args.seed, step, self.accelerator.process_index):
            return super()._generate_and_score_completions(inputs) | {"rows": rows}

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        if self._step % self.args.gradient_accumulation_steps or not self.in_training:
            inputs = super()._prepare_inputs(generation_batch)
        else:  # the micro-batches are shuffled here, right after the draws
            with drawn_with(self.args.seed, f"order {self.state.global_step}", self.accelerator.process_index):
                inputs = super()._prepare_inputs(generation_batch)
        if self.in_training:
            self.count(inputs)
        return inputs

    def count(self, inputs: dict[str, torch.Tensor]) -> None:
        """Count a micro-batch for the journal."""
        lengths = inputs["prompt_mask"].sum(1) + inputs["completion_mask"].sum(1)
        self.meter.batches.append(inputs["rows"].tolist())
        self.meter.tokens += int(lengths.sum())
        self.meter.keys += int((lengths * (lengths + 1) // 2).sum())
        self.meter.supervised += int(inputs["completion_mask"].sum())

    def training_step(self, *arguments: Any, **named: Any) -> torch.Tensor:
        loss: torch.Tensor = super().training_step(*arguments, **named)
        self.meter.loss += float(loss)
        return loss

    def _compute_loss(self, unwrapped_student: Any, inputs: dict[str, Any], num_items_in_batch: Any) -> Any:
        ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], dim=1)
        mask = torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], dim=1)
        drawn = inputs["completion_mask"].bool()
        hidden = self._get_last_hidden_state(unwrapped_student, ids, mask, drawn.size(1))[drawn]
        self.teacher_model.eval()
        teacher = self.accelerator.unwrap_model(self.teacher_model)
        with torch.no_grad():
            taught = self._get_last_hidden_state(teacher, ids, mask, drawn.size(1))[drawn]
        own, other = output_layer(unwrapped_student, self.tokens), output_layer(teacher, self.tokens)
        loss, entropy, count = _chunked_divergence_loss(
            hidden[None],
            taught[None],
            own.weight,
            other.weight,
            torch.ones_like(hidden[None, :, 0]),
            self.beta,
            num_items_in_batch=num_items_in_batch,
            student_lm_head_bias=own.bias,
            teacher_lm_head_bias=other.bias,
            student_logit_scale=own.scale,
            teacher_logit_scale=other.scale,
            student_final_logit_softcapping=own.softcap,
            teacher_final_logit_softcapping=other.softcap,
            temperature=self.temperature,
        )
        return loss, entropy.detach(), count

    def compute_loss(self, model: Any, inputs: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        loss = super().compute_loss(model, inputs, *arguments, **named)
        if not self.in_training:
            drawn = int(inputs["completion_mask"].sum())
            self.held_out = [self.held_out[0] + float(loss) * drawn, self.held_out[1] + drawn]
        return loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        metrics = self._metrics["train" if self.in_training else "eval"]
        prefix = "" if self.in_training else "eval_"
        for name, key in (("completion_length", DRAWN), ("truncated", CUT)):
            if metrics.get(key):
                logs[prefix + name] = sum(metrics[key]) / len(metrics[key])
        if "loss" in logs:
            logs |= speed(*self.meter.since_last_log(), self.work, self.args.world_size)
            metrics["num_tokens"] = [self.meter.total]  # TRL's starts at 0 in every attempt
        super().log(logs, start_time)


@contextmanager
def drawn_with(*what: Any) -> Iterator[None]:
    """Let torch draw from a random state that `what` decides, and take up its own again afterwards."""
    seed = int(hashlib.sha256(repr(what).encode()).hexdigest()[:15], 16)
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield
