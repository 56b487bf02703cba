"""Counts of a second opinion, for manifests."""

from dataclasses import dataclass

from records.counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCounts(Counts):
    """Traces about which a judge is asked. Made by `filters.llm_judge.questions`; read by people."""

    over: dict[str, int]
    """Traces that were not accepted, by the reason."""
    calibration: dict[str, int]
    """Traces by which judge and verifiers are compared, by the verifiers' outcome."""
    unsent: dict[str, int]
    """Traces of either kind whose answer no judge sees, by the reason."""
    questions: int
    """Distinct questions. Traces of a problem with the same answer share one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepQuestionCounts(Counts):
    """Questions to a judge of steps. Made by `filters.llm_judge.step_scorer`; read by people."""

    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Counts):
    """A share with its 95 % interval; None if there was nothing to count."""

    value: float | None
    low: float | None
    high: float | None
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementCounts(Counts):
    """How far a judge and the verifiers agree, over the traces that both decided."""

    passed_passed: int
    """The verifiers passed, and so did the judge."""
    passed_failed: int
    failed_passed: int
    """The verifiers failed and the judge passed: what `accept` would let in."""
    failed_failed: int
    undecided: int
    """Traces of the comparison on which the judge has no verdict."""
    agreement: Share
    kappa: Share
    """Cohen's kappa."""
    passed_kept: Share
    """Of what the verifiers passed, the share that the judge passes."""
    failed_kept: Share
    """Of what the verifiers failed, the share that the judge fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionCounts(Counts):
    """Verdicts of a judge. Made by `filters.llm_judge.opinions`; read by the report and the terminal."""

    filter: str
    """The name of its verdicts."""
    asked: int
    """Traces that were not accepted and about which it was asked, or would have been."""
    by_reason: dict[str, dict[str, int]]
    """Of these, how many it passes, fails and leaves unknown, by the reason for which they were not accepted."""
    unknown: dict[str, int]
    """Traces without a verdict by reason, those of the comparison included."""
    agreement: AgreementCounts | None
    """None if nothing was compared."""
    admitted: int
    """Traces that selection may take on its word."""
    refused: str | None
    """Why selection takes nothing on its word although `accept` is set; None if it does, or `accept` is not."""
