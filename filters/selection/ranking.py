"""Ranks a problem's candidates, and picks the rows that the caps of sources allow."""

import random
from collections import Counter

from configs.selection import Selection
from filters.selection.candidate_index import Candidate
from filters.selection.near_duplicates import Signature, similarity


def ordered(candidates: list[Candidate], config: Selection, problem: str) -> list[Candidate]:
    """Order one problem's candidates: by the length of their reasoning, at random, or as they came, from which
    `diverse` starts."""
    if config.order in ("shortest", "longest", "mixed"):
        shortest = sorted(candidates, key=lambda candidate: (candidate.length, candidate.position))
        longest = sorted(candidates, key=lambda candidate: (-candidate.length, candidate.position))
        return {"shortest": shortest, "longest": longest}.get(config.order) or in_turns(shortest, config, problem)
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


def spread(candidates: list[Candidate], signatures: dict[int, Signature], count: int) -> list[Candidate]:
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


def within_caps(chosen: dict[str, list[Candidate]], config: Selection) -> list[Candidate]:
    """Take rows in turns: every problem's first, with problems shuffled, before any problem's second. Rows of full
    sources are skipped."""
    problems = sorted(chosen)
    random.Random(f"{config.seed}:sources").shuffle(problems)
    turns = max((len(candidates) for candidates in chosen.values()), default=0)
    taken: Counter[str] = Counter()
    kept = []
    for turn in range(turns):
        for problem in problems:
            if turn < len(chosen[problem]):
                candidate = chosen[problem][turn]
                cap = cap_of(candidate.source, config)
                if cap is None or taken[candidate.source] < cap:
                    taken[candidate.source] += 1
                    kept.append(candidate)
    return kept


def cap_of(source: str, config: Selection) -> int | None:
    if isinstance(config.max_per_source, dict):
        return config.max_per_source.get(source)
    return config.max_per_source
