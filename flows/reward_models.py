"""Plans the stages that make what reward models are trained on."""

from typing import TYPE_CHECKING, Any

from configs.distillation import OWN
from configs.measuring import BASE, trained
from configs.reward_data import RolloutSource
from configs.sample_of import SampleOf
from configs.stages import ProcessRewardStage, RewardStage
from configs.teachers import FakeTeacher, VllmTeacher
from flows.own_samples import own_dataset
from flows.stages.judge import Judge
from flows.stages.pairs import ImportPairs, SelectPairs
from flows.stages.rollouts import LabelSteps
from flows.stages.step_labels import ImportLabels
from flows.stages.train import TrainStudent

if TYPE_CHECKING:
    from flows.training import Inputs


def pairs_of(training: RewardStage, inputs: "Inputs") -> tuple[SelectPairs | ImportPairs, ...]:
    """Return a stage for each source of replies."""
    run_dir, single = inputs.run_dir, training.labels == "single"
    return tuple(
        ImportPairs(run_dir=run_dir, source=source, held_out=inputs.held_out)
        if source.path
        else SelectPairs(
            run_dir=run_dir,
            judged=judged_of(source.sampled, inputs),
            single=single,
            most=source.max_per_problem,
            seed=training.seed,
        )
        for source in training.data
    )


def judged_of(sampled: SampleOf | None, inputs: "Inputs") -> Judge:
    """Return the stage that judges the run's own traces, or those that a model of an earlier stage draws. It is named
    after that model, so that several reward models learn from the same traces."""
    if sampled is None:
        return inputs.dataset.judged
    made_by = inputs.earlier[sampled.sample].made_by
    label = f"of-{made_by.training.name if isinstance(made_by, TrainStudent) else BASE}"
    drawn = inputs.config, inputs.run_dir, sampled, inputs.earlier, label, inputs.problems, inputs.rules
    return own_dataset(*drawn).judged


def labels_of(training: ProcessRewardStage, inputs: "Inputs") -> tuple[LabelSteps | ImportLabels, ...]:
    """Return a stage for each source of labelled steps."""
    return tuple(
        label_steps(training, source, inputs)
        if isinstance(source, RolloutSource)
        else ImportLabels(run_dir=inputs.run_dir, source=source, held_out=inputs.held_out)
        for source in training.data
    )


def label_steps(training: ProcessRewardStage, source: RolloutSource, inputs: "Inputs") -> LabelSteps:
    """Return the stage that labels the run's traces by rollouts of its teacher, or of what an earlier stage makes."""
    config, teacher = inputs.config, inputs.config.teacher
    most = source.max_tokens or (config.sampling.max_tokens if config.sampling else None)
    assert most is not None, "validated by Config"
    given: dict[str, Any] = {"model": trained(config.student), "thinks": config.student.thinks_once_trained}
    if source.model == OWN:
        assert isinstance(teacher, VllmTeacher | FakeTeacher), "validated by Config"
        given = {"model": teacher, "thinks": teacher.reasons}
    return LabelSteps(
        run_dir=inputs.run_dir,
        judged=judged_of(source.sampled, inputs),
        source=source,
        weights=inputs.teacher if source.model == OWN else inputs.earlier[source.model],
        max_tokens=most,
        seed=training.seed,
        distribution=config.distribution,
        **given,
    )
