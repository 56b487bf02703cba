"""The stage that makes a model from random weights, for machines that cannot download any."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.prompt import Prompt
from configs.scratch import Scratch
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.problems import Problems, problem_ids
from flows.stages.train import LIBRARIES, SHAPES_NO_WEIGHTS
from records.counts import ScratchCounts


@dataclass(frozen=True, kw_only=True)
class ScratchModel(Stage):
    """Makes an untrained model, and trains it on solutions written by a program."""

    version = "2"
    scratch: Scratch
    prompt: Prompt
    held_out: tuple[Problems, ...]

    @property
    def needs(self) -> tuple[Stage, ...]:
        return self.held_out

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("reasoning_gym", *LIBRARIES)

    def settings(self) -> dict[str, Any]:
        scratch = self.scratch.model_dump(mode="json", exclude={"training": SHAPES_NO_WEIGHTS})
        return {"scratch": scratch, "prompt": self.prompt.model_dump(mode="json")}

    def build(self, folder: Path, *, progress: Report) -> ScratchCounts:
        import shutil

        from records.parquet import DATASET, read_problems, read_rows, write_rows
        from student.methods.sft import train
        from student.scratch.model import make_model
        from student.scratch.worked import solved_rows
        from teacher.problems.sources import write_problems

        work = folder / ".work"
        corpus, untrained = work / "corpus", work / "untrained"
        corpus.mkdir(parents=True, exist_ok=True)

        # Write problems, and their solutions as a dataset.
        counts = write_problems(work, list(self.scratch.problems), problem_ids(self.held_out))
        rows = solved_rows(read_problems(work / "problems.parquet"), self.scratch.solutions, self.prompt, self.name)
        write_rows(corpus / "corpus.parquet", rows, DATASET)

        # Make a tokenizer from these texts, and random weights.
        texts = (turn["content"] for row in read_rows(corpus) for turn in row["messages"])
        make_model(untrained, self.scratch.architecture, texts, self.scratch.training.seed)

        trained = train(folder, self.scratch.training, str(untrained), None, corpus, progress)
        shutil.rmtree(work)
        return ScratchCounts(problems=counts, training=trained)
