"""Packs chosen traces into a page: a small index of all of them, and their texts in compressed blocks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.report.flips import Flips
from eval.report.opinions import read_said
from eval.report.outlines import Outline
from eval.report.trace_index import LABELLED, VERDICTS, Judged, TraceIndex
from records.parquet import Marks, read_marked
from records.schemas import TRACE

SCORED = ["scorer", "steps", "ends", "outcome", "left_out"]
"""What is shown of a score."""


@dataclass(frozen=True, slots=True)
class TraceSet:
    """Judged traces of one kind: a variant's of a benchmark, or the teacher's."""

    title: str
    variant: str
    path: Path
    outline: Outline
    scores: tuple[Path, ...] = ()
    """The scores that scorers gave them, in the order of the traces."""
    opinions: Path | None = None
    """What an LLM judge said of some of them; None if none was asked."""


@dataclass(frozen=True, slots=True)
class PackedTraces:
    """Made by `pack`; written into the page, and read there by `browser.js`."""

    index: dict[str, Any]
    """One small row per trace, in columns; what each problem is; and which rows show the flips."""
    prompts: list[str]
    """Blocks with the prompt and the reference of every problem."""
    bodies: list[str]
    """Blocks with everything else of every trace."""

    @property
    def count(self) -> int:
        return len(self.index["rows"]["set"])


def pack(chosen: Iterable[tuple[TraceSet, Marks]], flips: list[Flips]) -> PackedTraces:
    """Pack the marked traces of every set, and the flips whose traces are among them."""
    traces = TraceIndex()
    sets: list[dict[str, Any]] = []
    rows: dict[tuple[str, str], dict[int, int]] = {}
    for number, (one, marked) in enumerate(chosen):
        found = rows[one.title, one.variant] = {}
        traced = zip(read_marked(one.path, marked, TRACE.names), scores_of(one, marked), strict=True)
        opinions = read_said(one.opinions, marked) if one.opinions else {}
        for (position, trace), scores in traced:
            verdict, reason = int(one.outline.verdicts[position]), int(one.outline.reasons[position])
            row = Judged(number, one.title, verdict, one.outline.reason_names[reason])
            found[position] = traces.add(row, trace, scores, opinions.get(position))
        sets.append({"title": one.title, "variant": one.variant, "traces": len(marked), "packed": len(found)})
    traces.prompts.close()
    traces.bodies.close()
    index = {
        "sets": sets,
        "labels": LABELLED,
        "verdicts": VERDICTS,
        "reasons": list(traces.reasons),
        "finishes": list(traces.finishes),
        "opinions": list(traces.opinions),
        "problems": traces.problems,
        "rows": traces.rows,
        "starts": {"prompts": traces.prompts.starts, "bodies": traces.bodies.starts},
        "flips": [rows_of(found, rows) for found in flips],
    }
    return PackedTraces(index, traces.prompts.texts, traces.bodies.texts)


def scores_of(one: TraceSet, marked: Marks) -> Iterator[dict[str, Any]]:
    """Yield what every scorer says of each marked trace, by the scorer's name."""
    columns = [(row for _, row in read_marked(path, marked, SCORED)) for path in one.scores]
    if not columns:
        yield from ({} for _ in range(int(marked.sum())))
        return
    for rows in zip(*columns, strict=True):
        yield {row["scorer"]: said(row) for row in rows}


def said(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a scorer does not say, and digits that nobody reads."""
    steps = [None if score is None else round(score, 3) for score in row["steps"]]
    outcome = None if row["outcome"] is None else round(row["outcome"], 3)
    found = {"steps": steps, "ends": row["ends"], "outcome": outcome, "left_out": row["left_out"]}
    return {name: value for name, value in found.items() if value not in ([], None)}


def rows_of(found: Flips, rows: dict[tuple[str, str], dict[int, int]]) -> dict[str, Any]:
    """Return the flips of a pair as pairs of rows of the index, the variant's and the yardstick's."""
    variant, yardstick = str(found.pair.variant), str(found.pair.yardstick)
    ours, theirs = rows[found.benchmark, variant], rows[found.benchmark, yardstick]
    packed = [flip for flip in found.flips if flip.variant in ours and flip.yardstick in theirs]
    return {
        "benchmark": found.benchmark,
        "variant": variant,
        "yardstick": yardstick,
        "kinds": [flip.kind for flip in packed],
        "pairs": [[ours[flip.variant], theirs[flip.yardstick]] for flip in packed],
    }
