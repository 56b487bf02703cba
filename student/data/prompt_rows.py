"""Rendered prompts, and which of them are trained on and evaluated on."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset

from configs.stages import DistillStage
from records.errors import InputError
from records.parquet import read_problems
from records.rendering import prompt_text
from records.thinking import OPEN, prefilled
from student.data.asked import AskedProblem, PromptRenderer, check_dropped
from student.data.mixing import held_out_rows


@dataclass(frozen=True)
class PromptRows:
    """The prompts of an on-policy training. Made by `prompt_rows`; read by the trainer."""

    prompts: list[AskedProblem]
    train: list[int]
    """Numbers of the prompts that one epoch trains on."""
    held_out: list[int]
    dropped: dict[str, int]
    """Prompts left out, by reason (`student.data.faults`)."""
    other: Any = None
    """The tokenizer of a teacher that reads the prompts in its own template; None if it reads the student's tokens."""

    def dataset(self, numbers: list[int]) -> Dataset:
        """Return prompts as the trainer reads them: `prompt`, token ids, `row`, the number, and `teacher_prompt`, the
        text for a teacher with another tokenizer."""
        rows: dict[str, list[Any]] = {"prompt": [self.prompts[one].input_ids for one in numbers], "row": numbers}
        if self.other is not None:
            rows["teacher_prompt"] = [teacher_prompt(self.other, self.prompts[one]) for one in numbers]
        return Dataset.from_dict(rows)

    def ids(self) -> Dataset:
        """Return what identifies each prompt, for the ledger. It is no sample, which the zeros stand for."""
        count = len(self.prompts)
        return Dataset.from_dict(
            {
                "source": [one.problem.source for one in self.prompts],
                "problem_id": [one.problem.id for one in self.prompts],
                "attempt": [0] * count,
                "sample_index": [0] * count,
            }
        )

    def check_batch(self, batch: int) -> None:
        """Errors: InputError if there are fewer prompts than a step takes."""
        if len(self.train) < batch:
            raise InputError(
                f"a step takes {batch} prompts, and there are {len(self.train)}: lower per_device_train_batch_size or "
                "gradient_accumulation_steps, or give more problems"
            )


def teacher_prompt(tokenizer: Any, asked: AskedProblem) -> str:
    """Return a prompt in the teacher's template that ends as the student's does, with or without the beginning of a
    reasoning: the teacher reads on in what the student writes, and would find the tag twice, or not at all."""
    text = prompt_text(tokenizer, asked.turns)
    before = text[: text.rindex(OPEN)] if prefilled(text) else text
    return before + (asked.text[asked.text.rindex(OPEN) :] if prefilled(asked.text) else "")


def prompt_rows(problems: Path, config: DistillStage, renderer: PromptRenderer, other: Any = None) -> PromptRows:
    """Render a file of problems, leave out faulty prompts, and hold some out. `other` is the tokenizer of a teacher
    that has another vocabulary. Errors: InputError if no prompt is left, or if more are left out than the
    stage allows."""
    prompts = [renderer.render(one) for one in islice(read_problems(problems), config.prompts.limit)]
    if not prompts:
        raise InputError(f"{problems}: holds no problems; there is nothing to ask")
    dropped = check_dropped(prompts, config.drop_at_most)
    fits = np.array([not one.fault for one in prompts])
    apart = held_out_rows(Dataset.from_dict({"problem_id": [one.problem.id for one in prompts]}), fits, config)
    return PromptRows(
        prompts=prompts,
        train=np.flatnonzero(fits & ~apart).tolist(),
        held_out=np.flatnonzero(fits & apart).tolist(),
        dropped=dropped,
        other=other,
    )
