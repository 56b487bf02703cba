"""The row types that stages pass to each other. They hold fields only; each docstring says who makes and reads them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from records.searched import Searched

CHOICE = "choice"
CODE = "code"
FORMAL = "formal"
MATH = "math"
REASONING_GYM = "reasoning_gym"

FINISHED = "stop"
"""The finish_reason of a completion that ended by itself (vLLM, OpenAI)."""
CUT_OFF = "length"
"""The finish_reason of a completion that reached `max_tokens` (vLLM, OpenAI)."""
PROMPT_TOO_LONG = "prompt_too_long"
"""The finish_reason of a request that was never submitted because prompt + max_tokens exceed the model's context."""
LOOPED = "repetition"
"""The finish_reason of a completion that was stopped because it repeated itself (vLLM)."""
FAILED = "error"
"""The finish_reason of a request that the sampler gave up (vLLM); it has no text."""

STRICT, LENIENT = "strict", "lenient"
"""By which rule answers are read: only where they are announced, or also at the end of a text that announces none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its reference. Made by problem sources and benchmarks; read by the sampling loop."""

    id: str
    """Content hash of the prompt (`records.artifact.problem_id`)."""
    prompt: str
    reference: str
    verifier: str
    """The name, in `filters.verifiers.registry.VERIFIERS`, of the verifier that judges it."""
    source: str
    extra: str = ""
    """JSON for the verifier, such as a reasoning-gym entry or unit tests; empty if it needs none."""
    question: str = ""
    """The text of the problem alone, if the prompt adds options or instructions to it; by it other problems are
    recognised as the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one filter on one trace. Made by filters; read by selection and metrics."""

    filter: str
    version: str
    outcome: str
    """`pass`, `fail` or `unknown`; unknown is counted separately and may be tried again."""
    reason: str = ""
    """A snake_case noun from `filters.reasons`; empty for a pass."""
    detail: str = ""
    """What was measured, or why nothing was decided: words for people."""
    score: float | None = None
    extracted: str = ""
    """The answer that a verifier read, which may vote; empty if it read none, and of every other filter."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The verdict on a benchmark's answer that need not be announced. Made by judging for an evaluation; read by
    metrics. It measures: no trace is accepted by it."""

    rule: str
    """By which rule the answer was read: `strict` if it was announced, else `last_line`, `last_value` or `none`."""
    outcome: str
    """`pass`, `fail` or `unknown` over all filters and the verifier."""
    reason: str
    extracted: str


def is_accepted(outcomes: Iterable[str]) -> bool:
    """Return True if a trace with these outcomes is accepted: it was judged, and every filter that ran passed it."""
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
    """The problem's prompt, without the template or a hint."""
    reference: str
    verifier: str
    source: str
    extra: str
    reasoning: str
    """The text between `<think>` and `</think>`, without the tags."""
    answer: str
    """The text after `</think>`; empty if the reasoning is unclosed."""
    closed: bool
    """True if the reasoning was closed, or if the model does not reason."""
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    seed: int
    teacher: str
    """Name of the model that was sampled."""
    request_fingerprint: str
    """Hash of everything that shaped the completion."""
    hinted: bool = False
    """True if the prompt showed the reference (rationalisation)."""
    detail: str = ""
    """Why its request failed, in one line; empty if it did not."""
    budget: str = ""
    """The thinking budget under which it answered: `512` if its reasoning was closed at 512 tokens at the latest,
    `wait 2` if "Wait" was appended twice; empty if it thought as long as it liked."""
    reasoning_tokens: int | None = None
    """Tokens of the reasoning; None where they are not counted, which is everywhere but under thinking budgets."""
    searched: Searched | None = None
    """How a search found it, and what that cost; None if it was drawn plainly."""
    verdicts: list[Verdict] = field(default_factory=list)
    lenient: Reading | None = None
    """Only of a benchmark's traces, and only if answers are read leniently as well (`evaluation.extraction`)."""

    @property
    def accepted(self) -> bool:
        """True if it was judged and every filter that ran passed it."""
        return is_accepted(verdict.outcome for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Variant:
    """A model in a precision, as it is evaluated. Made by the flow; read by metrics and the report."""

    model: str
    """`base`, `student`, `teacher`, a training stage, or another name of `evaluation.models`."""
    precision: str
    """`full`, `int8`, `nf4`, `nf4_plain` or `fp4`."""

    def __str__(self) -> str:
        return f"{self.model} {self.precision}"


@dataclass(frozen=True, slots=True)
class Score:
    """One number of an evaluation with its 95 % interval. Made by metrics; read by the report."""

    benchmark: str
    model: str
    precision: str
    """As in `Variant`."""
    metric: str
    value: float | None
    """None if it was not computed; `why` says so."""
    low: float | None
    high: float | None
    n_problems: int
    n_samples: int
    """Number of traces behind the value, over all problems."""
    p: float | None = None
    """Two-sided p-value; only of a difference."""
    detectable: float | None = None
    """The smallest difference that as many problems and samples would show (power 80 %, level 5 %); only of a
    difference."""
    why: str = ""
    """Why it was not computed; or that a difference mixes runtimes."""
    group: str = ""
    """The part of the benchmark's problems, such as `level: 5`; empty for all of them."""
    extraction: str = STRICT
    """By which rule the answers were read, `strict` or `lenient`; those of both models if it is a difference."""
    runtime: str = ""
    """What the model was sampled with (`records.runtime`), in words."""

    @property
    def variant(self) -> Variant:
        return Variant(self.model, self.precision)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished stage's directory. Made by `build_once`; the only thing flows pass between tasks."""

    path: Path
    fingerprint: str
