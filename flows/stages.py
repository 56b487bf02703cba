"""What runs inside each stage's process. Imports are inside, so that planning a run stays light."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from configs.models import FakeTeacher, Model, Prompt, RecordedTeacher, Scratch, Student, VllmTeacher
from configs.sampling import Sampling
from configs.schema import Config, Evaluation, Judging, Selection
from configs.servers import ServerTeacher
from configs.sources import ProblemSource
from configs.training import Training
from records.rows import Artifact
from records.share import Share

Counts = dict[str, Any]
Report = Callable[..., None]


def problem_ids(benchmarks: list[Path]) -> set[str]:
    from records.parquet import read_rows

    return {row["id"] for folder in benchmarks for row in read_rows(folder, ["id"])}


def use_one_gpu() -> None:
    """Training is one process: shown several GPUs, the trainer would split each batch over them (DataParallel), and
    train on batches of another size than configured. To be called before torch may be imported."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0")
    os.environ["CUDA_VISIBLE_DEVICES"] = visible.split(",")[0]


def build_problems(folder: Path, sources: list[ProblemSource], benchmarks: list[Path], progress: Report) -> Counts:
    from teacher.problems import write_problems

    return write_problems(folder, sources, problem_ids(benchmarks))


def build_scratch(
    folder: Path, scratch: Scratch, prompt: Prompt, name: str, benchmarks: list[Path], progress: Report
) -> Counts:
    """Program-written solutions, an untrained model, and its training, in one stage."""
    use_one_gpu()
    import shutil

    from records.parquet import DATASET, read_problems, read_rows, write_rows
    from student.scratch import make_model
    from student.train import train
    from teacher.problems import write_problems
    from teacher.worked import solved_rows

    work = folder / ".work"
    work.mkdir(exist_ok=True)
    counts = write_problems(work, list(scratch.problems), problem_ids(benchmarks))
    problems = read_problems(work / "problems.parquet")
    corpus = work / "corpus"
    corpus.mkdir(exist_ok=True)
    write_rows(corpus / "corpus.parquet", solved_rows(problems, scratch.solutions, prompt, name), DATASET)
    texts = (turn["content"] for row in read_rows(corpus) for turn in row["messages"])
    make_model(work / "untrained", scratch.architecture, texts, scratch.training.seed)
    trained = train(folder, scratch.training, str(work / "untrained"), None, corpus, progress)
    shutil.rmtree(work)
    return counts | trained


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
) -> Counts:
    """Traces of the teacher, judged as they come where the config asks for accepted ones. `model` identifies its
    weights, `judged_by` what judges."""
    from teacher.sampling.stage import Work, sample_share

    sampling = config.sampling
    assert sampling is not None, "validated by Config"

    def start() -> Any:
        if isinstance(teacher, FakeTeacher):
            from teacher.fake import FakeSampler

            return FakeSampler(teacher)
        if isinstance(teacher, ServerTeacher):
            from flows.child import end_with
            from teacher.servers.sampler import ServerSampler

            return ServerSampler(teacher, folder.parent / "logs" / folder.name, end_with)
        from teacher.vllm_sampler import VllmSampler

        return VllmSampler(teacher, path)

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
    from filters.judge import all_filters
    from filters.workers import workers

    rules = all_filters(config.judging, prompts_of(benchmarks), sampling.hints)
    with workers(config.judging, rules) as pool:
        yield pool.judge


def import_recorded(folder: Path, teacher: RecordedTeacher, progress: Report) -> Counts:
    from teacher.recorded import import_traces

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
) -> Counts:
    """Completions of a model under evaluation: vLLM unquantized, bitsandbytes through transformers otherwise."""
    from teacher.sampling.stage import Work, sample_share

    def start() -> Any:
        if precision == "full":
            from teacher.vllm_sampler import VllmSampler

            return VllmSampler(model, path)
        from eval.quantized import QuantizedSampler

        return QuantizedSampler(model, path, precision, evaluation)

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


def gather_traces(folder: Path, parts: list[Counts], sampling: Sampling) -> Counts:
    from teacher.sampling.stage import gather

    return gather(folder, sampling, parts)


