"""The stage that makes a model from random weights, for machines that cannot download any."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.launch import Launch
from configs.prompt import Prompt
from configs.scratch import Scratch
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.problems import Problems, problem_ids
from flows.stages.train import LIBRARIES
from flows.weights import Weights
from records.training_counts import ScratchCounts
from student.methods.identity import shaping


@dataclass(frozen=True, kw_only=True)
class ScratchModel(Stage):
    """Makes an untrained model, and trains it on solutions written by a program."""

    version = "4"
    scratch: Scratch
    prompt: Prompt
    held_out: tuple[Problems, ...]
    launch: Launch
    tokenizer_of: Weights | None = None
    """The model whose tokenizer it takes; None makes one of its own."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (*self.held_out, *(self.tokenizer_of.needs if self.tokenizer_of else ()))

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("reasoning_gym", *LIBRARIES, "student.methods.sft")

    @property
    def gpus(self) -> int:
        return 1

    def settings(self) -> dict[str, Any]:
        scratch = self.scratch.model_dump(mode="json", exclude={"training"})
        training, prompt = shaping(self.scratch.training), self.prompt.model_dump(mode="json")
        taken = self.tokenizer_of.identity() if self.tokenizer_of else None
        return {"scratch": scratch, "training": training, "prompt": prompt, "tokenizer_of": taken}

    def build(self, folder: Path, *, progress: Report) -> ScratchCounts:
        from records.files import WORK
        from records.parquet import read_problems, read_rows, write_rows
        from records.schemas import DATASET
        from student.data.mixing import Part
        from student.data.student_files import StudentOrigin
        from student.methods.sft import train
        from student.scratch.model import make_model, write_model
        from student.scratch.worked import solved_rows
        from teacher.problems.sources import write_problems

        work = folder / WORK
        corpus, untrained = work / "corpus", work / "untrained"
        corpus.mkdir(parents=True, exist_ok=True)

        # Write problems, and their solutions as a dataset.
        counts = write_problems(work, list(self.scratch.problems), problem_ids(self.held_out))
        rows = solved_rows(read_problems(work / "problems.parquet"), self.scratch.solutions, self.prompt, self.name)
        write_rows(corpus / "corpus.parquet", rows, DATASET)

        # Make a tokenizer from these texts, or take another model's, and make random weights.
        architecture, seed = self.scratch.architecture, self.scratch.training.seed
        if self.tokenizer_of:
            taken = StudentOrigin(self.tokenizer_of.location, self.tokenizer_of.revision)
            write_model(untrained, architecture, taken.tokenizer(), seed)
        else:
            make_model(
                untrained, architecture, (one["content"] for row in read_rows(corpus) for one in row["messages"]), seed
            )

        origin, device = StudentOrigin(str(untrained)), self.launch.device
        trained = train(folder, self.scratch.training, origin, [Part(corpus)], progress, device=device)
        return ScratchCounts(problems=counts, training=trained)
