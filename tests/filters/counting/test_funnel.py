"""Every judged trace is counted once, by source and by difficulty, however the traces are split over shards."""

import json
from dataclasses import replace

from conftest import make_trace

from filters.counting.funnel import Funnel
from records.difficulty import difficulty
from records.rows import FAILED, Trace, Verdict


def judged_trace(prompt: str, index: int, outcome: str = "pass", source: str = "made") -> Trace:
    verdict = Verdict("math", "1", outcome, "" if outcome == "pass" else "wrong_answer")
    return make_trace(prompt=prompt, sample_index=index, source=source, verdicts=[verdict])


def test_funnels_of_shards_add_up_to_the_whole() -> None:
    """Whatever shards a problem's traces lie in."""
    outcomes = ["pass", "fail", "fail", "unknown"]
    traces = [judged_trace(f"p{at % 7}", at, outcomes[at % 4], source=f"s{at % 7 % 2}") for at in range(60)]
    whole, shards = Funnel(), [Funnel() for _ in range(3)]
    for at, trace in enumerate(traces):
        whole.add(trace)
        shards[at // 23].add(trace)
    together = Funnel()
    for shard in shards:
        together.include(json.loads(json.dumps(shard.plain())))
    assert together.counts(difficulty=difficulty) == whole.counts(difficulty=difficulty)
    assert together.plain() == whole.plain()


def test_parts_add_up() -> None:
    funnel = Funnel()
    for problem, passes in enumerate([0, 1, 2, 3, 4, 4]):
        for index in range(4):
            outcome = "pass" if index < passes else "fail"
            funnel.add(judged_trace(f"p{problem}", index, outcome, source=f"s{problem % 2}"))
    # These say nothing of the pass rate.
    funnel.add(replace(judged_trace("p0", 0, source="s0"), attempt=1, hinted=True))
    funnel.add(replace(judged_trace("p1", 4, "fail", source="s1"), finish_reason=FAILED))
    funnel.add(judged_trace("new", 0, "unknown", source="s1"))
    counts = funnel.counts(difficulty=difficulty)
    assert (counts.traces, counts.accepted, counts.problems, counts.solved) == (27, 15, 7, 6)
    assert counts.unknown == {"wrong_answer": 1}
    assert counts.pass_rate == round((0 + 1 / 4 + 2 / 4 + 3 / 4 + 1 + 1) / 6, 4)
    bands = counts.by_difficulty
    assert bands
    assert [(name, band.problems) for name, band in bands.items()] == [
        *[("never", 1), ("hard", 1), ("medium", 1), ("easy", 1), ("always", 2), ("undecided", 1)]
    ]
    never = bands["never"]
    assert (never.solved, never.accepted, never.traces, never.pass_rate) == (1, 1, 5, 0.0)
    assert bands["undecided"].pass_rate is None
    for groups in (counts.by_source, bands):
        for name in ("problems", "solved", "traces", "accepted", "prompt_tokens", "completion_tokens", "tokens"):
            assert sum(getattr(group, name) for group in groups.values()) == getattr(counts, name)


def test_the_flow_says_how_pass_rates_are_estimated_and_named() -> None:
    funnel = Funnel()
    for index, outcome in enumerate(["fail", "pass", "pass"]):
        funnel.add(judged_trace("p", index, outcome))
    counts = funnel.counts(lambda decided, accepted: (accepted - 1) / (decided - 1), lambda rate: f"{rate}")
    assert counts.pass_rate == 0.5
    assert counts.by_difficulty
    assert counts.by_difficulty.keys() == {"0.5"}
    assert funnel.counts().by_difficulty is None


def test_bands_are_ordered_by_what_their_rounded_rates_hide() -> None:
    """Problems with the rates 0.25 and 0.25 + 1/30,000 both show 0.25."""
    rates = {"p0": 0.25 + 1 / 30_000, "p1": 0.25}
    funnel = Funnel()
    for number, prompt in enumerate(rates):
        for _ in range(number + 1):
            funnel.add(judged_trace(prompt, 0))
    counts = funnel.counts(lambda decided, _: rates[f"p{decided - 1}"], lambda rate: f"{rate}")
    assert counts.by_difficulty
    assert [group.pass_rate for group in counts.by_difficulty.values()] == [0.25, 0.25]
    assert [group.traces for group in counts.by_difficulty.values()] == [2, 1], "the harder one first"
