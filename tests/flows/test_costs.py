"""How fast a model's engine was, over all benchmarks that it answered."""

from dataclasses import replace

from conftest import make_trace
from evaluated_makers import sampled_counts

from flows.costs import speed_of
from records.comparisons import Figure
from records.counts import EngineCounts, SamplingCounts


def sampled(tokens: int, seconds: float, start_s: float = 0.0) -> SamplingCounts:
    """Counts of a stage that drew so many tokens of reasoning, and half as many of the answer."""
    return replace(
        sampled_counts([make_trace()]),
        reasoning_tokens=tokens,
        answer_tokens=tokens // 2,
        sampling_s=seconds,
        engine=EngineCounts(engine_start_s=start_s),
    )


def test_tokens_and_seconds_of_all_stages_are_added_up() -> None:
    assert speed_of([(sampled(100, 3.0), 1), (sampled(200, 1.0), 1)]) == Figure(value=112.5)


def test_the_start_of_each_workers_engine_does_not_count() -> None:
    assert speed_of([(sampled(100, 5.0, start_s=3.0), 1)]) == Figure(value=75.0)
    assert speed_of([(sampled(100, 5.0, start_s=6.0), 3)]) == Figure(value=50.0), "they start side by side"


def test_what_was_taken_over_or_drawn_in_no_time_has_no_speed() -> None:
    earlier = replace(sampled(100, 9.0), engine=None)
    assert speed_of([(earlier, 1), (sampled(0, 9.0), 1), (sampled(100, 3.0), 1)]) == Figure(value=50.0)
    for counts in (earlier, sampled(0, 9.0), sampled(100, 3.0, start_s=3.0)):
        found = speed_of([(counts, 1)])
        assert (found.value, found.why) == (None, "not computed: no completion was drawn anew")
