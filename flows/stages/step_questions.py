"""The stage that writes the questions to a judge of steps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.scorers import StepJudge
from filters.llm_judge.quoting import VERSION as QUOTING_VERSION
from filters.llm_judge.steps import VERSION
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.judge import Judge
from records.opinion_counts import StepQuestionCounts


@dataclass(frozen=True, kw_only=True)
class StepQuestions(Stage):
    """Makes `questions.parquet`, which is sampled as problems are."""

    version = f"{VERSION}.{QUOTING_VERSION}"
    judged: Judge
    scorer: StepJudge

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.judged,)

    def settings(self) -> dict[str, Any]:
        return {"prompt": self.scorer.rubric.prompt}

    def build(self, folder: Path, *, progress: Report) -> StepQuestionCounts:
        from filters.llm_judge.step_scorer import write_step_questions

        return StepQuestionCounts(questions=write_step_questions(folder, self.judged.path, self.scorer))
