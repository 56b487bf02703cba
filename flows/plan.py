"""A run as its stages, in order: what each is made of, needs, and does. Nothing is built here.

An artifact's name follows from its settings and its needs' names alone, so the whole plan, and what of it is already
complete, is known before any work.
"""

from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from configs.judging import Judging
from configs.models import Model
from configs.sampling import Sampling, TeacherSampling
from configs.schema import Config
from configs.servers import ServerTeacher
from configs.sources import ProblemSource
from configs.teachers import FakeTeacher, RecordedTeacher, Teacher
from flows.identity import (
    NOT_SHAPING,
    dump,
    identity_of,
    identity_of_judging,
    identity_of_servers,
    identity_of_source,
)
from flows.stage import Plan, Shared, Stage
from flows.stages.judging import gather_judged, judge, missing_judged, select
from flows.stages.problems import build_problems
from flows.stages.results import publish, report, score_all
from flows.stages.sampling import gather_traces, import_recorded, missing_traces, sample_model, sample_teacher
from flows.stages.training import build_scratch, train_student
from records.hashing import fingerprint

VERSIONS = {
    "benchmark": "1", "problems": "1", "scratch": "1", "sample": "4", "select": "4", "evaluate": "3",
    "train": "1", "score": "1", "publish": "1", "report": "3",
}  # fmt: skip
"""Raise a stage's number when its code changes what it makes; judging versions itself by its filters."""

Evaluated = dict[str, dict[tuple[str, str], Stage]]
"""Judged completions by benchmark, then by (model, precision)."""


def plan_run(config: Config) -> Plan:
    """The method: problems, traces, judging, dataset, training, evaluation, report, checkpoint."""
    plan = Plan(run_dir_of(config))
    benchmarks = {name: add_problems(plan, f"benchmark-{name}", rows, []) for name, rows in config.benchmarks.items()}
    held_out = list(benchmarks.values())

    # The teacher's traces: sampled, or recorded elsewhere.
    traces = add_traces(plan, config, benchmarks)

    # Traces are judged and the accepted ones selected.
    judges = config.distribution.judging_workers
    judged = add_judging(plan, "judge", traces, config.judging, judges, benchmarks, config.sampling)
    dataset = plan.add(
        "select",
        dump(config.selection) | {"prompt": dump(config.student.prompt), "version": VERSIONS["select"]},
        [judged],
        select,
        *(judged.artifact.path, config),
    )

    # The base student, given or trained from nothing, is measured and then trained on them.
    base_path, base = add_model(plan, "base", config.student, held_out)
    judged_evals = add_evaluation(plan, config, benchmarks, "base", config.student, base_path, base)
    settings = dump(config.training) | identity_of(config.student, bool(base)) | {"version": VERSIONS["train"]}
    needs = [dataset, *base]
    arguments = (config.training, config.student, base_path, dataset.artifact.path / "data")
    trained = plan.add("train", settings, needs, train_student, *arguments)

    # The student meets the base's held-out problems, quantized as well.
    student_path = str(trained.artifact.path)
    distilled = config.student.model_copy(update={"thinks": True, "path": student_path, "scratch": None})
    for benchmark, more in add_evaluation(
        plan, config, benchmarks, "student", distilled, student_path, [trained]
    ).items():
        judged_evals[benchmark] |= more
    scores = add_scores(plan, judged_evals) if config.evaluation else None
    lineage = [stage.artifact for stage in plan.stages]
    known = [scores] if scores else []
    score_path = scores.artifact.path if scores else None
    plan.add(
        "publish",
        dump(config.publishing) | {"name": config.name, "version": VERSIONS["publish"]},
        [trained, *known],
        publish,
        *(config, trained.artifact.path, config.student.path or config.student.name, score_path, lineage),
    )
    plan.add(
        "report",
        {"name": config.name, "version": VERSIONS["report"]},
        [judged, dataset, trained, *known],
        report,
        *(config.name, score_path, judged.artifact, dataset.artifact, lineage),
    )
    return plan


def run_dir_of(config: Config) -> Path:
    return Path(config.run_dir.replace("{name}", config.name))


def add_problems(
    plan: Plan, name: str, sources: list[ProblemSource], held_out: list[Stage], seed: int | None = None
) -> Stage:
    settings: dict[str, Any] = {"sources": [identity_of_source(source) for source in sources]}
    settings |= {"seed": seed, "version": VERSIONS["problems"]}
    return plan.add(name, settings, held_out, build_problems, sources, paths(held_out), seed)


def add_model(plan: Plan, role: str, model: Model, held_out: list[Stage]) -> tuple[str, list[Stage]]:
    """Where the model's weights lie, and the stage that makes them if they are made here."""
    if model.scratch is None:
        return str(model.path), []
    settings = dump(model.scratch) | {"prompt": dump(model.prompt), "version": VERSIONS["scratch"]}
    arguments = (model.scratch, model.prompt, model.name, paths(held_out))
    stage = plan.add(f"{role}-from-scratch", settings, held_out, build_scratch, *arguments)
    return str(stage.artifact.path), [stage]


