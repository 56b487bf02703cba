"""Plans the datasets that models of earlier stages make: they are sampled, judged and selected as the teacher is."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from configs.sample_of import SampleOf
from configs.schema import Config
from configs.teachers import SampledStudent
from flows.plan import Stage
from flows.scoring import plan_scoring
from flows.stages.dataset import SelectTraces
from flows.stages.judge import Judge, JudgingRules
from flows.stages.problems import Problems
from flows.stages.sample import SampleTeacher
from flows.stages.train import TrainStudent
from flows.weights import Weights


def own_dataset(
    config: Config,
    run_dir: Path,
    source: SampleOf,
    earlier: Mapping[str, Weights],
    label: str,
    problems: Stage | None,
    rules: JudgingRules,
) -> SelectTraces:
    """Return the stage that selects what a model samples. `earlier` holds the models that are there by then, of which
    one samples, and another one may score.

    `label` ends the names of the artifacts: it is the stage that learns from them. `problems` are the run's; they are
    None if its teacher was recorded. `rules` are those by which the teacher's traces are judged."""
    weights = earlier[source.sample]
    student = SampledStudent.of(config.student, trained=isinstance(weights.made_by, TrainStudent))
    sampling = source.sampling_by(config.sampling)
    if source.problems:
        problems = Problems(
            run_dir=run_dir,
            name=f"problems-{label}",
            sources=tuple(source.problems),
            held_out=rules.benchmarks,
            seed=sampling.seed,
        )
    assert problems is not None, "validated by Config"
    rules = replace(rules, hints=sampling.hints)
    sampled = SampleTeacher(
        run_dir=run_dir,
        name=f"sample-{label}",
        teacher=student,
        weights=weights,
        problems=problems,
        sampling=sampling,
        rules=rules,
        distribution=config.distribution,
    )
    judged = Judge(
        run_dir=run_dir,
        name=f"judge-{label}",
        traces=sampled,
        rules=rules,
        sampling=sampling,
        distribution=config.distribution,
    )
    selection, scored = source.selection_by(config.selection), None
    if selection.scorer:
        scored = plan_scoring(config, selection.scorer, judged, f"score-traces-{label}-{selection.scorer}", earlier)
    return SelectTraces(
        run_dir=run_dir,
        name=f"select-{label}",
        judged=judged,
        scored=scored,
        selection=selection,
        prompt=config.student.prompt,
        teacher=student.name,
        learner=label,
    )
