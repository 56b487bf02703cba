"""Entries of a sampling's account, their price, and the settings of a small sampling."""

from configs.sampling import Price, TeacherSampling
from teacher.sampling.journal import Entry

PRICE = Price(prompt_per_million=1.0, completion_per_million=4.0)


def entry(prompt: int = 10, reasoning: int = 80, answer: int = 20, **changes: object) -> Entry:
    return Entry("0" * 12, "stop", prompt, reasoning, answer, drawn_here=True, accepted=True)._replace(**changes)  # type: ignore[arg-type]


def sampling(**changes: object) -> TeacherSampling:
    return TeacherSampling(**{"n": 4, "max_tokens": 50, "shard_size": 40} | changes)  # type: ignore[arg-type]
