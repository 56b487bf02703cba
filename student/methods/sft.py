"""Supervised fine-tuning with TRL. It takes a model and datasets, writes a model directory, and can resume."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import EarlyStoppingCallback, TrainerState

from configs.training import Training
from records.errors import InputError
from records.files import WORK
from records.training_counts import CPU, TrainingCounts
from student.cost.estimating import flops_of
from student.data.mixing import Mix, Part, mix
from student.data.reasoning import Reasoning
from student.data.rendering import RowRenderer
from student.data.special_tokens import align_special_tokens
from student.data.student_files import StudentOrigin, embedding_rows
from student.methods.adapters import check_targets, load_base, lora_config, merged
from student.methods.checkpoints import STATE, best_of, is_last, newest_checkpoint, step_of
from student.methods.device import Device, on_cpu
from student.methods.events import WriteEvents
from student.methods.journal import Journal, write_ledger
from student.methods.saving import fitting, saving, size_of
from student.methods.settings import check_packing, sft_config
from student.methods.speed import work_on_gpu
from student.methods.tracking import ReportProgress, write_log
from student.methods.trainer import JournaledTrainer, KeepJournal, Meter


def train(
    folder: Path,
    config: Training,
    base: StudentOrigin,
    parts: Sequence[Part],
    progress: Callable[..., None],
    *,
    reasoning: Reasoning = "visible",
    dtype: str = "auto",
    device: Device = "auto",
) -> TrainingCounts:
    """Fine-tune a model, and write its weights, tokenizer and generation config into `folder`.

    `parts` are the datasets to mix; rows over `config.max_length` tokens and those with any other fault
    (`student.data.faults`) are left out. `reasoning` says which rows are trained without theirs. The weights are saved
    in `dtype`; `auto` keeps the type that they were trained in. `progress` is called with the steps done, all steps,
    and metrics. Beside the weights there are the folder `training`, with the ledger of the rows in the order in which
    they were trained on and curves, and with adapters the folder `adapter`. An interrupted training continues from the
    newest whole checkpoint in `folder/.work`, and ends as an uninterrupted one: the same weights, the same ledger.
    `.work` stays until the artifact is complete.

    Errors: InputError if more rows are left out than `config.drop_at_most` allows, if the loss is not finite, and
    for what `check_settings` and the checks of the model find.
    """
    # Load model and tokenizer, and make them agree on the token that ends a turn.
    check_packing(config, "training")
    cpu = on_cpu(device, config, size_of(base.path, base.revision), progress)
    tokenizer = base.tokenizer()
    model = load_base(config, base, cpu)
    if config.lora is not None:
        check_targets(model, config)
    align_special_tokens(model, tokenizer)
    if tokenizer.eos_token_id is None:
        raise InputError(f"{base.path}: its tokenizer has no stop token (eos); choose another base")

    # Render the rows, leave out those that would train a broken student, and mix the others.
    work = folder / WORK
    checkpoints = work / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    arguments = sft_config(config, checkpoints, cpu)
    packing = (arguments.packing, arguments.packing if arguments.eval_packing is None else arguments.eval_packing)
    renderer = RowRenderer(tokenizer, reasoning, embedding_rows(model.config))
    rows = mix(parts, config, packing, renderer, work / "cache")
    progress(0, len(rows.train), note=describe(rows))

    # Train, continuing from the newest whole checkpoint of an interrupted run.
    journal, meter = Journal(work), Meter()
    callbacks: list[Any] = [KeepJournal(journal, meter), ReportProgress(progress), WriteEvents(folder)]
    with saving(folder):
        trainer = JournaledTrainer(
            journal,
            meter,
            work_on_gpu(flops_of(model.config.get_text_config().to_dict(), config)),
            model=model,
            args=arguments,
            train_dataset=rows.dataset(rows.train),
            eval_dataset=rows.dataset(rows.held_out) if rows.held_out else None,
            processing_class=tokenizer,
            peft_config=lora_config(config),
            callbacks=callbacks + ([EarlyStoppingCallback(config.patience)] if config.patience else []),
        )
        tuned: Any = trainer.model
        trainable = sum(weight.numel() for weight in tuned.parameters() if weight.requires_grad)
        checkpoint = newest_checkpoint(checkpoints)
        journal.cut(step_of(checkpoint) if checkpoint else 0)
        with fitting(checkpoint):
            if checkpoint and is_last(checkpoint):
                best = best_of(checkpoint) if arguments.load_best_model_at_end else None
                trainer._load_from_checkpoint(str(best or checkpoint))
                trainer.state = TrainerState.load_from_json(str(checkpoint / STATE))
            else:
                trainer.count_tokens_before(journal)
                trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)

        # Save plain weights: adapters are merged into the weights that they were trained on.
        trained = merged(tuned, config, base, folder, cpu)
        if dtype != "auto":
            trained = trained.to(getattr(torch, dtype))
        check_finite(trained)
        trained.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        steps = list(journal.steps())
        write_ledger(folder, steps, rows.rows)
        write_log(folder, steps, trainer.state.log_history)
    return TrainingCounts(
        rows=rows.trained_rows,
        dropped=rows.dropped,
        held_out_rows=sum(len(one) for one in rows.held_out),
        packs=len(rows.train) if arguments.packing else None,
        steps=trainer.state.global_step,
        best_step=trainer.state.best_global_step if arguments.load_best_model_at_end else None,
        loss=round(sum(step.loss for step in steps) / len(steps), 5),
        held_out_loss=held_out_loss(trainer.state),
        tokens=sum(step.tokens for step in steps),
        supervised_tokens=sum(step.supervised for step in steps),
        parameters=sum(weight.numel() for weight in trained.parameters()),
        trainable_parameters=trainable,
        dtype=str(trained.dtype).removeprefix("torch."),
        device=CPU if cpu else torch.cuda.get_device_name(0),
        merged_onto=("dequantized nf4 base" if config.quantize else "base") if config.lora is not None else None,
        trainer_s=round(sum(step.seconds for step in steps), 3),
    )


def describe(rows: Mix) -> str:
    packs = f" in {len(rows.train)} packs" if len(rows.train) < rows.trained_rows else ""
    apart = f", {sum(len(one) for one in rows.held_out)} held out" if rows.held_out else ""
    left_out = f", {sum(rows.dropped.values()):,} left out {rows.dropped}" if rows.dropped else ""
    return f"{rows.trained_rows:,} rows to train on{packs}{apart}{left_out}"


def check_finite(model: Any) -> None:
    """Errors: InputError if a weight is not finite, as after a last step that diverged."""
    if not all(bool(torch.isfinite(weight).all()) for weight in model.parameters()):
        raise InputError("the weights became infinite or NaN; lower settings.learning_rate, or set dtype: float32")


def held_out_loss(state: TrainerState) -> float | None:
    """Return the held-out loss of the saved weights: of the best step, or of the last evaluation."""
    losses = {entry["step"]: entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry}
    if not losses:
        return None
    best = state.best_global_step
    return round(losses[max(losses) if best is None else best], 5)
