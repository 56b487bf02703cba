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
from configs.schema import Config
from flows.measuring import measuring_of, score_models
from flows.opinions import plan_second_opinion
from flows.plan import Plan
from flows.publishing import publish
from flows.scaling import plan_curves
from flows.scoring import plan_scoring
from flows.stages.curves import MeasureCurves
from flows.stages.dataset import SelectTraces
from flows.stages.judge import Judge, JudgingRules
from flows.stages.problems import Problems
from flows.stages.publish import Publish
from flows.stages.recorded import ImportTraces
from flows.stages.report import WriteReport
from flows.stages.round_check import CheckRound
from flows.stages.sample import SampleTeacher
from flows.stages.score import ScoreModels
from flows.stages.second_opinion import SecondOpinion
from flows.stages.train import TrainStudent
from flows.teacher_traces import run_dir_of, teacher_traces, weights_of
from flows.training import Inputs, train_stages
from records.artifact import is_complete, verify
from records.errors import InputError


@dataclass(frozen=True)
class Distillation:
    """The stages of one run, each under the name of what it makes."""

    run_dir: Path
    traces: SampleTeacher | ImportTraces
    judged: Judge
    second_opinion: SecondOpinion | None
    dataset: SelectTraces
    student: TrainStudent
    checks: tuple[CheckRound, ...]
    """The checks after rounds of training, in order. While one is open the plan has the most rounds that there may
    be."""
    scores: ScoreModels | None
    curves: MeasureCurves | None
    checkpoint: Publish
    report: WriteReport
    reward_models: tuple[TrainStudent, ...]

    @property
    def plan(self) -> Plan:
        """All stages. The report comes before the exports, so that it is there if one of them is refused."""
        return Plan.of(*self.reward_models, self.report, self.checkpoint)

    @property
    def exporting(self) -> set[Path]:
        """The artifacts that only the checkpoint needs, and the checkpoint: the run goes on without any of them."""
        return {stage.path for stage in self.plan.stages} - {stage.path for stage in self.plan_of_report.stages}

    @property
    def plan_of_report(self) -> Plan:
        """All stages but the checkpoint and its exports."""
        return Plan.of(*self.reward_models, self.report)

    @property
    def open_check(self) -> CheckRound | None:
        """The first check that is not complete: what follows it is decided by what it finds."""
        return next((check for check in self.checks if not is_complete(check.artifact)), None)

    def up_to(self, check: CheckRound) -> Plan:
        """Plan a check, and the other measurements of the same model, which then share the engine."""
        ours, measured = check.ours.completions.weights, self.scores.measured if self.scores else ()
        return Plan.of(check, *(one.judged for one in measured if one.completions.weights == ours))


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
    second_opinion = plan_second_opinion(config, judged)
    accepts = config.second_opinion is not None and config.second_opinion.accept
    scorer = config.selection.scorer
    dataset = SelectTraces(
        run_dir=run_dir,
        judged=judged,
        second_opinion=second_opinion if accepts else None,
        scored=plan_scoring(config, scorer, judged, f"score-traces-{scorer}", {}) if scorer else None,
        selection=config.selection,
        prompt=config.student.prompt,
        teacher=config.teacher.name,
    )

    # The base model, loaded or made from random weights, is fine-tuned, stage by stage.
    base = weights_of(config, config.student, "base", held_out)
    measuring = measuring_of(config, run_dir, benchmarks)
    sampled = traces if isinstance(traces, SampleTeacher) else None
    inputs = Inputs(
        config=config,
        run_dir=run_dir,
        dataset=dataset,
        problems=sampled.problems if sampled else None,
        teacher=sampled.weights if sampled else None,
        rules=rules,
        held_out=held_out,
        measuring=measuring,
    )
    trained = train_stages(inputs, base)
    student = trained.student

    # Base, student and further models are measured on the benchmarks, in full and quantized.
    scores = score_models(config, measuring, trained, inputs.teacher)
    curves = plan_curves(config, scores.measured if scores else (), trained.models)

    # The last stages export and publish the checkpoint, and write the report.
    checkpoint = publish(config, run_dir, student, dataset, scores, held_out)
    report = WriteReport(
        run_dir=run_dir,
        title=config.name,
        dataset=dataset,
        trained=student,
        checks=trained.checks,
        scores=scores,
        curves=curves,
        opinion=second_opinion,
    )
    return Distillation(
        run_dir=run_dir,
        traces=traces,
        judged=judged,
        second_opinion=second_opinion,
        dataset=dataset,
        student=student,
        checks=trained.checks,
        scores=scores,
        curves=curves,
        checkpoint=checkpoint,
        report=report,
        reward_models=trained.reward_models,
    )


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
