"""Distil a teacher into a student, from problems to a published checkpoint. Safe to interrupt and run again.

    retort distill configs/demo/tiny.yaml
    retort distill configs/demo/tiny.yaml sampling.accept=null sampling.n=8 run_dir=/data/tiny
    retort distill configs/demo/tiny.yaml --dry-run

A run is a graph of stages. Each stage writes an artifact that is named by a hash of its inputs. Complete artifacts are
never built again, so the same command continues an interrupted run, and a changed setting rebuilds only what depends on
it.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from configs.load import ConfigError, load_config
from configs.measuring import BASE, STUDENT, TEACHER, measured_models
from configs.models import Model
from configs.schema import Config
from configs.teachers import RecordedTeacher, VllmTeacher
from flows.evaluation import Candidate, EvaluationPlan
from flows.plan import Plan
from flows.publishing import publish
from flows.scaling import plan_curves
from flows.scoring import plan_scoring
from flows.searching import plan_search
from flows.stages.curves import MeasureCurves
from flows.stages.dataset import SelectTraces
from flows.stages.judge import Judge, JudgingRules
from flows.stages.problems import Problems
from flows.stages.publish import Publish
from flows.stages.recorded import ImportTraces
from flows.stages.report import WriteReport
from flows.stages.sample import SampleTeacher
from flows.stages.score import ScoreModels
from flows.stages.scratch import ScratchModel
from flows.stages.train import TrainStudent
from flows.training import train_stages
from flows.weights import Weights
from records.artifact import is_complete, verify
from records.errors import InputError


@dataclass(frozen=True)
class Distillation:
    """The stages of one run, each under the name of what it makes."""

    run_dir: Path
    traces: SampleTeacher | ImportTraces
    judged: Judge
    dataset: SelectTraces
    student: TrainStudent
    scores: ScoreModels | None
    curves: MeasureCurves | None
    checkpoint: Publish
    report: WriteReport

    @property
    def plan(self) -> Plan:
        """All stages. The report comes before the exports, so that it is there if one of them is refused."""
        return Plan.of(self.report, self.checkpoint)

    @property
    def exporting(self) -> set[Path]:
        """The artifacts that only the checkpoint needs, and the checkpoint: the run goes on without any of them."""
        return {stage.path for stage in self.plan.stages} - {stage.path for stage in Plan.of(self.report).stages}


def plan_distillation(config: Config) -> Distillation:
    """Plan the whole method: problems, traces, judging, dataset, training, evaluation, checkpoint, report."""
    run_dir = run_dir_of(config)

    # Benchmarks come first: their problems are held out of everything else.
    benchmarks = {
        name: Problems(run_dir=run_dir, name=f"benchmark-{name}", sources=tuple(benchmark.sources), measures=True)
        for name, benchmark in config.benchmarks.items()
    }
    held_out = tuple(benchmarks.values())

    # The teacher's traces are judged, and the accepted ones become the dataset.
    hints = config.sampling.hints if config.sampling else ()
    rules = JudgingRules(judging=config.judging, benchmarks=held_out, hints=hints)
    traces = teacher_traces(config, rules)
    judged = Judge(
        run_dir=run_dir,
        name="judge",
        traces=traces,
        rules=rules,
        sampling=config.sampling,
        distribution=config.distribution,
    )
    scorer = config.selection.scorer
    dataset = SelectTraces(
        run_dir=run_dir,
        judged=judged,
        scored=plan_scoring(config, scorer, judged, f"score-traces-{scorer}", {}) if scorer else None,
        selection=config.selection,
        prompt=config.student.prompt,
        teacher=config.teacher.name,
    )

    # The base model, loaded or made from random weights, is fine-tuned, stage by stage.
    base = weights_of(config, config.student, "base", held_out)
    trained = train_stages(config, run_dir, base, dataset, held_out)
    student = trained[-1]

    # Base, student and further models are measured on the benchmarks, in full and quantized.
    scores = evaluate(config, benchmarks, base, trained)
    of_stages = {stage.training.name: Weights.of(stage) for stage in trained}
    curves = plan_curves(config, scores.measured if scores else (), of_stages)

    # The last stages export and publish the checkpoint, and write the report.
    checkpoint = publish(config, run_dir, student, dataset, scores, held_out)
    report = WriteReport(
        run_dir=run_dir, title=config.name, dataset=dataset, trained=student, scores=scores, curves=curves
    )
    return Distillation(run_dir, traces, judged, dataset, student, scores, curves, checkpoint, report)


def run_dir_of(config: Config) -> Path:
    return Path(config.run_dir.replace("{name}", config.name))


def teacher_traces(config: Config, rules: JudgingRules) -> SampleTeacher | ImportTraces:
    """Return the stage that makes the traces: sampling, or importing traces recorded elsewhere."""
    run_dir, teacher, held_out = run_dir_of(config), config.teacher, rules.benchmarks
    if isinstance(teacher, RecordedTeacher):
        return ImportTraces(run_dir=run_dir, teacher=teacher)
    assert config.sampling is not None, "validated by Config"
    return SampleTeacher(
        run_dir=run_dir,
        teacher=teacher,
        weights=weights_of(config, teacher, "teacher", held_out) if isinstance(teacher, VllmTeacher) else None,
        problems=Problems(
            run_dir=run_dir,
            name="problems",
            sources=tuple(config.problems),
            held_out=held_out,
            seed=config.sampling.seed,
        ),
        sampling=config.sampling,
        rules=rules,
        search=plan_search(config),
        distribution=config.distribution,
    )


def weights_of(config: Config, model: Model, role: str, held_out: tuple[Problems, ...]) -> Weights:
    if model.scratch is None:
        return Weights(str(model.path), model.revision)
    return Weights.of(
        ScratchModel(
            run_dir=run_dir_of(config),
            name=f"{role}-from-scratch",
            scratch=model.scratch,
            prompt=model.prompt,
            held_out=held_out,
            launch=config.launch,
        )
    )


def evaluate(
    config: Config, benchmarks: dict[str, Problems], base: Weights, trained: list[TrainStudent]
) -> ScoreModels | None:
    """Measure the models that the config names; None without benchmarks."""
    evaluation, teacher = config.evaluation, config.teacher
    if evaluation is None:
        return None
    of_run = {stage.training.name: Weights.of(stage) for stage in trained}
    of_run |= {BASE: base, STUDENT: Weights.of(trained[-1])}
    if isinstance(teacher, VllmTeacher):
        of_run[TEACHER] = weights_of(config, teacher, TEACHER, tuple(benchmarks.values()))
    candidates = []
    for name, model in measured_models(evaluation, config.student, teacher, config.training).items():
        weights = of_run[name] if name in of_run else Weights(str(model.path), model.revision)
        precisions = evaluation.models[name].precisions
        here = name == STUDENT or name in {stage.training.name for stage in trained}
        candidates.append(Candidate(name=name, model=model, weights=weights, precisions=precisions, trained_here=here))
    plan = EvaluationPlan(
        run_dir=run_dir_of(config),
        evaluation=evaluation,
        judging=config.judging,
        distribution=config.distribution,
        benchmarks=benchmarks,
        settings=config.benchmarks,
    )
    return plan.scores(candidates)


def verify_complete(plan: Plan) -> None:
    """Read every file of the complete artifacts again. Errors: InputError for one that was changed."""
    for stage in plan.stages:
        if is_complete(stage.artifact):
            verify(stage.artifact, full=True)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort distill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="YAML of a teacher/student pair, such as configs/demo/tiny.yaml")
    parser.add_argument("overrides", nargs="*", metavar="key.path=value", help="settings that replace the file's")
    parser.add_argument("--dry-run", action="store_true", help="print the resolved config and what is already complete")
    parser.add_argument("--verify", action="store_true", help="compare all complete artifacts with their SHA-256 first")
    return parser.parse_intermixed_args(argv)  # options may stand between overrides


def main(argv: list[str] | None = None) -> int:
    arguments = parse(argv)
    try:
        config = load_config(arguments.config, arguments.overrides)
        if arguments.verify:
            verify_complete(plan_distillation(config).plan)
        if arguments.dry_run:
            from flows.run.overview import show_plan

            return show_plan(config, plan_distillation(config))
        from flows.run.command import run

        return run(arguments.config, arguments.overrides, config)
    except (ConfigError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
