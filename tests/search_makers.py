"""Makers for the tests of searches: a scorer that reads the fake's lines, and a search sampled into a folder."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from conftest import make_problem
from sampling_makers import Counting, make_job

from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from records.parquet import write_rows
from records.requests import Completion
from records.schemas import PROBLEM
from records.search_counts import SearchedCounts
from records.share import WorkerSlot
from records.step_scorer import Prefix
from teacher.engines.fake import FakeSampler
from teacher.sampling.stage import SamplingJob, gather, sample_share
from teacher.search.counting import with_search
from teacher.search.sampler import SearchJob, SearchSampler, begin_searches

HALF = FakeTeacher(kind="fake", accuracy=0.5, unclosed=0.0)
"""Of its steps every second is wrong."""
KINDS: dict[str, dict[str, Any]] = {
    "best_of_n": {"kind": "best_of_n", "width": 6},
    "beam": {"kind": "beam", "width": 6, "expand": 3, "step_tokens": 50},
    "dvts": {"kind": "dvts", "width": 6, "expand": 3, "step_tokens": 50},
    "mcts": {"kind": "mcts", "expand": 3, "simulations": 3, "step_tokens": 50},
}


PAIR: dict[str, Any] = {
    "name": "pair",
    "teacher": {"kind": "fake"},
    "student": {"name": "small", "path": "owner/name"},
    "problems": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}],
    "sampling": {"n": 1, "max_tokens": 512, "search": {"kind": "beam", "scorer": "prm", "width": 8, "expand": 4}},
    "training": {"max_length": 512},
    "scorers": {
        "exact": {"kind": "equations"},
        "orm": {"kind": "outcome", "path": "owner/orm", "revision": "a1"},
        "prm": {"kind": "process", "path": "owner/prm", "form": "qwen_math_prm"},
    },
}
"""A config whose teacher searches."""


def share_right(prefixes: Sequence[Prefix]) -> list[float | None]:
    """The share of a prefix's steps that say they are right."""
    lines = [(one.reasoning.count(" is right,"), one.reasoning.count(" is wrong,")) for one in prefixes]
    return [right / max(1, right + wrong) for right, wrong in lines]


def searching(kind: str = "beam", search: dict[str, Any] | None = None, **changes: Any) -> TeacherSampling:
    section = KINDS[kind] | {"scorer": "made"} | (search or {})
    return TeacherSampling.model_validate({"n": 1, "max_tokens": 200, "shard_size": 10, "search": section} | changes)


def problems_of(folder: Path, count: int) -> Path:
    folder.mkdir()
    rows = (make_problem(f"{at} + 1?", f"answer-{at + 1}") for at in range(count))
    write_rows(folder / "problems.parquet", rows, PROBLEM)
    return folder


def search_traces(
    folder: Path,
    problems: Path,
    sampling: TeacherSampling,
    sampler: FakeSampler | None = None,
    scorer: Callable[[Sequence[Prefix]], list[float | None]] = share_right,
    **changes: Any,
) -> SearchedCounts:
    folder.mkdir(parents=True, exist_ok=True)
    job: SamplingJob = replace(make_job(problems, sampling), **{"search": "search"} | changes)
    inner = sampler or Counting(HALF)
    searches = SearchJob(sampling.search, scorer, "identity", True, folder)
    begun: list[SearchSampler] = []
    start = partial(begin_searches, searches, lambda: inner, begun)
    part = sample_share(folder, job, start, lambda *_, **__: None, WorkerSlot())
    part = replace(part, abandoned_tokens=sum(one.abandoned_tokens for one in begun))
    return with_search(gather(folder, sampling, [part]), folder, [part])


class Metered(Counting):
    """Adds up what it drew, and what of it was taken."""

    def __init__(self, config: FakeTeacher = HALF) -> None:
        super().__init__(config)
        self.drawn: list[Completion] = []

    def finished(self) -> list[Completion]:
        done = super().finished()
        self.drawn += done
        return done


class Slow(Metered):
    """Holds one problem's completions back until nothing else has been asked for in a while."""

    idle = 0

    def __init__(self, held: str) -> None:
        super().__init__()
        self.held = held
        self.kept: list[Completion] = []

    def finished(self) -> list[Completion]:
        done = super().finished()
        self.kept += [one for one in done if one.request.problem.id == self.held]
        others = [one for one in done if one.request.problem.id != self.held]
        self.idle = 0 if others else self.idle + 1
        if self.idle == 60:
            others, self.kept, self.idle = self.kept, [], 0
        elif self.idle:
            time.sleep(0.001)  # scores come from a thread
        return others
