"""Supervised fine-tuning with TRL. It takes a model and datasets, writes a model directory, and can resume."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import EarlyStoppingCallback
from transformers.trainer_pt_utils import get_model_param_count

from configs.launch import Shard
from configs.training import Training, batch_of
from records.files import WORK
from records.training_counts import TrainingCounts
from student.cost.estimating import flops_of
from student.data.mixing import Mix, Part, lengths_of, mix
from student.data.reasoning import Reasoning
from student.data.rendering import RowRenderer
from student.data.stored import stored_logprobs
from student.data.student_files import StudentOrigin, embedding_rows
from student.methods import ranks
from student.methods.adapters import lora_config
from student.methods.batches import BATCH, fillers
from student.methods.checkpoints import (
    PLAIN,
    layout_of,
)
from student.methods.counting import counts_of
from student.methods.device import Device, on_cpu
from student.methods.events import WriteEvents
from student.methods.isolation import check_isolation
from student.methods.journal import Journal, write_ledger
from student.methods.order import EpochOrder, LengthOrder, taken_of
from student.methods.running import CHECKPOINTS, loaded, run, save
from student.methods.saving import saving, size_of
from student.methods.settings import check_packing, groups_of, settings_of, trl_config
from student.methods.speed import work_on_gpu
from student.methods.stored_trainer import StoredTrainer
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
    shard: Shard = "none",
    nll_weight: float = 1,
) -> TrainingCounts:
    """Fine-tune a model, and write its weights, tokenizer and generation config into `folder`.

    `parts` are the datasets to mix; rows over `config.max_length` tokens and those with any other fault
    (`student.data.faults`) are left out. `reasoning` says which rows are trained without theirs. The weights are saved
    in `dtype`; `auto` keeps the type that they were trained in. `progress` is called with the steps done, all steps,
    and metrics. Beside the weights there are the folder `training`, with the ledger of the rows in the order in which
    they were trained on and curves, and with adapters the folder `adapter`. An interrupted training continues from the
    newest whole checkpoint in `folder/.work`, and ends as an uninterrupted one: the same weights, the same ledger.
    `.work` stays until the artifact is complete.

    With an `nll_weight` below 1 the rest of the weight is on the divergence from the rows' stored logprobs
    (`student.data.stored`).

    Where torch's launcher has started several processes, each calls this function, and they share the work as `shard`
    says (`configs.launch`). Each takes its part of a step's rows, so weights and ledger are those of one process, up to
    the order in which numbers are added up. `folder` is the same for all; the first process writes into it, and all
    return what it counted.

    Errors: InputError if more rows are left out than `config.drop_at_most` allows, if the loss is not finite, and
    for what `check_settings` and the checks of the model find.
    """
    # Load model and tokenizer, and make them agree on the token that ends a turn. TRL's settings come first: they
    # connect the processes, and say on which device each one is.
    check_packing(config, "training")
    cpu = on_cpu(device, config, size_of(base.path, base.revision), progress)
    work = folder / WORK
    checkpoints = work / CHECKPOINTS
    checkpoints.mkdir(parents=True, exist_ok=True)
    arguments = trl_config(config, checkpoints, cpu, shard=shard, processes=ranks.expected())
    model, tokenizer = loaded(config, base, cpu)

    # Render the rows, leave out those that would train a broken student, and mix the others.
    packing = (arguments.packing, arguments.packing if arguments.eval_packing is None else arguments.eval_packing)
    if any(packing):
        check_isolation(model, base.path)
    with arguments.main_process_first(local=False):  # the other processes find the rendered rows in the cache
        renderer = RowRenderer(tokenizer, reasoning, embedding_rows(model.config))
        folders, cache = [part.folder for part in parts], work / "cache"
        stored = stored_logprobs(folders, tokenizer, cache) if nll_weight < 1 else None
        rows = mix(parts, config, packing, renderer, cache, stored)
    progress(0, len(rows.train), note=describe(rows))
    groups = groups_of(config, ranks.count())
    trained_on, order, held_out = epoch_of(rows, config, arguments, groups)

    # Train, continuing from the newest whole checkpoint of an interrupted run.
    adapter = lora_config(config)
    journal, meter, layout = Journal(work), Meter(), layout_of(shard, ranks.count())
    callbacks: list[Any] = [KeepJournal(journal, meter, ranks.count() // groups, layout)]
    callbacks += [ReportProgress(progress)] if ranks.is_first_here() else []
    callbacks += [WriteEvents(folder)] if ranks.is_first() else []
    with saving(folder):
        made: Any = partial(StoredTrainer, stored, nll_weight) if stored else JournaledTrainer
        trainer = made(
            journal,
            meter,
            order,
            work_on_gpu(flops_of(model.config.get_text_config().to_dict(), config)),
            model=model,
            args=arguments,
            train_dataset=trained_on,
            eval_dataset=held_out,
            processing_class=tokenizer,
            peft_config=adapter,
            callbacks=callbacks + ([EarlyStoppingCallback(config.patience)] if config.patience else []),
        )
        trainable = get_model_param_count(trainer.model, trainable_only=True)
        weights = run(trainer, work, layout, journal)

        # Save plain weights, in the first process: adapters are merged into the weights that they were trained on.
        def finish() -> TrainingCounts:
            in_memory = trainer.model if layout == PLAIN else None
            trained = save(folder, in_memory, weights, tokenizer, config=config, base=base, dtype=dtype, cpu=cpu)
            steps = list(journal.steps())
            write_ledger(folder, steps, rows.rows)
            write_log(folder, steps, trainer.state.log_history)
            return counts_of(config, arguments, rows, steps, trainer.state, trained, trainable, cpu)

        return ranks.from_first(finish)


def epoch_of(rows: Mix, config: Training, arguments: Any, groups: int) -> tuple[Dataset, EpochOrder, Any]:
    """Return the rows to train on, their order, and the rows held out, for one of `groups` processes that read
    different rows: with empty rows that fill up the last batches."""
    strategy, batch = arguments.train_sampling_strategy, int(settings_of(config)[BATCH])
    count = len(rows.train)
    taken = taken_of(count, batch, arguments.dataloader_drop_last)
    filling = fillers(taken, arguments.per_device_train_batch_size, groups)
    if strategy == "group_by_length":
        lengths = lengths_of(rows.rows)
        packs = [int(lengths[pack].sum()) for pack in rows.train]
        order: EpochOrder = LengthOrder(packs, taken, batch_of(settings_of(config)), config.seed)
    else:
        order = EpochOrder(count, taken, filling, config.seed if strategy == "random" else None)
    held_out = rows.dataset(rows.held_out, fillers(len(rows.held_out), arguments.per_device_eval_batch_size, groups))
    return rows.dataset(rows.train, filling), order, held_out if rows.held_out else None


def describe(rows: Mix) -> str:
    packs = f" in {len(rows.train)} packs" if len(rows.train) < rows.trained_rows else ""
    apart = f", {sum(len(one) for one in rows.held_out)} held out" if rows.held_out else ""
    left_out = f", {sum(rows.dropped.values()):,} left out {rows.dropped}" if rows.dropped else ""
    return f"{rows.trained_rows:,} rows to train on{packs}{apart}{left_out}"
