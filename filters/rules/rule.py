"""Defines what a rule is, and from which parts of a run it is made."""

from dataclasses import dataclass, field
from typing import Protocol, Self

from configs.judging import Judging
from records.rows import Trace, Verdict


@dataclass(frozen=True)
class Setup:
    """What the rules of one run depend on. Made by `filters.chain`; read by each rule's `configured`."""

    config: Judging
    benchmarks: dict[str, list[str]] = field(default_factory=dict)
    """The prompts of every held-out benchmark, by its name."""
    hints: tuple[str, ...] = ()
    """The templates in which traces were shown the reference."""


class Filter(Protocol):
    """A check of one trace that needs no reference."""

    @property
    def name(self) -> str: ...

    def judge(self, trace: Trace) -> Verdict: ...


class Rule(Filter, Protocol):
    """The class of a filter, as `filters.chain.RULES` lists it."""

    version: str
    """Raise it if the rule's verdicts change, so that traces are judged again."""

    @classmethod
    def configured(cls, setup: Setup) -> Self | None:
        """Return the filter with the thresholds of the config, or None if the config turns it off."""
        ...