def add_traces(plan: Plan, config: Config, benchmarks: dict[str, Stage]) -> Stage:
    teacher, held_out = config.teacher, list(benchmarks.values())
    if isinstance(teacher, RecordedTeacher):
        files = [identity_of_source(file) for file in teacher.files]
        settings = {"name": teacher.name, "files": files, "version": VERSIONS["sample"]}
        return plan.add("sample", settings, [], import_recorded, teacher)
    sampling = config.sampling
    assert sampling is not None, "validated by Config"
    problems = add_problems(plan, "problems", config.problems, held_out, sampling.seed)
    path, weights = "", list[Stage]()
    identity = dump(teacher, exclude={"latency_s", "in_flight"})
    if isinstance(teacher, ServerTeacher):
        identity = identity_of_servers(teacher)
    elif not isinstance(teacher, FakeTeacher):
        path, weights = add_model(plan, "teacher", teacher, held_out)
        identity = identity_of(teacher, bool(weights))
    settings = dump(sampling, exclude=NOT_SHAPING) | {"teacher": identity, "version": VERSIONS["sample"]}
    judging, needs = dict[str, Any](), list[Stage]()
    if sampling.judged:  # what is drawn depends on what is accepted
        judging, needs = identity_of_judging(config.judging, benchmarks, sampling.hints), held_out
    folders = {name: stage.artifact.path for name, stage in benchmarks.items()}
    judged_by = fingerprint([judging, [stage.artifact.fingerprint for stage in needs]])
    model = fingerprint([identity | {"name": ""}, [stage.artifact.fingerprint for stage in weights]])
    return plan.add(
        "sample",
        settings | ({"judging": judging} if judging else {}),
        [problems, *weights, *needs],
        sample_teacher,
        *(teacher, path, problems.artifact.path, config, model, folders, judged_by),
        shared=shared_sampling(config, sampling, problems, gpus_of(teacher)),
    )


def gpus_of(sampled: Teacher | Model) -> int:
    """Of one engine."""
    return sampled.engine.tensor_parallel_size if isinstance(sampled, Model) else 0


def shared_sampling(config: Config, sampling: Sampling, problems: Stage, gpus: int) -> Shared:
    missing = partial(missing_traces, problems=problems.artifact.path)
    return Shared(config.distribution.sampling_workers, gpus, missing, partial(gather_traces, sampling=sampling))


def add_judging(
    plan: Plan,
    name: str,
    traces: Stage,
    judging: Judging,
    workers: int,
    benchmarks: dict[str, Stage],
    sampling: TeacherSampling | None = None,
) -> Stage:
    hints = sampling.hints if sampling else ()
    settings = identity_of_judging(judging, benchmarks, hints)
    held_out = {name: stage.artifact.path for name, stage in benchmarks.items()}
    needs = [traces, *benchmarks.values()]
    missing = partial(missing_judged, traces=traces.artifact.path)
    shared = Shared(workers, 0, missing, partial(gather_judged, benchmarks=list(benchmarks), sampling=sampling))
    arguments = (traces.artifact.path, judging, held_out, hints, sampling is not None and sampling.judged)
    return plan.add(name, settings, needs, judge, *arguments, shared=shared)


def add_evaluation(
    plan: Plan,
    config: Config,
    benchmarks: dict[str, Stage],
    role: str,
    model: Model,
    path: str,
    weights: list[Stage],
) -> Evaluated:
    """Sample and judge one model on every benchmark: the student in every precision, the base unquantized."""
    evaluation = config.evaluation
    if evaluation is None:
        return {}
    # A measured answer is right or wrong: what would make a bad training row is no fault here.
    measured = {"require_box": evaluation.require_box, "min_tokens": 0, "max_tokens": None}
    measured |= {"repetition": None, "language": None, "reject_refusals": False}
    judging = config.judging.model_copy(update=measured)
    judged: Evaluated = {name: {} for name in benchmarks}
    for (benchmark, problems), precision in product(
        benchmarks.items(), evaluation.precisions if role == "student" else ["full"]
    ):
        label = f"{benchmark}-{role}-{precision}"
        machine = {"shard_size", "precisions", "require_box"}
        machine |= {"quantized_batch_size"} if precision == "full" else set()
        shaping = identity_of(model, bool(weights)) | {"thinks": model.thinks, "precision": precision}
        settings = dump(evaluation, exclude=machine) | shaping | {"version": VERSIONS["evaluate"]}
        weights_of = fingerprint([shaping | {"name": ""}, [stage.artifact.fingerprint for stage in weights]])
        arguments = (model, path, precision, problems.artifact.path, evaluation, weights_of)
        needs = [problems, *weights]
        shared = shared_sampling(config, evaluation, problems, gpus_of(model) if precision == "full" else 1)
        sampled = plan.add(f"eval-{label}", settings, needs, sample_model, *arguments, shared=shared)
        judges = config.distribution.judging_workers
        judged[benchmark][role, precision] = add_judging(plan, f"eval-judge-{label}", sampled, judging, judges, {})
    return judged


def add_scores(plan: Plan, evaluated: Evaluated) -> Stage:
    folders = {
        benchmark: {variant: stage.artifact.path for variant, stage in variants.items()}
        for benchmark, variants in evaluated.items()
    }
    needs = [stage for variants in evaluated.values() for stage in variants.values()]
    return plan.add("score", {"version": VERSIONS["score"]}, needs, score_all, folders)


def paths(held_out: list[Stage]) -> list[Path]:
    return [stage.artifact.path for stage in held_out]
