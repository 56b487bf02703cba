"""The stage that makes an LLM judge's verdicts of its replies."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.llm_judge import SecondOpinion as Settings
from filters.llm_judge.votes import VERSION
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.opinion_questions import OpinionQuestions
from flows.stages.sample import SampleTeacher
from records.opinion_counts import OpinionCounts


@dataclass(frozen=True, kw_only=True)
class SecondOpinion(Stage):
    """Makes `opinions.parquet`, a row for each trace that the judge was asked about."""

    name: str = "second-opinion"
    version = f"1.{VERSION}"
    questions: OpinionQuestions
    replies: SampleTeacher
    second_opinion: Settings

    @property
    def needs(self) -> tuple[Stage, ...]:
        return (self.questions, self.replies)

    def settings(self) -> dict[str, Any]:
        rubric = self.second_opinion.rubric.model_dump(mode="json", exclude={"prompt"})
        used = self.second_opinion.model_dump(mode="json", include={"accept", "min_kappa"})
        return {"second_opinion": used | {"rubric": rubric, "n": self.second_opinion.sampling.n}}

    def build(self, folder: Path, *, progress: Report) -> OpinionCounts:
        from filters.llm_judge.opinions import write_opinions

        counts = write_opinions(folder, self.questions.path, self.replies.path, self.second_opinion)
        if counts.refused:
            print(f"{counts.filter}: nothing is accepted on its word, because {counts.refused}", flush=True)
        return counts
