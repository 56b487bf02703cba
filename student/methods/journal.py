"""The journal of a training: one line for each optimizer step, with the rows it trained on.

It is durable before the step's checkpoint is. A resumed training cuts the lines after its checkpoint and writes them
again, so the finished journal tells exactly what the weights have seen, over any number of attempts. Each line has a
checksum, and a checkpoint has the hash of the lines before it: another training's journal is not taken for this one's.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from datasets import Dataset
from pydantic import FiniteFloat, NonNegativeInt, TypeAdapter

from records.errors import InputError
from records.files import never_a_link, write_whole
from records.journal_lines import HEAD, is_whole, lined
from records.parquet import write_rows
from records.rows import Problem
from records.schemas import LEDGER, REWARDED_LEDGER
from records.training_log import RECORDS
from student.data.mixing import ID_COLUMNS

JOURNAL, LEDGER_FILE = "steps.jsonl", "ledger.parquet"


@dataclass(frozen=True)
class Step:
    """One optimizer step. Made by the trainer; read for the ledger, the counts and the curves."""

    step: NonNegativeInt
    rows: list[NonNegativeInt]
    """Numbers of the rows, in the order of the micro-batches; a pack gives several."""
    loss: FiniteFloat
    """Mean loss over the step's supervised tokens, in nats."""
    tokens: NonNegativeInt
    supervised: NonNegativeInt
    seconds: FiniteFloat
    """Wall time since the step before, with what was saved and evaluated in between."""
    rewards: list[FiniteFloat | None] = field(default_factory=list)
    """Of reinforcement learning: the reward of the completion of each of the rows, None for one that has none."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Of reinforcement learning: columns of the training log."""


AS_JSON = TypeAdapter(Step)


class Journal:
    """Appends steps to a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self.content = hashlib.sha256()
        """Of the steps so far, as they stand in the file."""

    def cut(self, step: int) -> None:
        """Remove all lines after a step, a torn last line included. Errors: InputError unless the others tell every
        step up to it once, in order: the ledger would tell of other rows than the weights have seen."""
        kept = [line for line in self.steps() if line.step <= step]
        if [line.step for line in kept] != [*range(1, step + 1)]:
            raise InputError(
                f"{self.path}: does not tell each of the {step} steps that were trained; delete {self.path.parent} to "
                "train from the start"
            )
        lines = b"".join(map(line_of, kept))
        write_whole(self.path, lines)
        self.content = hashlib.sha256(lines)

    def append(self, step: Step) -> None:
        line = line_of(step)
        with open(self.path, "ab", opener=never_a_link) as file:
            file.write(line)
        self.content.update(line)

    def sync(self) -> None:
        """Flush to the disk. Called before a checkpoint is written, which must not outlive the lines of its steps."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())

    def steps(self) -> Iterator[Step]:
        """Yield the whole lines, in order. Errors: InputError for a line that is no step's."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    continue
                try:
                    if not is_whole(line):
                        raise ValueError("another checksum")
                    yield AS_JSON.validate_json(line[HEAD:], extra="forbid")
                except ValueError as error:  # pydantic's is one, too
                    raise InputError(
                        f"{self.path}: line {number} is no step of a training; delete {self.path.parent} to train from "
                        "the start"
                    ) from error


def line_of(step: Step) -> bytes:
    return lined(json.dumps(asdict(step)).encode())


def check_rows(folder: Path, steps: Iterable[Step], rows: int) -> None:
    """Check that the steps of the training in `folder` name none but its `rows` rows. Errors: InputError."""
    if any(row >= rows for step in steps for row in step.rows):
        raise InputError(f"{folder}: its journal names rows that it has not; delete {folder} to train from the start")


def write_ledger(folder: Path, steps: list[Step], rows: Dataset) -> int:
    """Write `training/ledger.parquet`: the ids of the trained rows in their order. Return the number of entries."""
    check_rows(folder, steps, len(rows))
    ids = rows.select_columns(ID_COLUMNS)

    def entries() -> Iterator[dict[str, object]]:
        for step in steps:
            found = ids[step.rows]
            for at in range(len(step.rows)):
                yield {"step": step.step} | {name: found[name][at] for name in ID_COLUMNS}

    (folder / RECORDS).mkdir(exist_ok=True)
    return write_rows(folder / RECORDS / LEDGER_FILE, entries(), LEDGER)


def write_rewarded_ledger(folder: Path, steps: list[Step], problems: list[Problem]) -> int:
    """Write `training/ledger.parquet` of reinforcement learning: the problem and the reward of every completion in the
    order in which they were trained on. Return the number of entries."""
    check_rows(folder, steps, len(problems))

    def entries() -> Iterator[dict[str, object]]:
        for step in steps:
            for row, reward in zip(step.rows, step.rewards, strict=True):
                problem = problems[row]
                yield {"step": step.step, "source": problem.source, "problem_id": problem.id, "reward": reward}

    (folder / RECORDS).mkdir(exist_ok=True)
    return write_rows(folder / RECORDS / LEDGER_FILE, entries(), REWARDED_LEDGER)
