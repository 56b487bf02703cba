"""Traces of a teacher, and completions of a model under evaluation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from configs.evaluation import Evaluation
from configs.models import Model, Prompt
from configs.sampling import Sampling
from configs.schema import Config
from configs.servers import ServerTeacher
from configs.teachers import FakeTeacher, RecordedTeacher, VllmTeacher
from flows.run.progress import Report
from flows.stage import Counts
from flows.stages.judging import prompts_of
from records.requests import Sampler
from records.share import WorkerSlot


def sample_teacher(
    folder: Path,
    teacher: VllmTeacher | ServerTeacher | FakeTeacher,
    path: str,
    problems: Path,
    config: Config,
    model: str,
    benchmarks: dict[str, Path],
    judged_by: str,
    slot: WorkerSlot,
    progress: Report,
) -> Counts:
    """Traces of the teacher, judged as they come where the config asks for accepted ones. `model` identifies its
    weights, `judged_by` what judges."""
    from teacher.sampling.stage import SamplingJob, sample_share

    sampling = config.sampling
    assert sampling is not None, "validated by Config"

    def start() -> Sampler:
        from flows.run.child import end_with
        from teacher.engines import ENGINES

        logs = folder.parent / "logs" / folder.name
        return ENGINES[teacher.kind](teacher, path=path, logs=logs, end_with=end_with, judged=sampling.judged)

    with judge_beside(config, benchmarks) as judge_traces:
        job = SamplingJob(
            problems=problems,
            sampling=sampling,
            prompt=Prompt() if isinstance(teacher, FakeTeacher) else teacher.prompt,
            model=model,
            teacher=teacher.name,
            thinks=isinstance(teacher, FakeTeacher) or teacher.thinks,
            judge=judge_traces,
            judged_by=judged_by,
            reuse_from=(folder.parent, *(folder.parent / place for place in sampling.reuse)),
        )
        return sample_share(folder, job, start, progress, slot)


@contextmanager
def judge_beside(config: Config, benchmarks: dict[str, Path]) -> Iterator[Any]:
    """What the judge stage will do, for traces as they come; None where sampling does not ask."""
    sampling = config.sampling
    if sampling is None or not sampling.judged:
        yield None
        return
    from filters.chain import all_filters
    from filters.workers import workers

    rules = all_filters(config.judging, prompts_of(benchmarks), sampling.hints)
    with workers(config.judging, rules) as pool:
        yield pool.judge


def import_recorded(folder: Path, teacher: RecordedTeacher, progress: Report) -> Counts:
    from teacher.problems.recorded import import_traces

    return import_traces(folder, teacher, progress)


def sample_model(
    folder: Path,
    model: Model,
    path: str,
    precision: str,
    problems: Path,
    evaluation: Evaluation,
    identity: str,
    slot: WorkerSlot,
    progress: Report,
) -> Counts:
    """Completions of a model under evaluation: vLLM unquantized, bitsandbytes through transformers otherwise."""
    from teacher.sampling.stage import SamplingJob, sample_share

    def start() -> Sampler:
        if precision == "full":
            from flows.run.child import end_with
            from teacher.engines import ENGINES

            logs = folder.parent / "logs" / folder.name
            return ENGINES["vllm"](model, path=path, logs=logs, end_with=end_with, judged=False)
        from eval.quantized import QuantizedSampler

        return QuantizedSampler(model, path, precision, evaluation)

    in_full = precision == "full"
    job = SamplingJob(
        problems=problems,
        sampling=evaluation,
        prompt=model.prompt,
        model=identity,
        teacher=model.name,
        thinks=model.thinks,
        reuse_from=(folder.parent,) if in_full else (),
        shard_size=None if in_full else evaluation.quantized_batch_size,
        whole_shards=not in_full,
    )
    return sample_share(folder, job, start, progress, slot)


def missing_traces(folder: Path, problems: Path) -> int:
    from teacher.sampling.shard_files import missing

    return missing(folder, problems)


def gather_traces(folder: Path, parts: list[Counts], sampling: Sampling) -> Counts:
    from teacher.sampling.stage import gather

    return gather(folder, sampling, parts)
