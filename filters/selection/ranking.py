"""Ranks a problem's candidates, and picks the rows that the caps of sources allow."""

import random
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping

from configs.selection import Selection
from filters.reasons import NEAR_DUPLICATE, OVER_CAP
from filters.selection.candidates import Candidate, ProblemCandidates
from filters.selection.index import Index
from filters.selection.near_duplicates import Signature, distinct, similarity


def rank_candidates(index: Index, config: Selection, left_out: Counter[str]) -> int:
    """Rank every problem's candidates and return the number of those that remain, all problems together."""
    remain = 0
    for problem in index.with_candidates():
        best = best_of(index, problem, config, left_out)
        index.add_best(problem.number, best)
        remain += len(best)
    return remain


def best_of(index: Index, problem: ProblemCandidates, config: Selection, left_out: Counter[str]) -> list[Candidate]:
    """Return the first `max_per_problem` in the configured order, without near-duplicates of earlier ones."""
    ranked = ordered(index.candidates(problem.number), config, problem.id)
    compared = len(ranked) > 1 and (config.near_duplicates or config.order == "diverse")
    signatures = {c.position: index.signature(c.position) for c in ranked} if compared else {}
    if config.near_duplicates and len(ranked) > 1:
        stay = set(distinct(((c.position, signatures[c.position]) for c in ranked), config.near_duplicates))
        left_out[NEAR_DUPLICATE] += len(ranked) - len(stay)
        ranked = [candidate for candidate in ranked if candidate.position in stay]
    left_out[OVER_CAP] += max(0, len(ranked) - config.max_per_problem)
    if config.order == "diverse" and len(ranked) > 1:
        return spread(ranked, signatures, config.max_per_problem)
    return ranked[: config.max_per_problem]


def ordered(candidates: list[Candidate], config: Selection, problem: str) -> list[Candidate]:
    """Order one problem's candidates: by the length of their reasoning, by their score, at random, or as they came,
    from which `diverse` starts."""
    if config.order in ("shortest", "longest", "mixed"):
        shortest = sorted(candidates, key=lambda candidate: (candidate.length, candidate.position))
        longest = sorted(candidates, key=lambda candidate: (-candidate.length, candidate.position))
        return {"shortest": shortest, "longest": longest}.get(config.order) or in_turns(shortest, config, problem)
    if config.order == "score":
        return sorted(candidates, key=lambda one: (one.score is None, -(one.score or 0.0), one.position))
    if config.order == "random":
        return random.Random(f"{config.seed}:{problem}").sample(candidates, len(candidates))
    return candidates


def in_turns(shortest: list[Candidate], config: Selection, problem: str) -> list[Candidate]:
    """Take the longest and the shortest in turn. Which comes first is drawn for each problem, so that one row of each
    gives short and long ones as well."""
    left, taken = list(shortest), list[Candidate]()
    from_end = random.Random(f"{config.seed}:{problem}:mixed").random() < 0.5
    while left:
        taken.append(left.pop(-1 if from_end else 0))
        from_end = not from_end
    return taken


def spread(candidates: list[Candidate], signatures: Mapping[int, Signature], count: int) -> list[Candidate]:
    """Take the first candidate, then repeatedly the one least like its nearest among those taken (Gonzalez 1985).
    This takes count x n steps."""
    taken, rest = candidates[:1], candidates[1:]
    nearest = [similarity(signatures[taken[0].position], signatures[other.position]) for other in rest]
    while rest and len(taken) < count:
        chosen = rest.pop(at := nearest.index(min(nearest)))
        nearest.pop(at)
        taken.append(chosen)
        latest = signatures[chosen.position]
        nearest = [
            max(near, similarity(latest, signatures[other.position])) for near, other in zip(nearest, rest, strict=True)
        ]
    return taken


def within_caps(index: Index, config: Selection) -> Iterator[tuple[int, Candidate]]:
    """Yield problems' numbers and their rows, in turns: every problem's first, with problems shuffled, before any
    problem's second. Rows of full sources are skipped."""
    problems = array("q", index.numbers_by_id())  # 8 bytes a problem
    random.Random(f"{config.seed}:sources").shuffle(problems)
    taken: Counter[str] = Counter()
    for turn in range(config.max_per_problem):
        ended = True
        for problem in problems:
            candidate = index.best(problem, turn)
            if candidate is None:
                continue
            ended = False
            cap = cap_of(candidate.source, config)
            if cap is None or taken[candidate.source] < cap:
                taken[candidate.source] += 1
                yield problem, candidate
        if ended:
            return


def cap_of(source: str, config: Selection) -> int | None:
    if isinstance(config.max_per_source, dict):
        return config.max_per_source.get(source)
    return config.max_per_source
