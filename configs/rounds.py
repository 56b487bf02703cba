"""Training stages in rounds, each of which learns from what the round before samples."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from configs.section import Section

if TYPE_CHECKING:
    from configs.stages import TrainingStage


MOST_STAGES = 200
"""Most training stages, each round one of them."""


class Rounds(Section):
    """Repeats a stage as long as it is shown to bring something. A number alone stands for `{most: …}`."""

    most: int = Field(ge=1, le=100)
    """At most this many rounds. They end with the first one that is not shown to be better than the model that it
    learned from."""
    benchmark: str | None = None
    """The benchmark that decides; `null` is the first one. What is chosen by it is better on it than elsewhere, so give
    it problems of its own, and report others."""


def may_be_a_number(given: Any) -> Any:
    return {"most": given} if isinstance(given, int) and not isinstance(given, bool) else given


def rounds_of(stage: "TrainingStage") -> list["TrainingStage"]:
    """Return the stage's rounds as stages of their own, `<name>-1` and so on; the stage alone if it has none."""
    if stage.rounds is None:
        return [stage]
    names = [f"{stage.name}-{number}" for number in range(1, stage.rounds.most + 1)]
    return [stage.model_copy(update={"name": name, "rounds": None}) for name in names]


def unrolled(stages: "Iterable[TrainingStage]") -> "list[TrainingStage]":
    """Return every stage, each round a stage of its own. `previous` in a round is then the round before by itself."""
    return [one for stage in stages for one in rounds_of(stage)]


def check_rounds(stages: "Sequence[TrainingStage]", benchmarks: Iterable[str]) -> None:
    """Check that all rounds have something to learn from and to be judged by, and that there are not too many. Errors:
    ValueError."""
    known, count = list(benchmarks), sum(stage.rounds.most if stage.rounds else 1 for stage in stages)
    if count > MOST_STAGES:
        raise ValueError(f"training: {count} stages, rounds included; at most {MOST_STAGES} fit into a run")
    for at, stage in enumerate(stages):
        if stage.rounds is None:
            continue
        place = f"training.{at}.rounds"
        if not any(sampled.sample == "previous" for sampled in stage.samplings.values()):
            raise ValueError(
                f"{place}: every round would learn from the same rows; add {{from: {{sample: previous, n: 4}}}} to its "
                "data, or remove rounds"
            )
        if not known:
            raise ValueError(f"{place}: held-out accuracy decides when they end; give benchmarks and evaluation")
        if stage.rounds.benchmark not in (None, *known):
            raise ValueError(f"{place}.benchmark: {stage.rounds.benchmark!r} is none of {', '.join(known)}")
