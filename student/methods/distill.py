"""On-policy distillation with TRL: the student samples, and a teacher's logits teach. It takes a model, a teacher and
problems, writes a model directory, and can resume."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from transformers.trainer_pt_utils import get_model_param_count

from configs.launch import Shard
from configs.prompt import Prompt
from configs.stages import DistillStage
from records.files import WORK
from records.training_counts import TrainingCounts
from student.cost.estimating import flops_of
from student.data.asked import PromptRenderer
from student.data.prompt_rows import PromptRows, prompt_rows
from student.data.reasoning import Reasoning
from student.data.student_files import StudentOrigin, embedding_rows
from student.data.teacher_files import TeacherOrigin, check_teaches
from student.data.vocabularies import used_rows
from student.methods import ranks
from student.methods.adapters import lora_config
from student.methods.checkpoints import PLAIN, layout_of
from student.methods.counting import distill_counts
from student.methods.device import Device, on_cpu
from student.methods.distill_settings import longest_prompt
from student.methods.distill_trainer import OnPolicyTrainer, RepeatedOrder
from student.methods.events import WriteEvents
from student.methods.journal import Journal, write_ledger
from student.methods.running import CHECKPOINTS, loaded, run, save
from student.methods.saving import saving, size_of
from student.methods.settings import trl_config
from student.methods.speed import work_on_gpu
from student.methods.teacher import load_teacher
from student.methods.tracking import ReportProgress, write_log
from student.methods.trainer import KeepJournal, Meter


def train(
    folder: Path,
    config: DistillStage,
    base: StudentOrigin,
    teacher: TeacherOrigin,
    problems: Path,
    prompt: Prompt,
    progress: Callable[..., None],
    *,
    reasoning: Reasoning = "visible",
    dtype: str = "auto",
    device: Device = "auto",
    shard: Shard = "none",
) -> TrainingCounts:
    """Distil a teacher into a model, and write its weights, tokenizer and generation config into `folder`.

    `problems` is a file with the columns of `records.schemas.PROBLEM`, put to the student with `prompt`. What is
    written, and how an interrupted training continues, is as in `student.methods.sft.train`; the ledger tells the
    problems. Of several processes each draws the completions of its part of a step's prompts: the prompts of a step are
    those of one process, the completions are others.

    Errors: InputError for vocabularies that differ, if more prompts are left out than `config.drop_at_most` allows, if
    the loss is not finite, and for what `check_settings` and the checks of the model find.
    """
    # Load both models, and make the student agree with its tokenizer on the token that ends a turn.
    cpu = on_cpu(device, config, size_of(base.path, base.revision), progress)
    work = folder / WORK
    checkpoints = work / CHECKPOINTS
    checkpoints.mkdir(parents=True, exist_ok=True)
    arguments = trl_config(config, checkpoints, cpu, shard=shard, processes=ranks.expected())
    model, tokenizer = loaded(config, base, cpu)
    check_teaches(teacher, tokenizer, config)
    other = teacher.chat_tokenizer() if config.align == "gold" else None
    taught_by = None if config.served else load_teacher(teacher, cpu)
    sizes = [embedding_rows(one.config) for one in (model, None if other else taught_by) if one is not None]
    tokens = min(used_rows(tokenizer), *sizes)

    # Render the prompts, and hold some of them out.
    renderer = PromptRenderer(tokenizer, prompt, reasoning, longest_prompt(config))
    rows = prompt_rows(problems, config, renderer, other)
    progress(0, len(rows.train), note=describe(rows))
    batch = arguments.per_device_train_batch_size * arguments.gradient_accumulation_steps * ranks.count()
    rows.check_batch(batch)
    order = RepeatedOrder(
        len(rows.train),
        batch,
        arguments.gradient_accumulation_steps,
        config.seed if arguments.shuffle_dataset else None,
    )
    never_draw(arguments, range(tokens, embedding_rows(model.config)))

    # Train, continuing from the newest whole checkpoint of an interrupted run.
    journal, meter, layout = Journal(work), Meter(), layout_of(shard, ranks.count())
    callbacks: list[Any] = [KeepJournal(journal, meter, 1, layout)]
    callbacks += [ReportProgress(progress)] if ranks.is_first_here() else []
    callbacks += [WriteEvents(folder)] if ranks.is_first() else []
    with saving(folder):
        trainer = trainer_of(config, other)(
            journal,
            meter,
            order,
            work_on_gpu(flops_of(model.config.get_text_config().to_dict(), config)),
            taught_by,
            tokens,
            model=model,
            args=arguments,
            train_dataset=rows.dataset(rows.train),
            eval_dataset=rows.dataset(rows.held_out) if rows.held_out else None,
            processing_class=tokenizer,
            peft_config=lora_config(config),
            callbacks=callbacks,
        )
        trainable = get_model_param_count(trainer.model, trainable_only=True)
        weights = run(trainer, work, layout, journal)

        # Save plain weights, in the first process: adapters are merged into the weights that they were trained on.
        def finish() -> TrainingCounts:
            in_memory = trainer.model if layout == PLAIN else None
            trained = save(folder, in_memory, weights, tokenizer, config=config, base=base, dtype=dtype, cpu=cpu)
            steps = list(journal.steps())
            write_ledger(folder, steps, rows.ids())
            write_log(folder, steps, trainer.state.log_history)
            return distill_counts(config, rows, steps, trainer.state, trained, trainable, cpu)

        return ranks.from_first(finish)


def trainer_of(config: DistillStage, teacher_tokenizer: Any) -> Callable[..., OnPolicyTrainer]:
    """Return what makes the trainer, by where the teacher's logits come from."""
    if config.served:
        from student.methods.served import served_trainer

        return partial(served_trainer, config.served)
    if config.align == "gold":
        from student.methods.gold import GoldTrainer

        return partial(GoldTrainer, teacher_tokenizer)
    return OnPolicyTrainer


def never_draw(arguments: Any, ids: Sequence[int]) -> None:
    """Keep rows of the output layer that belong to no token out of completions: the teacher may not even embed them."""
    if not ids:
        return
    given = dict(arguments.generation_kwargs or {})
    if arguments.use_vllm:
        kept_out = {"logit_bias": given.get("logit_bias", {}) | dict.fromkeys(ids, -100.0)}
    else:
        kept_out = {"suppress_tokens": [*given.get("suppress_tokens", []), *ids]}
    arguments.generation_kwargs = given | kept_out


def describe(rows: PromptRows) -> str:
    apart = f", {len(rows.held_out)} held out" if rows.held_out else ""
    left_out = "".join(f", {count} {reason}" for reason, count in rows.dropped.items())
    return f"{len(rows.train)} prompts{apart}{left_out}"
