"""Makers for the tests of judging."""

from pathlib import Path

from configs.judging import Judging
from filters.judge import gather, judge_share
from filters.verifiers import choice_answer, math_answer, reasoning_gym_answer
from filters.verifiers.evidence import Evidence
from records.counts import JudgingCounts
from records.rows import Verdict
from records.share import WorkerSlot


def judge_all(
    folder: Path, traces: Path, config: Judging, slot: WorkerSlot | None = None, judged_before: bool = False
) -> JudgingCounts:
    """A directory judged by one worker."""
    part = judge_share(folder, traces, config, {}, (), judged_before, lambda *_, **__: None, slot or WorkerSlot())
    return gather(folder, [], [part])


def verify_math(reference: str, answer: str) -> Verdict:
    return math_answer.full(Evidence("math", reference, "", answer))


def quick_math(reference: str, answer: str) -> Verdict | None:
    return math_answer.quick(Evidence("math", reference, "", answer))


def verify_choice(reference: str, extra: str, answer: str) -> Verdict:
    return choice_answer.full(Evidence("choice", reference, extra, answer))


def verify_reasoning_gym(extra: str, answer: str) -> Verdict:
    return reasoning_gym_answer.full(Evidence("reasoning_gym", "", extra, answer))
