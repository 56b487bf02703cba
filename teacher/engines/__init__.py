"""Engines that draw completions, and how a prompt becomes tokens. ENGINES starts the sampler of each kind of teacher.

Heavy libraries are imported only in the functions that start an engine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.models import Model
from configs.servers import ServerTeacher
from configs.teachers import FakeJudge, FakeTeacher
from records.requests import Sampler
from teacher.engines.shared import SharedEngine

if TYPE_CHECKING:
    from teacher.engines.vllm_sampler import VllmSampler


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Arguments for starting an engine, besides its config section."""

    path: str
    """The weights' directory or hub name; empty if the weights are not loaded here."""
    logs: Path
    """Prefix of the log files of processes that the engine starts."""
    end_with: Callable[[int, int], None]
    """`end_with(ours, theirs)` makes sure that the process `theirs` does not outlive the process `ours`."""
    judged: bool
    """True if verdicts decide what is drawn next."""
    shared: SharedEngine
    """Holds the engine that further stages will use."""


def start_fake(teacher: FakeTeacher, launch: Launch) -> Sampler:
    from teacher.engines.fake import FakeSampler

    return FakeSampler(teacher)


def start_fake_judge(judge: FakeJudge, launch: Launch) -> Sampler:
    from teacher.engines.fake import FakeJudgeSampler

    return FakeJudgeSampler(judge)


def start_servers(teacher: ServerTeacher, launch: Launch) -> Sampler:
    from teacher.servers.sampler import ServerSampler

    return ServerSampler(teacher, launch.logs, launch.end_with)


def start_vllm(model: Model, launch: Launch) -> Sampler:
    return borrow_vllm(model, launch.path, launch.shared, judged=launch.judged)


def borrow_vllm(model: Model, path: str, shared: SharedEngine, *, judged: bool) -> "VllmSampler":
    """Return a sampler of the shared engine, which starts if there is none. `judged`: as in Launch. Errors: InputError
    for a model that cannot be used as configured."""
    from teacher.engines.vllm_engine import VllmEngine
    from teacher.engines.vllm_sampler import FAR_AHEAD, JUST_AHEAD, VllmSampler

    engine = shared.borrow(partial(VllmEngine, model, path))
    return VllmSampler(engine, model, JUST_AHEAD if judged else FAR_AHEAD, keeps_engine=True)


ENGINES: dict[str, Callable[[Any, Launch], Sampler]] = {
    "fake": start_fake,
    "fake_judge": start_fake_judge,
    "server": start_servers,
    "vllm": start_vllm,
}
"""Starts a sampler, by the teacher's kind. Errors: InputError for a model or servers that cannot be used as configured.
"""
