"""Engines that draw completions on this machine, how a prompt becomes their tokens, and the kinds of teachers.

Everything heavy is imported by the function that starts it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from configs.models import Model
from configs.servers import ServerTeacher
from configs.teachers import FakeTeacher
from records.requests import Sampler
from teacher.engines.shared import SharedEngine


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What an engine is started with, besides the config's section about it."""

    path: str
    """Where the weights lie; empty if they do not lie here."""
    logs: Path
    """Processes started here print to files whose names begin so."""
    end_with: Callable[[int, int], None]
    """`end_with(ours, theirs)` sees to it that the process `theirs` does not outlive the process `ours`."""
    judged: bool
    """Verdicts decide what is drawn next."""
    shared: SharedEngine
    """Keeps an engine that further stages will use."""


def start_fake(teacher: FakeTeacher, launch: Launch) -> Sampler:
    from teacher.engines.fake import FakeSampler

    return FakeSampler(teacher)


def start_servers(teacher: ServerTeacher, launch: Launch) -> Sampler:
    from teacher.servers.sampler import ServerSampler

    return ServerSampler(teacher, launch.logs, launch.end_with)


def start_vllm(model: Model, launch: Launch) -> Sampler:
    from teacher.engines.vllm_engine import VllmEngine
    from teacher.engines.vllm_sampler import FAR_AHEAD, JUST_AHEAD, VllmSampler

    engine = launch.shared.borrow(partial(VllmEngine, model, launch.path))
    return VllmSampler(engine, model, JUST_AHEAD if launch.judged else FAR_AHEAD, keeps_engine=True)


ENGINES: dict[str, Callable[[Any, Launch], Sampler]] = {
    "fake": start_fake,
    "server": start_servers,
    "vllm": start_vllm,
}
"""By the kind of a teacher; `vllm` also samples students and bases under evaluation. Errors: InputError for a model or
servers that cannot be used as configured."""
