"""Measures seconds and memory of all metrics of a million judged rows (docs/evaluation.md).

    python -m bench.metrics [--rows N] [--samples N] [--json FILE]

It makes judged traces of a benchmark, N samples of each problem, and a table of verdicts with the same rows, as Parquet
and JSONL. Each is scored in a process of its own: a run's scores from the judged traces of a base and a student, with
their paired difference, and `retort score` on each table. Peak memory is that of the process; on a busy machine the
seconds on the processor say more than those on the clock.
"""

import argparse
import contextlib
import io
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.memory import peak_mib
from records.parquet import write_rows
from records.rows import CUT_OFF, FINISHED, MATH, Trace, Variant, Verdict
from records.schemas import TRACE

ANSWER = "The sum of the two numbers is therefore what was asked for. " * 5
REASONING = "We add the numbers one after the other and check the result. " * 5


def verdict_rows(rows: int, samples: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield rows of problems of every difficulty: verdict, one of a few answers, score and tokens."""
    rng = np.random.default_rng(seed)
    for problem in range(rows // samples):
        right = rng.random(samples) < np.random.default_rng(problem).beta(0.5, 0.5)
        wrong, scores, tokens = rng.geometric(0.3, samples), rng.random(samples), rng.integers(50, 30_000, samples)
        for at in range(samples):
            answer = "0" if right[at] else str(int(wrong[at]))
            yield {
                "problem": f"problem-{problem:07}",
                "sample": at,
                "correct": bool(right[at]),
                "answer": answer,
                "score": float(scores[at] + 0.2 * right[at]),
                "tokens": int(tokens[at]),
            }


def traces(rows: int, samples: int, seed: int) -> Iterator[Trace]:
    """Yield the same rows as judged traces."""
    for row in verdict_rows(rows, samples, seed):
        verdict = Verdict(MATH, "1", "pass" if row["correct"] else "fail", extracted=row["answer"])
        yield Trace(
            problem_id=row["problem"],
            attempt=0,
            sample_index=row["sample"],
            prompt=row["problem"],
            reference="0",
            verifier=MATH,
            source="bench",
            extra="",
            reasoning=REASONING,
            answer=ANSWER,
            closed=True,
            finish_reason=CUT_OFF if row["tokens"] > 29_000 else FINISHED,
            prompt_tokens=20,
            completion_tokens=row["tokens"],
            seed=row["sample"],
            teacher="bench",
            request_fingerprint="",
            verdicts=[Verdict("length", "1", "pass"), verdict],
        )


def make_tables(folder: Path, rows: int, samples: int) -> None:
    for seed, name in enumerate(("base", "student")):
        (folder / name).mkdir()
        write_rows(folder / name / "judged.parquet", traces(rows, samples, seed), TRACE)
    table = pa.Table.from_pylist(list(verdict_rows(rows, samples, 0)))
    pq.write_table(table, folder / "table.parquet")
    with (folder / "table.jsonl").open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in verdict_rows(rows, samples, 0))


def score_run(folder: Path) -> int:
    """Score the student's rows and as many of the base, and return the number of scores."""
    from eval.metrics.accuracy import score_benchmark
    from filters.answer_classes import equivalent_answers

    judged = {Variant(name, "full"): folder / name for name in ("base", "student")}
    return len(score_benchmark("bench", judged, equivalent_answers))


def score_file(table: Path) -> int:
    """Run `retort score`, and return the number of lines that it prints."""
    from flows import score

    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert score.main([str(table)]) == 0
    return len(told.getvalue().splitlines())


def timed(work: Callable[[Path], int], path: Path) -> tuple[float, float, int]:
    """Return the seconds on the clock and on the processor, and the process's peak memory in MiB."""
    started, used = time.monotonic(), time.process_time()
    assert work(path) > 1
    return time.monotonic() - started, time.process_time() - used, peak_mib()


def measured(work: Callable[[Path], int], path: Path) -> tuple[float, float, int]:
    """Run the work in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(timed, work, path).result()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args(argv)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured_rows = arguments.rows // arguments.samples * arguments.samples
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pool.submit(make_tables, folder, arguments.rows, arguments.samples).result()
        works: dict[str, tuple[Callable[[Path], int], Path, int]] = {
            "judged traces, base and student": (score_run, folder, 2),
            "a table, Parquet": (score_file, folder / "table.parquet", 1),
            "a table, JSONL": (score_file, folder / "table.jsonl", 1),
        }
        print(f"{'':33}{'rows':>10}{'seconds':>9}{'CPU s':>7}{'MiB':>7}")
        for what, (work, path, times) in works.items():
            seconds, cpu_s, mib = measured(work, path)
            print(f"{what:33}{times * measured_rows:10,}{seconds:9.1f}{cpu_s:7.1f}{mib:7,}", flush=True)
            found[what] = {"rows": times * measured_rows, "seconds": seconds, "cpu_s": cpu_s, "mib": mib}
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
