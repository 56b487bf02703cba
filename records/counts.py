"""Counts that stages write into their manifests. Tokens are those of the model's tokenizer; seconds are wall time.

A manifest holds every field under its name, and null where a field does not apply. `records.artifact.read_counts`
reads the counts back.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Base class of the counts that a stage, or one worker of a shared stage, returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemsCounts(Counts):
    """Counts of collected problems. Made by problem sources; read by people, in the report's lineage."""

    problems: int
    repeated: int
    """Problems left out because an earlier one has the same prompt."""
    in_benchmark: int
    """Problems left out because a benchmark holds the same prompt."""
    without_reference: int
    """Problems left out because their reference is empty (`skip_without_reference`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCounts(Counts):
    """Sums over the problems of a run, a source or a difficulty, counted by both sampling and judging."""

    problems: int
    solved: int
    """Problems with an accepted trace; 0 if nothing was judged."""
    traces: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledGroup(GroupCounts):
    """Traces drawn for a group, and their tokens. Tokens and failures include the surplus."""

    taken_over: int
    """Traces reused from earlier runs; their tokens cost nothing and are not counted."""
    surplus: int
    """Traces drawn beyond the one at which their problem's drawing ended; they are stored apart and not used."""
    hinted: int
    truncated: int
    looped: int
    failed: int
    """Requests that the sampler gave up."""
    prompt_tokens: int
    reasoning_tokens: int
    answer_tokens: int
    cost: float | None
    """Cost in the currency of `sampling.price`; None without a price."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.reasoning_tokens + self.answer_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCounts(Counts):
    """A sampler's own statistics; 0 for those that its kind does not keep. Workers' values are added up."""

    engine_start_s: float = 0.0
    """Seconds spent starting, over all attempts of an interrupted run."""
    engine_s: float = 0.0
    """Seconds spent generating, and in vLLM and servers starting, since the last start."""
    thinking_forced: int = 0
    """Traces whose reasoning was closed by force because it reached `thinking_tokens`."""
    retries: int = 0
    """Requests sent to a server again."""
    refused: int = 0
    """Requests that a server rejected for good; they are recorded as failed."""
    times_unhealthy: int = 0
    """How often a server was marked unhealthy and given no requests for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingPart(Counts):
    """Counts that a sampling worker's files do not hold. Made by `sample_share`; read by the stage's `gather`."""

    stopped_at: str | None
    engine: EngineCounts | None
    abandoned_tokens: int = 0
    """Tokens of searches that were given up, because a budget ended or their trace was no longer needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogprobCounts(Counts):
    """The logprobs that were stored with the traces that count. Made by the sampling loop; read by people."""

    tokens: int
    """Tokens with logprobs, the tokens of reused traces included."""
    bytes: int
    """Size of the Parquet files that hold them."""
    traces_without: int
    """Traces that keep none, because what the engine gave did not fit their tokens one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingCounts(SampledGroup):
    """Counts of a whole sampling stage. Made by the sampling loop; read by the report and the terminal."""

    finish_reasons: dict[str, int]
    """Traces by finish_reason, the surplus excluded."""
    sampling_s: float
    """Sum over all attempts of an interrupted run; with several workers, the longest worker's time."""
    tokens_per_s: float
    """Completion tokens per second."""
    by_source: dict[str, SampledGroup]
    by_difficulty: dict[str, SampledGroup] | None
    """The hardest first; None if traces were not judged during sampling."""
    stopped_at: str | None
    """The budget limit that ended sampling, such as `tokens: 250000`; None if nothing was left to draw."""
    engine: EngineCounts | None
    """The sampler's statistics; None if no engine had to start because no trace was missing."""
    logprobs: LogprobCounts | None = None
    """None if `sampling.logprobs` asked for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts(Counts):
    """Counts of imported traces, which were recorded elsewhere and cost nothing here. Made by
    `teacher.problems.recorded`."""

    problems: int
    traces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedGroup(GroupCounts):
    """Judging results of a group's traces. Tokens are those of whole traces, including reused ones and the beginnings
    of continued ones; 0 if a recording has no token counts."""

    prompt_tokens: int
    completion_tokens: int
    pass_rate: float | None
    """Mean over the problems for which the first pass brought a trace that passed or failed; None without any."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ContaminationCounts(Counts):
    """Traces that overlap with one benchmark."""

    traces: int
    """Traces rejected because of the overlap."""
    problems: int
    """Problems that these traces belong to."""
    matched: dict[str, int]
    """The texts matched most often, each with its number of traces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingPart(Counts):
    """Counts that a judging worker's files do not hold. Made by `judge_share`; read by the stage's `gather`."""

    verifier_s: float
    """Seconds that this worker waited for verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingCounts(JudgedGroup):
    """Judging results of all traces: `traces` is the sum of `accepted`, `rejected` and `unknown`. Made by judging; read
    by the report and the terminal."""

    rejected: dict[str, int]
    """Rejected traces by the reason of the first filter they failed, the most frequent reason first."""
    unknown: dict[str, int]
    """Traces that no filter rejected but at least one could not decide, by that filter's reason."""
    by_source: dict[str, JudgedGroup]
    by_difficulty: dict[str, JudgedGroup] | None
    """The hardest first; None if problems are not grouped by difficulty."""
    contaminated_by: dict[str, ContaminationCounts]
    """Overlap by benchmark; empty without benchmarks."""
    verifier_s: float
    """Seconds that workers waited for verdicts, summed over the workers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionCounts(Counts):
    """Accepted traces that became dataset rows, and those that did not. Made by selection; read by the report, the
    terminal and the dataset card."""

    selected: int
    problems: int
    """Problems with a selected trace."""
    left_out: dict[str, int]
    """Accepted traces that were not selected, by reason."""
    disputed_references: int
    """Problems whose reference most of their traces contradict."""
    logprob_tokens: int | None = None
    """Tokens of the rows that have logprobs; None if the dataset has no column of them."""
    by_second_opinion: int | None = None
    """Of the selected, those that an LLM judge alone accepts; None if none may be taken on a judge's word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCounts(Counts):
    """Counts of an evaluation. Made by metrics; read by people."""

    scores: int
    """Rows of `scores.json`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveCounts(Counts):
    """Counts of what was computed about test-time compute. Made by `eval.scaling`; read by people."""

    curves: int
    """Entries of `curves.json`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCounts(Counts):
    """Counts of a published checkpoint."""

    weights_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCounts(Counts):
    """Counts of the report page."""

    traces: int
    """Traces that can be read in the page."""
