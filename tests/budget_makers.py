"""Sampling under thinking budgets, on the stored traces of a run."""

from dataclasses import replace
from pathlib import Path

from sampling_makers import make_job

from configs.sampling import Sampling
from teacher.sampling.stage import SamplingJob
from teacher.sampling.thinking_budgets import ThinkingBudgets

PLAIN = Sampling(n=3, max_tokens=50, shard_size=40)


class Words:
    """Words are tokens, as for the fake engine."""

    def count(self, text: str) -> int:
        return len(text.split())

    def cut(self, text: str, at: int) -> str | None:
        words = text.split(" ")
        return " ".join(words[:at]) if len(words) > at else None


def stored_job(problems: Path, run: Path) -> SamplingJob:
    return replace(make_job(problems, PLAIN), reuse_from=(run,))


def budgeted(problems: Path, run: Path, *think: int, wait: int = 2, answer_tokens: int = 6) -> SamplingJob:
    budgets = ThinkingBudgets(think or (5, 20), wait, answer_tokens, Words())
    return replace(stored_job(problems, run), budgets=budgets)
