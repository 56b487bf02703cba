"""Group-relative policy optimization with TRL, rewarded by the run's own judging."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers.trainer_pt_utils import get_model_param_count

from configs.launch import Shard
from configs.models import Student
from configs.stages import GrpoStage
from records.errors import InputError
from records.files import WORK
from records.training_counts import CPU, TrainingCounts
from student.data.asked import PromptRenderer
from student.data.prompts import PromptSet, prompt_set
from student.data.student_files import StudentOrigin
from student.methods import ranks
from student.methods.adapters import lora_config
from student.methods.checkpoints import PLAIN
from student.methods.counting import merged_onto
from student.methods.device import Device, on_cpu
from student.methods.events import WriteEvents
from student.methods.group_order import GroupOrder
from student.methods.grpo_meter import GrpoMeter
from student.methods.grpo_trainer import RewardedTrainer
from student.methods.journal import Journal, write_rewarded_ledger
from student.methods.reward_queue import Judging, RewardQueue
from student.methods.running import CHECKPOINTS, loaded, run, save
from student.methods.saving import saving, size_of
from student.methods.settings import trl_config
from student.methods.signal_watch import StopWithoutSignal
from student.methods.tracking import ReportProgress, write_log
from student.methods.trainer import KeepJournal

LAST = 0.1
"""Share of the steps whose mean is the reward that a training is said to have reached."""


def train(
    folder: Path,
    config: GrpoStage,
    base: StudentOrigin,
    prompts: Path,
    student: Student,
    judging: Judging,
    progress: Callable[..., None],
    *,
    device: Device = "auto",
    shard: Shard = "none",
) -> TrainingCounts:
    """Train a model on its own completions, and write its weights, tokenizer and generation config into `folder`.

    `prompts` is a folder with `prompts.parquet`; those that leave no room for a completion are left out. `judging`
    starts what judges completions; it can be pickled. `progress` is called with the steps done, all steps, and metrics.
    Beside the weights there is the folder `training`: the ledger of the problems in the order in which their
    completions were trained on, each with its reward, and curves; with adapters, also the folder `adapter`. An
    interrupted training continues from the newest whole checkpoint in `folder/.work`, with the completions that had
    been drawn but not trained on, and ends on the CPU as an uninterrupted one: the same weights, the same ledger.

    Where torch's launcher has started several processes, each calls this function. A step has the prompts that one
    process would give it; the completions differ, because each process draws its own random numbers.

    Errors: InputError for what `check_settings` and the checks of the model find, for too few prompts, if the loss is
    not finite, and if all rewards are the same for long.
    """
    # Load model and tokenizer. TRL's settings come first: they connect the processes.
    cpu = on_cpu(device, config, size_of(base.path, base.revision), progress)
    work = folder / WORK
    checkpoints = work / CHECKPOINTS
    checkpoints.mkdir(parents=True, exist_ok=True)
    arguments = trl_config(config, checkpoints, cpu, shard=shard, processes=ranks.expected())
    arguments.reward_weights = list(config.rewards.weights.values())
    arguments.eval_on_start = bool(config.held_out)  # the accuracy before the first step
    if config.lora is None and arguments.beta and (base.revision or base.positions):
        arguments.model_init_kwargs = {"revision": base.revision, "config": base.config()}  # of the reference policy
    model, tokenizer = loaded(config, base, cpu)

    # Render the prompts, hold some out, and put the others in order.
    renderer = PromptRenderer(tokenizer, student.prompt, student.reasoning, config.longest_prompt)
    found = prompt_set(prompts, renderer, config)
    order = order_of(found, config, arguments)
    progress(0, len(found.train), note=describe(found))

    # Train, continuing from the newest whole checkpoint of an interrupted run.
    journal, meter = Journal(work), GrpoMeter()
    callbacks: list[Any] = [KeepJournal(journal, meter, 1, PLAIN), StopWithoutSignal(journal, meter, progress)]
    callbacks += [ReportProgress(progress)] if ranks.is_first_here() else []
    callbacks += [WriteEvents(folder)] if ranks.is_first() else []
    with judging() as judge, closing(RewardQueue(judge)) as queue, saving(folder):
        trainer = RewardedTrainer(
            journal,
            meter,
            order,
            queue,
            found.train,
            found.held_out,
            student.thinks_once_trained,
            config.rewards.weights,
            model=model,
            args=arguments,
            train_dataset=numbered(found.train),
            eval_dataset=numbered(found.held_out) if found.held_out else None,
            processing_class=tokenizer,
            peft_config=lora_config(config),
            callbacks=callbacks,
        )
        trainable = get_model_param_count(trainer.model, trainable_only=True)
        weights = run(trainer, work, PLAIN, journal)

        # Save plain weights, in the first process: adapters are merged into the weights that they were trained on.
        def finish() -> TrainingCounts:
            trained = save(
                folder, trainer.model, weights, tokenizer, config=config, base=base, dtype=student.dtype, cpu=cpu
            )
            steps = list(journal.steps())
            write_rewarded_ledger(folder, steps, [one.problem for one in found.train])
            write_log(folder, steps, trainer.state.log_history)
            rewards = [step.metrics["reward"] for step in steps if "reward" in step.metrics]
            last = rewards[-max(1, round(LAST * len(rewards))) :]
            heard = [entry["eval_accuracy"] for entry in trainer.state.log_history if "eval_accuracy" in entry]
            return TrainingCounts(
                rows=len({row for step in steps for row in step.rows}),
                dropped=found.dropped,
                held_out_rows=len(found.held_out),
                packs=None,
                steps=trainer.state.global_step,
                best_step=None,
                loss=round(sum(step.loss for step in steps) / len(steps), 5),
                held_out_loss=None,
                tokens=sum(step.tokens for step in steps),
                supervised_tokens=sum(step.supervised for step in steps),
                parameters=sum(weight.numel() for weight in trained.parameters()),
                trainable_parameters=trainable,
                dtype=str(trained.dtype).removeprefix("torch."),
                device=CPU if cpu else torch.cuda.get_device_name(),
                merged_onto=merged_onto(config),
                trainer_s=round(sum(step.seconds for step in steps), 3),
                reward=round(sum(last) / len(last), 5) if last else None,
                held_out_accuracy=[round(heard[0], 5), round(heard[-1], 5)] if heard else None,
            )

        return ranks.from_first(finish)


def order_of(found: PromptSet, config: GrpoStage, arguments: Any) -> GroupOrder:
    """Return the order of the prompts. Errors: InputError if they do not fill one generation batch."""
    each, together = arguments.num_generations, arguments.generation_batch_size // arguments.num_generations
    if len(found.train) < together:
        raise InputError(
            f"{len(found.train)} problems are fewer than the {together} that are answered together: lower "
            "settings.generation_batch_size (or per_device_train_batch_size), or choose more problems (prompts)"
        )
    times = arguments.num_iterations * arguments.steps_per_generation
    seed = config.seed if config.prompts.order == "shuffled" else None
    return GroupOrder(len(found.train), each, together, times, seed)


def numbered(prompts: list[Any]) -> Dataset:
    """Return the prompts as the trainer reads them, each with its number."""
    return Dataset.from_dict({"prompt": [one.text for one in prompts], "row": list(range(len(prompts)))})


def describe(found: PromptSet) -> str:
    apart = f", {len(found.held_out)} held out" if found.held_out else ""
    left_out = "".join(f", {count} {reason}" for reason, count in found.dropped.items())
    return f"{len(found.train):,} problems to answer{apart}{left_out}"
