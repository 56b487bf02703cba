"""Measures rows/s and peak memory of the preflight with up to a million synthetic rows, in one process and in two.

    python -m bench.preflight [--rows N …] [--tokens N] [--processes N …] [--json FILE]

Each preflight runs in a process of its own, over the first rows of one dataset: imports and the start of further
processes are part of its seconds. Peak memory is that of all of its processes, without file pages, sampled ten times a
second. All numbers of processes must find the same.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.scale import MAX_LENGTH, VOCABULARY, measured
from bench.synthetic import rows, sentences
from records.dataset_row import unsampled_row
from records.parquet import write_rows
from records.preflight import read_preflight
from records.schemas import DATASET
from records.thinking import CLOSE

COLUMNS = ("rows", "processes", "seconds", "rows/s", "tokens/s", "peak MiB", "ratio")


def write_dataset(folder: Path, count: int, tokens: int) -> None:
    """Write `count` rows, streamed. Completions that were cut off are left out, as selection would."""
    folder.mkdir()
    whole = (row for row in rows(2 * count, tokens) if CLOSE in row["completion"])
    dataset = (
        unsampled_row(
            [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["completion"]}],
            str(number),
            row["source"],
        )
        for number, row in enumerate(islice(whole, count))
    )
    assert write_rows(folder / "train.parquet", dataset, DATASET) == count


def write_student(folder: Path) -> None:
    """Write a tokenizer made from the rows' sentences, and a model's config; the preflight loads no more."""
    from transformers import Qwen3Config

    from student.scratch.model import make_tokenizer

    make_tokenizer(sentences(0), VOCABULARY, MAX_LENGTH).save_pretrained(folder)
    Qwen3Config(vocab_size=VOCABULARY, max_position_embeddings=MAX_LENGTH).save_pretrained(folder)


def check(folder: Path, data: Path, student: Path, processes: int) -> None:
    """Run the preflight, and write what it found into `folder`."""
    from configs.training import Training
    from records.files import write_json
    from records.preflight import FILE
    from student.data.preflight import run_preflight
    from student.data.student_files import StudentOrigin

    training = Training(max_length=MAX_LENGTH)
    found = run_preflight([data], StudentOrigin(str(student)), "visible", training, lambda *_: None, processes)
    write_json(folder / FILE, found)


def measure(root: Path, counts: list[int], tokens: int, processes: list[int]) -> Iterator[dict[str, Any]]:
    """Yield an entry for each number of rows and of processes. `ratio` is to the first number of processes."""
    write_student(root / "student")
    for count in counts:
        write_dataset(root / f"{count}", count, tokens)
        first: dict[str, Any] = {}
        for several in processes:
            folder = root / f"{count}-{several}"
            seconds, peak = measured(check, folder, root / f"{count}", root / "student", several)
            found = read_preflight(folder)
            entry: dict[str, Any] = {"rows": count, "processes": several, "seconds": round(seconds, 1), "found": found}
            first = first or entry
            assert found == first["found"], "another number of processes found something else"
            entry |= {"rows/s": round(count / seconds), "tokens/s": round(found.tokens / seconds)}
            yield entry | {"peak MiB": peak >> 20, "ratio": round(first["seconds"] / seconds, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--tokens", type=int, default=300, help="median length of a row's completion")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    entries = []
    print("".join(f"{column:>12}" for column in COLUMNS))
    with tempfile.TemporaryDirectory() as temporary:
        for entry in measure(Path(temporary), arguments.rows, arguments.tokens, arguments.processes):
            entries.append({column: entry[column] for column in COLUMNS})
            print("".join(f"{value:>12,}" for value in entries[-1].values()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
