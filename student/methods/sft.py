"""Supervised fine-tuning with TRL. It takes a model and a Parquet dataset, writes a model directory, and can resume."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer

from configs.training import Training
from records.chat_template import use_template
from records.counts import TrainingCounts
from records.errors import InputError
from student.data.faults import too_many_dropped
from student.data.reasoning import Reasoning
from student.data.rendering import RowRenderer
from student.data.row_check import name_of, render_checked
from student.data.special_tokens import align_special_tokens


def train(
    folder: Path,
    config: Training,
    model_path: str,
    revision: str | None,
    dataset: Path,
    progress: Callable[..., None],
    *,
    reasoning: Reasoning = "visible",
    template: str | None = None,
) -> TrainingCounts:
    """Fine-tune a model, and write its weights, tokenizer and generation config into `folder`.

    `model_path` is a directory or a Hugging Face name, `revision` that name's commit or tag. `dataset` is a folder of
    `*.parquet` files whose column `messages` holds each row's turns (role and content); the last turn is the
    assistant's. Rows longer than `config.max_length` tokens, prompt and completion together, are left out, and so are
    those with any other fault (`student.data.faults`). `reasoning` says which rows are trained without theirs, and
    `template` replaces the model's chat template. `progress` is called with the steps done, all steps, and the loss.
    An interrupted training continues from the newest complete checkpoint in `folder`.

    Errors: InputError if more rows are left out than `config.drop_at_most` allows, or if the loss is not finite.
    """
    # Load model and tokenizer, and make them agree on the token that ends a turn.
    tokenizer = AutoTokenizer.from_pretrained(model_path, revision=revision)
    use_template(tokenizer, template)
    model = AutoModelForCausalLM.from_pretrained(
        model_path,
        revision=revision,
        dtype=config.dtype,
        attn_implementation=config.attn_implementation,
    )
    align_special_tokens(model, tokenizer)

    # Render the rows, and leave out those that would train a broken student.
    renderer = RowRenderer(tokenizer, reasoning)

    def columns(row: dict[str, Any]) -> dict[str, Any]:
        rendered, fault = render_checked(row, renderer, config.max_length)
        return {"input_ids": rendered.input_ids, "labels": rendered.labels, "fault": fault, "row": name_of(row)}

    files = sorted(str(file) for file in dataset.glob("*.parquet"))
    rows = Dataset.from_parquet(files, cache_dir=str(folder / ".cache"))
    rendered = rows.map(columns, remove_columns=rows.column_names, desc="rendering")
    faulty = rendered.filter(lambda row: bool(row["fault"]), desc="looking for faults")
    faults, names = list(faulty["fault"]), list(faulty["row"])
    dropped, named = Counter(faults), dict(zip(faults[::-1], names[::-1], strict=True))
    refusal = too_many_dropped(dropped, len(rendered), config.drop_at_most, named)
    if refusal:
        raise InputError(refusal)
    kept = rendered.filter(lambda row: not row["fault"], desc="leaving out")
    progress(0, len(kept), note=f"{len(kept):,} rows to train on, {dropped.total():,} left out {dict(dropped) or ''}")

    # Train, continuing from the newest complete checkpoint of an interrupted run.
    checkpoints = folder / ".checkpoints"
    trainer = SFTTrainer(
        model=model,
        args=sft_config(config, checkpoints),
        train_dataset=kept.select_columns(["input_ids", "labels"]),
        processing_class=tokenizer,
        peft_config=lora_config(config),
        callbacks=[ReportProgress(progress)],
    )
    result = trainer.train(resume_from_checkpoint=newest_checkpoint(checkpoints))

    # Save plain weights: adapters are merged into the weights that they were trained on.
    if not torch.isfinite(torch.tensor(result.training_loss)):
        raise InputError(f"the loss became {result.training_loss}; lower training.learning_rate")
    trained: Any = trainer.model
    if config.lora:
        trained = trained.merge_and_unload()
    trained.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    shutil.rmtree(checkpoints, ignore_errors=True)
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    return TrainingCounts(
        rows=len(kept),
        dropped=dict(dropped),
        steps=trainer.state.global_step,
        loss=round(result.training_loss, 5),
        parameters=sum(parameter.numel() for parameter in trained.parameters()),
        trainer_s=round(result.metrics["train_runtime"], 3),
    )


def sft_config(config: Training, checkpoints: Path) -> SFTConfig:
    shared = config.model_dump(exclude={"lora", "dtype", "max_length", "drop_at_most", "attn_implementation"})
    return SFTConfig(
        **shared,
        output_dir=str(checkpoints),
        max_length=None,  # rows are bounded in `train`; the trainer would truncate them
        packing=False,  # without varlen attention packed examples see each other (trl#3067)
        save_total_limit=2,
        report_to="none",
        disable_tqdm=True,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        data_seed=config.seed,
    )


def lora_config(config: Training) -> LoraConfig | None:
    if config.lora is None:
        return None
    return LoraConfig(
        r=config.lora.rank,
        lora_alpha=config.lora.alpha,
        lora_dropout=config.lora.dropout,
        target_modules=config.lora.target_modules,
        modules_to_save=config.lora.modules_to_save or None,
        task_type="CAUSAL_LM",
    )


def newest_checkpoint(checkpoints: Path) -> str | None:
    """Return the newest checkpoint whose state, which the trainer writes last, is readable; remove incomplete ones."""
    for folder in sorted(checkpoints.glob("checkpoint-*"), key=lambda path: -int(path.name.rpartition("-")[2])):
        try:
            json.loads((folder / "trainer_state.json").read_text())
            return str(folder)
        except (OSError, ValueError):
            shutil.rmtree(folder)
    return None


class ReportProgress(TrainerCallback):
    """Reports the trainer's steps and loss to the flow whenever the trainer logs them."""

    def __init__(self, progress: Callable[..., None]) -> None:
        self.progress = progress

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if logs and "loss" in logs:
            self.progress(state.global_step, state.max_steps, loss=float(logs["loss"]))
