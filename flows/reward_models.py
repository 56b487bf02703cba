"""Plans the stages that make what reward models are trained on."""

from typing import TYPE_CHECKING, Any

from configs.distillation import OWN
from configs.measuring import trained
from configs.reward_data import RolloutSource
from configs.stages import ProcessRewardStage, RewardStage
from configs.teachers import FakeTeacher, VllmTeacher
from flows.stages.pairs import ImportPairs, SelectPairs
from flows.stages.rollouts import LabelSteps
from flows.stages.step_labels import ImportLabels

if TYPE_CHECKING:
    from flows.training import Inputs


def pairs_of(training: RewardStage, inputs: "Inputs") -> tuple[SelectPairs | ImportPairs, ...]:
    """Return a stage for each source of replies."""
    run_dir, judged, single = inputs.run_dir, inputs.dataset.judged, training.labels == "single"
    return tuple(
        ImportPairs(run_dir=run_dir, source=source, held_out=inputs.held_out)
        if source.path
        else SelectPairs(run_dir=run_dir, judged=judged, single=single, most=source.max_per_problem, seed=training.seed)
        for source in training.data
    )


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
        judged=inputs.dataset.judged,
        source=source,
        weights=inputs.teacher if source.model == OWN else inputs.earlier[source.model],
        max_tokens=most,
        seed=training.seed,
        distribution=config.distribution,
        **given,
    )
