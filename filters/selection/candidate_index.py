"""Builds the index of candidates in selection's first pass: a few small values per trace that decide everything but
the texts."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from configs.selection import Selection
from filters.counting.pass_rates import PassRate, outcome
from filters.reasons import PASS, UNKNOWN
from filters.selection.majority import Equal, Majority, majority
from filters.selection.near_duplicates import Signature, signature
from records.rows import CODE, Trace

LONGEST_ANSWER = 1000
"""Characters of an extracted answer that may vote. No real answer is longer, and each one that votes is held in
memory."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One trace that may become a row."""

    position: int
    """Position among all traces."""
    length: int
    """Characters of reasoning."""
    source: str
    digest: bytes
    """Digest of reasoning and answer: equal texts have equal digests."""


@dataclass
class Votes:
    """The extracted answers of one problem's traces."""

    reference: str
    answers: list[str] = field(default_factory=list)
    undecided: dict[int, Candidate] = field(default_factory=dict)
    """Maps positions in `answers` to traces that lack only a reference."""
    first: set[int] = field(default_factory=set)
    """Positions in `answers` of the first pass's traces."""


@dataclass
class CandidateIndex:
    """Values of all traces by problem, in order of appearance. Made by `index_candidates`; read by `select_traces`."""

    candidates: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    decided: Counter[str] = field(default_factory=Counter)
    """Number of traces that say how hard the problem is (`filters.counting.pass_rates.outcome`)."""
    passed: Counter[str] = field(default_factory=Counter)
    """Number of accepted ones among the decided traces."""
    shares: dict[str, float] = field(default_factory=dict)
    """Pass rates by majority, of problems without a reference. Their sampling never stopped at an acceptance."""
    prompts: dict[str, Signature] = field(default_factory=dict)
    disputed: dict[str, Majority] = field(default_factory=dict)
    """Problems for which most answers agree with each other but not with the reference."""

    def pass_rate(self, problem: str, pass_rate: PassRate) -> float | None:
        """Return a problem's pass rate; None if no trace of the first pass was decided."""
        if problem in self.shares or not self.decided[problem]:
            return self.shares.get(problem)
        return pass_rate(self.decided[problem], self.passed[problem])


def index_candidates(traces: Iterable[Trace], config: Selection, equal: Equal) -> CandidateIndex:
    """Build the index in one pass over the traces, then count the majorities. `equal` compares two extracted
    answers."""
    index, votes = CandidateIndex(), dict[str, Votes]()
    for position, trace in enumerate(traces):
        says = outcome(trace)
        index.decided[trace.problem_id] += says is not None
        index.passed[trace.problem_id] += says is True
        if trace.accepted:
            index.candidates[trace.problem_id].append(candidate(trace, position))
            if config.near_duplicate_prompts and trace.problem_id not in index.prompts:
                index.prompts[trace.problem_id] = signature(trace.prompt, config.near_duplicate_prompts.permutations)
        vote(trace, position, votes)
    for problem, cast in votes.items():
        count_majority(index, problem, cast, config.min_majority, equal)
    return index


def candidate(trace: Trace, position: int) -> Candidate:
    text = f"{trace.reasoning}\0{trace.answer}".encode("utf-8", "surrogatepass")
    return Candidate(position, len(trace.reasoning), trace.source, hashlib.sha256(text).digest()[:16])


def vote(trace: Trace, position: int, votes: dict[str, Votes]) -> None:
    """Count the answer that the verifier extracted. A trace that another filter rejected never met the verifier and
    has no vote. Neither has a trace that was shown the reference, which it would only repeat."""
    verdict = next((verdict for verdict in trace.verdicts if verdict.filter == trace.verifier), None)
    if verdict is None or len(verdict.detail) > LONGEST_ANSWER or trace.verifier == CODE:  # programs cannot be compared
        return
    if trace.hinted:
        return
    cast = votes.setdefault(trace.problem_id, Votes(trace.reference.strip()))
    if not cast.reference and verdict.outcome == UNKNOWN and verdict.detail.strip():
        cast.undecided[len(cast.answers)] = candidate(trace, position)
    if trace.attempt == 0:
        cast.first.add(len(cast.answers))
    # An answer that passed is the reference in another spelling.
    cast.answers.append(cast.reference if cast.reference and verdict.outcome == PASS else verdict.detail)


def count_majority(index: CandidateIndex, problem: str, cast: Votes, min_majority: float | None, equal: Equal) -> None:
    """Record a disputed reference. If there is no reference, accept the majority's traces if the config asks for it."""

    def alike(one: str, other: str) -> bool:
        return cast.reference not in (one, other) and equal(one, other)  # the verifier has decided on the reference

    winner = majority(cast.answers, alike)
    if winner is None:
        return
    if cast.reference and winner.answer != cast.reference:
        index.disputed[problem] = winner
    elif not cast.reference and min_majority is not None and winner.share >= min_majority:
        accepted = [member for member in winner.members if member in cast.undecided]
        index.candidates[problem] += [cast.undecided[member] for member in accepted]
        if decided := index.decided[problem] + sum(1 for member in cast.first if cast.answers[member].strip()):
            index.shares[problem] = len(cast.first.intersection(accepted)) / decided