def judge(
    folder: Path,
    traces: Path,
    config: Judging,
    benchmarks: dict[str, Path],
    hints: tuple[str, ...],
    share: Share,
    progress: Report,
) -> Counts:
    from filters.judge import judge_share

    return judge_share(folder, traces, config, prompts_of(benchmarks), hints, progress, share)


def missing_judged(folder: Path, traces: Path) -> int:
    from filters.judge import missing

    return missing(folder, traces)


def gather_judged(folder: Path, parts: list[Counts], benchmarks: list[str]) -> Counts:
    from filters.judge import gather

    return gather(folder, benchmarks, parts)


def prompts_of(benchmarks: dict[str, Path]) -> dict[str, list[str]]:
    from records.parquet import read_rows

    return {name: [row["prompt"] for row in read_rows(path, ["prompt"])] for name, path in benchmarks.items()}


def select(folder: Path, judged: Path, config: Config, progress: Report) -> Counts:
    from filters.selection import select_traces
    from filters.workers import workers
    from student.dataset_card import write_card
    from teacher.prompts import to_messages

    selection: Selection = config.selection
    with workers(config.judging) as pool:  # its processes start when two answers are compared
        counts = select_traces(folder, judged, selection, partial(to_messages, prompt=config.student.prompt), pool.same)
    write_card(folder, config.name, config.teacher.name, counts)
    return counts


def train_student(
    folder: Path, training: Training, student: Student, path: str, dataset: Path, progress: Report
) -> Counts:
    use_one_gpu()
    from student.train import train

    return train(folder, training, path, student.revision, dataset, progress)


def score_all(folder: Path, judged: dict[str, dict[tuple[str, str], Path]], progress: Report) -> Counts:
    """`scores.json`: every (model, precision) of every benchmark, with paired differences."""
    from eval.metrics import difference, score
    from records.artifact import write_json

    scores = []
    for benchmark, folders in judged.items():
        for (model, precision), path in folders.items():
            scores += score(path, benchmark, model, precision)
            if model == "student" and ("base", "full") in folders:
                base = folders["base", "full"]
                scores.append(difference(path, base, benchmark, model, precision, "gain_over_base"))
            if precision != "full":
                full = folders[model, "full"]
                scores.append(difference(path, full, benchmark, model, precision, "change_from_full"))
    write_json(folder / "scores.json", scores)
    return {"scores": len(scores)}


def publish(
    folder: Path,
    config: Config,
    trained: Path,
    base: str,
    scores: Path | None,
    lineage: list[Artifact],
    progress: Report,
) -> Counts:
    from eval.tables import markdown_scores, read_scores
    from student.export import export

    card = {
        "name": f"{config.name}: {config.student.name}",
        "base": base,
        "teacher": config.teacher.name,
        "prompt": config.student.prompt.user.replace("\n", "\\n"),
        "scores": markdown_scores(read_scores(scores)) if scores else "Not evaluated.",
        "lineage": "\n".join(f"- `{artifact.path.name}`" for artifact in lineage),
    }
    limit = config.evaluation.max_tokens if config.evaluation else config.training.max_length
    return export(folder, trained, config.publishing, card, limit)


def report(
    folder: Path,
    name: str,
    scores: Path | None,
    judged: Artifact,
    dataset: Artifact,
    lineage: list[Artifact],
    progress: Report,
) -> Counts:
    from eval.report import write_report
    from eval.tables import lengths_and_samples, read_scores
    from records.artifact import read_manifest

    lengths, samples = lengths_and_samples(judged.path)
    rows = read_scores(scores) if scores else []
    manifests = [(artifact, read_manifest(artifact)) for artifact in lineage]
    rooted = [
        {
            "stage": manifest["stage"],
            "fingerprint": artifact.fingerprint,
            "folder": artifact.path.name,
            "wall_s": manifest["provenance"]["wall_s"],
            "counts": manifest["counts"],
            "commit": manifest["provenance"]["commit"],
        }
        for artifact, manifest in manifests
    ]
    selected = read_manifest(dataset)["counts"]
    shown = {"selected", "left_out", "disputed_references"}
    funnel = read_manifest(judged)["counts"] | {key: value for key, value in selected.items() if key in shown}
    write_report(folder / "report.html", name, rows, funnel, lengths, samples, rooted)
    return {"samples": len(samples)}
