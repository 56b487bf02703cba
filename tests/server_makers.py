"""Makers for tests of the server teacher."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conftest import ROOT, make_problem
from sampling_makers import make_job

from configs.sampling import TeacherSampling
from configs.servers import ServerTeacher
from records.counts import SamplingCounts
from records.requests import Completion, Request, Settings
from teacher.sampling.stage import sample_traces
from teacher.servers.sampler import ServerSampler

SETTINGS = Settings(temperature=0.6, top_p=0.95, top_k=-1, max_tokens=100)


def make_request(number: int = 0, settings: Settings = SETTINGS) -> Request:
    prompt = f"What is {number} + 2?"
    messages = ({"role": "user", "content": prompt},)
    return Request(make_problem(prompt, str(number + 2)), 0, 0, number, messages, settings)


def make_teacher(*urls: str, **changes: Any) -> ServerTeacher:
    """Quick to try again and to give up."""
    quick: dict[str, Any] = {"backoff_s": 0.01, "max_backoff_s": 0.05, "connect_timeout_s": 2, "request_timeout_s": 5}
    settings = {"kind": "server", "name": "teacher", "model": "fake-model", "base_urls": list(urls)} | quick | changes
    return ServerTeacher(**settings)


def make_sampler(teacher: ServerTeacher) -> ServerSampler:
    return ServerSampler(teacher, Path("unused"), lambda ours, theirs: None)


def draw(teacher: ServerTeacher, requests: int | Iterable[Request] = 20) -> dict[str, Completion]:
    """The completions of so many requests, by problem id."""
    sampler = make_sampler(teacher)
    try:
        return draw_with(sampler, map(make_request, range(requests)) if isinstance(requests, int) else requests)
    finally:
        sampler.close()


def draw_with(sampler: ServerSampler, requests: Iterable[Request]) -> dict[str, Completion]:
    waiting, got = list(requests), list[Completion]()
    asked = len(waiting)
    while waiting or len(got) < asked:
        room = sampler.room()
        for request in waiting[:room]:
            sampler.submit(request)
        del waiting[:room]
        got += sampler.finished()
    assert sampler.finished() == []
    by_problem = {completion.request.problem.id: completion for completion in got}
    assert len(by_problem) == len(got) == asked, "nothing lost, nothing twice"
    return by_problem


def sample(folder: Path, problems: Path, teacher: ServerTeacher, n: int = 3) -> SamplingCounts:
    """A whole stage: requests planned, traces journaled and written. Its counts."""
    folder.mkdir(exist_ok=True)
    job = make_job(problems, TeacherSampling(n=n, max_tokens=50, shard_size=40))
    return sample_traces(folder, job, lambda: make_sampler(teacher), lambda *_, **__: None)


@contextmanager
def server_process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The fake server as a process that can be killed, and its URL."""
    command = [sys.executable, "-m", "teacher.servers.fake", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
