"""Finds out from a run's artifacts what each measured model takes: bytes of weights, and the speed of its engine."""

from collections.abc import Iterable

from eval.weight_sizes import weight_sizes
from flows.stages.evaluate import SampleModel
from records.artifact import read_counts
from records.comparisons import Cost, Figure
from records.counts import SamplingCounts
from records.rows import Variant


def cost_of(variant: Variant, stages: Iterable[SampleModel]) -> Cost:
    """Return the cost of a model that these complete stages sampled, one for each benchmark."""
    stages = list(stages)
    first = stages[0]
    on_disk, loaded = weight_sizes(first.weights.location, first.precision, first.model.dtype)
    speed = speed_of([(read_counts(stage.artifact, SamplingCounts), stage.workers) for stage in stages])
    return Cost(
        model=variant.model, precision=variant.precision, disk_bytes=on_disk, memory_bytes=loaded, tokens_per_s=speed
    )


def speed_of(counted: Iterable[tuple[SamplingCounts, int]]) -> Figure:
    """Return completion tokens per second over all stages, each given with its number of workers, without the seconds
    in which engines started. Traces that were taken over from earlier runs count on neither side."""
    tokens, seconds = 0, 0.0
    for counts, workers in counted:
        drawn = counts.reasoning_tokens + counts.answer_tokens
        if drawn and counts.engine:
            tokens += drawn
            seconds += counts.sampling_s - counts.engine.engine_start_s / workers
    if not tokens or seconds <= 0:
        return Figure(value=None, why="not computed: no completion was drawn anew")
    return Figure(value=round(tokens / seconds, 1))
