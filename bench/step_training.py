"""Makes a small process reward model from random weights: a tokenizer, a language model of the solutions, step labels.

The trainings are those of the methods `sft` and `process_reward`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.step_sets import Solution
from configs.scorers import ProcessScorer
from configs.scratch import Architecture
from configs.stages import ProcessRewardStage, SftStage
from filters.scorers.models import ProcessModel, scores_of
from records.dataset_row import unsampled_row
from records.parquet import write_rows
from records.schemas import DATASET
from records.training_counts import TrainingCounts
from student.data.foreign_labels import import_labels
from student.data.mixing import Part
from student.data.student_files import StudentOrigin
from student.methods import reward, sft
from student.scratch.model import make_model

VOCABULARY, MAX_LENGTH = 2048, 1024
SOLUTIONS_PER_STEP, PACKS_PER_STEP = 8, 4
"""Batches of one step, read one after the other, because padding costs more than small batches do."""


@dataclass(frozen=True)
class Recipe:
    """Sizes of the model and of its trainings. The defaults take about 9 minutes of one core for 2,500 solutions."""

    hidden: int = 96
    layers: int = 3
    pretrain_epochs: float = 1
    """Of the language model on the solutions without their labels; 0 is off."""
    epochs: float = 2
    """On the labels."""
    learning_rate: float = 2e-3

    def architecture(self) -> Architecture:
        heads = max(1, self.hidden // 32)
        return Architecture(
            hidden_size=self.hidden,
            intermediate_size=3 * self.hidden,
            num_hidden_layers=self.layers,
            num_attention_heads=heads,
            num_key_value_heads=heads,
            head_dim=32,
            vocab_size=VOCABULARY,
            max_position_embeddings=MAX_LENGTH,
            initializer_range=0.06,
        )

    def training(self, epochs: float, seed: int, batch: int) -> dict[str, Any]:
        settings = {
            "num_train_epochs": epochs,
            "learning_rate": self.learning_rate,
            "adam_beta2": 0.98,
            "per_device_train_batch_size": 1,
            "gradient_accumulation_steps": batch,
            "bf16": False,
            "save_steps": 1000,
            "logging_steps": 25,
        }
        # The longest solutions are left out; the bench counts those of the test.
        shared = {"max_length": MAX_LENGTH, "drop_at_most": 0.5, "dtype": "float32", "seed": seed}
        return shared | {"settings": settings}


def train_scorer(folder: Path, solutions: Sequence[Solution], recipe: Recipe, seed: int) -> ProcessModel:
    """Train a scorer on labelled solutions. Errors: InputError if there is nothing to train on."""
    base = folder / "untrained"
    make_model(base, recipe.architecture(), texts_of(solutions), seed)
    if recipe.pretrain_epochs:
        base = pretrained(folder, base, solutions, recipe, seed)
    labels, trained = folder / "labels", folder / "scorer"
    labels.mkdir()
    import_labels(labels, (one.labelled for one in solutions), str(folder), set())
    stage = ProcessRewardStage.model_validate(
        {"method": "process_reward", "data": [{"path": str(labels), "form": "prmbench"}]}
        | recipe.training(recipe.epochs, seed, SOLUTIONS_PER_STEP)
    )
    trained.mkdir()
    tell(reward.train(trained, stage, StudentOrigin(str(base)), [labels], quiet, device="cpu"), "labels", seed)
    return ProcessModel(ProcessScorer(kind="process", path=str(trained), dtype="float32"), str(trained))


def pretrained(folder: Path, base: Path, solutions: Sequence[Solution], recipe: Recipe, seed: int) -> Path:
    """Train a language model on the solutions, right and wrong, without their labels."""
    corpus, made = folder / "corpus", folder / "language_model"
    corpus.mkdir()
    made.mkdir()
    rows = (
        unsampled_row(
            [
                {"role": "user", "content": one.labelled.problem},
                {"role": "assistant", "content": "\n".join(one.labelled.steps)},
            ],
            one.problem_key,
            one.set,
            sample_index=number,
        )
        for number, one in enumerate(solutions)
    )
    write_rows(corpus / "corpus.parquet", rows, DATASET)
    stage = SftStage.model_validate(recipe.training(recipe.pretrain_epochs, seed, PACKS_PER_STEP))
    tell(sft.train(made, stage, StudentOrigin(str(base)), [Part(corpus)], quiet, device="cpu"), "texts", seed)
    return made


def texts_of(solutions: Sequence[Solution]) -> list[str]:
    return ["\n".join([one.labelled.problem, *one.labelled.steps]) for one in solutions]


def step_scores(model: ProcessModel, solutions: Sequence[Solution]) -> list[list[float | None] | None]:
    """Return the scores of the steps of each solution, None for a blank step; None for a solution that is too long."""
    steps = [one.labelled.steps for one in solutions]
    written = [model.write(one.labelled.problem, one.labelled.steps) for one in solutions]
    found: list[list[float | None] | None] = []
    for texts, scores in zip(steps, scores_of(written, model.reader, quiet), strict=True):
        each = iter(() if isinstance(scores, str) else scores)
        is_scored = not isinstance(scores, str)
        found.append([next(each) if text.strip() else None for text in texts] if is_scored else None)
    return found


def quiet(*_: Any, **__: Any) -> None:
    """In place of a progress line."""


def tell(counts: TrainingCounts, what: str, seed: int) -> None:
    print(
        f"seed {seed}, {what}: {counts.parameters:,} parameters, {counts.rows} rows, left out {counts.dropped}, "
        f"{counts.steps} steps, {counts.tokens:,} tokens, loss {counts.loss:.4f}, {counts.trainer_s:.0f} s",
        flush=True,
    )
