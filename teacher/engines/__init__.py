"""Engines that draw completions on this machine, how a prompt becomes their tokens, and the kinds of teachers.

Everything heavy is imported by the function that starts it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from configs.models import Model
from configs.servers import ServerTeacher
from configs.teachers import FakeTeacher
from records.requests import Sampler

EndWith = Callable[[int, int], None]
"""`end_with(ours, theirs)` sees to it that the process `theirs` does not outlive the process `ours`."""


class StartEngine(Protocol):
    """Starts a teacher's engine. Errors: InputError for a teacher that cannot be sampled as configured."""

    def __call__(self, teacher: Any, *, path: str, logs: Path, end_with: EndWith, judged: bool) -> Sampler:
        """`path` is where the weights lie, if they lie here; processes started here print to files whose names begin
        with `logs`; `judged` says that verdicts decide what is drawn next."""


def start_fake(teacher: FakeTeacher, *, path: str, logs: Path, end_with: EndWith, judged: bool) -> Sampler:
    from teacher.engines.fake import FakeSampler

    return FakeSampler(teacher)


def start_servers(teacher: ServerTeacher, *, path: str, logs: Path, end_with: EndWith, judged: bool) -> Sampler:
    from teacher.servers.sampler import ServerSampler

    return ServerSampler(teacher, logs, end_with)


def start_vllm(teacher: Model, *, path: str, logs: Path, end_with: EndWith, judged: bool) -> Sampler:
    from teacher.engines.vllm_engine import VllmEngine
    from teacher.engines.vllm_sampler import FAR_AHEAD, JUST_AHEAD, VllmSampler

    return VllmSampler(VllmEngine(teacher, path), teacher, JUST_AHEAD if judged else FAR_AHEAD)


ENGINES: dict[str, StartEngine] = {"fake": start_fake, "server": start_servers, "vllm": start_vllm}
"""By the kind of a teacher; `vllm` also samples students and bases under evaluation."""
