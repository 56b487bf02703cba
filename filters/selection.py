"""Accepted traces to dataset rows: duplicates out, at most so many per problem, by a stated order."""

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from configs.schema import Selection
from filters.reasons import DUPLICATE, OVER_CAP
from records.errors import InputError
from records.parquet import DATASET, read_traces, write_rows
from records.rows import Trace

VERSION = "1"
Messages = Callable[[str], list[dict[str, str]]]


def select_traces(folder: Path, judged: Path, config: Selection, to_messages: Messages) -> dict[str, Any]:
    """Write `data/train-00000-of-00001.parquet`; returns what was selected and left out.

    Two passes: the first keeps one small tuple per accepted trace, the second streams the chosen ones.
    `to_messages` turns a problem's prompt into the student's turns. Errors: InputError if nothing was accepted.
    """
    left_out: Counter[str] = Counter()
    seen: set[bytes] = set()
    candidates: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for position, trace in enumerate(read_traces(judged)):
        if not trace.accepted:
            continue
        digest = hashlib.sha256(f"{trace.problem_id}\0{trace.reasoning}\0{trace.answer}".encode()).digest()[:16]
        if digest in seen:
            left_out[DUPLICATE] += 1
            continue
        seen.add(digest)
        candidates[trace.problem_id].append((len(trace.reasoning), position))
    chosen: set[int] = set()
    for problem, traces in candidates.items():
        kept = ordered(traces, config, problem)[: config.max_per_problem]
        chosen.update(position for _, position in kept)
        left_out[OVER_CAP] += len(traces) - len(kept)
    if not chosen:
        raise InputError(
            f"{judged}: no trace was accepted, so there is nothing to train on; the funnel above says why: "
            "raise sampling.n or max_tokens, loosen judging, or choose another teacher"
        )
    rows = (to_row(trace, to_messages) for at, trace in enumerate(read_traces(judged)) if at in chosen)
    (folder / "data").mkdir(exist_ok=True)
    count = write_rows(folder / "data" / "train-00000-of-00001.parquet", rows, DATASET)
    return {"selected": count, "problems": len(candidates), "left_out": dict(+left_out)}


def ordered(traces: list[tuple[int, int]], config: Selection, problem: str) -> list[tuple[int, int]]:
    """One problem's (reasoning length, position) pairs in the configured order."""
    if config.order == "shortest":
        return sorted(traces)
    if config.order == "random":
        return random.Random(f"{config.seed}:{problem}").sample(traces, len(traces))
    return traces


def to_row(trace: Trace, to_messages: Messages) -> dict[str, Any]:
    content = f"<think>\n{trace.reasoning}\n</think>\n\n{trace.answer}"
    return {
        "messages": [*to_messages(trace.prompt), {"role": "assistant", "content": content}],
        "problem_id": trace.problem_id,
        "sample_index": trace.sample_index,
        "request_fingerprint": trace.request_fingerprint,
        "reference": trace.reference,
        "source": trace.source,
        "teacher": trace.teacher,
        "completion_tokens": trace.completion_tokens,
    }
