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
from flows.stages.judging import prompts_of
from records.counts import ImportCounts, SamplingCounts, SamplingPart
from records.share import Share


def sample_teacher(
    folder: Path,
    teacher: VllmTeacher | ServerTeacher | FakeTeacher,
    path: str,
    problems: Path,
    config: Config,
    model: str,
    benchmarks: dict[str, Path],
    judged_by: str,
    share: Share,
    progress: Report,
) -> SamplingPart:
    """Traces of the teacher, judged as they come where the config asks for accepted ones. `model` identifies its
    weights, `judged_by` what judges."""
    from teacher.sampling.stage import Work, sample_share

    sampling = config.sampling
    assert sampling is not None, "validated by Config"

    def start() -> Any:
        if isinstance(teacher, FakeTeacher):
            from teacher.engines.fake import FakeSampler

            return FakeSampler(teacher)
        if isinstance(teacher, ServerTeacher):
            from flows.run.child import end_with
            from teacher.servers.sampler import ServerSampler

            return ServerSampler(teacher, folder.parent / "logs" / folder.name, end_with)
        from teacher.engines.vllm_sampler import FAR_AHEAD, JUST_AHEAD, VllmSampler

        return VllmSampler(teacher, path, JUST_AHEAD if sampling.judged else FAR_AHEAD)

    with judge_beside(config, benchmarks) as judge_traces:
        work = Work(
            problems=problems,
            sampling=sampling,
            prompt=Prompt() if isinstance(teacher, FakeTeacher) else teacher.prompt,
            model=model,
            teacher=teacher.name,
            thinks=isinstance(teacher, FakeTeacher) or teacher.thinks,
            judge=judge_traces,
            judged_by=judged_by,
            places=(folder.parent, *(folder.parent / place for place in sampling.reuse)),
        )
        return sample_share(folder, work, start, progress, share)


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


def import_recorded(folder: Path, teacher: RecordedTeacher, progress: Report) -> ImportCounts:
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
    share: Share,
    progress: Report,
) -> SamplingPart:
    """Completions of a model under evaluation: vLLM unquantized, bitsandbytes through transformers otherwise."""
    from teacher.sampling.stage import Work, sample_share

    def start() -> Any:
        if precision == "full":
            from teacher.engines.vllm_sampler import VllmSampler

            return VllmSampler(model, path)
        from eval.quantized import QuantizedSampler

        return QuantizedSampler(model, path, precision, evaluation.quantized_batch_size)

    in_full = precision == "full"
    work = Work(
        problems=problems,
        sampling=evaluation,
        prompt=model.prompt,
        model=identity,
        teacher=model.name,
        thinks=model.thinks,
        places=(folder.parent,) if in_full else (),
        shard_size=None if in_full else evaluation.quantized_batch_size,
        whole_shards=not in_full,
    )
    return sample_share(folder, work, start, progress, share)


def missing_traces(folder: Path, problems: Path) -> int:
    from teacher.sampling.shards import missing

    return missing(folder, problems)


def gather_traces(folder: Path, parts: list[SamplingPart], sampling: Sampling) -> SamplingCounts:
    from teacher.sampling.stage import gather

    return gather(folder, sampling, parts)
