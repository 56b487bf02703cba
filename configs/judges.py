"""The LLM judges of a run, by their place in the config."""

from configs.llm_judge import Judge
from configs.schema import Config
from configs.scorers import StepJudge
from configs.teacher_kind import WeightsName


def judges(config: Config) -> dict[str, Judge]:
    """Return the judges that a run asks."""
    found = {f"scorers.{name}.judge": one.judge for name, one in config.scorers.items() if isinstance(one, StepJudge)}
    return found | ({"second_opinion.judge": config.second_opinion.judge} if config.second_opinion else {})


def judge_weights(config: Config) -> list[WeightsName]:
    """Return the weights that are loaded for them."""
    return [
        weights._replace(place=f"{place}{weights.place.removeprefix('teacher')}")
        for place, judge in judges(config).items()
        for weights in judge.weights_names
    ]
