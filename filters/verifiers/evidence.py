"""Holds what a verifier may see of a trace: the answer, the reference and the problem's extra data, never the
reasoning."""

from dataclasses import dataclass

from records.clean import clean_text
from records.rows import Trace


@dataclass(frozen=True, slots=True)
class Evidence:
    """One answer to verify. Made from a trace by `evidence_of`; read by the verifier that it names."""

    verifier: str
    """A name in `filters.verifiers.registry.VERIFIERS`."""
    reference: str
    extra: str
    """JSON of the problem's extra data: options, unit tests or the task's entry."""
    answer: str
    """The text after the closed reasoning."""


def evidence_of(trace: Trace) -> Evidence:
    return Evidence(trace.verifier, clean_text(trace.reference), trace.extra, clean_text(trace.answer))
