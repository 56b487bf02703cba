"""Turns accepted traces into dataset rows. The rules over the whole set apply one after another, and each names its
reason."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from configs.selection import Selection
from filters.counting.pass_rates import PassRate, accepted_share
from filters.reasons import DUPLICATE, OVER_SOURCE_CAP
from filters.selection.building import build_index
from filters.selection.index import Index, temporary_index
from filters.selection.logprobs import write_rows_with_logprobs
from filters.selection.majority import Equal
from filters.selection.ranking import rank_candidates, within_caps
from filters.selection.rules import keep_distinct_prompts, keep_in_band
from filters.selection.scores import Scores
from filters.selection.signing import sign_candidates, sign_prompts
from records.counts import SelectionCounts
from records.errors import InputError
from records.parquet import Marks, count_rows, read_marked, read_traces, write_rows
from records.schemas import DATASET, DISPUTED
from records.scores import read_aggregates
from records.thinking import join_reasoning

Messages = Callable[[str], list[dict[str, str]]]
COPIED = ["problem_id", "attempt", "sample_index", "request_fingerprint", "reference", "source", "teacher"]
COPIED += ["completion_tokens"]
"""Columns of a trace that its row has too."""


def select_traces(
    folder: Path,
    judged: Path,
    config: Selection,
    to_messages: Messages,
    equal: Equal,
    pass_rate: PassRate = accepted_share,
    logprobs: Path | None = None,
    scores: Scores | None = None,
    admitted: Marks | None = None,
) -> SelectionCounts:
    """Write `data/train-00000-of-00001.parquet` and `disputed.parquet`; return what was selected and left out.

    There are three passes over the traces: the first fills an index, a temporary file in `folder`; the second adds a
    signature (512 bytes) for candidates of problems that have several; and the third streams the chosen ones. Memory
    holds one problem's traces at a time, and at most four bytes for each trace.
    `to_messages` turns a problem's prompt into the student's turns. `equal` compares two extracted answers.
    `pass_rate` computes a problem's pass rate from the numbers of its decided traces and of the accepted among these.
    `logprobs` is the folder with the traces' logprobs, which the rows then hold; None for rows without them.
    `scores` are those of all traces, in their order; None if nothing is selected by them.
    `admitted` marks traces that may be taken although the verifiers do not accept them (`filters.llm_judge`); None if
    none may.
    Errors: InputError if nothing was selected; OSError if the disk is full.
    """
    left_out: Counter[str] = Counter()
    with temporary_index(folder) as index:
        scored = scores or Scores()
        count = build_index(index, read_traces(judged), config.min_majority, equal, scored, left_out, admitted)
        keep_in_band(index, config, pass_rate, left_out)
        if config.near_duplicate_prompts:
            sign_prompts(index, judged, count, config.near_duplicate_prompts.permutations)
            keep_distinct_prompts(index, config.near_duplicate_prompts, left_out)
        left_out[DUPLICATE] += sum(problem.duplicates for problem in index.with_candidates())
        sign_candidates(index, judged, count, config)
        remain = rank_candidates(index, config, left_out)
        chosen, selected_problems = choose(index, config, count)
        disputed = write_rows(folder / "disputed.parquet", disputed_rows(judged, index, count), DISPUTED)
    selected = int(chosen.sum())
    left_out[OVER_SOURCE_CAP] += remain - selected
    if not selected:
        raise InputError(nothing_left(judged, left_out))
    (folder / "data").mkdir(exist_ok=True)
    rows, file = selected_rows(judged, chosen, to_messages, admitted), folder / "data" / "train-00000-of-00001.parquet"
    tokens = None
    if logprobs:
        tokens = write_rows_with_logprobs(file, rows, logprobs, chosen)
    else:
        write_rows(file, rows, DATASET)
    return SelectionCounts(
        selected=selected,
        problems=selected_problems,
        left_out=dict(+left_out),
        disputed_references=disputed,
        logprob_tokens=tokens,
        by_second_opinion=None if admitted is None else int((chosen & admitted).sum()),
    )


def read_scores_of(judged: Path, scored: Path, aggregate: str, least: float | None) -> Scores:
    """Read the scores of judged traces. Errors: InputError if there are not as many."""
    values, traces = read_aggregates(scored, aggregate), count_rows(judged)
    if len(values) != traces:
        raise InputError(
            f"{scored}: holds {len(values)} scores, and {judged} {traces} traces; delete it, to score anew"
        )
    return Scores(values, least)


def choose(index: Index, config: Selection, traces: int) -> tuple[Marks, int]:
    """Mark the traces that the caps of sources leave, and return the marks and the number of problems."""
    chosen, problems = np.zeros(traces, dtype=np.bool_), np.zeros(traces + 1, dtype=np.bool_)
    for problem, candidate in within_caps(index, config):
        chosen[candidate.position] = problems[problem] = True
    return chosen, int(problems.sum())


def nothing_left(judged: Path, left_out: Counter[str]) -> str:
    if +left_out:
        return f"{judged}: every accepted trace was left out ({dict(+left_out)}): loosen selection"
    return (
        f"{judged}: no trace was accepted, so there is nothing to train on; the funnel above says why: "
        "raise sampling.n or max_tokens, loosen judging, or choose another teacher"
    )


def disputed_rows(judged: Path, index: Index, traces: int) -> Iterator[dict[str, Any]]:
    """Yield one row per problem whose majority disagrees with its reference: either may be wrong, so somebody should
    look."""
    marked = np.zeros(traces, dtype=np.bool_)
    for position, *_ in index.disputed():
        marked[position] = True
    if marked.any():
        rows = read_marked(judged, marked, ["problem_id", "prompt", "reference"])
        for (_, row), (_, answer, votes, n) in zip(rows, index.disputed(), strict=True):
            yield row | {"majority": answer, "votes": votes, "n": n}


def selected_rows(
    judged: Path, chosen: Marks, to_messages: Messages, admitted: Marks | None
) -> Iterator[dict[str, Any]]:
    for position, trace in read_marked(judged, chosen, ["prompt", "reasoning", "answer", *COPIED]):
        reply = {"role": "assistant", "content": join_reasoning(trace["reasoning"], trace["answer"])}
        row = {"messages": [*to_messages(trace["prompt"]), reply]} | {name: trace[name] for name in COPIED}
        yield row | {"by_second_opinion": admitted is not None and bool(admitted[position])}
