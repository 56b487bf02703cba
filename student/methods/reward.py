"""Training of outcome and process reward models. It takes a language model and rows, puts a new head on the model,
writes a model directory, and can resume."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from transformers import EarlyStoppingCallback, GenerationConfig, set_seed
from transformers.trainer_pt_utils import get_model_param_count

from configs.stages import RewardModelStage, RewardStage
from records.files import WORK
from records.training_counts import TrainingCounts
from student.cost.estimating import flops_of
from student.data.mixing import ID_COLUMNS
from student.data.scored_rows import ScoredRows, scored_rows
from student.data.scored_texts import writer_of
from student.data.special_tokens import align_special_tokens
from student.data.student_files import Configs, StudentOrigin, embedding_rows
from student.methods.adapter_checks import check_targets
from student.methods.adapters import load_base, lora_config
from student.methods.batches import BATCH
from student.methods.checkpoints import PLAIN
from student.methods.counting import best_step, counted, held_out
from student.methods.device import Device, on_cpu
from student.methods.events import WriteEvents
from student.methods.journal import Journal, write_ledger
from student.methods.order import EpochOrder, taken_of
from student.methods.outcome_trainer import OutcomeTrainer
from student.methods.requirements import check_machine
from student.methods.running import CHECKPOINTS, run, save
from student.methods.saving import saving, size_of
from student.methods.scoring import Collator, ScoringTrainer
from student.methods.settings import settings_of, trl_config
from student.methods.speed import work_on_gpu
from student.methods.step_trainer import StepTrainer
from student.methods.tracking import ReportProgress, write_log
from student.methods.trainer import KeepJournal, Meter


def train(
    folder: Path,
    config: RewardModelStage,
    base: StudentOrigin,
    datasets: Sequence[Path],
    progress: Callable[..., None],
    *,
    dtype: str = "auto",
    device: Device = "auto",
) -> TrainingCounts:
    """Train a reward model, and write its weights and tokenizer into `folder`.

    `datasets` are folders with `replies.parquet` and `pairs.parquet`, or with `steps.parquet` for a process reward
    model. Texts over `config.max_length` tokens are left out. What is written, and how an interrupted training
    continues, is as in `student.methods.sft.train`; the ledger tells every reply or solution. The new head is drawn
    with the stage's seed.

    Errors: InputError if more rows are left out than `config.drop_at_most` allows, if the loss is not finite, and for
    what `check_settings` and the checks of the model find.
    """
    # Load the model with its new head.
    cpu = on_cpu(device, config, size_of(base.path, base.revision), progress)
    work = folder / WORK
    checkpoints = work / CHECKPOINTS
    checkpoints.mkdir(parents=True, exist_ok=True)
    arguments = trl_config(config, checkpoints, cpu)
    model, tokenizer = loaded(config, base, cpu)

    # Write the rows as tokens, leave faulty ones out, and hold problems out.
    rows = scored_rows(datasets, config, writer_of(config, tokenizer, embedding_rows(model.config)), work / "cache")
    progress(0, len(rows.train), note=describe(rows))
    order = order_of(rows, config, arguments)

    # Train, continuing from the newest whole checkpoint of an interrupted run.
    journal, meter = Journal(work), Meter()
    callbacks: list[Any] = [KeepJournal(journal, meter, 1, PLAIN), ReportProgress(progress), WriteEvents(folder)]
    with saving(folder):
        trainer = trainer_of(config)(
            journal,
            meter,
            order,
            work_on_gpu(flops_of(model.config.get_text_config().to_dict(), config)),
            model=model,
            args=arguments,
            data_collator=Collator(tokenizer.pad_token_id),
            train_dataset=rows.dataset(rows.train),
            eval_dataset=rows.dataset(rows.held_out) if rows.held_out else None,
            processing_class=tokenizer,
            peft_config=lora_config(config),
            callbacks=callbacks + ([EarlyStoppingCallback(config.patience)] if config.patience else []),
        )
        trainable = get_model_param_count(trainer.model, trainable_only=True)
        weights = run(trainer, work, PLAIN, journal)

        # Save plain weights: adapters are merged into the weights that they were trained on.
        trained = save(folder, trainer.model, weights, tokenizer, config=config, base=base, dtype=dtype, cpu=cpu)
        steps, state, best = list(journal.steps()), trainer.state, best_step(trainer.state, arguments)
        write_ledger(folder, rows.in_texts(steps), rows.texts.select_columns(ID_COLUMNS))
        write_log(folder, steps, state.log_history)
        return TrainingCounts(
            rows=len(rows.train),
            dropped=rows.dropped,
            held_out_rows=len(rows.held_out),
            packs=None,
            best_step=best,
            trainable_parameters=trainable,
            judged_right=held_out(state, "eval_judged_right", best),
            first_errors_found=held_out(state, "eval_first_errors_found", best),
            **counted(config, steps, state, best, trained, cpu),
        )


def loaded(config: RewardModelStage, base: StudentOrigin, cpu: bool) -> tuple[Any, Any]:
    """Return the model with a new head, and its tokenizer, which agree on the token to pad with: the head of a sequence
    classification reads the last token that is no padding. Errors: InputError if they cannot be trained here."""
    check_machine(config, cpu)
    tokenizer = base.tokenizer()
    set_seed(config.seed)
    model = load_base(config, base, cpu)
    if config.lora is not None:
        check_targets(model, config)
    generation = GenerationConfig(eos_token_id=model.config.get_text_config().eos_token_id)
    align_special_tokens(Configs(model.config, generation), tokenizer)
    return model, tokenizer


def order_of(rows: ScoredRows, config: RewardModelStage, arguments: Any) -> EpochOrder:
    batch, count = int(settings_of(config)[BATCH]), len(rows.train)
    taken = taken_of(count, batch, arguments.dataloader_drop_last)
    return EpochOrder(count, taken, 0, config.seed if arguments.train_sampling_strategy == "random" else None)


def trainer_of(config: RewardModelStage) -> Callable[..., ScoringTrainer]:
    if isinstance(config, RewardStage):
        return partial(OutcomeTrainer, single=config.labels == "single")
    return StepTrainer


def describe(rows: ScoredRows) -> str:
    apart = f", {len(rows.held_out)} held out" if rows.held_out else ""
    left_out = "".join(f", {count} {reason}" for reason, count in rows.dropped.items())
    return f"{len(rows.train)} rows to train on{apart}{left_out}"
