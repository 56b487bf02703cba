"""Scores the judged traces of a directory, file by file: each becomes a file of as many scores in the same order."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from filters.scorers.scoring import Scorer, TraceText, ends_of, over_steps
from records.batches import batched
from records.parquet import count_rows, parquet_files, read_about, read_rows, write_rows
from records.scores import SCORE, TraceScore
from records.scoring_counts import ScoringCounts, ScoringPart
from records.share import Claims, WorkerSlot, check_parts

LEFT_OUT, RAN_IN = "left out ", "ran in "
"""How the counts of a file begin that have a reason or a runtime behind them."""
COLUMNS = ["problem_id", "attempt", "sample_index", "prompt", "reasoning", "answer", "closed"]


def score_share(
    folder: Path,
    judged: Path,
    name: str,
    start: Callable[[], Scorer],
    progress: Callable[..., None],
    slot: WorkerSlot,
) -> ScoringPart:
    """Score one worker's part of the judged traces: the files that no other worker has taken, one after the other.

    `start` returns the scorer, and is called only if a file is left. A file depends on its traces alone, not on what
    was scored before it. Errors: InputError as `start` raises it.
    """
    check_parts(folder, "scores-*.parquet", (scores_file(folder, file) for file in parquet_files(judged)))
    claims, meter = Claims(folder), Meter(progress, -(-count_rows(judged) // slot.workers))
    scorer: Scorer | None = None
    for file in parquet_files(judged):
        done = scores_file(folder, file)
        if not claims.take_missing(done):
            if done.exists():
                meter.skip(count_rows(file))
            continue
        scorer = scorer or start()
        meter.begin()
        counts = Counter[str]()
        write_rows(done, scored(file, name, scorer, meter, counts), SCORE, partial(dict, counts))
        claims.release(done.name)
    return ScoringPart(scoring_s=meter.seconds())


class Meter:
    """Tells progress in traces, with the tokens read so far. Made and used by `score_share`."""

    def __init__(self, progress: Callable[..., None], total: int) -> None:
        self.progress, self.total = progress, total
        self.traces = self.tokens = 0
        self.began: float | None = None

    def begin(self) -> None:
        """Start the clock, once the scorer is loaded."""
        if self.began is None:
            self.began = time.monotonic()

    def skip(self, traces: int) -> None:
        """Leave out traces that were scored before."""
        self.total = max(0, self.total - traces)

    def add(self, traces: int, tokens: int) -> None:
        self.traces += traces
        self.tokens += tokens
        expected = self.total if self.traces <= self.total else None
        speed = self.tokens / self.seconds() if self.seconds() else 0.0
        self.progress(self.traces, expected, tokens=self.tokens, **({"tokens/s": speed} if self.tokens else {}))

    def seconds(self) -> float:
        return time.monotonic() - self.began if self.began is not None else 0.0


def scored(file: Path, name: str, scorer: Scorer, meter: Meter, counts: Counter[str]) -> Iterator[TraceScore]:
    """Yield the scores of a file's traces, in order, and count them."""
    for rows in batched(read_rows(file, COLUMNS)):
        texts = [TraceText(row["prompt"], row["reasoning"], row["answer"], row["closed"]) for row in rows]
        for row, text, scoring in zip(rows, texts, scorer(texts, meter.add), strict=True):
            counts.update(traces=1, tokens=scoring.tokens, steps=sum(score is not None for score in scoring.steps))
            over = over_steps(scoring.steps)
            counts.update([f"{LEFT_OUT}{scoring.left_out}"] if scoring.left_out else ["scored"])
            counts.update([f"{RAN_IN}{scoring.runtime}"] if scoring.runtime else [])
            yield TraceScore(
                problem_id=row["problem_id"],
                attempt=row["attempt"],
                sample_index=row["sample_index"],
                scorer=name,
                steps=scoring.steps,
                ends=ends_of(text.steps()) if scoring.steps else [],
                mean=over["mean"],
                min=over["min"],
                product=over["product"],
                last=over["last"],
                outcome=scoring.outcome,
                left_out=scoring.left_out,
                tokens=scoring.tokens,
            )


def scores_file(folder: Path, judged: Path) -> Path:
    return folder / f"scores-{judged.stem.removeprefix('judged-')}.parquet"


def missing(folder: Path, judged: Path) -> int:
    """Return the number of files that are not scored yet."""
    return sum(not scores_file(folder, file).exists() for file in parquet_files(judged))


def gather(folder: Path, parts: list[ScoringPart]) -> ScoringCounts:
    """Return the counts of a whole directory once its workers are done."""
    counts = Counter[str]()
    for file in sorted(folder.glob("scores-*.parquet")):
        counts.update(read_about(file))

    def behind(start: str) -> dict[str, int]:
        return {key.removeprefix(start): counts[key] for key in sorted(counts) if key.startswith(start)}

    return ScoringCounts(
        traces=counts["traces"],
        scored=counts["scored"],
        left_out=behind(LEFT_OUT),
        steps=counts["steps"],
        tokens=counts["tokens"],
        runtimes=behind(RAN_IN),
        scoring_s=round(sum(part.scoring_s for part in parts), 3),
    )
