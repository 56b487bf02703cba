"""Counts of exported formats, in the form of `records.counts`."""

from dataclasses import dataclass

from records.counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceCounts(Counts):
    """The student's own greedy answers to a few prompts. Made by `student.export.reference`; read by people."""

    prompts: int
    stopped: int
    """Answers that a stop token ended."""
    tokens: int
    """Tokens of all answers, stop tokens included."""
    self_agreement: float
    """`FormatCounts.agreement` of the student with itself: below 1 where its dtype rounds differently in a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatCounts(Counts):
    """One exported format, and how its model answers the reference's prompts. Made by `student.export.formats`; read by
    the model card."""

    format: str
    """As in `configs.publishing.Format`."""
    bytes: int
    """Size of all files."""
    settings: dict[str, str]
    """How the weights are stored, in words."""
    prompts: int
    compared_tokens: int
    agreement: float
    """Share of the student's first greedy tokens that the export finds likeliest too, given those before."""
    identical: int
    """Prompts that the export, left alone, answers with the same first tokens."""
    stopped: int
    """Answers that a stop token ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantizedCounts(Counts):
    """Weights that were quantized to be measured. Made by `flows.stages.quantize`; read by metrics and people."""

    bytes: int
    """Size of all files."""
    settings: dict[str, str]
    """How the weights are stored, in words."""
