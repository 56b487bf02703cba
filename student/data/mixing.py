"""Mixes datasets into the rows that a stage trains on, and those on which it is evaluated meanwhile.

Rows stay where they were rendered; a mix is only a list of row numbers, in packs of one or several.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
from datasets import Dataset, Features, List, Value, concatenate_datasets

from configs.training import Training
from records.errors import InputError
from records.parquet import count_rows, parquet_files
from student.data.faults import too_many_dropped
from student.data.packing import pack
from student.data.rendering import IGNORED, RowRenderer
from student.data.row_check import name_of, render_checked
from student.data.stored import StoredLogprobs

ROWS_PER_PROCESS = 2_000
"""A further process must have as many rows to render: two minutes of long traces, against seconds for its start."""
ID_COLUMNS = ["source", "problem_id", "attempt", "sample_index"]
"""Columns that together identify a row."""


FILLING = np.zeros(2, np.int32), np.full(2, IGNORED, np.int32)
"""Ids and labels of a row of nothing: two tokens, because the loss drops one, and neither has a label."""


@dataclass(frozen=True)
class Part:
    """One dataset of a mix: a folder of `*.parquet` files with the columns of `records.schemas.DATASET`."""

    folder: Path
    weight: float = 1.0
    """Share of its rows that take part."""
    epochs: int = 1
    """How often each of them comes in one epoch."""


@dataclass(frozen=True)
class Mix:
    """Rendered rows, and which of them are trained on and evaluated on."""

    rows: Dataset
    """All rows: `input_ids`, `labels`, the `fault` of one that is left out, and the ID_COLUMNS."""
    train: list[list[int]]
    """Row numbers by pack: what one epoch trains on."""
    held_out: list[list[int]]
    trained_rows: int
    """Distinct rows in `train`."""
    dropped: dict[str, int]
    """Rows left out, by reason (`student.data.faults`)."""

    def dataset(self, packs: list[list[int]], filling: int = 0) -> Dataset:
        """Return the packs as the trainer reads them: `input_ids`, `labels`, `seq_lengths` and `rows`. At the end come
        `filling` packs without rows, of tokens without loss."""
        rows = self.rows.with_format("numpy", columns=["input_ids", "labels"])

        def joined(batch: dict[str, Any]) -> dict[str, list[Any]]:
            # One look-up for all: each takes a millisecond, however many rows it is for.
            found = rows[[number for numbers in batch["rows"] for number in numbers]]
            each = iter(zip(found["input_ids"], found["labels"], strict=True))
            packed = [[next(each) for _ in numbers] or [FILLING] for numbers in batch["rows"]]
            return {
                "input_ids": [np.concatenate([ids for ids, _ in one]) for one in packed],
                "labels": [np.concatenate([labels for _, labels in one]) for one in packed],
                "seq_lengths": [[len(ids) for ids, _ in one] for one in packed],
                "rows": batch["rows"],
            }

        all_packs = packs + [[] for _ in range(filling)]
        return Dataset.from_dict({"rows": all_packs}, Features({"rows": List(Value("int64"))})).with_transform(joined)


def mix(
    parts: Sequence[Part],
    config: Training,
    packing: tuple[bool, bool],
    renderer: RowRenderer,
    cache: Path,
    stored: StoredLogprobs | None = None,
) -> Mix:
    """Render the rows of all parts, leave out faulty ones, hold out problems, and draw by weight and epochs.

    `packing` says whether rows are packed for training and for evaluation. With `stored` logprobs, rows that they do
    not fit are left out too. The result depends on the rows and the
    stage's seed alone. Errors: InputError if no row is left, or if more are left out than the stage allows.
    """
    rendered = [rendered_rows(part.folder, renderer, config.max_length, cache) for part in parts]
    rows = concatenate_datasets(rendered)
    lengths, faults = lengths_of(rows), np.array(rows["fault"][:], dtype=str)
    faults = stored.faults(rows, faults) if stored else faults
    fits = faults == ""
    dropped = check_dropped(rows, faults, config)
    held_out = held_out_rows(rows, fits, config)

    chosen, start = [], 0
    for index, (part, own) in enumerate(zip(parts, rendered, strict=True)):
        numbers = start + np.flatnonzero((fits & ~held_out)[start : start + len(own)])
        start += len(own)
        count = min(len(numbers), max(1, round(part.weight * len(numbers))))
        draw = np.random.default_rng([config.seed, index]).permutation(len(numbers))[:count]
        chosen += [numbers[np.sort(draw)]] * part.epochs
    train, evaluate = np.concatenate(chosen), np.flatnonzero(fits & held_out)
    if not len(train):
        raise InputError(f"no row is left to train on: all problems are held out; lower held_out ({config.held_out:g})")
    return Mix(
        rows=rows,
        train=packs_of(train, lengths, config.max_length if packing[0] else None),
        held_out=packs_of(evaluate, lengths, config.max_length if packing[1] else None),
        trained_rows=len(np.unique(train)),
        dropped=dropped,
    )


def rendered_rows(
    folder: Path, renderer: RowRenderer, max_length: int, cache: Path, processes: int | None = None
) -> Dataset:
    """Render a dataset's rows, in their order. `processes` defaults to the machine's cores, and to fewer if there are
    few rows. Errors: InputError if there are none."""
    files = list(map(str, parquet_files(folder)))
    if not files:
        raise InputError(f"{folder}: holds no *.parquet files; delete its folder to make the dataset again")
    count = count_rows(folder)
    if not count:
        raise InputError(f"{folder}: the dataset has no rows; there is nothing to train on")

    def columns(row: dict[str, Any]) -> dict[str, Any]:
        rendered, fault = render_checked(row, renderer, max_length)
        return {"input_ids": rendered.input_ids, "labels": rendered.labels, "fault": fault}

    # Only these are read: logprobs would take a hundred times their space.
    rows = Dataset.from_parquet(files, columns=["messages", *ID_COLUMNS], cache_dir=str(cache))
    # 4-byte ids: rows of 32k tokens would take twice the disk with the default.
    features = Features({name: rows.features[name] for name in ID_COLUMNS})
    features |= {"input_ids": List(Value("int32")), "labels": List(Value("int32")), "fault": Value("string")}
    processes = processes or processes_for(count, len(os.sched_getaffinity(0)))
    return rows.map(
        columns,
        remove_columns=["messages"],
        features=Features(features),
        num_proc=processes if processes > 1 else None,
        desc="rendering",
    )


def processes_for(rows: int, cores: int) -> int:
    return min(cores, max(1, rows // ROWS_PER_PROCESS))


def lengths_of(rows: Dataset) -> np.ndarray:
    """Return the tokens of each row, without turning them into Python objects."""
    column = rows.with_format("arrow", columns=["input_ids"])
    batches = [pc.list_value_length(batch["input_ids"]).to_numpy() for batch in column.iter(batch_size=1000)]
    return np.concatenate(batches)


def check_dropped(rows: Dataset, faults: np.ndarray, config: Training) -> dict[str, int]:
    """Return the rows left out, by reason. Errors: InputError if there are more than `drop_at_most`."""
    faulty = np.flatnonzero(faults != "")
    dropped = dict(Counter(faults[faulty].tolist()).most_common())
    named = {reason: name_of(rows[int(np.argmax(faults == reason))]) for reason in dropped}
    refusal = too_many_dropped(dropped, len(rows), config.drop_at_most, named)
    if refusal:
        raise InputError(refusal)
    return dropped


def held_out_rows(rows: Dataset, fits: np.ndarray, config: Training) -> np.ndarray:
    """Return a mask of the rows whose problem is held out. Problems are drawn by a hash with the stage's seed, so that
    one more problem moves no other to the other side."""
    if not config.held_out:
        return np.zeros(len(rows), dtype=bool)
    ids = rows["problem_id"][:]
    problems = sorted({name for name, fitting in zip(ids, fits, strict=True) if fitting}, key=seeded(config.seed))
    count = int(config.held_out) if config.held_out >= 1 else max(1, round(config.held_out * len(problems)))
    if count >= len(problems):
        raise InputError(f"held_out: {count} of {len(problems)} problems leave none to train on; lower it")
    chosen = set(problems[:count])
    return np.array([name in chosen for name in ids])


def seeded(seed: int) -> Any:
    return lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest()


def packs_of(numbers: np.ndarray, lengths: np.ndarray, capacity: int | None) -> list[list[int]]:
    if capacity is None:
        return [[int(number)] for number in numbers]
    return [[int(numbers[at]) for at in one] for one in pack(lengths[numbers], capacity)]
