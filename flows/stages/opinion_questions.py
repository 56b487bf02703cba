"""The stage that writes the questions to an LLM judge."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.llm_judge import SecondOpinion as Settings
from filters.llm_judge.questions import VERSION
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.judge import Judge
from records.opinion_counts import QuestionCounts


@dataclass(frozen=True, kw_only=True)
class OpinionQuestions(Stage):
    """Makes `questions.parquet`, which is sampled as problems are, and `asked/asked.parquet`, the traces that the
    questions are about."""

    name: str = "opinion-questions"
    version = VERSION
    judged: Judge
    second_opinion: Settings

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.judged,)

    def settings(self) -> dict[str, Any]:
        chosen = self.second_opinion.model_dump(mode="json", include={"over", "calibration", "seed"})
        return {"second_opinion": chosen | {"prompt": self.second_opinion.rubric.prompt}}

    def build(self, folder: Path, *, progress: Report) -> QuestionCounts:
        from filters.llm_judge.questions import write_questions

        return write_questions(folder, self.judged.path, self.second_opinion)
