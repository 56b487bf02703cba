"""What a finished training counts."""

from typing import Any

import torch
from transformers import TrainerState

from configs.training import Training
from records.training_counts import CPU, TrainingCounts
from student.data.mixing import Mix
from student.data.prompt_rows import PromptRows
from student.methods.journal import Step


def counts_of(
    config: Training,
    arguments: Any,
    rows: Mix,
    steps: list[Step],
    state: TrainerState,
    trained: Any,
    trainable: int,
    cpu: bool,
) -> TrainingCounts:
    """Return the counts. `arguments` are TRL's, `trained` is the model that was saved, `trainable` the number of its
    parameters that were trained, `cpu` is True if no GPU took part."""
    return TrainingCounts(
        rows=rows.trained_rows,
        dropped=rows.dropped,
        held_out_rows=sum(len(one) for one in rows.held_out),
        packs=len(rows.train) if arguments.packing else None,
        best_step=best_step(state, arguments),
        trainable_parameters=trainable,
        **counted(config, steps, state, best_step(state, arguments), trained, cpu),
    )


def counted(
    config: Training, steps: list[Step], state: TrainerState, best: int | None, trained: Any, cpu: bool
) -> dict[str, Any]:
    """Return the counts that all methods have in common; `best` is `best_step`."""
    return {
        "steps": state.global_step,
        "loss": round(sum(step.loss for step in steps) / len(steps), 5),
        "held_out_loss": held_out(state, "eval_loss", best),
        "tokens": sum(step.tokens for step in steps),
        "supervised_tokens": sum(step.supervised for step in steps),
        "parameters": sum(weight.numel() for weight in trained.parameters()),
        "dtype": str(trained.dtype).removeprefix("torch."),
        "device": CPU if cpu else torch.cuda.get_device_name(),
        "merged_onto": merged_onto(config),
        "trainer_s": round(sum(step.seconds for step in steps), 3),
    }


def distill_counts(
    config: Training,
    rows: PromptRows,
    steps: list[Step],
    state: TrainerState,
    trained: Any,
    trainable: int,
    cpu: bool,
) -> TrainingCounts:
    """Return the counts of a training on the student's own completions; what they mean is as in `counts_of`."""
    return TrainingCounts(
        rows=len(rows.train),
        dropped=rows.dropped,
        held_out_rows=len(rows.held_out),
        packs=None,
        best_step=None,
        trainable_parameters=trainable,
        **counted(config, steps, state, None, trained, cpu),
    )


def merged_onto(config: Training) -> str | None:
    """Return the weights onto which adapters are merged; None if all weights are trained."""
    if config.lora is None:
        return None
    return "dequantized nf4 base" if config.quantize else "base"


def best_step(state: TrainerState, arguments: Any) -> int | None:
    """Return the step whose weights are saved because they are the best; None if the last ones are. transformers keeps
    a best step also where it only logs a metric, or lowers the learning rate by it."""
    return state.best_global_step if arguments.load_best_model_at_end else None


def held_out(state: TrainerState, name: str, best: int | None) -> float | None:
    """Return a held-out metric of the saved weights: of the best step, or of the last evaluation."""
    found = {entry["step"]: entry[name] for entry in state.log_history if name in entry}
    return round(found[max(found) if best is None else best], 5) if found else None
