"""Measures rows/s and peak memory of import, judging, selection and rendering with a million synthetic traces.

    python -m bench.scale [--rows N] [--tokens N] [--workers N] [--json FILE]
    python -m bench.scale --plan

Import reads a Parquet file of whole completions (`teacher.kind: recorded`), judging applies every filter and the
verifier, selection its default rules, rendering the template, the tokenizer and the length bound that training uses.
Each stage runs in a separate process, as in a run, over three tenths of the rows and then over all; the difference
between the two shows the memory that grows with the rows. Peak memory is that of the stage's process and all that it
starts, without file pages, which the kernel drops when memory is short; it is sampled ten times a second.

`--plan` prints what 1, 10 and 100 million traces need: the table of docs/scale.md (`bench/scale_plan.py`).
"""

import argparse
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from bench import scale_plan
from bench.synthetic import rows, sentences
from configs.judging import Judging
from configs.models import Prompt
from configs.selection import Selection
from configs.sources import TraceColumns, TraceFile
from configs.teachers import RecordedTeacher
from records.batches import batched
from records.parquet import count_rows
from records.share import WorkerSlot

SHARES = (0.3, 1.0)
EVERY_S = 0.1
VOCABULARY = 4096
"""Vocabulary size of the tokenizer made here; a token has about four characters, as with real tokenizers."""
MAX_LENGTH = 32_768


def write_recorded(path: Path, count: int, tokens: int) -> None:
    """Write the synthetic traces as a recording, streamed."""
    schema = pa.schema([(name, pa.string()) for name in ("prompt", "reference", "completion", "source")])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batched(rows(count, tokens)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))


def quiet(*_: object, **__: object) -> None:
    """Ignore progress reports."""


def import_recorded(folder: Path, recorded: Path, limit: int) -> None:
    from teacher.problems.recorded import import_traces

    columns = TraceColumns(prompt="prompt", reference="reference", completion="completion")
    file = TraceFile(path=str(recorded), columns=columns, limit=limit)
    import_traces(folder, RecordedTeacher(kind="recorded", name="synthetic", files=[file]), quiet)


def judge(folder: Path, traces: Path, workers: int) -> None:
    from filters.judge import gather, judge_share

    part = judge_share(folder, traces, Judging(workers=workers), {}, (), False, quiet, WorkerSlot())
    gather(folder, [], [part])


def select(folder: Path, judged: Path, workers: int) -> None:
    from filters.selection.dataset import select_traces
    from filters.workers import workers as start

    with start(Judging(workers=workers)) as pool:
        select_traces(folder, judged, Selection(), Prompt().messages, pool.same)


def render_rows(folder: Path, selected: Path) -> None:
    """Render the rows as training does before it starts the trainer."""
    from datasets import Dataset, disable_progress_bars

    from student.data.rendering import RowRenderer
    from student.data.row_check import render_checked
    from student.scratch.model import make_tokenizer

    disable_progress_bars()
    tokenizer = make_tokenizer(sentences(0), VOCABULARY, MAX_LENGTH)
    files = sorted(str(file) for file in (selected / "data").glob("*.parquet"))
    renderer = RowRenderer(tokenizer)

    def columns(row: dict[str, Any]) -> dict[str, Any]:
        rendered, fault = render_checked(row, renderer, MAX_LENGTH)
        return {"input_ids": rendered.input_ids, "labels": rendered.labels, "fault": fault}

    rows = Dataset.from_parquet(files, cache_dir=str(folder))
    rendered = rows.map(columns, remove_columns=rows.column_names)
    kept = rendered.filter(lambda row: not row["fault"])
    assert len(kept) > 0.9 * len(rendered), f"{len(kept)} of {len(rendered)} fit"


def measured(work: Callable[..., None], folder: Path, *arguments: Any) -> tuple[float, int]:
    """Return the seconds of `work`, including imports and the start of its workers, and its peak memory in bytes."""
    folder.mkdir()
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        peak = Peak(pool.submit(os.getpid).result())
        started = time.monotonic()
        pool.submit(work, folder, *arguments).result()
        seconds = time.monotonic() - started
        return seconds, peak.stop()


class Peak(threading.Thread):
    """Measures the peak memory of a process and all that it started."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process, self.bytes, self.ended = psutil.Process(pid), 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.ended.wait(EVERY_S):
            self.bytes = max(self.bytes, anonymous_bytes(self.process))

    def stop(self) -> int:
        self.ended.set()
        self.join()
        return self.bytes


def anonymous_bytes(process: psutil.Process) -> int:
    """Return the resident memory that is not backed by files, of a process and all that it started."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                memory = one.memory_info()
                total += memory.rss - memory.shared
    return total


def stages(root: Path, recorded: Path, count: int, workers: int) -> Iterator[dict[str, Any]]:
    """Run each stage over the first `count` rows, and yield its entry."""
    folders = {name: root / name for name in ("import", "judging", "selection", "rendering")}
    plan: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        (import_recorded, (recorded, count)),
        (judge, (folders["import"], workers)),
        (select, (folders["judging"], workers)),
        (render_rows, (folders["selection"],)),
    ]
    taken = count
    for (name, folder), (work, arguments) in zip(folders.items(), plan, strict=True):
        if name == "rendering":
            taken = count_rows(folders["selection"] / "data")
        seconds, peak = measured(work, folder, *arguments)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        yield {"name": name, "rows": taken, "of": count, "ours": round(taken / seconds), "unit": "rows/s"} | {
            "seconds": round(seconds, 1),
            "peak_mib": peak >> 20,
            "bytes_per_row": round(size / taken),
        }


def shown(entry: dict[str, Any]) -> str:
    return (
        f"{entry['name']:12}{entry['rows']:>12,}{entry['seconds']:>10,.0f}{entry['ours']:>10,}"
        f"{entry['peak_mib']:>10,}{entry['bytes_per_row']:>12,}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--tokens", type=int, default=300, help="median length of a trace")
    parser.add_argument("--workers", type=int, default=2, help="judging's worker processes")
    parser.add_argument("--plan", action="store_true", help="print the table of docs/scale.md; measure nothing")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.plan:
        print(scale_plan.table())
        return
    entries = []
    print(f"{'stage':12}{'rows':>12}{'seconds':>10}{'rows/s':>10}{'peak MiB':>10}{'bytes/row':>12}")
    with tempfile.TemporaryDirectory() as temporary:
        recorded = Path(temporary) / "recorded.parquet"
        write_recorded(recorded, arguments.rows, arguments.tokens)
        for share in SHARES:
            root = Path(temporary) / f"{share}"
            root.mkdir()
            for entry in stages(root, recorded, round(share * arguments.rows), arguments.workers):
                entries.append(entry)
                print(shown(entry), flush=True)
            shutil.rmtree(root)
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
