"""What a stage's manifest counts: fields alone. Tokens are the model's own, seconds are wall time.

A manifest holds every field by its name, and null for what does not apply. `records.artifact.read_counts` reads them
back.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What every stage returns, and every worker of a shared stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemsCounts(Counts):
    """Made by problem sources; read by people, in the report's lineage."""

    problems: int
    repeated: int
    """Problems left out because an earlier one has the same prompt."""
    in_benchmark: int
    """Problems left out because a benchmark holds the same prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCounts(Counts):
    """Sums over the problems of a run, of one source, or of one difficulty: what sampling and judging both count."""

    problems: int
    solved: int
    """Problems with an accepted trace; 0 where nothing was judged."""
    traces: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledGroup(GroupCounts):
    """What drawing a group's traces took. Tokens, and what went wrong, include the surplus."""

    taken_over: int
    """Traces of earlier runs: their tokens cost nothing and are not counted."""
    surplus: int
    """Traces drawn beyond the end of their problem's drawing, and kept aside."""
    hinted: int
    truncated: int
    looped: int
    failed: int
    """Requests that the sampler gave up on."""
    prompt_tokens: int
    reasoning_tokens: int
    answer_tokens: int
    cost: float | None
    """In the currency of `sampling.price`; None without a price."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.reasoning_tokens + self.answer_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCounts(Counts):
    """What a sampler says of itself; 0 for what its kind does not know. Workers' values are added up."""

    engine_start_s: float = 0.0
    engine_s: float = 0.0
    """Seconds in which it started or generated."""
    thinking_forced: int = 0
    """Reasonings closed by force because they reached `thinking_tokens`."""
    retries: int = 0
    """Requests sent once more to a server."""
    refused: int = 0
    """Requests that a server would not take for now."""
    times_set_aside: int = 0
    """How often a server was left alone for a while because it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingPart(Counts):
    """What only one worker of a sampling stage knows. Made by `sample_share`; read by the stage's `gather`."""

    stopped_at: str | None
    engine: EngineCounts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingCounts(SampledGroup):
    """All that a sampling stage drew. Made by the sampling loop; read by the report and the terminal."""

    finish_reasons: dict[str, int]
    """Traces by finish_reason, without the surplus."""
    sampling_s: float
    """Over all interruptions; of several workers the longest."""
    tokens_per_s: float
    """Completion tokens."""
    by_source: dict[str, SampledGroup]
    by_difficulty: dict[str, SampledGroup] | None
    """The hardest first; None where traces were not judged as they came."""
    stopped_at: str | None
    """The limit of the budget that ended sampling, such as `tokens: 250000`; None if nothing was left to draw."""
    engine: EngineCounts | None
    """None if no engine had to start, because every trace was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts(Counts):
    """Traces recorded elsewhere. Made by `teacher.problems.recorded`; they cost nothing here."""

    problems: int
    traces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedGroup(GroupCounts):
    """What became of a group's traces. Tokens are those of whole traces, also of those taken over; 0 where they were
    recorded without."""

    prompt_tokens: int
    completion_tokens: int
    pass_rate: float | None
    """The mean over the problems with a decided trace of the first pass; None if there is no such problem."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ContaminationCounts(Counts):
    """What of one benchmark was found among the traces."""

    traces: int
    """Traces rejected for it."""
    problems: int
    """The problems they belong to."""
    matched: dict[str, int]
    """The texts matched most often, and the number of traces of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingPart(Counts):
    """What only one worker of a judging stage knows. Made by `judge_share`; read by the stage's `gather`."""

    verifier_s: float
    """Seconds that the worker waited for verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingCounts(JudgedGroup):
    """What became of all traces: `traces` is the sum of `accepted`, `rejected` and `unknown`. Made by judging; read by
    the report and the terminal."""

    rejected: dict[str, int]
    """Traces by the first reason they failed for, the most frequent reason first."""
    unknown: dict[str, int]
    """Traces that no filter rejected and some filter could not decide, by its reason."""
    by_source: dict[str, JudgedGroup]
    by_difficulty: dict[str, JudgedGroup] | None
    """The hardest first; None where difficulties have no names."""
    contaminated_by: dict[str, ContaminationCounts]
    """By benchmark; empty without benchmarks."""
    verifier_s: float
    """Seconds that workers waited for verdicts, added up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionCounts(Counts):
    """Accepted traces that became dataset rows. Made by selection; read by the report, the terminal and the dataset
    card."""

    selected: int
    problems: int
    """Problems with a selected trace."""
    left_out: dict[str, int]
    """Accepted traces that were not selected, by reason."""
    disputed_references: int
    """References that most of their traces contradict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCounts(Counts):
    """Made by the trainer; read by people, in the report's lineage."""

    rows: int
    """Rows trained on."""
    dropped_too_long: int
    steps: int
    loss: float
    """The mean training loss, in nats per token."""
    parameters: int
    trainer_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchCounts(Counts):
    """A model made from nothing: its problems, and its training on their worked solutions."""

    problems: ProblemsCounts
    training: TrainingCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCounts(Counts):
    """Made by metrics; read by people."""

    scores: int
    """Rows of `scores.json`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCounts(Counts):
    """A published checkpoint."""

    weights_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCounts(Counts):
    """The report page."""

    samples: int
    """Traces that it shows in full."""
