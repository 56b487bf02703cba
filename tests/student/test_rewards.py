"""What a judged completion is rewarded with, the order of prompts, and completions that are seen to end."""

import time
from pathlib import Path
from threading import Event

import pytest
import torch
from conftest import make_trace
from transformers import AutoModelForCausalLM, GenerationConfig

from records.rows import Trace, Verdict
from student.methods.drawing import watching
from student.methods.group_order import GroupOrder
from student.methods.grpo_trainer import without_signal
from student.methods.reward_queue import RewardQueue
from student.methods.rewards import Judged, length, rewards_of

ALL = ["answer", "format", "language", "length"]


def judged(*outcomes: tuple[str, str], finish_reason: str = "stop", tokens: int = 10) -> Judged:
    trace = make_trace(finish_reason=finish_reason, completion_tokens=tokens)
    return Judged(trace, [Verdict(name, "1", outcome) for name, outcome in outcomes], longest=100)


@pytest.mark.parametrize(
    ("outcomes", "rewards"),
    [
        ([("answer_format", "pass"), ("language", "pass"), ("math", "pass")], [1, 1, 1, 0]),
        ([("answer_format", "pass"), ("language", "pass"), ("math", "fail")], [0, 1, 1, 0]),
        ([("answer_format", "pass"), ("language", "fail"), ("math", "pass")], [1, 1, 0, 0]),
        ([("answer_format", "fail"), ("language", "pass")], [0, 0, 0, 0]),
        ([("answer_format", "pass"), ("repetition", "fail"), ("language", "pass")], [0, 1, 1, 0]),
        ([("answer_format", "pass"), ("language", "pass")], [0, 1, 1, 0]),  # no verifier was asked
        ([("answer_format", "pass"), ("language", "pass"), ("math", "unknown")], None),
        ([], [0, 0, 0, 0]),
    ],
)
def test_parts(outcomes: list[tuple[str, str]], rewards: list[float] | None) -> None:
    assert rewards_of(judged(*outcomes), ALL) == rewards


def test_a_truncated_completion_has_no_reward() -> None:
    cut = judged(("answer_format", "pass"), ("language", "pass"), finish_reason="length", tokens=100)
    assert rewards_of(cut, ALL) == [0, 0, 0, -1]


@pytest.mark.parametrize(("tokens", "reward"), [(0, 0), (80, 0), (81, -0.05), (90, -0.5), (100, -1), (120, -1)])
def test_the_length_is_punished_over_the_last_fifth(tokens: int, reward: float) -> None:
    assert length(judged(tokens=tokens)) == pytest.approx(reward)


def test_groups_without_signal() -> None:
    nan = float("nan")
    groups = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0], [nan, nan, nan], [nan, 1.0, nan], [nan, 1.0, 0.9]])
    assert without_signal(groups) == pytest.approx(3 / 5)


def test_the_order_is_that_of_its_epoch() -> None:
    order = GroupOrder(prompts=5, each=2, batch=2, times=2, seed=3)
    assert len(order) == len(list(order)) == 16
    first = list(order)
    assert first == list(order)
    assert first[:4] == first[4:8]
    assert first[0] == first[1] != first[2] == first[3]
    order.epoch = 1
    assert list(order) != first
    again = GroupOrder(prompts=5, each=2, batch=2, times=2, seed=3)
    again.epoch = 1
    assert list(again) == list(order) == list(GroupOrder(prompts=5, each=2, batch=2, times=2, seed=4))
    assert list(GroupOrder(3, 2, 1, 1, None)) == [0, 0, 1, 1, 2, 2]
    assert list(GroupOrder(1, 2, 2, 1, None)) == []


def test_completions_are_seen_to_end_while_others_are_drawn(tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype="float32")
    stop, pad = 5, 0
    config = GenerationConfig(
        max_new_tokens=24, do_sample=True, eos_token_id=stop, pad_token_id=pad, sequence_bias=[[[stop], 3.0]]
    )
    seen: dict[int, list[int]] = {}
    torch.manual_seed(0)
    prompts = torch.tensor([[7, 8, stop], [9, 10, 11]] * 4)
    with watching(model, [stop], lambda row, tokens: seen.update({row: tokens})):
        found = model.generate(prompts, attention_mask=torch.ones_like(prompts), generation_config=config)[:, 3:]
    for row, tokens in seen.items():
        drawn = found[row].tolist()
        assert tokens == drawn[: drawn.index(stop) + 1]
    longest = found.shape[1]
    early = {row for row in range(8) if stop in found[row, : longest - 1].tolist()}
    assert set(seen) == early
    assert 0 < len(early) < 8 or longest < 24
    model.generate(prompts, attention_mask=torch.ones_like(prompts), generation_config=config)  # no longer watched
    assert set(seen) == early


def test_judging_goes_on_beside_the_drawing() -> None:
    calls: list[int] = []
    slow = Event()

    def judge(traces: list[Trace]) -> list[list[Verdict]]:
        calls.append(len(traces))
        slow.wait(5)
        return [[Verdict("math", "1", trace.answer)] for trace in traces]

    queue = RewardQueue(judge)
    started = time.monotonic()
    queue.submit("a", make_trace(answer="a"))
    while not calls:
        time.sleep(0.001)
    queue.submit("b", make_trace(answer="b"))
    queue.submit("c", make_trace(answer="c"))
    assert time.monotonic() - started < 1, "the trainer waits for nothing"
    slow.set()
    assert {key: verdicts[0].outcome for key, verdicts in queue.collect().items()} == {"a": "a", "b": "b", "c": "c"}
    assert calls == [1, 2], "what waits is judged together"
    assert queue.collect() == {}
    queue.expect(8)
    queue.submit(0, make_trace(answer="0"))
    time.sleep(0.05)
    assert len(calls) == 2, "less than a quarter of a batch is not worth a call"
    queue.submit(1, make_trace(answer="1"))
    while len(calls) == 2:
        time.sleep(0.001)
    queue.submit(2, make_trace(answer="2"))
    assert list(queue.collect()) == [0, 1, 2]
    assert calls[2:] == [2, 1]
    judged_s, waited_s = queue.seconds()
    assert 0 < waited_s <= judged_s + 1
    assert queue.seconds() == (0, 0), "since the last call"
    queue.close()


def test_an_error_of_the_judge_ends_the_training_and_nothing_more_is_judged() -> None:
    calls: list[int] = []

    def judge(traces: list[Trace]) -> list[list[Verdict]]:
        calls.append(len(traces))
        raise ZeroDivisionError

    queue = RewardQueue(judge)
    for key in range(2):
        queue.submit(key, make_trace())
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            queue.collect()
    queue.submit("late", make_trace())
    with pytest.raises(ZeroDivisionError):
        queue.collect()
    assert len(calls) == 1
    queue.close()


@pytest.mark.parametrize(("completions", "enough"), [(1, 1), (7, 1), (8, 2), (11, 2), (12, 3)])
def test_a_batch_is_judged_in_about_four_calls(completions: int, enough: int) -> None:
    queue = RewardQueue(lambda traces: [[] for _ in traces])
    queue.expect(completions)
    assert queue.enough == enough
    queue.close()
