"""The stage that samples the teacher."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from configs.sampling import TeacherSampling
from configs.servers import ServerTeacher
from configs.teachers import Fake, FakeJudge, FakeTeacher, VllmTeacher
from filters.chain import VERSION
from flows.plan import Sharded, Stage
from flows.run.progress import Report
from flows.run.watcher import end_with
from flows.searching import SearchScorer
from flows.stages.judge import JudgingRules
from flows.weights import VLLM, Weights, engine_name, hub_or_content, model_identity
from records.counts import SamplingCounts, SamplingPart
from records.hashing import fingerprint
from records.requests import Sampler
from records.share import WorkerSlot
from records.step_scorer import StepScorer
from records.thinking import VERSION as THINKING_VERSION
from teacher.engines.shared import SharedEngine
from teacher.sampling.passes import VERSION as REQUEST_VERSION

SHAPES_NO_TRACE = {"shard_size", "price", "reuse", "speculate"}
"""Sampling settings that change no trace. The budget is not among them, because it changes the number of traces."""
SHAPES_NO_REPLY = {"path", "revision", "engine", "gpus", "first_port", "ready_timeout_s"}
"""Settings of servers started here that change no reply: how they run, and where the weights are, which are identified
separately."""


@dataclass(frozen=True, kw_only=True)
class SampleTeacher(Sharded):
    """Makes `traces-NNNNN.parquet`. Traces are judged during sampling if the config asks for accepted ones."""

    name: str = "sample"
    version = f"4.{REQUEST_VERSION}.{THINKING_VERSION}"
    teacher: VllmTeacher | ServerTeacher | FakeTeacher | FakeJudge
    weights: Weights | None
    """The weights of a teacher in vLLM; None for other kinds."""
    problems: Stage
    """Makes Parquet files of problems."""
    sampling: TeacherSampling
    rules: JudgingRules
    search: SearchScorer | None = None
    """The scorer that leads searches; None if traces are drawn plainly."""

    @property
    def needs(self) -> tuple[Stage, ...]:
        held_out = self.rules.benchmarks if self.sampling.judged else ()
        return (self.problems, *(self.weights.needs if self.weights else ()), *held_out)

    def settings(self) -> dict[str, Any]:
        exclude = SHAPES_NO_TRACE if self.search else SHAPES_NO_TRACE | {"search"}
        sampling = self.sampling.model_dump(mode="json", exclude=exclude)
        if self.search:  # the scorer's name says nothing
            sampling["search"] |= {"scorer": self.search.identity(), "aggregate": self.search.aggregate}
        # Which traces are drawn depends on which are accepted.
        judging = {"judging": self.rules.settings(), "judging_version": VERSION} if self.sampling.judged else {}
        return {"sampling": sampling, "teacher": TEACHERS[self.teacher.kind](self.teacher, self.weights)} | judging

    @property
    def libraries(self) -> tuple[str, ...]:
        return (*(VLLM if self.weights else ()), *(self.search.libraries if self.search else ()))

    @property
    def workers(self) -> int:
        return self.distribution.sampling_workers

    @property
    def gpus(self) -> int:
        return self.teacher.engine.tensor_parallel_size if isinstance(self.teacher, VllmTeacher) else 0

    @property
    def engine(self) -> str:
        return engine_name(self.teacher, self.weights) if isinstance(self.teacher, VllmTeacher) and self.weights else ""

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> SamplingPart:
        from teacher.engines import ENGINES, Launch
        from teacher.sampling.stage import SamplingJob, sample_share
        from teacher.search.sampler import SearchJob
        from teacher.search.share import search_share

        teacher, sampling = self.teacher, self.sampling
        path, logs = self.weights.location if self.weights else "", folder.parent / "logs" / folder.name
        identity = TEACHERS[teacher.kind](teacher, self.weights) | {"name": ""}
        model = fingerprint([identity, self.weights.fingerprint() if self.weights else ""])
        with judge_beside(self) as judge, scorer_beside(self) as scorer:
            job = SamplingJob(
                problems=self.problems.path,
                sampling=sampling,
                prompt=teacher.asks,
                model=model,
                teacher=teacher.name,
                thinks=teacher.reasons,
                judge=judge,
                judged_by=self.rules.identity() if sampling.judged else "",
                reuse_from=(folder.parent, *(folder.parent / place for place in sampling.reuse)),
                search=self.search_identity() if self.search else "",
            )
            depends = sampling.judged or self.search is not None
            launch = Launch(path=path, logs=logs, end_with=end_with, judged=depends, shared=engine)
            start: Callable[[], Sampler] = partial(ENGINES[teacher.kind], teacher, launch)
            if scorer is None:
                return sample_share(folder, job, start, progress, slot)
            shaping = fingerprint([model, job.search, teacher.asks.model_dump(mode="json")])
            searches = SearchJob(sampling.search, scorer, shaping, teacher.reasons, folder, slot.index)
            return search_share(folder, job, searches, start, progress, slot)

    def missing(self, folder: Path) -> int:
        from teacher.sampling.shard_files import missing

        return missing(folder, self.problems.path)

    def gather(self, folder: Path, parts: list[SamplingPart]) -> SamplingCounts:
        from teacher.sampling.stage import gather
        from teacher.search.counting import with_search
        from teacher.search.journal import drop_journals

        drop_journals(folder)
        counts = gather(folder, self.sampling, parts)
        return with_search(counts, folder, parts) if self.search else counts

    def search_identity(self) -> str:
        return fingerprint(self.settings()["sampling"]["search"])


@contextmanager
def scorer_beside(stage: SampleTeacher) -> Iterator[StepScorer | None]:
    """Yield the function that scores prefixes; None if traces are drawn plainly."""
    if stage.search is None:
        yield None
        return
    with stage.search.start() as scorer:
        yield scorer


@contextmanager
def judge_beside(stage: SampleTeacher) -> Iterator[Any]:
    """Yield a function that judges traces as the judge stage will; None if sampling needs no verdicts."""
    if not stage.sampling.judged:
        yield None
        return
    from filters.chain import all_filters
    from filters.workers import workers

    rules = stage.rules
    with workers(rules.judging, all_filters(rules.judging, rules.prompts(), rules.hints)) as pool:
        yield pool.judge


def vllm_identity(teacher: VllmTeacher, weights: Weights) -> dict[str, Any]:
    return model_identity(teacher) | {"weights": weights.identity()}


def server_identity(teacher: ServerTeacher, _: None) -> dict[str, Any]:
    """Return the settings of a model behind servers that shape its completions. The servers' addresses and how they are
    queried are not among them. Only the user can know whether `model` keeps the same weights there."""
    shaping = {"name", "model", "max_model_len", "prompt", "thinks", "extra_body"}
    identity = teacher.model_dump(mode="json", include=shaping)
    if teacher.tokenizer:
        identity["tokenizer"] = hub_or_content(teacher.tokenizer, None)
    if teacher.serve is None:
        return identity
    weights = hub_or_content(teacher.serve.path, teacher.serve.revision)
    serve = teacher.serve.model_dump(mode="json", exclude=SHAPES_NO_REPLY)
    return identity | {"model": "", "weights": weights, "serve": serve}


def fake_identity(teacher: Fake, _: None) -> dict[str, Any]:
    return teacher.model_dump(mode="json", exclude={"latency_s", "in_flight"})


TEACHERS: dict[str, Callable[..., dict[str, Any]]] = {
    "vllm": vllm_identity,
    "server": server_identity,
    "fake": fake_identity,
    "fake_judge": fake_identity,
}
"""Functions that return the settings of a teacher that shape its traces, by its kind."""
