"""Rows of a second opinion: what a judge is asked, and what it says."""

from dataclasses import dataclass

import pyarrow as pa

from records.rows import Verdict
from records.schemas import VERDICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A trace about which a judge is asked, or would be. Made by `filters.llm_judge.questions`; read by
    `filters.llm_judge.opinions` and people."""

    position: int
    """Position among all judged traces."""
    problem_id: str
    attempt: int
    sample_index: int
    over: str
    """The reason for which it was not accepted; empty if it is asked about for comparison alone."""
    calibration: bool
    """True if judge and verifiers are compared by it."""
    verifiers: str
    """`pass` or `fail` if the verifier decided; else empty."""
    question: str
    """Id of the question. Traces of a problem with the same answer share one."""
    unsent: str
    """Why the judge is not asked after all; empty if it is."""
    prompt: str
    """What the judge reads; empty if it is not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a judge says of one trace. Made by `filters.llm_judge.opinions`; read by selection and people. The replies
    with their reasoning are the traces of the stage before, under `question`."""

    position: int
    problem_id: str
    attempt: int
    sample_index: int
    over: str
    calibration: bool
    verifiers: str
    question: str
    verdict: Verdict
    admitted: bool
    """True if selection may take the trace on the judge's word."""


OPINIONS = "opinions.parquet"
"""The file of an artifact that holds opinions."""
KEYS = [
    ("position", pa.int64()),
    ("problem_id", pa.string()),
    ("attempt", pa.int32()),
    ("sample_index", pa.int32()),
    ("over", pa.string()),
    ("calibration", pa.bool_()),
    ("verifiers", pa.string()),
    ("question", pa.string()),
]
ASKED = pa.schema([*KEYS, ("unsent", pa.string()), ("prompt", pa.string())])
OPINION = pa.schema([*KEYS, ("verdict", VERDICT), ("admitted", pa.bool_())])
