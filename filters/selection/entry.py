"""What selection keeps of every trace: a few small values that decide everything but the texts."""

import hashlib
from dataclasses import dataclass

from filters.counting.pass_rates import outcome
from filters.reasons import UNKNOWN
from records.rows import CODE, FORMAL, Trace, Verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """One trace in the index. Made in selection's first pass; read problem by problem. Booleans are 0 or 1, as SQLite
    returns them."""

    position: int
    """Position among all traces."""
    decided: int | None
    """1 if accepted, 0 if rejected, None if it does not say how hard its problem is
    (`filters.counting.pass_rates.outcome`)."""
    accepted: int
    """1 if the verifiers accept it, or it may be taken on an LLM judge's word."""
    first_pass: int
    verdict: str
    """Outcome of the verifier's verdict; empty if the trace has no vote."""
    answer: str
    """The extracted answer that votes."""
    reference: str
    """The reference beside which it votes."""
    length: int
    """Characters of reasoning."""
    source: str
    digest: bytes
    """Digest of reasoning and answer: equal texts have equal digests. Empty if the trace cannot become a row."""
    score: float | None = None
    """What the scorer of `selection.scorer` gave it; None without one."""

    @property
    def undecided(self) -> bool:
        """True if the trace may lack only a reference."""
        return self.verdict == UNKNOWN and bool(self.answer.strip())


def entry_of(trace: Trace, position: int, score: float | None = None, admitted: bool = False) -> Entry:
    """`admitted` says that it may be taken although the verifiers do not accept it: neither its problem's pass rate nor
    its vote knows of that."""
    vote, accepted = vote_of(trace), trace.accepted or admitted
    return Entry(
        position=position,
        decided=outcome(trace),
        accepted=accepted,
        first_pass=trace.attempt == 0,
        verdict=vote.outcome if vote else "",
        answer=vote.extracted if vote else "",
        reference=trace.reference.strip() if vote else "",
        length=len(trace.reasoning),
        source=trace.source,
        digest=digest_of(trace) if accepted or (vote and vote.outcome == UNKNOWN) else b"",
        score=score,
    )


def vote_of(trace: Trace) -> Verdict | None:
    """Return the verdict whose extracted answer votes. A trace that another filter rejected never met the verifier and
    has no vote. Neither has a trace that was shown the reference, which it would only repeat."""
    if trace.hinted or trace.verifier in (CODE, FORMAL):  # neither compares answers
        return None
    return next((verdict for verdict in trace.verdicts if verdict.filter == trace.verifier), None)


def digest_of(trace: Trace) -> bytes:
    text = f"{trace.reasoning}\0{trace.answer}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).digest()[:16]
