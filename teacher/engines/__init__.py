"""Engines that draw completions, by the kind of the teacher, and how a prompt becomes their tokens.

Each is imported when it is started: vLLM alone takes 15 s.
"""

from collections.abc import Callable
from pathlib import Path

from configs.models import Model
from configs.servers import ServerTeacher
from configs.teachers import FakeTeacher
from records.requests import Sampler


def start_vllm(model: Model, *, path: str, judged: bool, **_: object) -> Sampler:
    from teacher.engines.vllm_sampler import FAR_AHEAD, JUST_AHEAD, VllmSampler

    return VllmSampler(model, path, JUST_AHEAD if judged else FAR_AHEAD)


def start_servers(teacher: ServerTeacher, *, logs: Path, end_with: Callable[[int, int], None], **_: object) -> Sampler:
    from teacher.servers.sampler import ServerSampler

    return ServerSampler(teacher, logs, end_with)


def start_fake(teacher: FakeTeacher, **_: object) -> Sampler:
    from teacher.engines.fake import FakeSampler

    return FakeSampler(teacher)


ENGINES: dict[str, Callable[..., Sampler]] = {"vllm": start_vllm, "server": start_servers, "fake": start_fake}
"""Called with the teacher's section and, by keyword: `path` of its weights, `logs` (where what a server prints goes),
`end_with(ours, theirs)` (see to it that a process started here does not outlive this one), and `judged` (what finishes
decides what is drawn next)."""
