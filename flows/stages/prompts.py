"""The stage that chooses the problems that reinforcement learning asks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.reinforcement import PromptChoice
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.judge import Judge, JudgingRules
from records.prompts import PromptsCounts


@dataclass(frozen=True, kw_only=True)
class ChoosePrompts(Stage):
    """Makes `prompts.parquet`: the problems whose pass rate is in the band, without those that resemble a
    benchmark's."""

    name: str = "prompts"
    version = "1"
    problems: Stage
    judged: Judge | None
    """The teacher's judged traces; None if no pass rate is needed."""
    choice: PromptChoice
    rules: JudgingRules

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.problems, *((self.judged,) if self.judged else ()), *self.rules.benchmarks)

    def settings(self) -> dict[str, Any]:
        choice = self.choice.model_dump(mode="json", exclude={"order"})  # the order is the training's
        return {"prompts": choice, "decontamination": self.rules.judging.decontamination.model_dump(mode="json")}

    def build(self, folder: Path, *, progress: Report) -> PromptsCounts:
        from filters.rules.contamination import Contamination
        from filters.rules.rule import Setup
        from filters.selection.curriculum import choose_prompts
        from teacher.sampling.difficulty import pass_rates

        contamination = Contamination.configured(Setup(self.rules.judging, self.rules.prompts()))
        rates = pass_rates(self.judged.sampling if self.judged else None)
        judged = self.judged.path if self.judged else None
        return choose_prompts(folder, self.problems.path, judged, self.choice, contamination, rates)
