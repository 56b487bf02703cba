"""Turns accepted traces into dataset rows. The rules over the whole set apply one after another, and each names its
reason."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from configs.selection import Selection
from filters.counting.pass_rates import PassRate, accepted_share
from filters.reasons import DUPLICATE, DUPLICATE_PROMPT, NEAR_DUPLICATE, OVER_CAP, OVER_SOURCE_CAP, TOO_EASY, TOO_HARD
from filters.selection.candidate_index import Candidate, CandidateIndex, index_candidates
from filters.selection.majority import Equal
from filters.selection.near_duplicates import Signature, distinct, signature
from filters.selection.ranking import ordered, spread, within_caps
from records.counts import SelectionCounts
from records.errors import InputError
from records.parquet import DATASET, DISPUTED, read_traces, write_rows
from records.rows import Trace
from records.thinking import join_reasoning

Messages = Callable[[str], list[dict[str, str]]]
Candidates = dict[str, list[Candidate]]
DEFAULT_PERMUTATIONS = 128
"""Length of the signatures if only `order: diverse` needs them."""


def select_traces(
    folder: Path,
    judged: Path,
    config: Selection,
    to_messages: Messages,
    equal: Equal,
    pass_rate: PassRate = accepted_share,
) -> SelectionCounts:
    """Write `data/train-00000-of-00001.parquet` and `disputed.parquet`; return what was selected and left out.

    There are three passes over the traces: the first keeps a small tuple for each candidate, the second a signature
    (512 bytes) for candidates of problems that have several, and the third streams the chosen ones.
    `to_messages` turns a problem's prompt into the student's turns. `equal` compares two extracted answers.
    `pass_rate` computes a problem's pass rate from the numbers of its decided traces and of the accepted among these.
    Errors: InputError if nothing was selected.
    """
    left_out: Counter[str] = Counter()
    index = index_candidates(read_traces(judged), config, equal)
    candidates = without_duplicates(problems_in_band(index, config, pass_rate, left_out), left_out)
    signatures = signatures_of(judged, candidates, config)
    best = {problem: best_of(problem, group, config, signatures, left_out) for problem, group in candidates.items()}
    chosen = {candidate.position for candidate in within_caps(best, config)}
    left_out[OVER_SOURCE_CAP] += sum(map(len, best.values())) - len(chosen)
    write_rows(folder / "disputed.parquet", disputed_rows(judged, index), DISPUTED)
    if not chosen:
        raise InputError(nothing_left(judged, left_out))
    problems: set[str] = set()

    def rows() -> Iterator[dict[str, Any]]:
        for position, trace in enumerate(read_traces(judged)):
            if position in chosen:
                problems.add(trace.problem_id)
                yield to_row(trace, to_messages)

    (folder / "data").mkdir(exist_ok=True)
    count = write_rows(folder / "data" / "train-00000-of-00001.parquet", rows(), DATASET)
    return SelectionCounts(
        selected=count,
        problems=len(problems),
        left_out=dict(+left_out),
        disputed_references=len(index.disputed),
    )


def problems_in_band(
    index: CandidateIndex, config: Selection, pass_rate: PassRate, left_out: Counter[str]
) -> Candidates:
    """Keep problems within the band of pass rates, and of problems with nearly the same prompt only the first. A
    problem without a known rate stays."""
    kept: Candidates = {}
    for problem, candidates in index.candidates.items():
        rate = index.pass_rate(problem, pass_rate)
        if rate is not None and not config.min_pass_rate <= rate <= config.max_pass_rate:
            left_out[TOO_HARD if rate < config.min_pass_rate else TOO_EASY] += len(candidates)
        else:
            kept[problem] = candidates
    if config.near_duplicate_prompts:
        signed = ((problem, index.prompts[problem]) for problem in kept)
        stay = set(distinct(signed, config.near_duplicate_prompts))
        left_out[DUPLICATE_PROMPT] += sum(len(group) for problem, group in kept.items() if problem not in stay)
        kept = {problem: candidates for problem, candidates in kept.items() if problem in stay}
    return kept


def without_duplicates(candidates: Candidates, left_out: Counter[str]) -> Candidates:
    """Keep only the first of a problem's traces with the same text."""
    kept = {
        problem: list({c.digest: c for c in reversed(group)}.values())[::-1] for problem, group in candidates.items()
    }
    left_out[DUPLICATE] += sum(len(group) - len(kept[problem]) for problem, group in candidates.items())
    return kept


def signatures_of(judged: Path, candidates: Candidates, config: Selection) -> dict[int, Signature]:
    """Map positions to signatures, for problems with several candidates; empty if no rule needs them."""
    if config.near_duplicates is None and config.order != "diverse":
        return {}
    permutations = config.near_duplicates.permutations if config.near_duplicates else DEFAULT_PERMUTATIONS
    needed = {candidate.position for group in candidates.values() if len(group) > 1 for candidate in group}
    return {
        position: signature(f"{trace.reasoning}\n{trace.answer}", permutations)
        for position, trace in enumerate(read_traces(judged) if needed else ())
        if position in needed
    }


def best_of(
    problem: str,
    candidates: list[Candidate],
    config: Selection,
    signatures: dict[int, Signature],
    left_out: Counter[str],
) -> list[Candidate]:
    """Return the first `max_per_problem` in the configured order, without near-duplicates of earlier ones."""
    ranked = ordered(candidates, config, problem)
    if config.near_duplicates and len(ranked) > 1:
        stay = set(distinct(((c.position, signatures[c.position]) for c in ranked), config.near_duplicates))
        left_out[NEAR_DUPLICATE] += len(ranked) - len(stay)
        ranked = [candidate for candidate in ranked if candidate.position in stay]
    left_out[OVER_CAP] += max(0, len(ranked) - config.max_per_problem)
    if config.order == "diverse" and len(ranked) > 1:
        return spread(ranked, signatures, config.max_per_problem)
    return ranked[: config.max_per_problem]


def nothing_left(judged: Path, left_out: Counter[str]) -> str:
    if +left_out:
        return f"{judged}: every accepted trace was left out ({dict(+left_out)}): loosen selection"
    return (
        f"{judged}: no trace was accepted, so there is nothing to train on; the funnel above says why: "
        "raise sampling.n or max_tokens, loosen judging, or choose another teacher"
    )


def disputed_rows(judged: Path, index: CandidateIndex) -> Iterator[dict[str, Any]]:
    """Yield one row per problem whose majority disagrees with its reference: either may be wrong, so somebody should
    look."""
    waiting = dict(index.disputed)
    for trace in read_traces(judged) if waiting else ():
        winner = waiting.pop(trace.problem_id, None)
        if winner:
            yield {
                "problem_id": trace.problem_id,
                "prompt": trace.prompt,
                "reference": trace.reference,
                "majority": winner.answer,
                "votes": winner.votes,
                "n": winner.n,
            }


def to_row(trace: Trace, to_messages: Messages) -> dict[str, Any]:
    content = join_reasoning(trace.reasoning, trace.answer)
    return {
        "messages": [*to_messages(trace.prompt), {"role": "assistant", "content": content}],
        "problem_id": trace.problem_id,
        "attempt": trace.attempt,
        "sample_index": trace.sample_index,
        "request_fingerprint": trace.request_fingerprint,
        "reference": trace.reference,
        "source": trace.source,
        "teacher": trace.teacher,
        "completion_tokens": trace.completion_tokens,
    }
