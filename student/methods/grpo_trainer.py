"""TRL's GRPOTrainer, whose rewards are verdicts that are reached while completions are drawn, with a journal of what
each step was trained on, and with its drawn completions in every checkpoint."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerState

from records.clean import clean_text
from records.errors import InputError
from records.rendering import Renderer
from records.rows import CUT_OFF, FINISHED, Trace
from records.thinking import prefilled, split_reasoning
from student.data.asked import AskedProblem
from student.methods import ranks
from student.methods.checkpoints import STATE
from student.methods.drawing import watching
from student.methods.group_order import GroupOrder
from student.methods.grpo_meter import GrpoMeter
from student.methods.head import labels_only
from student.methods.held_out import accuracy, batches, filled_share, own_draws
from student.methods.journal import Journal
from student.methods.journaled import Journaled
from student.methods.reward_queue import RewardQueue
from student.methods.rewards import PARTS, Judged, rewards_of
from student.methods.speed import speed
from student.methods.without_vllm import without_vllm

with without_vllm():
    from trl import GRPOTrainer


class RewardedTrainer(Journaled, GRPOTrainer):
    """Trains on completions of its own, rewarded by a judge."""

    model: Any
    args: Any
    num_generations: int
    max_completion_length: int

    def __init__(
        self,
        journal: Journal,
        meter: GrpoMeter,
        order: GroupOrder,
        queue: RewardQueue,
        prompts: Sequence[AskedProblem],
        held_out: Sequence[AskedProblem],
        thinks: bool,
        weights: dict[str, float],
        **arguments: Any,
    ) -> None:
        """The rows of the training set are numbers in `prompts`. `thinks` is True if a completion must hold a closed
        reasoning. `weights` are those of the reward's parts."""
        parts: list[Any] = [PARTS[name] for name in weights]
        super().__init__(reward_funcs=parts, **arguments)
        self.reward_func_names = list(weights)
        self.journal, self.meter, self.order, self.queue = journal, meter, order, queue
        self.prompts, self.held_out, self.thinks = prompts, held_out, thinks
        self.renderer = Renderer(self._tokenizer, "think", thinks)
        self.meter.measured = self._metrics["train"]
        self.asked: Sequence[AskedProblem] = []
        """The prompts that are being answered."""
        self.traces: dict[int, Trace] = {}
        """The completions of `asked` that are with the judge, by their place."""
        self.drawn: torch.Tensor | None = None
        """The rewards of this process's last completions, NaN for those without one."""
        self.resumed_at = -1
        """The step of the checkpoint that this training continues."""

    # Order and rendering are Retort's.

    def _tokenize_prompts(self, prompts: list[Any]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [one.input_ids for one in self.asked], None, {}

    def _get_per_token_logps_and_entropies(self, *arguments: Any, **named: Any) -> Any:
        with labels_only():
            return super()._get_per_token_logps_and_entropies(*arguments, **named)

    # Completions are judged as soon as they end.

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self.asked = [self.prompts[row["row"]] for row in inputs]
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        assert self.drawn is not None
        return output | {"rows": torch.tensor([row["row"] for row in inputs]), "rewards": self.drawn}

    def _generate(self, prompts: list[Any]) -> Any:
        started = time.monotonic()
        self.queue.expect(len(self.asked))
        found = super()._generate(prompts)
        for place, tokens in enumerate(found[1]):
            if place not in self.traces:
                self.submit(place, tokens)
        self._metrics[self.mode]["generation_s"].append(time.monotonic() - started)
        return found

    def _generate_single_turn(self, *arguments: Any, **named: Any) -> Any:
        if self.use_vllm or self.use_transformers_continuous_batching:
            return super()._generate_single_turn(*arguments, **named)
        with watching(self.model, self.eos_token_ids, self.submit):
            return super()._generate_single_turn(*arguments, **named)

    @property
    def mode(self) -> str:
        return "train" if self.model.training else "eval"

    def submit(self, place: int, tokens: list[int]) -> None:
        """Hand a completion to the judge."""
        text = text_of(tokens, self.renderer, self.eos_token_ids)
        self.traces[place] = self.trace_of(self.asked[place], place, tokens, text)
        self.queue.submit(place, self.traces[place])

    def trace_of(self, prompt: AskedProblem, place: int, tokens: list[int], text: str) -> Trace:
        problem = prompt.problem
        reasoning, answer, closed = split_reasoning(
            clean_text(prefilled(prompt.text) + text), self.thinks and not prompt.no_think
        )
        return Trace(
            problem_id=problem.id,
            attempt=0,
            sample_index=place,
            prompt=problem.prompt,
            reference=problem.reference,
            verifier=problem.verifier,
            source=problem.source,
            extra=problem.extra,
            reasoning=reasoning,
            answer=answer,
            closed=closed,
            finish_reason=FINISHED if tokens and tokens[-1] in self.eos_token_ids else CUT_OFF,
            prompt_tokens=len(prompt.input_ids),
            completion_tokens=len(tokens),
            seed=self.args.seed,
            teacher="student",
            request_fingerprint="",
        )

    def judged(self) -> list[Judged]:
        """Wait for the verdicts on all completions of `asked`, and return them in their order."""
        verdicts, traces, self.traces = self.queue.collect(), self.traces, {}
        judged_s, waited_s = self.queue.seconds()
        self._metrics[self.mode]["judging_s"].append(judged_s)
        self._metrics[self.mode]["judging_wait_s"].append(waited_s)
        return [Judged(traces[at], verdicts[at], self.max_completion_length) for at in range(len(self.asked))]

    def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any) -> Any:
        # TRL takes NaN for a part without a value. Where all are, the completion is left out of its group's mean and
        # its advantage is 0 (GRPOTrainer._generate_and_score_completions, `unscorable_mask`).
        names = self.reward_func_names
        unknown = [float("nan")] * len(names)
        found = [rewards_of(judged, names) or unknown for judged in self.judged()]
        parts = torch.tensor(found, dtype=torch.float32, device=self.accelerator.device)
        weights = self.reward_weights.to(parts.device)
        self.drawn = (parts * weights).sum(dim=1)
        everywhere: torch.Tensor = self.accelerator.gather(parts)
        groups = (everywhere * weights).sum(dim=1).view(-1, self.num_generations)
        self._metrics[self.mode]["no_signal"].append(without_signal(groups))
        self._metrics[self.mode]["unknown"].append(float(groups.isnan().float().mean()))
        return everywhere

    def compute_loss(self, model: Any, inputs: Any, *arguments: Any, **named: Any) -> Any:
        self.meter.add(inputs)
        return super().compute_loss(model, inputs, *arguments, **named)

    def training_step(self, *arguments: Any, **named: Any) -> torch.Tensor:
        loss: torch.Tensor = super().training_step(*arguments, **named)
        self.meter.loss += float(loss)
        return loss

    # Held-out problems are answered once each.

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Return the share of the held-out problems that the student solves, answering as in training."""
        if self.state.global_step == self.resumed_at:
            return {}  # the checkpoint's own log has it
        self.model.eval()
        mine, filling = filled_share(self.held_out, ranks.rank(), ranks.count())
        solved: list[bool | None] = []
        with own_draws(self.args.seed + ranks.rank()), torch.no_grad():
            for batch in batches(mine, self.args.per_device_eval_batch_size):
                self.asked = batch
                self._generate([one.text for one in batch])
                solved += [None if one.is_unknown else PARTS["answer"](one) == 1 for one in self.judged()]
        share = accuracy(solved[: len(solved) - filling])
        metrics = {} if share is None else {"eval_accuracy": share}
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        self.model.train()
        return metrics

    # An interrupted training continues with the completions that it had drawn.

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        if "loss" in logs:
            logs |= speed(self.meter.since_last_log(), 0, None)
            self._metrics["train"]["num_tokens"] = [self.meter.total]  # TRL's starts at 0 in every attempt
        super().log(logs, start_time)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        again = self._step % (self.args.steps_per_generation * self.num_iterations)
        completions = self._buffered_inputs if again else None
        drawn = {"step": self._step, "processes": ranks.count(), "completions": completions}
        checkpoint = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        torch.save(drawn, checkpoint / drawn_file(ranks.rank()))
        ranks.gathered(None)  # every process has written its part

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint is None:
            return
        self.resumed_at = TrainerState.load_from_json(str(Path(checkpoint) / STATE)).global_step
        drawn = self.read_drawn(Path(checkpoint), 0)
        if drawn["completions"] is None:  # the next step draws, in any number of processes
            self._step = 0
            return
        if drawn["processes"] != ranks.count():
            raise InputError(
                f"{checkpoint}: each of {drawn['processes']} processes still has completions in it to train on, and "
                f"now there are {ranks.count()}; set launch as it was, or delete it to continue from the checkpoint "
                "before it"
            )
        drawn = self.read_drawn(Path(checkpoint), ranks.rank())
        self._step, self._buffered_inputs = drawn["step"], drawn["completions"]

    def read_drawn(self, checkpoint: Path, rank: int) -> dict[str, Any]:
        return dict(torch.load(checkpoint / drawn_file(rank), map_location=self.accelerator.device, weights_only=True))


def text_of(tokens: list[int], renderer: Renderer, ends: Sequence[int]) -> str:
    """Return the text of a completion without the token that ended it, as engines give it."""
    return renderer.decode(tokens[:-1] if tokens and tokens[-1] in ends else tokens)


def drawn_file(rank: int) -> str:
    """Return the name of the file in a checkpoint with the completions that a process has still to train on."""
    return f"completions-{rank}.pt"


def without_signal(groups: torch.Tensor) -> float:
    """Return the share of groups whose rewards do not differ, so that nothing is learnt from them. `groups` has a row
    for each, NaN for completions without a reward."""
    known = ~groups.isnan()
    highest = groups.masked_fill(~known, -torch.inf).amax(dim=1)
    lowest = groups.masked_fill(~known, torch.inf).amin(dim=1)
    return float((highest - lowest <= SAME).float().mean())


SAME = 1e-6
"""Rewards that differ by less are the same: their parts are added up in single precision."""
