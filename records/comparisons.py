"""What a run's comparisons of models say over all of its benchmarks, and what the models cost: the contents of
`comparisons.json` and `costs.json`."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, with its 95 % interval if it is an estimate."""

    value: float | None
    """None if it was not computed; `why` says so."""
    low: float | None = None
    high: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """A model compared with another on the same problems, which are the unit of all intervals. Accuracies are shares.
    Made by `eval.paired`; read by the verdict on quantization, the gate and the report."""

    benchmark: str
    """Empty for all problems of all benchmarks."""
    model: str
    precision: str
    extraction: str
    """By which rule the answers of both were read."""
    accuracy: Figure
    change: Figure
    """The accuracy minus that of the other model. If it was not computed, nothing below was."""
    tokens: Figure
    """Change of the mean number of completion tokens per problem."""
    p: float | None = None
    """Two-sided p-value of the change."""
    at_least: float | None = None
    at_most: float | None = None
    """One-sided bounds: the true change is above the first, and below the second, with the run's confidence each."""
    lost: int = 0
    gained: int = 0
    """Problems that the other model solves more often, and less often; right there alone and here alone if each has one
    sample."""
    n_problems: int = 0
    n_samples: int = 0
    error: float | None = None
    """Standard error of the change, clustered by problem."""
    within: float | None = None
    """The part of a problem's variance that sampling makes; None if a problem has a single sample, which cannot
    tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a model takes in one precision: an entry of `costs.json`, which stands apart because speed differs from run
    to run. Made by the flow from artifacts; read by the verdict on quantization and the report."""

    model: str
    precision: str
    disk_bytes: Figure
    """Of its weights' files."""
    memory_bytes: Figure
    """Of the weights as they are loaded, without the KV cache and what else the engine's settings decide."""
    tokens_per_s: Figure
    """Completion tokens per second over all benchmarks, in the engine that sampled it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantizedModel:
    """What quantizing one model costs and saves. Made by `eval.quantization`; read by people and the report."""

    model: str
    full: Figure
    """The accuracy of the unquantized model, over all benchmarks."""
    pairs: list[Paired]
    """Every precision against `full`: over all benchmarks, then on each."""
    smallest: str | None
    """The smallest precision that is shown to lose less than the tolerance; None if none is."""
    line: str
    """The verdict in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStart:
    """From which model a training stage started. Made by the flow; read by scoring."""

    stage: str
    model: str
    """The name under which the stage's model is measured: `student` for the last one."""
    start: str
    """The name under which the model is measured that it started from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageGain:
    """What a training stage brought. Made by `eval.stage_gains`; read by the report."""

    started: StageStart
    pairs: list[Paired]
    """Its model against the one that it started from: over all benchmarks, then on each. Empty if one of the two was
    not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparisons:
    """All comparisons of a run. Made by scoring; read by the gate and the report."""

    points: float
    """Percentage points that a quantized model may lose (`evaluation.tolerance`)."""
    confidence: float
    gains: list[Paired]
    """Every student against the unquantized base: over all benchmarks, then on each."""
    quantized: list[QuantizedModel]
    stages: list[StageGain] = field(default_factory=list)
    """What each training stage brought; empty for a single stage, which the gains tell of."""


def read_comparisons(scored: Path) -> Comparisons:
    """Read the comparisons of a scoring artifact."""
    return TypeAdapter(Comparisons).validate_json((scored / "comparisons.json").read_bytes())


def read_costs(scored: Path) -> list[Cost]:
    """Read the costs of a scoring artifact."""
    return TypeAdapter(list[Cost]).validate_json((scored / "costs.json").read_bytes())
