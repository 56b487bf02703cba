"""The rows that a reward model is trained on and evaluated on: pairs of replies, single replies, or solutions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset, Features, List, Value, concatenate_datasets
from numpy.typing import NDArray

from configs.stages import ProcessRewardStage, RewardModelStage, RewardStage
from records.errors import InputError
from records.parquet import count_rows
from records.replies import REPLIES, read_pairs
from records.step_labels import STEPS
from records.verified import listed_files
from student.data.faults import too_many_dropped
from student.data.mixing import ID_COLUMNS, held_out_rows
from student.data.row_check import name_of
from student.data.scored_texts import Write
from student.methods.journal import Step

FEATURES = {
    "input_ids": List(Value("int32")),
    "at": List(Value("int32")),
    "targets": List(Value("float32")),
    "fault": Value("string"),
}


@dataclass(frozen=True)
class ScoredRows:
    """Written texts, and the rows made of them. Made by `scored_rows`; read by the trainer."""

    texts: Dataset
    """The fields of `student.data.scored_texts.ScoredText`, and the ID_COLUMNS."""
    rows: NDArray[np.int64]
    """Numbers of the texts of each row, [rows, 2] for pairs, the better one first, or [rows, 1]."""
    train: list[int]
    """Numbers of the rows that one epoch trains on."""
    held_out: list[int]
    dropped: dict[str, int]
    """Rows left out, by reason."""

    def dataset(self, numbers: list[int]) -> Dataset:
        """Return rows as the collator reads them: `row`, the number, and for each of its texts `input_ids`, `at` and
        `targets`."""
        texts = self.texts.with_format("numpy", columns=["input_ids", "at", "targets"])

        def read(batch: dict[str, Any]) -> dict[str, list[Any]]:
            wanted = self.rows[batch["row"]]
            found, each = texts[wanted.ravel().tolist()], wanted.shape[1]
            split = {name: [found[name][at : at + each] for at in range(0, wanted.size, each)] for name in found}
            return {"row": batch["row"]} | split

        return Dataset.from_dict({"row": numbers}, Features({"row": Value("int64")})).with_transform(read)

    def in_texts(self, steps: Sequence[Step]) -> list[Step]:
        """Return the steps with the numbers of their texts in place of those of their rows, for the ledger."""
        return [replace(step, rows=self.rows[step.rows].ravel().tolist()) for step in steps]


def scored_rows(folders: Sequence[Path], config: RewardModelStage, write: Write, cache: Path) -> ScoredRows:
    """Write all texts, leave out faulty rows, and hold problems out. Errors: InputError if no row is left, or if more
    are left out than the stage allows."""
    texts = concatenate_datasets([written(files_of(folder, config), write, cache) for folder in folders])
    rows = rows_of(folders, config, [sum(map(count_rows, files_of(folder, config))) for folder in folders])
    faults = row_faults(np.array(texts["fault"][:], dtype=str), rows)
    faulty = np.flatnonzero(faults != "")
    dropped = dict(Counter(faults[faulty].tolist()).most_common())
    first = {reason: int(rows[np.argmax(faults == reason), 0]) for reason in dropped}
    named = {reason: name_of(texts[at]) for reason, at in first.items()}
    if refusal := too_many_dropped(dropped, len(rows), config.drop_at_most, named):
        raise InputError(refusal)
    fits = faults == ""
    ids = texts.select_columns(["problem_id"]).select(rows[:, 0])
    apart = held_out_rows(ids, fits, config)
    return ScoredRows(
        texts=texts,
        rows=rows,
        train=np.flatnonzero(fits & ~apart).tolist(),
        held_out=np.flatnonzero(fits & apart).tolist(),
        dropped=dropped,
    )


def files_of(folder: Path, config: RewardModelStage) -> list[Path]:
    return listed_files(folder, STEPS if isinstance(config, ProcessRewardStage) else REPLIES)


def rows_of(folders: Sequence[Path], config: RewardModelStage, counts: Sequence[int]) -> NDArray[np.int64]:
    """Return the numbers of the texts of each row; the folders have `counts` texts."""
    if not (isinstance(config, RewardStage) and config.labels == "pairs"):
        return np.arange(sum(counts), dtype=np.int64)[:, None]
    starts = np.cumsum([0, *counts[:-1]])
    pairs = [
        (start + pair.chosen, start + pair.rejected)
        for folder, start in zip(folders, starts.tolist(), strict=True)
        for pair in read_pairs(folder)
    ]
    return np.array(pairs, dtype=np.int64)


def row_faults(faults: NDArray[np.str_], rows: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the first fault of each row's texts; empty if none has one."""
    found = faults[rows[:, 0]]
    for column in range(1, rows.shape[1]):
        found = np.where(found == "", faults[rows[:, column]], found)
    return found


def written(files: list[Path], write: Write, cache: Path) -> Dataset:
    """Write the rows of some files, in their order. They stay on the disk."""
    rows: Any = Dataset.from_parquet(list(map(str, files)), cache_dir=str(cache))
    features = Features({name: rows.features[name] for name in ID_COLUMNS} | FEATURES)
    others = [name for name in rows.column_names if name not in ID_COLUMNS]
    made: Dataset = rows.map(
        lambda row: asdict(write(row)), remove_columns=others, features=features, load_from_cache_file=False
    )
    return made
