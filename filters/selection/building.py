"""Builds selection's index: one pass over the traces, then one over the problems, which counts the votes."""

from collections import Counter
from collections.abc import Iterable

from filters.selection.candidates import ProblemCandidates
from filters.selection.entry import Entry, entry_of
from filters.selection.index import Index
from filters.selection.majority import Equal
from filters.selection.scores import Scores
from filters.selection.votes import count_votes
from records.parquet import Marks
from records.rows import Trace


def build_index(
    index: Index,
    traces: Iterable[Trace],
    min_majority: float | None,
    equal: Equal,
    scores: Scores,
    left_out: Counter[str],
    admitted: Marks | None = None,
) -> int:
    """Fill the index and return the number of traces. `equal` compares two extracted answers. Candidates without a
    sufficient score are counted in `left_out`, and the index does not hold them. `admitted` marks traces that are
    candidates although the verifiers do not accept them."""
    count = 0

    def entries() -> Iterable[tuple[str, Entry]]:
        nonlocal count
        for position, trace in enumerate(traces):
            count = position + 1
            taken = admitted is not None and bool(admitted[position])
            yield trace.problem_id, entry_of(trace, position, scores.of(position), taken)

    index.add_entries(entries())
    for number, identity, group in index.problems():
        accepted = [entry for entry in group if entry.accepted]
        elected, disputed = count_votes(group, min_majority, equal)
        if disputed:
            index.add_disputed(group[0].position, disputed)
        if not accepted and elected is None:
            continue
        first_vote = next((entry.position for entry in group if entry.verdict), 0)
        also = [entry for entry in (elected.entries if elected else []) if not entry.accepted]
        candidates = scores.sufficient(accepted + also, left_out)
        texts = distinct_texts(candidates)
        problem = ProblemCandidates(
            rank=accepted[0].position if accepted else count + first_vote,
            number=number,
            id=identity,
            decided=sum(entry.decided is not None for entry in group),
            passed=sum(entry.decided == 1 for entry in group),
            share=elected.share if elected else None,
            first=candidates[0].position if candidates else None,
            texts=len(texts),
            duplicates=len(candidates) - len(texts),
        )
        index.add_problem(problem, texts)
    return count


def distinct_texts(candidates: Iterable[Entry]) -> list[Entry]:
    """Keep only the first of a problem's traces with the same text, in its own place."""
    first: dict[bytes, Entry] = {}
    for entry in candidates:
        first.setdefault(entry.digest, entry)
    return list(first.values())
