"""What trainings of all methods do alike: load the model, train from the newest checkpoint, save plain weights."""

from pathlib import Path
from typing import Any

import torch
from transformers import TrainerState

from configs.training import Training
from records.errors import InputError
from student.data.special_tokens import align_special_tokens
from student.data.student_files import StudentOrigin
from student.methods import ranks
from student.methods.adapter_checks import check_targets
from student.methods.adapters import load_base, merged, reassembled
from student.methods.checkpoints import (
    PLAIN,
    STATE,
    best_of,
    check_content,
    check_layout,
    check_steps,
    is_last,
    newest_checkpoint,
    step_of,
)
from student.methods.heads import head_of
from student.methods.journal import Journal
from student.methods.probing import keep_probe
from student.methods.requirements import check_machine
from student.methods.saving import fitting

CHECKPOINTS = "checkpoints"
"""Folder of the trainer's checkpoints in a stage's work folder."""
FOR_TRAINING = {"use_cache", "output_router_logits"}
"""Fields of a model's config that transformers and TRL change for a training; the student has its base's."""


def loaded(config: Training, base: StudentOrigin, cpu: bool) -> tuple[Any, Any]:
    """Return model and tokenizer, which agree on the stop token. Errors: InputError if they cannot be trained
    here."""
    check_machine(config, cpu)
    tokenizer = base.tokenizer()
    model = load_base(config, base, cpu)
    if config.lora is not None:
        check_targets(model, config)
    align_special_tokens(model, tokenizer)
    if tokenizer.eos_token_id is None:
        raise InputError(f"{base.path}: its tokenizer has no stop token (eos); choose another base")
    return model, tokenizer


def run(trainer: Any, work: Path, layout: str, journal: Journal) -> Path:
    """Train, continuing from the newest whole checkpoint in `work/checkpoints` with the journal cut after it, and
    return the folder of the weights that count: the best ones if they are asked for, else the last.

    `trainer` is a `JournaledTrainer` or one with its `count_tokens_before`. In the layout PLAIN the trainer's own model
    has the weights; a sharded training has written them there in one piece. Errors: InputError for a checkpoint that
    does not fit.
    """
    checkpoints, weights = work / CHECKPOINTS, work / "weights"
    checkpoint = ranks.from_first(lambda: start_of(checkpoints, layout, journal))
    with fitting(checkpoint):
        if checkpoint and is_last(checkpoint):
            weights = (best_of(checkpoint) if trainer.args.load_best_model_at_end else None) or checkpoint
            trainer.state = TrainerState.load_from_json(str(checkpoint / STATE))
            if layout == PLAIN:
                trainer._load_from_checkpoint(str(weights))
        else:
            trainer.count_tokens_before(journal)
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
            if layout != PLAIN:
                trainer.save_model(str(weights))  # all processes take part: it gathers the weights
    return weights


def start_of(checkpoints: Path, layout: str, journal: Journal) -> Path | None:
    """Return the checkpoint to continue from, with the journal cut after it. Errors: InputError for one of another
    form, for one that was changed, and for a journal that does not tell all steps before it."""
    checkpoint = newest_checkpoint(checkpoints)
    if checkpoint:
        check_layout(checkpoint, layout)
        check_content(checkpoint)
        if best := best_of(checkpoint):
            check_content(best)
    journal.cut(step_of(checkpoint) if checkpoint else 0)
    if checkpoint:
        check_steps(checkpoint, journal.content.hexdigest())
    return checkpoint


def save(
    folder: Path,
    model: Any,
    weights: Path,
    tokenizer: Any,
    *,
    config: Training,
    base: StudentOrigin,
    dtype: str,
    cpu: bool,
) -> Any:
    """Write plain weights and the tokenizer into `folder`, and return the model: adapters are merged into the weights
    that they were trained on. `model` is the trained one; None reads it from `weights`, where a sharded training wrote
    it. A language model's probe is written beside them (`records.probe`). Errors: InputError for weights that are not
    finite."""
    if model is not None:
        trained = merged(model, config, base, folder, cpu)
    else:
        trained = reassembled(weights, config, base, folder)
        align_special_tokens(trained, tokenizer)
    own = base.config().to_dict()
    for name in FOR_TRAINING & own.keys():
        setattr(trained.config, name, own[name])
    if not head_of(config).labels:  # before the cast, which rounds the rotary frequencies as well
        keep_probe(folder, trained, tokenizer, config.max_length)
    if dtype != "auto":
        trained = trained.to(getattr(torch, dtype))
    check_finite(trained)
    trained.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return trained


def check_finite(model: Any) -> None:
    """Errors: InputError if a weight is not finite, as after a last step that diverged."""
    if not all(bool(torch.isfinite(weight).all()) for weight in model.parameters()):
        raise InputError("the weights became infinite or NaN; lower settings.learning_rate, or set dtype: float32")
