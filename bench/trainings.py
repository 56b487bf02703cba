"""The trainings that `bench.training` compares: Retort's, and bare TRL's with the same settings on the same rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from bench.synthetic import rows
from configs.load import load_config
from configs.models import Model, Prompt
from configs.scratch import Architecture, Scratch
from configs.training import Training
from records.dataset_row import unsampled_row
from records.parquet import read_rows, write_rows
from records.schemas import DATASET
from records.thinking import CLOSE

EMBEDDED, LARGER = "embedded", "larger"
ARCHITECTURE = Architecture(
    hidden_size=256,
    intermediate_size=768,
    num_hidden_layers=4,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=64,
    vocab_size=4096,
)
"""Of the larger model: 4 M parameters, 26 times as many as the embedded student."""


@dataclass(frozen=True)
class Speed:
    """What one training did, in the seconds from its first step's begin to its last step's end, checkpoints between
    steps included."""

    tokens: int
    supervised: int | None
    """Tokens with a loss; bare TRL does not count them."""
    seconds: float


@dataclass(frozen=True)
class Case:
    """A model and a dataset. `folder` gets both."""

    name: str
    folder: Path
    rows: int
    steps: int

    @property
    def model(self) -> Path:
        return self.folder / "model"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def training(self, packing: bool) -> Training:
        """Return the settings. Padded or packed, a step has about as many tokens. Five checkpoints are written."""
        often = max(1, self.steps // 5)
        settings = {"max_steps": self.steps, "save_steps": often, "logging_steps": min(5, often), "bf16": False}
        # The embedded pair's padding and longest row are the demo's.
        length, padded, packed = (256, 16, 6) if self.name == EMBEDDED else (768, 8, 3)
        batch = {"per_device_train_batch_size": packed} if packing else {"per_device_train_batch_size": padded}
        given = settings | batch | {"packing": packing, "learning_rate": 1e-3}
        if not packing:
            given["pad_to_multiple_of"] = 32
        return Training.model_validate({"max_length": length, "drop_at_most": 1, "dtype": "float32", "settings": given})

    def make(self) -> None:
        """Write the dataset, and a model with random weights."""
        from student.scratch.model import make_model

        self.data.mkdir(parents=True)
        made = list(islice(self.dataset(), self.rows))
        write_rows(self.data / "train.parquet", made, DATASET)
        texts = [turn["content"] for row in made for turn in row["messages"]]
        architecture = self.scratch.architecture if self.name == EMBEDDED else ARCHITECTURE
        make_model(self.model, architecture, texts, seed=0)

    def dataset(self) -> Iterator[dict[str, Any]]:
        """Yield rows of mixed length: the embedded pair's worked solutions, or synthetic traces of 260 tokens."""
        from student.scratch.worked import solved_rows
        from teacher.problems.generated import generate

        if self.name == EMBEDDED:
            sources = [source.model_copy(update={"size": self.rows}) for source in self.scratch.problems]
            problems = (problem for pair in zip(*map(generate, sources), strict=True) for problem in pair)
            yield from solved_rows(problems, "worked", Prompt(), "bench")
            return
        for number, row in enumerate(rows(4 * self.rows, 200)):
            if CLOSE in row["completion"]:
                turns = [("user", row["prompt"]), ("assistant", row["completion"])]
                messages = [{"role": role, "content": content} for role, content in turns]
                yield unsampled_row(messages, str(number), row["source"])

    @cached_property
    def scratch(self) -> Scratch:
        student = load_config("configs/demo/tiny.yaml").student
        assert isinstance(student, Model)
        assert student.scratch is not None
        return student.scratch


def train_ours(case: Case, folder: Path, packing: bool) -> Speed:
    """Train as the stage does: with ledger, journal, checkpoints that resume, checks and log."""
    from student.data.mixing import Part
    from student.data.student_files import StudentOrigin
    from student.methods.sft import train

    folder.mkdir()
    origin = StudentOrigin(str(case.model))
    counts = train(folder, case.training(packing), origin, [Part(case.data)], lambda *_, **__: None)
    return Speed(counts.tokens, counts.supervised_tokens, counts.trainer_s)


def train_bare(case: Case, folder: Path, packing: bool) -> Speed:
    """Train with `trl.SFTTrainer` alone, on the rows as Retort renders them. It packs them itself."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    from bench.step_clock import StepClock
    from student.data.rendering import RowRenderer
    from student.data.row_check import render_checked
    from student.data.student_files import StudentOrigin
    from student.methods.settings import settings_of

    training, clock = case.training(packing), StepClock()
    tokenizer = StudentOrigin(str(case.model)).tokenizer()
    renderer = RowRenderer(tokenizer)
    found = (render_checked(row, renderer, training.max_length) for row in read_rows(case.data))
    rendered = [{"input_ids": row.input_ids, "labels": row.labels} for row, fault in found if not fault]
    settings = settings_of(training) | {"save_total_limit": 2, "dataloader_pin_memory": False}
    arguments = SFTConfig(
        **settings,
        output_dir=str(folder),
        max_length=training.max_length,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        seed=training.seed,
    )
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(case.model, dtype="float32"),
        args=arguments,
        train_dataset=Dataset.from_list(rendered),
        processing_class=tokenizer,
        callbacks=[clock],
    )
    trainer.train()
    tokens = next(entry["num_tokens"] for entry in reversed(trainer.state.log_history) if "num_tokens" in entry)
    return Speed(int(tokens), None, clock.seconds)
