"""The rows that stages hand to each other. Fields only: what makes a row and what reads it stands at its head."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

CODE = "code"
MATH = "math"
REASONING_GYM = "reasoning_gym"

FINISHED = "stop"
"""finish_reason of a completion that ended by itself (vLLM, OpenAI)."""
CUT_OFF = "length"
"""finish_reason of a completion that met `max_tokens` (vLLM, OpenAI)."""
PROMPT_TOO_LONG = "prompt_too_long"
"""finish_reason of a request that was never submitted: prompt + max_tokens exceed the model's context."""
LOOPED = "repetition"
"""finish_reason of a completion stopped because it ended in a loop (vLLM)."""
FAILED = "error"
"""finish_reason of a request that the sampler gave up on (vLLM); it has no text."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Made by problem sources and benchmarks; read by the sampling loop."""

    id: str
    """Content hash of the prompt (`records.artifact.problem_id`)."""
    prompt: str
    reference: str
    verifier: str
    """Which verifier judges it: a name in `filters.verifiers.registry.VERIFIERS`."""
    source: str
    extra: str = ""
    """JSON for the verifier, such as a reasoning-gym entry or unit tests; empty if it needs none."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one filter on one trace. Made by filters; read by selection and metrics."""

    filter: str
    version: str
    outcome: str
    """`pass`, `fail` or `unknown`: unknown is counted apart and may be tried again."""
    reason: str = ""
    """A snake_case noun from `filters.reasons`; empty for a pass."""
    detail: str = ""
    """For verifiers: the extracted answer. For others: the measured value."""
    score: float | None = None


def is_accepted(outcomes: Iterable[str]) -> bool:
    """Whether a trace with these verdicts is accepted: it was judged, and every filter that ran passed it."""
    judged = list(outcomes)
    return bool(judged) and all(outcome == "pass" for outcome in judged)


@dataclass(frozen=True, slots=True)
class Trace:
    """One sampled completion. Made by sampling; judged by filters; read by selection and metrics."""

    problem_id: str
    attempt: int
    """0 for the first pass over the problems, i for the i-th second chance."""
    sample_index: int
    """0 .. n-1 within the attempt."""
    prompt: str
    """The problem's prompt, without template and without hint."""
    reference: str
    verifier: str
    source: str
    extra: str
    reasoning: str
    """What stood between `<think>` and `</think>`, without the tags."""
    answer: str
    """What followed a closed `</think>`; empty while the reasoning is unclosed."""
    closed: bool
    """Whether the reasoning was closed. Models that do not reason count as closed."""
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    seed: int
    teacher: str
    """Name of the model that was sampled."""
    request_fingerprint: str
    """Hash of everything that shaped the completion."""
    hinted: bool = False
    """True when the prompt showed the reference (rationalisation)."""
    detail: str = ""
    """Why its request failed, in one line, where it did."""
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether it was judged and every filter that ran passed it."""
        return is_accepted(verdict.outcome for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Variant:
    """What is evaluated: a model in a precision. Made by the flow; read by metrics and the report."""

    model: str
    """`base` or `student`."""
    precision: str
    """`full`, `int8` or `nf4`."""

    def __str__(self) -> str:
        return f"{self.model} {self.precision}"


@dataclass(frozen=True, slots=True)
class Score:
    """One number of an evaluation with its 95 % interval. Made by metrics; read by the report."""

    benchmark: str
    model: str
    precision: str
    """As in its Variant."""
    metric: str
    value: float
    low: float
    high: float
    n_problems: int
    n_samples: int
    """Traces behind the value, over all problems."""

    @property
    def variant(self) -> Variant:
        return Variant(self.model, self.precision)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished stage's directory. Made by `build_once`; the only thing flows pass between tasks."""

    path: Path
    fingerprint: str
